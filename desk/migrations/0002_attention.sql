-- Who is on a case, and whether its customer waits for an answer: read model, like the rest of the row.

-- 0 while nobody is on it: the same question finds one person's cases and those that wait for somebody.
ALTER TABLE cases ADD COLUMN holder_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN holder_name TEXT NOT NULL DEFAULT '';
-- Since when the customer waits for an answer to what they wrote.
ALTER TABLE cases ADD COLUMN unanswered_utc_s BIGINT;

CREATE INDEX cases_by_holder_and_due ON cases (holder_id, is_open, due_utc_s, number);
CREATE INDEX cases_by_holder_and_status ON cases (holder_id, status, due_utc_s, number);
