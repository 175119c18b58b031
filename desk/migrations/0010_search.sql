-- What cases are found by: the terms of each (`domain/src/search`), written by whoever follows the history, shortly after it
-- (`desk/src/search/follow.rs`).

-- Terms are bytes: in those every engine has the same order, and all terms that begin alike lie together. A text has the order
-- of whatever language the database was made for. BYTEA is PostgreSQL's name; SQLite keeps bytes as bytes under any name.
CREATE TABLE case_terms (
    term        BYTEA NOT NULL,
    case_number TEXT  NOT NULL,
    PRIMARY KEY (term, case_number)
);
-- To put others in the place of a case's terms, and to ask whether a case that one word found has another as well.
CREATE INDEX case_terms_by_case ON case_terms (case_number, term);

-- One row: up to which entry of the history terms are written. What was there before this table is followed as well.
CREATE TABLE search_progress (
    seq BIGINT NOT NULL
);
INSERT INTO search_progress (seq) VALUES (0);
