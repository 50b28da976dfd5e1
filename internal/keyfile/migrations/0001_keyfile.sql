-- The tables of keyfile.db, for SQLite and PostgreSQL alike. Nothing in them can
-- be read without the server's key: an identity is sealed, an address stands
-- there as a keyed lookup value.

-- +goose Up
CREATE TABLE identities (
    pid        TEXT   NOT NULL PRIMARY KEY,
    study      TEXT   NOT NULL,
    sealed     BYTEA  NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX identities_by_study ON identities (study, pid);

CREATE TABLE addresses (
    pid    TEXT NOT NULL REFERENCES identities (pid),
    lookup TEXT NOT NULL,
    PRIMARY KEY (pid, lookup)
);
CREATE INDEX addresses_by_lookup ON addresses (lookup, pid);

-- +goose Down
DROP TABLE addresses;
DROP TABLE identities;
