package xlsx_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/dataset"
	"panelverk/internal/export/xlsx"
	"panelverk/internal/questionnaire"
)

// benchQuestions give 100 columns, with those that describe an interview and
// the companions of texts and days.
const benchQuestions = 83

// large has people × 4 waves × 100 variables: five-point scales, every fifth
// asked only after a certain answer, numbers, days and a few texts.
func large(t testing.TB, people int) *dataset.Dataset {
	t.Helper()
	var survey, choices strings.Builder
	survey.WriteString("| survey |\n| | type | name | label::Svenska (sv) | relevant | constraint |\n")
	for i := range benchQuestions {
		typ, relevant := "select_one scale", ""
		switch {
		case i%12 == 11:
			typ = "text"
		case i%12 == 7:
			typ = "integer"
		case i == 20:
			typ = "date"
		case i%5 == 4:
			relevant = fmt.Sprintf("${question_%02d} = 'c'", i-1)
		}
		fmt.Fprintf(&survey, "| | %s | question_%02d | Fråga nummer %d om arbetet med ny teknik | %s | |\n", typ, i, i, relevant)
	}
	choices.WriteString("| choices |\n| | list_name | name | label::Svenska (sv) | missing |\n")
	for _, c := range []string{"a", "b", "c", "d", "e"} {
		fmt.Fprintf(&choices, "| | scale | %s | Svar %s | |\n", c, c)
	}
	choices.WriteString("| | scale | dk | Vet inte | dk |\n")
	q := compile(t, survey.String()+choices.String()+"| settings |\n| | form_title | form_id | default_language |\n| | Arbetet | core | Svenska (sv) |\n")

	s := aStudy()
	s.Attributes = nil
	for i := range s.Waves {
		s.Waves[i].Version = 1
	}
	last := s.Waves[2]
	last.Key, last.Number, last.Opens, last.Closes = "w4", 4, last.Opens.AddDate(0, 1, 0), last.Closes.AddDate(0, 1, 0)
	s.Waves = append(s.Waves, last)

	var kinds []dataset.Member
	for k := range 7 {
		m := dataset.Member{Cohort: 1, Status: dataset.Active}
		for _, w := range s.Waves {
			answers := map[string]string{}
			for i, it := range q.Questions {
				switch it.Type {
				case questionnaire.Text:
					answers[it.Name] = "Mer stress sedan roboten kom, men färre tunga lyft."
				case questionnaire.Integer:
					answers[it.Name] = fmt.Sprint(1500 + i + k)
				case questionnaire.Date:
					answers[it.Name] = "2016-05-02"
				default:
					answers[it.Name] = []string{"a", "b", "c", "d", "e", "dk"}[(i+k+w.Number)%6]
				}
			}
			m.Invited = append(m.Invited, w.Number)
			start := w.Opens.Add(time.Hour)
			m.Interviews = append(m.Interviews, dataset.Interview{Wave: w.Number, Ref: dataset.Ref{Key: "core", Number: 1}, Mode: "web", Language: "sv",
				Document: document(answers), StartedAt: start, LastAt: start.Add(9 * time.Minute), SubmittedAt: start.Add(10 * time.Minute)})
		}
		kinds = append(kinds, m)
	}
	d, err := dataset.Build(dataset.Input{Study: s, Now: now, Total: people, Versions: map[dataset.Ref]*questionnaire.Questionnaire{{Key: "core", Number: 1}: q},
		Members: func(yield func(dataset.Member, error) bool) {
			for i := range people {
				m := kinds[i%len(kinds)]
				m.ExportID = fmt.Sprintf("p%07d", i)
				if !yield(m, nil) {
					return
				}
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// bare writes the same cells as the data sheets with the library's stream
// writer and nothing else: the rows of seven people, again and again.
func bare(t testing.TB, d *dataset.Dataset, people int) {
	t.Helper()
	var long [][][]any
	var wide [][]any
	value := func(c dataset.Cell, v *dataset.Variable) any {
		if n, ok := c.Code(v); ok {
			return n
		}
		if c.Kind == dataset.Date {
			return c.Number + 25569
		}
		if c.Missing != 0 {
			return nil
		}
		return c.Text
	}
	for r, err := range d.Rows(nil) {
		if err != nil {
			t.Fatal(err)
		}
		var rows [][]any
		for _, row := range r.Long {
			var out []any
			for i, c := range row {
				out = append(out, value(c, d.Long()[i].Variable))
			}
			rows = append(rows, out)
		}
		long = append(long, rows)
		var out []any
		for i, c := range r.Wide {
			out = append(out, value(c, d.Wide()[i].Variable))
		}
		wide = append(wide, out)
		if len(long) == 7 {
			break
		}
	}
	f := excelize.NewFile(excelize.Options{TmpDir: t.TempDir()})
	defer f.Close()
	open := func(name string) func([]any) {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		s, err := f.NewStreamWriter(name)
		if err != nil {
			t.Fatal(err)
		}
		row := 0
		return func(values []any) {
			if values == nil {
				if err := s.Flush(); err != nil {
					t.Fatal(err)
				}
				return
			}
			row++
			cell, err := excelize.CoordinatesToCellName(1, row)
			if err == nil {
				err = s.SetRow(cell, values)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	toLong, toWide := open("Data_long"), open("Data_wide")
	var toWave []func([]any)
	for _, w := range d.Waves {
		toWave = append(toWave, open(fmt.Sprint("Wave_w", w.Number)))
	}
	for i := range people {
		for w, row := range long[i%7] {
			toLong(row)
			toWave[w](row)
		}
		toWide(wide[i%7])
	}
	toLong(nil)
	toWide(nil)
	for _, to := range toWave {
		to(nil)
	}
	if err := f.Write(io.Discard); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkWorkbook compares the workbook of 10,000 people × 4 waves × 100
// variables, made from stored documents, with a bare stream writer that writes
// the same cells from memory: ×bare is our time by its time, and must stay under
// 1.3. peakMB is the most memory that the program had from the system on the way,
// beyond what it had before; it must stay under 150.
func BenchmarkWorkbook(b *testing.B) {
	const people = 10000
	d := large(b, people)
	b.Logf("%d columns", len(d.Long()))
	var ours, theirs, most float64
	for b.Loop() {
		start := time.Now()
		bare(b, d, people)
		theirs += time.Since(start).Seconds()
		seconds, peak := weighed(b, d)
		ours, most = ours+seconds, max(most, peak)
	}
	b.ReportMetric(ours/float64(b.N), "s/workbook")
	b.ReportMetric(ours/theirs, "×bare")
	b.ReportMetric(most, "peakMB")
}

// BenchmarkWorkbookGrows writes workbooks of 5,000 and 10,000 people, and with
// PANELVERK_LARGE=1 of 20,000, 40,000 and 100,000, which takes minutes and 5 GB of disk:
//
//	PANELVERK_LARGE=1 go test -run '^$' -bench Grows -benchtime 1x -timeout 60m ./internal/export/xlsx
//
// ×linear is the time of each person by what it is in the first of them: 1 is
// linear. peakMB must be the same for all.
func BenchmarkWorkbookGrows(b *testing.B) {
	sizes := []int{5000, 10000}
	if os.Getenv("PANELVERK_LARGE") != "" {
		sizes = append(sizes, 20000, 40000, 100000)
	}
	first := 0.0
	for _, people := range sizes {
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			d := large(b, people)
			var ours, most float64
			for b.Loop() {
				seconds, peak := weighed(b, d)
				ours, most = ours+seconds, max(most, peak)
			}
			ours /= float64(b.N)
			if people == sizes[0] {
				first = ours / float64(people)
			}
			b.ReportMetric(ours, "s/workbook")
			b.ReportMetric(ours/float64(people)/first, "×linear")
			b.ReportMetric(most, "peakMB")
		})
	}
}

// weighed writes a workbook, and gives the seconds and the megabytes it took.
func weighed(b *testing.B, d *dataset.Dataset) (seconds, peak float64) {
	b.Helper()
	debug.FreeOSMemory()
	before := held()
	steps := 0
	start := time.Now()
	err := xlsx.Write(context.Background(), io.Discard, d, xlsx.Options{TempDir: b.TempDir(), Now: now, Language: "sv", Progress: func(int, int) {
		if steps++; steps%8 == 0 {
			peak = max(peak, held()-before)
		}
	}})
	if err != nil {
		b.Fatal(err)
	}
	return time.Since(start).Seconds(), peak
}

// held gives the megabytes that the program has from the system.
func held() float64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.Sys-stats.HeapReleased) / 1e6
}

// TestMemoryDoesNotGrow holds that half as many people again need no more memory.
// The buffers of the sheets fill up to a fixed size first: the long answers
// take both sizes past that.
func TestMemoryDoesNotGrow(t *testing.T) {
	s := aStudy()
	s.Waves = s.Waves[:1]
	m := dataset.Member{Cohort: 1, Status: dataset.Active, Invited: []int{1}, Interviews: []dataset.Interview{{Wave: 1,
		Ref: dataset.Ref{Key: "core", Number: 1}, Mode: "web", Language: "sv", StartedAt: now, LastAt: now, SubmittedAt: now,
		Document: document(map[string]string{"robot": "yes", "comment": strings.Repeat("Mer stress, men färre tunga lyft. ", 120)})}}}
	peak := func(people int) uint64 {
		d, err := dataset.Build(dataset.Input{Study: s, Now: now, Total: people,
			Versions: map[dataset.Ref]*questionnaire.Questionnaire{{Key: "core", Number: 1}: compile(t, first)},
			Members: func(yield func(dataset.Member, error) bool) {
				for i := range people {
					m.ExportID = fmt.Sprint(i)
					if !yield(m, nil) {
						return
					}
				}
			}})
		if err != nil {
			t.Fatal(err)
		}
		var top, before uint64
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		before = stats.HeapAlloc
		err = xlsx.Write(context.Background(), io.Discard, d, xlsx.Options{TempDir: t.TempDir(), Now: now, Progress: func(done, total int) {
			if done%500 == 0 || done == total {
				runtime.GC()
				runtime.ReadMemStats(&stats)
				top = max(top, stats.HeapAlloc-min(before, stats.HeapAlloc))
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		return top
	}
	few, many := peak(4400), peak(6600)
	t.Logf("peak %d MB for 4,400 people, %d MB for 6,600", few>>20, many>>20)
	if many > few+1<<20 { // the answers of those between are 9 MB
		t.Error("memory grows with the number of people")
	}
}
