package expr

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Kind is the type of a value.
type Kind uint8

// The four types of XPath 1.0.
const (
	String Kind = iota
	Number
	Boolean
	Nodeset
)

// String gives the type's name.
func (k Kind) String() string {
	switch k {
	case Number:
		return "number"
	case Boolean:
		return "boolean"
	case Nodeset:
		return "nodeset"
	default:
		return "string"
	}
}

// Value is what an expression comes to. The zero Value is the empty string.
type Value struct {
	kind   Kind
	number float64 // of a number; 1 or 0 of a boolean
	text   string  // of a string
	nodes  []string
}

// Text makes a string.
func Text(s string) Value { return Value{text: s} }

// Num makes a number.
func Num(f float64) Value { return Value{kind: Number, number: f} }

// Bool makes a boolean.
func Bool(b bool) Value {
	if b {
		return Value{kind: Boolean, number: 1}
	}
	return Value{kind: Boolean}
}

// Nodes makes a nodeset: the answers of a question that is asked several times.
func Nodes(values []string) Value { return Value{kind: Nodeset, nodes: values} }

// Kind gives the type.
func (v Value) Kind() Kind { return v.kind }

// String converts as XPath 1.0's string() does: a number without exponent and
// without trailing zeros, a nodeset by its first node.
func (v Value) String() string {
	switch v.kind {
	case Number:
		return numberText(v.number)
	case Boolean:
		if v.number != 0 {
			return "true"
		}
		return "false"
	case Nodeset:
		if len(v.nodes) > 0 {
			return v.nodes[0]
		}
		return ""
	default:
		return v.text
	}
}

// Number converts as XPath 1.0's number() does, and a date to its day. What is
// no number, the empty string among it, is NaN.
func (v Value) Number() float64 {
	switch v.kind {
	case Number, Boolean:
		return v.number
	default:
		return numberOf(v.String())
	}
}

// Bool converts as boolean() does: a number is true unless it is zero or NaN, a
// text unless it is empty, a nodeset when it holds an answer.
func (v Value) Bool() bool {
	switch v.kind {
	case Number:
		return v.number != 0 && !math.IsNaN(v.number)
	case Boolean:
		return v.number != 0
	case Nodeset:
		for _, s := range v.nodes {
			if s != "" {
				return true
			}
		}
		return false
	default:
		return v.text != ""
	}
}

// List gives the nodes of a nodeset, and any other value as the only one.
func (v Value) List() []string {
	if v.kind == Nodeset {
		return v.nodes
	}
	return []string{v.String()}
}

// numberText writes a number as XPath 1.0 section 4.2 does.
func numberText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0" // negative zero too
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// numberOf reads XPath 1.0's Number: optional white space, an optional “-”,
// digits with an optional point. No exponent, no “+”. A date or a date with a
// time gives its day.
func numberOf(s string) float64 {
	s = strings.Trim(s, " \t\r\n")
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || numberLength(digits) != len(digits) || digits == "." {
		if day, ok := dayNumber(s); ok {
			return day
		}
		return math.NaN()
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && math.Abs(f) <= math.MaxFloat64 {
		return math.NaN()
	}
	return f
}

// day is a day of 24 hours: the calendar is counted without time zones.
const day = 24 * time.Hour

// wallClock reads a date or a date with a time, as XForms writes them, by the
// wall clock they were written with: the zone is put aside.
func wallClock(s string) (time.Time, bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return time.Time{}, false
	}
	t, err := time.Parse(time.DateOnly, s[:10])
	if err != nil {
		return time.Time{}, false
	}
	if len(s) == 10 {
		return t, true
	}
	if s[10] != 'T' && s[10] != ' ' {
		return time.Time{}, false
	}
	clock, ok := clockTime(s[11:])
	return t.Add(clock), ok
}

// clockTime reads HH:MM, HH:MM:SS or HH:MM:SS.sss, and puts a zone aside.
func clockTime(s string) (time.Duration, bool) {
	if i := strings.IndexAny(s, "Z+-"); i >= 0 {
		if !isZone(s[i:]) {
			return 0, false
		}
		s = s[:i]
	}
	layout := "15:04:05"
	if len(s) == len("15:04") {
		layout = "15:04"
	}
	t, err := time.Parse(layout, s)
	if err != nil {
		return 0, false
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute +
		time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond()), true
}

func isZone(s string) bool {
	if s == "Z" {
		return true
	}
	for _, layout := range [...]string{"-07:00", "-0700", "-07"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// dayNumber gives the days since 1970-01-01, with the time of the day as a
// fraction.
func dayNumber(s string) (float64, bool) {
	t, ok := wallClock(s)
	if !ok {
		return 0, false
	}
	return dayOf(t), true
}

func dayOf(wall time.Time) float64 {
	return float64(wall.UnixMilli()) / float64(day.Milliseconds())
}

// fromDay gives the wall clock of a day number. It fails outside the years
// 1 to 9999, which XForms cannot write.
func fromDay(f float64) (time.Time, bool) {
	if math.IsNaN(f) || f < -719162 || f >= 2932897 {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(math.Round(f * float64(day.Milliseconds())))).UTC(), true
}
