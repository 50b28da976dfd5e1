// Package rehearsal lets a made-up panel answer a study, so that a study can be
// seen as it will be before anybody is asked.
//
// Its people use the site as people do: they open their links in a browser of
// their own, read the pages, fill the forms in and press the buttons. Nothing
// of what they answer takes another way than a respondent's. A co-ordinator
// adds them to the panel and hands the links out.
//
//	clock := rehearsal.NewClock(start)
//	handler := …                                // the site, with clock.Now as its clock
//	report, err := rehearsal.Run(ctx, rehearsal.Config{Seed: 1, People: 36, Study: "smart-factory",
//		Handler: handler, Clock: clock, Field: fieldwork, Actor: actor, Until: end})
//
// Each person is a script that runs in turns with the others': whoever is next
// by the clock goes on, so that everything happens one after the other and in
// the order of the clock. The same seed gives the same answers at the same
// times. What somebody answers depends on what they are like (a few traits
// that change slowly from wave to wave), on their own view of each question,
// and on the mood of the day.
package rehearsal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/study"
)

// Config says what is rehearsed.
type Config struct {
	Seed    uint64
	People  int
	Study   string       // its key; the study was applied, and nobody is in its panel
	Handler http.Handler // the site, which reads its time from Clock
	Clock   *Clock
	Field   *fieldwork.Service
	Actor   access.Actor // adds the people and gets their links
	Until   time.Time    // the end; in the wave that is open then, half have answered. Zero: when the last wave closes

	// Admin types in what came on paper. Without one nobody answers so.
	Admin *Admin

	// Progress is told what is going on and how many interviews of how many
	// are done. It may be nil.
	Progress func(what string, done, total int)
}

// Admin is a member of staff with an account, whose role may type interviews in.
type Admin struct {
	BaseURL         string // "https://host"
	Email, Password string
}

// beforeFirst is how long before the first wave people are added.
const beforeFirst = 10 * 24 * time.Hour

// stage is a rehearsal that runs.
type stage struct {
	Config
	study  *study.Study
	plan   *plan
	people []*person
	logics []*interview.Logic          // by wave
	links  []map[string]fieldwork.Link // by wave, then label
	done   int
	total  int
	got    map[string]bool // answered questions, by name of the version and question
	report *Report
}

// Run lets the people answer. It fails with the first thing that goes wrong;
// what was answered until then stays.
func Run(ctx context.Context, c Config) (*Report, error) {
	st, err := c.Field.Study(ctx, c.Actor, c.Study)
	if err != nil {
		return nil, err
	}
	if len(st.Waves) == 0 || c.People < 1 {
		return nil, fault.New(fault.Invalid, "nothing_to_rehearse", "A rehearsal needs a study with waves, and at least one person.")
	}
	if c.Until.IsZero() {
		c.Until = st.Waves[len(st.Waves)-1].Closes
	}
	if !c.Until.After(st.Waves[0].Opens) {
		return nil, fault.New(fault.Invalid, "nothing_to_rehearse", "The first wave has not opened by the end of the rehearsal.")
	}
	s := &stage{Config: c, study: st, got: map[string]bool{}, report: &Report{People: c.People}}
	if s.Progress == nil {
		s.Progress = func(string, int, int) {}
	}
	s.plan = newPlan(s.draw("plan"), st, c.People, c.Until)
	for _, w := range s.plan.waves {
		logic, err := c.Field.Questionnaire(ctx, c.Actor, c.Study, w.Questionnaire, w.Version)
		if err != nil {
			return nil, err
		}
		title, _ := w.Title.In("en", st.DefaultLanguage())
		s.logics = append(s.logics, logic)
		s.links = append(s.links, map[string]fieldwork.Link{})
		s.report.Waves = append(s.report.Waves, WaveReport{Number: w.Number, Title: title, Open: w.State(c.Until) == study.Open})
	}
	if c.Admin == nil {
		s.plan.noPaper()
	}
	for i := range c.People {
		s.people = append(s.people, newPerson(s, i, st))
		for w, e := range s.plan.errands[i] {
			if w >= s.plan.cohort[i] && e.what != silent && e.what != waits {
				s.total++
			}
		}
	}
	if err := s.play(ctx); err != nil {
		return s.report, err
	}
	c.Clock.Set(c.Until)
	s.conclude()
	return s.report, nil
}

