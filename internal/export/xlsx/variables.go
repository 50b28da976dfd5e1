package xlsx

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/lang/rich"
	"panelverk/internal/questionnaire"
)

// field is a column of the sheet Variables.
type field struct {
	head  string
	width float64
	of    func(*dataset.Variable) any
}

// writeVariables writes the codebook: a row for each variable.
func (b *book) writeVariables() error {
	fields := b.variableFields()
	var heads []string
	var widths []float64
	for _, f := range fields {
		heads, widths = append(heads, f.head), append(widths, f.width)
	}
	l, err := b.openList("Variables", 1, heads, widths)
	if err != nil {
		return err
	}
	for _, v := range b.d.Variables {
		row := make([]any, len(fields))
		for i, f := range fields {
			row[i] = f.of(v)
		}
		row[0] = b.strong(v.Name)
		if err := l.add(b.style.wrap, row...); err != nil {
			return err
		}
	}
	return l.done()
}

// variableFields gives the columns: what a variable is, how many have a value,
// its wordings, and how many miss a value for which reason. Reasons that did not
// occur in a wave have no column.
func (b *book) variableFields() []field {
	out := []field{
		{b.word("name"), 22, func(v *dataset.Variable) any { return v.Name }},
		{b.word("label"), 46, func(v *dataset.Variable) any { return rich.Plain(b.in(v.Label)) }},
		{b.word("kind"), 18, func(v *dataset.Variable) any { return b.holds(v) }},
		{b.word("measure.level"), 18, func(v *dataset.Variable) any { return b.word(measureKey(export.MeasureOf(v))) }},
		{b.word("question"), 20, func(v *dataset.Variable) any { return v.Question }},
		{b.word("concept"), 24, func(v *dataset.Variable) any { return cmp.Or(v.Concept(), b.section(v)) }},
		{b.word("type"), 16, func(v *dataset.Variable) any { return string(v.Type) }},
		{b.word("option"), 16, func(v *dataset.Variable) any { return v.Option }},
		{b.word("inwaves"), 12, func(v *dataset.Variable) any { return b.inWaves(v) }},
		{b.word("inversion"), 16, func(v *dataset.Variable) any {
			var refs []string
			for _, s := range v.Sources {
				refs = append(refs, refText(s.Ref))
			}
			return strings.Join(refs, ", ")
		}},
		{b.word("flags"), 26, func(v *dataset.Variable) any { return b.flags(v) }},
		{b.word("universe"), 38, func(v *dataset.Variable) any { return b.universe(v) }},
		{b.word("how"), 40, func(v *dataset.Variable) any { return b.d.Worked(v, b.language) }},
		{b.word("codes"), 18, func(v *dataset.Variable) any { return codesText(v) }},
	}
	if slices.ContainsFunc(b.d.Variables, func(v *dataset.Variable) bool { return v.Concept() != "" }) { // else they are the same
		out = slices.Insert(out, 5, field{b.word("section"), 24, func(v *dataset.Variable) any { return b.section(v) }})
	}
	if len(b.repeats) > 0 {
		out = append(out, field{b.word("sheet"), 20, func(v *dataset.Variable) any { return b.sheetOf(v) }})
	}
	out = append(out, field{b.word("persons.valid"), 12, func(v *dataset.Variable) any {
		if v.Varying || v.Name == "wave" {
			return ""
		}
		return b.counts.Valid(v, 0)
	}})
	for i, w := range b.d.Waves {
		out = append(out, field{b.word("valid", "wave", w.Number), 11, func(v *dataset.Variable) any {
			if !v.Varying {
				return ""
			}
			return b.counts.Valid(v, i)
		}})
	}
	if slices.ContainsFunc(b.d.Variables, func(v *dataset.Variable) bool { return v.Scale != nil }) {
		for i, w := range b.d.Waves {
			out = append(out, field{b.word("alpha", "wave", w.Number), 9, func(v *dataset.Variable) any {
				if alpha, _, ok := b.tally.Alpha(v, i); ok {
					return styledNumber(b.style.two, alpha)
				}
				return ""
			}})
		}
	}
	for _, tag := range b.tongues() {
		out = append(out, field{b.word("wording") + " (" + tag + ")", 50, func(v *dataset.Variable) any {
			var texts []string
			for _, s := range v.Sources {
				texts = append(texts, wording(s.Item.Label[tag], s.Item.Hint[tag]))
			}
			return b.perVersion(v.Sources, texts)
		}})
	}
	return append(out, b.missingFields()...)
}

func (b *book) section(v *dataset.Variable) string {
	return v.Section(b.language, b.d.Study.Languages...)
}

func (b *book) missingFields() []field {
	var out []field
	for i, w := range b.d.Waves {
		for _, m := range dataset.Missings() {
			if !slices.ContainsFunc(b.d.Variables, func(v *dataset.Variable) bool { return v.Varying && b.counts.Missing(v, i, m) > 0 }) {
				continue
			}
			head := b.word("missing.in", "wave", w.Number, "code", strings.Replace(strconv.Itoa(int(m)), "-", "−", 1))
			out = append(out, field{head, 9, func(v *dataset.Variable) any {
				if !v.Varying {
					return ""
				}
				return b.counts.Missing(v, i, m)
			}})
		}
	}
	return out
}

func measureKey(m export.Measure) string { return fmt.Sprintf("measure.%d", m) }

// holds says what the cells hold, and of a day how exact it is.
func (b *book) holds(v *dataset.Variable) string {
	switch v.Precision {
	case questionnaire.Month:
		return b.word("date.month")
	case questionnaire.Year:
		return b.word("date.year")
	}
	return b.word(v.Kind.String())
}

func (b *book) inWaves(v *dataset.Variable) string {
	var in []string
	if v.Varying {
		for _, w := range b.d.Waves {
			if b.d.In(v, w.Number) {
				in = append(in, strconv.Itoa(w.Number))
			}
		}
	}
	return strings.Join(in, " ")
}

// flags tells in which versions the question differs from the version before.
func (b *book) flags(v *dataset.Variable) string {
	var out []string
	for i := range b.d.Changes {
		c := &b.d.Changes[i]
		if c.Question != v.Question || v.Question == "" {
			continue
		}
		if slices.ContainsFunc(v.Sources, func(s dataset.Source) bool { return s.Ref == c.To || s.Ref == c.From }) {
			out = append(out, refText(c.To)+": "+strings.Join(b.kinds(c), ", "))
		}
	}
	return strings.Join(out, "\n")
}

// universe says in words who was asked, version by version where they differ.
func (b *book) universe(v *dataset.Variable) string {
	out := b.d.Universes(v, b.language)
	for i, text := range out {
		if text == "" {
			out[i] = b.word("everybody")
		}
	}
	return b.perVersion(v.Sources, out)
}

// codesText says which numbers stand for missing values.
func codesText(v *dataset.Variable) string {
	switch {
	case v.Kind != dataset.Number || !v.Varying && v.Question == "" || v.Role == dataset.Instance:
		return ""
	case v.Negative:
		return "−9912 … −9901"
	}
	return "−12 … −1"
}
