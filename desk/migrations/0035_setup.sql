-- The first start of an empty desk: the link by which its first administrator comes, and what was settled of the steps after.

-- At most one row. The link dies with the first administrator; a start without one writes another.
CREATE TABLE setup_links (
    id            BIGINT NOT NULL PRIMARY KEY,
    token_hash    TEXT   NOT NULL,
    created_utc_s BIGINT NOT NULL
);

-- What rows cannot tell: a step that was looked at and is right, one that is left out, the list that is put away.
CREATE TABLE setup_marks (
    step     TEXT   NOT NULL PRIMARY KEY,
    mark     TEXT   NOT NULL,
    at_utc_s BIGINT NOT NULL,
    by_id    BIGINT,
    by_name  TEXT
);
