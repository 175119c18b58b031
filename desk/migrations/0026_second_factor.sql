-- The second factor of a member of the staff: a secret that their device holds as well (RFC 6238).
CREATE TABLE second_factors (
    person_id   BIGINT NOT NULL PRIMARY KEY REFERENCES people (id),
    -- Base32, as it was shown.
    secret      TEXT   NOT NULL,
    -- When a code confirmed it; none while it is being set up.
    since_utc_s BIGINT,
    -- The step of the last code that counted: it and those before it count no more.
    last_step   BIGINT NOT NULL
);

-- Codes for whoever lost the device, by their hashes. A row goes with its use.
CREATE TABLE recovery_codes (
    person_id BIGINT NOT NULL REFERENCES people (id),
    code_hash TEXT   NOT NULL,
    PRIMARY KEY (person_id, code_hash)
);

-- Sign-ins whose password was right and that wait for a code.
CREATE TABLE sign_in_steps (
    token_hash         TEXT   NOT NULL PRIMARY KEY,
    person_id          BIGINT NOT NULL REFERENCES people (id),
    expires_utc_s      BIGINT NOT NULL,
    by_public_password BIGINT NOT NULL
);
CREATE INDEX sign_in_steps_by_expiry ON sign_in_steps (expires_utc_s);

-- Roles whose people sign in with a second factor; who settled it, and when.
CREATE TABLE second_factor_roles (
    role     TEXT   NOT NULL PRIMARY KEY,
    at_utc_s BIGINT NOT NULL,
    by_name  TEXT
);
