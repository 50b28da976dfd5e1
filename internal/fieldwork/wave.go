package fieldwork

import (
	"context"
	"fmt"
	"slices"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// MoveWave changes a field period. A closed wave stays as it is, an open one
// keeps its opening, and waves keep their order without overlapping; every
// offence is listed with its field ("opens", "closes").
func (s *Service) MoveWave(ctx context.Context, now time.Time, actor access.Actor, studyKey string, wave int, opens, closes time.Time) error {
	return s.changeWave(ctx, now, actor, studyKey, wave, func(st *study.Study, w *study.Wave) (string, error) {
		if err := movable(st, *w, now, opens, closes); err != nil {
			return "", err
		}
		w.Opens, w.Closes = opens, closes
		return "moved", nil
	})
}

// OpenWaveNow opens a planned wave at this moment.
func (s *Service) OpenWaveNow(ctx context.Context, now time.Time, actor access.Actor, studyKey string, wave int) error {
	return s.changeWave(ctx, now, actor, studyKey, wave, func(st *study.Study, w *study.Wave) (string, error) {
		if w.State(now) != study.Planned {
			return "", fault.New(fault.Conflict, "wave_not_planned", "Only a wave that has not opened yet can be opened now.")
		}
		if err := movable(st, *w, now, now, w.Closes); err != nil {
			return "", err
		}
		w.Opens = now
		return "opened", nil
	})
}

// CloseWaveNow closes an open wave at this moment. What respondents have
// saved stays; they can go no further.
func (s *Service) CloseWaveNow(ctx context.Context, now time.Time, actor access.Actor, studyKey string, wave int) error {
	return s.changeWave(ctx, now, actor, studyKey, wave, func(_ *study.Study, w *study.Wave) (string, error) {
		if w.State(now) != study.Open {
			return "", fault.New(fault.Conflict, "wave_not_open", "Only an open wave can be closed now.")
		}
		w.Closes = now
		return "closed", nil
	})
}

func (s *Service) changeWave(ctx context.Context, now time.Time, actor access.Actor, studyKey string, wave int,
	change func(*study.Study, *study.Wave) (string, error)) error {
	if err := actor.May(access.WaveChange, studyKey); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		st, err := s.study(tx, studyKey)
		if err != nil {
			return err
		}
		if wave < 1 || wave > len(st.Waves) {
			return errNoWave
		}
		w := st.Waves[wave-1]
		done, err := change(st, &w)
		if err != nil {
			return err
		}
		if err := tx.PutWave(store.Wave{Study: studyKey, Number: w.Number, Key: w.Key, Opens: w.Opens, Closes: w.Closes,
			Questionnaire: w.Questionnaire, Version: w.Version}); err != nil {
			return err
		}
		if err := tx.TouchStudy(studyKey, now); err != nil {
			return err
		}
		after := st.Clone()
		after.Waves[wave-1] = w
		if _, err := s.replan(tx, st, after, now); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.WaveChange), Study: studyKey,
			Object: fmt.Sprintf("wave %d", wave), Detail: done + ": " + w.Opens.UTC().Format(time.RFC3339) + " to " + w.Closes.UTC().Format(time.RFC3339)})
	})
}

// movable tells every reason why a field period cannot be set so.
func movable(st *study.Study, w study.Wave, now, opens, closes time.Time) error {
	var ps fault.Problems
	if w.State(now) == study.Closed {
		return fault.New(fault.Conflict, "wave_closed", "The wave is closed and can no longer be changed.")
	}
	if w.State(now) == study.Open && !opens.Equal(w.Opens) {
		ps.Add(fault.Place{Field: "opens"}, "wave_has_opened", "The wave has opened already. Only its last day can be moved.")
	}
	if w.State(now) == study.Planned && opens.Before(now) {
		ps.Add(fault.Place{Field: "opens"}, "opens_past", "The first day lies in the past.")
	}
	if !closes.After(opens) {
		ps.Add(fault.Place{Field: "closes"}, "closes_before_opens", "The last day comes before the first.")
	} else if closes.Before(now) {
		ps.Add(fault.Place{Field: "closes"}, "closes_past", "The last day lies in the past.")
	}
	if w.Number > 1 && opens.Before(st.Waves[w.Number-2].Closes) && !st.Overlaps(w.Number-1, w.Number) {
		ps.Add(fault.Place{Field: "opens"}, "overlaps_before", "The wave before is still open then.")
	}
	if w.Number < len(st.Waves) && closes.After(st.Waves[w.Number].Opens) && !st.Overlaps(w.Number, w.Number+1) {
		ps.Add(fault.Place{Field: "closes"}, "overlaps_after", "The next wave has opened by then.")
	}
	return ps.Err("wave_period", "The field period cannot be set like this.")
}

