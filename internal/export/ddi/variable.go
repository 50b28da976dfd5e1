package ddi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/lang/rich"
	"panelverk/internal/questionnaire"
)

// counts is how often each number occurs in a column; nil of a column without
// value labels.
type counts []map[float64]int

// count reads the rows of a table and counts the numbers of the columns that
// have value labels.
func count(t *export.Table) (counts, error) {
	out := make(counts, len(t.Columns))
	for i, c := range t.Columns {
		if c.Variable.Kind == dataset.Number && len(c.Variable.Values) > 0 {
			out[i] = map[float64]int{}
		}
	}
	for row, err := range t.Rows() {
		if err != nil {
			return nil, err
		}
		for i := range row {
			if out[i] != nil && row[i].Missing == 0 {
				out[i][row[i].Number]++
			}
		}
	}
	return out, nil
}

func (x *writer) variables(file int, f File, s *Study, about *export.About) error {
	counted, err := count(f.Table)
	if err != nil {
		return err
	}
	for i, c := range f.Table.Columns {
		x.variable(file, i, c, f.Table, counted[i], s, about)
	}
	return x.err
}

func (x *writer) variable(file, i int, c dataset.Column, t *export.Table, counted map[float64]int, s *Study, about *export.About) {
	v := c.Variable
	var extent *export.Extent
	if t.Extents != nil {
		extent = &t.Extents[i]
	}
	interval, decimals := "discrete", ""
	if v.Kind == dataset.Number && export.MeasureOf(v) == export.Scale {
		interval = "contin"
	}
	if extent != nil && v.Kind == dataset.Number {
		decimals = strconv.Itoa(extent.Decimals)
	}
	weight := "not-wgt"
	if v.Role == dataset.Weight {
		weight = "wgt"
	}
	x.open("var", "ID", varID(file, i), "name", c.Name, "files", fileID(file), "wgt", weight, "dcml", decimals, "intrvl", interval)
	for _, tag := range about.Languages {
		if _, ok := v.Label[tag]; ok || tag == about.Language() {
			x.leaf("labl", about.Label(tag, c), "xml:lang", tag)
		}
	}
	if v.Role != dataset.Companion {
		for _, source := range v.Sources {
			x.question(source, about)
		}
	}
	if v.Kind == dataset.Number && misses(v) {
		low, high := export.MissingRange(v)
		x.open("invalrng")
		x.empty("range", "UNITS", "INT", "min", number(low), "max", number(high))
		x.shut("invalrng")
	}
	x.universes(v, s, about)
	values := about.Values(about.Language(), v)
	ns, hidden := tell(values, extent, counted, s)
	x.figures(extent, hidden)
	x.categories(v, values, ns, hidden, about)
	x.concepts(v, about)
	if v.Scale != nil {
		x.scale(v, s)
	}
	x.format(v)
	x.shut("var")
}

func misses(v *dataset.Variable) bool {
	return v.Varying || v.Question != "" && v.Role != dataset.Instance
}

// question gives the exact wording of a question in a version, in every
// language.
func (x *writer) question(source dataset.Source, about *export.About) {
	it := source.Item
	domain := map[questionnaire.Type]string{questionnaire.SelectOne: "category", questionnaire.SelectMultiple: "multiple",
		questionnaire.Integer: "numeric", questionnaire.Decimal: "numeric", questionnaire.Range: "numeric", questionnaire.Date: "datetime",
		questionnaire.DateTime: "datetime", questionnaire.Time: "datetime", questionnaire.Geopoint: "geographic", questionnaire.Text: "text"}[it.Type]
	x.open("qstn", "responseDomainType", domain)
	for _, tag := range about.Languages {
		if text := rich.Plain(it.Label[tag]); text != "" {
			x.leaf("qstnLit", text, "xml:lang", tag)
		}
	}
	for _, tag := range about.Languages {
		if text := rich.Plain(it.Hint[tag]); text != "" {
			x.leaf("ivuInstr", text, "xml:lang", tag)
		}
	}
	x.shut("qstn")
}

// universes tells, for each version that asks, of whom it is asked.
func (x *writer) universes(v *dataset.Variable, s *Study, about *export.About) {
	of := func(v *dataset.Variable, _ string) (out []string) {
		for _, source := range v.Sources {
			out = append(out, source.Universe)
		}
		return out
	}
	languages := []string{about.Language()}
	if s.Asked != nil {
		of, languages = s.Asked, about.Languages
	}
	for _, tag := range languages {
		said := map[string]bool{}
		for i, text := range of(v, tag) {
			if text != "" && !said[text] {
				said[text] = true
				x.leaf("universe", fmt.Sprintf("%s v%d: %s", v.Sources[i].Ref.Key, v.Sources[i].Ref.Number, text), "xml:lang", tag, "clusion", "I")
			}
		}
	}
}

