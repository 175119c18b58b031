-- Other people on a case (docs/decisions/0066). Who has left or was removed has no row; the history has their entries.
CREATE TABLE participants (
    case_number TEXT   NOT NULL,
    id          BIGINT NOT NULL,
    name        TEXT   NOT NULL,
    -- In lower case.
    address     TEXT   NOT NULL,
    PRIMARY KEY (case_number, id)
);
CREATE INDEX participants_by_address ON participants (address, case_number);
