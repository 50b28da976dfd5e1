package xlsx

import (
	"fmt"
	"slices"
	"time"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/dataset"
	"panelverk/internal/fault"
)

// logSheet is the sheet Log: decisions and notes first, then the corrections, one
// row each as the people are read.
//
// What leaves of a correction: to the study's own people the variable, wave and
// person, the day and the reason, and of codes and numbers what stood before. Of
// what was said in words, of days and places only that it was corrected: what was
// taken out of them, a name perhaps, must not come back by the log. In a release,
// which Options.Disclosure marks, only how many values of a variable were
// corrected in a wave: the rest could undo what was made coarser there.
type logSheet struct {
	*sheet
	corrections int
	sums        map[corrected]int // of a release
}

// corrected is a variable in a wave.
type corrected struct{ row, wave int }

// logColumns is how many columns the sheet has.
const logColumns = 7

func (b *book) openLog() (*logSheet, error) {
	s, err := b.open("Log", layout{widths: []float64{22, 10, 22, 24, 24, 56, 16}, noGrid: true, onePage: true})
	if err != nil {
		return nil, err
	}
	l := &logSheet{sheet: s, sums: map[corrected]int{}}
	return l, firstError(l.decisions, l.notes, func() error { return l.heading(b.word("log.corrections"), logColumns) }, l.correctionHeads)
}

func (l *logSheet) decisions() error {
	b := l.b
	if err := l.heading(b.word("log.decisions"), logColumns); err != nil {
		return err
	}
	decided := slices.DeleteFunc(slices.Clone(b.d.Changes), func(c dataset.Change) bool { return c.Decision == "" })
	if len(decided) == 0 {
		return l.remark(b.word("log.decisions.none"), logColumns)
	}
	if err := l.heads(b.style.head, b.word("question"), "", b.word("version"), b.word("decision"), "", b.word("reason"), ""); err != nil {
		return err
	}
	for _, c := range decided {
		if v := b.variableOf(c.Variable, c.Question); v != nil {
			if err := l.link(1, l.row+1, v); err != nil {
				return err
			}
		}
		if err := l.wrapped(styled(b.style.linked, c.Question), "", refText(c.To), b.word("decision."+string(c.Decision)), "", b.reason(c.Reason)); err != nil {
			return err
		}
	}
	return nil
}

func (l *logSheet) notes() error {
	b := l.b
	if err := l.heading(b.word("log.notes"), logColumns); err != nil {
		return err
	}
	if len(b.d.Notes) == 0 {
		return l.remark(b.word("log.notes.none"), logColumns)
	}
	if err := l.heads(b.style.head, b.word("variable"), "", b.word("note.code"), b.word("note.text"), "", "", ""); err != nil {
		return err
	}
	for _, n := range b.d.Notes {
		if v := b.variableOf(n.Variable, ""); v != nil {
			if err := l.link(1, l.row+1, v); err != nil {
				return err
			}
		}
		if err := l.addHigh(b.style.wrap, l.height([]any{"", "", "", "", "", n.Message}), styled(b.style.linked, n.Variable), "", n.Code, n.Message); err != nil {
			return err
		}
		if err := l.stream.MergeCell(fmt.Sprintf("D%d", l.row), fmt.Sprintf("G%d", l.row)); err != nil {
			return err
		}
	}
	return nil
}

// heads writes a row of heads, as wide as the sheet.
func (l *logSheet) heads(style int, heads ...string) error {
	row := make([]any, len(heads))
	for i, h := range heads {
		row[i] = styled(style, h)
	}
	return l.add(style, row...)
}

func (l *logSheet) wrapped(values ...any) error {
	return l.addHigh(l.b.style.wrap, l.height(values), values...)
}

func (l *logSheet) correctionHeads() error {
	b := l.b
	if b.options.Disclosure != nil {
		if err := l.remark(b.word("log.released"), logColumns); err != nil {
			return err
		}
		return l.heads(b.style.head, b.word("variable"), b.word("wave"), b.word("log.number"), "", "", "", "")
	}
	if err := l.remark(b.word("log.why"), logColumns); err != nil {
		return err
	}
	return l.heads(b.style.head, b.word("variable"), b.word("wave"), "id", b.word("log.old"), b.word("log.new"), b.word("reason"), b.word("log.day"))
}

// take adds the corrections of one person.
func (l *logSheet) take(r *dataset.Record) error {
	b := l.b
	for i := range r.Corrected {
		c := &r.Corrected[i]
		l.corrections++
		if b.options.Disclosure != nil {
			l.sums[corrected{b.rowOf[c.Variable], c.Wave}]++
			continue
		}
		if l.row >= maxRows {
			return fault.New(fault.Invalid, "workbook_too_small", "There are more corrections than a sheet of a workbook holds.")
		}
		if l.corrections <= maxLinks {
			if err := l.link(1, l.row+1, c.Variable); err != nil {
				return err
			}
		}
		told := func(value string) string {
			switch text, ok := c.Told(value); {
			case !ok:
				return b.word("log.written")
			case text == "":
				return b.word("log.empty")
			default:
				return text
			}
		}
		zone := b.zone()
		if err := l.wrapped(styled(b.style.linked, c.Variable.Name), fmt.Sprintf("w%d", c.Wave), r.ID, told(c.Old), told(c.New), c.Reason,
			b.day(c.At.In(zone))); err != nil {
			return err
		}
	}
	return nil
}

// day gives the day of a moment as a cell.
func (b *book) day(t time.Time) any {
	days := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / (dayMilli / 1000)
	return excelize.Cell{StyleID: b.style.day, Value: int(days) + epoch}
}

// finish ends the sheet.
func (l *logSheet) finish() error {
	b := l.b
	if l.corrections == 0 {
		if err := l.remark(b.word("log.none"), logColumns); err != nil {
			return err
		}
	}
	for _, v := range b.d.Variables {
		for _, w := range b.d.Waves {
			n := l.sums[corrected{b.rowOf[v], w.Number}]
			if n == 0 {
				continue
			}
			if err := l.link(1, l.row+1, v); err != nil {
				return err
			}
			if err := l.add(b.style.text, styled(b.style.linked, v.Name), fmt.Sprintf("w%d", w.Number), n); err != nil {
				return err
			}
		}
	}
	return l.close()
}
