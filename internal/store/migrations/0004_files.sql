-- Files: what respondents hand in, and what lies beside a questionnaire version.
-- Bytes are rows, so that a file is stored, backed up, restored and erased in
-- the transaction of what refers to it.

-- +goose Up
-- token is the answer that stands for the file; name, what the file was called
-- on the device, is sealed under the server's key: it may name a person.
CREATE TABLE uploads (
    token     TEXT   NOT NULL PRIMARY KEY,
    interview TEXT   NOT NULL REFERENCES interviews (id),
    question  TEXT   NOT NULL,
    name      BYTEA  NOT NULL,
    size      BIGINT NOT NULL,
    at        BIGINT NOT NULL
);
CREATE INDEX uploads_by_interview ON uploads (interview, question);

-- The bytes in pieces of some hundred kilobytes, number counting from 1.
CREATE TABLE upload_parts (
    token  TEXT   NOT NULL REFERENCES uploads (token),
    number BIGINT NOT NULL,
    data   BYTEA  NOT NULL,
    PRIMARY KEY (token, number)
);

-- The files attached to a version, as they were given.
CREATE TABLE version_files (
    study         TEXT   NOT NULL,
    questionnaire TEXT   NOT NULL,
    number        BIGINT NOT NULL,
    name          TEXT   NOT NULL,
    data          BYTEA,
    PRIMARY KEY (study, questionnaire, number, name),
    FOREIGN KEY (study, questionnaire, number) REFERENCES versions (study, questionnaire, number)
);

-- +goose Down
DROP TABLE version_files;
DROP TABLE upload_parts;
DROP TABLE uploads;
