-- Addresses of other systems that are told of events. Secrets are computed from the desk's key and a nonce, and not stored.
CREATE TABLE webhooks (
    id                  BIGINT NOT NULL PRIMARY KEY,
    name                TEXT   NOT NULL,
    url                 TEXT   NOT NULL,
    -- Codes of events, separated by blanks.
    events              TEXT   NOT NULL,
    -- NULL for all countries.
    country             TEXT,
    secret_nonce        TEXT   NOT NULL,
    -- The nonce before the last rotation, which signs as well for a day.
    former_nonce        TEXT,
    rotated_utc_s       BIGINT,
    -- Deliveries are written and wait while it is paused.
    paused_utc_s        BIGINT,
    created_utc_s       BIGINT NOT NULL,
    -- An author as JSON.
    added_by            TEXT   NOT NULL,
    -- The last attempt: its time, the HTTP status if there was an answer, and the code of the failure if it failed.
    attempted_utc_s     BIGINT,
    attempted_status    BIGINT,
    attempted_failure   TEXT
);

-- What webhooks are told: a row for each webhook and entry, written in the entry's transaction. The body is made from the history
-- when it is sent.
CREATE TABLE webhook_deliveries (
    -- What the receiver tells repetitions by, the same in all attempts.
    id                 TEXT   NOT NULL PRIMARY KEY,
    webhook_id         BIGINT NOT NULL,
    -- Number of the entry; 0 for a test.
    seq                BIGINT NOT NULL,
    -- Empty for a test.
    case_number        TEXT   NOT NULL,
    -- The case's version after the entry; 0 for a test.
    version            BIGINT NOT NULL,
    -- The code of the event; empty for a test.
    event              TEXT   NOT NULL,
    state              TEXT   NOT NULL DEFAULT 'queued',
    attempts           BIGINT NOT NULL DEFAULT 0,
    created_utc_s      BIGINT NOT NULL,
    -- While it is leased, the end of the lease.
    next_attempt_utc_s BIGINT NOT NULL,
    ended_utc_s        BIGINT,
    -- The last attempt's HTTP status, code of failure and beginning of the answer.
    status             BIGINT,
    failure            TEXT,
    answer             TEXT
);

CREATE INDEX webhook_deliveries_by_turn ON webhook_deliveries (webhook_id, state, next_attempt_utc_s, seq);
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (webhook_id, created_utc_s, id);
CREATE INDEX webhook_deliveries_by_case ON webhook_deliveries (case_number);
CREATE INDEX webhook_deliveries_by_end ON webhook_deliveries (ended_utc_s);
