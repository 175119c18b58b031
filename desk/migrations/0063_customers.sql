-- Customers who sign in by a code that is mailed to them (docs/decisions/0056).

-- Sign-ins that wait for their code. A row tells nothing about whether its address is known.
CREATE TABLE customer_entries (
    -- Random; the code and the link are computed from it under the desk's key.
    id            TEXT   NOT NULL PRIMARY KEY,
    -- Hash of the secret of the browser that asked.
    browser_hash  TEXT   NOT NULL,
    -- In lower case, as it was typed.
    address       TEXT   NOT NULL,
    tries         BIGINT NOT NULL,
    expires_utc_s BIGINT NOT NULL
);
CREATE INDEX customer_entries_by_browser ON customer_entries (browser_hash);
CREATE INDEX customer_entries_by_expiry ON customer_entries (expires_utc_s);

CREATE TABLE customer_sessions (
    token_hash    TEXT   NOT NULL PRIMARY KEY,
    address       TEXT   NOT NULL,
    created_utc_s BIGINT NOT NULL,
    seen_utc_s    BIGINT NOT NULL
);
CREATE INDEX customer_sessions_by_address ON customer_sessions (address);
CREATE INDEX customer_sessions_by_creation ON customer_sessions (created_utc_s);

-- The address of the contact as it stands in the case, in lower case: servers may tell spellings of a mailbox apart. Rows that
-- are there get theirs when their case is indexed again.
ALTER TABLE case_mailboxes ADD COLUMN address TEXT NOT NULL DEFAULT '';
CREATE INDEX case_mailboxes_by_address ON case_mailboxes (address, case_number);
INSERT INTO cases_to_index (case_number)
    SELECT number FROM cases WHERE number NOT IN (SELECT case_number FROM cases_to_index);

-- Whose company a customer acts for.
CREATE INDEX contracts_by_contact_mail ON contracts (lower(contact_mail));
