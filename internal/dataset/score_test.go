package dataset_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"panelverk/internal/dataset"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// autonomy is a scale of three items, the last of them reversed.
func autonomy(score study.Score, least int) study.Scale {
	return study.Scale{Name: "autonomy", Label: sv("Självbestämmande"), Low: 1, High: 5, Score: score, Least: least,
		Items: []study.ScaleItem{{Question: "a"}, {Question: "b"}, {Question: "c", Reversed: true}}}
}

func abc(version int, in ...*questionnaire.Item) map[dataset.Ref]*questionnaire.Questionnaire {
	positive := must(". >= 0")
	items := append([]*questionnaire.Item{ask(questionnaire.Integer, "a", positive), ask(questionnaire.Integer, "b", positive), ask(questionnaire.Integer, "c", positive)}, in...)
	return map[dataset.Ref]*questionnaire.Questionnaire{ref(version): form(items...)}
}

func TestScales(t *testing.T) {
	for _, c := range []struct {
		name   string
		score  study.Score
		least  int
		answer []string
		want   dataset.Cell
	}{
		{"mean of all, the last reversed", study.Mean, 3, []string{"a", "2", "b", "3", "c", "1"}, dataset.Cell{Kind: dataset.Number, Number: 10.0 / 3}},
		{"sum", study.Sum, 3, []string{"a", "2", "b", "3", "c", "1"}, dataset.Cell{Kind: dataset.Number, Number: 10}},
		{"one left blank, two are enough", study.Mean, 2, []string{"a", "2", "c", "1", "|", "b"}, dataset.Cell{Kind: dataset.Number, Number: 3.5}},
		{"a sum with one left blank is scaled up", study.Sum, 2, []string{"a", "2", "c", "1", "|", "b"}, dataset.Cell{Kind: dataset.Number, Number: 10.5}},
		{"one left blank is too few", study.Mean, 3, []string{"a", "2", "c", "1", "|", "b"}, dataset.Cell{Missing: dataset.Blank}},
		{"nothing at all", study.Mean, 1, []string{"|", "a", "b", "c"}, dataset.Cell{Missing: dataset.Blank}},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := aStudy(1)
			st.Scales = []study.Scale{autonomy(c.score, c.least)}
			in := dataset.Input{Study: st, Versions: abc(1), Members: members(dataset.Member{ExportID: "p", Cohort: 1, Status: dataset.Active,
				Invited: []int{1}, Interviews: []dataset.Interview{given(1, 1, true, document(c.answer...))}})}
			rows := read(t, in, nil)
			if got := rows.long["p"][1]["autonomy"]; got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if got := rows.wide["p"]["autonomy_w1"]; got != c.want {
				t.Errorf("wide: %+v", got)
			}
		})
	}
}

// A wave without an interview and one whose version lacks an item say so.
func TestScalesOverWaves(t *testing.T) {
	st := aStudy(1, 2, 1)
	st.Scales = []study.Scale{autonomy(study.Mean, 3), {Name: "unasked", Items: []study.ScaleItem{{Question: "x"}, {Question: "y"}}, Least: 1}}
	versions := abc(1)
	versions[ref(2)] = form(ask(questionnaire.Integer, "a", must(". >= 0")), ask(questionnaire.Integer, "b", must(". >= 0")))
	in := dataset.Input{Study: st, Versions: versions, Members: members(dataset.Member{ExportID: "p", Cohort: 1, Status: dataset.Active, Invited: []int{1, 2, 3},
		Interviews: []dataset.Interview{given(1, 1, true, document("a", "1", "b", "1", "c", "5")), given(2, 2, true, document("a", "1", "b", "1"))}})}
	rows := read(t, in, nil)
	for wave, want := range map[int]dataset.Cell{1: {Kind: dataset.Number, Number: 1}, 2: {Missing: dataset.NotInVersion}, 3: {Missing: dataset.NoInterview}} {
		if got := rows.long["p"][wave]["autonomy"]; got != want {
			t.Errorf("wave %d: %+v, want %+v", wave, got, want)
		}
	}
	if slices.ContainsFunc(rows.d.Variables, func(v *dataset.Variable) bool { return v.Name == "unasked" }) {
		t.Error("a scale without any item in the data is a variable")
	}
}

