-- The formats of serials by version: the provider's own, and which of the standing ones do not count; without a version all
-- standing ones count. Like plans and calendars they are never overwritten.
CREATE TABLE serial_formats (
    version              BIGINT NOT NULL PRIMARY KEY,
    document             TEXT   NOT NULL,
    effective_from_utc_s BIGINT NOT NULL,
    recorded_at_utc_s    BIGINT NOT NULL,
    recorded_by          TEXT   NOT NULL
);
