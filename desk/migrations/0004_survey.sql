-- The survey after the end of a case: a read model of its part of the history, one row per case whose customer was asked.
-- It is gone again while a case that nobody has answered for is open once more.
CREATE TABLE surveys (
    case_number  TEXT   NOT NULL PRIMARY KEY,
    cycle        BIGINT NOT NULL,
    -- open, answered, refused or lapsed
    state        TEXT   NOT NULL,
    country      TEXT   NOT NULL,
    -- The contract's plan when the customer was asked.
    plan         TEXT   NOT NULL,
    -- Who resolved the case.
    agent_id     BIGINT,
    agent        TEXT   NOT NULL,
    since_utc_s  BIGINT NOT NULL,
    -- The month in which the customer was asked, at the site: YYYY-MM.
    month        TEXT   NOT NULL,
    -- When the customer is to be called next.
    turn_utc_s   BIGINT NOT NULL,
    attempts     BIGINT NOT NULL,
    ended_utc_s  BIGINT,
    -- telephone or link
    way          TEXT,
    -- The mean of the marks from 1 to 5, in hundredths.
    score        BIGINT,
    -- From 0 to 10.
    recommend    BIGINT,
    comment      TEXT   NOT NULL,
    -- none, open or done
    follow_up    TEXT   NOT NULL,
    outcome      TEXT
);
-- The call queue.
CREATE INDEX surveys_by_turn ON surveys (state, turn_utc_s, case_number);
-- Low scores to look after, the oldest first; those that were, the newest first.
CREATE INDEX surveys_by_follow_up ON surveys (follow_up, ended_utc_s, case_number);
-- Results of a period.
CREATE INDEX surveys_by_month ON surveys (month, state);

-- Who worked on a case whose customer is being asked: they do not ask.
CREATE TABLE survey_workers (
    case_number TEXT   NOT NULL,
    person_id   BIGINT NOT NULL,
    PRIMARY KEY (case_number, person_id)
);
CREATE INDEX survey_workers_by_person ON survey_workers (person_id, case_number);