// WaveCount is a wave in figures.
type WaveCount struct {
	study.Wave
	State    study.State
	Invited  int       // have an invitation to the wave; who left before it opened, or is not asked by the plan, does not count
	Started  int       // pressed the start button, or staff entered a page for them
	Answered int       // submitted
	Silent   int       // may still begin: in the panel, have not started and not refused
	Begun    int       // may still submit: in the panel, have started and not refused since
	Before   int       // of those who answered, how many also submitted the wave before
	First    int       // of those who answered, how many also submitted wave 1
	Last     time.Time // the newest save, zero for none
}

// Waiting is how many have not submitted.
func (w WaveCount) Waiting() int { return w.Invited - w.Answered }

// Overview is a study at a glance. It holds no answers and no identities.
type Overview struct {
	Study  *study.Study
	Waves  []WaveCount
	Active int        // participants who are in the panel
	Left   int        // who left, with or without their answers
	Now    *WaveCount // the open wave, nil where none is
	Next   *WaveCount // the next to open, nil where none is
}

// Overview counts each wave. It reads the states of interviews, not their answers.
func (s *Service) Overview(ctx context.Context, now time.Time, actor access.Actor, studyKey string) (*Overview, error) {
	if err := actor.May(access.ParticipationView, studyKey); err != nil {
		return nil, err
	}
	o := &Overview{}
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		st, err := s.study(tx, studyKey)
		if err != nil {
			return err
		}
		*o = Overview{Study: st}
		return s.count(tx, st, now, o)
	})
	return o, err
}

func (s *Service) count(tx *store.Tx, st *study.Study, now time.Time, o *Overview) error {
	people, err := tx.Participants(st.Key)
	if err != nil {
		return err
	}
	people = slices.DeleteFunc(people, func(p store.Participant) bool { return !p.Counts() })
	counted := make(map[string]bool, len(people))
	for _, p := range people {
		counted[p.PID] = true
		switch p.Status {
		case store.Active:
			o.Active++
		case store.Left, store.Erased:
			o.Left++
		}
	}
	refused, err := refusals(tx, st.Key)
	if err != nil {
		return err
	}
	fielded, err := s.fielded(tx, st, now)
	if err != nil {
		return err
	}
	first, before := map[string]bool{}, map[string]bool{}
	for _, w := range st.Waves {
		c := WaveCount{Wave: w, State: w.State(now)}
		interviews, err := tx.Interviews(st.Key, w.Number)
		if err != nil {
			return err
		}
		submitted, of := map[string]bool{}, map[string]store.Interview{}
		for _, in := range interviews {
			if !counted[in.PID] {
				continue
			}
			c.add(in, submitted, before, first)
			of[in.PID] = in
		}
		for _, p := range people {
			if !p.Belongs(w) || !fielded(p.PID, &w) {
				continue
			}
			c.Invited++
			if p.Status != store.Active {
				continue
			}
			switch mark(true, w, of[p.PID], refused[place(p.PID, w.Number)]).State {
			case Waiting:
				c.Silent++
			case Begun:
				c.Begun++
			}
		}
		before = submitted
		if w.Number == 1 {
			first = submitted
		}
		o.Waves = append(o.Waves, c)
	}
	for i := range o.Waves {
		switch {
		case o.Waves[i].State == study.Open:
			o.Now = &o.Waves[i]
		case o.Waves[i].State == study.Planned && o.Next == nil:
			o.Next = &o.Waves[i]
		}
	}
	return nil
}

func (c *WaveCount) add(in store.Interview, submitted, before, first map[string]bool) {
	c.Started++
	if in.LastAt.After(c.Last) {
		c.Last = in.LastAt
	}
	if in.SubmittedAt.IsZero() {
		return
	}
	c.Answered++
	submitted[in.PID] = true
	if before[in.PID] {
		c.Before++
	}
	if first[in.PID] {
		c.First++
	}
}

// PublicTitle gives the neutral title of a study in a language.
func PublicTitle(st *study.Study, tag string) string {
	text, _ := st.PublicTitle.In(tag, st.DefaultLanguage())
	return text
}
