package dataset_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"panelverk/internal/dataset"
	"panelverk/internal/questionnaire"
)

func TestSummaryCountsEverybodyOnce(t *testing.T) {
	q := form(
		ask(questionnaire.SelectOne, "mood", from(list("mood", "low", "high", "?unknown"))),
		ask(questionnaire.SelectMultiple, "tools", from(list("tools", "saw", "drill"))),
		ask(questionnaire.Integer, "hours"),
		ask(questionnaire.Text, "words"),
	)
	person := func(id string, cohort int, given ...dataset.Interview) dataset.Member {
		return dataset.Member{ExportID: id, Cohort: cohort, Status: dataset.Active, Interviews: given}
	}
	d, err := dataset.Build(dataset.Input{Study: aStudy(1, 1), Versions: map[dataset.Ref]*questionnaire.Questionnaire{ref(1): q}, Now: late, Members: members(
		person("a", 1, given(1, 1, true, document("mood", "low", "tools", "saw drill", "hours", "40", "words", "good")), given(2, 1, true, document("mood", "high", "tools", "saw", "hours", "38", "|", "words"))),
		person("b", 1, given(1, 1, true, document("mood", "low", "hours", "20", "|", "tools", "words"))),
		person("c", 1, given(1, 1, true, document("mood", "unknown", "hours", "10", "|", "tools", "words")), given(2, 1, true, document("mood", "high", "hours", "16", "|", "tools", "words"))),
		person("d", 2, given(2, 1, true, document("mood", "low", "hours", "30", "|", "tools", "words"))),
	)})
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.Summarise()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range s.Variables {
		for w, c := range v.Waves {
			sum := c.Absent + c.Valid
			for _, n := range c.Missing {
				sum += n
			}
			if sum != 4 || c.Absent != 1 {
				t.Errorf("%s counts %d people in wave %d, %d of them absent", v.Variable.Name, sum, w+1, c.Absent)
			}
		}
	}
	of := map[string]*dataset.Distribution{}
	for _, v := range s.Variables {
		of[v.Variable.Name] = v
	}
	if got := fmt.Sprint(of["mood"].Waves[0].Values, of["mood"].Waves[0].Missing, of["mood"].Moves[0].Moves); got != "[2 0] map[don't know:1] [[0 1 1] [0 0 0] [1 1 0]]" &&
		got != "[2 0] map[-1:1] [[0 1 1] [0 0 0] [1 1 0]]" {
		t.Errorf("mood is counted %s", got)
	}
	hours := of["hours"]
	if m := hours.Moves[0]; m.Both != 2 || m.First != 1 || m.Second != 1 || m.Neither != 0 || m.Change.Mean() != 2 || m.Change.Median() != 2 {
		t.Errorf("hours change %+v", m)
	}
	if c := hours.Waves[0]; c.Sizes.Median() != 20 || math.Abs(c.Sizes.Mean()-70.0/3) > 1e-9 {
		t.Errorf("the hours of wave 1 have mean %v and median %v", c.Sizes.Mean(), c.Sizes.Median())
	}
	if of["words"].Form != dataset.Counted || of["words"].Waves[0].Valid != 1 || of["id"] != nil || s.Interviewed[0] != 3 {
		t.Errorf("forms: %v", slices.Collect(maps.Keys(of)))
	}
}

// TestSizes holds a histogram against the numbers themselves.
func TestSizes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Float64Range(-1e5, 1e5), 1, 2000).Draw(t, "numbers")
		var s dataset.Sizes
		for _, x := range append(list, math.NaN()) {
			s.Add(x)
		}
		slices.Sort(list)
		n := len(list)
		if median := (list[(n-1)/2] + list[n/2]) / 2; s.N != n || math.Abs(s.Median()-median) > 1024 {
			t.Fatalf("%d numbers with the median %v, want %d with %v", s.N, s.Median(), n, median)
		}
		sum := 0
		for _, part := range s.Between([]float64{-10, 0, 7}) {
			sum += part
		}
		if sum != n {
			t.Fatalf("%d of %d lie between the cuts", sum, n)
		}
	})
}
