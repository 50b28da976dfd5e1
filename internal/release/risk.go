package release

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/disclosure"
	"panelverk/internal/study"
)

// Report says how easily the persons of a release are recognised. It is an
// indicator and no promise: colleagues know each other's answers, and the pattern
// of participation that they saw cannot be hidden.
type Report struct {
	Tier       study.Tier
	K          int             // how many persons are to be alike at least
	Persons    int             // in the file
	LeftOut    int             // of those who could be in it: nothing else made them like enough others
	Keys       []string        // what somebody is taken to know, besides the pattern of participation
	Before     disclosure.Risk // without suppression
	After      disclosure.Risk // of what leaves, joined to what the recipient has already
	Suppressed int             // values that were taken away, −10
	Cells      int             // of so many
	Texts      *Texts          // in people's own words; nil where the profile lets none out
	Diversity  []Diversity
	Earlier    []EarlierRisk
	// Those like whom there are too few, after it. A decided release keeps how many they
	// are and not who: an erasure would not find them there.
	AtRisk    []AtRisk   `json:"-"`
	Proposals []Proposal // where the tier is missed
}

// Diversity is how many different answers persons who are alike gave at least.
type Diversity struct {
	Variable string
	Least    int
}

// EarlierRisk is the risk where somebody could put a release beside an earlier one
// person by person.
type EarlierRisk struct {
	Number    int
	Recipient string
	Same      bool // the recipient's own: its ids join
	Risk      disclosure.Risk
}

// AtRisk is somebody like whom too few others are in the file.
type AtRisk struct {
	ID     string // the recipient's
	Alike  int    // persons with the same values, this one among them
	Values []string
}

// Passes tells whether the tier is kept.
func (r *Report) Passes() bool { return r.Persons >= r.K && r.After.K >= r.K }

