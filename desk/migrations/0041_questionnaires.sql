-- Questionnaires of surveys, by version. A plan names the one that it asks; without one the standing questions are asked. Like
-- plans and calendars they are never overwritten, and a case keeps the version of its opening.
CREATE TABLE questionnaires (
    id                   BIGINT NOT NULL,
    version              BIGINT NOT NULL,
    name                 TEXT   NOT NULL,
    document             TEXT   NOT NULL,
    effective_from_utc_s BIGINT NOT NULL,
    recorded_at_utc_s    BIGINT NOT NULL,
    recorded_by          TEXT   NOT NULL,
    PRIMARY KEY (id, version)
);

-- Waiting reasons of the provider's own, by version, like causes.
CREATE TABLE waiting_reasons (
    version              BIGINT NOT NULL PRIMARY KEY,
    document             TEXT   NOT NULL,
    effective_from_utc_s BIGINT NOT NULL,
    recorded_at_utc_s    BIGINT NOT NULL,
    recorded_by          TEXT   NOT NULL
);
