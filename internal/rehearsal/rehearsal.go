// Package rehearsal lets a made-up panel answer a study, so that a study can be
// seen as it will be before anybody is asked.
//
// Its people use the site as people do: they open their links in a browser of
// their own, read the pages, fill the forms in and press the buttons. Nothing
// of what they answer takes another way than a respondent's. A co-ordinator
// adds them to the panel. Where the study has a plan of messages, those go out
// by it into a folder, and the people take their links out of them as a mail
// program shows them; else the co-ordinator hands the links out.
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
	"net/http"
	"slices"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/store"
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
	Until   time.Time    // the end; in the wave that is open then, half have answered. Zero: two weeks after the last wave closes

	Behaviour *Behaviour // what people do; nil for Demo

	// BaseURL is how the links in messages begin, and Store where the ledger
	// lies. Both are needed with Mail.
	BaseURL string
	Store   *store.Store

	// Mail is the folder that messages are written into, with those that come
	// back in the Maildir "returned" inside it. "" sends nothing.
	Mail string

	// Way takes messages another way than into that folder; nil for none.
	Way Way

	// Patient goes on where something goes wrong for somebody, and tells of it
	// in the report; else the rehearsal ends with it.
	Patient bool

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

// afterLast is how long after the last wave has closed messages may still come.
const afterLast = 14 * 24 * time.Hour

// stage is a rehearsal that runs.
type stage struct {
	Config
	study  *study.Study
	plan   *plan
	people []*person
	logics []*interview.Logic          // by wave
	links  []map[string]fieldwork.Link // by wave, then label: what the co-ordinator hands out
	post   *post                       // nil where nothing is sent
	turns  []*turn                     // by number, as script has them
	rung   bool                        // something happened that messages may follow
	done   int
	total  int
	paths  *paths
	report *Report
}

// Run lets the people answer. It fails with the first thing that goes wrong,
// unless it is patient; what was answered until then stays.
func Run(ctx context.Context, c Config) (*Report, error) {
	st, err := c.Field.Study(ctx, c.Actor, c.Study)
	if err != nil {
		return nil, err
	}
	if len(st.Waves) == 0 || c.People < 1 {
		return nil, fault.New(fault.Invalid, "nothing_to_rehearse", "A rehearsal needs a study with waves, and at least one person.")
	}
	if c.Until.IsZero() {
		c.Until = st.Waves[len(st.Waves)-1].Closes.Add(afterLast)
	}
	if !c.Until.After(st.Waves[0].Opens) {
		return nil, fault.New(fault.Invalid, "nothing_to_rehearse", "The first wave has not opened by the end of the rehearsal.")
	}
	s := &stage{Config: c, study: st, paths: newPaths(), report: &Report{Study: st.Key, Seed: c.Seed, People: c.People, zone: st.TimeZone}}
	if s.Progress == nil {
		s.Progress = func(string, int, int) {}
	}
	if s.Behaviour == nil {
		usual := Demo()
		s.Behaviour = &usual
	}
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	if err := s.play(ctx); err != nil {
		return s.report, err
	}
	c.Clock.Set(c.Until)
	return s.report, s.conclude(ctx)
}

// prepare draws the plan and makes the people up.
func (s *stage) prepare(ctx context.Context) error {
	s.plan = newPlan(s.draw("plan"), s.study, s.Behaviour, s.People, s.Until)
	for _, w := range s.plan.waves {
		logic, err := s.Field.Questionnaire(ctx, s.Actor, s.Study, w.Questionnaire, w.Version)
		if err != nil {
			return err
		}
		title, _ := w.Title.In("en", s.study.DefaultLanguage())
		s.logics = append(s.logics, logic)
		s.links = append(s.links, map[string]fieldwork.Link{})
		s.report.Waves = append(s.report.Waves, WaveReport{Number: w.Number, Title: title, Opens: w.Opens, Closes: w.Closes, Open: w.State(s.Until) == study.Open})
		s.paths.version(w.Questionnaire, w.Version, logic.Questionnaire)
	}
	if s.Admin == nil {
		s.plan.noPaper()
	}
	for i := range s.People {
		s.people = append(s.people, newPerson(s, i, s.study))
		for _, e := range s.plan.members[i].errands {
			if e.what != silent && e.what != waits {
				s.total++
			}
		}
	}
	if s.Mail != "" && s.study.Plan != nil {
		s.post = newPost(s)
	}
	return nil
}

// turn is a script that waits for its turn.
type turn struct {
	order  int // who goes first at the same time
	at     time.Time
	resume func() (time.Time, bool)
	over   bool
	err    *error // what the script ended with
}

// play lets all scripts run in the order of the clock.
func (s *stage) play(ctx context.Context) error {
	began := s.plan.waves[0].Opens.Add(-beforeFirst)
	for i := range len(s.people) + 2 {
		t := &turn{order: i, at: began, err: new(error)}
		next, stop := iter.Pull(func(yield func(time.Time) bool) { *t.err = s.script(ctx, i, yield) })
		defer stop()
		t.resume = next
		s.turns = append(s.turns, t)
	}
	postman := s.turns[len(s.turns)-1]
	waiting := slices.Clone(s.turns)
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
		if s.rung && t != postman {
			s.rung = false
			postman.at = t.at
		}
		if more {
			t.at = at
			continue
		}
		if t != postman { // who may still be about when nothing comes any more
			s.report.Simulated = max(s.report.Simulated, t.at.Sub(began))
		}
		t.over = true
		waiting = slices.DeleteFunc(waiting, func(other *turn) bool { return other == t })
	}
	return nil
}

