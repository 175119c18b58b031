-- Telephone calls, as exchanges report them (docs/decisions/0057).

-- The extension of a member of the staff, in digits; NULL for none.
ALTER TABLE people ADD COLUMN extension TEXT;
CREATE UNIQUE INDEX people_by_extension ON people (extension);

-- A row for a call at one agent, and one for the call as a whole. Rows are removed after thirty days.
CREATE TABLE calls (
    id              BIGINT NOT NULL PRIMARY KEY,
    integration_id  BIGINT NOT NULL,
    -- The exchange's own id of the call.
    call_id         TEXT   NOT NULL,
    -- 0 for the call as a whole.
    person_id       BIGINT NOT NULL,
    direction       TEXT   NOT NULL,
    -- The other side in E.164; empty for a number that is withheld or of no plan.
    number          TEXT   NOT NULL,
    -- The same as the exchange wrote it.
    written         TEXT   NOT NULL,
    line            TEXT   NOT NULL,
    rang_utc_s      BIGINT,
    answered_utc_s  BIGINT,
    ended_utc_s     BIGINT,
    -- When the first report of it came.
    reported_utc_s  BIGINT NOT NULL,
    -- When the agent closed its pop-up.
    dismissed_utc_s BIGINT,
    -- The case on which it was logged; empty for none.
    case_number     TEXT   NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX calls_by_exchange ON calls (integration_id, call_id, person_id);
CREATE INDEX calls_by_person ON calls (person_id, id);
CREATE INDEX calls_by_report ON calls (reported_utc_s);
CREATE INDEX calls_by_number ON calls (number);
CREATE INDEX calls_by_case ON calls (case_number);

-- Numbers that agents tied to the contact of a case.
CREATE TABLE call_contacts (
    -- In E.164.
    number      TEXT   NOT NULL PRIMARY KEY,
    case_number TEXT   NOT NULL,
    -- An author as JSON.
    tied_by     TEXT   NOT NULL,
    tied_utc_s  BIGINT NOT NULL
);
CREATE INDEX call_contacts_by_case ON call_contacts (case_number);

-- Calls that agents asked an exchange for. Rows are removed with the calls.
CREATE TABLE call_requests (
    id          BIGINT NOT NULL PRIMARY KEY,
    -- In E.164.
    number      TEXT   NOT NULL,
    extension   TEXT   NOT NULL,
    person_id   BIGINT NOT NULL,
    person_name TEXT   NOT NULL,
    -- Empty for a call that is about no case.
    case_number TEXT   NOT NULL,
    at_utc_s    BIGINT NOT NULL
);
CREATE INDEX call_requests_by_time ON call_requests (at_utc_s);
CREATE INDEX call_requests_by_case ON call_requests (case_number);
CREATE INDEX call_requests_by_number ON call_requests (number);

-- The request that a delivery tells of; 0 for entries of cases and tests.
ALTER TABLE webhook_deliveries ADD COLUMN call_request BIGINT NOT NULL DEFAULT 0;
