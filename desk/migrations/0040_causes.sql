-- Causes of faults and their categories, by version; without a version the standing tree counts. Like plans and calendars it is
-- never overwritten.
CREATE TABLE causes (
    version              BIGINT NOT NULL PRIMARY KEY,
    document             TEXT   NOT NULL,
    effective_from_utc_s BIGINT NOT NULL,
    recorded_at_utc_s    BIGINT NOT NULL,
    recorded_by          TEXT   NOT NULL
);

-- Codes of category and cause of a resolution; none when no cause was chosen.
ALTER TABLE milestones ADD COLUMN category TEXT;
ALTER TABLE milestones ADD COLUMN cause TEXT;
-- The report by causes is counted from it alone.
CREATE INDEX milestones_by_cause ON milestones (step, day, category, cause, country, priority, case_number);
