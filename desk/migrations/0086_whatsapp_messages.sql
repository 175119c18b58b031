-- Cases whose contact writes by WhatsApp: a row for each, with their last message.
CREATE TABLE whatsapp_conversations (
    case_number TEXT   NOT NULL PRIMARY KEY,
    -- The number of the desk to which they wrote.
    number_id   BIGINT NOT NULL,
    -- Their own number in E.164, and as WhatsApp knows it.
    phone       TEXT   NOT NULL,
    wa_id       TEXT   NOT NULL,
    wrote_utc_s BIGINT NOT NULL
);

CREATE INDEX whatsapp_conversations_by_phone ON whatsapp_conversations (phone, number_id, wrote_utc_s);

-- Updates that are sent by WhatsApp. Their text is read from the history when it is sent.
CREATE TABLE whatsapp_messages (
    id            BIGINT NOT NULL PRIMARY KEY,
    number_id     BIGINT NOT NULL,
    case_number   TEXT   NOT NULL,
    -- Version of the entry with the update.
    version       BIGINT NOT NULL,
    -- What is sent along, so that a report names it before its answer is written down.
    delivery_id   TEXT   NOT NULL,
    -- What WhatsApp knows it by; empty before it took it.
    message_id    TEXT   NOT NULL DEFAULT '',
    -- queued, sent, delivered, read or failed
    state         TEXT   NOT NULL DEFAULT 'queued',
    -- text or template; NULL before the first attempt.
    form          TEXT,
    -- The code of the last failure, and what the API said of it; NULL for none.
    failure       TEXT,
    failure_code  BIGINT,
    failure_title TEXT,
    changed_utc_s BIGINT NOT NULL
);

CREATE UNIQUE INDEX whatsapp_messages_by_case ON whatsapp_messages (case_number, version);
CREATE UNIQUE INDEX whatsapp_messages_by_delivery ON whatsapp_messages (delivery_id);
CREATE INDEX whatsapp_messages_by_message ON whatsapp_messages (message_id);

-- The update that a delivery sends; 0 for what webhooks are told.
ALTER TABLE webhook_deliveries ADD COLUMN whatsapp_message BIGINT NOT NULL DEFAULT 0;

-- The number of the desk by which it came in; 0 for a mail. The sender of a message by WhatsApp is a number in E.164.
ALTER TABLE inbound_mails ADD COLUMN whatsapp_number BIGINT NOT NULL DEFAULT 0;
