package dataset_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"panelverk/internal/dataset"
	"panelverk/internal/questionnaire"
)

// counted reads a dataset of four people over three waves, with the figures of
// everything that is worked out of them.
func counted(t *testing.T, change ...func(*dataset.Input)) (*dataset.Dataset, *dataset.Counts, string) {
	t.Helper()
	versions := map[dataset.Ref]*questionnaire.Questionnaire{ref(1): form(ask(questionnaire.SelectOne, "mood", from(list("mood", "low", "fair", "high"))),
		ask(questionnaire.Integer, "hours", must(". >= 0")))}
	interview := func(wave int, mood, hours string) dataset.Interview {
		return given(wave, 1, true, document("mood", mood, "hours", hours))
	}
	person := func(id string, at ...dataset.Interview) dataset.Member {
		return dataset.Member{ExportID: id, Cohort: 1, Status: dataset.Active, Invited: []int{1, 2, 3}, Interviews: at}
	}
	in := dataset.Input{Study: aStudy(1, 1, 1), Versions: versions, Now: day("2030-01-01"), Members: members(
		person("A", interview(1, "low", "8"), interview(2, "fair", "9"), interview(3, "fair", "10")),
		person("B", interview(1, "fair", "7"), interview(2, "fair", "7"), interview(3, "low", "4")),
		person("C", interview(1, "high", "6"), interview(2, "low", "10")),
		person("D", interview(1, "low", "5"), interview(3, "high", "5")))}
	for _, f := range change {
		f(&in)
	}
	d, err := dataset.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	counts, sum := dataset.NewCounts(d), dataset.NewChecksum(d)
	for r, err := range d.Rows(nil) {
		if err != nil {
			t.Fatal(err)
		}
		counts.Add(r)
		sum.Add(r)
	}
	return d, counts, sum.Sum()
}

func variable(t *testing.T, d *dataset.Dataset, name string) *dataset.Variable {
	t.Helper()
	for _, v := range d.Variables {
		if v.Name == name {
			return v
		}
	}
	t.Fatalf("there is no variable %s", name)
	return nil
}

// The figures were worked out by hand.
func TestMovement(t *testing.T) {
	d, counts, _ := counted(t)
	if got := fmt.Sprint(counts.Pairs()); got != "[[0 1] [1 2] [0 2]]" {
		t.Fatalf("pairs %s", got)
	}
	for _, c := range []struct {
		variable            string
		pair, n, same       int
		before, after, mean float64
		median              float64
		table               string
	}{
		{"mood", 0, 3, 1, 2, 5.0 / 3, -1.0 / 3, 0, "[[0 1 0] [0 1 0] [1 0 0]]"},
		{"mood", 1, 2, 1, 2, 1.5, -.5, -.5, "[[0 0 0] [1 1 0] [0 0 0]]"},
		{"mood", 2, 3, 0, 4.0 / 3, 2, 2.0 / 3, 1, "[[0 1 1] [1 0 0] [0 0 0]]"},
		{"hours", 0, 3, 1, 7, 26.0 / 3, 5.0 / 3, 1, "[]"},
		{"hours", 1, 2, 0, 8, 7, -1, -1, "[]"},
		{"hours", 2, 3, 1, 20.0 / 3, 19.0 / 3, -1.0 / 3, 0, "[]"},
	} {
		m, ok := counts.Movement(variable(t, d, c.variable), c.pair)
		near := func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }
		if !ok || m.N != c.n || m.Same != c.same || !near(m.Before, c.before) || !near(m.After, c.after) || !near(m.Mean, c.mean) ||
			m.Median != c.median || !m.Exact || fmt.Sprint(m.Table) != c.table {
			t.Errorf("%s, pair %d: %+v, want %+v", c.variable, c.pair, m, c)
		}
	}
	if _, ok := counts.Movement(variable(t, d, "minutes"), 0); ok {
		t.Error("what describes the interview is compared")
	}
}

