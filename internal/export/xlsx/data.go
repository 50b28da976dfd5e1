package xlsx

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/dataset"
	"panelverk/internal/fault"
	"panelverk/internal/lang/rich"
)

// maxNotes is how many columns of a sheet get a note; placing a note costs
// time that grows with its column.
const maxNotes = 600

// maxLinks is how many columns of a sheet lead to the codebook; the library looks
// through all links of a sheet for each new one.
const maxLinks = 2000

// dataSheets are the sheets of rows while they are written.
type dataSheets struct {
	long, wide *sheet
	waves      []*sheet
	repeats    []*repeatRows
}

// writeData reads the rows once and fills all data sheets from them, counts them
// and logs what was corrected in them.
func (b *book) writeData(ctx context.Context) error {
	to, err := b.openDataSheets()
	if err != nil {
		return err
	}
	if b.log, err = b.openLog(); err != nil {
		return err
	}
	v := newValues(b.d)
	for r, err := range b.d.Rows(&b.tally) {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		b.rows += len(r.Long)
		if b.rows >= maxRows {
			return fault.New(fault.Invalid, "workbook_too_small", "The dataset has more rows than a sheet of a workbook holds.")
		}
		b.counts.Add(r)
		b.checksum.Add(r)
		if err := b.log.take(r); err != nil {
			return err
		}
		b.convert(v, r)
		if err := to.write(b, v, r); err != nil {
			return err
		}
		if n := b.tally.Members; b.options.Progress != nil && (n%50 == 0 || n == b.d.Total) {
			b.options.Progress(n, b.d.Total)
		}
	}
	return to.close(b)
}

func (b *book) openDataSheets() (*dataSheets, error) {
	to := &dataSheets{}
	var err error
	if to.long, err = b.openData("Data_long", b.d.Long()); err != nil {
		return nil, err
	}
	if to.wide, err = b.openData("Data_wide", b.d.Wide()); err != nil {
		return nil, err
	}
	for _, w := range b.waves {
		columns := make([]dataset.Column, len(w.columns))
		for i, c := range w.columns {
			columns[i] = b.d.Long()[c]
		}
		s, err := b.openData(w.name, columns)
		if err != nil {
			return nil, err
		}
		to.waves = append(to.waves, s)
	}
	to.repeats, err = b.openRepeats()
	return to, err
}

// write writes one person, whose cells have been made ready.
func (to *dataSheets) write(b *book, v *values, r *dataset.Record) error {
	for w := range r.Long {
		if err := to.long.data(v.long[w]); err != nil {
			return err
		}
		if r.Interviewed[w] {
			if err := to.waves[w].data(v.pick(w, b.waves[w].columns)); err != nil {
				return err
			}
		}
	}
	if err := to.wide.data(v.wide); err != nil {
		return err
	}
	for i, rows := range r.Tables {
		if err := to.repeats[i].add(rows); err != nil {
			return err
		}
	}
	return nil
}

func (to *dataSheets) close(b *book) error {
	columns := []int{len(b.d.Long()), len(b.d.Wide())}
	for _, w := range b.waves {
		columns = append(columns, len(w.columns))
	}
	for i, s := range append([]*sheet{to.long, to.wide}, to.waves...) {
		if err := s.filter(1, columns[i]); err != nil {
			return err
		}
		if err := s.close(); err != nil {
			return err
		}
	}
	for _, s := range to.repeats {
		if err := s.done(); err != nil {
			return err
		}
	}
	return nil
}

// data writes a row of cells that are ready.
func (s *sheet) data(values []any) error {
	s.row++
	return s.rows.add(s.row, values)
}

