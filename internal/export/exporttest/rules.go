package exporttest

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
)

// Rule says what a reader should find in a file.
type Rule struct {
	Title  string
	Label  func(dataset.Column) string
	Values func(*dataset.Variable) []ReadCell // nil where the reader gives none
	Cell   func(dataset.Cell, *dataset.Variable) ReadCell
	Ranges bool // numbers have a range that is user-missing
	Blanks bool // those at the end of a text are lost
}

// Hold compares what was read with the table: every name, label, value, and
// reason for a missing one.
func (r *Rule) Hold(t *testing.T, name string, read Read, table *export.Table) {
	t.Helper()
	if read.Rows != table.Count || len(read.Columns) != len(table.Columns) || read.Label != r.Title {
		t.Errorf("%s: %d rows of %d, %d columns of %d, label %q for %q", name, read.Rows, table.Count, len(read.Columns), len(table.Columns), read.Label, r.Title)
		return
	}
	want := Rows(t, table)
	for i, got := range read.Columns {
		c := table.Columns[i]
		v := c.Variable
		if got.Name != c.Name || got.Label != r.Label(c) {
			t.Errorf("%s: %s with the label %q, want %s with %q", name, got.Name, got.Label, c.Name, r.Label(c))
		}
		if r.Values != nil {
			if values := r.Values(v); !slices.Equal(got.Values, values) {
				t.Errorf("%s: %s: value labels %v, want %v", name, c.Name, got.Values, values)
			}
		}
		if r.Ranges && v.Kind == dataset.Number && len(got.Values) > 0 && slices.ContainsFunc(got.Values, func(c ReadCell) bool { return c.Number < 0 }) {
			if low, high := export.MissingRange(v); !slices.Equal(got.Range, []float64{low, high}) {
				t.Errorf("%s: %s: %v are missing", name, c.Name, got.Range)
			}
		}
		if len(got.Cells) != len(want) {
			t.Errorf("%s: %s: %d cells of %d", name, c.Name, len(got.Cells), len(want))
			continue
		}
		for n, cell := range got.Cells {
			w := r.Cell(want[n][i], v)
			if r.Blanks {
				cell.Text, w.Text = strings.TrimRight(strings.ToValidUTF8(cell.Text, ""), " "), strings.TrimRight(w.Text, " ")
			}
			if !equal(cell, w, v) {
				t.Errorf("%s: row %d, %s: %.90v, want %.90v", name, n+1, c.Name, cell, w)
				break // one of a column is enough
			}
		}
	}
}

// equal compares two cells. What is wanted as missing without a reason may have
// one; a moment is in seconds, which are not all numbers.
func equal(got, want ReadCell, v *dataset.Variable) bool {
	if want.Missing == "m" {
		return got.Missing != ""
	}
	if v.Kind == dataset.DateTime && got.Missing == want.Missing && math.Abs(got.Number-want.Number) < 1e-4 {
		return true
	}
	return got == want
}

// coded gives a number, and where it is missing its code; days since 1970,
// and of a moment the seconds.
func coded(c dataset.Cell, v *dataset.Variable) ReadCell {
	n, isNumber := c.Code(v)
	switch {
	case c.Missing == 0 && v.Kind == dataset.Text:
		return ReadCell{Text: c.Text}
	case c.Missing == 0 && v.Kind == dataset.DateTime:
		return ReadCell{Number: c.Number / 1000}
	case c.Missing == 0:
		return ReadCell{Number: c.Number}
	case isNumber:
		return ReadCell{Number: n}
	case v.Kind == dataset.Text:
		return ReadCell{}
	}
	return ReadCell{Missing: "m"}
}

// Limits of SPSS, in bytes.
const (
	savFile, savLabel, savValue, savText = 64, 255, 120, 32750
)

