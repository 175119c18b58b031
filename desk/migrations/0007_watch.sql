-- What supervisors watch: warnings that wait to be mailed, waits that ran on after the customer's answer, and surveys by
-- technician.

-- A share of a promise that was used up and that nobody was told of yet. A row goes when its mail is queued, in the same
-- transaction, or when there is nothing to warn of any more.
CREATE TABLE warnings (
    case_number TEXT   NOT NULL,
    clock       TEXT   NOT NULL,
    cycle       BIGINT NOT NULL,
    level       BIGINT NOT NULL,
    -- When the people in charge may be told: at once, or at the next opening of the case's calendar.
    turn_utc_s  BIGINT NOT NULL,
    PRIMARY KEY (case_number, clock, cycle, level)
);
CREATE INDEX warnings_by_turn ON warnings (turn_utc_s);

-- Waits that ran on after the customer had answered: a read model, derived from the history in the transaction that
-- appends to it.
CREATE TABLE pause_overlaps (
    case_number    TEXT   NOT NULL,
    -- The entry of the history that began the wait.
    version        BIGINT NOT NULL,
    reason         TEXT   NOT NULL,
    set_by         TEXT   NOT NULL,
    from_utc_s     BIGINT NOT NULL,
    answered_utc_s BIGINT NOT NULL,
    answer         TEXT   NOT NULL,
    -- The end of the wait; the expected one while it lasts.
    to_utc_s       BIGINT NOT NULL,
    -- The month of the answer, at the site: YYYY-MM.
    month          TEXT   NOT NULL,
    PRIMARY KEY (case_number, version)
);
CREATE INDEX pause_overlaps_by_month ON pause_overlaps (month, answered_utc_s, case_number, version);
CREATE INDEX pause_overlaps_by_reason ON pause_overlaps (reason, month, answered_utc_s, case_number, version);

-- Who was on site last, when somebody was.
ALTER TABLE surveys ADD COLUMN technician_id BIGINT;
ALTER TABLE surveys ADD COLUMN technician TEXT NOT NULL DEFAULT '';
UPDATE surveys SET technician_id =
    (SELECT v.technician_id FROM visits v
     WHERE v.case_number = surveys.case_number AND v.stage IN ('on_site', 'working', 'ended')
     ORDER BY v.visit DESC LIMIT 1);
UPDATE surveys SET technician = COALESCE((SELECT p.name FROM people p WHERE p.id = surveys.technician_id), '');
