-- Releases: what was asked for, decided, frozen and handed over. A release's bytes
-- are rows, so that a backup, an erasure and the other engine reach them.

-- +goose Up
-- source is the profile's text as it was asked with; report what was known of the
-- risk when it was decided; manifest the checksums of the files in the package;
-- content a checksum of the tables whatever format they are in.
CREATE TABLE releases (
    study        TEXT   NOT NULL,
    number       BIGINT NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('requested', 'refused', 'frozen')),
    profile      TEXT   NOT NULL,
    source       TEXT   NOT NULL,
    recipient    TEXT   NOT NULL,
    who          TEXT   NOT NULL,
    country      TEXT   NOT NULL,
    basis        TEXT   NOT NULL,
    purpose      TEXT   NOT NULL,
    requested_by TEXT   NOT NULL,
    requested_at BIGINT NOT NULL,
    decided_by   TEXT   NOT NULL,
    decided_at   BIGINT NOT NULL,
    reason       TEXT   NOT NULL,
    report       TEXT   NOT NULL,
    manifest     TEXT   NOT NULL,
    digest       TEXT   NOT NULL,
    content      TEXT   NOT NULL,
    build        TEXT   NOT NULL,
    size         BIGINT NOT NULL,
    taken_at     BIGINT NOT NULL,
    PRIMARY KEY (study, number)
);

-- The bytes in pieces of some hundred kilobytes, part counting from 1.
CREATE TABLE release_parts (
    study  TEXT   NOT NULL,
    number BIGINT NOT NULL,
    part   BIGINT NOT NULL,
    data   BYTEA  NOT NULL,
    PRIMARY KEY (study, number, part),
    FOREIGN KEY (study, number) REFERENCES releases (study, number)
);

-- Who is in a release, and what it tells of them that others may know: a later
-- one is held against it. JSON; empty once they were erased.
CREATE TABLE release_people (
    study  TEXT   NOT NULL,
    number BIGINT NOT NULL,
    pid    TEXT   NOT NULL REFERENCES participants (pid),
    known  TEXT   NOT NULL,
    PRIMARY KEY (study, number, pid),
    FOREIGN KEY (study, number) REFERENCES releases (study, number)
);
CREATE INDEX release_people_by_pid ON release_people (pid);

-- +goose Down
DROP TABLE release_people;
DROP TABLE release_parts;
DROP TABLE releases;