// SAVInR is what haven finds in a file for SPSS.
func SAVInR(about *export.About) *Rule {
	tag := about.Language()
	return &Rule{
		Title:  export.Fit(cmp.Or(about.In(tag, about.Title), about.Study), savFile, export.Bytes),
		Label:  func(c dataset.Column) string { return about.FitLabel(tag, c, savLabel, export.Bytes) },
		Ranges: true,
		Blanks: true,
		Values: func(v *dataset.Variable) []ReadCell {
			var out []ReadCell
			for _, value := range about.Values(tag, v) {
				if label := export.Fit(value.Label, savValue, export.Bytes); label != "" {
					out = append(out, ReadCell{Number: value.Code, Text: label})
				}
			}
			return out
		},
		Cell: func(c dataset.Cell, v *dataset.Variable) ReadCell {
			out := coded(c, v)
			if n := len(out.Text); n > savText {
				tail := "… [" + strconv.Itoa(n) + "]"
				out.Text = strings.ToValidUTF8(out.Text[:savText-len(tail)], "") + tail
			}
			return out
		},
	}
}

// SyntaxInPSPP is what the program for SPSS makes of a CSV file.
func SyntaxInPSPP(about *export.About) *Rule {
	const label = 250
	r, tag := SAVInR(about), about.Language()
	line := strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ")
	r.Title = ""
	r.Label = func(c dataset.Column) string { return line.Replace(about.FitLabel(tag, c, label, export.Bytes)) }
	values := r.Values
	r.Cell = func(c dataset.Cell, v *dataset.Variable) ReadCell {
		const text = 32767
		out := coded(c, v)
		if len(out.Text) > text {
			out.Text = strings.ToValidUTF8(out.Text[:text], "")
		}
		return out
	}
	r.Values = func(v *dataset.Variable) []ReadCell {
		out := values(v)
		for i := range out {
			out[i].Text = line.Replace(out[i].Text)
		}
		return out
	}
	return r
}

// Limits of Stata: letters of a label, bytes of a value's.
const (
	dtaLabel = 80
	dtaValue = 32000
)

// DTA is what R finds in a file for Stata, and pandas where it reads the numbers
// as they are stored.
func DTA(about *export.About, stored bool) *Rule {
	tag := about.Language()
	const days = 3653 // from 1960
	return &Rule{
		Title:  export.Fit(cmp.Or(about.In(tag, about.Title), about.Study), dtaLabel, export.Runes),
		Blanks: !stored, // they are in the file; haven takes them off
		Label:  func(c dataset.Column) string { return about.FitLabel(tag, c, dtaLabel, export.Runes) },
		Values: func(v *dataset.Variable) []ReadCell {
			var values, missings []ReadCell
			for _, value := range about.Values(tag, v) {
				switch {
				case value.Label == "":
				case len(value.Label) > dtaValue:
					values = append(values, ReadCell{Number: value.Code, Text: export.Fit(value.Label, dtaValue, export.Bytes)})
				case value.Missing != 0:
					missings = append(missings, ReadCell{Missing: "m" + value.Missing.Stata()[1:], Text: value.Label})
				default:
					values = append(values, ReadCell{Number: value.Code, Text: value.Label})
				}
			}
			slices.SortFunc(missings, func(a, b ReadCell) int { return cmp.Compare(a.Missing, b.Missing) })
			return append(values, missings...)
		},
		Cell: func(c dataset.Cell, v *dataset.Variable) ReadCell {
			moment := v.Kind == dataset.Date || v.Kind == dataset.DateTime
			switch {
			case v.Kind == dataset.Text:
				return ReadCell{Text: c.Text}
			case c.Missing != 0 && moment && !stored:
				return ReadCell{Missing: "m"} // R's days have no reasons
			case c.Missing != 0:
				return ReadCell{Missing: "m" + c.Missing.Stata()[1:]}
			case stored && v.Kind == dataset.Date:
				return ReadCell{Number: c.Number + days}
			case stored && v.Kind == dataset.DateTime:
				return ReadCell{Number: c.Number + days*24*60*60*1000}
			}
			return coded(c, v)
		},
	}
}

