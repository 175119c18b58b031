-- What an administrator sets for the alerts of an integration. It ends with the integration's token.
CREATE TABLE alert_settings (
    integration_id BIGINT NOT NULL PRIMARY KEY,
    -- The contact of cases that alerts open, and the language in which the desk writes.
    contact_name   TEXT   NOT NULL,
    contact_phone  TEXT   NOT NULL,
    contact_mail   TEXT   NOT NULL,
    language       TEXT   NOT NULL,
    -- Tables of a line for each entry, as typed.
    severities     TEXT   NOT NULL,
    hosts          TEXT   NOT NULL,
    changed_utc_s  BIGINT NOT NULL,
    -- An author as JSON.
    changed_by     TEXT   NOT NULL
);

-- Alerts by what their system knows them by, for 30 days after they came last.
CREATE TABLE alerts (
    integration_id     BIGINT NOT NULL,
    fingerprint        TEXT   NOT NULL,
    title              TEXT   NOT NULL,
    host               TEXT   NOT NULL,
    serial             TEXT   NOT NULL,
    state              TEXT   NOT NULL,
    -- Why it could not become a case; NULL when it did, or need not.
    problem            TEXT,
    case_number        TEXT,
    opened_utc_s       BIGINT,
    -- When its case heard last that it fires, and that it is over.
    told_firing_utc_s  BIGINT,
    told_resolved_utc_s BIGINT,
    seen_utc_s         BIGINT NOT NULL,
    -- How often it came.
    times              BIGINT NOT NULL,
    PRIMARY KEY (integration_id, fingerprint)
);

CREATE INDEX alerts_by_case ON alerts (case_number);
CREATE INDEX alerts_by_time ON alerts (integration_id, seen_utc_s, fingerprint);
CREATE INDEX alerts_by_opening ON alerts (integration_id, opened_utc_s);
CREATE INDEX alerts_by_seen ON alerts (seen_utc_s);
