// Package dta writes and reads datasets of Stata (.dta), in format 118, which
// Stata reads from version 14 on, or 119 where there are more than 32,767
// variables, as Stata's "help dta" describes them.
//
// What a file says: names, labels of variables and values in all its languages
// (label language), the missing codes as extended missing values with their
// labels, days and times, remarks as notes, and as notes on a variable its whole
// label where that was cut to the 80 letters there is room for, and the wording of
// its question in each version and language.
// Numbers are stored as the smallest type that holds every one of them. Long
// texts are strLs, where that is smaller too; what tells rows apart never is,
// since Stata cannot merge by one. A text that is missing is empty; the
// companion beside it says why. Numbers and days say it themselves.
//
// The same table, about and build give the same bytes.
package dta

import (
	"bufio"
	"fmt"
	"io"
	"math"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/fault"
)

// Write writes the table, whose extents have to be known, as a dataset of
// Stata. It fails with a fault that lists every offence, and with nothing
// written, when names or numbers are not fit for Stata; and with whatever
// reading the rows or writing fails with. The rows are read twice where there
// are strLs.
func Write(w io.Writer, t *export.Table, about *export.About) error {
	if err := check(t); err != nil {
		return err
	}
	l := newLayout(t)
	out := bufio.NewWriterSize(w, 1<<16)
	labels := newLabels(about, l)
	if _, err := out.Write(head(t, about, l, labels)); err != nil {
		return fmt.Errorf("dta: %w", err)
	}
	if err := l.writeRows(out, t); err != nil {
		return err
	}
	if err := l.writeStrLs(out, t); err != nil {
		return err
	}
	// The writer keeps the first error of all.
	_, _ = out.Write(labels.tables)
	_, _ = out.WriteString(endFile)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("dta: %w", err)
	}
	return nil
}

// check refuses what Stata could not hold.
func check(t *export.Table) error {
	if t.Extents == nil || t.Count < 0 {
		return fmt.Errorf("dta: the extents of the table %s are not known", t.Name)
	}
	if err := export.CheckNames(t.Columns); err != nil {
		return err
	}
	var problems fault.Problems
	seen := map[*dataset.Variable]bool{}
	for i, c := range t.Columns {
		at := fault.Place{Column: c.Name}
		if n := t.Extents[i].Max; c.Variable.Kind != dataset.Text && n > maxDouble {
			problems.Add(at, "value_too_large", "A value of %s is %g; Stata holds numbers up to %g.", c.Name, n, maxDouble)
		}
		if seen[c.Variable] {
			continue
		}
		seen[c.Variable] = true
		for _, v := range c.Variable.Values {
			if c.Variable.Kind == dataset.Number && (v.Code < -math.MaxInt32 || v.Code > maxLong) {
				problems.Add(at, "code_too_large", "The code %d of %s cannot have a label in Stata, which holds codes up to %d.", v.Code, c.Name, maxLong)
			}
		}
	}
	return problems.Err("dta_values", "Some values cannot stand in a file for Stata.")
}
