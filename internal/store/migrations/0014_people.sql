-- What becomes of participants between their interviews: contacts, two rows
-- that are one person, the files that held somebody, and erasure.

-- +goose Up
-- The pid of the participant that this one turned out to be: a tombstone, whose
-- links lead there. Interviews that stay with it are kept and do not count.
ALTER TABLE participants ADD COLUMN merged_into TEXT NOT NULL DEFAULT '';
CREATE INDEX participants_merged ON participants (merged_into);

-- What staff did to reach a participant. A note, which may name people, lies
-- sealed in the key file under the same id.
CREATE TABLE contacts (
    id      TEXT   NOT NULL PRIMARY KEY,
    study   TEXT   NOT NULL REFERENCES studies (study),
    pid     TEXT   NOT NULL REFERENCES participants (pid),
    wave    BIGINT NOT NULL,
    way     TEXT   NOT NULL CHECK (way IN ('telephone', 'meeting', 'letter', 'email', 'other')),
    outcome TEXT   NOT NULL,
    account TEXT   NOT NULL,
    at      BIGINT NOT NULL
);
CREATE INDEX contacts_by_pid ON contacts (pid, at, id);

-- Every file of data that was handed out, and whom it held, by the keyed ids
-- that stand in it. It outlives an erasure: it says whom to write to.
CREATE TABLE downloads (
    id        TEXT   NOT NULL PRIMARY KEY,
    study     TEXT   NOT NULL REFERENCES studies (study),
    recipient TEXT   NOT NULL,
    what      TEXT   NOT NULL,
    account   TEXT   NOT NULL,
    at        BIGINT NOT NULL
);
CREATE TABLE download_people (
    download  TEXT NOT NULL REFERENCES downloads (id),
    export_id TEXT NOT NULL,
    PRIMARY KEY (download, export_id)
);
CREATE INDEX download_people_by_id ON download_people (export_id, download);

-- Who was erased, and when the bytes were gone from the files too (0: not yet).
-- pid points at no table: a list of erasures may name people of a later time.
CREATE TABLE erasures (
    pid      TEXT   NOT NULL PRIMARY KEY,
    at       BIGINT NOT NULL,
    swept_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE erasures;
DROP TABLE download_people;
DROP TABLE downloads;
DROP TABLE contacts;
DROP INDEX participants_merged;
ALTER TABLE participants DROP COLUMN merged_into;
