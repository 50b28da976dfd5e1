-- The ledger of messages: one row for each that was written down to be sent, at
-- most once for a participant, wave and message of the plan. No address and no
-- name is in it: they are put in at the moment of hand-over. wave is 0 for what
-- belongs to none. pid points at no table: it may be that of somebody who asked
-- to take part and is no participant yet (see 0012).

-- +goose Up
CREATE TABLE messages (
    id            TEXT   NOT NULL PRIMARY KEY,
    study         TEXT   NOT NULL REFERENCES studies (study),
    pid           TEXT   NOT NULL,
    wave          BIGINT NOT NULL,
    message       TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    template      TEXT   NOT NULL,
    channel       TEXT   NOT NULL CHECK (channel IN ('email', 'sms', 'paper')),
    language      TEXT   NOT NULL,
    state         TEXT   NOT NULL CHECK (state IN ('due', 'claimed', 'handed_over', 'deferred', 'bounced', 'refused', 'opted_out', 'cancelled')),
    reason        TEXT   NOT NULL,
    planned_at    BIGINT NOT NULL,
    ends_at       BIGINT NOT NULL,
    next_at       BIGINT NOT NULL,
    attempts      BIGINT NOT NULL,
    worker        TEXT   NOT NULL,
    claimed_until BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    changed_at    BIGINT NOT NULL,
    handed_at     BIGINT NOT NULL,
    UNIQUE (pid, wave, message)
);
CREATE INDEX messages_to_do ON messages (state, next_at, id);
CREATE INDEX messages_by_time ON messages (study, planned_at, id);

-- Every hand-over that was begun, never removed but by erasure. ended_at is 0
-- while it runs: one whose worker died stays so until it is found ambiguous.
CREATE TABLE handovers (
    message  TEXT   NOT NULL REFERENCES messages (id),
    number   BIGINT NOT NULL,
    worker   TEXT   NOT NULL,
    began_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    outcome  TEXT   NOT NULL CHECK (outcome IN ('', 'handed_over', 'deferred', 'refused', 'ambiguous')),
    code     TEXT   NOT NULL,
    said     TEXT   NOT NULL,
    PRIMARY KEY (message, number)
);

-- What a participant can be reached by, and what holds messages back.
ALTER TABLE participants ADD COLUMN channels TEXT NOT NULL DEFAULT '';
ALTER TABLE participants ADD COLUMN pilot BIGINT NOT NULL DEFAULT 0;
ALTER TABLE participants ADD COLUMN paused_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE participants ADD COLUMN opted_out_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE participants ADD COLUMN codes_from BIGINT NOT NULL DEFAULT 0;

-- The plan as it was edited on the pages; empty where it is the study file's.
ALTER TABLE studies ADD COLUMN plan TEXT NOT NULL DEFAULT '';

-- The study's own texts of messages, by file name, as JSON.
ALTER TABLE studies ADD COLUMN mail TEXT NOT NULL DEFAULT '{}';

-- +goose Down
ALTER TABLE studies DROP COLUMN mail;
ALTER TABLE studies DROP COLUMN plan;
ALTER TABLE participants DROP COLUMN codes_from;
ALTER TABLE participants DROP COLUMN opted_out_at;
ALTER TABLE participants DROP COLUMN paused_until;
ALTER TABLE participants DROP COLUMN pilot;
ALTER TABLE participants DROP COLUMN channels;
DROP TABLE handovers;
DROP TABLE messages;
