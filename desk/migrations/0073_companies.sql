-- Who belongs to a customer's company beside the contacts of its contracts (docs/decisions/0062).

CREATE TABLE company_members (
    organisation_id BIGINT NOT NULL REFERENCES organisations (id),
    -- In lower case: the exact address counts, not the mailbox.
    address         TEXT   NOT NULL,
    -- administrator, member, or removed, which counts more than a domain or a contract.
    standing        TEXT   NOT NULL,
    -- provider, colleague, domain, or contract.
    came_by         TEXT   NOT NULL,
    -- Name of the member of the staff, or address of the colleague; empty for who came by a domain.
    added_by        TEXT   NOT NULL,
    -- When the standing was given.
    since_utc_s     BIGINT NOT NULL,
    -- The last sign-in; NULL before the first.
    entered_utc_s   BIGINT,
    PRIMARY KEY (organisation_id, address)
);
CREATE INDEX company_members_by_address ON company_members (address, organisation_id);

-- Mail domains that an administrator has confirmed to be a company's own.
CREATE TABLE company_domains (
    organisation_id BIGINT NOT NULL REFERENCES organisations (id),
    domain          TEXT   NOT NULL,
    confirmed_utc_s BIGINT NOT NULL,
    -- Name of the member of the staff.
    confirmed_by    TEXT   NOT NULL,
    PRIMARY KEY (organisation_id, domain)
);
CREATE INDEX company_domains_by_domain ON company_domains (domain, organisation_id);
