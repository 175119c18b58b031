-- Other systems, each with a token of its own, which is stored as a hash alone.
CREATE TABLE integrations (
    id            BIGINT NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    token_hash    TEXT   NOT NULL UNIQUE,
    -- Codes of grants, separated by blanks.
    grants        TEXT   NOT NULL,
    -- NULL for all countries.
    country       TEXT,
    -- Requests that it may make in a minute.
    per_minute    BIGINT NOT NULL,
    created_utc_s BIGINT NOT NULL,
    -- Authors as JSON.
    added_by      TEXT   NOT NULL,
    -- When it was last used: written at most once a minute.
    seen_utc_s    BIGINT,
    revoked_utc_s BIGINT,
    revoked_by    TEXT
);
