package respond

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"

	"panelverk/internal/interview"
	"panelverk/internal/lang/rich"
	"panelverk/internal/questionnaire"
)

// Overview is the page of a repeat whose instances the respondent adds. It
// lists those that this device added; to staff, who never see what is stored,
// none.
type Overview struct {
	Rows      []OverviewRow
	Gone      *OverviewRow // was removed just now, and may come back
	Add       string       // the words of the button, "" where there is room for no more
	Full      string       // why there is none
	Elsewhere bool         // some were added on another device
	Empty     bool         // there is none
}

// OverviewRow is one instance.
type OverviewRow struct {
	Number  int
	Label   string // "Barn 2: Elsa"
	Address string // of its first page, from the overview on
}

// overview draws the overview of a repeat. f is what was posted just now.
func (p *paper) overview(s *interview.Screen, f url.Values, sheet *Sheet) {
	repeat, texts := s.Repeat, p.texts
	sheet.Title, sheet.TitleLang, sheet.Hint = p.plain(repeat.Label), p.other(repeat.Label), p.text(repeat.Hint)
	if sheet.Title == "" {
		sheet.Title = texts.T("roster.title")
	}
	if sheet.Title == sheet.PartLabel {
		sheet.PartLabel = ""
	}
	o := &Overview{}
	sheet.Overview = o
	if p.whole {
		o.Rows, o.Gone, o.Add = []OverviewRow{{}}, &OverviewRow{}, texts.T("roster.add")
		return
	}
	instances := p.view.Instances(repeat)
	for _, in := range instances {
		if !p.ours(in) {
			o.Elsewhere = !p.blank
			continue
		}
		o.Rows = append(o.Rows, OverviewRow{Number: in.Number(), Label: p.instance(in), Address: "./" + url.PathEscape(p.view.First(in).Key)})
	}
	o.Empty = len(instances) == 0 && !p.blank
	switch most := interview.MostInstances(repeat); {
	case len(instances) >= most:
		o.Full = texts.T("roster.full", "count", most)
	case len(o.Rows) > 0:
		o.Add = texts.T("roster.another")
	default:
		o.Add = texts.T("roster.add")
	}
	if number, ok := strings.CutPrefix(f.Get(fieldRoster), string(interview.Remove)+" "); ok && o.Add != "" {
		p.gone(s, number, o)
	}
}

// gone tells of an instance that was removed just now.
func (p *paper) gone(s *interview.Screen, number string, o *Overview) {
	path := number
	if s.Instance != "" {
		path = s.Instance + "." + number
	}
	in := p.view.Removed(s.Repeat, path)
	if in == nil || !p.ours(in) {
		return
	}
	label := p.named(in)
	if label == "" {
		label = p.instance(in)
	}
	n, _ := strconv.Atoi(number) // it was found by it
	o.Gone = &OverviewRow{Number: n, Label: p.texts.T("roster.gone", "label", label)}
}

// ours tells whether this device added an instance; one that is counted is
// nobody's.
func (p *paper) ours(in *interview.View) bool {
	return p.doc.Opens(in.Marker(), p.device)
}

// where says which instance of a repeat the page is about, "" outside of
// repeats; on a stencil a mark stands for it.
func (p *paper) where() string {
	if p.view.Instance() == "" {
		return ""
	}
	if p.marks != nil {
		return p.marks.mark(spot{kind: spotInstance})
	}
	if p.whole {
		return whereMark
	}
	return p.whereabouts()
}

// whereabouts does it in words: "Barn 2 av 3: Elsa", of repeats in each other
// the outermost first.
func (p *paper) whereabouts() string {
	var parts []string
	for in := p.view; in.Instance() != ""; in = in.Outer() {
		parts = append([]string{p.instance(in)}, parts...)
	}
	return strings.Join(parts, " · ")
}

// longestName is how many characters of an answer name an instance.
const longestName = 40

// instance names one instance: the repeat's label, which one it is, and what
// was answered first in it.
func (p *paper) instance(in *interview.View) string {
	repeat := in.Repeat()
	label := p.plain(repeat.Label)
	if label == "" {
		label = p.texts.T("roster.one")
	}
	text := label
	switch n := in.Position(); {
	case n == 0: // it was removed: the others have moved up
	case repeat.RepeatCount != nil && p.allOurs():
		text = p.texts.T("roster.of", "label", label, "n", n, "total", len(in.Outer().Instances(repeat)))
	default: // how many there are, another device may have said
		text = p.texts.T("roster.nth", "label", label, "n", n)
	}
	if name := p.named(in); name != "" {
		text += ": " + name
	}
	return text
}

// named gives the first answer of an instance in words, as far as this device
// gave it: a text before anything else.
func (p *paper) named(in *interview.View) string {
	name := ""
	for _, it := range p.logic.Questionnaire.Questions {
		if it.InRepeat() != in.Repeat() || !it.Asks() || name != "" && it.Type != questionnaire.Text {
			continue
		}
		text := rich.Plain(p.quoted(in, it))
		if text == "" || it.Type == questionnaire.Geopoint {
			continue
		}
		name = shortened(strings.Join(strings.Fields(text), " "), longestName)
		if it.Type == questionnaire.Text {
			break
		}
	}
	return name
}

// listed gives the row of an overview in the review.
func (p *paper) listed(s *interview.Screen) ReviewRow {
	instances := p.view.Instances(s.Repeat)
	row := ReviewRow{Address: "/p/" + s.Key, Page: s.Key, Label: p.plain(s.Repeat.Label), Lang: p.other(s.Repeat.Label)}
	if row.Label == "" {
		row.Label = p.texts.T("roster.title")
	}
	ours := 0
	for _, in := range instances {
		if p.ours(in) {
			ours++
		}
	}
	if row.Hidden = ours < len(instances); len(instances) == 0 {
		row.Answer = []string{p.texts.T("roster.no")}
	} else if !row.Hidden {
		row.Answer = []string{p.texts.T("roster.count", "count", ours)}
	}
	return row
}

// offered gives a choice of a question by its name, nil where there is none.
func (p *paper) offered(it *questionnaire.Item, name string) *questionnaire.Choice {
	if it.ListFrom == nil {
		return it.List.Choice(name)
	}
	if p.view.Chosen(it, name) == nil {
		return nil
	}
	return &questionnaire.Choice{Name: name}
}

// choiceLabel gives the label of a choice; where the choices are answers, what
// somebody wrote.
func (p *paper) choiceLabel(it *questionnaire.Item, c *questionnaire.Choice) template.HTML {
	if it.ListFrom == nil {
		return p.label(c)
	}
	return rich.Line(p.from(it, c.Name))
}

// choiceText gives the same as text.
func (p *paper) choiceText(it *questionnaire.Item, c *questionnaire.Choice) string {
	if it.ListFrom == nil {
		return p.plain(c.Label)
	}
	return rich.Plain(p.from(it, c.Name))
}

// from gives what a choice shows as that is an answer in a repeat, as the source
// of a label: the answer,
// or which instance it is where another device gave it.
func (p *paper) from(it *questionnaire.Item, choice string) string {
	in := p.view.Chosen(it, choice)
	if in == nil {
		return ""
	}
	if text := p.quoted(in, it.ListFrom); text != "" {
		return text
	}
	return rich.Literal(p.instance(in))
}
