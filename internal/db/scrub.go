package db

import (
	"context"
	"errors"
	"fmt"
)

// Scrub makes sure that no deleted row can be read in the files of a SQLite
// database: it writes the database anew from its rows and empties the
// write-ahead log. Deleting overwrites the row itself (secure_delete), yet
// pages that were split or joined before may hold copies of it in their unused
// middle. done is false where somebody is still reading as of a moment before:
// their snapshot keeps the log, and Scrub is to be tried again.
//
// On PostgreSQL it does nothing: dead rows are removed by vacuum, and the log
// is recycled, when the server sees fit: README.md says what to do about it.
func (d *DB) Scrub(ctx context.Context) (done bool, err error) {
	if d.engine != SQLite {
		return true, nil
	}
	conn, err := d.writer.Conn(ctx) // waits for the batch that is being written
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "VACUUM"); err != nil {
		return false, storage(fmt.Errorf("writing the database anew: %w", err))
	}
	// Writers queue up behind this: rather than wait for readers, come back.
	if _, err := conn.ExecContext(ctx, "PRAGMA busy_timeout = 200"); err != nil {
		return false, err
	}
	var busy, log, moved int
	err = conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &moved)
	_, restored := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA busy_timeout = 5000")
	return err == nil && busy == 0, errors.Join(err, restored)
}
