package db

import (
	"errors"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"panelverk/internal/fault"
)

// errFull is the sentence for a disk that takes no more.
var errFull = fault.New(fault.Full, "storage_full", "The server's disk is full or cannot be written. Nothing was saved. Please try again later.")

// IsUnique tells whether err says that a row with this key is there already.
func IsUnique(err error) bool {
	switch sqliteCode(err) {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY:
		return true
	}
	return postgresCode(err) == "23505" // unique_violation
}

// IsForeignKey tells whether err says that a row points at one that is not
// there, or that one that is pointed at was to be removed.
func IsForeignKey(err error) bool {
	return sqliteCode(err) == lib.SQLITE_CONSTRAINT_FOREIGNKEY || postgresCode(err) == "23503"
}

// isRetryable tells whether the same work may succeed when it is run again:
// serialization_failure and deadlock_detected.
// https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html
func isRetryable(err error) bool {
	code := postgresCode(err)
	return code == "40001" || code == "40P01"
}

// storage gives err as the fault of a disk that is full or cannot be written
// where it is one, and as it is where not.
func storage(err error) error {
	if err == nil || !isFull(err) {
		return err
	}
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	return errFull.Because(err)
}

func isFull(err error) bool {
	switch code := sqliteCode(err); code & 0xff { // the low byte is the primary code
	case lib.SQLITE_FULL, lib.SQLITE_READONLY:
		return true
	case lib.SQLITE_IOERR:
		switch code {
		case lib.SQLITE_IOERR_WRITE, lib.SQLITE_IOERR_FSYNC, lib.SQLITE_IOERR_DIR_FSYNC,
			lib.SQLITE_IOERR_TRUNCATE, lib.SQLITE_IOERR_SHMSIZE:
			return true
		}
	}
	switch postgresCode(err) {
	case "53100", "25006": // disk_full, read_only_sql_transaction
		return true
	}
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EROFS)
}

func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

func postgresCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