// openData opens a data sheet and writes its header.
func (b *book) openData(name string, columns []dataset.Column) (*sheet, error) {
	l := layout{freezeRows: 1, freezeCols: 1, repeatRow: 1}
	head := make([]any, len(columns))
	for i, c := range columns {
		head[i] = styled(b.style.column, c.Name)
		if c.Variable.Kind == dataset.Number {
			head[i] = styled(b.style.columnNumber, c.Name)
		}
		l.widths = append(l.widths, width(c))
	}
	s, err := b.open(name, l)
	if err != nil {
		return nil, err
	}
	if s.rows, err = b.rowsOf(name, len(columns)); err != nil {
		return nil, err
	}
	s.row++
	if err := s.stream.SetRow("A1", head, excelize.RowOpts{Height: 20}); err != nil {
		return nil, err
	}
	for i, c := range columns {
		if i < maxLinks {
			if err := s.link(i+1, 1, c.Variable); err != nil {
				return nil, err
			}
		}
	}
	if len(columns) > maxNotes {
		return s, nil
	}
	for i, c := range columns {
		cell, err := excelize.CoordinatesToCellName(i+1, 1)
		if err != nil {
			return nil, err
		}
		text := b.note(c)
		lines := uint(1)
		for part := range strings.SplitSeq(text, "\n") {
			lines += 1 + uint(utf8.RuneCountInString(part))/44
		}
		if err := b.file.AddComment(name, excelize.Comment{Cell: cell, Author: "Panelverk", Text: text, Width: 320, Height: 18 * lines}); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func width(c dataset.Column) float64 {
	w := float64(len(c.Name) + 5) // room for the filter button
	switch c.Variable.Kind {
	case dataset.Text:
		switch {
		case c.Variable.Question == "" && c.Name == "id":
			w = max(w, 22) // sixteen bold letters
		case c.Variable.Question != "" && c.Variable.Role != dataset.List:
			w = max(w, 28)
		}
	case dataset.Date:
		w = max(w, 12)
	case dataset.DateTime:
		w = max(w, 17)
	}
	return min(max(w, 9), 32)
}

// note gives what a reader wants to know at a column: the question, the wave
// and the labels of its values.
func (b *book) note(c dataset.Column) string {
	var s strings.Builder
	s.WriteString(rich.Plain(b.in(c.Variable.Label)))
	if c.Wave > 0 {
		fmt.Fprintf(&s, "\n%s %d", b.word("wave"), c.Wave)
	}
	for i, v := range c.Variable.Values {
		if i == 12 {
			s.WriteString("\n…")
			break
		}
		fmt.Fprintf(&s, "\n%d  %s", v.Code, rich.Plain(b.in(v.Label)))
	}
	return b.scrub.clean(s.String())
}

// values holds one person's cells as the stream writer takes them. The arrays
// are used again for the next person.
type values struct {
	long  [][]any
	wide  []any
	wave  []any
	slots [][]excelize.Cell // what the texts and dates among them point to
	from  []int             // the column of a long row that a wide column takes
	row   []int             // and the row
}

func newValues(d *dataset.Dataset) *values {
	v := &values{wide: make([]any, len(d.Wide())), wave: make([]any, 0, len(d.Long()))}
	n := len(d.Long())
	for range max(len(d.Waves), 1) {
		v.long = append(v.long, make([]any, n))
		v.slots = append(v.slots, make([]excelize.Cell, n))
	}
	at := map[*dataset.Variable]int{}
	for i, c := range d.Long() {
		at[c.Variable] = i
	}
	rows := map[int]int{}
	for i, w := range d.Waves {
		rows[w.Number] = i
	}
	for _, c := range d.Wide() {
		v.from = append(v.from, at[c.Variable])
		v.row = append(v.row, rows[c.Wave])
	}
	return v
}

// convert turns a person's cells into values, each once: the wide row and the
// sheets of the waves hold the same ones as the long rows.
func (b *book) convert(v *values, r *dataset.Record) {
	columns := b.d.Long()
	if len(r.Long) == 0 { // before the first wave there are the constants alone
		for i, c := range b.d.Wide() {
			v.wide[i] = b.value(&r.Wide[i], c.Variable, &v.slots[0][i])
		}
		return
	}
	for w, row := range r.Long {
		for i := range row {
			if w > 0 && !columns[i].Variable.Varying && columns[i].Name != "wave" {
				v.long[w][i] = v.long[0][i]
				continue
			}
			v.long[w][i] = b.value(&row[i], columns[i].Variable, &v.slots[w][i])
		}
	}
	for i := range v.wide {
		v.wide[i] = v.long[v.row[i]][v.from[i]]
	}
}

// pick gives some columns of a long row.
func (v *values) pick(w int, columns []int) []any {
	v.wave = v.wave[:0]
	for _, c := range columns {
		v.wave = append(v.wave, v.long[w][c])
	}
	return v.wave
}

// The days of Excel's calendar: 1970-01-01 is day 25569. Days before
// 1900-03-01 are wrong in it, and days after 9999 are not there.
const (
	epoch    = 25569
	firstDay = 61
	lastDay  = 2958465
	dayMilli = 24 * 60 * 60 * 1000
)

// value gives one cell; slot is where a cell with a look of its own is kept.
func (b *book) value(c *dataset.Cell, v *dataset.Variable, slot *excelize.Cell) any {
	if c.Missing != 0 {
		switch {
		case v.Kind != dataset.Number:
			return nil // the companion says why
		case v.Negative:
			return b.missing[1][-c.Missing]
		}
		return b.missing[0][-c.Missing]
	}
	serial := 0.0
	switch c.Kind {
	case dataset.Number:
		if n := int(c.Number); n >= 0 && n < len(b.small) && float64(n) == c.Number {
			return b.small[n]
		}
		return c.Number
	case dataset.Date:
		serial, slot.StyleID = c.Number+epoch, b.style.day
	case dataset.DateTime:
		serial, slot.StyleID = c.Number/dayMilli+epoch, b.style.moment
	}
	if serial >= firstDay && serial < lastDay+1 {
		slot.Value = serial
		return slot
	}
	slot.StyleID = b.style.text
	if v.Name == "id" {
		slot.StyleID = b.style.id
	}
	slot.Value = b.scrub.clean(c.Text)
	return slot
}
