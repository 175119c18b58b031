-- Links of customers that are renewed and expire (docs/decisions/0066).

-- How often the link to the case's page was renewed. Links of earlier generations lead nowhere.
ALTER TABLE cases ADD COLUMN link_generation BIGINT NOT NULL DEFAULT 0;
-- When the time after which the link expires began to run; NULL while the case has not ended.
ALTER TABLE cases ADD COLUMN link_runs_from_utc_s BIGINT;
-- The time of cases that ended before runs from the last entry of any history: their customers have never read of it.
UPDATE cases SET link_runs_from_utc_s = (SELECT MAX(at_utc_s) FROM case_events)
    WHERE status IN ('closed', 'cancelled', 'duplicate');
