-- What somebody who read an answer in a respondent's own words decided about it.

-- +goose Up
-- Rows are added and never changed: a release that was frozen is made anew with
-- what was decided then. question has the numbers of the instances in a repeat;
-- digest is a keyed one of the text that was read, so that an answer that was
-- changed since counts as unread; words is what leaves in its place.
CREATE TABLE redactions (
    interview TEXT   NOT NULL REFERENCES interviews (id),
    number    BIGINT NOT NULL,
    question  TEXT   NOT NULL,
    digest    TEXT   NOT NULL,
    decision  TEXT   NOT NULL CHECK (decision IN ('as_is', 'redacted', 'withheld')),
    words     TEXT   NOT NULL,
    account   TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (interview, number)
);

-- +goose Down
DROP TABLE redactions;
