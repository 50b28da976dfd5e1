package csv_test

import (
	"bufio"
	stdcsv "encoding/csv"
	"io"
	"iter"
	"strconv"
	"testing"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/export/csv"
)

// large is rows of an id, a wave and 98 answers, one in ten of them missing.
func large(rows int) *export.Table {
	t := &export.Table{Name: "long", Count: rows, Keys: 2}
	for i := range 100 {
		v := &dataset.Variable{Name: "v" + strconv.Itoa(i), Kind: dataset.Number, Integer: true, Varying: true}
		if i == 0 || i%25 == 24 {
			v.Kind = dataset.Text
		}
		t.Columns = append(t.Columns, dataset.Column{Name: v.Name, Variable: v})
	}
	t.Rows = func() iter.Seq2[[]dataset.Cell, error] {
		return func(yield func([]dataset.Cell, error) bool) {
			row := make([]dataset.Cell, len(t.Columns))
			for n := range rows {
				for i := range row {
					switch {
					case t.Columns[i].Variable.Kind == dataset.Text:
						row[i] = dataset.Cell{Kind: dataset.Text, Text: "Vi har fått nya robotar, och tempot är högre"}
					case (n+i)%10 == 0:
						row[i] = dataset.Cell{Missing: dataset.NoInterview}
					default:
						row[i] = dataset.Cell{Kind: dataset.Number, Number: float64((n + i) % 7)}
					}
				}
				if !yield(row, nil) {
					return
				}
			}
		}
	}
	return t
}

// counter counts what is written.
type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// BenchmarkCSV writes 10,000 persons × 4 waves × 100 variables, and compares it
// with the same cells through encoding/csv, as texts.
func BenchmarkCSV(b *testing.B) {
	t := large(40_000)
	var ours, theirs time.Duration
	var out counter
	for b.Loop() {
		out.n = 0
		began := time.Now()
		if err := csv.Write(&out, t); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(began)
		began = time.Now()
		if err := plain(io.Discard, t); err != nil {
			b.Fatal(err)
		}
		theirs += time.Since(began)
	}
	b.ReportMetric(float64(out.n)*float64(b.N)/1e6/ours.Seconds(), "MB/s")
	b.ReportMetric(float64(ours)/float64(theirs), "of-encoding/csv")
}

// plain is the same cells with encoding/csv.
func plain(w io.Writer, t *export.Table) error {
	buffered := bufio.NewWriter(w)
	c := stdcsv.NewWriter(buffered)
	record := make([]string, len(t.Columns))
	for row, err := range t.Rows() {
		if err != nil {
			return err
		}
		for i, cell := range row {
			switch {
			case cell.Missing != 0:
				record[i] = strconv.Itoa(int(cell.Missing))
			case cell.Kind == dataset.Text:
				record[i] = cell.Text
			default:
				record[i] = strconv.FormatFloat(cell.Number, 'f', -1, 64)
			}
		}
		if err := c.Write(record); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}
