-- When a missed promise was due: its last second, which may lie on an earlier day than the second that broke it.
ALTER TABLE promises ADD COLUMN due_utc_s BIGINT;

-- Rows of missed promises get it from their histories, and so do the clocks of those cases. Open cases are looked at again
-- too: time asks for the last warning a second earlier than it did, and once more when a promise breaks.
INSERT INTO promises_to_bring_in (case_number)
SELECT number FROM cases
WHERE (is_open = 1 OR number IN (SELECT case_number FROM promises WHERE outcome = 'missed'))
  AND number NOT IN (SELECT case_number FROM promises_to_bring_in);
