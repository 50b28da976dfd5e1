package release

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/disclosure"
	"panelverk/internal/fault"
	"panelverk/internal/questionnaire"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// cutting is a dataset on its way out, as a profile says.
type cutting struct {
	profile  *study.Profile
	whole    *dataset.Dataset // before; its members have the recipient's ids
	shift    func(exportID string) int
	redacted *redactions // nil where the profile lets no text out

	waves  []int // the numbers of those that leave
	quasi  []quasi
	people []*person // who may leave, in the order of the ids
	byID   map[string]*person
	tally  dataset.Tally // of everybody, those who do not leave among them
}

// quasi is a quasi-identifier with how it leaves.
type quasi struct {
	study.Quasi
	number   int // its place among them
	variable *dataset.Variable
	coarse   coarse
	waves    []int     // 0 alone for a constant
	values   []float64 // all there are
}

// person is what somebody may know of one of those in the file.
type person struct {
	id        string
	pattern   string
	weights   string
	cells     [][]dataset.Cell // by quasi-identifier and wave
	sensitive [][]string       // by sensitive variable and wave
	gone      [][]bool         // by quasi-identifier and wave: suppressed
	texts     Texts
	out       bool // does not leave at all
}

// root gives the name of the question's variable that a variable is part of.
func root(v *dataset.Variable) string {
	for v.Of != nil {
		v = v.Of
	}
	return v.Name
}

// newCutting reads the dataset once and works out how coarse everything leaves. It
// fails with every offence of the profile against the study.
func newCutting(d *dataset.Dataset, p *study.Profile, shift func(string) int, redacted *redactions) (*cutting, error) {
	c := &cutting{profile: p, whole: d, shift: shift, redacted: redacted, byID: map[string]*person{}}
	if err := c.check().Err("profile_unfit", "The profile does not fit the study."); err != nil {
		return nil, err
	}
	if err := c.read(); err != nil {
		return nil, err
	}
	for i := range c.quasi {
		q := &c.quasi[i]
		q.coarse = coarsen(q.variable, q.Quasi, q.values)
	}
	return c, nil
}

// check finds every offence of the profile, the waves and the quasi-identifiers.
func (c *cutting) check() fault.Problems {
	d, p := c.whole, c.profile
	var names []string
	byName := map[string]*dataset.Variable{}
	for _, v := range d.Variables {
		names, byName[v.Name] = append(names, v.Name), v
	}
	problems := p.Against(d.Study, names)
	for _, w := range d.Study.Waves {
		asked := slices.Contains(p.Waves, w.Key)
		switch {
		case p.Waves != nil && !asked:
		case w.State(d.Now) == study.Closed:
			c.waves = append(c.waves, w.Number)
		case asked:
			problems.Add(p.Place("waves."+w.Key), "wave_open", "The wave %s has not closed yet. Its answers would be others tomorrow.", w.Key).With("value", w.Key)
		}
	}
	if len(c.waves) == 0 && len(problems) == 0 {
		problems.Add(fault.Place{Field: "waves"}, "no_wave", "No wave has closed yet.")
	}
	for _, q := range p.Quasi {
		v := byName[q.Variable]
		if v == nil {
			continue // Against has said so
		}
		at := p.Place("quasi." + q.Variable)
		if q.How == study.Mapped {
			problems = append(problems, unchosen(p, q, v)...)
		}
		switch {
		case slices.ContainsFunc(d.Tables, func(t *dataset.Table) bool { return slices.Contains(t.Variables, v) }):
			problems.Add(at, "quasi_repeat", "%s is asked several times in one interview. Drop it, or its repeat.", v.Name)
		case v.Kind != dataset.Number && q.How != study.Given:
			problems.Add(at, "quasi_kind", "%s is no number, so it has no bands and no ends. Drop it, or write its name alone.", v.Name)
		case q.How == study.Banded && len(v.Values) > 0:
			problems.Add(at, "quasi_kind", "The answers to %s are choices. Put them together with map.", v.Name)
		case readable(v):
			problems.Add(at, "quasi_text", "%s is answered in people's own words, which leave only once somebody has read them. Drop it, or take it out of quasi.", v.Name)
		case v.Role != dataset.Whole && v.Role != dataset.List:
			problems.Add(at, "quasi_kind", "%s is part of a question or worked out of others. Name the whole question.", v.Name)
		}
		waves := []int{0}
		if v.Varying {
			waves = c.waves
		}
		c.quasi = append(c.quasi, quasi{Quasi: q, number: len(c.quasi), variable: v, waves: waves})
	}
	values := 0
	for i := range c.quasi {
		values += len(c.quasi[i].waves)
	}
	if values > disclosure.MostKeys {
		problems.Add(fault.Place{Field: "quasi"}, "quasi_many", "The quasi-identifiers have %d values a person, one a wave. Name fewer, or let out fewer waves: %d values at most.",
			values, disclosure.MostKeys).With("value", values).With("most", disclosure.MostKeys)
	}
	problems.Sort()
	return problems
}

