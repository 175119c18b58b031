-- The provider's session in which a person signed in: hash of the claim `sid`. Empty where the ID token names none.
ALTER TABLE sessions ADD COLUMN provider_sid TEXT NOT NULL DEFAULT '';
ALTER TABLE sign_in_steps ADD COLUMN provider_sid TEXT NOT NULL DEFAULT '';
CREATE INDEX sessions_by_provider ON sessions (provider_id, provider_sid);

-- Logout tokens that were taken: each counts once (OpenID Connect Back-Channel Logout 1.0, 2.6). A row goes when its token is too old
-- to be taken.
CREATE TABLE logout_tokens (
    -- Hash of the provider and the claim `jti`.
    token_hash    TEXT   NOT NULL PRIMARY KEY,
    expires_utc_s BIGINT NOT NULL
);
CREATE INDEX logout_tokens_by_expiry ON logout_tokens (expires_utc_s);
