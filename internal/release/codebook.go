package release

import (
	"cmp"
	"slices"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/study"
)

// entry is a question with all the variables that hold a part of it.
type entry struct {
	whole *dataset.Variable
	parts []*dataset.Variable
	table *dataset.Table // of a repeat
}

// codebook describes every variable of the file, with how often each value occurs.
func (w *writing) codebook() *paper {
	p := &paper{tag: w.tag, title: w.t("codebook.title", "title", w.title()), toc: 3}
	p.say(w.t("codebook.lede", "number", w.release.Number, "day", w.day(w.release.DecidedAt)), w.t("codebook.counts", "persons", w.whole(w.report.Persons)), w.t("small"))
	p.head(2, w.word("workbook.missing"))
	p.say(w.word("workbook.missing.text"))
	var rows [][]string
	for _, m := range dataset.Missings() {
		rows = append(rows, []string{minus(m.Code(false)), minus(m.Code(true)), m.Stata(), w.says(m.Label())})
	}
	p.table(4, []string{w.word("workbook.code"), w.word("workbook.negcode"), w.word("workbook.stata"), w.word("workbook.label")}, rows)
	section := ""
	for _, e := range w.entries() {
		if title := w.section(e); title != section {
			section = title
			p.head(2, section)
		}
		w.entry(p, e)
	}
	return p
}

// entries gives the questions in the order of the variables.
func (w *writing) entries() []*entry {
	var out []*entry
	at := map[*dataset.Variable]*entry{}
	of := func(v *dataset.Variable) *dataset.Variable {
		for v.Of != nil {
			v = v.Of
		}
		return v
	}
	for _, v := range w.data.Variables {
		if v.Role == dataset.Companion {
			continue // it is told of with the variable that it follows
		}
		e := at[of(v)]
		if e == nil {
			e = &entry{whole: v}
			for _, t := range w.data.Tables {
				if slices.Contains(t.Variables, v) {
					e.table = t
				}
			}
			at[of(v)] = e
			out = append(out, e)
			continue
		}
		e.parts = append(e.parts, v)
	}
	// What stands under one heading stands together, where the first of it does.
	var sections []string
	for _, e := range out {
		if title := w.section(e); !slices.Contains(sections, title) {
			sections = append(sections, title)
		}
	}
	slices.SortStableFunc(out, func(a, b *entry) int {
		return slices.Index(sections, w.section(a)) - slices.Index(sections, w.section(b))
	})
	return out
}

// section gives the title under which a question stands.
func (w *writing) section(e *entry) string {
	v := e.whole
	switch {
	case e.table != nil:
		return cmp.Or(w.says(e.table.Label), e.table.Name)
	case v.Role == dataset.Derived || v.Role == dataset.Weight:
		return w.word("staff.explore.part_scales")
	case v.Question == "":
		return w.word("staff.explore.part_about")
	case !v.Varying && len(v.Sources) == 0:
		return w.word("staff.explore.part_attributes")
	}
	return cmp.Or(foreign(v.Section(w.tag, w.set.about.Languages...)), w.word("staff.explore.part_other"))
}

func (w *writing) entry(p *paper, e *entry) {
	v := e.whole
	p.anchored(3, named(v.Name)+" "+w.says(v.Label), "v-"+v.Name)
	if v.Question != "" && len(v.Sources) > 0 {
		p.quote(w.wording(v))
	}
	p.list(w.about(e))
	if len(e.parts) > 0 {
		w.parts(p, e)
	}
	if e.table != nil {
		p.say(w.t("codebook.repeat", "table", named(e.table.Name)))
	}
	w.counts(p, v)
}

