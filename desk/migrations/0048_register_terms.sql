-- The terms of an entry are read from the index alone. SQLite took the primary key for it otherwise, and read every term of the kind.
DROP INDEX register_terms_by_entity;
CREATE INDEX register_terms_by_entity ON register_terms (kind, entity, term);
