package rehearsal

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/expr"
	"panelverk/internal/questionnaire"
)

// lean gives what makes people answer a question as they do.
func lean(name string) leaning {
	if l, ok := leanings[name]; ok {
		return l
	}
	h := fnv.New32a()
	_, _ = fmt.Fprint(h, name) // a hash takes everything
	n := h.Sum32()
	return leaning{trait: outlook + trait(n%uint32(traits-outlook)), weight: float64(n>>8%5)/5 - 0.4}
}

// inclination gives where somebody stands on a question in this wave, about
// standard normal: what they are like, their own view of the question, which
// stays, and the mood of the day.
func (p *person) inclination(name string, of ...string) float64 {
	l := lean(name)
	own := p.normal(append([]string{"own", name}, of...)...)
	moved := l.shift + l.drift*float64(p.wave)
	if l.fixed {
		return own + l.shift
	}
	const mood = 0.45
	rest := math.Sqrt(max(0.1, 1-l.weight*l.weight-mood*mood))
	return moved + l.weight*p.trait(l.trait, p.wave) + rest*own +
		mood*p.normal(append([]string{"mood", name, fmt.Sprint(p.wave)}, of...)...)
}

// percentile is the standard normal distribution.
func percentile(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }

// choose marks choices.
func (p *person) choose(f *form, it *questionnaire.Item) {
	field := fieldValue + it.Name
	options := f.options(field)
	if name, ok := p.missing(it, options); ok {
		f.fill(field, name)
		return
	}
	options = slices.DeleteFunc(options, func(o string) bool {
		c := it.List.Choice(o)
		return c == nil && it.ListFrom == nil || c != nil && c.Missing != questionnaire.Substantive
	})
	if it.Type == questionnaire.SelectMultiple {
		f.fill(field, p.several(it, options)...)
		return
	}
	if len(options) > 0 {
		// 0.85: the ends of a scale are chosen a little less than the rest
		at := int(percentile(0.85*p.inclination(it.Name)) * float64(len(options)))
		f.fill(field, options[min(at, len(options)-1)])
	}
}

// several gives the choices that somebody marks. One that the constraint
// names, such as "none of these", stands alone.
func (p *person) several(it *questionnaire.Item, options []string) []string {
	alone := literals(it.Constraint)
	var chosen []string
	lone := ""
	for _, o := range options {
		if slices.Contains(alone, o) {
			lone = o
		} else if p.inclination(it.Name, o) > 0.15 {
			chosen = append(chosen, o)
		}
	}
	if lone != "" && (len(chosen) == 0 || p.slips(it)) {
		chosen = append(chosen, lone)
	}
	return chosen
}

// slips tells whether somebody makes a mistake at the first try.
func (p *person) slips(it *questionnaire.Item) bool {
	return p.seen[p.key(it.Name)].tries == 0 && p.draw("slips", it.Name, fmt.Sprint(p.wave)).IntN(50) == 0
}

// order gives the order in which somebody ranks choices; not everybody ranks all.
func (p *person) order(name string, choices []string) []string {
	out := slices.Clone(choices)
	slices.SortStableFunc(out, func(a, b string) int {
		return cmp.Compare(p.inclination(name, b), p.inclination(name, a))
	})
	if r := p.draw("ranks", name, fmt.Sprint(p.wave)); len(out) > 2 && r.IntN(4) == 0 {
		out = out[:2+r.IntN(len(out)-2)]
	}
	return out
}

// write gives what somebody writes into a field.
func (p *person) write(it *questionnaire.Item) string {
	r := p.draw("writes", it.Name, fmt.Sprint(p.wave), fmt.Sprint(p.seen[p.key(it.Name)].tries))
	words := spoken(p.language)
	switch it.Type {
	case questionnaire.Text:
		texts := words.worse
		switch {
		case it.OtherOf != nil || !strings.Contains(it.Appearance, "multiline"):
			r, texts = p.draw("writes", it.Name), words.trades // the same in every wave
		case p.trait(outlook, p.wave)+0.5*r.NormFloat64() > 0:
			texts = words.better
		}
		return texts[r.IntN(len(texts))]
	case questionnaire.Date:
		if p.slips(it) {
			return words.odd[r.IntN(len(words.odd))]
		}
		return p.daysAgo(r.ExpFloat64()).Format(time.DateOnly)
	case questionnaire.Time:
		return fmt.Sprintf("%02d:%02d", 5+r.IntN(18), 15*r.IntN(4))
	case questionnaire.DateTime:
		return p.daysAgo(r.ExpFloat64()).Format("2006-01-02T15:04")
	case questionnaire.Geopoint:
		return fmt.Sprintf("%.4f %.4f", 48+12*r.Float64(), 10+20*r.Float64())
	}
	return p.number(it, words.odd[r.IntN(len(words.odd))])
}