// wording gives the exact words of a question, version by version where they differ.
func (w *writing) wording(v *dataset.Variable) string {
	var texts, out []string
	for _, s := range v.Sources {
		text := w.says(s.Item.Label)
		if hint := w.says(s.Item.Hint); hint != "" {
			text += "\n" + hint
		}
		texts = append(texts, text)
	}
	for i, text := range texts {
		if i > 0 && text == texts[i-1] {
			continue
		}
		if slices.ContainsFunc(texts, func(other string) bool { return other != texts[0] }) {
			text = ref(v.Sources[i].Ref) + ": " + text
		}
		out = append(out, text)
	}
	return strings.Join(out, "\n")
}

// about tells what there is to know of a variable, a line each.
func (w *writing) about(e *entry) (out []string) {
	v := e.whole
	line := func(key, text string) {
		if text != "" {
			out = append(out, w.word("workbook."+key)+": "+text)
		}
	}
	kind := w.word("workbook." + v.Kind.String())
	if v.Kind == dataset.Date {
		kind = w.word(map[int]string{0: "workbook.date", 1: "workbook.date.month", 2: "workbook.date.year"}[int(v.Precision)])
	}
	line("concept", foreign(v.Concept()))
	line("kind", kind+", "+w.word("workbook.measure."+short(float64(export.MeasureOf(v)))))
	if v.Type != "" {
		line("type", named(string(v.Type)))
	}
	if v.Varying {
		var waves []string
		for _, at := range w.data.Waves {
			if w.data.In(v, at.Number) {
				waves = append(waves, "w"+short(float64(at.Number)))
			}
		}
		line("inwaves", strings.Join(waves, ", "))
	}
	universes := w.data.Universes(v, w.tag)
	for i, text := range universes {
		if slices.ContainsFunc(universes, func(other string) bool { return other != universes[0] }) {
			line("universe", ref(v.Sources[i].Ref)+": "+foreign(cmp.Or(text, w.word("workbook.everybody"))))
		} else if i == 0 {
			line("universe", foreign(text))
		}
	}
	for i := range w.data.Changes {
		if c := &w.data.Changes[i]; c.Variable == v.Name && v.Question != "" {
			line("flags", w.changed(c))
		}
	}
	line("how", foreign(w.data.Worked(v, w.tag)))
	if q := w.quasiNamed(v.Name); q != nil && q.How != study.Given {
		out = append(out, w.generalised(q.Quasi))
	}
	if v.Status != nil {
		out = append(out, named(v.Status.Name)+": "+w.word("workbook.how.companion", "of", named(v.Name)))
	}
	return out
}

func (w *writing) quasiNamed(name string) *quasi {
	for i := range w.cut.quasi {
		if w.cut.quasi[i].Variable == name {
			return &w.cut.quasi[i]
		}
	}
	return nil
}

// changed tells what a version changed in a question, and what was decided.
func (w *writing) changed(c *dataset.Change) string {
	var kinds []string
	for _, k := range c.Kinds {
		kinds = append(kinds, w.word("workbook.change."+string(k)))
	}
	text := ref(c.From) + " → " + ref(c.To) + ": " + strings.Join(kinds, ", ")
	if c.Decision != "" {
		text += "; " + w.word("workbook.decision."+string(c.Decision))
	}
	if c.Reason != "" {
		text += ". " + w.reason(c.Reason)
	}
	return text
}

// parts lists the variables that hold a part of a question: its options, with how
// many chose each.
func (w *writing) parts(p *paper, e *entry) {
	var rows [][]string
	for _, v := range e.parts {
		label := w.says(v.Label)
		if v.Option != "" {
			for _, s := range v.Sources {
				if s.Item.List == nil {
					continue
				}
				for _, c := range s.Item.List.Choices {
					if c.Name == v.Option {
						label = w.says(c.Label)
					}
				}
			}
		}
		rows = append(rows, w.perWave([]string{named(v.Name), label}, func(i int) string {
			if v.Role != dataset.Indicator || !w.data.In(v, w.data.Waves[i].Number) {
				return ""
			}
			chosen, _ := w.facts.counts.Code(v, i, 1)
			cells, _ := tellColumn([]int{chosen, w.facts.counts.Valid(v, i) - chosen}, w.missings(v, i))
			return w.figure(cells[0][0])
		}))
	}
	p.table(2, w.heads(w.word("workbook.variable"), w.word("workbook.label")), rows)
}

