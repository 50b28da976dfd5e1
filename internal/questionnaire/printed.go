package questionnaire

import (
	_ "embed"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/lang"
	"panelverk/internal/lang/rich"
)

//go:embed printed.html
var printedHTML string

var printedTemplate = template.Must(template.New("printed").Parse(printedHTML))

// The printed questionnaire is one HTML file without scripts or anything from
// elsewhere: every page in every language, with its routing in words.
type printed struct {
	Title, Default, Direction, Hash string
	LanguagesTitle, SilentTitle     string
	Languages                       []printedLanguage
	Silent                          []string
}

type printedLanguage struct {
	Tag, Name, Direction, Title, Reading string
	Pages                                []printedPage
}

type printedPage struct {
	Number, Heading, Repeat string
	Around                  []printedGroup
	Hint, Guidance          template.HTML
	Routing                 []string
	Questions               []printedQuestion
}

type printedQuestion struct {
	Groups                []printedGroup // the inner groups that begin here
	Routing, Facts        string
	Label, Hint, Guidance template.HTML
	Lead                  template.HTML
	Media                 []printedMedia
	Choices               []printedChoice
}

type printedGroup struct{ Label, Hint, Guidance template.HTML }

type printedChoice struct {
	Label template.HTML
	Code  string
	Media []printedMedia
}

// Print writes the questionnaire as a page of HTML for reading and printing:
// for a preview, and for the method report. name is its title where the form
// has none; files are those that are attached, of which it holds the pictures. Where
// languages are named it is in those alone, the first of them that of the page.
func (q *Questionnaire) Print(w io.Writer, name string, files map[string][]byte, languages ...string) error {
	first := q.Default
	if len(languages) == 0 {
		languages = q.Languages
	} else {
		first = languages[0]
	}
	title := q.text(q.Title, first)
	if title == "" {
		title = name
	}
	words := lang.For(first)
	p := printed{Title: title, Default: first, Direction: lang.Direction(first), Hash: q.Hash, LanguagesTitle: words.T("print.languages"), SilentTitle: words.T("print.silent")}
	for _, tag := range languages {
		own := q.text(q.Title, tag)
		if own == "" {
			own = name
		}
		language := printedLanguage{Tag: tag, Name: lang.Name(tag), Direction: lang.Direction(tag), Title: own,
			Reading: lang.For(tag).T("print.reading", "seconds", q.ReadingSeconds(tag))}
		for i, page := range q.Pages {
			language.Pages = append(language.Pages, q.printPage(page, i+1, tag, files))
		}
		p.Languages = append(p.Languages, language)
	}
	for _, item := range q.Questions {
		if item.Silent() {
			p.Silent = append(p.Silent, item.silently(words))
		}
	}
	return printedTemplate.Execute(w, p)
}

// silently says what a question that is never shown holds.
func (i *Item) silently(words *lang.Texts) string {
	text := i.Name
	switch {
	case i.Calculation != nil:
		text += " = " + i.Calculation.Source
	case i.DefaultExpr != nil:
		text += " = " + i.DefaultExpr.Source
	case i.Default != "":
		text += " = " + i.Default
	default:
		text += " (" + string(i.Type) + ")"
	}
	if len(i.Triggers) > 0 {
		text += ", " + i.triggered(words)
	}
	return text
}

// triggered says which answers make a value be worked out anew.
func (i *Item) triggered(words *lang.Texts) string {
	return words.T("print.trigger", "names", strings.Join(i.Triggers, " "+words.T("routing.or")+" "))
}

func (q *Questionnaire) printPage(page *Page, number int, tag string, files map[string][]byte) printedPage {
	words := lang.For(tag)
	out := printedPage{Number: words.T("print.page", "number", number)}
	from := page.Group
	if from == nil {
		from = page.Items[0].Parent
	}
	for up := from; up != nil; up = up.Parent {
		if up.Relevant != nil {
			out.Routing = append(out.Routing, words.T("routing.asked_if", "condition", q.Words(up.Relevant, nil, tag, words)))
		}
	}
	slices.Reverse(out.Routing)
	if page.Group != nil {
		group := q.printGroup(page.Group, tag)
		out.Heading, out.Hint, out.Guidance = rich.Plain(q.text(page.Group.Label, tag)), group.Hint, group.Guidance
		from = page.Group.Parent
	}
	out.Around = q.printGroups(from, nil, nil, tag)
	if page.Repeat != nil {
		out.Repeat = words.T("print.repeat", "name", page.Repeat.Name)
		if page.Repeat.RepeatCount != nil {
			out.Repeat = words.T("print.repeat_count", "name", page.Repeat.Name, "count", page.Repeat.RepeatCount.Source)
		}
	}
	before := page.Group
	for _, item := range page.Items {
		if item.Silent() {
			continue
		}
		question := q.printQuestion(page, item, tag, files)
		if page.Group != nil {
			question.Groups, before = q.printGroups(item.Parent, before, page.Group, tag), item.Parent
		}
		out.Questions = append(out.Questions, question)
	}
	return out
}

// printGroups gives the groups from an outer one to an inner one, without the
// outer and without those that the question before stood in.
func (q *Questionnaire) printGroups(inner, before, outer *Item, tag string) []printedGroup {
	known := map[*Item]bool{}
	for up := before; up != nil; up = up.Parent {
		known[up] = true
	}
	var out []printedGroup
	for up := inner; up != nil && up != outer && !known[up]; up = up.Parent {
		if group := q.printGroup(up, tag); group != (printedGroup{}) {
			out = append(out, group)
		}
	}
	slices.Reverse(out)
	return out
}

