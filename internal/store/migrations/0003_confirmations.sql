-- Who has looked at words that stayed while another language changed.

-- +goose Up
-- The words of a question in a language, as the version of the number has them,
-- were looked at and are kept. What was ticked when a version was published stands
-- with the decision; this is what was confirmed afterwards.
CREATE TABLE confirmations (
    study         TEXT   NOT NULL,
    questionnaire TEXT   NOT NULL,
    number        BIGINT NOT NULL,
    question      TEXT   NOT NULL,
    language      TEXT   NOT NULL,
    account       TEXT   NOT NULL,
    at            BIGINT NOT NULL,
    PRIMARY KEY (study, questionnaire, number, question, language),
    FOREIGN KEY (study, questionnaire, number) REFERENCES versions (study, questionnaire, number)
);

-- +goose Down
DROP TABLE confirmations;