// turn is a script that waits for its turn.
type turn struct {
	order  int // who goes first at the same time
	at     time.Time
	resume func() (time.Time, bool)
	err    *error // what the script ended with
}

// play lets all scripts run in the order of the clock.
func (s *stage) play(ctx context.Context) error {
	var waiting []*turn
	for i := range len(s.people) + 1 {
		t := &turn{order: i, at: s.plan.waves[0].Opens.Add(-beforeFirst), err: new(error)}
		next, stop := iter.Pull(func(yield func(time.Time) bool) { *t.err = s.script(ctx, i, yield) })
		defer stop()
		t.resume = next
		waiting = append(waiting, t)
	}
	first := waiting[0].at
	for len(waiting) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		t := slices.MinFunc(waiting, func(a, b *turn) int { return cmp.Or(a.at.Compare(b.at), a.order-b.order) })
		s.Clock.Set(t.at)
		at, more := t.resume()
		if *t.err != nil {
			return *t.err
		}
		if more {
			t.at = at
			continue
		}
		s.report.Simulated = max(s.report.Simulated, t.at.Sub(first))
		waiting = slices.DeleteFunc(waiting, func(other *turn) bool { return other == t })
	}
	return nil
}

// script is the co-ordinator's, or a person's from 1 on.
func (s *stage) script(ctx context.Context, number int, yield func(time.Time) bool) error {
	if number == 0 {
		return s.coordinate(ctx, yield)
	}
	p := s.people[number-1]
	p.yield = yield
	if err := p.live(ctx); err != nil && !errors.Is(err, errStopped) {
		return fmt.Errorf("person %d, %w", number, err)
	}
	return nil
}

// coordinate adds the people before the wave they enter at, and hands the
// links of each wave out when it opens.
func (s *stage) coordinate(ctx context.Context, yield func(time.Time) bool) error {
	for w, wave := range s.plan.waves {
		at := wave.Opens.Add(-beforeFirst)
		if w > 0 && at.Before(s.plan.waves[w-1].Closes) {
			at = s.plan.waves[w-1].Closes // who is added while a wave is open belongs to it
		}
		if !yield(at) {
			return nil
		}
		if err := s.add(ctx, w); err != nil {
			return err
		}
		if !yield(wave.Opens) {
			return nil
		}
		links, err := s.Field.Links(ctx, s.Clock.Now(), s.Actor, s.Study, wave.Number, false)
		if err != nil {
			return err
		}
		for _, l := range links {
			s.links[w][l.Label] = l
		}
		s.report.Waves[w].Asked = len(links)
		s.Progress(s.report.Waves[w].Title, s.done, s.total)
	}
	return nil
}

func (s *stage) add(ctx context.Context, wave int) error {
	var rows []fieldwork.NewParticipant
	var who []*person
	for _, p := range s.people {
		if s.plan.cohort[p.index] == wave {
			rows, who = append(rows, p.new), append(who, p)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	labels, err := s.Field.AddParticipants(ctx, s.Clock.Now(), s.Actor, s.Study, rows)
	for i, label := range labels {
		who[i].label = label
	}
	return err
}

func (s *stage) tally(wave int) *WaveReport { return &s.report.Waves[wave] }

func (s *stage) errandDone(wave int) {
	s.done++
	s.Progress(s.report.Waves[wave].Title, s.done, s.total)
}

// version names the questionnaire of a wave.
func (s *stage) version(wave int) string {
	w := s.plan.waves[wave]
	return fmt.Sprintf("%s v%d", w.Questionnaire, w.Version)
}

func (s *stage) answered(wave int, question string) { s.got[s.version(wave)+": "+question] = true }

// conclude fills in what is known only at the end.
func (s *stage) conclude() {
	for _, p := range s.people {
		if w := len(s.plan.waves) - 1; s.plan.errands[p.index][w].what == waits && p.label != "" {
			s.report.Waiting = append(s.report.Waiting, p.label)
		}
	}
	versions := map[string]int{}
	for w := range s.plan.waves {
		versions[s.version(w)] = w
	}
	for _, v := range slices.Sorted(maps.Keys(versions)) {
		for _, it := range s.logics[versions[v]].Questionnaire.Questions {
			if name := v + ": " + it.Name; it.Asks() && !s.got[name] {
				s.report.Never = append(s.report.Never, name)
			}
		}
	}
}
