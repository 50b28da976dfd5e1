package store

import "time"

// NextTry gives the first moment after now at which a message of a study that
// waits is to be tried, or a worker's lease ends; zero for none. Paper waits for
// people and not for a time.
func (tx *Tx) NextTry(study string, now time.Time) (time.Time, error) {
	ms, err := list(tx, func(row scanner) (ms int64, err error) { return ms, row.Scan(&ms) },
		`SELECT COALESCE(MIN(CASE WHEN state = 'claimed' THEN claimed_until ELSE next_at END), 0) FROM messages
		WHERE study = $1 AND state IN ('due', 'deferred', 'claimed') AND channel <> 'paper'
			AND CASE WHEN state = 'claimed' THEN claimed_until ELSE next_at END > $2`, study, millis(now))
	if err != nil {
		return time.Time{}, err
	}
	return moment(ms[0]), nil
}
