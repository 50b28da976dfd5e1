-- What people agreed to, and what participants are told of the panel.

-- Every consent text that was in force, never changed. hash is the SHA-256 of
-- the text, 64 hexadecimal digits.
-- +goose Up
CREATE TABLE consent_texts (
    study    TEXT   NOT NULL REFERENCES studies (study),
    version  BIGINT NOT NULL,
    language TEXT   NOT NULL,
    hash     TEXT   NOT NULL,
    body     TEXT   NOT NULL,
    since    BIGINT NOT NULL,
    PRIMARY KEY (study, version, language, hash)
);

-- Each time a participant agreed: to which text, and when.
CREATE TABLE agreements (
    pid      TEXT   NOT NULL REFERENCES participants (pid),
    version  BIGINT NOT NULL,
    language TEXT   NOT NULL,
    hash     TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (pid, version)
);

-- The panel's distributions as participants are shown them, one snapshot a
-- wave, made once and never changed. It holds no count of fewer than five.
CREATE TABLE snapshots (
    study   TEXT   NOT NULL REFERENCES studies (study),
    wave    BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    content TEXT   NOT NULL,
    PRIMARY KEY (study, wave)
);

-- +goose Down
DROP TABLE snapshots;
DROP TABLE agreements;
DROP TABLE consent_texts;
