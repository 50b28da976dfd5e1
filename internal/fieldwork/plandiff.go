package fieldwork

import (
	"cmp"
	"context"
	"slices"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Outlook is what a change of a study's plan or waves would do to everything
// that is not sent yet, for the panel as it is. It names nobody.
type Outlook struct {
	Edition  string
	Study    *study.Study // as it would be
	Edits    []study.Edit
	Total    Tally
	Messages []MessageOutlook // by wave and the order of time
	Days     []DayOutlook     // of those days alone on which something changes
	Clashes  []study.Clash    // of the study as it would be
}

// Tally counts the fates of messages.
type Tally map[study.Fate]int

// Quiet tells that nothing that is not sent yet is touched.
func (t Tally) Quiet() bool {
	return t[study.Falls]+t[study.Comes]+t[study.Moves]+t[study.Alters] == 0
}

// MessageOutlook is what becomes of one message of one wave.
type MessageOutlook struct {
	Wave  int
	Key   string
	Kind  study.MessageKind
	Tally Tally
	Moves []Shift // by the day from which they move
}

// Shift is how many messages move from one day to another.
type Shift struct {
	From, To time.Time // of the first of them
	Count    int
}

// DayOutlook is what changes on one day, on the study's clocks.
type DayOutlook struct {
	Day  time.Time
	Rows []DayChange
}

// DayChange is what changes for one message of one wave on a day.
type DayChange struct {
	Wave                        int
	Key                         string
	Kind                        study.MessageKind
	Comes, Falls, Arrives, Away int // new, gone, moved here, moved to another day or hour
}

// PlanOutlook tells what another plan would change. It changes nothing.
func (s *Service) PlanOutlook(ctx context.Context, now time.Time, actor access.Actor, studyKey string, plan *study.Plan) (*Outlook, error) {
	if err := actor.May(access.PlanChange, studyKey); err != nil {
		return nil, err
	}
	return s.outlook(ctx, now, studyKey, func(row store.Study, st *study.Study) (*study.Study, error) {
		after := st.Clone()
		after.Plan = plan
		return after, sound(row, after)
	})
}

// MoveOutlook tells what another field period would change. It changes nothing.
func (s *Service) MoveOutlook(ctx context.Context, now time.Time, actor access.Actor, studyKey string, wave int, opens, closes time.Time) (*Outlook, error) {
	if err := actor.May(access.WaveChange, studyKey); err != nil {
		return nil, err
	}
	return s.outlook(ctx, now, studyKey, func(_ store.Study, st *study.Study) (*study.Study, error) {
		if wave < 1 || wave > len(st.Waves) {
			return nil, errNoWave
		}
		if err := movable(st, st.Waves[wave-1], now, opens, closes); err != nil {
			return nil, err
		}
		after := st.Clone()
		after.Waves[wave-1].Opens, after.Waves[wave-1].Closes = opens, closes
		return after, nil
	})
}

func (s *Service) outlook(ctx context.Context, now time.Time, studyKey string, change func(store.Study, *study.Study) (*study.Study, error)) (*Outlook, error) {
	var out *Outlook
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		before, err := s.study(tx, studyKey)
		if err != nil {
			return err
		}
		row, err := tx.Study(studyKey)
		if err != nil {
			return err
		}
		after, err := change(row, before)
		if err != nil {
			return err
		}
		out = &Outlook{Edition: row.Edition(), Study: after, Total: Tally{}, Edits: study.Edits(after, before.Plan, after.Plan), Clashes: after.Clashes()}
		c := counter{o: out, zone: after.TimeZone, messages: map[messageID]*MessageOutlook{}, days: map[string]map[messageID]*DayChange{}}
		for m, err := range s.members(tx, reading(before, after)) {
			if err != nil {
				return err
			}
			for _, one := range study.Changes(before, after, m, now) {
				c.count(one)
			}
		}
		c.finish()
		return nil
	})
	return out, err
}

// reading gives the one of two studies whose plan reads earlier answers.
func reading(before, after *study.Study) *study.Study {
	if before.Plan.Recalls() {
		return before
	}
	return after
}

type messageID struct {
	wave int
	key  string
}

// counter counts changes by message and by day; memory goes with the plan, not
// with the panel.
type counter struct {
	o        *Outlook
	zone     *time.Location
	messages map[messageID]*MessageOutlook
	days     map[string]map[messageID]*DayChange
}

func (c *counter) count(one study.Change) {
	c.o.Total[one.Fate]++
	if one.Fate == study.Sent {
		return
	}
	message := one.Is.Message
	if message == nil {
		message = one.Was.Message
	}
	id := messageID{one.Wave, one.Key}
	m := c.messages[id]
	if m == nil {
		m = &MessageOutlook{Wave: one.Wave, Key: one.Key, Kind: message.Kind, Tally: Tally{}}
		c.messages[id] = m
	}
	m.Tally[one.Fate]++
	switch one.Fate {
	case study.Comes:
		c.on(one.Is.At, id, message.Kind).Comes++
	case study.Falls:
		c.on(one.Was.At, id, message.Kind).Falls++
	case study.Moves:
		c.on(one.Was.At, id, message.Kind).Away++
		c.on(one.Is.At, id, message.Kind).Arrives++
		i := slices.IndexFunc(m.Moves, func(s Shift) bool { return c.day(s.From) == c.day(one.Was.At) && c.day(s.To) == c.day(one.Is.At) })
		if i < 0 {
			i, m.Moves = len(m.Moves), append(m.Moves, Shift{From: one.Was.At, To: one.Is.At})
		}
		m.Moves[i].Count++
	}
}

func (c *counter) day(at time.Time) string { return at.In(c.zone).Format(time.DateOnly) }

func (c *counter) on(at time.Time, id messageID, kind study.MessageKind) *DayChange {
	day := c.day(at)
	if c.days[day] == nil {
		c.days[day] = map[messageID]*DayChange{}
	}
	if c.days[day][id] == nil {
		c.days[day][id] = &DayChange{Wave: id.wave, Key: id.key, Kind: kind}
	}
	return c.days[day][id]
}

// finish puts everything in its order.
func (c *counter) finish() {
	order := func(wave, other int, key, otherKey string) int {
		return cmp.Or(wave-other, cmp.Compare(c.place(key), c.place(otherKey)), cmp.Compare(key, otherKey))
	}
	for _, m := range c.messages {
		slices.SortFunc(m.Moves, func(a, b Shift) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
		c.o.Messages = append(c.o.Messages, *m)
	}
	slices.SortFunc(c.o.Messages, func(a, b MessageOutlook) int { return order(a.Wave, b.Wave, a.Key, b.Key) })
	for day, rows := range c.days {
		at, err := time.ParseInLocation(time.DateOnly, day, c.zone)
		if err != nil {
			continue // it was written by Format
		}
		d := DayOutlook{Day: at}
		for _, row := range rows {
			d.Rows = append(d.Rows, *row)
		}
		slices.SortFunc(d.Rows, func(a, b DayChange) int { return order(a.Wave, b.Wave, a.Key, b.Key) })
		c.o.Days = append(c.o.Days, d)
	}
	slices.SortFunc(c.o.Days, func(a, b DayOutlook) int { return a.Day.Compare(b.Day) })
}

// place gives where a message stands in the plan; what is gone comes last.
func (c *counter) place(key string) int {
	if c.o.Study.Plan == nil {
		return 0
	}
	i := slices.IndexFunc(c.o.Study.Plan.Messages, func(m study.Message) bool { return m.Key == key })
	if i < 0 {
		return len(c.o.Study.Plan.Messages)
	}
	return i
}
