-- Kinds of mails that came to be while histories were being written that ask for them: what had happened by then was told
-- by none, and lacks none. A desk that begins with such a kind has nothing behind it.
CREATE TABLE mails_since (
    kind        TEXT   NOT NULL PRIMARY KEY,
    -- The last moment at which an entry of a history may lack its mail.
    after_utc_s BIGINT NOT NULL
);
INSERT INTO mails_since (kind, after_utc_s)
SELECT 'reopened', COALESCE(MAX(at_utc_s), 0) FROM case_events;
