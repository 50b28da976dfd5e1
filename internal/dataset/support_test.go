package dataset_test

import (
	"slices"
	"testing"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/expr"
	"panelverk/internal/interview"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func ex(source string) *expr.Expr {
	e, err := expr.Parse(source)
	if err != nil {
		panic(err)
	}
	return e
}

func sv(s string) lang.Text { return lang.Text{"sv": s} }

func ask(typ questionnaire.Type, name string, change ...func(*questionnaire.Item)) *questionnaire.Item {
	it := &questionnaire.Item{Name: name, Type: typ, Label: sv(name + "?")}
	for _, c := range change {
		c(it)
	}
	return it
}

func when(source string) func(*questionnaire.Item) {
	return func(it *questionnaire.Item) { it.Relevant = ex(source) }
}

func must(source string) func(*questionnaire.Item) {
	return func(it *questionnaire.Item) { it.Constraint = ex(source) }
}

func calc(source string) func(*questionnaire.Item) {
	return func(it *questionnaire.Item) { it.Calculation = ex(source) }
}

func named(variable string) func(*questionnaire.Item) {
	return func(it *questionnaire.Item) { it.Variable = variable }
}

func label(s string) func(*questionnaire.Item) {
	return func(it *questionnaire.Item) { it.Label = sv(s) }
}

func from(l *questionnaire.List) func(*questionnaire.Item) {
	return func(it *questionnaire.Item) { it.List = l }
}

// list makes a choice list; "?name" is a don't know, "!name" a refusal.
func list(name string, names ...string) *questionnaire.List {
	l := &questionnaire.List{Name: name}
	for _, n := range names {
		c := &questionnaire.Choice{Name: n}
		switch n[0] {
		case '?':
			c.Name, c.Missing = n[1:], questionnaire.DontKnow
		case '!':
			c.Name, c.Missing = n[1:], questionnaire.Refused
		}
		c.Label = sv(c.Name)
		l.Choices = append(l.Choices, c)
	}
	return l
}

// form makes a questionnaire with a page for each question.
func form(items ...*questionnaire.Item) *questionnaire.Questionnaire {
	q := &questionnaire.Questionnaire{Languages: []string{"sv"}, Default: "sv", Items: items}
	var walk func([]*questionnaire.Item)
	walk = func(items []*questionnaire.Item) {
		for _, it := range items {
			if it.Group {
				for _, c := range it.Children {
					c.Parent = it
				}
				walk(it.Children)
				continue
			}
			q.Questions = append(q.Questions, it)
			if it.Asks() {
				q.Pages = append(q.Pages, &questionnaire.Page{Key: it.Name, Items: []*questionnaire.Item{it}})
			}
		}
	}
	walk(items)
	return q
}

func ref(n int) dataset.Ref { return dataset.Ref{Key: "core", Number: n} }

// aStudy has a wave a version given; wave n is open in month n of 2017.
func aStudy(versions ...int) *study.Study {
	s := &study.Study{Key: "smart", Title: sv("Smarta fabriken"), Languages: []string{"sv", "en"}, TimeZone: time.UTC,
		Frame: study.Members, Partial: .5}
	for i, v := range versions {
		opens := day("2017-01-01").AddDate(0, i, 0)
		s.Waves = append(s.Waves, study.Wave{Key: "w" + string(rune('1'+i)), Number: i + 1, Opens: opens,
			Closes: opens.AddDate(0, 0, 20), Questionnaire: "core", Version: v})
	}
	return s
}

var late = day("2018-01-01")

// document makes a stored document: the answers as name, value …; the pages of
// all of them and of the names after "|" were posted.
func document(parts ...string) string {
	d, _ := interview.Decode("")
	at := slices.Index(parts, "|")
	if at < 0 {
		at = len(parts)
	}
	for i := 0; i < at; i += 2 {
		d.Apply(interview.Change{Answers: map[string]string{parts[i]: parts[i+1]}, Page: parts[i]}, day("2017-01-03"))
	}
	for _, p := range parts[min(at+1, len(parts)):] {
		d.Apply(interview.Change{Page: p}, day("2017-01-03"))
	}
	return d.Encode()
}

func given(wave, version int, submitted bool, doc string) dataset.Interview {
	start := day("2017-01-03").AddDate(0, wave-1, 0)
	at := dataset.Interview{Wave: wave, Ref: ref(version), Mode: "web", Language: "sv", Document: doc, StartedAt: start, LastAt: start.Add(9 * time.Minute)}
	if submitted {
		at.SubmittedAt = start.Add(10 * time.Minute)
	}
	return at
}

func members(list ...dataset.Member) func(func(dataset.Member, error) bool) {
	return func(yield func(dataset.Member, error) bool) {
		for _, m := range list {
			if !yield(m, nil) {
				return
			}
		}
	}
}

// table holds all rows of a dataset by column.
type table struct {
	d    *dataset.Dataset
	long map[string]map[int]map[string]dataset.Cell // id → wave → name
	wide map[string]map[string]dataset.Cell
}

func read(t *testing.T, in dataset.Input, tally *dataset.Tally) table {
	t.Helper()
	if in.Now.IsZero() {
		in.Now = late
	}
	d, err := dataset.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	out := table{d, map[string]map[int]map[string]dataset.Cell{}, map[string]map[string]dataset.Cell{}}
	for r, err := range d.Rows(tally) {
		if err != nil {
			t.Fatal(err)
		}
		out.long[r.ID] = map[int]map[string]dataset.Cell{}
		for w, row := range r.Long {
			cells := map[string]dataset.Cell{}
			for i, c := range d.Long() {
				cells[c.Name] = row[i]
			}
			out.long[r.ID][d.Waves[w].Number] = cells
		}
		out.wide[r.ID] = map[string]dataset.Cell{}
		for i, c := range d.Wide() {
			out.wide[r.ID][c.Name] = r.Wide[i]
		}
	}
	return out
}
