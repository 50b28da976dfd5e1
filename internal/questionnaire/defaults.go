package questionnaire

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/expr"
)

// looksCalculated tells a default that is an expression: it refers to a
// question or calls a function. callsInside tells one that may be, if it can be
// read as one: “random() + 0.5” is, “Nothing (at all)” is not.
var (
	looksCalculated = regexp.MustCompile(`\$\{|^[A-Za-z][A-Za-z0-9:-]*\(.*\)$`)
	callsInside     = regexp.MustCompile(`[A-Za-z][A-Za-z0-9:-]*\(.*\)`)
)

// isCalculated tells whether a default is an expression.
func isCalculated(cell string) bool {
	if looksCalculated.MatchString(cell) {
		return true
	}
	if !callsInside.MatchString(cell) {
		return false
	}
	e, err := expr.Parse(cell)
	return err == nil && len(e.Check(expr.Scope{})) == 0
}

// defaults reads the default, a literal or an expression.
func (c *compiler) defaults(t *table, r Row, item *Item) {
	cell, at := t.get(r, "default"), t.at(r, "default")
	if cell == "" {
		return
	}
	if isCalculated(cell) {
		item.DefaultExpr = c.parse(item, cell, at, false)
		return
	}
	item.Default = cell
	fits, wanted := true, ""
	switch item.Type {
	case Integer:
		_, err := strconv.ParseInt(cell, 10, 64)
		fits, wanted = err == nil, "a whole number"
	case Decimal, Range:
		f, err := strconv.ParseFloat(cell, 64)
		fits, wanted = err == nil && !math.IsInf(f, 0) && !math.IsNaN(f), "a number"
	case Date:
		if day, _, ok := strings.Cut(cell, "T"); ok { // how Excel hands on a date with a time
			item.Default, cell = day, day
		}
		_, err := time.Parse(time.DateOnly, cell)
		fits, wanted = err == nil, "a date such as 2016-10-31"
	}
	if fits {
		return
	}
	// Numbers and dates may be computed without a function: 2 + 3.
	item.Default = ""
	_, notNumber := strconv.ParseFloat(cell, 64)
	if e, err := expr.Parse(cell); notNumber == nil || err != nil || len(e.Check(expr.Scope{})) > 0 {
		c.ps.Warn(at, "bad_default", "The default “%s” is not %s, and is not used.", cell, wanted)
		return
	}
	item.DefaultExpr = c.parse(item, cell, at, false)
}