// The figure is worked out by hand: variances 1.3, 1.3 and 1.7 of the items (the
// last reversed) and 11.7 of their sum, so 3/2 · (1 − 4.3/11.7).
func TestAlpha(t *testing.T) {
	st := aStudy(1)
	st.Scales = []study.Scale{autonomy(study.Mean, 2)}
	var panel []dataset.Member
	for i, row := range [][3]int{{1, 1, 5}, {2, 2, 3}, {3, 2, 4}, {4, 4, 2}, {3, 3, 2}} {
		panel = append(panel, dataset.Member{ExportID: fmt.Sprint("p", i), Cohort: 1, Status: dataset.Active, Invited: []int{1}, Interviews: []dataset.Interview{
			given(1, 1, true, document("a", fmt.Sprint(row[0]), "b", fmt.Sprint(row[1]), "c", fmt.Sprint(row[2])))}})
	}
	panel = append(panel, dataset.Member{ExportID: "q", Cohort: 1, Status: dataset.Active, Invited: []int{1}, Interviews: []dataset.Interview{given(1, 1, true, document("a", "1", "b", "5", "|", "c"))}})
	var tally dataset.Tally
	rows := read(t, dataset.Input{Study: st, Versions: abc(1), Members: members(panel...)}, &tally)
	i := slices.IndexFunc(rows.d.Variables, func(v *dataset.Variable) bool { return v.Name == "autonomy" })
	alpha, n, ok := tally.Alpha(rows.d.Variables[i], 0)
	if want := 1.5 * (1 - 4.3/11.7); !ok || n != 5 || math.Abs(alpha-want) > 1e-12 {
		t.Errorf("α = %v of %d people, want %v of 5", alpha, n, want)
	}
}

// Of eight women six answered, of twelve men ten, and of three of whom nothing
// is known two: these are put to the women, who are fewer.
func TestWeights(t *testing.T) {
	st := aStudy(1)
	st.Attributes = []study.Attribute{{Name: "sex", Label: sv("Kön"), Choices: []study.Choice{{Name: "f", Code: 1, Label: sv("Kvinna")}, {Name: "m", Code: 2, Label: sv("Man")}}}}
	st.Weighting = &study.Weighting{By: []string{"sex"}}
	var panel []dataset.Member
	for _, g := range []struct {
		sex             string
		asked, answered int
	}{{"f", 8, 6}, {"m", 12, 10}, {"", 3, 2}} {
		for i := range g.asked {
			m := dataset.Member{ExportID: fmt.Sprint("p", g.sex, i), Cohort: 1, Status: dataset.Active, Invited: []int{1}, Attributes: map[string]string{"sex": g.sex}}
			if i < g.answered {
				m.Interviews = []dataset.Interview{given(1, 1, true, document("a", "1", "b", "1", "c", "1"))}
			}
			panel = append(panel, m)
		}
	}
	rows := read(t, dataset.Input{Study: st, Versions: abc(1), Members: members(panel...)}, nil)
	for id, want := range map[string]dataset.Cell{
		"pf0": {Kind: dataset.Number, Number: 11.0 / 8}, "p0": {Kind: dataset.Number, Number: 11.0 / 8}, "pm0": {Kind: dataset.Number, Number: 1.2}, "pm11": {Missing: dataset.NoInterview},
	} {
		if got := rows.long[id][1]["weight"]; got != want {
			t.Errorf("%s: %+v, want %+v", id, got, want)
		}
	}
	w := rows.d.Weights()[0]
	if squares := 8*(11.0/8)*(11.0/8) + 10*1.2*1.2; math.Abs(w.Sum-23) > 1e-9 || math.Abs(w.Effective-23*23/squares) > 1e-9 || len(w.Cells) != 2 {
		t.Errorf("%+v", w)
	}
}
