-- Numbers that were given and are no more, by their series: what the integrity check counts beside the rows that are there.
CREATE TABLE removed_numbers (
    series  TEXT   NOT NULL PRIMARY KEY,
    removed BIGINT NOT NULL,
    highest BIGINT NOT NULL
);
