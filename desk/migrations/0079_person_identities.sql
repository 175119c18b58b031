-- Whom a provider's identity signs in. The subject identifies, and the mail address does not.
CREATE TABLE person_identities (
    provider_id  BIGINT NOT NULL,
    -- The claim `sub`.
    subject      TEXT   NOT NULL,
    person_id    BIGINT NOT NULL REFERENCES people (id),
    linked_utc_s BIGINT NOT NULL,
    -- The last sign-in by it; none yet.
    used_utc_s   BIGINT,
    PRIMARY KEY (provider_id, subject)
);
CREATE UNIQUE INDEX person_identities_by_person ON person_identities (person_id, provider_id);

-- The provider by which a session was begun; none for the desk's own means.
ALTER TABLE sessions ADD COLUMN provider_id BIGINT;
-- When the person proved themself; none at the beginning of the session. 0 where the provider does not say when.
ALTER TABLE sessions ADD COLUMN proven_utc_s BIGINT;
-- For the sign-out at the provider: its address, and the ID token. Both are empty for a provider without one.
ALTER TABLE sessions ADD COLUMN end_session TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN id_token TEXT NOT NULL DEFAULT '';

-- The same of a sign-in that waits for the desk's second factor.
ALTER TABLE sign_in_steps ADD COLUMN provider_id BIGINT;
ALTER TABLE sign_in_steps ADD COLUMN proven_utc_s BIGINT;
ALTER TABLE sign_in_steps ADD COLUMN end_session TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_in_steps ADD COLUMN id_token TEXT NOT NULL DEFAULT '';