// unchosen finds the keys of a map that are no choice of the variable.
func unchosen(p *study.Profile, q study.Quasi, v *dataset.Variable) fault.Problems {
	var problems fault.Problems
	if len(v.Values) == 0 {
		return nil
	}
	var known []string
	for _, value := range v.Values {
		known = append(known, value.Name)
	}
	for _, key := range slices.Sorted(maps.Keys(q.Map)) {
		if key != "*" && !slices.ContainsFunc(v.Values, func(value dataset.Value) bool { return key == value.Name || key == strconv.Itoa(value.Code) }) {
			problems.Add(p.Place("quasi."+v.Name+"."+key), "unknown_choice", "%s is no answer to %s. It can be: %s.", key, v.Name, strings.Join(known, ", ")).
				With("value", key).With("known", strings.Join(known, ", "))
		}
	}
	return problems
}

// read reads everybody who may leave: all but those who were erased, and those who
// had no part in the waves that leave.
func (c *cutting) read() error {
	d := c.whole
	at := map[string]int{}
	for i, column := range d.Long() {
		at[column.Name] = i
	}
	index := map[int]int{}
	for i, w := range d.Waves {
		index[w.Number] = i
	}
	var weights []int
	if c.profile.Weights {
		for i, column := range d.Long() {
			if column.Variable.Role == dataset.Weight {
				weights = append(weights, i)
			}
		}
	}
	words := columnsOf(d, func(v *dataset.Variable) bool { return c.variable(v) != nil })
	for r, err := range d.Rows(&c.tally) {
		if err != nil {
			return err
		}
		pattern := c.pattern(r.Path.Pattern())
		if r.Status == dataset.Erased || strings.Trim(pattern, ".") == "" {
			continue
		}
		one := &person{id: r.ID, pattern: pattern}
		cell := func(name string, wave int) dataset.Cell {
			if wave == 0 {
				return r.Long[0][at[name]]
			}
			return r.Long[index[wave]][at[name]]
		}
		for i := range c.quasi {
			q := &c.quasi[i]
			var cells []dataset.Cell
			for _, w := range q.waves {
				x := cell(q.Variable, w)
				cells = append(cells, x)
				if x.Missing == 0 && q.variable.Kind == dataset.Number {
					q.values = append(q.values, x.Number)
				}
			}
			one.cells, one.gone = append(one.cells, cells), append(one.gone, make([]bool, len(cells)))
		}
		for _, name := range c.profile.Sensitive {
			var told []string
			for _, w := range c.waves {
				told = append(told, told1(cell(name, w)))
			}
			one.sensitive = append(one.sensitive, told)
		}
		for _, i := range weights {
			for _, w := range c.waves {
				one.weights += told1(r.Long[index[w]][i]) + " "
			}
		}
		words.each(r, func(at dataset.At, v *dataset.Variable, text string) {
			if slices.Contains(c.waves, at.Wave) {
				decided, _ := c.redacted.of(at, v.Question, text)
				one.texts.count(decided.Kind)
			}
		})
		c.people, c.byID[one.id] = append(c.people, one), one
	}
	return nil
}

// told1 writes a cell so that no two different ones are alike.
func told1(x dataset.Cell) string {
	switch {
	case x.Missing != 0:
		return "m" + strconv.Itoa(int(x.Missing))
	case x.Kind == dataset.Number:
		return short(x.Number)
	}
	return "t" + x.Text
}

// pattern gives a pattern of participation with the marks of the waves that leave.
func (c *cutting) pattern(all string) string {
	marks := []byte(all)
	for i := range marks {
		if !slices.Contains(c.waves, i+1) {
			marks[i] = '.'
		}
	}
	return string(marks)
}

// dataset gives the dataset as it leaves.
func (c *cutting) dataset() *dataset.Dataset {
	cut := dataset.Cut{Waves: c.waves,
		Variable: func(v *dataset.Variable) *dataset.Variable { return c.variable(v) },
		Member:   func(r *dataset.Record) bool { one := c.byID[r.ID]; return one != nil && !one.out },
		Cell:     c.cell,
	}
	if c.profile.Naming == study.Prefix {
		cut.Name = func(root string, wave int) string { return "w" + strconv.Itoa(wave) + "_" + root }
	}
	for _, one := range c.people {
		if !one.out {
			cut.Total++
		}
	}
	return c.whole.Cut(cut)
}

