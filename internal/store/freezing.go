package store

import (
	"time"

	"panelverk/internal/fault"
)

// Freezing is how far a release has come that was approved, and why it went no
// further.
type Freezing struct {
	Step        string // what is being done, "" before anybody has begun
	Done, Total int    // of the step
	Failure     string // a code: it is made no more, and waits for a decision again
}

// ErrFreezingLost says that another worker makes the release by now, or nobody any
// more: what was made of it is thrown away.
var ErrFreezingLost = fault.New(fault.Conflict, "release_elsewhere", "Another server makes this release.")

// BeginFreezing stores the decision to freeze a request, and puts it among those
// that are to be made. It fails with NotFound where there is none that waits.
func (tx *Tx) BeginFreezing(r Release) error {
	if err := tx.change(missing("release"), `UPDATE releases SET decided_by = $3, decided_at = $4, reason = $5, report = $6, definition = $7
		WHERE study = $1 AND number = $2 AND state = 'requested'`,
		r.Study, r.Number, r.DecidedBy, millis(r.DecidedAt), r.Reason, r.Report, r.Definition); err != nil {
		return err
	}
	return tx.change(missing("release"), `INSERT INTO freezings (study, number, worker, lease, tries, step, done, total, failure)
		VALUES ($1, $2, '', 0, 0, '', 0, 0, '')
		ON CONFLICT (study, number) DO UPDATE SET worker = '', lease = 0, tries = 0, step = '', done = 0, total = 0, failure = ''
			WHERE freezings.failure <> ''`, r.Study, r.Number)
}

// FreezingsWait tells whether there may be a release for ClaimFreezing to give.
func (tx *Tx) FreezingsWait(now time.Time) (bool, error) {
	n, err := tx.count(`SELECT COUNT(*) FROM freezings WHERE failure = '' AND lease <= $1`, millis(now))
	return n > 0, err
}

// ClaimFreezing gives a worker the release that was decided first of those nobody
// holds, until a time; ok is false where there is none. In one study only one is made
// at a time, in the order of the decisions: each is held against those before it.
// tries tells how often it was begun, this time included.
func (tx *Tx) ClaimFreezing(worker string, now, until time.Time) (r Release, tries int, ok bool, err error) {
	free, err := list(tx, scanRelease, `SELECT `+releaseColumns+` FROM `+releaseTables+` WHERE f.failure = '' AND f.lease <= $1
		AND NOT EXISTS (SELECT 1 FROM freezings g JOIN releases o ON o.study = g.study AND o.number = g.number
			WHERE g.study = r.study AND g.failure = '' AND (o.decided_at < r.decided_at OR o.decided_at = r.decided_at AND o.number < r.number))
		ORDER BY r.decided_at, r.study, r.number LIMIT 1`, millis(now))
	if err != nil || len(free) == 0 {
		return Release{}, 0, false, err
	}
	r = free[0]
	n, err := tx.exec(`UPDATE freezings SET worker = $3, lease = $4, tries = tries + 1, step = '', done = 0, total = 0
		WHERE study = $1 AND number = $2 AND failure = '' AND lease <= $5`, r.Study, r.Number, worker, millis(until), millis(now))
	if err != nil || n == 0 {
		return Release{}, 0, false, err
	}
	tries, err = tx.count(`SELECT tries FROM freezings WHERE study = $1 AND number = $2`, r.Study, r.Number)
	return r, tries, true, err
}

// KeepFreezing notes how far a worker's release has come and holds it until a time.
// It fails with ErrFreezingLost where the worker has it no longer.
func (tx *Tx) KeepFreezing(r Release, worker string, at Freezing, until time.Time) error {
	return tx.change(ErrFreezingLost, `UPDATE freezings SET step = $4, done = $5, total = $6, lease = $7
		WHERE study = $1 AND number = $2 AND worker = $3 AND failure = ''`, r.Study, r.Number, worker, at.Step, at.Done, at.Total, millis(until))
}

// LeaveFreezing lets go of a worker's release, for another to take it up at once. The
// try does not count.
func (tx *Tx) LeaveFreezing(r Release, worker string) error {
	return tx.change(ErrFreezingLost, `UPDATE freezings SET worker = '', lease = 0, tries = tries - 1
		WHERE study = $1 AND number = $2 AND worker = $3 AND failure = ''`, r.Study, r.Number, worker)
}

// EndFreezing takes a worker's release from among those that are to be made: what
// became of it is stored in the same transaction.
func (tx *Tx) EndFreezing(r Release, worker string) error {
	return tx.change(ErrFreezingLost, `DELETE FROM freezings WHERE study = $1 AND number = $2 AND worker = $3 AND failure = ''`, r.Study, r.Number, worker)
}

// FailFreezing notes why a worker's release is not made. It waits for a decision again.
func (tx *Tx) FailFreezing(r Release, worker, failure string) error {
	if err := tx.change(ErrFreezingLost, `UPDATE freezings SET failure = $4, worker = '', lease = 0
		WHERE study = $1 AND number = $2 AND worker = $3 AND failure = ''`, r.Study, r.Number, worker, failure); err != nil {
		return err
	}
	_, err := tx.exec(`UPDATE releases SET decided_by = '', decided_at = 0, reason = '', report = '', definition = '' WHERE study = $1 AND number = $2`, r.Study, r.Number)
	return err
}
