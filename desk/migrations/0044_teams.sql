-- Teams by version. Like plans and calendars they are never overwritten; the document holds the ids of the members.
CREATE TABLE teams (
    id                   BIGINT NOT NULL,
    version              BIGINT NOT NULL,
    name                 TEXT   NOT NULL,
    document             TEXT   NOT NULL,
    effective_from_utc_s BIGINT NOT NULL,
    recorded_at_utc_s    BIGINT,
    recorded_by          TEXT,
    PRIMARY KEY (id, version)
);

-- When somebody works: by a calendar of the desk, or by windows of their own (JSON). Without a row: at all times.
CREATE TABLE working_hours (
    person_id   BIGINT NOT NULL PRIMARY KEY REFERENCES people (id),
    zone        TEXT   NOT NULL,
    calendar_id BIGINT,
    windows     TEXT,
    -- Of own windows: the country whose statutory holidays are free.
    holidays    TEXT
);

-- Whole local days, both included, as ISO dates in the zone of the person's working hours, else in that of the centre.
CREATE TABLE absences (
    id                BIGINT NOT NULL PRIMARY KEY,
    person_id         BIGINT NOT NULL REFERENCES people (id),
    kind              TEXT   NOT NULL,
    from_day          TEXT   NOT NULL,
    to_day            TEXT   NOT NULL,
    -- For supervisors alone; empty for none.
    note              TEXT   NOT NULL,
    recorded_at_utc_s BIGINT NOT NULL,
    -- None for the operator.
    by_id             BIGINT,
    by_name           TEXT
);
CREATE INDEX absences_by_person ON absences (person_id, to_day, id);
CREATE INDEX absences_by_end ON absences (to_day, id);
