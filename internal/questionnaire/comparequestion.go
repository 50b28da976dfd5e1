package questionnaire

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/expr"
	"panelverk/internal/lang"
)

// content compares what a question is, apart from where it stands.
func (c *comparer) content(d *Difference) {
	a, b := d.Old, d.New
	if a.Type != b.Type {
		d.add(Detail{Kind: KindType, Aspect: AspectType, Before: string(a.Type), After: string(b.Type)})
	}
	for _, text := range []struct {
		aspect Aspect
		a, b   lang.Text
	}{
		{AspectLabel, a.Label, b.Label}, {AspectHint, a.Hint, b.Hint}, {AspectGuidance, a.Guidance, b.Guidance},
		{AspectConstraintMessage, a.ConstraintMessage, b.ConstraintMessage}, {AspectRequiredMessage, a.RequiredMessage, b.RequiredMessage},
	} {
		d.texts(KindWording, text.aspect, "", c.between(text.a, text.b))
	}
	c.media(d, KindWording, AspectMedia, "", a.Media, b.Media)
	c.logic(d)
	c.scale(d)
	if a.List != nil && b.List != nil {
		c.choices(d)
	}
	d.text(KindLayout, AspectAppearance, appearance(a), appearance(b))
	d.text(KindLayout, AspectVariable, a.Variable, b.Variable)
	d.text(KindLayout, AspectConcept, a.Measures(), b.Measures())
}

// text notes a difference between two short texts.
func (d *Difference) text(kind ChangeKind, aspect Aspect, before, after string) {
	if before != after {
		d.add(Detail{Kind: kind, Aspect: aspect, Before: before, After: after})
	}
}

// media notes other pictures, sounds and films: respondents see something else.
func (c *comparer) media(d *Difference, kind ChangeKind, aspect Aspect, choice string, a, b Media) {
	for _, m := range []struct{ a, b lang.Text }{{a.Image, b.Image}, {a.BigImage, b.BigImage}, {a.Audio, b.Audio}, {a.Video, b.Video}} {
		for _, t := range c.between(m.a, m.b) {
			d.add(Detail{Kind: kind, Aspect: aspect, Language: t.tag, Choice: choice, Before: t.before, After: t.after})
		}
	}
}

// appearance gives the appearance of a question and of the groups around it
// that say how it looks; whether a group is a page is no matter of looks.
func appearance(it *Item) string {
	words := strings.Fields(strings.ToLower(it.Appearance))
	for up := it.Parent; up != nil; up = up.Parent {
		words = append(words, strings.Fields(strings.ToLower(up.Appearance))...)
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "field-list" })
	slices.Sort(words)
	words = slices.Compact(words)
	if it.TextRows > 0 {
		words = append(words, fmt.Sprintf("rows=%d", it.TextRows))
	}
	return strings.Join(words, " ")
}

// logic compares who is asked, what is allowed and how a value comes about.
func (c *comparer) logic(d *Difference) {
	a, b := d.Old, d.New
	d.expression(AspectUniverse, Universe(a), Universe(b))
	d.expression(AspectConstraint, source(a.Constraint), source(b.Constraint))
	d.expression(AspectRequired, required(a), required(b))
	d.expression(AspectCalculation, source(a.Calculation), source(b.Calculation))
	d.expression(AspectTrigger, strings.Join(a.Triggers, " "), strings.Join(b.Triggers, " "))
	d.expression(AspectDefault, a.Default+source(a.DefaultExpr), b.Default+source(b.DefaultExpr))
	d.expression(AspectFilter, source(a.ChoiceFilter), source(b.ChoiceFilter))
	d.expression(AspectReadOnly, readOnly(a), readOnly(b))
	d.expression(AspectRepeat, repeats(a), repeats(b))
	d.expression(AspectUpload, upload(a), upload(b))
	d.expression(AspectSource, choiceSource(a), choiceSource(b))
}

// expression notes another expression; white space alone is layout.
func (d *Difference) expression(aspect Aspect, before, after string) {
	if before == after {
		return
	}
	kind := KindLogic
	if squeeze(before) == squeeze(after) {
		kind = KindLayout
	}
	d.add(Detail{Kind: kind, Aspect: aspect, Before: before, After: after})
}

