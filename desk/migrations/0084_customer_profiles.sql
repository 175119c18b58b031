-- What customers who sign in have said of themselves, and what they do not want to be mailed (docs/decisions/0066).
CREATE TABLE customer_profiles (
    -- In lower case: who reads the mails of the address.
    address       TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    phone         TEXT   NOT NULL,
    -- Empty for that of the page.
    language      TEXT   NOT NULL,
    -- Codes of mails that are not sent, divided by commas.
    declined      TEXT   NOT NULL,
    changed_utc_s BIGINT NOT NULL
);

-- Mails of a case that were due and were not wanted, by kind.
CREATE TABLE unwanted_mails (
    case_number TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    mails       BIGINT NOT NULL,
    PRIMARY KEY (case_number, kind)
);
