package csv

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
)

// What Stata keeps: characters of a variable's label, bytes of a value's.
const (
	maxStataLabel = 80
	maxStataValue = 32000
)

// Stata writes a do-file that reads a CSV file of ours in Stata 14 or later.
// Missing codes become the extended missing values .a to .z that DESIGN gives
// them, with their labels.
func Stata(w io.Writer, t *export.Table, about *export.About, file string) error {
	tag := about.Language()
	var b bytes.Buffer
	fmt.Fprintf(&b, `* Reads %[1]s. In Stata 14 or later, from the folder that this file lies in:
*     do %[2]s
version 14
clear
import delimited using %[3]s, varnames(1) case(preserve) encoding("UTF-8") bindquotes(strict) maxquotedrows(unlimited) stringcols(_all)

`, file, stataText(programName(file, ".do")), stataText(file))
	for i, c := range t.Columns {
		v := c.Variable
		switch v.Kind {
		case dataset.Number:
			fmt.Fprintf(&b, "quietly destring %s, replace\n", c.Name)
			stataValues(&b, about, c, i)
		case dataset.Date:
			fmt.Fprintf(&b, "quietly generate long d_ = daily(%[1]s, \"YMD\")\nformat %%td d_\norder d_, after(%[1]s)\ndrop %[1]s\nrename d_ %[1]s\n", c.Name)
		case dataset.DateTime:
			fmt.Fprintf(&b, "quietly generate double d_ = clock(subinstr(%[1]s, \"T\", \" \", 1), \"YMDhms\")\nformat %%tc d_\norder d_, after(%[1]s)\ndrop %[1]s\nrename d_ %[1]s\n", c.Name)
		case dataset.Text:
		}
		fmt.Fprintf(&b, "label variable %s %s\n", c.Name, stataText(about.FitLabel(tag, c, maxStataLabel, export.Runes)))
	}
	if label := about.In(tag, about.Title); label != "" {
		fmt.Fprintf(&b, "label data %s\n", stataText(export.Fit(label, maxStataLabel, export.Runes)))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// stataValues turns missing codes into extended missing values, and gives the
// labels, which Stata takes for integers alone.
func stataValues(b *bytes.Buffer, about *export.About, c dataset.Column, i int) {
	values := about.Values(about.Language(), c.Variable)
	if len(values) == 0 {
		return
	}
	var moved []string
	var labels bytes.Buffer
	for _, v := range values {
		code := number(v.Code)
		if v.Missing != 0 {
			moved = append(moved, code+"="+v.Missing.Stata())
			code = v.Missing.Stata()
		}
		if v.Label != "" {
			fmt.Fprintf(&labels, "label define l%d_ %s %s, add\n", i+1, code, stataText(export.Fit(v.Label, maxStataValue, export.Bytes)))
		}
	}
	if len(moved) > 0 {
		fmt.Fprintf(b, "quietly mvdecode %s, mv(%s)\n", c.Name, strings.Join(moved, ` \ `))
	}
	if labels.Len() > 0 {
		b.Write(labels.Bytes())
		fmt.Fprintf(b, "label values %s l%d_\n", c.Name, i+1)
	}
}

// stataText gives a text in Stata's compound quotes, in which it may hold
// quotation marks; what would end them, or be a macro, is written otherwise.
func stataText(s string) string {
	inner := strings.NewReplacer("`", "'", "$", "\uff04", "\r", " ", "\n", " ", "\"'", "”'").Replace(s)
	return "`\"" + inner + "\"'"
}
