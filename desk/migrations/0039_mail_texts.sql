-- The provider's own words of mails to customers, by version; without a version the standard words count. Like plans and
-- calendars they are never overwritten.
CREATE TABLE mail_texts (
    kind                 TEXT   NOT NULL,
    version              BIGINT NOT NULL,
    document             TEXT   NOT NULL,
    effective_from_utc_s BIGINT NOT NULL,
    recorded_at_utc_s    BIGINT NOT NULL,
    recorded_by          TEXT   NOT NULL,
    PRIMARY KEY (kind, version)
);
