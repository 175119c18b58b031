-- Files of messages: those that came with a customer's message, an update of the desk or a note.

-- A file with the entry that it came with. The history says nothing of it, so that an entry keeps its shape.
CREATE TABLE message_files (
    case_number TEXT   NOT NULL,
    -- Version of the entry.
    version     BIGINT NOT NULL,
    -- Place among the files of the entry, from 0.
    place       BIGINT NOT NULL,
    file_id     TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    -- jpeg, png or pdf
    kind        TEXT   NOT NULL,
    bytes       BIGINT NOT NULL,
    -- SHA-256 of the content.
    hash        TEXT   NOT NULL,
    -- The picture made small, a JPEG; none of a document. It stands before the content, which SQLite would else pass over.
    thumbnail   BYTEA,
    content     BYTEA  NOT NULL,
    PRIMARY KEY (case_number, version, place)
);
CREATE UNIQUE INDEX message_files_by_id ON message_files (case_number, file_id);
