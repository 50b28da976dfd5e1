package xlsx

import (
	"fmt"
	"slices"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/lang"
	"panelverk/internal/lang/rich"
	"panelverk/internal/questionnaire"
)

// list writes a sheet that is one table: a header, rows, filter buttons.
type list struct {
	*sheet
	columns int
}

// openList opens such a sheet. Columns are wider than asked for where a word of
// their head would else be broken.
func (b *book) openList(name string, freezeCols int, heads []string, widths []float64) (*list, error) {
	values := make([]any, len(heads))
	most := 2
	for i, h := range heads {
		values[i] = h
		widths[i] = headWidth(h, widths[i], besideButton)
		most = max(most, lines(h, (widths[i]-besideButton+beside)/1.06))
	}
	s, err := b.open(name, layout{widths: widths, freezeRows: 1, freezeCols: freezeCols, repeatRow: 1})
	if err != nil {
		return nil, err
	}
	return &list{s, len(heads)}, s.addHigh(b.style.headWrap, high(most)+4, values...)
}

// add writes a row that is as high as its texts need.
func (l *list) add(style int, values ...any) error {
	return l.addHigh(style, l.height(values), values...)
}

func (l *list) done() error {
	if err := l.filter(1, l.columns); err != nil {
		return err
	}
	return l.close()
}

// tongues gives the languages that labels are shown in: the workbook's first,
// then the study's.
func (b *book) tongues() []string {
	out := []string{b.language}
	for _, tag := range b.d.Study.Languages {
		if tag != b.language {
			out = append(out, tag)
		}
	}
	return out
}

func wording(label, hint string) string {
	if hint == "" {
		return label
	}
	return label + "\n" + hint
}

// perVersion gives what is the same in all versions once, and what differs
// version by version.
func (b *book) perVersion(sources []dataset.Source, texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	if len(slices.Compact(slices.Clone(texts))) == 1 {
		return texts[0]
	}
	var out []string
	for i, t := range texts {
		if i > 0 && t == texts[i-1] {
			continue
		}
		out = append(out, refText(sources[i].Ref)+": "+t)
	}
	return strings.Join(out, "\n")
}

func (b *book) writeValues() error {
	heads := []string{b.word("variable"), b.word("code"), b.word("choice")}
	widths := []float64{22, 9, 22}
	for _, tag := range b.tongues() {
		heads = append(heads, b.word("label")+" ("+tag+")")
		widths = append(widths, 44)
	}
	for _, w := range b.d.Waves {
		heads = append(heads, fmt.Sprintf("n w%d", w.Number))
		widths = append(widths, 9)
	}
	l, err := b.openList("Values", 1, heads, widths)
	if err != nil {
		return err
	}
	for _, v := range b.d.Variables {
		for i, value := range v.Values {
			row := []any{v.Name, value.Code, value.Name}
			if i == 0 {
				row[0] = styled(b.style.linked, v.Name)
				if err := l.link(1, l.row+1, v); err != nil {
					return err
				}
			}
			for _, tag := range b.tongues() {
				label := value.Label[tag]
				if label == "" {
					label, _ = value.Label.In("en")
				}
				row = append(row, rich.Plain(label))
			}
			for w := range b.d.Waves {
				if n, ok := b.counts.Code(v, w, value.Code); ok && v.Varying && b.d.In(v, b.d.Waves[w].Number) {
					row = append(row, n)
				} else {
					row = append(row, "")
				}
			}
			if err := l.add(b.style.wrap, row...); err != nil {
				return err
			}
		}
	}
	return l.done()
}

func (b *book) writeMissing() error {
	tags := b.tongues()
	if !slices.Contains(tags, "en") {
		tags = append(tags, "en")
	}
	known := slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return dataset.Blank.Label()[tag] == "" })
	heads := []string{b.word("code"), b.word("negcode"), b.word("stata")}
	widths := []float64{9, 20, 9}
	for _, tag := range known {
		heads = append(heads, b.word("label")+" ("+tag+")")
		widths = append(widths, 48)
	}
	l, err := b.openList("Missing", 0, heads, widths)
	if err != nil {
		return err
	}
	for _, m := range dataset.Missings() {
		row := []any{m.Code(false), m.Code(true), m.Stata()}
		for _, tag := range known {
			row = append(row, m.Label()[tag])
		}
		if err := l.add(b.style.wrap, row...); err != nil {
			return err
		}
	}
	return l.done()
}

func (b *book) writeVersions() error {
	heads := []string{b.word("question"), b.word("variable"), b.word("from"), b.word("to"), b.word("changed"), b.word("same"),
		b.word("decision"), b.word("reason"),
		b.word("languages"), b.word("before"), b.word("after"), b.word("added"), b.word("removed"), b.word("relabel")}
	l, err := b.openList("Item_versions", 1, heads, []float64{22, 22, 12, 12, 20, 18, 18, 50, 12, 50, 50, 22, 22, 22})
	if err != nil {
		return err
	}
	for _, c := range b.d.Changes {
		kinds := b.kinds(&c)
		decision := ""
		if c.Decision != "" {
			decision = b.word("decision." + string(c.Decision))
		}
		series := ""
		switch {
		case c.Same:
			series = b.word("same.yes")
		case !slices.Contains(c.Kinds, questionnaire.KindNew) && !slices.Contains(c.Kinds, questionnaire.KindGone):
			series = b.word("same.no")
		}
		if v := b.variableOf(c.Variable, c.Question); v != nil {
			if err := l.link(2, l.row+1, v); err != nil {
				return err
			}
		}
		if err := l.add(b.style.wrap, c.Question, styled(b.style.linked, c.Variable), refText(c.From), refText(c.To), strings.Join(kinds, ", "), series,
			decision, b.reason(c.Reason), strings.Join(c.Languages, ", "), b.changed(c.Before, c.Languages), b.changed(c.After, c.Languages),
			strings.Join(c.Added, ", "), strings.Join(c.Removed, ", "), strings.Join(c.Relabel, ", ")); err != nil {
			return err
		}
	}
	if len(b.d.Changes) == 0 {
		if err := l.add(b.style.lede, "", "", "", "", "", "", "", "", "", b.word("nochange")); err != nil {
			return err
		}
	}
	return l.done()
}

// kinds says in words what a change is of.
func (b *book) kinds(c *dataset.Change) []string {
	var out []string
	for _, k := range c.Kinds {
		out = append(out, b.word("change."+string(k)))
	}
	if c.CodeReused {
		out = append(out, b.word("change.reused"))
	}
	return out
}

// variableOf finds the variable of that name, or the first one of a question that
// is several variables; nil where there is none.
func (b *book) variableOf(name, question string) *dataset.Variable {
	var first *dataset.Variable
	for _, v := range b.d.Variables {
		if v.Name == name {
			return v
		}
		if first == nil && v.Question == question && question != "" {
			first = v
		}
	}
	return first
}

// changed gives a wording: in the workbook's language, and in the others that
// the change is about.
func (b *book) changed(t lang.Text, languages []string) string {
	if t.Empty() {
		return ""
	}
	if len(languages) == 0 || slices.Contains(languages, b.language) {
		return b.in(t)
	}
	return languages[0] + ": " + t[languages[0]]
}
