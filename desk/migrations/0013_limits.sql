-- Browsers in which somebody has signed in: known by the hash of their token alone. What strangers guess elsewhere does not
-- keep them out.
CREATE TABLE known_browsers (
    token_hash TEXT   NOT NULL,
    person_id  BIGINT NOT NULL REFERENCES people (id),
    -- When this person last signed in there.
    seen_utc_s BIGINT NOT NULL,
    PRIMARY KEY (token_hash, person_id)
);
CREATE INDEX known_browsers_by_person ON known_browsers (person_id);
CREATE INDEX known_browsers_by_use ON known_browsers (seen_utc_s);

-- Mails that strangers cause are counted by mailbox, whatever its spelling, and by sender (a keyed hash of the network). Of
-- all others these columns are empty, and no index holds them.
ALTER TABLE outbox ADD COLUMN mailbox TEXT;
ALTER TABLE outbox ADD COLUMN sender TEXT;
-- Why a mail was held back when it was written.
ALTER TABLE outbox ADD COLUMN hold TEXT;
DROP INDEX outbox_by_recipient;
CREATE INDEX outbox_by_mailbox ON outbox (mailbox, next_attempt_utc_s) WHERE mailbox IS NOT NULL;
CREATE INDEX outbox_by_sender ON outbox (sender, created_utc_s) WHERE sender IS NOT NULL;
