package fieldwork

import (
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/store"
)

// limit says how often something may be tried. It is kept in the database: it
// holds over all servers, and a restart forgets nothing.
type limit struct {
	free    int           // tries before the first rest
	forget  time.Duration // after so long without a try the count begins anew
	rest    time.Duration // the first rest; each further try doubles it
	longest time.Duration // and none is longer
}

// The limits.
var (
	// Wrong numbers of one person: about seventeen in the first two months, of
	// almost ten thousand that there are.
	pinLimit = limit{free: 5, forget: 90 * 24 * time.Hour, rest: 15 * time.Minute, longest: 30 * 24 * time.Hour}
	// Numbers chosen for one person: each could be a guess at one that is there.
	choiceLimit = limit{free: 10, forget: 2 * 365 * 24 * time.Hour, rest: 24 * time.Hour, longest: 30 * 24 * time.Hour}
	// Codes asked for by one person's links.
	codeLimit = limit{free: 5, forget: 24 * time.Hour, rest: 24 * time.Hour, longest: 24 * time.Hour}
	// New links asked for with one address, and in all.
	renewLimit    = limit{free: 3, forget: 6 * time.Hour, rest: 6 * time.Hour, longest: 6 * time.Hour}
	renewAllLimit = limit{free: 200, forget: time.Minute, rest: 10 * time.Minute, longest: time.Hour}
)

// studyLimit is that of wrong numbers in a study of so many who have one.
func studyLimit(people int) limit {
	return limit{free: 30 + people/10, forget: 24 * time.Hour, rest: time.Hour, longest: 24 * time.Hour}
}

var errProofRests = fault.New(fault.TooMany, "proof_rests", "Too many tries. Wait a while; you can go on answering meanwhile.")

// take counts a try at what, and gives refusal where it is one too many for now.
// pid is whose it is, "" for nobody's.
func (l limit) take(tx *store.Tx, what, pid string, now time.Time, refusal *fault.Error) error {
	a, err := tx.TakeAttempt(what, pid, now, l.forget)
	if err != nil {
		return err
	}
	if now.Before(a.Rest) {
		return refusal
	}
	if a.Count < l.free {
		return nil
	}
	rest := l.rest
	for n := l.free; n < a.Count && rest < l.longest; n++ {
		rest *= 2
	}
	return tx.RestAttempts(what, now.Add(min(rest, l.longest)))
}
