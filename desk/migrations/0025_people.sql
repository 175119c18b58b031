-- What its owner is told of a session: the device that it was begun on, and from which network. Older ones say neither.
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN network TEXT NOT NULL DEFAULT '';

-- What was changed of the account of a member of the staff, when and by whom. Rows are only added.
CREATE TABLE person_changes (
    id        BIGINT NOT NULL PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES people (id),
    at_utc_s  BIGINT NOT NULL,
    -- None for the operator, who works by the command line.
    by_id     BIGINT,
    by_name   TEXT,
    change    TEXT   NOT NULL
);
CREATE INDEX person_changes_by_person ON person_changes (person_id, id);

-- Links by which somebody chooses a password. A link is known by the hash of its token alone; its row goes when it is used.
CREATE TABLE account_links (
    id            BIGINT NOT NULL PRIMARY KEY,
    person_id     BIGINT NOT NULL REFERENCES people (id),
    -- `invitation` or `password_reset`.
    purpose       TEXT   NOT NULL,
    token_hash    TEXT   NOT NULL,
    expires_utc_s BIGINT NOT NULL,
    UNIQUE (person_id, purpose)
);
CREATE INDEX account_links_by_expiry ON account_links (expires_utc_s);

-- When somebody was last invited who has not chosen a password yet.
ALTER TABLE people ADD COLUMN invited_utc_s BIGINT;
