-- Files of visits, and documents that go with mails.

-- The bytes of a visit's files. Name, kind, size and hash stand in the history, which names each by its id.
-- BYTEA is PostgreSQL's name; SQLite keeps bytes as bytes under any name.
CREATE TABLE visit_files (
    case_number TEXT  NOT NULL,
    file_id     TEXT  NOT NULL,
    content     BYTEA NOT NULL,
    PRIMARY KEY (case_number, file_id)
);

-- The document that goes with a mail, a PDF; none with most.
ALTER TABLE outbox ADD COLUMN document BYTEA;
