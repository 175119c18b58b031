-- How long personal data of cases that have ended are kept. The newest row counts; without one, or without days, for ever.
CREATE TABLE retention_settings (
    version  BIGINT NOT NULL PRIMARY KEY,
    days     BIGINT,
    at_utc_s BIGINT NOT NULL,
    by_id    BIGINT,
    by_name  TEXT
);

-- Cases whose personal data were erased. The history of each says so as well.
CREATE TABLE erasures (
    case_number TEXT   NOT NULL PRIMARY KEY,
    reason      TEXT   NOT NULL,
    at_utc_s    BIGINT NOT NULL,
    by_id       BIGINT,
    by_name     TEXT
);
CREATE INDEX erasures_by_time ON erasures (at_utc_s);

-- Mails up to this one have lost their content. One row.
CREATE TABLE retention_progress (
    outbox_id BIGINT NOT NULL
);
INSERT INTO retention_progress (outbox_id) VALUES (0);
