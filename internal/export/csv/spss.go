package csv

import (
	"bytes"
	"fmt"
	"io"
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
// row: of tables whose texts hold some the .sav file is the one to open, and the
// syntax says so.
func SPSS(w io.Writer, t *export.Table, about *export.About, file string) error {
	tag := about.Language()
	var b, after bytes.Buffer
	fmt.Fprintf(&b, `* Encoding: UTF-8.
* Reads %s, from the folder that it lies in.
* SPSS takes a line end within a text for the end of a row: where answers in
* people's own words have some, open the .sav file in place of this one.
GET DATA /TYPE=TXT /FILE=%s /ENCODING='UTF8' /ARRANGEMENT=DELIMITED /DELCASE=LINE
  /FIRSTCASE=2 /DELIMITERS="," /QUALIFIER='"' /VARIABLES=
`, file, spssText(file))
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
			fmt.Fprintf(&b, "  %s A%d\n", c.Name, min(max(t.Extents[i].Bytes, 1), maxSPSSText))
		case dataset.Date, dataset.DateTime:
			fmt.Fprintf(&b, "  %s A23\n", c.Name)
			spssMoment(&after, c)
		}
		fmt.Fprintf(&after, "VARIABLE LABELS %s %s.\n", c.Name, spssText(about.FitLabel(tag, c, maxSPSSLabel, export.Bytes)))
		spssValues(&after, about, c)
		level := map[export.Measure]string{export.Nominal: "NOMINAL", export.Ordinal: "ORDINAL", export.Scale: "SCALE"}[export.MeasureOf(v)]
		fmt.Fprintf(&after, "VARIABLE LEVEL %s (%s).\n", c.Name, level)
	}
	b.WriteString("  .\n")
	b.Write(after.Bytes())
	for _, set := range export.Sets(t.Columns) {
		var names []string
		for _, i := range set.Columns {
			names = append(names, t.Columns[i].Name)
		}
		fmt.Fprintf(&b, "MRSETS /MDGROUP NAME=$%s LABEL=%s CATEGORYLABELS=VARLABELS VALUE=1\n  VARIABLES=%s.\n",
			set.Name, spssText(export.Fit(about.In(tag, set.Label), maxSPSSLabel, export.Bytes)), strings.Join(names, "\n  "))
	}
	b.WriteString("EXECUTE.\n")
	_, err := w.Write(b.Bytes())
	return err
}

// spssMoment turns the text of a date or moment into SPSS's own; the variable
// takes its place at the end of the file.
func spssMoment(b *bytes.Buffer, c dataset.Column) {
	part := func(from, n int) string { return fmt.Sprintf("NUMBER(SUBSTR(%s,%d,%d),F%d)", c.Name, from, n, n) }
	fmt.Fprintf(b, "DO IF %s NE ''.\nCOMPUTE #t=DATE.DMY(%s,%s,%s)", c.Name, part(9, 2), part(6, 2), part(1, 4))
	format := "SDATE10"
	if c.Variable.Kind == dataset.DateTime {
		format = "YMDHMS23.3"
		fmt.Fprintf(b, "+3600*%s+60*%s+NUMBER(SUBSTR(%s,18),F6)", part(12, 2), part(15, 2), c.Name)
	}
	fmt.Fprintf(b, ".\nELSE.\nCOMPUTE #t=$SYSMIS.\nEND IF.\nCOMPUTE moment_=#t.\nEXECUTE.\nDELETE VARIABLES %[1]s.\nRENAME VARIABLES (moment_=%[1]s).\nFORMATS %[1]s (%[2]s).\n", c.Name, format)
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
	if values[0].Missing != 0 || values[len(values)-1].Missing != 0 {
		low, high := export.MissingRange(c.Variable)
		fmt.Fprintf(b, "MISSING VALUES %s (%s THRU %s).\n", c.Name, number(low), number(high))
	}
}

// spssText gives a text in apostrophes; a line end in a label becomes a space.
func spssText(s string) string {
	return "'" + strings.NewReplacer("'", "''", "\r\n", " ", "\n", " ", "\r", " ").Replace(s) + "'"
}
