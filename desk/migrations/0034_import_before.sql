-- Rows as they were before an import changed them, with ids where the history has names: an undo restores these. The
-- versions tell whether the row is still as the import left it. A row goes when its import is undone.
CREATE TABLE import_contracts_before (
    import_id       BIGINT NOT NULL,
    number          TEXT   NOT NULL,
    organisation_id BIGINT NOT NULL,
    country         TEXT   NOT NULL,
    plan_id         BIGINT NOT NULL,
    valid_from      TEXT   NOT NULL,
    valid_to        TEXT   NOT NULL,
    version_before  BIGINT NOT NULL,
    version_after   BIGINT NOT NULL,
    PRIMARY KEY (import_id, number)
);
CREATE INDEX import_contracts_before_by_key ON import_contracts_before (number);

CREATE TABLE import_sites_before (
    import_id      BIGINT NOT NULL,
    id             BIGINT NOT NULL,
    address        TEXT   NOT NULL,
    country        TEXT   NOT NULL,
    zone           TEXT   NOT NULL,
    version_before BIGINT NOT NULL,
    version_after  BIGINT NOT NULL,
    PRIMARY KEY (import_id, id)
);
CREATE INDEX import_sites_before_by_key ON import_sites_before (id);

CREATE TABLE import_equipment_before (
    import_id       BIGINT NOT NULL,
    serial          TEXT   NOT NULL,
    manufacturer    TEXT   NOT NULL,
    model           TEXT   NOT NULL,
    platform        TEXT   NOT NULL,
    site_id         BIGINT NOT NULL,
    contract_number TEXT   NOT NULL,
    -- The organisations of contract and site then.
    contract_owner  BIGINT NOT NULL,
    site_owner      BIGINT NOT NULL,
    version_before  BIGINT NOT NULL,
    version_after   BIGINT NOT NULL,
    PRIMARY KEY (import_id, serial)
);
CREATE INDEX import_equipment_before_by_key ON import_equipment_before (serial);

-- Pointers of former serials that an import removed, because it has equipment of that serial.
CREATE TABLE import_pointers_before (
    import_id BIGINT NOT NULL,
    serial    TEXT   NOT NULL,
    equipment TEXT   NOT NULL,
    PRIMARY KEY (import_id, serial)
);

-- Sites that became one with another when their organisations were merged: pointers. A pointer leads to a site.
CREATE TABLE former_sites (
    id      BIGINT NOT NULL PRIMARY KEY,
    into_id BIGINT NOT NULL
);
CREATE INDEX former_sites_by_target ON former_sites (into_id);
