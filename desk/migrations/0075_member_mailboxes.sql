-- A removal counts for the mailbox, whatever its spelling (docs/decisions/0062).

-- The mailbox of the address (domain: MailAddress::mailbox). Rows of before have the address, which is the same but for a suffix
-- behind a plus, at Yahoo behind a hyphen, and for dots at Google.
ALTER TABLE company_members ADD COLUMN mailbox TEXT NOT NULL DEFAULT '';
UPDATE company_members SET mailbox = address;
CREATE INDEX company_members_by_mailbox ON company_members (mailbox, organisation_id);
