package sav

import (
	"strconv"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
)

// layout is how the columns lie in the file. Data is counted in elements of
// eight bytes: a number is one, a text as many as it needs.
type layout struct {
	columns  []column
	elements int // of a case
}

// column is one variable.
type column struct {
	dataset.Column
	extent   export.Extent
	width    int        // of a text, in bytes; 0 of numbers
	segments []segment  // one; more of a text that is longer than 255
	index    int        // the number of its first element, from 1
	missing  [13]number // what is written for missing codes, by the code without its sign
}

// segment is a variable of the dictionary. A text longer than 255 bytes is
// several of them, which readers put together again.
type segment struct {
	name  string // of eight letters at most, in capitals
	width int
}

// A very long text has a segment for every 252 bytes of its width, all but the
// last being 255 wide.
const (
	maxSegment = 255
	perSegment = 252
)

func newLayout(t *export.Table) *layout {
	l := &layout{}
	names := newShortNames(t.Columns)
	for i, c := range t.Columns {
		v := column{Column: c, extent: t.Extents[i], index: l.elements + 1}
		if c.Variable.Kind == dataset.Text {
			v.width = min(max(v.extent.Bytes, 1), maxText)
		}
		first, rest := names.of(c.Name), v.width
		for ; rest > perSegment && v.width > maxSegment; rest -= perSegment {
			v.segments = append(v.segments, segment{width: maxSegment})
		}
		v.segments = append(v.segments, segment{width: rest})
		for j := range v.segments {
			v.segments[j].name = first
			if j > 0 {
				v.segments[j].name = names.after(first)
			}
			l.elements += elements(v.segments[j].width)
		}
		for _, m := range dataset.Missings() {
			v.missing[-m] = encode(systemMissing)
			if c.Variable.Kind == dataset.Number {
				v.missing[-m] = encode(float64(m.Code(c.Variable.Negative)))
			}
		}
		l.columns = append(l.columns, v)
	}
	return l
}

// elements gives how many elements hold a variable of the dictionary.
func elements(width int) int { return max((width+7)/8, 1) }

// shortNames gives the names of eight letters that the dictionary counts by,
// each once: a name's first eight letters in capitals where that is free, else
// its first five and a number. The segments of a very long text begin with the
// same five letters as its first one: SPSS looks for that before it puts them
// together.
type shortNames struct {
	taken map[string]bool
	last  map[string]int // number tried, by the letters before it
}

const (
	maxShort = 8
	prefix   = 5
	base     = 36
)

func newShortNames(columns []dataset.Column) *shortNames {
	s := &shortNames{taken: map[string]bool{}, last: map[string]int{}}
	for _, c := range columns {
		if len(c.Name) <= maxShort {
			s.taken[strings.ToUpper(c.Name)] = true
		}
	}
	return s
}

func (s *shortNames) of(name string) string {
	name = strings.ToUpper(name)
	if len(name) <= maxShort {
		return name // taken already, for it
	}
	if short := name[:maxShort]; !s.taken[short] && !dataset.ReservedName(short) {
		s.taken[short] = true
		return short
	}
	return s.after(name)
}

// after gives another name that begins as one does; where there are no more of
// these, one that begins otherwise.
func (s *shortNames) after(name string) string {
	for _, begin := range []string{name[:min(len(name), prefix)], "V"} {
		for {
			n := s.last[begin]
			short := begin + strings.ToUpper(strconv.FormatInt(int64(n), base))
			if len(short) > maxShort {
				break
			}
			s.last[begin]++
			if !s.taken[short] && !dataset.ReservedName(short) { // TO, BY
				s.taken[short] = true
				return short
			}
		}
	}
	return name // there are 78 thousand million names that begin with a V
}

// The numbers of the formats that are used.
const (
	formatA        = 1
	formatF        = 5
	formatDatetime = 22
	formatSdate    = 39 // 2016/05/02
)

// format gives how a segment of a column is shown, as the dictionary codes it.
func (c *column) format(s segment) int32 {
	var kind, width, decimals int
	switch c.Variable.Kind {
	case dataset.Text:
		kind, width = formatA, s.width
	case dataset.Date:
		kind, width = formatSdate, 10
	case dataset.DateTime:
		kind, width = formatDatetime, 20
	default:
		kind = formatF
		width, decimals = c.digits()
	}
	return int32(kind)<<16 | int32(width)<<8 | int32(decimals)
}

// digits gives how wide a number is, and how many of its digits stand behind the point.
func (c *column) digits() (width, decimals int) {
	const widest = 40
	low, _ := export.MissingRange(c.Variable)
	for _, n := range []float64{c.extent.Min, c.extent.Max, low} {
		width = max(width, len(strconv.FormatFloat(n, 'f', 0, 64)))
	}
	for _, v := range c.Variable.Values {
		width = max(width, len(strconv.Itoa(v.Code)))
	}
	if decimals = c.extent.Decimals; decimals > 0 {
		width += 1 + decimals
	}
	return min(width, widest), decimals
}

// shown gives how wide a column of the data editor is, in letters.
func (c *column) shown() int {
	const narrow, wide = 8, 40
	switch c.Variable.Kind {
	case dataset.Text:
		return min(max(c.width, narrow), wide)
	case dataset.Date:
		return 12
	case dataset.DateTime:
		return 20
	}
	width, _ := c.digits()
	return min(max(width, narrow), wide)
}