func (w *writing) missings(v *dataset.Variable, i int) (out []int) {
	for _, m := range dataset.Missings() {
		out = append(out, w.facts.counts.Missing(v, i, m))
	}
	return out
}

// counts is the table of a variable: how often each value occurs, why others have
// none, and of numbers their middle.
func (w *writing) counts(p *paper, v *dataset.Variable) {
	if v.Role == dataset.Instance || v.Name == "id" || v.Name == "wave" {
		return
	}
	columns := []int{0}
	heads := []string{w.word("workbook.code"), w.word("workbook.label"), w.word("workbook.persons")}
	if v.Varying {
		columns, heads = nil, heads[:2]
		for i, at := range w.data.Waves {
			if w.data.In(v, at.Number) {
				columns, heads = append(columns, i), append(heads, "w"+short(float64(at.Number)))
			}
		}
	}
	values := w.values(v)
	cells := make([][][]told, len(columns)) // by column: values, missing codes
	sums := make([]told, len(columns))
	for n, i := range columns {
		var counts []int
		valid := w.facts.counts.Valid(v, i)
		rest := valid
		for _, value := range values {
			count, _ := w.facts.counts.Code(v, i, value.Code)
			counts, rest = append(counts, count), rest-count
		}
		if rest > 0 || len(values) == 0 {
			counts = append(counts, rest)
		}
		shown, total := tellColumn(counts, w.missings(v, i))
		cells[n], sums[n] = shown, told{n: valid, hidden: !total && valid > 0}
	}
	row := func(code, label string, of func(n int) told) []string {
		out := []string{code, label}
		for n := range columns {
			out = append(out, w.figure(of(n)))
		}
		return out
	}
	var rows [][]string
	for j, value := range values {
		rows = append(rows, row(minus(value.Code), w.says(value.Label), func(n int) told { return cells[n][0][j] }))
	}
	rows = append(rows, row("", w.t("codebook.valid"), func(n int) told {
		if len(values) == 0 {
			return cells[n][0][0]
		}
		return sums[n]
	}))
	for j, m := range dataset.Missings() {
		any := slices.ContainsFunc(columns, func(i int) bool { return w.facts.counts.Missing(v, i, m) > 0 })
		if any {
			rows = append(rows, row(minus(m.Code(v.Negative)), w.says(m.Label()), func(n int) told { return cells[n][1][j] }))
		}
	}
	rows = append(rows, w.middles(v, columns)...)
	p.table(2, heads, rows)
}

// values gives the labels of the values that are counted one by one.
func (w *writing) values(v *dataset.Variable) []dataset.Value {
	if v.Kind != dataset.Number || len(v.Values) == 0 {
		return nil
	}
	if _, ok := w.facts.counts.Code(v, 0, v.Values[0].Code); !ok {
		return nil
	}
	return v.Values
}

// middles gives means and medians, of numbers that enough people have.
func (w *writing) middles(v *dataset.Variable, columns []int) [][]string {
	sizes := w.facts.sizes[v]
	if sizes == nil {
		return nil
	}
	mean, median := []string{"", w.word("staff.explore.mean")}, []string{"", w.word("staff.explore.median")}
	told := false
	for _, i := range columns {
		if sizes[i].N < leastMeasured {
			mean, median = append(mean, hiddenMark), append(median, hiddenMark)
			continue
		}
		told = true
		mean, median = append(mean, w.words.Number(sizes[i].Mean(), 2)), append(median, w.words.Number(sizes[i].Median(), 1))
	}
	if !told {
		return nil
	}
	return [][]string{mean, median}
}

// minus writes a code with a minus that is one.
func minus(code int) string { return strings.Replace(short(float64(code)), "-", "−", 1) }
