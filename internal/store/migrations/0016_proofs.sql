-- How respondents prove on another device that earlier answers are their own.
-- No code and no number is here: codes are computed anew, of numbers there is a
-- slow keyed hash.

-- +goose Up
-- The numbers that a participant chose, each on a device.
CREATE TABLE pins (
    pid    TEXT   NOT NULL REFERENCES participants (pid),
    device TEXT   NOT NULL,
    digest TEXT   NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (pid, device)
);

-- The codes that were asked for, counted for each participant. A code holds on
-- the device that asked for it.
CREATE TABLE proof_codes (
    pid        TEXT   NOT NULL REFERENCES participants (pid),
    number     BIGINT NOT NULL,
    device     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    until_at   BIGINT NOT NULL,
    tries      BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    PRIMARY KEY (pid, number)
);

-- The devices that have proved themselves, each in one wave. digest is of the
-- number that was typed, empty for a code.
CREATE TABLE proofs (
    pid    TEXT   NOT NULL REFERENCES participants (pid),
    wave   BIGINT NOT NULL,
    device TEXT   NOT NULL,
    way    TEXT   NOT NULL CHECK (way IN ('code', 'pin')),
    digest TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (pid, wave, device, way)
);

-- How often something was tried, and until when it rests. what is a keyed
-- lookup value; pid is empty for what is not one participant's.
CREATE TABLE attempts (
    what       TEXT   NOT NULL PRIMARY KEY,
    pid        TEXT   NOT NULL,
    count      BIGINT NOT NULL,
    since_at   BIGINT NOT NULL,
    last_at    BIGINT NOT NULL,
    rest_until BIGINT NOT NULL
);
CREATE INDEX attempts_by_pid ON attempts (pid);

-- +goose Down
DROP TABLE attempts;
DROP TABLE proofs;
DROP TABLE proof_codes;
DROP TABLE pins;
