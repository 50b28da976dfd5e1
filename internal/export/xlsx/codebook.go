package xlsx

import (
	"fmt"
	"slices"
	"strconv"
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

func (b *book) openList(name string, freezeCols int, heads []string, widths []float64) (*list, error) {
	s, err := b.open(name, layout{widths: widths, freezeRows: 1, freezeCols: freezeCols, repeatRow: 1, onePage: name != "Variables"})
	if err != nil {
		return nil, err
	}
	values := make([]any, len(heads))
	for i, h := range heads {
		values[i] = h
	}
	return &list{s, len(heads)}, s.addHigh(b.style.headWrap, 32, values...)
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

func (b *book) writeVariables() error {
	heads := []string{b.word("name"), b.word("label"), b.word("kind"), b.word("question"), b.word("type"), b.word("option"),
		b.word("inwaves"), b.word("inversion"), b.word("universe"), b.word("codes")}
	widths := []float64{22, 46, 15, 20, 16, 16, 12, 16, 30, 18}
	if len(b.repeats) > 0 {
		heads, widths = append(heads, b.word("sheet")), append(widths, 20)
	}
	for _, w := range b.d.Waves {
		heads = append(heads, fmt.Sprintf(b.word("valid"), w.Number))
		widths = append(widths, 11)
	}
	for _, tag := range b.tongues() {
		heads = append(heads, b.word("wording")+" ("+tag+")")
		widths = append(widths, 50)
	}
	l, err := b.openList("Variables", 1, heads, widths)
	if err != nil {
		return err
	}
	for _, v := range b.d.Variables {
		if err := l.add(b.style.wrap, b.variable(v)...); err != nil {
			return err
		}
	}
	return l.done()
}

// variable gives a row of the sheet Variables.
func (b *book) variable(v *dataset.Variable) []any {
	waves, versions, universes := "", []string{}, []string{}
	if v.Varying {
		var in []string
		for _, w := range b.d.Waves {
			if b.d.In(v, w.Number) {
				in = append(in, strconv.Itoa(w.Number))
			}
		}
		waves = strings.Join(in, " ")
	}
	for _, s := range v.Sources {
		versions = append(versions, refText(s.Ref))
		u := s.Universe
		if u == "" {
			u = b.word("everybody")
		}
		universes = append(universes, u)
	}
	universe := b.perVersion(v.Sources, universes)
	codes := ""
	if v.Kind == dataset.Number && (v.Varying || v.Question != "") && v.Role != dataset.Instance {
		codes = "−12 … −1"
		if v.Negative {
			codes = "−9912 … −9901"
		}
	}
	row := []any{v.Name, rich.Plain(b.in(v.Label)), b.word(v.Kind.String()), v.Question, string(v.Type), v.Option, waves,
		strings.Join(versions, ", "), universe, codes}
	if len(b.repeats) > 0 {
		row = append(row, b.sheetOf(v))
	}
	for i := range b.d.Waves {
		if v.Varying {
			row = append(row, b.tally.Valid(v, i))
		} else {
			row = append(row, "")
		}
	}
	for _, tag := range b.tongues() {
		var texts []string
		for _, s := range v.Sources {
			texts = append(texts, wording(s.Item.Label[tag], s.Item.Hint[tag]))
		}
		row = append(row, b.perVersion(v.Sources, texts))
	}
	return row
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
	l, err := b.openList("Values", 1, heads, widths)
	if err != nil {
		return err
	}
	for _, v := range b.d.Variables {
		for _, value := range v.Values {
			row := []any{v.Name, value.Code, value.Name}
			for _, tag := range b.tongues() {
				label := value.Label[tag]
				if label == "" {
					label, _ = value.Label.In("en")
				}
				row = append(row, rich.Plain(label))
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
		var kinds []string
		for _, k := range c.Kinds {
			kinds = append(kinds, b.word("change."+string(k)))
		}
		if c.CodeReused {
			kinds = append(kinds, b.word("change.reused"))
		}
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
		if err := l.add(b.style.wrap, c.Question, c.Variable, refText(c.From), refText(c.To), strings.Join(kinds, ", "), series,
			decision, c.Reason, strings.Join(c.Languages, ", "), b.changed(c.Before, c.Languages), b.changed(c.After, c.Languages),
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
