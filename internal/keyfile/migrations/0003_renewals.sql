-- Addresses to which somebody asked for a new link, sealed, until it was looked
-- up whose they are: the answer is given before that.

-- +goose Up
CREATE TABLE renewals (
    id         TEXT   NOT NULL PRIMARY KEY,
    sealed     BYTEA  NOT NULL,
    created_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE renewals;
