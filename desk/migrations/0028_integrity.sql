-- What the integrity check came to last: one row, none before the first.
CREATE TABLE integrity_outcome (
    id             BIGINT NOT NULL PRIMARY KEY,
    at_utc_s       BIGINT NOT NULL,
    cases          BIGINT NOT NULL,
    contradictions BIGINT NOT NULL,
    -- The first of them, in words.
    first          TEXT
);
