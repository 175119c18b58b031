-- What the report of promises kept counts: a read model, derived from the history in the transaction that appends to it.
-- Nothing of it is written when a case is opened.

-- Promises that were kept or missed, each once.
CREATE TABLE promises (
    case_number   TEXT   NOT NULL,
    clock         TEXT   NOT NULL,
    cycle         BIGINT NOT NULL,
    -- kept or missed
    outcome       TEXT   NOT NULL,
    -- When it was fulfilled in time, else when its time ran out; and the date then, at the site: YYYY-MM-DD.
    settled_utc_s BIGINT NOT NULL,
    day           TEXT   NOT NULL,
    country       TEXT   NOT NULL,
    -- The order of work then, and what was promised, in business seconds.
    priority      TEXT   NOT NULL,
    target_s      BIGINT NOT NULL,
    -- Business seconds used until its time stopped; none while it goes on.
    used_s        BIGINT,
    PRIMARY KEY (case_number, clock, cycle)
);
-- Figures are read from it alone; lists of what was missed in its order.
CREATE INDEX promises_by_outcome
    ON promises (outcome, clock, day, case_number, cycle, country, priority, used_s);

-- How often cases were resolved and came back.
CREATE TABLE milestones (
    case_number TEXT   NOT NULL,
    -- The entry of the history.
    version     BIGINT NOT NULL,
    -- resolved or reopened
    step        TEXT   NOT NULL,
    -- At the site: YYYY-MM-DD.
    day         TEXT   NOT NULL,
    country     TEXT   NOT NULL,
    priority    TEXT   NOT NULL,
    PRIMARY KEY (case_number, version)
);
CREATE INDEX milestones_by_day ON milestones (day, step, country, priority, case_number);

-- The order of work at the opening, written with the second entry: until then it is the row's own.
ALTER TABLE cases ADD COLUMN first_priority TEXT;

-- Histories from before there were such rows. Each goes from this list in the transaction that brings its rows in
-- (`desk/src/reports/promise_rows.rs`); afterwards the table is empty and stays so.
CREATE TABLE promises_to_bring_in (
    case_number TEXT NOT NULL PRIMARY KEY
);
INSERT INTO promises_to_bring_in SELECT number FROM cases;