func TestCounts(t *testing.T) {
	d, counts, _ := counted(t)
	mood, hours, id := variable(t, d, "mood"), variable(t, d, "hours"), variable(t, d, "id")
	got := []int{counts.Valid(mood, 0), counts.Valid(mood, 1), counts.Valid(hours, 2), counts.Valid(id, 0), counts.Missing(mood, 1, dataset.NoInterview), counts.Missing(mood, 0, dataset.NoInterview)}
	if want := []int{4, 3, 3, 4, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for code, want := range map[int]int{1: 2, 2: 1, 3: 1} {
		if n, ok := counts.Code(mood, 0, code); !ok || n != want {
			t.Errorf("code %d: %d, %v", code, n, ok)
		}
	}
	if _, ok := counts.Code(hours, 0, 8); ok {
		t.Error("numbers without labels are counted one by one")
	}
	if n, q := counts.Minutes(0); n != 4 || q[0] > q[1] || q[1] > q[2] || q[1] == 0 {
		t.Errorf("minutes of %d: %v", n, q)
	}
}

// What a cut leaves out is not counted, and what it makes coarser is counted so.
func TestCountsOfACut(t *testing.T) {
	d, _, whole := counted(t)
	cut := d.Cut(dataset.Cut{Waves: []int{1, 3}, Variable: func(v *dataset.Variable) *dataset.Variable {
		if v.Name == "minutes" || v.Name == "hours" {
			return nil
		}
		return v
	}, Cell: func(_ dataset.At, v *dataset.Variable, c dataset.Cell) dataset.Cell {
		if v.Name == "mood" && c.Number == 3 {
			return dataset.Cell{Missing: dataset.Suppressed}
		}
		return c
	}})
	counts, sum := dataset.NewCounts(cut), dataset.NewChecksum(cut)
	for r, err := range cut.Rows(nil) {
		if err != nil {
			t.Fatal(err)
		}
		counts.Add(r)
		sum.Add(r)
	}
	mood := variable(t, cut, "mood")
	if m, ok := counts.Movement(mood, 0); !ok || m.N != 2 || m.Mean != 0 || counts.Missing(mood, 0, dataset.Suppressed) != 1 {
		t.Errorf("%+v, %v", m, ok)
	}
	if n, _ := counts.Minutes(0); n != 0 {
		t.Error("minutes that do not leave are counted")
	}
	if sum.Sum() == whole {
		t.Error("another content has the same checksum")
	}
}

func TestChecksumTellsContents(t *testing.T) {
	_, _, a := counted(t)
	_, _, b := counted(t, func(in *dataset.Input) { in.Now = day("2031-01-01") })
	_, _, c := counted(t, func(in *dataset.Input) {
		all := in.Members
		in.Members = func(yield func(dataset.Member, error) bool) {
			for m, err := range all {
				if m.ExportID == "D" {
					m.Interviews[1].Document = document("mood", "high", "hours", "6")
				}
				if !yield(m, err) {
					return
				}
			}
		}
	})
	if len(a) != 64 || a != b || a == c {
		t.Errorf("%s\n%s\n%s", a, b, c)
	}
}

// Corrections come with the record, under the variable that holds the question;
// texts are not told.
func TestCorrected(t *testing.T) {
	in := dataset.Input{Study: aStudy(1), Now: day("2030-01-01"), Versions: map[dataset.Ref]*questionnaire.Questionnaire{ref(1): form(
		ask(questionnaire.SelectOne, "mood", from(list("mood", "low", "fair"))), ask(questionnaire.Integer, "hours"), ask(questionnaire.Text, "words"), ask(questionnaire.Date, "since"))}}
	at := given(1, 1, true, document("mood", "low", "hours", "8", "words", "Ask Bo", "since", "2016-01-02"))
	at.Corrections = map[string]string{"mood": "fair"}
	at.Log = []dataset.Correction{{Question: "mood", Old: "low", New: "fair", Reason: "typed wrongly"}, {Question: "hours", Old: "80", New: "8"},
		{Question: "words", Old: "Ask Bo", New: ""}, {Question: "since", Old: "2016-01-02", New: "2016-01-03"}, {Question: "gone", Old: "1", New: "2"}}
	in.Members = members(dataset.Member{ExportID: "A", Cohort: 1, Status: dataset.Active, Interviews: []dataset.Interview{at}})
	d, err := dataset.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for r, err := range d.Rows(nil) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range r.Corrected {
			c := &r.Corrected[i]
			old, ok := c.Told(c.Old)
			now, _ := c.Told(c.New)
			got = append(got, fmt.Sprintf("%s w%d %q %q %v", c.Variable.Name, c.Wave, old, now, ok))
		}
	}
	want := []string{`mood w1 "1" "2" true`, `hours w1 "80" "8" true`, `words w1 "" "" false`, `since w1 "" "" false`}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}
