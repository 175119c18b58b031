-- The number formats by version; without a version the standing ones count. Like plans and calendars they are never
-- overwritten: numbers of earlier formats stay valid.
CREATE TABLE formats (
    version              BIGINT NOT NULL PRIMARY KEY,
    document             TEXT   NOT NULL,
    effective_from_utc_s BIGINT NOT NULL,
    recorded_at_utc_s    BIGINT NOT NULL,
    recorded_by          TEXT   NOT NULL
);
