-- The provider that the desk belongs to, by version; without a version the standing values count. Like plans and calendars it is
-- never overwritten.
CREATE TABLE provider (
    version              BIGINT NOT NULL PRIMARY KEY,
    document             TEXT   NOT NULL,
    effective_from_utc_s BIGINT NOT NULL,
    recorded_at_utc_s    BIGINT NOT NULL,
    recorded_by          TEXT   NOT NULL
);

-- Pictures of logos, written anew as PNG, by the SHA-256 of their bytes. Mails and versions name them by it.
CREATE TABLE logos (
    hash            TEXT   NOT NULL PRIMARY KEY,
    png             BYTEA  NOT NULL,
    recorded_utc_s  BIGINT NOT NULL
);
