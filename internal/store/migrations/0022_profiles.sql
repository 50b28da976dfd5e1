-- Profiles that were made on the pages: how a partner's release is cut. Each
-- change is a row of its own, because a release was asked for with one of them.

-- +goose Up
-- source is the text as in exports/*.yaml; '' where the profile was taken away.
CREATE TABLE profiles (
    study   TEXT   NOT NULL REFERENCES studies (study),
    profile TEXT   NOT NULL,
    version BIGINT NOT NULL,
    source  TEXT   NOT NULL,
    account TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (study, profile, version)
);

-- +goose Down
DROP TABLE profiles;