func (q *Questionnaire) printGroup(group *Item, tag string) printedGroup {
	return printedGroup{Label: rich.Line(q.text(group.Label, tag)), Hint: rich.Line(q.text(group.Hint, tag)), Guidance: q.printGuidance(group, tag)}
}

// printGuidance gives what is said to those who ask the question, "" for nothing.
func (q *Questionnaire) printGuidance(item *Item, tag string) template.HTML {
	text := q.text(item.Guidance, tag)
	if text == "" {
		return ""
	}
	return rich.Line(lang.For(tag).T("print.guidance") + " " + text)
}

func (q *Questionnaire) text(t lang.Text, tag string) string {
	text, _ := t.In(tag, q.Default)
	return text
}

func (q *Questionnaire) printQuestion(page *Page, item *Item, tag string, files map[string][]byte) printedQuestion {
	head, rest := rich.Split(q.text(item.Label, tag))
	out := printedQuestion{
		Label: rich.Line(head), Lead: rich.Blocks(rest), Hint: rich.Line(q.text(item.Hint, tag)), Guidance: q.printGuidance(item, tag),
		Facts: q.facts(item, tag), Media: q.printMedia(item.Media, rich.Plain(q.text(item.Label, tag)), tag, files),
	}
	words := lang.For(tag)
	var conditions []string
	for up := item.Parent; up != nil && page.Group != nil && up != page.Group; up = up.Parent {
		if up.Relevant != nil {
			conditions = append([]string{q.Words(up.Relevant, nil, tag, words)}, conditions...)
		}
	}
	if item.Relevant != nil {
		conditions = append(conditions, q.Words(item.Relevant, item, tag, words))
	}
	if len(conditions) > 0 {
		out.Routing = words.T("routing.asked_if", "condition", strings.Join(conditions, ", "+words.T("routing.and")+" "))
	}
	out.Choices = q.printChoices(item, tag, files)
	return out
}

// printChoices gives the choices of a question, and the labelled values of a range.
func (q *Questionnaire) printChoices(item *Item, tag string, files map[string][]byte) []printedChoice {
	list := item.List
	if item.Type == Range {
		list = item.TickLabels
	}
	if list == nil {
		return nil
	}
	var out []printedChoice
	const most = 60 // a file of thousands is not printed
	for i, choice := range list.Choices {
		if i == most {
			out = append(out, printedChoice{Label: rich.Line(lang.For(tag).T("print.more", "count", len(list.Choices)-most))})
			break
		}
		label := q.text(choice.Label, tag)
		if label == "" {
			label = choice.Name
		}
		code := choice.Name
		switch {
		case choice.Missing != Substantive:
			code += " (" + string(choice.Missing) + ")"
		case choice.Code != nil && strconv.Itoa(*choice.Code) != choice.Name:
			code += " = " + strconv.Itoa(*choice.Code)
		}
		out = append(out, printedChoice{Label: rich.Line(label), Code: code, Media: q.printMedia(choice.Media, rich.Plain(label), tag, files)})
	}
	return out
}

// facts says in words what a question is besides its text.
func (q *Questionnaire) facts(item *Item, tag string) string {
	words := lang.For(tag)
	facts := []string{item.Name, string(item.Type)}
	switch item.Precision() {
	case Month:
		facts[1] = words.T("print.month")
	case Year:
		facts[1] = words.T("print.year")
	}
	add := func(key string, values ...any) { facts = append(facts, words.T("print."+key, values...)) }
	number := func(f float64) string {
		return strings.Replace(strconv.FormatFloat(f, 'f', -1, 64), ".", words.T("number.point"), 1)
	}
	if item.Type == Range {
		add("range", "low", number(item.RangeStart), "high", number(item.RangeEnd), "step", number(item.RangeStep))
	}
	if item.ListFrom != nil {
		add("list_from", "name", item.ListFrom.Name)
	}
	if item.ChoiceFilter != nil {
		add("filter", "filter", item.ChoiceFilter.Source)
	}
	if item.Randomize {
		add("random")
	}
	switch {
	case item.Need == Hard:
		add("hard")
	case item.RequiredWhen != nil:
		add("asked_when", "condition", q.Words(item.RequiredWhen, item, tag, words))
	case item.Need == Asked:
		add("asked")
	}
	if item.Constraint != nil {
		add("constraint", "condition", q.Words(item.Constraint, item, tag, words))
	}
	if item.Calculation != nil {
		add("computed", "formula", item.Calculation.Source)
		if len(item.Triggers) > 0 {
			facts = append(facts, item.triggered(words))
		}
	}
	if item.Default != "" {
		add("default", "value", words.T("routing.quoted", "text", item.Default))
	}
	if name := item.Prefill(); name != "" {
		add("prefill", "name", name)
	} else if item.DefaultExpr != nil {
		add("default", "value", item.DefaultExpr.Source)
	}
	if item.ReadOnly || item.ReadOnlyWhen != nil {
		add("locked")
	}
	if item.Appearance != "" {
		add("appearance", "name", item.Appearance)
	}
	return strings.Join(facts, " · ")
}
