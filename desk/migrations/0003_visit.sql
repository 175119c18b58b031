-- Visits: who goes where and when, and invitations in mails.

-- The invitation that goes with a mail (RFC 5545), complete but for its organizer, which is whoever sends the mail.
ALTER TABLE outbox ADD COLUMN calendar TEXT;

-- The read model of visits: derived from the history in the transaction that appends to it.
CREATE TABLE visits (
    case_number   TEXT   NOT NULL,
    visit         BIGINT NOT NULL,
    technician_id BIGINT NOT NULL,
    stage         TEXT   NOT NULL,
    -- The agreed window; none while nothing is agreed.
    from_utc_s    BIGINT,
    to_utc_s      BIGINT,
    PRIMARY KEY (case_number, visit)
);
CREATE INDEX visits_by_window ON visits (from_utc_s, case_number);
CREATE INDEX visits_by_technician ON visits (technician_id, from_utc_s, case_number);
