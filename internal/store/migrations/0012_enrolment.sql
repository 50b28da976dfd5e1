-- People who ask to take part by themselves. No address and no name is here:
-- they lie in the key file under the pid that the person will have.

-- +goose Up
-- The page of a study: link_key is the unguessable end of its address. locked
-- counts what was decided about places, so that two decisions at once meet.
CREATE TABLE enrolments (
    study        TEXT   NOT NULL PRIMARY KEY REFERENCES studies (study),
    link_key     TEXT   NOT NULL UNIQUE,
    published_at BIGINT NOT NULL,
    closed_at    BIGINT NOT NULL,
    flooded_at   BIGINT NOT NULL,
    locked       BIGINT NOT NULL
);

-- address is the keyed lookup value of the address to be confirmed, and empty
-- once the person is a participant. sent counts the messages of confirmation,
-- offered the places that were offered; until_at is how long the link holds.
CREATE TABLE joiners (
    id              TEXT   NOT NULL PRIMARY KEY,
    study           TEXT   NOT NULL REFERENCES studies (study),
    pid             TEXT   NOT NULL UNIQUE,
    label           TEXT   NOT NULL,
    address         TEXT   NOT NULL,
    link_lookup     TEXT   NOT NULL UNIQUE,
    state           TEXT   NOT NULL CHECK (state IN ('pending', 'waiting', 'offered', 'lapsed', 'joined', 'gone', 'echo')),
    channel         TEXT   NOT NULL CHECK (channel IN ('email', 'sms')),
    language        TEXT   NOT NULL,
    attributes      TEXT   NOT NULL,
    consent_version BIGINT NOT NULL,
    sent            BIGINT NOT NULL,
    offered         BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    asked_at        BIGINT NOT NULL,
    until_at        BIGINT NOT NULL,
    waiting_since   BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL
);
CREATE INDEX joiners_by_study ON joiners (study, state, waiting_since, id);
CREATE INDEX joiners_by_address ON joiners (study, address);

-- Codes on paper that hold a place each until they are used or run out. What a
-- code was used for is not kept.
CREATE TABLE join_codes (
    id          TEXT   NOT NULL PRIMARY KEY,
    study       TEXT   NOT NULL REFERENCES studies (study),
    code_lookup TEXT   NOT NULL UNIQUE,
    link_lookup TEXT   NOT NULL UNIQUE,
    created_at  BIGINT NOT NULL,
    until_at    BIGINT NOT NULL,
    used_at     BIGINT NOT NULL
);
CREATE INDEX join_codes_by_study ON join_codes (study, created_at, id);

-- +goose Down
DROP TABLE join_codes;
DROP TABLE joiners;
DROP TABLE enrolments;
