package questionnaire

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/lang"
)

//go:embed printed.html
var printedHTML string

var printedTemplate = template.Must(template.New("printed").Parse(printedHTML))

// The printed questionnaire is one HTML file without scripts or anything from
// elsewhere: every page in every language, with its routing in words.
type printed struct {
	Title, Default, Hash string
	Languages            []printedLanguage
	Silent               []string
}

type printedLanguage struct {
	Tag, Title string
	Seconds    int
	Pages      []printedPage
}

type printedPage struct {
	Number          int
	Heading, Repeat string
	Routing         []string
	Questions       []printedQuestion
}

type printedQuestion struct {
	Routing, Label, Hint, Guidance, Facts string
	Media                                 []printedMedia
	Choices                               []printedChoice
}

type printedChoice struct {
	Label, Code string
	Media       []printedMedia
}

// Print writes the questionnaire as a page of HTML for reading and printing:
// for a preview, and for the method report. name is its title where the form
// has none; files are those that are attached, of which it holds the pictures.
func (q *Questionnaire) Print(w io.Writer, name string, files map[string][]byte) error {
	title, _ := q.Title.In(q.Default)
	if title == "" {
		title = name
	}
	p := printed{Title: title, Default: q.Default, Hash: q.Hash}
	for _, tag := range q.Languages {
		own, _ := q.Title.In(tag, q.Default)
		if own == "" {
			own = name
		}
		language := printedLanguage{Tag: tag, Title: own, Seconds: q.ReadingSeconds(tag)}
		for i, page := range q.Pages {
			language.Pages = append(language.Pages, q.printPage(page, i+1, tag, files))
		}
		p.Languages = append(p.Languages, language)
	}
	for _, item := range q.Questions {
		if item.Silent() {
			p.Silent = append(p.Silent, item.silently())
		}
	}
	return printedTemplate.Execute(w, p)
}

// silently says what a question that is never shown holds.
func (i *Item) silently() string {
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
		text += ", when the answer to " + strings.Join(i.Triggers, " or ") + " changes"
	}
	return text
}

func (q *Questionnaire) printPage(page *Page, number int, tag string, files map[string][]byte) printedPage {
	out := printedPage{Number: number}
	from := page.Group
	if from == nil {
		from = page.Items[0].Parent
	}
	for up := from; up != nil; up = up.Parent {
		if up.Relevant != nil {
			out.Routing = append(out.Routing, "Asked if "+q.Words(up.Relevant, nil, tag)+".")
		}
	}
	slices.Reverse(out.Routing)
	if page.Group != nil {
		out.Heading = q.text(page.Group.Label, tag)
	}
	if page.Repeat != nil {
		out.Repeat = "Asked several times: " + page.Repeat.Name
		if page.Repeat.RepeatCount != nil {
			out.Repeat += ", as often as " + page.Repeat.RepeatCount.Source
		}
	}
	for _, item := range page.Items {
		if !item.Silent() {
			out.Questions = append(out.Questions, q.printQuestion(page, item, tag, files))
		}
	}
	return out
}

func (q *Questionnaire) text(t lang.Text, tag string) string {
	text, _ := t.In(tag, q.Default)
	return text
}

func (q *Questionnaire) printQuestion(page *Page, item *Item, tag string, files map[string][]byte) printedQuestion {
	out := printedQuestion{
		Label: q.text(item.Label, tag), Hint: q.text(item.Hint, tag), Guidance: q.text(item.Guidance, tag),
		Facts: q.facts(item, tag), Media: q.printMedia(item.Media, q.text(item.Label, tag), tag, files),
	}
	var conditions []string
	for up := item.Parent; up != nil && page.Group != nil && up != page.Group; up = up.Parent {
		if up.Relevant != nil {
			conditions = append([]string{q.Words(up.Relevant, nil, tag)}, conditions...)
		}
	}
	if item.Relevant != nil {
		conditions = append(conditions, q.Words(item.Relevant, item, tag))
	}
	if len(conditions) > 0 {
		out.Routing = "Asked if " + strings.Join(conditions, ", and ") + "."
	}
	if item.List == nil {
		return out
	}
	const most = 60 // a file of thousands is not printed
	for i, choice := range item.List.Choices {
		if i == most {
			out.Choices = append(out.Choices, printedChoice{Label: fmt.Sprintf("… and %d more", len(item.List.Choices)-most)})
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
		out.Choices = append(out.Choices, printedChoice{Label: label, Code: code, Media: q.printMedia(choice.Media, label, tag, files)})
	}
	return out
}

// facts says in words what a question is besides its text.
func (q *Questionnaire) facts(item *Item, tag string) string {
	facts := []string{item.Name, string(item.Type)}
	add := func(format string, args ...any) { facts = append(facts, fmt.Sprintf(format, args...)) }
	if item.Type == Range {
		add("from %g to %g in steps of %g", item.RangeStart, item.RangeEnd, item.RangeStep)
	}
	if item.ListFrom != nil {
		add("the choices are the answers to %s", item.ListFrom.Name)
	}
	if item.ChoiceFilter != nil {
		add("only the choices with %s", item.ChoiceFilter.Source)
	}
	if item.Randomize {
		add("in random order")
	}
	switch {
	case item.Need == Hard:
		add("must be answered")
	case item.RequiredWhen != nil:
		add("reminded of once if %s", q.Words(item.RequiredWhen, item, tag))
	case item.Need == Asked:
		add("reminded of once")
	}
	if item.Constraint != nil {
		add("accepted if %s", q.Words(item.Constraint, item, tag))
	}
	if item.Calculation != nil {
		add("computed: %s", item.Calculation.Source)
	}
	if item.Default != "" {
		add("filled in with “%s”", item.Default)
	}
	if name := item.Prefill(); name != "" {
		add("asks whether the answer to %s of an earlier wave still holds", name)
	} else if item.DefaultExpr != nil {
		add("filled in with %s", item.DefaultExpr.Source)
	}
	if item.ReadOnly || item.ReadOnlyWhen != nil {
		add("cannot be changed")
	}
	if item.Appearance != "" {
		add("appearance %s", item.Appearance)
	}
	return strings.Join(facts, " · ")
}
