package export_test

import (
	stdcsv "encoding/csv"
	"fmt"
	"io"
	"iter"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/export/csv"
	"panelverk/internal/export/dta"
	"panelverk/internal/export/exporttest"
	"panelverk/internal/export/parquet"
	"panelverk/internal/export/sav"
	"panelverk/internal/lang"
)

const (
	benchWaves     = 4
	benchVariables = 100
)

// panel has people × 4 waves × 100 variables: five-point scales and ticks for
// the most part, some numbers, days and words; every eighth cell is missing.
func panel(people int) *export.Table {
	columns := make([]dataset.Column, benchVariables)
	scale := []dataset.Value{{Code: 1, Label: lang.Text{"sv": "Aldrig"}}, {Code: 5, Label: lang.Text{"sv": "Alltid"}}}
	for i := range columns {
		v := &dataset.Variable{Name: fmt.Sprintf("question_%02d", i), Kind: dataset.Number, Integer: true, Varying: i > 0, Label: lang.Text{"sv": fmt.Sprintf("Fråga nummer %d om arbetet", i)}}
		switch {
		case i == 0:
			v.Name, v.Kind = "id", dataset.Text
		case i%33 == 0:
			v.Kind = dataset.Text
		case i%25 == 1:
			v.Kind = dataset.Date
		case i%10 < 8:
			v.Values = scale
		}
		columns[i] = dataset.Column{Name: v.Name, Variable: v}
	}
	kinds := make([][]dataset.Cell, 17)
	for k := range kinds {
		row := make([]dataset.Cell, len(columns))
		for i, c := range columns {
			row[i] = dataset.Cell{Kind: c.Variable.Kind, Number: float64(1 + (i+k)%5)}
			switch {
			case (i*7+k)%8 == 0 && i > 0:
				row[i] = dataset.Cell{Missing: dataset.Missings()[(i+k)%12]}
			case c.Variable.Kind == dataset.Text:
				row[i].Text = "Mer stress sedan roboten kom, men färre tunga lyft."[:20+k%15]
			case c.Variable.Kind == dataset.Date:
				row[i].Number, row[i].Text = float64(16900+k), "2016-05-02"
			case i%10 == 8:
				row[i].Number = float64(1500 + i*k)
			case i%10 == 9:
				row[i].Number = float64(i*k) / 8
			}
		}
		kinds[k] = row
	}
	return &export.Table{Name: "long", Columns: columns, Keys: 1, Count: people * benchWaves, Rows: func() iter.Seq2[[]dataset.Cell, error] {
		return func(yield func([]dataset.Cell, error) bool) {
			row := make([]dataset.Cell, len(columns))
			for i := range people * benchWaves {
				copy(row, kinds[i%len(kinds)])
				row[0].Text = fmt.Sprintf("p%09d", i/benchWaves)
				if !yield(row, nil) {
					return
				}
			}
		}
	}}
}

// formats are the writers; that of workbooks has benchmarks of its own.
var formats = []struct {
	name  string
	write exporttest.Write
}{
	{"csv", func(w io.Writer, t *export.Table, _ *export.About) error { return csv.Write(w, t) }},
	{"sav", sav.Write}, {"dta", dta.Write}, {"parquet", parquet.Write},
}

// written counts what is written.
type written struct{ n int64 }

func (w *written) Write(b []byte) (int, error) {
	w.n += int64(len(b))
	return len(b), nil
}

