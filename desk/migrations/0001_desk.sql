-- The desk's tables, in one text that SQLite and PostgreSQL both take.
--
-- Instants are UTC seconds (`..._utc_s`), dates are local dates as YYYY-MM-DD, documents are JSON text.
-- Ids come from `sequences`, handed out inside the writing transaction.

CREATE TABLE sequences (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

-- Keys that this installation keeps for itself (hex): made on first start, never shown.
CREATE TABLE secrets (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE organisations (
    id      BIGINT NOT NULL PRIMARY KEY,
    name    TEXT   NOT NULL,
    country TEXT   NOT NULL,
    UNIQUE (name, country)
);

-- Calendars and plans are versioned: a case keeps the versions it was opened under.
CREATE TABLE calendars (
    id                   BIGINT NOT NULL,
    version              BIGINT NOT NULL,
    name                 TEXT   NOT NULL,
    document             TEXT   NOT NULL,
    effective_from_utc_s BIGINT NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE TABLE plans (
    id                   BIGINT NOT NULL,
    version              BIGINT NOT NULL,
    name                 TEXT   NOT NULL,
    terms                TEXT   NOT NULL,
    calendar_id          BIGINT NOT NULL,
    effective_from_utc_s BIGINT NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE TABLE contracts (
    number          TEXT   NOT NULL PRIMARY KEY,
    organisation_id BIGINT NOT NULL REFERENCES organisations (id),
    country         TEXT   NOT NULL,
    plan_id         BIGINT NOT NULL,
    valid_from      TEXT   NOT NULL,
    valid_to        TEXT   NOT NULL
);

CREATE TABLE sites (
    id              BIGINT NOT NULL PRIMARY KEY,
    organisation_id BIGINT NOT NULL REFERENCES organisations (id),
    name            TEXT   NOT NULL,
    address         TEXT   NOT NULL,
    country         TEXT   NOT NULL,
    zone            TEXT   NOT NULL,
    UNIQUE (organisation_id, name)
);

CREATE TABLE equipment (
    serial          TEXT   NOT NULL PRIMARY KEY,
    manufacturer    TEXT   NOT NULL,
    model           TEXT   NOT NULL,
    platform        TEXT   NOT NULL,
    site_id         BIGINT NOT NULL REFERENCES sites (id),
    contract_number TEXT   NOT NULL REFERENCES contracts (number)
);

CREATE TABLE people (
    id            BIGINT NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    mail          TEXT   NOT NULL UNIQUE,
    role          TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    language      TEXT   NOT NULL,
    active        BIGINT NOT NULL
);

-- A session is known by the hash of its token alone.
CREATE TABLE sessions (
    token_hash    TEXT   NOT NULL PRIMARY KEY,
    person_id     BIGINT NOT NULL REFERENCES people (id),
    created_utc_s BIGINT NOT NULL,
    seen_utc_s    BIGINT NOT NULL
);
CREATE INDEX sessions_by_person ON sessions (person_id);

CREATE TABLE displays (
    id            BIGINT NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    token_hash    TEXT   NOT NULL UNIQUE,
    country       TEXT,
    created_utc_s BIGINT NOT NULL,
    revoked_utc_s BIGINT
);

CREATE TABLE case_numbers (
    country TEXT   NOT NULL,
    year    BIGINT NOT NULL,
    last    BIGINT NOT NULL,
    PRIMARY KEY (country, year)
);

-- The history: append-only. `seq` is the desk's one sequence, handed out under the lock of its row in `sequences`, so
-- that transactions commit in its order and a reader that follows it misses nothing.
CREATE TABLE case_events (
    seq         BIGINT NOT NULL PRIMARY KEY,
    case_number TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    at_utc_s    BIGINT NOT NULL,
    document    TEXT   NOT NULL,
    UNIQUE (case_number, version)
);

-- The read model: derived from the history in the transaction that appends to it.
CREATE TABLE cases (
    number           TEXT   NOT NULL PRIMARY KEY,
    version          BIGINT NOT NULL,
    seq              BIGINT NOT NULL,
    submission_key   TEXT   NOT NULL UNIQUE,
    country          TEXT   NOT NULL,
    status           TEXT   NOT NULL,
    priority         TEXT   NOT NULL,
    coverage         TEXT   NOT NULL,
    customer         TEXT   NOT NULL,
    platform         TEXT   NOT NULL,
    equipment        TEXT   NOT NULL,
    contract_number  TEXT   NOT NULL,
    serial           TEXT   NOT NULL,
    opened_utc_s     BIGINT NOT NULL,
    calendar_id      BIGINT NOT NULL,
    calendar_version BIGINT NOT NULL,
    zone             TEXT   NOT NULL,
    clocks           TEXT   NOT NULL,
    -- 1 while work is left to do.
    is_open          BIGINT NOT NULL,
    -- When the next promise is due; the expected end of the wait while paused.
    due_utc_s        BIGINT NOT NULL,
    -- When the clockwork must look at the case next.
    alarm_utc_s      BIGINT
);
CREATE INDEX cases_by_due ON cases (is_open, due_utc_s, number);
CREATE INDEX cases_by_country_and_due ON cases (is_open, country, due_utc_s, number);
CREATE INDEX cases_by_status_and_due ON cases (status, due_utc_s, number);
CREATE INDEX cases_by_opening ON cases (opened_utc_s, number);
CREATE INDEX cases_by_alarm ON cases (alarm_utc_s);
CREATE INDEX cases_by_serial ON cases (serial, is_open);
CREATE INDEX cases_by_seq ON cases (seq);

CREATE TABLE outbox (
    id                 BIGINT NOT NULL PRIMARY KEY,
    message_id         TEXT   NOT NULL UNIQUE,
    case_number        TEXT   NOT NULL,
    kind               TEXT   NOT NULL,
    language           TEXT   NOT NULL,
    recipient_name     TEXT   NOT NULL,
    recipient          TEXT   NOT NULL,
    subject            TEXT   NOT NULL,
    body_text          TEXT   NOT NULL,
    body_html          TEXT   NOT NULL,
    -- Message-ID of the first mail of the case: one thread per case.
    thread_id          TEXT,
    -- queued, sent or dead
    state              TEXT   NOT NULL,
    attempts           BIGINT NOT NULL,
    created_utc_s      BIGINT NOT NULL,
    next_attempt_utc_s BIGINT NOT NULL,
    -- Held by a worker until then; free afterwards, whatever became of the worker.
    leased_until_utc_s BIGINT NOT NULL,
    sent_utc_s         BIGINT,
    last_error         TEXT
);
CREATE INDEX outbox_by_next_attempt ON outbox (state, next_attempt_utc_s, id);
CREATE INDEX outbox_by_case ON outbox (case_number, id);
-- How many mails an address is about to get.
CREATE INDEX outbox_by_recipient ON outbox (recipient, kind, next_attempt_utc_s);
