-- What somebody of the staff is to be told of a case in their next mail. One mail gathers what concerns them within five
-- minutes; a row goes when that mail is queued, in the same transaction, or when there is nothing to tell any more.
CREATE TABLE notices (
    person_id   BIGINT NOT NULL,
    case_number TEXT   NOT NULL,
    -- The clock of a promise that runs out, or `answer`: the customer wrote.
    about       TEXT   NOT NULL,
    cycle       BIGINT NOT NULL,
    level       BIGINT NOT NULL,
    -- What somebody has done for the case since then, this person need not be told of.
    since_utc_s BIGINT NOT NULL,
    turn_utc_s  BIGINT NOT NULL,
    PRIMARY KEY (person_id, case_number, about, cycle, level)
);
CREATE INDEX notices_by_turn ON notices (turn_utc_s);

-- When somebody was told last.
ALTER TABLE people ADD COLUMN told_utc_s BIGINT NOT NULL DEFAULT 0;

-- Mails up to now were not gathered.
INSERT INTO mails_since (kind, after_utc_s) SELECT 'gathered', COALESCE(MAX(created_utc_s), 0) FROM outbox;

-- A customer whom nobody reached is still to be spoken with.
UPDATE surveys SET follow_up = 'open' WHERE follow_up = 'done' AND outcome = 'not_reached';
