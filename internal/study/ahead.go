package study

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Ahead gives what will be written into the ledger for a participant from now
// on if nothing more is heard of them: no answer, no refusal, no leaving. It is
// Due run ahead of time, with every invitation taken as handed over when it is
// written down, so what it says is what Due then gives. At is when a message is
// written down: later than planned where another one has just gone out. Where
// Asked is Perhaps, the message goes out only if the participant is asked.
//
// What counts from something that has not happened (a last interview, a
// submission) is not there yet. Messages are in the order of time.
func (s *Study) Ahead(m *Member, now time.Time) []Mailing {
	if s.Plan == nil {
		return nil
	}
	now = later(now, m.Paused)
	run := &ahead{s: s, m: m.copy()}
	for mailing := range s.Mailings(run.m, now) {
		if mailing.Lapsed == "" && run.m.Waves[mailing.Wave].in(mailing.Message.To) {
			run.open = append(run.open, mailing)
		}
	}
	for more := true; more; now, more = run.next(now) {
		run.write(now)
	}
	return run.done
}

// Outgoing gives all that is to go out to a participant from now on: what waits
// in the ledger and is still wanted, and what lies Ahead. At is no earlier than now.
func (s *Study) Outgoing(m *Member, now time.Time) []Mailing {
	var out []Mailing
	for wave, p := range m.Waves {
		for key := range p.Waiting {
			if mailing, ok := s.awaited(m, slotKey{wave, key}, now); ok {
				mailing.At = now
				out = append(out, mailing)
			}
		}
	}
	out = append(out, s.Ahead(m, now)...)
	slices.SortFunc(out, func(a, b Mailing) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Message.Key, b.Message.Key)) })
	return out
}

// ahead is a participant's messages while time runs ahead.
type ahead struct {
	s    *Study
	m    *Member   // a copy: what is written down is noted in it
	open []Mailing // not written down yet
	done []Mailing
}

// copy gives a participant whose progress may be changed.
func (m *Member) copy() *Member {
	c := *m
	c.Waves = maps.Clone(m.Waves)
	if c.Waves == nil {
		c.Waves = map[int]Progress{}
	}
	for number, p := range c.Waves {
		p.Written = maps.Clone(p.Written)
		c.Waves[number] = p
	}
	return &c
}

// write writes down what is due at a moment.
func (a *ahead) write(now time.Time) {
	for _, mailing := range a.s.ripest(a.m, a.open, now) {
		p := a.m.Waves[mailing.Wave]
		if p.Written == nil {
			p.Written = map[string]time.Time{}
		}
		p.Written[mailing.Message.Key] = now
		if mailing.Message.Kind == Invitation {
			p.Invited = now
		}
		a.m.Waves[mailing.Wave] = p
		mailing.At = now
		if mailing.Message.asks() {
			mailing.Ends = a.s.Ends(&a.s.Waves[mailing.Wave-1], a.m)
		}
		a.done = append(a.done, mailing)
	}
}

// next gives the next moment at which something may be due, and drops what
// never will be; more is false where there is nothing left.
func (a *ahead) next(now time.Time) (at time.Time, more bool) {
	left := a.open[:0]
	for _, mailing := range a.open {
		when, ok := a.nextOf(mailing, now)
		if !ok {
			continue
		}
		left = append(left, mailing)
		if at.IsZero() || when.Before(at) {
			at = when
		}
	}
	a.open = left
	return at, len(left) > 0
}

func (a *ahead) nextOf(mailing Mailing, now time.Time) (at time.Time, ok bool) {
	p := a.m.Waves[mailing.Wave]
	message := mailing.Message
	if _, there := p.Written[message.Key]; there {
		return at, false
	}
	if now.Before(mailing.At) {
		return mailing.At, true
	}
	if message.Kind != Invitation && now.Sub(mailing.At) > staleDays*24*time.Hour {
		return at, false
	}
	if message.asks() && !now.Before(a.s.Ends(&a.s.Waves[mailing.Wave-1], a.m)) {
		return at, false
	}
	try := func(t time.Time) {
		if t.After(now) && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	for _, written := range p.Written {
		try(written.Add(apart))
	}
	zone, free := a.s.zone(a.m), a.s.Plan.Holidays.free(a.m.Attributes)
	for _, days := range []int{0, 1} {
		if slot, found := message.slot(Span{Days: days}.After(now, zone), zone, free); found {
			try(slot)
		}
	}
	return at, !at.IsZero()
}
