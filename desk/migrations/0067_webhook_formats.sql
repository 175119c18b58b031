-- How bodies are written, and in which language where they have words.
ALTER TABLE webhooks ADD COLUMN format TEXT NOT NULL DEFAULT 'standard';
ALTER TABLE webhooks ADD COLUMN language TEXT NOT NULL DEFAULT 'es';
-- Counts changes of its settings: a form names the one that it saw.
ALTER TABLE webhooks ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;

-- The history of the settings of webhooks: a row for each setting that a change made another.
CREATE TABLE webhook_changes (
    id         BIGINT NOT NULL PRIMARY KEY,
    webhook_id BIGINT NOT NULL,
    at_utc_s   BIGINT NOT NULL,
    -- An author as JSON.
    changed_by TEXT   NOT NULL,
    -- The code of the setting, and its values: codes separated by blanks, or texts. Of an address the host alone.
    setting    TEXT   NOT NULL,
    value_before TEXT NOT NULL,
    value_after  TEXT NOT NULL
);

CREATE INDEX webhook_changes_by_webhook ON webhook_changes (webhook_id, id);
