-- Browsers in which a member of the staff gave the second factor, and is not asked for it again for a while.
CREATE TABLE trusted_devices (
    -- Hash of the browser's token (known_browsers).
    token_hash  TEXT   NOT NULL,
    person_id   BIGINT NOT NULL REFERENCES people (id),
    -- Browser and system, as they were then.
    device      TEXT   NOT NULL,
    -- The address of the request; empty when unknown.
    network     TEXT   NOT NULL,
    since_utc_s BIGINT NOT NULL,
    until_utc_s BIGINT NOT NULL,
    PRIMARY KEY (token_hash, person_id)
);
CREATE INDEX trusted_devices_by_person ON trusted_devices (person_id);
CREATE INDEX trusted_devices_by_end ON trusted_devices (until_utc_s);

-- Roles whose sessions end sooner than the desk's own limits; who settled it, and when.
CREATE TABLE session_limits (
    role      TEXT   NOT NULL PRIMARY KEY,
    -- Seconds without a request.
    idle_s    BIGINT NOT NULL,
    -- Seconds from the sign-in.
    longest_s BIGINT NOT NULL,
    at_utc_s  BIGINT NOT NULL,
    by_name   TEXT
);
