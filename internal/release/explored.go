package release

import (
	"math"
	"slices"

	"panelverk/internal/dataset"
	"panelverk/internal/disclosure"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// exploring turns the exact summary into what may be shown, one variable after
// the other in the order in which they were asked.
type exploring struct {
	d       *dataset.Dataset
	sum     *dataset.Summary
	out     *Explored
	guarded []bool // by wave: how many were interviewed differs from other known numbers by a few
	of      map[*dataset.Variable]*ExploredVariable
	parts   map[dataset.Ref]map[string]lang.Text
	column  map[*dataset.Variable]bool // in wide files and those of repeats: all but the number of the wave
}

func explore(d *dataset.Dataset, sum *dataset.Summary) *Explored {
	x := &exploring{d: d, sum: sum, out: &Explored{Study: d.Study, versions: map[dataset.Ref]*questionnaire.Questionnaire{}}, of: map[*dataset.Variable]*ExploredVariable{}, parts: map[dataset.Ref]map[string]lang.Text{}}
	for _, v := range d.Versions {
		x.out.versions[v.Ref] = v.Questionnaire
	}
	for i, w := range d.Waves {
		x.out.Waves = append(x.out.Waves, ExploredWave{w, !d.Now.Before(d.Study.Over(&w))})
		x.guarded = append(x.guarded, few(sum, i))
	}
	x.column = map[*dataset.Variable]bool{}
	for _, c := range d.Wide() {
		x.column[c.Variable] = true
	}
	for _, t := range d.Tables {
		for _, v := range t.Variables {
			x.column[v] = true
		}
	}
	for _, v := range d.Variables {
		x.list(v)
	}
	for _, v := range x.out.Variables {
		x.show(v)
	}
	for i, t := range d.Tables {
		n := sum.Rows[i]
		hidden := sum.Owners[i] > 0 && sum.Owners[i] < disclosure.Least
		if hidden {
			n = 0
		}
		x.out.Tables = append(x.out.Tables, ExploredTable{Name: t.Name, Repeat: t.Repeat, Label: t.Label, N: n, Hidden: hidden})
	}
	for _, v := range x.of {
		v.dist = nil // nothing exact leaves with what may be shown
	}
	return x.out
}

// few tells whether the number of interviews of a wave differs by 1 to 4 people
// from a number that other pages tell, so that it would tell of those few.
func few(sum *dataset.Summary, wave int) bool {
	t, n := sum.Waves[wave], sum.Interviewed[wave]
	complete, partial := t.Dispositions["1.1"], t.Dispositions["1.2"]
	return slices.ContainsFunc([]int{complete, partial, n - complete - partial, n - complete, n - t.Submitted, n - t.Started, n - t.Invited, n - sum.Members}, func(by int) bool {
		return by != 0 && by > -disclosure.Least && by < disclosure.Least
	})
}

// list adds a variable, or joins it to the question whose part it is.
func (x *exploring) list(v *dataset.Variable) {
	if v.Role == dataset.Companion || v.Role == dataset.Instance || v.Role == dataset.Weight || !x.column[v] {
		return
	}
	one := &ExploredVariable{Variable: v, Form: x.d.Form(v), dist: x.sum.Of(v)}
	one.Derived = v.Type == questionnaire.Calculate
	for _, w := range x.d.Waves {
		one.in = append(one.in, v.Role == dataset.Derived || x.d.In(v, w.Number))
	}
	x.of[v] = one
	if n := len(v.Sources); n > 0 {
		last := v.Sources[n-1]
		one.Part = x.part(last.Ref, v.Question)
		if up := last.Item.InRepeat(); up != nil {
			one.Repeat = up.Name
		}
	}
	if v.Of == nil {
		x.out.Variables = append(x.out.Variables, one)
		return
	}
	whole := x.of[v.Of]
	if whole == nil { // ranking has no variable of its own
		whole = &ExploredVariable{Variable: v.Of, Part: one.Part, Repeat: one.Repeat, in: one.in}
		x.of[v.Of] = whole
		x.out.Variables = append(x.out.Variables, whole)
	}
	whole.Options = append(whole.Options, one)
}

// part names the part of a version in which a question is asked.
func (x *exploring) part(ref dataset.Ref, question string) lang.Text {
	if x.parts[ref] == nil {
		x.parts[ref] = map[string]lang.Text{}
		for _, v := range x.d.Versions {
			if v.Ref != ref {
				continue
			}
			for _, part := range v.Questionnaire.Parts {
				for _, page := range part.Pages {
					for _, it := range page.Items {
						x.parts[ref][it.Name] = part.Label
					}
				}
			}
		}
	}
	return x.parts[ref][question]
}

// show decides what of a variable may be seen.
func (x *exploring) show(v *ExploredVariable) {
	switch {
	case v.Ranked():
		x.ranked(v)
		return
	case v.dist == nil:
		return
	case len(v.Options) > 0:
		x.several(v)
		return
	case v.Form == dataset.Measured && !v.Derived:
		v.Rows = x.bands(v)
	case v.Form == dataset.Coded:
		for _, value := range v.Values {
			v.Rows = append(v.Rows, ExploredRow{Kind: RowValue, Value: value})
		}
		if slices.ContainsFunc(v.dist.Waves, func(c dataset.WaveCounts) bool { return c.Other > 0 }) {
			v.Rows = append(v.Rows, ExploredRow{Kind: RowOther})
		}
	default:
		v.Rows = []ExploredRow{{Kind: RowAnswered}}
	}
	x.fill(v)
	x.middles(v)
	x.changes(v)
}

// several shows how many chose each option. How many did not is not shown; it
// cannot be worked out either where it is small, because then how many answered
// at all is hidden.
func (x *exploring) several(v *ExploredVariable) {
	v.Rows = []ExploredRow{{Kind: RowAnswered}}
	x.fill(v)
	for _, option := range v.Options {
		option.Rows = []ExploredRow{{Kind: RowValue, Cells: make([]ExploredCell, len(x.out.Waves))}}
		at := slices.IndexFunc(option.Values, func(value dataset.Value) bool { return value.Code == 1 })
		option.Rows[0].Value = option.Values[at]
		for w, wave := range x.out.Waves {
			n := option.dist.Waves[w].Values[at]
			switch cell := &option.Rows[0].Cells[w]; {
			case !wave.Shown || !option.in[w]:
				cell.Out = true
			case n > 0 && n < disclosure.Least:
				cell.Hidden = true
			default:
				cell.N = n
			}
		}
	}
}

// rest tells whether an option of a question was left out by 1 to 4 people.
func rest(v *ExploredVariable, w int) bool {
	return slices.ContainsFunc(v.Options, func(option *ExploredVariable) bool {
		c := option.dist.Waves[w]
		no := c.Valid - c.Values[slices.IndexFunc(option.Values, func(value dataset.Value) bool { return value.Code == 1 })]
		return no > 0 && no < disclosure.Least
	})
}

// fill adds the rows of missing values and counts all of them.
func (x *exploring) fill(v *ExploredVariable) {
	for _, m := range dataset.Missings() {
		found := m == dataset.NotApplicable && gated(v)
		for w, c := range v.dist.Waves {
			found = found || c.Missing[m] > 0 && x.out.Waves[w].Shown && v.in[w]
		}
		if found {
			v.Rows = append(v.Rows, ExploredRow{Kind: RowMissing, Missing: m})
		}
	}
	v.Rows = append(v.Rows, ExploredRow{Kind: RowAbsent})
	for i := range v.Rows {
		v.Rows[i].Cells = make([]ExploredCell, len(x.out.Waves))
	}
	for w, wave := range x.out.Waves {
		counts := x.counts(v, w)
		hidden := disclosure.Cells(counts, x.guards(v, w), disclosure.Least)
		for i := range v.Rows {
			switch cell := &v.Rows[i].Cells[w]; {
			case !wave.Shown || !v.in[w]:
				cell.Out = true
			case hidden[i]:
				cell.Hidden = true
			default:
				cell.N = counts[i]
			}
		}
	}
}

// counts gives the exact counts of the rows in a wave.
func (x *exploring) counts(v *ExploredVariable, w int) []int {
	c := &v.dist.Waves[w]
	var bands []int
	if cuts := cutsOf(v.Rows); v.Form == dataset.Measured {
		bands = c.Sizes.Between(cuts)
	}
	out := make([]int, len(v.Rows))
	values, band := 0, 0
	for i := range v.Rows {
		switch row := &v.Rows[i]; row.Kind {
		case RowValue:
			out[i] = c.Values[values]
			values++
		case RowPlace:
			if row.Place <= len(c.Values) {
				out[i] = c.Values[row.Place-1]
			}
		case RowBand:
			out[i] = bands[band]
			band++
		case RowOther:
			out[i] = c.Other
		case RowAnswered:
			out[i] = c.Valid
		case RowMissing:
			out[i] = c.Missing[row.Missing]
		case RowAbsent:
			out[i] = c.Absent
		}
	}
	return out
}

func cutsOf(rows []ExploredRow) []float64 {
	var cuts []float64
	for _, row := range rows {
		if row.Kind == RowBand && !math.IsInf(row.Band.Low, -1) {
			cuts = append(cuts, row.Band.Low)
		}
	}
	return cuts
}

// guards gives the rows that must not be worked out however large they are: how
// many had no interview, where that tells of a few; how many were routed past,
// where that would tell of a few who answered the question that decides it.
func (x *exploring) guards(v *ExploredVariable, w int) []int {
	var out []int
	for i, row := range v.Rows {
		if row.Kind == RowAnswered && rest(v, w) {
			out = append(out, i)
		}
		if row.Kind == RowAbsent && x.guarded[w] || row.Kind == RowMissing && row.Missing == dataset.NotApplicable && x.gateTells(v, w) {
			out = append(out, i)
		}
	}
	return out
}

// gated tells whether a question is not asked of everybody.
func gated(v *ExploredVariable) bool {
	return slices.ContainsFunc(v.Sources, func(s dataset.Source) bool { return s.Universe != "" })
}

// gateTells tells whether the number of those routed past is more than a sum of
// counts that are shown: the question hangs on several others, on a number or on
// the person, or on a question of which something is hidden.
func (x *exploring) gateTells(v *ExploredVariable, w int) bool {
	if !gated(v) {
		return false
	}
	var gates []string
	for _, s := range v.Sources {
		for it := s.Item; it != nil; it = it.Parent {
			if it.Relevant == nil {
				continue
			}
			if len(it.Relevant.LastSaved()) > 0 {
				return true
			}
			gates = append(gates, it.Relevant.Names()...)
		}
	}
	slices.Sort(gates)
	if gates = slices.Compact(gates); len(gates) != 1 {
		return true
	}
	for _, gate := range x.out.Variables {
		if gate.Question == gates[0] && gate.in[w] {
			hidden := slices.ContainsFunc(gate.Rows, func(r ExploredRow) bool { return r.Cells == nil || r.Cells[w].Hidden || r.Cells[w].Out })
			return gate.Form != dataset.Coded || gate.Role != dataset.Whole || len(gate.Rows) == 0 || hidden
		}
	}
	return true
}

// bands parts the sizes of all shown waves into the same bands.
func (x *exploring) bands(v *ExploredVariable) []ExploredRow {
	low, high := math.Inf(1), math.Inf(-1)
	var waves []*dataset.Sizes
	for w := range x.out.Waves {
		s := &v.dist.Waves[w].Sizes
		if l, h, ok := s.Tails(disclosure.Least); ok && x.out.Waves[w].Shown && v.in[w] {
			low, high, waves = min(low, l), max(high, h), append(waves, s)
		}
	}
	var cuts []float64
	if len(waves) > 0 {
		cuts = disclosure.Cuts(low, high, v.Integer || v.Kind != dataset.Number)
		var counts [][]int
		for _, s := range waves {
			counts = append(counts, s.Between(cuts))
		}
		cuts = disclosure.JoinBands(cuts, counts...)
	}
	if len(cuts) == 0 {
		return []ExploredRow{{Kind: RowAnswered}}
	}
	var out []ExploredRow
	from := math.Inf(-1)
	for _, to := range append(cuts, math.Inf(1)) {
		out = append(out, ExploredRow{Kind: RowBand, Band: disclosure.Band{Low: from, High: to}})
		from = to
	}
	return out
}

// middles tells means and medians where enough people answered. Of coded
// answers only a scale's items have a middle, which says no more than their
// counts where all of those are shown.
func (x *exploring) middles(v *ExploredVariable) {
	item := x.ofScale(v.Variable)
	if v.Form != dataset.Measured && item == nil {
		return
	}
	v.Middles = make([]ExploredMiddle, len(x.out.Waves))
	for w := range x.out.Waves {
		c := &v.dist.Waves[w]
		if !x.out.Waves[w].Shown || !v.in[w] || c.Valid < leastMiddle {
			continue
		}
		sizes := c.Sizes
		if v.Form == dataset.Coded {
			if x.anyHidden(v, w) || c.Other > 0 {
				continue
			}
			sizes = dataset.Sizes{}
			for i, n := range c.Values {
				for range n {
					sizes.Add(float64(v.Values[i].Code))
				}
			}
		}
		v.Middles[w] = ExploredMiddle{Told: true, Mean: sizes.Mean(), Median: sizes.Median()}
		if v.Role == dataset.Derived && x.lonely(v, w) {
			v.Middles[w].Mean, v.Middles[w].MeanHidden = 0, true
		}
	}
}

// anyHidden tells whether a value's count is hidden.
func (x *exploring) anyHidden(v *ExploredVariable, w int) bool {
	return slices.ContainsFunc(v.Rows, func(r ExploredRow) bool {
		return r.Cells[w].Hidden && r.Kind != RowMissing && r.Kind != RowAbsent
	})
}

// lonely tells whether a scale has one item alone with hidden counts: from its
// mean and the other items' that item's could be worked out.
func (x *exploring) lonely(v *ExploredVariable, w int) bool {
	n := 0
	for _, item := range v.Scale.Items {
		for _, one := range x.out.Variables {
			if one.Question == item.Question && one.Form == dataset.Coded && one.in[w] && x.anyHidden(one, w) {
				n++
			}
		}
	}
	return n == 1
}

// ofScale gives the scale that a variable is an item of, nil for none.
func (x *exploring) ofScale(v *dataset.Variable) *study.Scale {
	for i := range x.d.Study.Scales {
		s := &x.d.Study.Scales[i]
		if v.Role == dataset.Whole && slices.ContainsFunc(s.Items, func(item study.ScaleItem) bool { return item.Question == v.Question }) {
			return s
		}
	}
	return nil
}

// changes tells what became of the same people from wave to wave.
func (x *exploring) changes(v *ExploredVariable) {
	var at []int // the waves that both are over and have the variable
	for w := range x.out.Waves {
		if x.out.Waves[w].Shown && v.in[w] {
			at = append(at, w)
		}
	}
	var pairs []int // the first of each pair
	for _, w := range at {
		if slices.Contains(at, w+1) {
			pairs = append(pairs, w)
		}
	}
	if len(pairs) == 0 || v.Form != dataset.Coded && v.Form != dataset.Measured {
		return
	}
	for _, w := range pairs {
		v.Changes = append(v.Changes, ExploredChange{From: x.out.Waves[w].Number, To: x.out.Waves[w+1].Number})
	}
	if v.Form == dataset.Coded {
		x.moves(v, pairs)
		return
	}
	for i, w := range pairs {
		m, c := &v.dist.Moves[w], &v.Changes[i]
		if m.Both < leastMiddle {
			continue
		}
		c.MedianTold, c.Median = true, m.Change.Median()
		// A mean beside those of all would tell what the few said who are not in both.
		if !slices.ContainsFunc([]int{m.First, m.Second, m.Neither}, func(n int) bool { return n > 0 && n < disclosure.Least }) {
			c.Paired, c.Mean = m.Both, m.Change.Mean()
		}
	}
}

// moves tells how people went between values, grouped so that it may be shown.
func (x *exploring) moves(v *ExploredVariable, pairs []int) {
	k := len(v.Values)
	margins := make([]disclosure.Margin, len(x.out.Waves))
	for w := range x.out.Waves {
		margins[w] = disclosure.Margin{Counts: x.counts(v, w)}
		for _, r := range v.Rows {
			margins[w].Hidden = append(margins[w].Hidden, r.Cells[w].Hidden)
		}
	}
	for len(pairs) > 0 {
		// Pairs that follow on each other are grouped as one; a gap parts them.
		run := 1
		for run < len(pairs) && pairs[run] == pairs[run-1]+1 {
			run++
		}
		first := pairs[0]
		var tables [][][]int
		for _, w := range pairs[:run] {
			tables = append(tables, v.dist.Moves[w].Moves)
		}
		groups, shown := disclosure.Groups(k, x.ofScale(v.Variable) != nil, margins[first:first+run+1], tables, disclosure.Least)
		for i, ok := range shown {
			if ok {
				x.move(v, pairs[i], groups)
			}
		}
		pairs = pairs[run:]
	}
}

// move fills in the moves from wave w to the next.
func (x *exploring) move(v *ExploredVariable, w int, groups [][]int) {
	i := slices.IndexFunc(v.Changes, func(c ExploredChange) bool { return c.From == x.out.Waves[w].Number })
	c := &v.Changes[i]
	c.Moves = disclosure.Regroup(groups, len(v.Values), v.dist.Moves[w].Moves)
	for _, g := range groups {
		var values []dataset.Value
		for _, at := range g {
			values = append(values, v.Values[at])
		}
		c.Groups = append(c.Groups, values)
		for b := range groups {
			c.Paired += c.Moves[len(c.Groups)-1][b]
		}
	}
}

// ranked shows how often the options of a ranking were put in each place. The
// places of one option add up with those of the others, so they are shown of all
// or of none.
func (x *exploring) ranked(v *ExploredVariable) {
	for _, option := range v.Options {
		most := 0
		for _, c := range option.dist.Waves {
			most = max(most, len(c.Values))
		}
		for place := range most {
			option.Rows = append(option.Rows, ExploredRow{Kind: RowPlace, Place: place + 1})
		}
		x.fill(option)
		option.Middles = make([]ExploredMiddle, len(x.out.Waves))
		for w := range x.out.Waves {
			if c := &option.dist.Waves[w]; x.out.Waves[w].Shown && option.in[w] && c.Valid >= leastMiddle {
				option.Middles[w] = ExploredMiddle{Told: true, Mean: c.Sizes.Mean(), Median: c.Sizes.Median()}
			}
		}
	}
	for w := range x.out.Waves {
		hide := false
		for _, option := range v.Options {
			for i, n := range x.counts(option, w) {
				row := &option.Rows[i]
				hide = hide || row.Kind == RowPlace && !row.Cells[w].Out && (n < disclosure.Least || row.Cells[w].Hidden)
			}
		}
		for _, option := range v.Options {
			for i := range option.Rows {
				if row := &option.Rows[i]; hide && row.Kind == RowPlace && !row.Cells[w].Out {
					row.Cells[w] = ExploredCell{Hidden: true}
				}
			}
		}
	}
}