// squeeze takes the white space out of an expression that means nothing:
// outside of quotation marks, one space is kept between words.
func squeeze(s string) string {
	var b strings.Builder
	var quote rune
	space := false
	for _, r := range s {
		switch {
		case quote != 0:
			b.WriteRune(r)
			if r == quote {
				quote = 0
			}
			continue
		case strings.ContainsRune(" \t\r\n\u00a0", r):
			space = true
			continue
		case r == '\'' || r == '"':
			quote = r
		}
		last := b.String()
		if space && last != "" && !strings.ContainsRune("()[],=<>!+*|{}", r) && !strings.ContainsAny(last[len(last)-1:], "()[],=<>!+*|{}") {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	return b.String()
}

func source(e *expr.Expr) string {
	if e == nil {
		return ""
	}
	return e.Source
}

// Universe gives the conditions under which a question is asked, those of the
// groups around it included, as they were written; "" for always.
func Universe(it *Item) string {
	var all []string
	for at := it; at != nil; at = at.Parent {
		if at.Relevant != nil {
			all = append(all, at.Relevant.Source)
		}
	}
	slices.Reverse(all)
	if len(all) == 1 {
		return all[0]
	}
	s := ""
	for i, one := range all {
		if i > 0 {
			s += " and "
		}
		s += "(" + one + ")"
	}
	return s
}

func required(it *Item) string {
	switch {
	case it.RequiredWhen != nil:
		return it.RequiredWhen.Source
	case it.Need == Asked:
		return "yes"
	case it.Need == Hard:
		return "hard"
	}
	return ""
}

func readOnly(it *Item) string {
	if it.ReadOnly {
		return "yes"
	}
	return source(it.ReadOnlyWhen)
}

// repeats tells in which repeats a question stands, and how often each is asked.
func repeats(it *Item) string {
	var all []string
	for up := it.InRepeat(); up != nil; up = up.InRepeat() {
		all = append(all, strings.TrimSpace(up.Name+" "+source(up.RepeatCount)))
	}
	return strings.Join(all, " in ")
}

func upload(it *Item) string {
	if it.Type != File && it.Type != Image {
		return ""
	}
	u := it.Upload
	return fmt.Sprintf("%s, at most %d bytes, %d pixels", strings.Join(u.Accept, " "), u.MostBytes, u.MaxPixels)
}

// choiceSource tells where choices come from that do not stand in the book.
func choiceSource(it *Item) string {
	switch {
	case it.ListFrom != nil:
		return "${" + it.ListFrom.Name + "}"
	case it.List != nil:
		return it.List.File
	}
	return ""
}

// scale compares the points of a scale.
//
// A range is a scale. A select_one is taken for one where it has three
// substantive choices or more, and is laid out as one (the appearance likert,
// or a grid: table-list, label, list-nolabel), or most of its choices are
// labelled by numbers alone, or three questions of the version share its list,
// as the items of a battery do.
func (c *comparer) scale(d *Difference) {
	a, b := d.Old, d.New
	if a.Type == Range && b.Type == Range {
		d.text(KindScale, AspectRange, limits(a), limits(b))
	}
	if a.Type != SelectOne || b.Type != SelectOne || !isScale(a, c.was) && !isScale(b, c.is) {
		return
	}
	if x, y := points(a), points(b); !slices.Equal(sorted(x), sorted(y)) {
		d.add(Detail{Kind: KindScale, Aspect: AspectPoints, Before: strconv.Itoa(len(x)), After: strconv.Itoa(len(y))})
	}
}

func limits(it *Item) string {
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	text := number(it.RangeStart) + "–" + number(it.RangeEnd) + ", step " + number(it.RangeStep)
	if it.TickInterval > 0 {
		text += ", marks every " + number(it.TickInterval)
	}
	if it.Placeholder != nil {
		text += ", begins at " + number(*it.Placeholder)
	}
	if it.TickLabels != nil {
		for _, choice := range it.TickLabels.Choices {
			for _, tag := range choice.Label.Tags() {
				text += fmt.Sprintf(", %s (%s): %s", choice.Name, tag, choice.Label[tag])
			}
		}
	}
	return text
}

func sorted(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return names
}

// points gives the names of the substantive choices.
func points(it *Item) []string {
	var out []string
	for _, choice := range it.List.Choices {
		if choice.Missing == Substantive && choice.Name != OtherValue {
			out = append(out, choice.Name)
		}
	}
	return out
}

func isScale(it *Item, in *asked) bool {
	if it.List == nil || len(points(it)) < 3 {
		return false
	}
	if in.lists[it.List] >= 3 {
		return true
	}
	for _, word := range []string{"likert", "table-list", "label", "list-nolabel"} {
		for up := it; up != nil; up = up.Parent {
			if up.Appears(word) {
				return true
			}
		}
	}
	numbers := 0
	for _, choice := range it.List.Choices {
		text, _ := choice.Label.In("")
		if _, err := strconv.ParseFloat(plain(text), 64); err == nil {
			numbers++
		}
	}
	return 2*numbers > len(it.List.Choices)
}
