package rehearsal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"panelverk/internal/fieldwork"
	"panelverk/internal/panel"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// forecast is what the calendar said before each wave, to be held against what
// happened.
type forecast struct {
	stage *stage
	said  map[mailing]fieldwork.Planned
}

// mailing names a message to somebody.
type mailing struct {
	label string
	wave  int
	key   string
}

func newForecast(s *stage) *forecast {
	return &forecast{stage: s, said: map[mailing]fieldwork.Planned{}}
}

// take asks the calendar for a wave; what it said before stays.
func (f *forecast) take(ctx context.Context, wave int) error {
	s := f.stage
	return s.Field.EachPlanned(ctx, s.Clock.Now(), s.Actor, s.Study, fieldwork.Selection{Wave: wave}, func(_ *study.Study, p fieldwork.Planned) error {
		if m := (mailing{p.Label, p.Wave, p.Message}); f.said[m].Label == "" {
			f.said[m] = p
		}
		return nil
	})
}

// account reads the ledger for the report, and compares it with what the
// calendar said.
func (p *post) account(ctx context.Context) error {
	s, now := p.stage, p.stage.Until
	lines := map[mailing]*Sent{} // without label
	line := func(wave int, key string) *Sent {
		m := mailing{"", wave, key}
		if lines[m] == nil {
			lines[m] = &Sent{Key: key, Languages: map[string]int{}}
		}
		return lines[m]
	}
	for m, said := range p.ahead.said {
		l := line(m.wave, m.key)
		l.Planned++
		l.when(said.At)
	}
	err := s.Store.Read(ctx, func(tx *store.Tx) error {
		if err := tx.EachMessage(s.Study, func(m store.Message) error {
			line(m.Wave, m.Key).count(m)
			if m.State == store.Claimed || m.State == store.Deferred || m.State == store.Due && now.Sub(m.Created) > 24*time.Hour {
				s.report.problem(fmt.Sprintf("wave %d: a message %s is still %s at the end", m.Wave, m.Key, m.State))
			}
			if m.State == store.RefusedBy {
				s.report.problem(fmt.Sprintf("wave %d: the message %s in %s could not go out by %s: %s", m.Wave, m.Key, m.Language, m.Channel, m.Reason))
			}
			return nil
		}); err != nil {
			return err
		}
		return tx.EachStanding(s.Study, func(row store.Standing) error { p.ahead.compare(row); return nil })
	})
	if err != nil {
		return err
	}
	for i := range s.report.Waves {
		w := &s.report.Waves[i]
		for _, m := range s.study.Plan.Messages {
			if l := lines[mailing{"", w.Number, m.Key}]; l != nil {
				w.Messages = append(w.Messages, *l)
			}
		}
	}
	slices.Sort(s.report.Differences)
	return nil
}

// compare holds what the calendar said of somebody against the ledger.
func (f *forecast) compare(row store.Standing) {
	who := row.Participant
	if who.Status == store.Erased {
		return // nothing is left to compare
	}
	wrote := map[mailing]store.MessageMark{}
	for _, m := range row.Messages {
		wrote[mailing{who.Label, m.Wave, m.Key}] = m
	}
	plan := f.stage.study.Plan
	differs := func(wave int, key, format string, args ...any) {
		f.stage.report.Differences = append(f.stage.report.Differences, fmt.Sprintf("wave %d, %s: ", wave, key)+fmt.Sprintf(format, args...))
	}
	for at, m := range wrote {
		if _, said := f.said[at]; !said && plan.Message(m.Key) != nil && !ofAnEvent(plan.Message(m.Key)) {
			differs(m.Wave, m.Key, "written on %s, and the calendar did not say so", m.Created.UTC().Format(time.DateTime))
		}
	}
	for at, said := range f.said {
		if at.label != who.Label || said.At.After(f.stage.Until) {
			continue
		}
		m, there := wrote[at]
		switch {
		case there && m.Created.Equal(said.At):
			f.stage.report.Agreed++
		case there && f.pushed(row, m, said.At):
			f.stage.report.Pushed++
		case there:
			differs(at.wave, at.key, "written on %s, where the calendar said %s", m.Created.UTC().Format(time.DateTime), said.At.UTC().Format(time.DateTime))
		case f.excused(row, said) || f.pushed(row, m, said.At):
			f.stage.report.Spared++
		default:
			differs(at.wave, at.key, "not written, where the calendar said %s", said.At.UTC().Format(time.DateTime))
		}
	}
}

// ofAnEvent tells whether a message counts from something that the calendar
// cannot foresee.
func ofAnEvent(m *study.Message) bool {
	return m.Counts == study.FromLastActive || m.Counts == study.FromSubmission
}

// apart is how long before a message another one that nobody could foresee
// keeps it from going out; see study.Due.
const apart = 20 * time.Hour

// pushed tells whether a message had to wait or was overtaken, because another
// one of the wave that asks for an answer had just gone out.
func (f *forecast) pushed(row store.Standing, m store.MessageMark, said time.Time) bool {
	return slices.ContainsFunc(row.Messages, func(other store.MessageMark) bool {
		of := f.stage.study.Plan.Message(other.Key)
		return other.Key != m.Key && of != nil && of.Kind == study.Nudge && other.Created.Before(said.Add(apart)) && other.Created.After(said.Add(-apart))
	})
}

// excused tells whether somebody did something by which a message was no longer
// for them when its time came.
func (f *forecast) excused(row store.Standing, said fieldwork.Planned) bool {
	past := func(at time.Time) bool { return !at.IsZero() && !at.After(said.At) }
	who := row.Participant
	reached := slices.ContainsFunc(f.stage.study.Plan.Message(said.Message).Channels, func(c study.Channel) bool {
		return c == study.Paper || slices.Contains(who.Channels, string(c))
	})
	if !reached || said.Perhaps || past(who.LeftAt) || past(who.OptedOutAt) {
		return true
	}
	for _, e := range row.Events {
		if e.Wave == said.Wave && panel.EventKind(e.Kind) == panel.Declined && past(e.At) {
			return true
		}
	}
	for _, p := range row.Progress {
		if p.Wave != said.Wave {
			continue
		}
		switch said.If {
		case study.Unanswered:
			return past(p.Submitted)
		case study.Silent:
			return past(p.Started)
		case study.Partly:
			return past(p.Submitted) || !past(p.Started)
		}
	}
	return said.If == study.Partly || said.If == study.Answered
}