// script is the co-ordinator's, a person's from 1 on, or the postman's, who is
// the last.
func (s *stage) script(ctx context.Context, number int, yield func(time.Time) bool) error {
	switch {
	case number == 0:
		return s.coordinate(ctx, yield)
	case number > len(s.people):
		if s.post == nil {
			return nil
		}
		return s.post.work(ctx, yield)
	}
	p := s.people[number-1]
	p.yield = yield
	if err := p.live(ctx); err != nil && !errors.Is(err, errStopped) {
		return fmt.Errorf("person %d, %w", number, err)
	}
	return nil
}

// duty is something that the co-ordinator does at a time.
type duty struct {
	at time.Time
	do func(context.Context) error
}

// coordinate adds people as they join, and sees to each wave when it opens.
func (s *stage) coordinate(ctx context.Context, yield func(time.Time) bool) error {
	var duties []duty
	for w, wave := range s.plan.waves {
		at := wave.Opens.Add(-beforeFirst)
		if w > 0 && at.Before(s.plan.waves[w-1].Closes) {
			at = s.plan.waves[w-1].Closes // who is added while a wave is open belongs to it
		}
		duties = append(duties,
			duty{at, func(ctx context.Context) error { return errors.Join(s.add(ctx, w, time.Time{}), s.foresee(ctx, w)) }},
			duty{wave.Opens, func(ctx context.Context) error { return s.opens(ctx, w) }})
	}
	for i := range s.plan.members {
		if m := &s.plan.members[i]; !m.joins.IsZero() && m.joins.Before(s.Until) &&
			!slices.ContainsFunc(duties, func(d duty) bool { return d.at.Equal(m.joins) }) {
			duties = append(duties, duty{m.joins, func(ctx context.Context) error {
				return errors.Join(s.add(ctx, m.cohort, m.joins), s.foresee(ctx, m.cohort))
			}})
		}
	}
	slices.SortStableFunc(duties, func(a, b duty) int { return a.at.Compare(b.at) })
	for _, d := range duties {
		if !yield(d.at) {
			return nil
		}
		if err := d.do(ctx); err != nil {
			return err
		}
		s.rung = true
	}
	return nil
}

// opens sees to a wave when it opens: without messages the links are handed out.
func (s *stage) opens(ctx context.Context, w int) error {
	s.Progress(s.report.Waves[w].Title, s.done, s.total)
	if s.post != nil {
		return nil
	}
	return s.handOut(ctx, w)
}

// handOut gets the links of a wave, as the co-ordinator prints them.
func (s *stage) handOut(ctx context.Context, w int) error {
	links, err := s.Field.Links(ctx, s.Clock.Now(), s.Actor, s.Study, s.plan.waves[w].Number, false)
	for _, l := range links {
		s.links[w][l.Label] = l
	}
	return err
}

// add adds those who enter at a wave, at joins or, where that is zero, before it.
func (s *stage) add(ctx context.Context, wave int, joins time.Time) error {
	var rows []fieldwork.NewParticipant
	var who []*person
	for _, p := range s.people {
		if p.lot.cohort == wave && p.lot.joins.Equal(joins) {
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
	if err == nil && s.post == nil && !joins.IsZero() { // the wave is open: the others have theirs
		err = s.handOut(ctx, wave)
	}
	return err
}

// foresee takes the calendar of a wave down, for those of whom it is not known.
func (s *stage) foresee(ctx context.Context, wave int) error {
	if s.post == nil {
		return nil
	}
	return s.post.ahead.take(ctx, wave+1)
}

func (s *stage) tally(wave int) *WaveReport { return &s.report.Waves[wave] }

func (s *stage) errandDone(wave int) {
	s.done++
	s.rung = true
	s.Progress(s.report.Waves[wave].Title, s.done, s.total)
}

// trouble takes note of what went wrong for somebody; where the rehearsal is not
// patient it ends with it.
func (s *stage) trouble(err error) error {
	if err == nil || !s.Patient || errors.Is(err, errStopped) || errors.Is(err, context.Canceled) {
		return err
	}
	s.report.problem(err.Error())
	return nil
}

// version names the questionnaire of a wave.
func (s *stage) version(wave int) string {
	w := s.plan.waves[wave]
	return versionName(w.Questionnaire, w.Version)
}

func versionName(key string, number int) string { return fmt.Sprintf("%s v%d", key, number) }

// conclude fills in what is known only at the end.
func (s *stage) conclude(ctx context.Context) error {
	for _, p := range s.people {
		if w := len(s.plan.waves) - 1; p.lot.errands[w].what == waits && p.label != "" {
			s.report.Waiting = append(s.report.Waiting, p.label)
		}
	}
	s.report.Paths = s.paths.all()
	for _, v := range s.report.Paths {
		for _, q := range v.Questions {
			if q.Answered == 0 {
				s.report.Never = append(s.report.Never, v.Name+": "+q.Name)
			}
		}
	}
	o, err := s.Field.Overview(ctx, s.Until, s.Actor, s.Study)
	if err != nil {
		return err
	}
	for i := range s.report.Waves {
		s.report.Waves[i].Asked = o.Waves[i].Invited
	}
	if s.report.Outcomes, err = s.Field.Outcomes(ctx, s.Until, s.Actor, s.Study); err != nil {
		return err
	}
	if s.post != nil {
		return s.post.account(ctx)
	}
	return nil
}
