package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// Group commit. A commit costs an fsync, some milliseconds, however much it
// holds. So works queue up while the one before is being committed, and the
// next transaction takes all that wait:
//
//	BEGIN · SAVEPOINT work 1 RELEASE · SAVEPOINT work 2 ROLLBACK TO · … · COMMIT
//	                                                                      └ then every answer
//
// A work that fails is undone to its savepoint and fails alone. Where the
// whole transaction was lost (SQLite undoes all of it when the disk is full,
// PostgreSQL when two servers got in each other's way) those that had not
// failed run again, each in a transaction of its own.
//
// One of those who wait does it for all: whoever gets the turn runs one batch
// and passes the turn on. So a caller who is alone runs its work itself, without
// being woken up for the answer.

const (
	batchSize = 256 // works in one transaction at most
	attempts  = 12  // of a work that other servers get in the way of
)

// work is one closure on its way into the database.
type work struct {
	do    func(*sql.Tx) error
	done  chan error // gets the answer; holds one, so that nobody waits to give it
	state atomic.Int32
	err   error
	again bool // run it alone: what it did was undone by no fault of its own
}

const (
	waiting int32 = iota
	begun
	withdrawn
)

// Write runs the work in a transaction and returns after it is durable: nil
// means that it will be there after a power cut. Works are run one at a time.
//
// The work may be run more than once, each time on a clean slate: it sets
// variables, it does not add to them. It must not call Write or Read itself,
// nor end its goroutine (t.FailNow does). A panic becomes its error. When ctx
// ends before the work has begun it is withdrawn and never run; after that the
// answer is waited for. A disk that is full or cannot be written gives a
// fault.Full error; then nothing of the work was stored.
func (d *DB) Write(ctx context.Context, do func(*sql.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &work{do: do, done: make(chan error, 1)}
	if err := d.enqueue(ctx, w); err != nil {
		return err
	}
	ended := ctx.Done()
	for {
		select {
		case err := <-w.done:
			return storage(err)
		case <-d.turn:
			d.runBatch(d.gather())
			d.pass()
		case <-ended:
			if w.state.CompareAndSwap(waiting, withdrawn) {
				return ctx.Err()
			}
			ended = nil
		}
	}
}

// pass lets the next one of those who wait have the turn.
func (d *DB) pass() { d.turn <- struct{}{} }

func (d *DB) enqueue(ctx context.Context, w *work) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return ErrClosed
	}
	select {
	case d.queue <- w:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gather takes what waits, into one batch. Those who were just answered get
// the processor first, for they are about to hand in their next work: without
// that the batches stay small (6 of 64 clients, instead of 30).
func (d *DB) gather() []*work {
	runtime.Gosched()
	var batch []*work
	for len(batch) < batchSize {
		select {
		case w := <-d.queue:
			batch = append(batch, w)
		default:
			return batch
		}
	}
	return batch
}

// runBatch runs the works that were not withdrawn and answers each of them.
func (d *DB) runBatch(batch []*work) {
	var live []*work
	for _, w := range batch {
		if w.state.CompareAndSwap(waiting, begun) {
			live = append(live, w)
		}
	}
	if len(live) == 0 {
		return
	}
	d.transact(live)
	for _, w := range live {
		for try := 1; w.again; try++ {
			if try > 1 {
				time.Sleep(time.Duration(rand.IntN(1<<min(try, 6))) * time.Millisecond) //nolint:gosec // chance keeps servers out of step, nothing is hidden by it
			}
			w.again = false
			d.transact([]*work{w})
			if try >= attempts {
				break
			}
		}
		w.done <- w.err
	}
}

// transact runs the works in one transaction and sets err and again of each.
func (d *DB) transact(works []*work) {
	ctx := context.Background() // others' works are in it: no caller's end may end it
	tx, err := d.writer.BeginTx(ctx, d.writeOptions())
	if err != nil {
		settle(works, err)
		return
	}
	for i, w := range works {
		lost := d.step(tx, w, len(works) > 1)
		if !lost {
			continue
		}
		_ = tx.Rollback() // it is gone already; this frees the connection
		for j, other := range works {
			if j > i || j < i && other.err == nil {
				other.again = true
			}
		}
		return
	}
	if len(works) == 1 && works[0].err != nil {
		_ = tx.Rollback()
		return
	}
	if err := d.commit(tx); err != nil {
		_ = tx.Rollback()
		settle(works, err)
	}
}

func (d *DB) writeOptions() *sql.TxOptions {
	if d.engine == Postgres {
		// As on SQLite, what a work has read does not change under it; what
		// another server changed meanwhile fails with 40001 and is run again.
		return &sql.TxOptions{Isolation: sql.LevelRepeatableRead}
	}
	return nil
}

// settle gives the error of a whole transaction to all works that have none.
func settle(works []*work, err error) {
	for _, w := range works {
		if w.err == nil || w.again {
			w.err, w.again = err, isRetryable(err)
		}
	}
}

// step runs one work, in a savepoint where there are several. It tells whether
// the transaction was lost.
func (d *DB) step(tx *sql.Tx, w *work, several bool) (lost bool) {
	if several {
		if _, err := tx.Exec("SAVEPOINT work"); err != nil {
			w.err, w.again = err, true
			return true
		}
	}
	w.err = call(w.do, tx)
	w.again = isRetryable(w.err)
	if !several {
		return false
	}
	if w.err == nil {
		if _, err := tx.Exec("RELEASE SAVEPOINT work"); err != nil {
			// The work kept an error to itself; alone, the commit will tell it.
			w.err, w.again = err, true
			return true
		}
		return false
	}
	_, err := tx.Exec("ROLLBACK TO SAVEPOINT work; RELEASE SAVEPOINT work")
	return err != nil
}

// call runs the work; a panic becomes its error.
func call(do func(*sql.Tx) error, tx *sql.Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a write panicked: %v\n%s", p, debug.Stack())
			if cause, ok := p.(error); ok {
				err = errors.Join(err, cause)
			}
		}
	}()
	return do(tx)
}
