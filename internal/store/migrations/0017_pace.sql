-- The pace of others is worked out of the interviews that were sent in last.

-- +goose Up
CREATE INDEX interviews_by_submission ON interviews (study, questionnaire, version, submitted_at);

-- +goose Down
DROP INDEX interviews_by_submission;
