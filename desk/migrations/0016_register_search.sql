-- What customers, contracts, sites and equipment are found by (`domain/src/search/register.rs`): written behind each import, and
-- at start where that is missing (`desk/src/search/register.rs`).
CREATE TABLE register_terms (
    -- organisation, contract, site or equipment
    kind   TEXT  NOT NULL,
    term   BYTEA NOT NULL,
    -- Its key in its own table, as text.
    entity TEXT  NOT NULL,
    PRIMARY KEY (kind, term, entity)
);
CREATE INDEX register_terms_by_entity ON register_terms (kind, entity);

-- One row: the state of the register (`sequences`, `register`) that the terms were written from.
CREATE TABLE register_search (
    version BIGINT NOT NULL
);
INSERT INTO register_search (version) VALUES (0);
INSERT INTO sequences (name, value) VALUES ('register', 1);

-- What belongs to a customer.
CREATE INDEX contracts_by_organisation ON contracts (organisation_id);
CREATE INDEX equipment_by_contract ON equipment (contract_number);
CREATE INDEX cases_by_contract ON cases (contract_number, is_open);

-- Cases are found by more than they were: they are written down again.
UPDATE search_progress SET seq = 0;
