package fieldwork

import (
	"slices"
	"strings"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/disclosure"
	"panelverk/internal/interview"
	"panelverk/internal/lang"
	"panelverk/internal/panel"
	"panelverk/internal/questionnaire"
	"panelverk/internal/store"
)

// PageOutcome is one page of the questionnaire that a wave fields: how long it
// took, and how many who have not sent in came no further. It is only ever
// told of at least disclosure.Least people.
type PageOutcome struct {
	Key                  string
	Title                lang.Text
	Timed                bool          // enough people have a time
	Median, Lower, Upper time.Duration // of the time on the page; Lower and Upper are quartiles
	Stopped              Cell          // the last page that they left
}

// Times on a page are counted in steps, up to a longest: beyond it somebody
// was doing something else, and the time is not counted.
const (
	pageStep    = 5 * time.Second
	pageLongest = 30 * time.Minute
)

// pageTimes counts how many people took how many steps.
type pageTimes struct {
	steps [pageLongest / pageStep]int
	n     int
}

func (t *pageTimes) add(d time.Duration) {
	if d >= 0 && d < pageLongest {
		t.steps[d/pageStep]++
		t.n++
	}
}

// quantile gives the middle of the step that the share of people took at most.
func (t *pageTimes) quantile(share float64) time.Duration {
	seen := 0
	for i, n := range t.steps {
		if seen += n; n > 0 && float64(seen) >= share*float64(t.n) {
			return time.Duration(i)*pageStep + pageStep/2
		}
	}
	return 0
}

// longestWave bounds the days of a wave that are counted one by one.
const longestWave = 400

// counting counts what the dataset's tally does not: days, pages, groups and
// the way from wave to wave.
type counting struct {
	d     *dataset.Dataset
	waves []waveCounting
	moves []Step
	doc   interview.Document
}

type waveCounting struct {
	first   time.Time // midnight of the first day
	days    []Day
	groups  map[[2]string]*[2]int // attribute and value: invited, answered
	pages   []*questionnaire.Page
	at      map[string]int // the index in pages, by key
	times   []pageTimes
	stopped []int // by page; the last one is of those who left none
}

func newCounting(d *dataset.Dataset) *counting {
	c := &counting{d: d}
	for i, w := range d.Waves {
		opens := w.Opens.In(d.Study.TimeZone)
		at := waveCounting{first: midnight(opens), groups: map[[2]string]*[2]int{}, at: map[string]int{}}
		end := w.Closes
		if d.Now.Before(end) {
			end = d.Now
		}
		for day := at.first; day.Before(end) && len(at.days) < longestWave; day = day.AddDate(0, 0, 1) {
			at.days = append(at.days, Day{At: day})
		}
		for _, v := range d.Versions {
			if v.Key == w.Questionnaire && v.Number == w.Version {
				at.pages = v.Questionnaire.Pages
			}
		}
		for j, p := range at.pages {
			at.at[p.Key] = j
		}
		at.times, at.stopped = make([]pageTimes, len(at.pages)), make([]int, len(at.pages)+1)
		c.waves = append(c.waves, at)
		if i > 0 {
			c.moves = append(c.moves, Step{From: d.Waves[i-1].Number, To: w.Number})
		}
	}
	return c
}

func midnight(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())
}

// on gives the day of a moment. What came after the last day counts there, as
// in the days of grace; what came before the first is nil.
func (w *waveCounting) on(at time.Time) *Day {
	if len(w.days) == 0 || at.Before(w.first) {
		return nil
	}
	day := midnight(at.In(w.first.Location()))
	i, _ := slices.BinarySearchFunc(w.days, day, func(d Day, t time.Time) int { return d.At.Compare(t) })
	return &w.days[min(i, len(w.days)-1)]
}

// add counts one member, whose record the dataset has just made.
func (c *counting) add(m *store.Member, record *dataset.Record) error {
	p := m.Participant
	var before Stand
	for i := range c.waves {
		w, facts, outcome := &c.waves[i], record.Facts[i], record.Outcomes[i]
		answered := outcome.Group == panel.Complete || outcome.Group == panel.Partial
		here := StoodSilent
		switch {
		case answered:
			here = StoodAnswered
		case p.Cohort > c.d.Waves[i].Number, facts.Unasked && !facts.Started:
			here = StoodOutside
		case outcome == panel.None:
			here = StoodGone
		}
		if i > 0 {
			c.moves[i-1].Moves[before][here]++
		}
		before = here
		if facts.Invited || answered {
			c.group(w, p, answered)
		}
	}
	for _, e := range m.Events {
		c.event(e)
	}
	for i := range m.Interviews {
		if err := c.interview(&m.Interviews[i], p.Status == store.Erased); err != nil {
			return err
		}
	}
	return nil
}

// group counts a member under the language and each attribute with choices.
func (c *counting) group(w *waveCounting, p store.Participant, answered bool) {
	count := func(attribute, value string) {
		key := [2]string{attribute, value}
		if w.groups[key] == nil {
			w.groups[key] = new([2]int)
		}
		w.groups[key][0]++
		if answered {
			w.groups[key][1]++
		}
	}
	count("", p.Language)
	for _, a := range c.d.Study.Attributes {
		if len(a.Choices) > 0 {
			count(a.Name, p.Attributes[a.Name])
		}
	}
}

