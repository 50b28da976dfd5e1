package dataset_test

import (
	"fmt"
	"testing"

	"panelverk/internal/dataset"
	"panelverk/internal/questionnaire"
)

// BenchmarkRows gives 10,000 members × 4 waves × 35 questions as rows.
func BenchmarkRows(b *testing.B) {
	scale := list("scale", "a", "b", "c", "d", "e", "?dk")
	var items []*questionnaire.Item
	var answers []string
	for i := range 35 {
		name := fmt.Sprintf("question_%02d", i)
		var change []func(*questionnaire.Item)
		if i%5 == 4 {
			change = append(change, when(fmt.Sprintf("${question_%02d} = 'c'", i-1)))
		}
		items = append(items, ask(questionnaire.SelectOne, name, append(change, from(scale))...))
		answers = append(answers, name, string(rune('a'+i%5)))
	}
	m := dataset.Member{ExportID: "p", Cohort: 1, Status: dataset.Active, Invited: []int{1, 2, 3, 4}}
	for w := 1; w <= 4; w++ {
		m.Interviews = append(m.Interviews, given(w, 1, true, document(answers...)))
	}
	d, err := dataset.Build(dataset.Input{Study: aStudy(1, 1, 1, 1), Now: late,
		Versions: map[dataset.Ref]*questionnaire.Questionnaire{ref(1): form(items...)},
		Members: func(yield func(dataset.Member, error) bool) {
			for range 10000 {
				if !yield(m, nil) {
					return
				}
			}
		}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var t dataset.Tally
		for _, err := range d.Rows(&t) {
			if err != nil {
				b.Fatal(err)
			}
		}
		if t.Members != 10000 {
			b.Fatal("members are missing")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/40000, "µs/interview")
}
