-- Every history is a chain: each digest covers its entry and the digest of the entry before. The text enters by a salted
-- digest. An erasure empties the salt and keeps that digest, so that the chain can still be verified.
ALTER TABLE case_events ADD COLUMN salt TEXT NOT NULL DEFAULT '';
ALTER TABLE case_events ADD COLUMN digest TEXT NOT NULL DEFAULT '';

-- Histories of older versions, which have no chain yet. No other row may be without a digest.
CREATE TABLE chains_to_bring_in (
    case_number TEXT NOT NULL PRIMARY KEY
);
INSERT INTO chains_to_bring_in (case_number) SELECT DISTINCT case_number FROM case_events;

-- Digests of texts that were erased.
CREATE TABLE erased_contents (
    case_number TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    content     TEXT   NOT NULL,
    PRIMARY KEY (case_number, version)
);

-- What is left of entries of cases that were taken out: seals cover them still. `removal` is the entry of the audit log.
CREATE TABLE removed_events (
    seq     BIGINT NOT NULL PRIMARY KEY,
    of_case TEXT   NOT NULL,
    version BIGINT NOT NULL,
    digest  TEXT   NOT NULL,
    removal BIGINT NOT NULL
);
CREATE INDEX removed_events_by_removal ON removed_events (removal, seq);
