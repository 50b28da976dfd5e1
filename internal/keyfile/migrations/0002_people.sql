-- What is known of people besides their identity, sealed as it is.

-- +goose Up
-- The note of a contact with somebody; id is the contact's in the panel.
CREATE TABLE notes (
    id     TEXT  NOT NULL PRIMARY KEY,
    pid    TEXT  NOT NULL,
    sealed BYTEA NOT NULL
);
CREATE INDEX notes_by_pid ON notes (pid, id);

-- An address that was replaced, until the message that tells so was handed over
-- to it; id is the message's in the panel.
CREATE TABLE former_addresses (
    id         TEXT   NOT NULL PRIMARY KEY,
    pid        TEXT   NOT NULL,
    sealed     BYTEA  NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX former_addresses_by_pid ON former_addresses (pid, id);

-- +goose Down
DROP TABLE former_addresses;
DROP TABLE notes;
