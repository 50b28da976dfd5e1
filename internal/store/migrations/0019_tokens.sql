-- What staff give to programs that fetch data in their place. lookup is a keyed
-- digest: no token can be read out of it. used_on is the midnight (UTC) of the
-- day of the last use, 0 for never.

-- +goose Up
CREATE TABLE tokens (
    id         TEXT   NOT NULL PRIMARY KEY,
    lookup     TEXT   NOT NULL UNIQUE,
    account    TEXT   NOT NULL REFERENCES accounts (id),
    study      TEXT   NOT NULL REFERENCES studies (study),
    name       TEXT   NOT NULL,
    scope      TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_on    BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL
);
CREATE INDEX tokens_by_account ON tokens (account);

-- +goose Down
DROP TABLE tokens;
