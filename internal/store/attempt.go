package store

import "time"

// Attempts is how often something was tried.
type Attempts struct {
	Count int
	Since time.Time // the first one that counts
	Rest  time.Time // until then it is not tried, zero for no rest
}

func scanAttempts(row scanner) (Attempts, error) {
	var (
		a           Attempts
		since, rest int64
	)
	err := row.Scan(&a.Count, &since, &rest)
	a.Since, a.Rest = moment(since), moment(rest)
	return a, err
}

// TakeAttempt counts one attempt at what, unless it rests, and gives the count
// with it. pid is whose it is, "" for nobody's. Where the one before is longer
// ago than forget, the count begins anew. Two at once follow one another.
func (tx *Tx) TakeAttempt(what, pid string, now time.Time, forget time.Duration) (Attempts, error) {
	// The row itself is asked for its rest: it is there from the first attempt on.
	return one(tx, missing("attempt"), scanAttempts, `INSERT INTO attempts (what, pid, count, since_at, last_at, rest_until)
		VALUES ($1, $2, 1, $3, $3, 0)
		ON CONFLICT (what) DO UPDATE SET
			count = CASE WHEN attempts.rest_until > $3 THEN attempts.count WHEN attempts.last_at <= $4 THEN 1 ELSE attempts.count + 1 END,
			since_at = CASE WHEN attempts.rest_until > $3 OR attempts.last_at > $4 THEN attempts.since_at ELSE $3 END,
			last_at = CASE WHEN attempts.rest_until > $3 THEN attempts.last_at ELSE $3 END
		RETURNING count, since_at, rest_until`, what, pid, millis(now), millis(now.Add(-forget)))
}

// RestAttempts lets something rest until a moment.
func (tx *Tx) RestAttempts(what string, until time.Time) error {
	_, err := tx.exec(`UPDATE attempts SET rest_until = $2 WHERE what = $1`, what, millis(until))
	return err
}

// GiveBackAttempt takes one attempt back, with the rest that came of it: it was
// right.
func (tx *Tx) GiveBackAttempt(what string) error {
	_, err := tx.exec(`UPDATE attempts SET count = count - 1, rest_until = 0 WHERE what = $1 AND count > 0`, what)
	return err
}

// ForgetAttempts removes what nobody in particular tried last before a moment.
func (tx *Tx) ForgetAttempts(before time.Time) error {
	_, err := tx.exec(`DELETE FROM attempts WHERE pid = '' AND last_at < $1 AND rest_until < $1`, millis(before))
	return err
}
