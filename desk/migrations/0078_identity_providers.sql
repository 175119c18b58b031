-- Identity providers by which the staff signs in (OpenID Connect).
CREATE TABLE identity_providers (
    id             BIGINT NOT NULL PRIMARY KEY,
    -- What stands on the button.
    name           TEXT   NOT NULL,
    -- As the provider calls itself; compared as text.
    issuer         TEXT   NOT NULL,
    -- Empty until the provider has given one. The sign-in offers the provider only with it.
    client_id      TEXT   NOT NULL,
    -- Empty for a client without one. No page shows it.
    client_secret  TEXT   NOT NULL,
    -- Separated by blanks.
    scopes         TEXT   NOT NULL,
    -- The claim that names a person's groups.
    groups_claim   TEXT   NOT NULL,
    -- Groups with their roles, in order: JSON.
    group_roles    TEXT   NOT NULL,
    -- `refused` or `by_group`.
    strangers      TEXT   NOT NULL,
    -- `everyone` or `administrators`.
    desk_sign_in   TEXT   NOT NULL,
    -- Values of `amr` and `acr` that count as a second factor, separated by blanks; empty for none.
    factor_values  TEXT   NOT NULL,
    -- The sign-in does not offer it while it is paused.
    paused_utc_s   BIGINT,
    -- Counted up with every change.
    revision       BIGINT NOT NULL,
    created_utc_s  BIGINT NOT NULL
);

-- Browsers that were sent to a provider and have not come back. A row goes with the first answer.
CREATE TABLE identity_requests (
    -- Hash of `state`.
    state_hash    TEXT   NOT NULL PRIMARY KEY,
    -- Hash of the secret in the browser's cookie: the answer counts in that browser alone.
    browser_hash  TEXT   NOT NULL,
    provider_id   BIGINT NOT NULL,
    nonce         TEXT   NOT NULL,
    -- The verifier of PKCE (RFC 7636).
    verifier      TEXT   NOT NULL,
    -- What the provider said of itself then: JSON.
    metadata      TEXT   NOT NULL,
    -- What it is for: JSON.
    purpose       TEXT   NOT NULL,
    -- The page after the sign-in: a path of this site.
    next          TEXT   NOT NULL,
    begun_utc_s   BIGINT NOT NULL,
    expires_utc_s BIGINT NOT NULL
);
CREATE INDEX identity_requests_by_expiry ON identity_requests (expires_utc_s);
