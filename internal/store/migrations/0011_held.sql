-- A study whose messages are held sends nothing: nothing is written down for it
-- and nothing is handed over. 0: it sends.

-- +goose Up
ALTER TABLE studies ADD COLUMN held_at BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE studies DROP COLUMN held_at;
