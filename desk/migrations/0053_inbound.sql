-- Mails that came in, each once. The bytes are kept until the case's data or the mail itself end.
CREATE TABLE inbound_mails (
    id             BIGINT NOT NULL PRIMARY KEY,
    -- A digest of Message-ID, author, date, subject and body: another way through the net changes none of them.
    digest         TEXT   NOT NULL UNIQUE,
    message_id     TEXT,
    received_utc_s BIGINT NOT NULL,
    -- person, automatic, failure, receipt, calendar or list
    kind           TEXT   NOT NULL,
    -- waiting, joined, answered, marked, noted or discarded
    state          TEXT   NOT NULL,
    -- Why it waits or waited in the triage list.
    reason         TEXT,
    -- The case to which it belongs, or that it names.
    case_number    TEXT,
    sender         TEXT   NOT NULL,
    sender_name    TEXT   NOT NULL,
    subject        TEXT   NOT NULL,
    -- What the author wrote, without what the mail quotes.
    body           TEXT   NOT NULL,
    content        BYTEA  NOT NULL,
    -- Who decided in the triage list, and when.
    decided_by     TEXT,
    decided_utc_s  BIGINT
);
CREATE INDEX inbound_mails_by_state ON inbound_mails (state, id);
CREATE INDEX inbound_mails_by_case ON inbound_mails (case_number, id) WHERE case_number IS NOT NULL;
CREATE INDEX inbound_mails_by_time ON inbound_mails (received_utc_s, id);
