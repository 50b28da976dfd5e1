package mail

import "time"

// GiveUp is how long a message is tried, counted from its first attempt: what
// mail servers do themselves (RFC 5321 section 4.5.4.1 says four to five days).
const GiveUp = 5 * 24 * time.Hour

// pauses are the waits after the first attempts. Those who put off unknown
// senders want to see them again after five to thirty minutes.
var pauses = []time.Duration{5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour}

// longPause is the wait after all others.
const longPause = 4 * time.Hour

// Backoff says when to try again after tries attempts (from 1), the first of
// them at first; false when it is over: the message would come later than
// GiveUp, or not before end, when it has lost its sense (the wave closes). A
// zero end is none.
func Backoff(tries int, first, now, end time.Time) (time.Time, bool) {
	pause := longPause
	if tries >= 1 && tries <= len(pauses) {
		pause = pauses[tries-1]
	}
	next := now.Add(pause)
	if next.Sub(first) > GiveUp || !end.IsZero() && !next.Before(end) {
		return time.Time{}, false
	}
	return next, true
}
