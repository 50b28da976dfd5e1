package study

import "time"

// Next gives the first moment after now at which Due has something new for a
// participant if nothing else happens until then; zero where it never will. A
// worker may sleep until then.
func (s *Study) Next(m *Member, now time.Time) time.Time {
	var next time.Time
	for mailing := range s.Mailings(m, now) {
		if mailing.Lapsed != "" || !m.Waves[mailing.Wave].in(mailing.Message.To) {
			continue
		}
		at := mailing.At
		if !at.After(now) {
			at = s.ripens(m, mailing, now)
		}
		if at.After(now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// ripens gives when a message is due whose time has passed and that had to
// wait, to the hour; zero where it no longer will be.
func (s *Study) ripens(m *Member, mailing Mailing, now time.Time) time.Time {
	if _, there := m.Waves[mailing.Wave].Written[mailing.Message.Key]; there {
		return time.Time{}
	}
	for hours := 1; hours <= (staleDays+1)*24; hours++ {
		if at := now.Add(time.Duration(hours) * time.Hour); s.ripe(m, mailing, at) {
			return at
		}
	}
	return time.Time{}
}