// Mark tells a report from every other that somebody could decide about.
func (r *Report) Mark() string {
	about := *r
	about.Proposals = nil
	text, err := json.Marshal(about)
	if err != nil {
		panic(err) // there is nothing in it that JSON cannot hold
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// earlier is what an earlier release told of persons, by their ids in the new one.
type earlier struct {
	number    int
	recipient string
	same      bool
	keys      map[string][]string
}

// keys gives how the quasi-identifiers of somebody leave, by quasi-identifier and wave.
func (c *cutting) keys(one *person) []string {
	var out []string
	for i := range c.quasi {
		q := &c.quasi[i]
		for w, x := range one.cells[i] {
			switch {
			case one.gone[i][w]:
				out = append(out, "m-10")
			case x.Missing == 0 && q.variable.Kind == dataset.Number:
				out = append(out, q.coarse.key(x.Number))
			default:
				out = append(out, told1(x))
			}
		}
	}
	return out
}

// key writes a number as it leaves.
func (g coarse) key(n float64) string {
	if n, ok := g.value(n); ok {
		return short(n)
	}
	return "m-10"
}

// keyNames names what keys gives.
func (c *cutting) keyNames() []string {
	var out []string
	for i := range c.quasi {
		for _, w := range c.quasi[i].waves {
			name := c.quasi[i].Variable
			if w > 0 {
				name += "_w" + strconv.Itoa(w)
			}
			out = append(out, name)
		}
	}
	return out
}

// table gives what somebody may know of those in the file: their keys, which can
// be suppressed, and then what cannot: the pattern, weights, and what the
// recipient was told before.
func (c *cutting) table(people []*person, before []earlier) (t disclosure.Table, fixed []bool) {
	t.Keys = c.keyNames()
	fixed = make([]bool, len(t.Keys), len(t.Keys)+2+len(before))
	t.Keys, fixed = append(t.Keys, "participation", "weights"), append(fixed, true, true)
	for _, e := range before {
		if e.same {
			t.Keys, fixed = append(t.Keys, "release "+strconv.Itoa(e.number)), append(fixed, true)
		}
	}
	for _, one := range people {
		row := append(c.keys(one), one.pattern, one.weights)
		for _, e := range before {
			if !e.same {
				continue
			}
			told := "absent"
			if keys, ok := e.keys[one.id]; ok {
				told = strings.Join(keys, "\x1f")
			}
			row = append(row, told)
		}
		t.Rows = append(t.Rows, row)
	}
	return t, fixed
}

// staying gives those who leave with the file.
func (c *cutting) staying() []*person {
	return slices.DeleteFunc(slices.Clone(c.people), func(one *person) bool { return one.out })
}

// assess takes away what the profile lets it, and says what risk is left, and what
// would help where it is too much.
func (c *cutting) assess(before []earlier) *Report {
	r := c.measure(before)
	if !r.Passes() {
		r.Proposals = c.propose(before)
	}
	return r
}

// measure is assess without the proposals.
func (c *cutting) measure(before []earlier) *Report {
	k := c.profile.Tier.K()
	r := &Report{Tier: c.profile.Tier, K: k}
	for i := range c.quasi {
		r.Keys = append(r.Keys, c.quasi[i].Variable)
	}
	t, fixed := c.table(c.people, before)
	r.Before = disclosure.Assess(t, k)
	if c.profile.Suppress == study.SuppressCells || c.profile.Suppress == study.SuppressPersons {
		r.Suppressed = c.suppress(t, fixed, k)
	}
	people := c.staying()
	t, _ = c.table(people, before)
	r.After = disclosure.Assess(t, k)
	r.Persons, r.LeftOut, r.Cells = len(people), len(c.people)-len(people), len(people)*len(c.keyNames())
	if c.profile.FreeText == study.RedactedText {
		r.Texts = textsOf(people)
	}
	alike := disclosure.Frequencies(t)
	for _, i := range disclosure.Below(t, k) {
		values := c.keys(people[i])
		r.AtRisk = append(r.AtRisk, AtRisk{ID: people[i].id, Alike: alike[i], Values: append(values, people[i].pattern)})
	}
	for s, name := range c.profile.Sensitive {
		values := make([]string, len(people))
		for i, one := range people {
			values[i] = strings.Join(one.sensitive[s], " ")
		}
		r.Diversity = append(r.Diversity, Diversity{name, disclosure.Diversity(t, values)})
	}
	for _, e := range before {
		now, ids := map[string][]string{}, []string(nil)
		for i, one := range people {
			now[one.id], ids = t.Rows[i], append(ids, one.id)
		}
		r.Earlier = append(r.Earlier, EarlierRisk{e.number, e.recipient, e.same, disclosure.Assess(disclosure.Joined(t.Keys, e.keys, now, ids), k)})
	}
	return r
}

// suppress takes values away, and persons where the profile says so and values do
// not help; it gives how many values went of those who stay.
func (c *cutting) suppress(t disclosure.Table, fixed []bool, k int) int {
	gone := disclosure.Suppress(t, k, fixed)
	if c.profile.Suppress == study.SuppressPersons {
		for _, i := range gone.Left {
			c.people[i].out = true
		}
	}
	for i, one := range c.people {
		at := 0
		for q := range one.gone {
			for w := range one.gone[q] {
				one.gone[q][w] = gone.Cells[i][at]
				at++
			}
		}
	}
	return gone.Count
}

// Proposal is a change of the profile that would keep the tier.
type Proposal struct {
	Steps      []Step
	Suppressed int     // values that would have to be taken away besides
	Loss       float64 // the share of what the quasi-identifiers and the pattern tell that would be lost
	Risk       disclosure.Risk
}

// Step is one change.
type Step struct {
	Variable string               // "" for the waves
	Way      study.Generalisation // "" for leaving the variable, or waves, out
	Width    float64              // of Banded
	Map      map[string]string    // of Mapped
	Waves    []string             // those that stay
}

// Apply gives the profile with a proposal taken.
func (p Proposal) Apply(profile study.Profile) *study.Profile {
	out := profile
	out.Quasi, out.Drop = slices.Clone(profile.Quasi), slices.Clone(profile.Drop)
	for _, s := range p.Steps {
		at := slices.IndexFunc(out.Quasi, func(q study.Quasi) bool { return q.Variable == s.Variable })
		switch {
		case s.Variable == "":
			out.Waves = s.Waves
		case s.Way == "":
			out.Drop, out.Quasi = append(out.Drop, s.Variable), slices.Delete(out.Quasi, at, at+1)
		default:
			q := &out.Quasi[at]
			q.How, q.Width, q.Map = s.Way, s.Width, s.Map
			if q.Tail == 0 {
				q.Tail = disclosure.Least
			}
		}
	}
	if p.Suppressed > 0 && out.Suppress == study.NoSuppression {
		out.Suppress = study.SuppressCells
	}
	return &out
}

// How many proposals are made, and how many are tried for them.
const (
	proposals    = 2
	mostProposed = 12
)

// between parts the waves of a key that is looked at as one.
const between = "\x1f"

// level is one way to give a key out, as a step of a proposal.
type level struct {
	step Step
	of   func(string) string
}

// propose looks for two changes that keep the tier. A quasi-identifier is one key
// with its values of all waves, because a profile says how it leaves once.
func (c *cutting) propose(before []earlier) []Proposal {
	var t disclosure.Table
	var levels [][]level
	var fixed []bool
	for i := range c.quasi {
		t.Keys, levels, fixed = append(t.Keys, c.quasi[i].Variable), append(levels, c.quasiLevels(&c.quasi[i])), append(fixed, false)
	}
	as := level{of: func(s string) string { return s }}
	t.Keys, levels, fixed = append(t.Keys, "participation", "rest"), append(levels, c.waveLevels(), []level{as}), append(fixed, true, true)
	plain, _ := c.table(c.people, before)
	at := len(c.keyNames())
	for n, one := range c.people {
		var row []string
		for i := range c.quasi {
			var values []string
			for _, x := range one.cells[i] {
				values = append(values, told1(x))
			}
			row = append(row, strings.Join(values, between))
		}
		t.Rows = append(t.Rows, append(row, one.pattern, strings.Join(plain.Rows[n][at+1:], between)))
	}
	tried := make([][]disclosure.Level, len(levels))
	for i, ways := range levels {
		for n, l := range ways {
			tried[i] = append(tried[i], disclosure.Level{Of: l.of, Coarse: n})
		}
	}
	var out []Proposal
	for _, found := range disclosure.Propose(t, tried, fixed, c.profile.Tier.K(), mostProposed) {
		if len(out) == proposals {
			break
		}
		one := Proposal{Suppressed: found.Suppressed, Loss: found.Loss, Risk: found.Risk}
		for i, n := range found.Levels {
			if n > 0 {
				one.Steps = append(one.Steps, levels[i][n].step)
			}
		}
		// What was found holds for these bands; the profile would cut others where
		// it has fewer waves. So it is tried in full.
		if risk, ok := c.would(one.Apply(*c.profile), before); ok {
			one.Risk, out = risk, append(out, one)
		}
	}
	return out
}

// would tells what risk another profile would leave, and whether it keeps the tier.
func (c *cutting) would(p *study.Profile, before []earlier) (disclosure.Risk, bool) {
	other, err := newCutting(c.whole, p, c.shift, c.redacted)
	if err != nil {
		return disclosure.Risk{}, false
	}
	r := other.measure(before)
	return r.After, r.Passes()
}

// coarser gives a level at which a variable leaves in some way.
func (q *quasi) coarser(how study.Quasi, step Step) level {
	g := coarsen(q.variable, how, q.values)
	return level{step, func(all string) string {
		values := strings.Split(all, between)
		for i, v := range values {
			if n, err := strconv.ParseFloat(v, 64); err == nil && q.variable.Kind == dataset.Number {
				values[i] = g.key(n)
			}
		}
		return strings.Join(values, between)
	}}
}

// quasiLevels gives the ways to give a quasi-identifier out: as the profile has
// it, coarser, not at all.
func (c *cutting) quasiLevels(q *quasi) []level {
	out := []level{q.coarser(q.Quasi, Step{})}
	k := c.profile.Tier.K()
	switch {
	case q.variable.Kind != dataset.Number || q.How == study.Mapped:
	case len(q.variable.Values) > 0:
		if list := together(q, k); list != nil {
			how := q.Quasi
			how.How, how.Map = study.Mapped, list
			out = append(out, q.coarser(how, Step{Variable: q.Variable, Way: study.Mapped, Map: list}))
		}
	case len(q.values) > 0:
		span := slices.Max(q.values) - slices.Min(q.values)
		for _, width := range []float64{5, 10, 20, 40} {
			if width > q.Width && width < span {
				how := q.Quasi
				how.How, how.Width, how.Tail = study.Banded, width, max(q.Tail, disclosure.Least)
				out = append(out, q.coarser(how, Step{Variable: q.Variable, Way: study.Banded, Width: width}))
			}
		}
	}
	return append(out, level{Step{Variable: q.Variable}, func(string) string { return "" }})
}

// together puts the choices that few persons gave into one: the codes of the
// others stay. nil where that changes nothing.
func together(q *quasi, k int) map[string]string {
	counts := map[float64]int{}
	for _, n := range q.values {
		counts[n]++
	}
	list, few, rest := map[string]string{}, 0, 0
	for _, v := range q.variable.Values {
		rest = max(rest, v.Code)
		if counts[float64(v.Code)] < 2*k*len(q.waves) {
			few++
			continue
		}
		list[strconv.Itoa(v.Code)] = strconv.Itoa(v.Code)
	}
	if few < 2 || len(list) == 0 {
		return nil
	}
	list["*"] = strconv.Itoa(rest + 1)
	return list
}

// waveLevels gives the ways to let out fewer waves: without one, then one alone.
func (c *cutting) waveLevels() []level {
	out := []level{{of: func(s string) string { return s }}}
	if len(c.waves) < 2 {
		return out
	}
	stay := func(waves []int) level {
		var keys []string
		for _, w := range c.whole.Study.Waves {
			if slices.Contains(waves, w.Number) {
				keys = append(keys, w.Key)
			}
		}
		return level{Step{Waves: keys}, func(pattern string) string {
			marks := []byte(pattern)
			for i := range marks {
				if !slices.Contains(waves, i+1) {
					marks[i] = '.'
				}
			}
			return string(marks)
		}}
	}
	var all [][]int
	for i := range c.waves {
		if len(c.waves) > 2 {
			all = append(all, slices.Delete(slices.Clone(c.waves), i, i+1))
		}
	}
	for _, w := range c.waves {
		all = append(all, []int{w})
	}
	slices.SortStableFunc(all, func(a, b []int) int { return cmp.Compare(len(b), len(a)) })
	for _, waves := range all {
		out = append(out, stay(waves))
	}
	return out
}
