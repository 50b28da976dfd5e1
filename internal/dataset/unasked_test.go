package dataset_test

import (
	"testing"

	"panelverk/internal/dataset"
	"panelverk/internal/panel"
	"panelverk/internal/questionnaire"
)

// A panel of five, of whom the second wave asks three: who is not asked has no
// interview there (−6), no outcome, and is in no count of the wave.
func TestWhoIsNotAskedInAWave(t *testing.T) {
	in := dataset.Input{Study: aStudy(1, 1), Versions: map[dataset.Ref]*questionnaire.Questionnaire{ref(1): form(ask(questionnaire.Integer, "age"))}}
	yes := document("age", "40")
	in.Members = members(
		dataset.Member{ExportID: "both", Cohort: 1, Status: dataset.Active, Invited: []int{1, 2}, Interviews: []dataset.Interview{given(1, 1, true, yes), given(2, 1, true, yes)}},
		dataset.Member{ExportID: "silent", Cohort: 1, Status: dataset.Active, Invited: []int{1, 2}, Interviews: []dataset.Interview{given(1, 1, true, yes)}},
		dataset.Member{ExportID: "apart", Cohort: 1, Status: dataset.Active, Invited: []int{1}, Unasked: []int{2}, Interviews: []dataset.Interview{given(1, 1, true, yes)}},
		dataset.Member{ExportID: "gone", Cohort: 1, Status: dataset.Left, LeftAt: day("2017-01-25"), Invited: []int{1}, Unasked: []int{2}},
		dataset.Member{ExportID: "new", Cohort: 2, Status: dataset.Active, Unasked: []int{2}, Interviews: []dataset.Interview{given(2, 1, true, yes)}},
	)
	var tally dataset.Tally
	rows := read(t, in, &tally)
	for id, want := range map[string]struct {
		pattern          string
		age, disposition dataset.Missing // in wave 2
	}{
		"both":   {"11", 0, 0},
		"silent": {"10", dataset.NoInterview, 0},
		"apart":  {"1x", dataset.NoInterview, dataset.NoInterview},
		"gone":   {"0x", dataset.Withdrawn, dataset.Withdrawn},
		"new":    {".1", 0, 0}, // asked by somebody all the same
	} {
		cells := rows.long[id][2]
		if got := cells["pattern"].Text; got != want.pattern {
			t.Errorf("%s: the pattern is %s, want %s", id, got, want.pattern)
		}
		if got := cells["age"].Missing; got != want.age {
			t.Errorf("%s: age is missing by %d, want %d", id, got, want.age)
		}
		if got := cells["disposition"].Missing; got != want.disposition {
			t.Errorf("%s: the outcome is missing by %d, want %d", id, got, want.disposition)
		}
	}
	w := tally.Waves[1]
	if w.Invited != 2 || w.Dispositions[panel.IsComplete.Code] != 2 || w.Dispositions[panel.NoContact.Code] != 1 || len(w.Dispositions) != 2 {
		t.Errorf("wave 2 counts %d invited and %v", w.Invited, w.Dispositions)
	}
	if w.Framed != (panel.Counts{I: 2, NC: 1}) {
		t.Errorf("the rates of wave 2 are made of %+v", w.Framed)
	}
	got := tally.Retention.Rates(1)[1]
	if got.Participation != (panel.Fraction{Of: 1, Over: 2}) || got.Conditional != (panel.Fraction{Of: 1, Over: 2}) || got.Baseline != (panel.Fraction{Of: 1, Over: 2}) {
		t.Errorf("the panel rates of wave 2 are %+v", got)
	}
}