// StataProgram is what the program for Stata makes of a CSV file: as a file for
// Stata is, but for signs that a program there cannot hold in a text.
func StataProgram(about *export.About) *Rule {
	quoted := strings.NewReplacer("`", "'", "$", "\uff04", "\r", " ", "\n", " ", "\"'", "”'")
	r := DTA(about, true)
	label, values := r.Label, r.Values
	r.Title = quoted.Replace(export.Fit(about.In(about.Language(), about.Title), dtaLabel, export.Runes))
	r.Label = func(c dataset.Column) string { return quoted.Replace(label(c)) }
	r.Values = func(v *dataset.Variable) []ReadCell {
		out := values(v)
		for i := range out {
			out[i].Text = quoted.Replace(out[i].Text)
		}
		return out
	}
	cell := r.Cell
	r.Cell = func(c dataset.Cell, v *dataset.Variable) ReadCell {
		if c.Missing != 0 && v.Kind != dataset.Number && v.Kind != dataset.Text {
			return ReadCell{Missing: "m"} // the companion beside it says why
		}
		return cell(c, v)
	}
	return r
}

// Program is what a program that reads the CSV file makes of it: in R, in which
// every label is there once, and in Python.
func Program(about *export.About, once bool) *Rule {
	tag := about.Language()
	return &Rule{
		Label:  func(c dataset.Column) string { return about.Label(tag, c) },
		Ranges: once,
		Cell: func(c dataset.Cell, v *dataset.Variable) ReadCell {
			out := coded(c, v)
			if once { // R's reader takes the line ends of old for those of today
				out.Text = strings.ReplaceAll(strings.ReplaceAll(out.Text, "\r\n", "\n"), "\r", "\n")
			}
			return out
		},
		Values: func(v *dataset.Variable) []ReadCell {
			var out []ReadCell
			seen := map[string]bool{}
			for _, value := range about.Values(tag, v) {
				label := value.Label
				if once && (label == "" || seen[label]) {
					label = strings.TrimSpace(label + " (" + strconv.Itoa(int(value.Code)) + ")")
				}
				seen[label] = true
				out = append(out, ReadCell{Number: value.Code, Text: label})
			}
			return out
		},
	}
}

// Parquet is what DuckDB finds in a Parquet file, with the reason of a missing
// value from the column that holds it.
func Parquet(about *export.About) *Rule {
	tag := about.Language()
	return &Rule{
		Label: func(c dataset.Column) string { return about.Label(tag, c) },
		Values: func(v *dataset.Variable) []ReadCell {
			var out []ReadCell
			for _, value := range about.Values(tag, v) {
				if value.Missing == 0 {
					out = append(out, ReadCell{Number: value.Code, Text: value.Label})
				}
			}
			return out
		},
		Cell: func(c dataset.Cell, v *dataset.Variable) ReadCell {
			if c.Missing != 0 && v.Role != dataset.Companion {
				return ReadCell{Missing: "m" + strconv.Itoa(int(c.Missing))}
			}
			return coded(c, v)
		},
	}
}

// XLSX is what openpyxl finds on a sheet. Excel has no days before March 1900
// that are right: those are texts.
func XLSX() *Rule {
	const first = -25508 // 1900-03-01
	return &Rule{
		Label: func(dataset.Column) string { return "" },
		Cell: func(c dataset.Cell, v *dataset.Variable) ReadCell {
			out := coded(c, v)
			days := c.Number
			if v.Kind == dataset.DateTime {
				days /= 24 * 60 * 60 * 1000
			}
			if c.Missing == 0 && (v.Kind == dataset.Date || v.Kind == dataset.DateTime) && days < first {
				return ReadCell{Text: c.Text}
			}
			if v.Kind == dataset.Text && out.Text == "" {
				return ReadCell{Missing: "m"}
			}
			return out
		},
	}
}
