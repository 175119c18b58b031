-- Roles that an administrator composed (docs/decisions/0065).

CREATE TABLE composed_roles (
    id            BIGINT NOT NULL PRIMARY KEY,
    version       BIGINT NOT NULL,
    name          TEXT   NOT NULL,
    -- The composition as JSON: permits, scope, and the standing role that it is like.
    document      TEXT   NOT NULL,
    -- 1 where the scope leaves cases out: its holders hear of no case by the way.
    is_narrow     BIGINT NOT NULL,
    -- When it was retired; NULL for roles that can be given.
    retired_utc_s BIGINT
);

-- The organisations of a scope that lists them.
CREATE TABLE composed_role_organisations (
    role_id         BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL REFERENCES organisations (id),
    PRIMARY KEY (role_id, organisation_id)
);
CREATE INDEX composed_role_organisations_by_organisation ON composed_role_organisations (organisation_id, role_id);

-- Every version of a role, with who composed it.
CREATE TABLE composed_role_versions (
    role_id  BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    document TEXT   NOT NULL,
    at_utc_s BIGINT NOT NULL,
    by_id    BIGINT,
    by_name  TEXT,
    PRIMARY KEY (role_id, version)
);

-- NULL for holders of a standing role.
ALTER TABLE people ADD COLUMN composed_role_id BIGINT;
CREATE INDEX people_by_composed_role ON people (composed_role_id, name, id);
