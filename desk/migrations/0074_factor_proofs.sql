-- When a second factor was last given in a session, at its sign-in or since; none where the password alone began it.
ALTER TABLE sessions ADD COLUMN factor_utc_s BIGINT;

-- Counted up whenever a second factor is removed: a sign-in that was begun before goes no further.
ALTER TABLE people ADD COLUMN factor_resets BIGINT NOT NULL DEFAULT 0;

-- Changes of accounts of which the owners are not mailed yet. A row goes when its mail is queued.
CREATE TABLE account_notices (
    -- Its entry in person_changes.
    change_id BIGINT NOT NULL PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES people (id)
);

-- Forms of the administration that came when the sign-in was no longer fresh. What was typed waits for the new one, without its
-- secrets.
CREATE TABLE kept_forms (
    -- Hash of the secret in the address that leads back to the form.
    token_hash    TEXT   NOT NULL PRIMARY KEY,
    -- Who typed it: it is shown to no other.
    person_id     BIGINT NOT NULL REFERENCES people (id),
    -- Names and values of the fields, in their order: JSON.
    fields        TEXT   NOT NULL,
    expires_utc_s BIGINT NOT NULL
);
CREATE INDEX kept_forms_by_expiry ON kept_forms (expires_utc_s);
CREATE INDEX kept_forms_by_person ON kept_forms (person_id);
