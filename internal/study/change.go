package study

import (
	"maps"
	"slices"
	"time"
)

// Fate is what becomes of one message to one participant when a study's plan
// or its waves change.
type Fate string

// The fates.
const (
	Sent   Fate = "sent"   // handed over, or beyond recall: nothing changes
	Stays  Fate = "stays"  // goes out when it would have
	Falls  Fate = "falls"  // is no longer sent
	Comes  Fate = "comes"  // would not have been sent
	Moves  Fate = "moves"  // goes out at another time
	Alters Fate = "alters" // goes out at its time by another way or with another text
)

// Change is the fate of one message to one participant.
type Change struct {
	PID     string
	Wave    int
	Key     string // of the message
	Fate    Fate
	Was, Is Mailing // the zero Mailing where there is none; of what is Sent neither
	Waits   bool    // the ledger holds it, and it has not been handed over
	// TakenBack says that it has to be withdrawn from the ledger: it falls away,
	// or is written down again when its time comes.
	TakenBack bool
}

// Changes tells what becomes of every message to a participant when before
// becomes after at a moment, as far as can be known now. What waits in the
// ledger is taken back where after does not want it by now: it falls away or
// is written down again at its new time.
func Changes(before, after *Study, m *Member, now time.Time) []Change {
	var out []Change
	was, is := map[slotKey]Mailing{}, map[slotKey]Mailing{}
	free, taken := m.copy(), map[slotKey]bool{} // free is without what is taken back
	for wave, p := range m.Waves {
		for key := range p.Written {
			planned, waits := p.Waiting[key]
			if !waits {
				out = append(out, Change{PID: m.PID, Wave: wave, Key: key, Fate: Sent})
				continue
			}
			at := slotKey{wave, key}
			if mailing, ok := before.awaited(m, at, now); ok {
				mailing.At = planned
				was[at] = mailing
			}
			if mailing, ok := after.awaited(m, at, now); ok && !now.Before(mailing.At) {
				mailing.At = planned
				is[at] = mailing
				continue
			}
			taken[at] = true
			delete(free.Waves[wave].Written, key)
		}
	}
	for _, mailing := range before.Ahead(m, now) {
		was[slotKey{mailing.Wave, mailing.Message.Key}] = mailing
	}
	for _, mailing := range after.Ahead(free, now) {
		is[slotKey{mailing.Wave, mailing.Message.Key}] = mailing
	}
	both := maps.Clone(was)
	maps.Copy(both, is)
	for at := range both {
		c := Change{PID: m.PID, Wave: at.wave, Key: at.key, Was: was[at], Is: is[at], TakenBack: taken[at]}
		_, c.Waits = m.Waves[at.wave].Waiting[at.key]
		c.Fate = fate(c.Was, c.Is)
		out = append(out, c)
	}
	slices.SortFunc(out, Change.compare)
	return out
}

// slotKey names a message of a participant.
type slotKey struct {
	wave int
	key  string
}

// awaited gives a message that the ledger holds as the plan has it, where it
// is still to be sent.
func (s *Study) awaited(m *Member, at slotKey, now time.Time) (Mailing, bool) {
	if !s.Wants(m, at.wave, at.key, now) {
		return Mailing{}, false
	}
	mailing, ok := s.mailing(&s.Waves[at.wave-1], m, s.Plan.Message(at.key))
	mailing.Asked = Yes
	return mailing, ok && mailing.Lapsed == ""
}

func fate(was, is Mailing) Fate {
	switch {
	case is.Message == nil:
		return Falls
	case was.Message == nil:
		return Comes
	case !was.At.Equal(is.At):
		return Moves
	case was.Channel != is.Channel || was.Message.Template != is.Message.Template:
		return Alters
	}
	return Stays
}

func (c Change) compare(d Change) int {
	if c.Wave != d.Wave {
		return c.Wave - d.Wave
	}
	if n := c.at().Compare(d.at()); n != 0 {
		return n
	}
	if c.Key < d.Key {
		return -1
	}
	return 1
}

// at gives when the message goes out, or would have.
func (c Change) at() time.Time {
	if c.Is.Message != nil {
		return c.Is.At
	}
	return c.Was.At
}
