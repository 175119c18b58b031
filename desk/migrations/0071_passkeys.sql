-- Passkeys of the staff (WebAuthn): a device proves that it holds a key, and that its owner unlocked it.
CREATE TABLE passkeys (
    -- The credential's id, in base64 for URLs. Devices choose it; two never are the same.
    credential_id TEXT   NOT NULL PRIMARY KEY,
    person_id     BIGINT NOT NULL REFERENCES people (id),
    -- What the device was told its owner is called: 16 random bytes, in hexadecimal.
    handle        TEXT   NOT NULL,
    -- The host of the public address for which it was made. It is good there alone.
    rp_id         TEXT   NOT NULL,
    -- As its owner named it.
    name          TEXT   NOT NULL,
    -- Public key, counter and flags, as webauthn-rs writes them: JSON.
    credential    TEXT   NOT NULL,
    added_utc_s   BIGINT NOT NULL,
    -- The last sign-in with it; none yet.
    used_utc_s    BIGINT
);
CREATE INDEX passkeys_by_person ON passkeys (person_id, added_utc_s, credential_id);

-- Challenges that a browser was given and has not answered yet. A row goes with the first answer.
CREATE TABLE passkey_challenges (
    token_hash    TEXT   NOT NULL PRIMARY KEY,
    -- Whose answer is waited for; none before a sign-in by a passkey alone.
    person_id     BIGINT REFERENCES people (id),
    -- What the answer is held against: JSON.
    state         TEXT   NOT NULL,
    expires_utc_s BIGINT NOT NULL
);
CREATE INDEX passkey_challenges_by_expiry ON passkey_challenges (expires_utc_s);
CREATE INDEX passkey_challenges_by_person ON passkey_challenges (person_id);
