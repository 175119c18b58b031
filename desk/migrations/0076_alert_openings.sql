-- How often the settings for alerts were changed: a form that saw another number saves nothing.
ALTER TABLE alert_settings ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;

-- Places for cases that an integration opens within an hour. Each is taken before its case is opened, so that messages which come
-- at once, at any node, open no more together than one.
CREATE TABLE alert_openings (
    integration_id BIGINT NOT NULL,
    -- The key of the case's submission: the same alert once more takes no second place.
    submission     TEXT   NOT NULL,
    at_utc_s       BIGINT NOT NULL,
    PRIMARY KEY (integration_id, submission)
);
CREATE INDEX alert_openings_by_time ON alert_openings (integration_id, at_utc_s);
INSERT INTO alert_openings (integration_id, submission, at_utc_s)
SELECT integration_id, fingerprint, opened_utc_s FROM alerts WHERE opened_utc_s IS NOT NULL;
DROP INDEX alerts_by_opening;