// paradata are the variables that tell how somebody answered.
func paradata(v *dataset.Variable) bool {
	return v.Question == "" && v.Varying && v.Role == dataset.Whole && v.Name != "disposition" && v.Name != "version"
}

// variable gives a variable as it leaves, nil where it does not.
func (c *cutting) variable(v *dataset.Variable) *dataset.Variable {
	p, q := c.profile, c.quasiOf(v)
	switch {
	case !p.Wants(v.Name, root(v)):
		return nil
	case v.Role == dataset.Weight:
		return only(v, p.Weights)
	case paradata(v):
		return only(v, p.Paradata)
	case q != nil:
		if v == q.variable {
			return q.coarse.to
		}
		// The parts of a question leave with the whole; what was shown of an
		// earlier answer would tell what is suppressed.
		return only(v, q.How == study.Given && (v.Role == dataset.Indicator || v.Role == dataset.Position))
	case v.Role == dataset.Derived:
		for _, item := range v.Scale.Items {
			if slices.ContainsFunc(c.quasi, func(q quasi) bool { return q.variable.Varying && q.variable.Question == item.Question }) {
				return nil // a mean tells of what it is made of
			}
		}
	case free(v):
		return only(v, p.FreeText == study.RedactedText && readable(v))
	case v.Kind == dataset.Date || v.Kind == dataset.DateTime:
		return c.dated(v)
	}
	return v
}

// quasiOf gives the quasi-identifier that a variable is, or is part of.
func (c *cutting) quasiOf(v *dataset.Variable) *quasi {
	for i := range c.quasi {
		if q := &c.quasi[i]; q.variable == v || v.Question != "" && q.variable.Question == v.Question && q.variable.Varying == v.Varying {
			return q
		}
	}
	return nil
}

func only(v *dataset.Variable, leaves bool) *dataset.Variable {
	if leaves {
		return v
	}
	return nil
}

// dated gives a variable of days as it leaves.
func (c *cutting) dated(v *dataset.Variable) *dataset.Variable {
	switch c.profile.Dates {
	case study.NoDates:
		return nil
	case study.MonthDates:
		if v.Kind == dataset.Date && v.Precision != questionnaire.Day {
			return v
		}
		month := *v
		month.Kind, month.Precision = dataset.Date, questionnaire.Month
		return &month
	case study.GivenDates, study.ShiftDates:
	}
	return v
}

// cell gives a cell as it leaves.
func (c *cutting) cell(where dataset.At, v *dataset.Variable, x dataset.Cell) dataset.Cell {
	one := c.byID[where.ID]
	suppressed := dataset.Cell{Missing: dataset.Suppressed}
	if q := c.quasiOf(v); q != nil {
		switch at := slices.Index(q.waves, where.Wave); {
		case one.gone[q.number][at]:
			return suppressed
		case x.Missing == 0 && v == q.variable && v.Kind == dataset.Number:
			n, ok := q.coarse.value(x.Number)
			if !ok {
				return suppressed
			}
			x.Number = n
		}
		return x
	}
	switch {
	case x.Missing != 0:
	case v.Kind == dataset.Date || v.Kind == dataset.DateTime:
		return c.date(one, v, x)
	case free(v):
		switch decided, _ := c.redacted.of(where, v.Question, x.Text); decided.Kind {
		case store.LeavesAsIs:
		case store.LeavesRedacted:
			x.Text = decided.Words
		default:
			return suppressed
		}
	}
	return x
}

const day = 24 * time.Hour

// date gives a day as it leaves: moved, or as its month.
func (c *cutting) date(one *person, v *dataset.Variable, x dataset.Cell) dataset.Cell {
	unit := day.Milliseconds()
	if v.Kind == dataset.DateTime {
		unit = 1
	}
	at := time.UnixMilli(int64(x.Number) * unit).UTC()
	precision := v.Precision
	switch c.profile.Dates {
	case study.ShiftDates:
		at = at.AddDate(0, 0, c.shift(one.id))
	case study.MonthDates:
		if precision != questionnaire.Year {
			precision = questionnaire.Month
		}
		x.Kind, unit = dataset.Date, day.Milliseconds()
	case study.GivenDates, study.NoDates:
		return x
	}
	switch precision {
	case questionnaire.Year:
		at = time.Date(at.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	case questionnaire.Month:
		at = time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	case questionnaire.Day:
	}
	x.Number, x.Text = float64(at.UnixMilli()/unit), at.Format("2006-01-02")
	if x.Kind == dataset.DateTime {
		x.Text = at.Format("2006-01-02T15:04:05")
	}
	return x
}
