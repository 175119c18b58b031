-- The audit log: one chain. Each digest covers its row and the digest of the row before, under a key of the installation.
-- Rows are only appended. The network alone is emptied when it was kept long enough: the chain covers its salted digest.
CREATE TABLE audit_log (
    id             BIGINT NOT NULL PRIMARY KEY,
    at_utc_s       BIGINT NOT NULL,
    kind           TEXT   NOT NULL,
    -- Empty for the desk as a whole.
    country        TEXT   NOT NULL,
    -- Names in it, in small letters: what a search finds it by.
    words          TEXT   NOT NULL,
    network        TEXT   NOT NULL,
    network_salt   TEXT   NOT NULL,
    network_digest TEXT   NOT NULL,
    document       TEXT   NOT NULL,
    digest         TEXT   NOT NULL
);
CREATE INDEX audit_log_by_kind ON audit_log (kind, id);
CREATE INDEX audit_log_by_time ON audit_log (at_utc_s, id);
CREATE INDEX audit_log_with_network ON audit_log (at_utc_s) WHERE network <> '';
