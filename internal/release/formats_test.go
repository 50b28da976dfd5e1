package release_test

import (
	"bytes"
	stdcsv "encoding/csv"
	"io"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/parquet-go/parquet-go"

	"panelverk/internal/export/dta"
	"panelverk/internal/export/sav"
	"panelverk/internal/release"
	"panelverk/internal/study"
)

// TestUnionAndWagesComeBackFromEveryFormat writes all 4360 interviews once in each format and
// finds the same counts and the same estimates in all of them.
func TestUnionAndWagesComeBackFromEveryFormat(t *testing.T) {
	o := open(t, 0)
	files := map[string][]byte{}
	if _, err := o.Files(ctx, now, researcher, release.Order{Study: "union-wage", Language: "en", Formats: []study.Format{study.CSV, study.SAV, study.DTA, study.Parquet}},
		func(name string, write func(io.Writer) error) error {
			var b bytes.Buffer
			err := write(&b)
			files[name] = b.Bytes()
			return err
		}, nil); err != nil {
		t.Fatal(err)
	}
	for format, read := range map[string]func(*testing.T, []byte) [][]string{"csv": readCSV, "sav": readSAV, "dta": readDTA, "parquet": readParquet} {
		t.Run(format, func(t *testing.T) {
			all := read(t, files["union-wage_long."+format])
			at := map[string]int{}
			for i, name := range all[0] {
				at[name] = i
			}
			cell := func(row []string, name string) string { return row[at[name]] }
			rows := all[1:]
			if len(rows) != 4360 {
				t.Fatalf("%d rows", len(rows))
			}
			counts := map[string]int{}
			for _, row := range rows {
				counts[cell(row, "union")]++
			}
			if want := map[string]int{"0": 3296, "1": 1064}; !maps.Equal(counts, want) {
				t.Errorf("union %v, want %v", counts, want)
			}
			estimates(t, rows, cell)
		})
	}
}

func readCSV(t *testing.T, data []byte) [][]string {
	rows, err := stdcsv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func number(n float64) string { return strconv.FormatFloat(n, 'g', -1, 64) }

func readSAV(t *testing.T, data []byte) [][]string {
	f, err := sav.Open(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	out := [][]string{nil}
	for _, v := range f.Variables {
		out[0] = append(out[0], v.Name)
	}
	for cells, err := range f.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		var row []string
		for i, c := range cells {
			if f.Variables[i].Width > 0 {
				row = append(row, c.Text)
			} else {
				row = append(row, number(c.Number))
			}
		}
		out = append(out, row)
	}
	return out
}

func readDTA(t *testing.T, data []byte) [][]string {
	f, err := dta.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	out := [][]string{nil}
	for _, v := range f.Variables {
		out[0] = append(out[0], v.Name)
	}
	for cells, err := range f.Data() {
		if err != nil {
			t.Fatal(err)
		}
		var row []string
		for i, c := range cells {
			switch {
			case f.Variables[i].Storage[:3] == "str":
				row = append(row, c.Text)
			case c.Missing != 0:
				row = append(row, string(rune(c.Missing)))
			default:
				row = append(row, number(c.Number))
			}
		}
		out = append(out, row)
	}
	return out
}

func readParquet(t *testing.T, data []byte) [][]string {
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	out := [][]string{nil}
	for _, c := range f.Schema().Columns() {
		out[0] = append(out[0], c[0])
	}
	for _, group := range f.RowGroups() {
		rows, buffer := group.Rows(), make([]parquet.Row, 100)
		for {
			n, err := rows.ReadRows(buffer)
			for _, row := range buffer[:n] {
				var texts []string
				for _, v := range row {
					texts = append(texts, v.String())
				}
				out = append(out, slices.Clone(texts))
			}
			if err != nil {
				break
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out
}