// tell counts the categories of a variable, and what is left beside them, and says
// which of the counts are not given.
func tell(values []export.Value, e *export.Extent, counted map[float64]int, s *Study) (ns []int, hidden []bool) {
	ns = make([]int, len(values))
	rest := 0
	if e != nil {
		rest = e.Values
		for _, n := range e.Missing {
			rest += n
		}
	}
	for i, value := range values {
		switch {
		case value.Missing != 0 && e != nil:
			ns[i] = e.Missing[-value.Missing]
		case value.Missing == 0:
			ns[i] = counted[value.Code]
		}
		rest -= ns[i]
	}
	all := append(slices.Clone(ns), max(rest, 0))
	if len(values) == 0 && e != nil {
		all = []int{e.Values, rest - e.Values}
	}
	if hidden = make([]bool, len(all)); s.Hide != nil {
		hidden = s.Hide(all)
	}
	return ns, hidden
}

// figures gives how many values there are and how many are missing, unless a count
// that is not given could be worked out of them. The lowest and the highest are left
// out: they are single persons' answers.
func (x *writer) figures(e *export.Extent, hidden []bool) {
	if e == nil || slices.Contains(hidden, true) {
		return
	}
	missing := 0
	for _, n := range e.Missing {
		missing += n
	}
	x.leaf("sumStat", strconv.Itoa(e.Values), "type", "vald")
	x.leaf("sumStat", strconv.Itoa(missing), "type", "invd")
}

// categories gives the value labels with their counts, missing codes marked.
func (x *writer) categories(v *dataset.Variable, values []export.Value, ns []int, hidden []bool, about *export.About) {
	for i, value := range values {
		if value.Missing != 0 {
			x.open("catgry", "missing", "Y", "missType", strings.TrimPrefix(value.Missing.Stata(), "."))
		} else {
			x.open("catgry")
		}
		x.leaf("catValu", number(value.Code))
		for _, tag := range about.Languages {
			x.leaf("labl", label(tag, v, value), "xml:lang", tag)
		}
		if !hidden[i] {
			x.leaf("catStat", strconv.Itoa(ns[i]), "type", "freq")
		}
		x.shut("catgry")
	}
}

// label gives the label of a value in one language, "" where it has none there.
func label(tag string, v *dataset.Variable, value export.Value) string {
	if value.Missing != 0 {
		return value.Missing.Label()[tag]
	}
	for _, one := range v.Values {
		if float64(one.Code) == value.Code {
			return rich.Plain(one.Label[tag])
		}
	}
	return ""
}

// concepts gives what a variable is meant to measure: what the questionnaire says, else
// the titles of the section that asks.
func (x *writer) concepts(v *dataset.Variable, about *export.About) {
	if own := v.Concept(); own != "" {
		x.leaf("concept", own)
		return
	}
	for _, tag := range about.Languages {
		if title := v.Section(tag); title != "" {
			x.leaf("concept", title, "xml:lang", tag)
		}
	}
}

// scale tells how a score is worked out.
func (x *writer) scale(v *dataset.Variable, s *Study) {
	if s.Worked != nil {
		x.open("derivation") // the schema takes one, in one language
		x.leaf("drvdesc", s.Worked(v, s.language()), "xml:lang", s.language())
		x.shut("derivation")
		return
	}
	var items []string
	for _, item := range v.Scale.Items {
		name := item.Question
		if item.Reversed {
			name = fmt.Sprintf("(%s − %s)", number(v.Scale.Low+v.Scale.High), name)
		}
		items = append(items, name)
	}
	x.open("derivation")
	x.leaf("drvdesc", fmt.Sprintf("%s of %s, where at least %d of them are answered.", v.Scale.Score, strings.Join(items, ", "), v.Scale.Least), "xml:lang", "en")
	x.shut("derivation")
}

func (x *writer) format(v *dataset.Variable) {
	switch v.Kind {
	case dataset.Text:
		x.empty("varFormat", "type", "character")
	case dataset.Number:
		x.empty("varFormat", "type", "numeric")
	case dataset.Date, dataset.DateTime:
		x.empty("varFormat", "type", "character", "schema", "ISO", "category", "date")
	}
}

func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
