-- When a display was last seen: written at most once a minute.
ALTER TABLE displays ADD COLUMN seen_utc_s BIGINT;

-- Screens that wait to become a display. They and their codes are stored as hashes alone; a code that was typed is gone.
CREATE TABLE waiting_screens (
    screen_hash   TEXT   NOT NULL PRIMARY KEY,
    code_hash     TEXT   UNIQUE,
    expires_utc_s BIGINT NOT NULL,
    display_id    BIGINT
);
CREATE INDEX waiting_screens_by_expiry ON waiting_screens (expires_utc_s);
