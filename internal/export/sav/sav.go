// Package sav writes and reads system files of SPSS (.sav), as PSPP's "System
// File Format" describes them: little-endian, UTF-8, with bytecode compression.
//
// What a file says: names, labels of variables and values in its first language
// (labels in the others as attributes "Label_de" of the variable), the missing
// codes as a user-missing range with their labels, formats, display widths and
// levels of measurement, indicators as multiple response sets, and remarks as
// documents. A number or choice that is missing is its code. A text that is
// missing is empty and a date that is missing is system-missing; the companion
// beside them says why.
//
// What the format cannot hold: blanks at the end of a text, which it fills up
// with blanks; labels of variables beyond 255 bytes, of values beyond 120, and
// texts beyond 32,767, which are cut. A text that was cut says so at its end,
// and the documents name its variable.
//
// The same table, about and build give the same bytes.
package sav

import (
	"bufio"
	"fmt"
	"io"
	"math"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/fault"
)

// Limits of the format, in bytes. A text could have 17 bytes more; the
// readers built on ReadStat, R's haven among them, lose the last one then.
const (
	maxText          = 32750
	maxVariableLabel = 255
	maxValueLabel    = 120
	maxFileLabel     = 64
	documentLine     = 80
)

// Write writes the table, whose extents have to be known, as a system file. It
// fails with a fault that lists every offence, and with nothing written, when
// names are not fit for SPSS or numbers would be read as missing; and with
// whatever reading the rows or writing fails with.
func Write(w io.Writer, t *export.Table, about *export.About) error {
	if err := check(t); err != nil {
		return err
	}
	l := newLayout(t)
	out := bufio.NewWriterSize(w, 1<<16)
	if _, err := out.Write(dictionary(t, about, l)); err != nil {
		return fmt.Errorf("sav: %w", err)
	}
	p := packer{w: out}
	n := 0
	for row, err := range t.Rows() {
		if err != nil {
			return err
		}
		p.row(l, row)
		n++
	}
	if n != t.Count {
		return fmt.Errorf("sav: %d rows, and %d were announced", n, t.Count)
	}
	p.end()
	// The writer keeps the first error of all.
	if err := out.Flush(); err != nil {
		return fmt.Errorf("sav: %w", err)
	}
	return nil
}

// check refuses what a system file would tell wrongly.
func check(t *export.Table) error {
	if t.Extents == nil || t.Count < 0 {
		return fmt.Errorf("sav: the extents of the table %s are not known", t.Name)
	}
	if err := export.CheckNames(t.Columns); err != nil {
		return err
	}
	var problems fault.Problems
	for i, c := range t.Columns {
		if c.Variable.Kind != dataset.Number {
			continue
		}
		at, e := fault.Place{Column: c.Name}, t.Extents[i]
		if low, high := export.MissingRange(c.Variable); e.Reserved > 0 {
			problems.Add(at, "value_reads_as_missing", "%d values of %s lie from %g to %g, which stand for missing answers. Correct them, or let the variable be negative.",
				e.Reserved, c.Name, low, high)
		}
		if e.Min == systemMissing {
			problems.Add(at, "value_reads_as_missing", "A value of %s is %g, which SPSS reads as missing.", c.Name, e.Min)
		}
	}
	return problems.Err("sav_values", "Some values cannot stand in an SPSS file.")
}

// systemMissing is what stands for no value at all.
const systemMissing = -math.MaxFloat64
