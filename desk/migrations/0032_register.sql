-- The register in the browser: each entry carries the version that was read, so that no change is written over unseen.
ALTER TABLE organisations ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE contracts ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE sites ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE equipment ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

-- Whom to ask about a contract; empty where nobody is named. The telephone is in the international form.
ALTER TABLE contracts ADD COLUMN contact_name TEXT NOT NULL DEFAULT '';
ALTER TABLE contracts ADD COLUMN contact_phone TEXT NOT NULL DEFAULT '';
ALTER TABLE contracts ADD COLUMN contact_mail TEXT NOT NULL DEFAULT '';

-- What was changed of an entry, when and by whom. Rows are only added.
CREATE TABLE register_changes (
    id       BIGINT NOT NULL PRIMARY KEY,
    -- organisation, contract, site or equipment
    kind     TEXT   NOT NULL,
    -- Its key in its own table, as text.
    entity   TEXT   NOT NULL,
    at_utc_s BIGINT NOT NULL,
    -- None for the operator, who works by the command line.
    by_id    BIGINT,
    by_name  TEXT,
    change   TEXT   NOT NULL
);
CREATE INDEX register_changes_by_entity ON register_changes (kind, entity, id);

-- Organisations that were merged into another one: pointers. A pointer leads to an entry, never to another pointer.
CREATE TABLE former_organisations (
    id      BIGINT NOT NULL PRIMARY KEY,
    name    TEXT   NOT NULL,
    country TEXT   NOT NULL,
    into_id BIGINT NOT NULL
);
CREATE INDEX former_organisations_by_target ON former_organisations (into_id);

-- Spellings under which equipment was registered before: pointers to the serial that it has now.
CREATE TABLE former_serials (
    serial    TEXT NOT NULL PRIMARY KEY,
    equipment TEXT NOT NULL
);
CREATE INDEX former_serials_by_equipment ON former_serials (equipment);

-- Cases whose customer was renamed or merged: their terms are written again behind the change.
CREATE TABLE cases_to_index (
    case_number TEXT NOT NULL PRIMARY KEY
);

-- The lists of the register, and the cases of an entry.
CREATE INDEX organisations_by_country ON organisations (country, name, id);
CREATE INDEX contracts_by_country ON contracts (country, number);
CREATE INDEX sites_by_name ON sites (name, id);
CREATE INDEX sites_by_country ON sites (country, name, id);
CREATE INDEX equipment_by_site ON equipment (site_id);
CREATE INDEX equipment_by_platform ON equipment (platform, serial);
CREATE INDEX cases_by_contract_and_opening ON cases (contract_number, opened_utc_s);
CREATE INDEX cases_by_site ON cases (site_id);
