-- Canned replies, by version. Like plans and calendars they are never overwritten.
CREATE TABLE canned_replies (
    id                   BIGINT NOT NULL,
    version              BIGINT NOT NULL,
    name                 TEXT   NOT NULL,
    document             TEXT   NOT NULL,
    effective_from_utc_s BIGINT NOT NULL,
    recorded_at_utc_s    BIGINT NOT NULL,
    recorded_by          TEXT   NOT NULL,
    PRIMARY KEY (id, version)
);
