package csv

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
)

// What SPSS keeps: bytes of a variable's label, of a value's, and of a text
// field.
const (
	maxSPSSLabel = 250
	maxSPSSValue = 120
	maxSPSSText  = 32767
)

// SPSS writes syntax that reads a CSV file of ours. It needs the table's extents,
// for the widths of texts. SPSS takes a line end within a text for the end of a
// row: where a table is Lined, file has to be that of WriteFlat.
func SPSS(w io.Writer, t *export.Table, about *export.About, file string) error {
	tag := about.Language()
	var b, after bytes.Buffer
	moments := map[int]string{} // what each is called until the texts are gone
	fmt.Fprintf(&b, `* Encoding: UTF-8.
* Reads %[1]s, from the folder that this file lies in:
* INSERT FILE='%[2]s' CD=YES.
PRESERVE.
SET DECIMAL=DOT.
GET DATA /TYPE=TXT /FILE=%[3]s /ENCODING='UTF8' /ARRANGEMENT=DELIMITED /DELCASE=LINE
  /FIRSTCASE=2 /DELIMITERS="," /QUALIFIER='"' /VARIABLES=
`, file, programName(file, ".sps"), spssText(file))
	for i, c := range t.Columns {
		v := c.Variable
		switch v.Kind {
		case dataset.Number:
			decimals := 0
			if !whole(t, i) {
				decimals = t.Extents[i].Decimals
			}
			fmt.Fprintf(&b, "  %s F40.%d\n", c.Name, decimals)
			fmt.Fprintf(&after, "FORMATS %s (F%d.%d).\n", c.Name, 8+decimals, decimals)
		case dataset.Text:
			e := t.Extents[i]
			fmt.Fprintf(&b, "  %s A%d\n", c.Name, min(max(e.Bytes+e.Lines*(len(newline)-1), 1), maxSPSSText))
			if e.Lines > 0 {
				fmt.Fprintf(&after, "COMPUTE %[1]s=REPLACE(REPLACE(%[1]s,'%[2]s',STRING(10,PIB1)),'%[3]s',STRING(13,PIB1)).\n", c.Name, newline, carriage)
			}
		case dataset.Date, dataset.DateTime:
			fmt.Fprintf(&b, "  %s A23\n", c.Name)
			moments[i] = fmt.Sprintf("t%d_", i+1)
		}
		fmt.Fprintf(&after, "VARIABLE LABELS %s %s.\n", c.Name, spssText(about.FitLabel(tag, c, maxSPSSLabel, export.Bytes)))
		spssValues(&after, about, c)
		level := map[export.Measure]string{export.Nominal: "NOMINAL", export.Ordinal: "ORDINAL", export.Scale: "SCALE"}[export.MeasureOf(v)]
		fmt.Fprintf(&after, "VARIABLE LEVEL %s (%s).\n", c.Name, level)
	}
	b.WriteString("  .\n")
	spssMoments(&b, t.Columns, moments)
	b.Write(after.Bytes())
	for _, set := range export.Sets(t.Columns) {
		var names []string
		for _, i := range set.Columns {
			names = append(names, t.Columns[i].Name)
		}
		fmt.Fprintf(&b, "MRSETS /MDGROUP NAME=$%s LABEL=%s CATEGORYLABELS=VARLABELS VALUE=1\n  VARIABLES=%s.\n",
			set.Name, spssText(about.FitLabel(tag, dataset.Column{Variable: &dataset.Variable{Label: set.Label}, Wave: set.Wave}, maxSPSSLabel, export.Bytes)), strings.Join(names, "\n  "))
	}
	b.WriteString("EXECUTE.\nRESTORE.\n")
	_, err := w.Write(b.Bytes())
	return err
}

// spssMoments turns the texts of dates and moments into SPSS's own, in their
// places.
func spssMoments(b *bytes.Buffer, columns []dataset.Column, moments map[int]string) {
	if len(moments) == 0 {
		return
	}
	var old, renamed, formats, all []string
	for i, c := range columns {
		all = append(all, c.Name)
		name, ok := moments[i]
		if !ok {
			continue
		}
		part := func(from, n int) string { return fmt.Sprintf("NUMBER(SUBSTR(%s,%d,%d),F%d)", c.Name, from, n, n) }
		fmt.Fprintf(b, "IF %s NE '' %s=DATE.DMY(%s,%s,%s)", c.Name, name, part(9, 2), part(6, 2), part(1, 4))
		format := "SDATE10"
		if c.Variable.Kind == dataset.DateTime {
			format = "YMDHMS23.3"
			fmt.Fprintf(b, "+3600*%s+60*%s+NUMBER(SUBSTR(%s,18),F6)", part(12, 2), part(15, 2), c.Name)
		}
		b.WriteString(".\n")
		old, renamed, formats = append(old, c.Name), append(renamed, "("+name+"="+c.Name+")"), append(formats, c.Name+" ("+format+")")
	}
	fmt.Fprintf(b, "EXECUTE.\nDELETE VARIABLES %s.\nRENAME VARIABLES %s.\nFORMATS %s.\nADD FILES FILE=* /KEEP=%s.\n",
		strings.Join(old, "\n  "), strings.Join(renamed, "\n  "), strings.Join(formats, "\n  "), strings.Join(all, "\n  "))
}

func spssValues(b *bytes.Buffer, about *export.About, c dataset.Column) {
	values := about.Values(about.Language(), c.Variable)
	if len(values) == 0 {
		return
	}
	var lines []string
	for _, v := range values {
		if v.Label != "" {
			lines = append(lines, fmt.Sprintf("  %s %s", number(v.Code), spssText(export.Fit(v.Label, maxSPSSValue, export.Bytes))))
		}
	}
	if len(lines) > 0 {
		fmt.Fprintf(b, "VALUE LABELS %s\n%s.\n", c.Name, strings.Join(lines, "\n"))
	}
	if slices.ContainsFunc(values, func(v export.Value) bool { return v.Missing != 0 }) {
		low, high := export.MissingRange(c.Variable)
		fmt.Fprintf(b, "MISSING VALUES %s (%s THRU %s).\n", c.Name, number(low), number(high))
	}
}

// programName gives what a program is called that reads a file: as the file,
// with another ending.
func programName(file, ending string) string {
	name := strings.TrimSuffix(path.Base(file), ".csv")
	return strings.TrimSuffix(name, FlatMark) + ending
}

// spssText gives a text in apostrophes; a line end in a label becomes a space.
func spssText(s string) string {
	return "'" + strings.NewReplacer("'", "''", "\r\n", " ", "\n", " ", "\r", " ").Replace(s) + "'"
}
