-- Sessions that were begun with the demonstration's public password: they end when somebody of the desk's own comes.
-- Those of its staff from before may be such.
DELETE FROM sessions WHERE person_id IN (SELECT id FROM people WHERE mail IN
    ('agente@vigia.example', 'tecnica@vigia.example', 'supervisor@vigia.example', 'administracion@vigia.example'));
ALTER TABLE sessions ADD COLUMN by_public_password BIGINT NOT NULL DEFAULT 0;

-- A display's link is used once: from then on its browser carries a secret of its own. Displays of before keep their cookie
-- until they show the board again; their link leads nowhere any more.
ALTER TABLE displays ADD COLUMN browser_hash TEXT;
ALTER TABLE displays ADD COLUMN paired_utc_s BIGINT;
UPDATE displays SET browser_hash = token_hash;
CREATE UNIQUE INDEX displays_by_browser ON displays (browser_hash);
