package study

import "time"

// Selects tells whether the plan says of any wave who is asked in it.
func (s *Study) Selects() bool {
	for i := range s.Waves {
		if s.rules(&s.Waves[i]).Eligible.selects() {
			return true
		}
	}
	return false
}

// selects tells whether anybody could be left out.
func (e Eligible) selects() bool { return len(e.Cohorts) > 0 || e.Before || e.Where != nil }

// Fielded tells whether a wave is, or will be, fielded to a participant who is
// in the panel by then. Who is not asked by the plan's rules has no invitation
// to the wave and no outcome, and is in none of its rates. To whom an invitation
// was handed over, and who has begun, was asked, whatever the plan says since;
// what is not settled yet counts as asked.
func (s *Study) Fielded(w *Wave, m *Member, now time.Time) bool {
	p := m.Waves[w.Number]
	return p.Touched() || s.Eligible(w, m, now) != No
}

// Touched tells whether the wave has come to the participant: invited, or begun.
func (p Progress) Touched() bool {
	return !p.Invited.IsZero() || !p.Begun.IsZero() || !p.Last.IsZero() || !p.Submitted.IsZero()
}
