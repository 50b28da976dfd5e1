// Package db opens, migrates and transacts on SQLite and on PostgreSQL. It is
// the one place that knows which engine it is: callers write one SQL text with
// $1 placeholders, and bind BIGINT, TEXT and BYTEA alone.
//
// Reading and writing are apart. Read gives one consistent snapshot and never
// waits for a writer. Write commits what waits together, one batch at a time
// (see write.go), and answers only after it is durable.
//
//	d, err := db.Open(ctx, "data/panel.db", migrations, "migrations")
//	err = d.Write(ctx, func(tx *sql.Tx) error { … })
//	err = d.Read(ctx, func(tx *sql.Tx) error { … })
package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Engine is a kind of database.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// readers is how many snapshots can be open at once.
const readers = 8

// ErrClosed is what Write answers once Close was called.
var ErrClosed = errors.New("the database is closed")

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine Engine
	writer *sql.DB // one connection, for whoever has the turn
	reader *sql.DB
	goose  func(*sql.DB) (*goose.Provider, error)
	commit func(*sql.Tx) error

	queue  chan *work
	turn   chan struct{} // holds one, taken by whoever uses the writer's connection
	mu     sync.RWMutex  // held for reading while a work is put into the queue
	closed bool
}

// Option changes how a database is opened.
type Option func(*DB)

// WithoutCommit makes Write undo its work at the end and answer all the same.
// Nothing is ever stored: it is what a benchmark measures the cost of
// durability against.
func WithoutCommit() Option {
	return func(d *DB) { d.commit = (*sql.Tx).Rollback }
}

// Open opens the database that dsn names and brings its tables up to date with
// the migrations in dir (goose's numbered .sql files; they may not seed rows).
// A dsn is "postgres://…", "sqlite:PATH" or a path. A SQLite file that is not
// there is made with mode 0600, its directory with 0700.
func Open(ctx context.Context, dsn string, migrations fs.FS, dir string, options ...Option) (*DB, error) {
	sub, err := fs.Sub(migrations, dir)
	if err != nil {
		return nil, err
	}
	d := &DB{commit: (*sql.Tx).Commit, queue: make(chan *work, batchSize), turn: make(chan struct{}, 1)}
	for _, o := range options {
		o(d)
	}
	writeDSN, readDSN := dsn, dsn
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		d.engine = Postgres
	} else {
		d.engine = SQLite
		if writeDSN, readDSN, err = prepareFile(strings.TrimPrefix(dsn, "sqlite:")); err != nil {
			return nil, err
		}
	}
	d.goose = func(on *sql.DB) (*goose.Provider, error) { return provider(d.engine, on, sub) }
	if err := d.connect(ctx, writeDSN, readDSN); err != nil {
		return nil, errors.Join(err, d.closePools())
	}
	d.turn <- struct{}{}
	return d, nil
}

func (d *DB) connect(ctx context.Context, writeDSN, readDSN string) error {
	var err error
	if d.writer, err = d.pool(writeDSN, 1); err != nil {
		return err
	}
	p, err := d.goose(d.writer)
	if err != nil {
		return err
	}
	if _, err = p.Up(ctx); err != nil {
		return fmt.Errorf("the tables could not be brought up to date: %w", storage(err))
	}
	if d.reader, err = d.pool(readDSN, readers); err != nil {
		return err
	}
	return d.reader.PingContext(ctx)
}

// pool opens the connections to the engine, so many at most, which stay open.
func (d *DB) pool(dsn string, connections int) (*sql.DB, error) {
	var (
		p   *sql.DB
		err error
	)
	if d.engine == Postgres {
		p, err = sql.Open("pgx", dsn)
	} else {
		var connector driver.Connector
		if connector, err = newSQLiteConnector(dsn); err == nil {
			p = sql.OpenDB(connector)
		}
	}
	if err != nil {
		return nil, err
	}
	p.SetMaxOpenConns(connections)
	p.SetMaxIdleConns(connections)
	return p, nil
}

func provider(engine Engine, on *sql.DB, migrations fs.FS) (*goose.Provider, error) {
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if engine == SQLite {
		return goose.NewProvider(goose.DialectSQLite3, on, migrations, options...)
	}
	// Several servers may start on one PostgreSQL at the same moment.
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, on, migrations, append(options, goose.WithSessionLocker(locker))...)
}

// prepareFile makes the file where there is none, so that it never exists with
// a wider mode than 0600 (SQLite gives -wal and -shm the same), and gives the
// addresses for the writer and for readers.
func prepareFile(path string) (write, read string, err error) {
	if path == "" || strings.Contains(path, ":memory:") {
		return "", "", fmt.Errorf("%q is not a file: answers are never kept in memory alone", path)
	}
	if path, err = filepath.Abs(path); err != nil {
		return "", "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", "", storage(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", "", storage(err)
	}
	if err := f.Close(); err != nil {
		return "", "", err
	}
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // a drive letter
	}
	base := "file://" + (&url.URL{Path: slashed}).EscapedPath() +
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)"
	// secure_delete: what was erased is overwritten, not only unlinked.
	return base + "&_pragma=secure_delete(1)&_txlock=immediate", base + "&_pragma=query_only(1)&_txlock=deferred", nil
}

// Engine tells which engine it is. It is for reports: code that depends on it
// belongs into this package.
func (d *DB) Engine() Engine { return d.engine }

// Read runs the reading in one consistent snapshot, which ends with it. A
// write in it fails. On PostgreSQL the rows of one query must be closed before
// the next query of the same snapshot.
func (d *DB) Read(ctx context.Context, do func(*sql.Tx) error) error {
	options := &sql.TxOptions{ReadOnly: true}
	if d.engine == Postgres {
		options.Isolation = sql.LevelRepeatableRead
	}
	tx, err := d.reader.BeginTx(ctx, options)
	if err != nil {
		return err
	}
	defer tx.Rollback() // a snapshot has nothing to undo
	return do(tx)
}

// Reader gives the readers' connections, for a single statement that needs no
// snapshot. A write through it fails on SQLite.
func (d *DB) Reader() *sql.DB { return d.reader }

// Peek reads what is there now by single statements, without a snapshot
// around them. It is for looks of microseconds: on SQLite, where nobody writes
// at the moment, it has the writer's connection, whose pages stay in memory,
// while a reader's are read from the file again after every write. It must not
// call Write or Peek.
func (d *DB) Peek(do func(Peeker) error) error {
	if d.engine == SQLite {
		select {
		case <-d.turn:
			defer d.pass()
			return do(d.writer)
		default:
		}
	}
	return do(d.reader)
}

// Peeker runs statements that read.
type Peeker interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Close lets the works that wait finish, and closes the database.
func (d *DB) Close() error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return nil
	}
	d.closed = true
	d.mu.Unlock()
	<-d.turn // for good
	for batch := d.gather(); len(batch) > 0; batch = d.gather() {
		d.runBatch(batch)
	}
	return d.closePools()
}

func (d *DB) closePools() error {
	var errs []error
	for _, pool := range []*sql.DB{d.reader, d.writer} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	return errors.Join(errs...)
}
