-- A release is frozen in the background, and can be made anew later as it was.

-- +goose Up
-- definition is the study as it stood when the release was decided: its file, its
-- waves, what was decided about its versions. JSON; '' before it was kept.
ALTER TABLE releases ADD COLUMN definition TEXT NOT NULL DEFAULT '';

-- Releases that were approved and whose package is yet to be made. worker holds one
-- until lease; tries counts how often somebody began. step, done and total say how far
-- it is. failure is a code: then nobody works at it, and it waits for a decision again.
CREATE TABLE freezings (
    study   TEXT   NOT NULL,
    number  BIGINT NOT NULL,
    worker  TEXT   NOT NULL,
    lease   BIGINT NOT NULL,
    tries   BIGINT NOT NULL,
    step    TEXT   NOT NULL,
    done    BIGINT NOT NULL,
    total   BIGINT NOT NULL,
    failure TEXT   NOT NULL,
    PRIMARY KEY (study, number),
    FOREIGN KEY (study, number) REFERENCES releases (study, number)
);

-- How a participant stood until staff changed it.
CREATE TABLE former_participants (
    pid        TEXT   NOT NULL REFERENCES participants (pid),
    until_at   BIGINT NOT NULL,
    cohort     BIGINT NOT NULL,
    attributes TEXT   NOT NULL,
    pilot      BIGINT NOT NULL,
    PRIMARY KEY (pid, until_at)
);

-- When answers that had been collected elsewhere were imported; 0 for others.
ALTER TABLE interviews ADD COLUMN imported_at BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE interviews DROP COLUMN imported_at;
DROP TABLE former_participants;
DROP TABLE freezings;
ALTER TABLE releases DROP COLUMN definition;
