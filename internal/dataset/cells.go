package dataset

import (
	"math"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/questionnaire"
)

const calculate = questionnaire.Calculate

// miss writes why a question has no answer into all its cells. Options that
// the version does not offer keep their own reason.
func (f *field) miss(cells []Cell, m Missing) {
	if f.cell >= 0 {
		cells[f.cell] = gap(m)
	}
	for _, p := range f.parts {
		if p.absent {
			cells[p.cell] = gap(NotInVersion)
		} else {
			cells[p.cell] = gap(m)
		}
	}
}

// fill writes an answer. What does not fit the question, which only a value
// from elsewhere can do, is missing without a recorded reason.
func (f *field) fill(cells []Cell, value string) {
	if f.named {
		cells[f.cell] = scalar(f.kind, value)
		return
	}
	switch f.typ {
	case questionnaire.SelectOne:
		o, ok := f.codes[value]
		switch {
		case !ok:
			cells[f.cell] = gap(NotRecorded)
		case o.missing != 0:
			cells[f.cell] = gap(o.missing)
		default:
			cells[f.cell] = number(float64(o.code))
		}
	case questionnaire.SelectMultiple:
		f.fillMultiple(cells, value)
	case questionnaire.Rank:
		f.fillRank(cells, value)
	case questionnaire.Acknowledge:
		cells[f.cell] = number(1)
	default:
		cells[f.cell] = scalar(f.kind, value)
	}
}

func (f *field) fillMultiple(cells []Cell, value string) {
	var list []byte
	var missing Missing
	for _, p := range f.parts {
		cells[p.cell] = number(0)
	}
	for name := range strings.FieldsSeq(value) {
		o, ok := f.codes[name]
		switch {
		case !ok:
			continue
		case o.missing != 0:
			missing = o.missing
			continue
		}
		cells[f.parts[o.part].cell] = number(1)
		if len(list) > 0 {
			list = append(list, ' ')
		}
		list = strconv.AppendInt(list, int64(o.code), 10)
	}
	if len(list) == 0 {
		if missing == 0 {
			missing = NotRecorded
		}
		f.miss(cells, missing)
		return
	}
	cells[f.cell] = text(string(list))
	for _, p := range f.parts {
		if p.absent {
			cells[p.cell] = gap(NotInVersion)
		}
	}
}

func (f *field) fillRank(cells []Cell, value string) {
	f.miss(cells, Blank) // an option that was not ranked
	place := 0
	for name := range strings.FieldsSeq(value) {
		o, ok := f.codes[name]
		switch {
		case ok && o.missing != 0 && place == 0:
			f.miss(cells, o.missing)
			return
		case ok && o.part >= 0:
			place++
			cells[f.parts[o.part].cell] = number(float64(place))
		}
	}
	if place == 0 {
		f.miss(cells, NotRecorded)
	}
}

// scalar reads a number, text, date or time.
func scalar(kind Kind, value string) Cell {
	switch kind {
	case Text:
		return text(value)
	case Number:
		n, err := strconv.ParseFloat(value, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return gap(NotRecorded)
		}
		return number(n)
	case Date:
		day, _, _ := strings.Cut(value, "T")
		t, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return gap(NotRecorded)
		}
		return Cell{Kind: Date, Number: float64(t.Unix() / 86400), Text: day}
	}
	for _, layout := range moments {
		if t, err := time.Parse(layout, value); err == nil {
			// The wall clock of the person who answered, whatever the zone.
			wall := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
			return Cell{Kind: DateTime, Number: float64(wall.UnixMilli()), Text: value}
		}
	}
	return gap(NotRecorded)
}

// moments are the ways a date with a time is stored.
var moments = []string{"2006-01-02T15:04:05.999Z07:00", "2006-01-02T15:04:05.999", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04"}
