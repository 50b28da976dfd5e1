-- The tables of panel.db, for SQLite and PostgreSQL alike: times are BIGINT
-- (unix milliseconds, UTC; 0 = not yet), JSON is TEXT and never queried inside,
-- ids are made by the application. No names, no addresses: those are in the key file.

-- +goose Up
CREATE TABLE studies (
    study      TEXT   NOT NULL PRIMARY KEY,
    source     TEXT   NOT NULL,
    consents   TEXT   NOT NULL,
    hash       TEXT   NOT NULL,
    applied_at BIGINT NOT NULL,
    edited_at  BIGINT NOT NULL
);

CREATE TABLE versions (
    study         TEXT   NOT NULL REFERENCES studies (study),
    questionnaire TEXT   NOT NULL,
    number        BIGINT NOT NULL,
    hash          TEXT   NOT NULL,
    sheets        TEXT   NOT NULL,
    file_name     TEXT   NOT NULL,
    file          BYTEA,
    published_at  BIGINT NOT NULL,
    PRIMARY KEY (study, questionnaire, number)
);

CREATE TABLE waves (
    study         TEXT   NOT NULL REFERENCES studies (study),
    number        BIGINT NOT NULL,
    wave_key      TEXT   NOT NULL,
    opens_at      BIGINT NOT NULL,
    closes_at     BIGINT NOT NULL,
    questionnaire TEXT   NOT NULL,
    version       BIGINT NOT NULL,
    PRIMARY KEY (study, number),
    FOREIGN KEY (study, questionnaire, version) REFERENCES versions (study, questionnaire, number)
);

CREATE TABLE participants (
    pid              TEXT   NOT NULL PRIMARY KEY,
    study            TEXT   NOT NULL REFERENCES studies (study),
    label            TEXT   NOT NULL,
    language         TEXT   NOT NULL,
    cohort           BIGINT NOT NULL,
    attributes       TEXT   NOT NULL,
    status           TEXT   NOT NULL CHECK (status IN ('active', 'left', 'erased', 'dead')),
    consent_version  BIGINT NOT NULL,
    consent_language TEXT   NOT NULL,
    consent_at       BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    left_at          BIGINT NOT NULL,
    UNIQUE (study, label)
);
CREATE INDEX participants_by_time ON participants (study, created_at, pid);
CREATE INDEX participants_by_pid ON participants (study, pid);

CREATE TABLE invitations (
    id          TEXT   NOT NULL PRIMARY KEY,
    study       TEXT   NOT NULL,
    pid         TEXT   NOT NULL REFERENCES participants (pid),
    wave        BIGINT NOT NULL,
    generation  BIGINT NOT NULL,
    link_lookup TEXT   NOT NULL UNIQUE,
    code_lookup TEXT   NOT NULL UNIQUE,
    invited_at  BIGINT NOT NULL,
    UNIQUE (pid, wave),
    FOREIGN KEY (study, wave) REFERENCES waves (study, number)
);
CREATE INDEX invitations_by_wave ON invitations (study, wave, pid);

CREATE TABLE interviews (
    id            TEXT   NOT NULL PRIMARY KEY REFERENCES invitations (id),
    study         TEXT   NOT NULL,
    pid           TEXT   NOT NULL REFERENCES participants (pid),
    wave          BIGINT NOT NULL,
    questionnaire TEXT   NOT NULL,
    version       BIGINT NOT NULL,
    mode          TEXT   NOT NULL CHECK (mode IN ('web', 'paper', 'telephone', 'import')),
    language      TEXT   NOT NULL,
    document      TEXT   NOT NULL,
    revision      BIGINT NOT NULL,
    started_at    BIGINT NOT NULL,
    last_at       BIGINT NOT NULL,
    submitted_at  BIGINT NOT NULL,
    FOREIGN KEY (study, questionnaire, version) REFERENCES versions (study, questionnaire, number)
);
CREATE INDEX interviews_by_pid ON interviews (study, pid, wave);
CREATE INDEX interviews_by_wave ON interviews (study, wave, pid);

-- Every save, never changed. number counts the saves of an interview from 1.
CREATE TABLE saves (
    interview TEXT   NOT NULL REFERENCES interviews (id),
    save_key  TEXT   NOT NULL,
    number    BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    mode      TEXT   NOT NULL,
    account   TEXT   NOT NULL,
    change    TEXT   NOT NULL,
    PRIMARY KEY (interview, save_key)
);

CREATE TABLE corrections (
    id        TEXT   NOT NULL PRIMARY KEY,
    interview TEXT   NOT NULL REFERENCES interviews (id),
    number    BIGINT NOT NULL,
    question  TEXT   NOT NULL,
    old_value TEXT   NOT NULL,
    new_value TEXT   NOT NULL,
    reason    TEXT   NOT NULL,
    account   TEXT   NOT NULL,
    at        BIGINT NOT NULL
);
CREATE INDEX corrections_by_interview ON corrections (interview, number);

-- number counts the events of a participant from 1, and parts those of one moment.
CREATE TABLE events (
    id     TEXT   NOT NULL PRIMARY KEY,
    study  TEXT   NOT NULL REFERENCES studies (study),
    pid    TEXT   NOT NULL REFERENCES participants (pid),
    number BIGINT NOT NULL,
    wave   BIGINT NOT NULL,
    kind   TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    detail TEXT   NOT NULL
);
CREATE INDEX events_by_pid ON events (study, pid, at, number);
CREATE INDEX events_of_pid ON events (pid, number);

CREATE TABLE audit (
    number   BIGINT NOT NULL PRIMARY KEY,
    at       BIGINT NOT NULL,
    account  TEXT   NOT NULL,
    action   TEXT   NOT NULL,
    study    TEXT   NOT NULL,
    object   TEXT   NOT NULL,
    detail   TEXT   NOT NULL,
    previous TEXT   NOT NULL,
    hash     TEXT   NOT NULL
);

-- The end of the audit's chain, one row: rows cut off at the end are missed too,
-- and servers that share a database queue up here.
CREATE TABLE audit_head (
    id     BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    number BIGINT NOT NULL,
    hash   TEXT   NOT NULL
);

CREATE TABLE accounts (
    id            TEXT   NOT NULL PRIMARY KEY,
    email         TEXT   NOT NULL UNIQUE,
    name          TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    language      TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    disabled_at   BIGINT NOT NULL
);

-- study is a study's key or '*' for all, so it points at no row.
CREATE TABLE roles (
    account TEXT NOT NULL REFERENCES accounts (id),
    study   TEXT NOT NULL,
    role    TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'researcher')),
    PRIMARY KEY (account, study)
);

CREATE TABLE onetimes (
    lookup     TEXT   NOT NULL PRIMARY KEY,
    purpose    TEXT   NOT NULL,
    account    TEXT   NOT NULL,
    email      TEXT   NOT NULL,
    study      TEXT   NOT NULL,
    role       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);

CREATE TABLE sessions (
    token      TEXT   NOT NULL PRIMARY KEY,
    data       BYTEA,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- +goose Down
DROP TABLE sessions;
DROP TABLE onetimes;
DROP TABLE roles;
DROP TABLE accounts;
DROP TABLE audit_head;
DROP TABLE audit;
DROP TABLE events;
DROP TABLE corrections;
DROP TABLE saves;
DROP TABLE interviews;
DROP TABLE invitations;
DROP TABLE participants;
DROP TABLE waves;
DROP TABLE versions;
DROP TABLE studies;