// daysAgo gives a day in the half year past; x is drawn, 1 in the mean.
func (p *person) daysAgo(x float64) time.Time {
	return p.now.AddDate(0, 0, -1-int(min(x*45, 180))).In(p.stage.plan.waves[p.wave].Opens.Location())
}

// number gives a number as somebody writes it, within what the constraint
// says; odd is what a slip makes of it.
func (p *person) number(it *questionnaire.Item, odd string) string {
	b, l := limits(it), lean(it.Name)
	year := b.hasLow && !b.hasHigh && b.low >= 1800 && b.low < 2200
	centre, spread := l.centre, l.spread
	switch {
	case year:
		b.high, b.hasHigh = float64(p.now.Year()), true
		if spread == 0 {
			centre, spread = 15, 8
		}
		centre = b.high - centre
	case spread > 0:
	case b.hasLow && b.hasHigh:
		centre, spread = b.low+0.45*(b.high-b.low), (b.high-b.low)/6
	default:
		centre, spread = b.low+10, 4
	}
	if p.slips(it) {
		if b.hasHigh && !year && len(odd)%2 == 0 {
			return strconv.Itoa(int(b.high)*10 + 1)
		}
		return odd
	}
	x := centre + spread*p.inclination(it.Name)
	if tries := p.seen[p.key(it.Name)].tries; tries > 1 { // nearer the middle of what is allowed, try by try
		x = centre + (x-centre)/float64(tries*tries)
	}
	step := 1.0
	switch {
	case it.Type == questionnaire.Range && it.RangeStep != 0:
		step = math.Abs(it.RangeStep)
	case it.Type == questionnaire.Decimal:
		step = 0.5
	}
	low, high := math.Inf(-1), math.Inf(1)
	if b.hasLow {
		low = b.low + b.above*step
	}
	if b.hasHigh {
		high = b.high - b.below*step
	}
	base := 0.0
	if it.Type == questionnaire.Range {
		base = it.RangeStart
	}
	x = min(max(base+math.Round((x-base)/step)*step, low), high)
	return p.tidy(strconv.FormatFloat(x, 'f', -1, 64))
}

// bounds are the ends of what a number may be, as far as the constraint tells
// by literals.
type bounds struct {
	low, high       float64
	hasLow, hasHigh bool
	above, below    float64 // 1 where the end itself is shut out
}

// limits reads the bounds of a question: the ends of a range, and comparisons
// of "." with numbers that are joined by "and".
func limits(it *questionnaire.Item) bounds {
	var b bounds
	if it.Type == questionnaire.Range {
		b = bounds{low: min(it.RangeStart, it.RangeEnd), high: max(it.RangeStart, it.RangeEnd), hasLow: true, hasHigh: true}
	}
	if it.Constraint != nil {
		b.read(it.Constraint.Root)
	}
	return b
}

func (b *bounds) read(n *expr.Node) {
	if n.Op == expr.OpAnd {
		b.read(n.Args[0])
		b.read(n.Args[1])
		return
	}
	if len(n.Args) != 2 {
		return
	}
	op, left, right := n.Op, n.Args[0], n.Args[1]
	if right.Op == expr.OpSelf { // 0 <= . says the same as . >= 0
		left, right = right, left
		op = map[expr.Op]expr.Op{expr.OpLt: expr.OpGt, expr.OpLe: expr.OpGe, expr.OpGt: expr.OpLt, expr.OpGe: expr.OpLe}[op]
	}
	x, ok := literal(right)
	if left.Op != expr.OpSelf || !ok {
		return
	}
	shut := 0.0
	if op == expr.OpLt || op == expr.OpGt {
		shut = 1
	}
	switch op {
	case expr.OpGt, expr.OpGe:
		if !b.hasLow || x >= b.low {
			b.low, b.hasLow, b.above = x, true, shut
		}
	case expr.OpLt, expr.OpLe:
		if !b.hasHigh || x <= b.high {
			b.high, b.hasHigh, b.below = x, true, shut
		}
	}
}

func literal(n *expr.Node) (float64, bool) {
	if n.Op == expr.OpNeg {
		x, ok := literal(n.Args[0])
		return -x, ok
	}
	if n.Op != expr.OpNumber {
		return 0, false
	}
	x, err := strconv.ParseFloat(n.Value, 64)
	return x, err == nil
}

// literals gives the texts that stand in an expression.
func literals(e *expr.Expr) []string {
	if e == nil {
		return nil
	}
	var out []string
	var walk func(*expr.Node)
	walk = func(n *expr.Node) {
		if n.Op == expr.OpString {
			out = append(out, n.Value)
		}
		for _, a := range n.Args {
			walk(a)
		}
	}
	walk(e.Root)
	return out
}
