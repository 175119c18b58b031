-- Numbers of WhatsApp Business (docs/decisions/0068). Their ids are of the sequence of webhooks, since a delivery names either.
CREATE TABLE whatsapp_numbers (
    id              BIGINT NOT NULL PRIMARY KEY,
    name            TEXT   NOT NULL,
    -- What the Cloud API knows the number by.
    phone_number_id TEXT   NOT NULL,
    -- The address of the Graph API with its version.
    graph_url       TEXT   NOT NULL,
    -- NULL for all countries.
    country         TEXT,
    -- Templates as JSON.
    templates       TEXT   NOT NULL,
    -- Counts changes of its settings: a form names the one that it saw.
    revision        BIGINT NOT NULL DEFAULT 0,
    -- When it was switched off; NULL while it is on.
    paused_utc_s    BIGINT,
    created_utc_s   BIGINT NOT NULL,
    -- An author as JSON.
    added_by        TEXT   NOT NULL,
    -- The last test: its time, whether the API knew number and token (1 or 0), and what it said.
    tested_utc_s    BIGINT,
    tested_well     BIGINT,
    tested_words    TEXT
);

CREATE UNIQUE INDEX whatsapp_numbers_by_number ON whatsapp_numbers (phone_number_id);

-- Access token and app secret of a number. No backup holds them.
CREATE TABLE whatsapp_secrets (
    number_id    BIGINT NOT NULL PRIMARY KEY,
    access_token TEXT   NOT NULL,
    app_secret   TEXT   NOT NULL
);
