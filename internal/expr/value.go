package expr

import (
	"math"
	"slices"
	"strconv"
	"strings"
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
	number float64 // of a number; 1 or 0 of a boolean; 1 of a nodeset with groups or rows in it
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
// text unless it is empty, a nodeset when it holds an answer, a group or a row.
func (v Value) Bool() bool {
	switch v.kind {
	case Number:
		return v.number != 0 && !math.IsNaN(v.number)
	case Boolean:
		return v.number != 0
	case Nodeset:
		return v.number != 0 || slices.ContainsFunc(v.nodes, func(s string) bool { return s != "" })
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
	s = strings.Trim(s, space)
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || numberLength(digits) != len(digits) || digits == "." {
		if m, ok := readMoment(s); ok {
			return m.days()
		}
		return math.NaN()
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && math.Abs(f) <= math.MaxFloat64 {
		return math.NaN()
	}
	return f
}

// space is what XPath 1.0 takes for white space.
const space = " \t\r\n"
