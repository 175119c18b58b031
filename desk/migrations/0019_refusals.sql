-- What a server said last against a mail, for good: code and enhanced code, "550 5.7.1". A mail that is queued all the
-- same is held: what was said is about the desk and not about its recipient.
ALTER TABLE outbox ADD COLUMN refusal TEXT;
ALTER TABLE outbox ADD COLUMN refused_utc_s BIGINT;

-- Those that are held, and those that were refused alike.
CREATE INDEX outbox_by_refusal ON outbox (refusal, refused_utc_s) WHERE refusal IS NOT NULL;

-- What a node writes to learn whether it can: one row.
CREATE TABLE write_probe (
    id          BIGINT PRIMARY KEY,
    at_utc_s    BIGINT NOT NULL
);
INSERT INTO write_probe (id, at_utc_s) VALUES (1, 0);
