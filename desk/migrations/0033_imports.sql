-- Imports: a file that waits for its confirmation, and what became of it. Rows are kept as the record.
CREATE TABLE imports (
    id             BIGINT NOT NULL PRIMARY KEY,
    -- contracts, equipment or travel
    kind           TEXT   NOT NULL,
    file_name      TEXT   NOT NULL,
    -- shown, written or undone
    state          TEXT   NOT NULL,
    at_utc_s       BIGINT NOT NULL,
    -- None for the operator, who works by the command line.
    by_id          BIGINT,
    by_name        TEXT,
    -- Rows that were added, changed and left alone; 0 until it is written.
    added          BIGINT NOT NULL,
    changed        BIGINT NOT NULL,
    unchanged      BIGINT NOT NULL,
    undone_utc_s   BIGINT,
    undone_by_name TEXT,
    -- The file, until it is written or given up.
    content        BYTEA,
    -- Which column of the file is which: JSON, by the column's own name. Empty for the names as they are.
    mapping        TEXT   NOT NULL
);
CREATE INDEX imports_by_state ON imports (state, at_utc_s);

-- The import that made a change: it can be undone while nothing rests on it.
ALTER TABLE register_changes ADD COLUMN import_id BIGINT;
CREATE INDEX register_changes_by_import ON register_changes (import_id, kind, entity);