// convert writes a table as a format does when it is exported alone: the rows go
// to disk and from there into the file. step is called every so often.
func convert(b testing.TB, table *export.Table, write exporttest.Write, step func()) int64 {
	b.Helper()
	progress := func(int, int) { step() }
	s, err := export.NewSpool(b.TempDir(), table.Columns)
	if err != nil {
		b.Fatal(err)
	}
	for row, err := range table.With(b.Context(), progress).Rows() {
		if err == nil {
			err = s.Add(row)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	spooled := *table
	if err := s.Fill(&spooled); err != nil {
		b.Fatal(err)
	}
	var out written
	about := &export.About{Study: "s", Languages: []string{"sv"}, Now: time.Unix(0, 0)}
	if err := write(&out, spooled.With(b.Context(), progress), about); err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	return out.n
}

// bare writes the same cells with encoding/csv.
func bare(b testing.TB, table *export.Table) {
	b.Helper()
	w := stdcsv.NewWriter(io.Discard)
	record := make([]string, len(table.Columns))
	for row, err := range table.Rows() {
		if err != nil {
			b.Fatal(err)
		}
		for i, c := range row {
			n, ok := c.Code(table.Columns[i].Variable)
			switch {
			case ok:
				record[i] = strconv.FormatFloat(n, 'f', -1, 64)
			default:
				record[i] = c.Text
			}
		}
		if err := w.Write(record); err != nil {
			b.Fatal(err)
		}
	}
	if w.Flush(); w.Error() != nil {
		b.Fatal(w.Error())
	}
}

// BenchmarkFormats writes 10,000, 20,000, 40,000 and 100,000 people × 4 waves × 100
// variables, the rows to disk first and from there into the file.
//
// ×encoding/csv is our time by that of encoding/csv for the same cells, so that
// less than 1 is faster than it: at most 2, or else MB/s at least 60. ×linear is
// the time of each person by that of each of 10,000: 1 is linear. peakMB is the
// most memory that the program had from the system on the way, beyond what it had
// before: below 150, and the same for all sizes.
func BenchmarkFormats(b *testing.B) {
	for _, f := range formats {
		first := 0.0
		for _, people := range []int{10000, 20000, 40000, 100000} {
			b.Run(fmt.Sprintf("%s/%d", f.name, people), func(b *testing.B) {
				table := panel(people)
				var ours, theirs, top float64
				var bytes int64
				for b.Loop() {
					if people == 10000 {
						start := time.Now()
						bare(b, table)
						theirs += time.Since(start).Seconds()
					}
					debug.FreeOSMemory()
					before := held()
					steps := 0
					start := time.Now()
					bytes += convert(b, table, f.write, func() {
						if steps++; steps%32 == 0 {
							top = max(top, held()-before)
						}
					})
					ours += time.Since(start).Seconds()
				}
				if theirs > 0 {
					first = ours / float64(b.N)
					b.ReportMetric(ours/theirs, "×encoding/csv")
				}
				b.ReportMetric(ours/float64(b.N)/first/(float64(people)/10000), "×linear")
				b.ReportMetric(ours/float64(b.N), "s/file")
				b.ReportMetric(float64(bytes)/1e6/ours, "MB/s")
				b.ReportMetric(float64(bytes)/1e6/float64(b.N), "MB")
				b.ReportMetric(top, "peakMB")
			})
		}
	}
}

// held gives the megabytes that the program has from the system.
func held() float64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.Sys-stats.HeapReleased) / 1e6
}

// TestMemoryDoesNotGrow holds that four times as many people need no more memory.
// Parquet has groups of rows in memory, of a size that these do not fill.
func TestMemoryDoesNotGrow(t *testing.T) {
	for _, f := range formats {
		if f.name == "parquet" {
			continue
		}
		peak := func(people int) uint64 {
			var top uint64
			var stats runtime.MemStats
			table := panel(people)
			runtime.GC()
			runtime.ReadMemStats(&stats)
			before := stats.HeapAlloc
			steps := 0
			convert(t, table, f.write, func() {
				if steps++; steps%8 == 0 {
					runtime.GC()
					runtime.ReadMemStats(&stats)
					top = max(top, stats.HeapAlloc-min(before, stats.HeapAlloc))
				}
			})
			if steps < 8 {
				t.Fatalf("%s: nothing was measured", f.name)
			}
			return top
		}
		few, many := peak(1000), peak(4000)
		t.Logf("%s: peak %d kB for 1,000 people, %d kB for 4,000", f.name, few>>10, many>>10)
		if many > few+few/5+1<<18 || many > 16<<20 {
			t.Errorf("%s: %d bytes for 1,000 people, %d for 4,000", f.name, few, many)
		}
	}
}
