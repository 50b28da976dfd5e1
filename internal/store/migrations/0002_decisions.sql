-- What is decided and frozen when a questionnaire version is published.

-- +goose Up
-- What the publisher decided about a question that differs between two
-- versions. kinds, stale and confirmed are lists parted by spaces; automatic is
-- 1 where nobody stated the decision.
CREATE TABLE decisions (
    study         TEXT   NOT NULL,
    questionnaire TEXT   NOT NULL,
    number        BIGINT NOT NULL,
    question      TEXT   NOT NULL,
    from_number   BIGINT NOT NULL,
    kinds         TEXT   NOT NULL,
    decision      TEXT   NOT NULL CHECK (decision IN ('same', 'new', 'gone')),
    reason        TEXT   NOT NULL,
    stale         TEXT   NOT NULL,
    confirmed     TEXT   NOT NULL,
    automatic     BIGINT NOT NULL,
    account       TEXT   NOT NULL,
    at            BIGINT NOT NULL,
    PRIMARY KEY (study, questionnaire, number, question),
    FOREIGN KEY (study, questionnaire, number) REFERENCES versions (study, questionnaire, number)
);

-- The number of a choice in data files: once given never changed, never used again.
CREATE TABLE codes (
    study  TEXT   NOT NULL REFERENCES studies (study),
    list   TEXT   NOT NULL,
    choice TEXT   NOT NULL,
    code   BIGINT NOT NULL,
    PRIMARY KEY (study, list, choice),
    UNIQUE (study, list, code)
);

-- The root of the variable that a question of a version fills.
CREATE TABLE variables (
    study         TEXT   NOT NULL,
    questionnaire TEXT   NOT NULL,
    number        BIGINT NOT NULL,
    question      TEXT   NOT NULL,
    root          TEXT   NOT NULL,
    PRIMARY KEY (study, questionnaire, number, question),
    FOREIGN KEY (study, questionnaire, number) REFERENCES versions (study, questionnaire, number)
);

-- +goose Down
DROP TABLE variables;
DROP TABLE codes;
DROP TABLE decisions;