// wave gives the wave of a number, nil where it has not opened.
func (c *counting) wave(number int) *waveCounting {
	for i, w := range c.d.Waves {
		if w.Number == number {
			return &c.waves[i]
		}
	}
	return nil
}

func (c *counting) event(e store.Event) {
	w := c.wave(e.Wave)
	if w == nil {
		return
	}
	day := w.on(e.At)
	if day == nil {
		return
	}
	switch panel.EventKind(e.Kind) {
	case panel.Invited:
		day.Invited++
	case panel.Reminded:
		day.Reminded++
	}
}

// interview counts the day of sending in and the pages. Interviews that staff
// typed in tell nothing of how long a page took the respondent.
func (c *counting) interview(row *store.Interview, erased bool) error {
	w := c.wave(row.Wave)
	if w == nil {
		return nil
	}
	if !row.SubmittedAt.IsZero() {
		if day := w.on(row.SubmittedAt); day != nil {
			day.Answered++
		}
	}
	if erased || row.Mode != store.Web {
		return nil
	}
	if err := c.doc.Read(row.Document); err != nil {
		return err
	}
	type visit struct {
		page     int
		at, last int64
	}
	var visits []visit
	for key, v := range c.doc.Pages {
		name, _, _ := strings.Cut(key, "@") // the instances of a repeat share a page
		if i, ok := w.at[name]; ok {
			visits = append(visits, visit{i, v.First, v.Last})
		}
	}
	slices.SortFunc(visits, func(a, b visit) int { return int(min(max(a.at-b.at, -1), 1)) })
	spent, before := map[int]time.Duration{}, row.StartedAt.UnixMilli()
	last := len(w.pages) // none
	var latest int64
	for _, v := range visits {
		spent[v.page] += time.Duration(v.at-before) * time.Millisecond
		before = v.at
		if v.last >= latest {
			last, latest = v.page, v.last
		}
	}
	for page, d := range spent {
		w.times[page].add(d)
	}
	if row.SubmittedAt.IsZero() {
		w.stopped[last]++
	}
	return nil
}

// outcome gives what was counted of a wave, as Dataset.Waves.
func (c *counting) outcome(i int, open bool) WaveOutcome {
	w := &c.waves[i]
	out := WaveOutcome{Days: w.days, Groups: c.groups(w)}
	if !open && slices.ContainsFunc(w.days, func(d Day) bool { return d.Answered > 0 && d.Answered < disclosure.Least }) {
		out.Days, out.DaysShut = nil, true
	}
	rows := make([][]int, len(w.stopped))
	stopped := 0
	for j, n := range w.stopped {
		rows[j] = []int{n}
		stopped += n
	}
	hidden := disclosure.Hide(rows, disclosure.Least)
	out.Stopped = cell(stopped, hidden.All)
	out.Pages = append(out.Pages, PageOutcome{Stopped: cell(w.stopped[len(w.pages)], hidden.All || hidden.Rows[len(w.pages)])})
	for j, p := range w.pages {
		page := PageOutcome{Key: p.Key, Title: title(p), Stopped: cell(w.stopped[j], hidden.All || hidden.Rows[j])}
		if t := &w.times[j]; t.n >= disclosure.Least {
			page.Timed, page.Median, page.Lower, page.Upper = true, t.quantile(.5), t.quantile(.25), t.quantile(.75)
		}
		out.Pages = append(out.Pages, page)
	}
	return out
}

// title gives what a page is called: its group's label, else its first
// question's.
func title(p *questionnaire.Page) lang.Text {
	if p.Group != nil && !p.Group.Label.Empty() {
		return p.Group.Label
	}
	for _, it := range p.Items {
		if !it.Label.Empty() {
			return it.Label
		}
	}
	return lang.Text{"en": p.Key}
}

// groups gives the groups in the order of the study's languages and choices,
// each attribute with its small groups hidden.
func (c *counting) groups(w *waveCounting) []GroupOutcome {
	var out []GroupOutcome
	list := func(attribute string, values []string) {
		from := len(out)
		var rows [][]int
		for _, value := range values {
			n := w.groups[[2]string{attribute, value}]
			if n == nil {
				continue
			}
			out = append(out, GroupOutcome{Attribute: attribute, Value: value, Invited: Cell{N: n[0]}, Answered: Cell{N: n[1]}})
			rows = append(rows, n[:])
		}
		hidden := disclosure.Hide(rows, disclosure.Least)
		for i := range rows {
			if hidden.Rows[i] || hidden.All {
				out[from+i].Invited, out[from+i].Answered = Cell{Hidden: true}, Cell{Hidden: true}
			}
		}
	}
	list("", c.d.Study.Languages)
	for _, a := range c.d.Study.Attributes {
		if len(a.Choices) == 0 {
			continue
		}
		values := make([]string, 0, len(a.Choices)+1)
		for _, choice := range a.Choices {
			values = append(values, choice.Name)
		}
		list(a.Name, append(values, ""))
	}
	return out
}

// flow gives the steps; open says that small counts may be shown.
func (c *counting) flow(open bool) []Step {
	for i := range c.moves {
		for _, row := range c.moves[i].Moves {
			for _, n := range row {
				if !open && n > 0 && n < disclosure.Least {
					c.moves[i] = Step{From: c.moves[i].From, To: c.moves[i].To, Hidden: true}
				}
			}
		}
	}
	return c.moves
}
