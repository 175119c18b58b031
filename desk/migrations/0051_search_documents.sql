-- What a case is found by (docs/decisions/0049). The indexes over these tables are the engine's own: full text over documents, parts
-- over words. They are made when the desk starts (`desk/src/store/search_index`), and are no part of a backup.

-- All words of a case in one text: written behind its history (`desk/src/search/indexer.rs`).
CREATE TABLE case_documents (
    -- Number of the entry that opened the case: the newest case has the highest.
    id          BIGINT NOT NULL PRIMARY KEY,
    case_number TEXT   NOT NULL UNIQUE,
    words       TEXT   NOT NULL
);

-- Every word of the documents once: parts of words and slips are looked for here.
CREATE TABLE search_words (
    id   BIGINT NOT NULL PRIMARY KEY,
    word TEXT   NOT NULL UNIQUE
);

-- The mailbox of the contact of each case.
CREATE TABLE case_mailboxes (
    mailbox     TEXT NOT NULL,
    case_number TEXT NOT NULL,
    PRIMARY KEY (mailbox, case_number)
);
CREATE INDEX case_mailboxes_by_case ON case_mailboxes (case_number);

-- Its successor is above.
DROP TABLE case_terms;

-- Older cases are listed and written once each. The history is followed from here on.
INSERT INTO cases_to_index (case_number)
    SELECT number FROM cases WHERE number NOT IN (SELECT case_number FROM cases_to_index);
UPDATE search_progress SET seq = (SELECT COALESCE(MAX(seq), 0) FROM case_events);

-- More letters lose their accents than before: the terms of the register are compared again.
UPDATE register_search SET version = 0;
