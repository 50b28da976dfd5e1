package release

import (
	"math"
	"strings"
	"unicode"

	"panelverk/internal/dataset"
	"panelverk/internal/disclosure"
	"panelverk/internal/panel"
)

// cases are the people of a wave by how it ended with them, with what of them has
// been told: rates and outcomes are sums of the same counts.
type cases struct {
	parts []outcomeCase
	sums  *disclosure.Sums
	whole bool // every case has a response rate, or none: the parts are outcomes, not groups
	codes map[panel.Group][]string
}

// outcomeCase is those who share an outcome or, where only some have a response
// rate, a group of outcomes.
type outcomeCase struct {
	code   string // the only one of its group that occurs, else ""
	group  panel.Group
	framed bool
	n      int
}

// letters are the groups as AAPOR's formulas write them.
var letters = map[string]panel.Group{"I": panel.Complete, "P": panel.Partial, "R": panel.Refusal, "NC": panel.NonContact, "O": panel.OtherNonInterview,
	"UH": panel.UnknownEligibility, "UO": panel.UnknownOther, "NE": panel.NotEligible}

func newCases(t dataset.WaveTally) *cases {
	c := &cases{codes: map[panel.Group][]string{}}
	all := map[panel.Group]int{}
	total := 0
	for _, d := range panel.Dispositions() {
		if n := t.Dispositions[d.Code]; n > 0 {
			c.codes[d.Group], all[d.Group], total = append(c.codes[d.Group], d.Code), all[d.Group]+n, total+n
		}
	}
	f := t.Framed
	framed := map[panel.Group]int{panel.Complete: f.I, panel.Partial: f.P, panel.Refusal: f.R, panel.NonContact: f.NC, panel.OtherNonInterview: f.O,
		panel.UnknownEligibility: f.UH, panel.UnknownOther: f.UO, panel.NotEligible: f.NE}
	inFrame := f.Eligible() + f.Unknown() + f.NE
	c.whole = inFrame == 0 || inFrame == total
	var counts []int
	add := func(one outcomeCase) {
		if one.n > 0 {
			c.parts, counts = append(c.parts, one), append(counts, one.n)
		}
	}
	for _, d := range panel.Dispositions() {
		codes := c.codes[d.Group]
		switch {
		case c.whole:
			add(outcomeCase{d.Code, d.Group, inFrame > 0, t.Dispositions[d.Code]})
		case len(codes) > 0 && codes[0] == d.Code:
			one := outcomeCase{"", d.Group, true, framed[d.Group]}
			if len(codes) == 1 {
				one.code = d.Code
			}
			add(one)
			one.framed, one.n = false, all[d.Group]-framed[d.Group]
			add(one)
		}
	}
	c.sums = disclosure.NewSums(counts)
	return c
}

// alone tells whether an outcome can be told by itself: it is not one of several
// that were put together.
func (c *cases) alone(code string) bool {
	for _, part := range c.parts {
		if part.code == code {
			return true
		}
	}
	return false
}

func (c *cases) count(of func(outcomeCase) bool) (n int) {
	for _, part := range c.parts {
		if of(part) {
			n += part.n
		}
	}
	return n
}

func (c *cases) mask(of func(outcomeCase) bool) []bool {
	out := make([]bool, len(c.parts))
	for i, part := range c.parts {
		out[i] = of(part)
	}
	return out
}

// tell tells the sums of some cases, all of them or none.
func (c *cases) tell(of ...func(outcomeCase) bool) bool {
	var sums [][]bool
	for _, one := range of {
		sums = append(sums, c.mask(one))
	}
	return c.sums.Tell(sums...)
}

// groups gives the cases of some letters of a formula; K and U stand for several.
func groups(formula string) func(outcomeCase) bool {
	wanted := map[panel.Group]bool{}
	for _, letter := range strings.FieldsFunc(formula, func(r rune) bool { return !unicode.IsUpper(r) }) {
		switch letter {
		case "K":
			for _, one := range []string{"I", "P", "R", "NC", "O"} {
				wanted[letters[one]] = true
			}
		case "U":
			wanted[letters["UH"]], wanted[letters["UO"]] = true, true
		default:
			wanted[letters[letter]] = true
		}
	}
	return func(c outcomeCase) bool { return c.framed && wanted[c.group] }
}

// rate tells a rate, or how high it is at least.
func (c *cases) rate(r panel.Rate) toldRate {
	out := toldRate{Rate: r}
	if r.Why != "" {
		return out
	}
	of, over, _ := strings.Cut(r.Formula, "/")
	sums := []func(outcomeCase) bool{groups(of), groups(over)}
	estimated := strings.Contains(over, "e·U")
	if estimated { // the estimate lets each part be worked out
		sums = append(sums[:1], groups("K"), groups("U"), groups("NE"))
	}
	if c.tell(sums...) {
		return out
	}
	out.hidden = true
	if !estimated {
		out.least = atLeast(r.Of, c.count(groups(over)))
	}
	return out
}

// atLeast gives how high a share is at least that is not told because fewer than five
// persons are missing from all; 0 of others. It is so coarse that it does not tell
// of how many persons the share is.
func atLeast(of, over int) float64 {
	if over < disclosure.LeastAnswers || over-of >= disclosure.Least {
		return 0
	}
	return math.Floor(20*float64(over-disclosure.Least+1)/float64(over)) / 20
}
