-- The feed of a study's field periods has an address that cannot be guessed: it
-- is derived from this number, which is another one after each renewal. 0: the
-- study has no feed.

-- +goose Up
ALTER TABLE studies ADD COLUMN calendar BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE studies DROP COLUMN calendar;
