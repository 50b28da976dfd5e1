package db

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"

	"modernc.org/sqlite"
)

// Parsing a statement costs SQLite more than running it does, for rows as
// small as ours. pgx keeps the statements of a connection prepared by itself;
// for SQLite this file does, so that callers on both engines hand in text.

// idleStatements is how many prepared statements a connection keeps.
const idleStatements = 128

// cachingConnector opens SQLite connections that keep their statements.
type cachingConnector struct{ driver.Connector }

func newSQLiteConnector(dsn string) (driver.Connector, error) {
	base, err := sqlite.NewConnector(dsn)
	return cachingConnector{base}, err
}

// Connect opens a connection.
func (c cachingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := opened.(sqliteConn)
	if !ok {
		return nil, fmt.Errorf("the SQLite driver's %T lacks a method", opened)
	}
	return &cachingConn{sqliteConn: conn, idle: map[string]driver.Stmt{}}, nil
}

// sqliteConn is what database/sql may ask of a connection of the driver.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// cachingConn is used by one goroutine at a time: database/sql sees to that.
type cachingConn struct {
	sqliteConn
	idle map[string]driver.Stmt // by text; a statement in use is not in it
}

// cacheable tells whether a text is one statement of the kind that comes again
// and again. Pragmas are not: some take effect while they are prepared.
func cacheable(query string) bool {
	end := strings.IndexAny(query, " \t\n")
	if end < 0 {
		return false
	}
	switch query[:end] {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "SAVEPOINT", "RELEASE":
		return true
	}
	return false
}

func (c *cachingConn) take(ctx context.Context, query string) (driver.Stmt, error) {
	if stmt, ok := c.idle[query]; ok {
		delete(c.idle, query)
		return stmt, nil
	}
	return c.PrepareContext(ctx, query)
}

// give puts a statement back that is reset, in place of any other where there
// is no room.
func (c *cachingConn) give(query string, stmt driver.Stmt) error {
	if _, twice := c.idle[query]; twice {
		return stmt.Close()
	}
	if len(c.idle) >= idleStatements {
		for text, other := range c.idle {
			delete(c.idle, text)
			if err := other.Close(); err != nil {
				return err
			}
			break
		}
	}
	c.idle[query] = stmt
	return nil
}

// ExecContext runs a statement without rows.
func (c *cachingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if !cacheable(query) {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	stmt, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	if err != nil {
		_ = stmt.Close() // repeats the error
		return nil, err
	}
	return result, c.give(query, stmt)
}

// QueryContext runs a statement with rows; it is put back when they are closed.
func (c *cachingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if !cacheable(query) {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	stmt, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		_ = stmt.Close() // repeats the error
		return nil, err
	}
	return &cachedRows{Rows: rows, conn: c, query: query, stmt: stmt}, nil
}

// Close closes the statements and the connection.
func (c *cachingConn) Close() error {
	for _, stmt := range c.idle {
		_ = stmt.Close() // the connection's end frees it anyway
	}
	clear(c.idle)
	return c.sqliteConn.Close()
}

type cachedRows struct {
	driver.Rows
	conn  *cachingConn
	query string
	stmt  driver.Stmt
}

// Close ends the rows. A second call does nothing.
func (r *cachedRows) Close() error {
	if r.stmt == nil {
		return nil
	}
	stmt := r.stmt
	r.stmt = nil
	if err := r.Rows.Close(); err != nil {
		_ = stmt.Close()
		return err
	}
	return r.conn.give(r.query, stmt)
}
