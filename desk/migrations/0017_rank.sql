-- The order of work: one key that queue and wall sort by (`domain/src/case/rank.rs`), and the first words of the fault.

-- The band, the moment and the priority in one number: the lower stands first. It is written with every entry of the history,
-- and by the clockwork when time alone changes it.
ALTER TABLE cases ADD COLUMN sort_key BIGINT NOT NULL DEFAULT 0;
-- What was reported, in its first words: for the staff alone.
ALTER TABLE cases ADD COLUMN fault TEXT NOT NULL DEFAULT '';

-- Near enough until the right keys are brought in: open cases on track by what is due, then those that ended.
UPDATE cases SET sort_key = CASE is_open WHEN 1 THEN 1099511627776 + due_utc_s * 8 ELSE 4398046511104 END;

DROP INDEX cases_by_due;
DROP INDEX cases_by_country_and_due;
DROP INDEX cases_by_status_and_due;
DROP INDEX cases_by_holder_and_due;
DROP INDEX cases_by_holder_and_status;
CREATE INDEX cases_by_rank ON cases (is_open, sort_key, number);
CREATE INDEX cases_by_country_and_rank ON cases (is_open, country, sort_key, number);
-- Counts of all filters are read from it alone.
CREATE INDEX cases_by_status_and_rank ON cases (status, sort_key, number, country, holder_id);
CREATE INDEX cases_by_holder_and_rank ON cases (holder_id, is_open, sort_key, number);
CREATE INDEX cases_by_holder_status_and_rank ON cases (holder_id, status, sort_key, number);

-- Cases from before there were such keys, the open ones first. Each goes from this list in the transaction that brings its key
-- in (`desk/src/rank_rows.rs`); afterwards the table is empty and stays so.
CREATE TABLE ranks_to_bring_in (
    turn        BIGINT NOT NULL,
    case_number TEXT   NOT NULL,
    PRIMARY KEY (turn, case_number)
);
INSERT INTO ranks_to_bring_in SELECT 1 - is_open, number FROM cases;
