package respond

import (
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"panelverk/internal/lang"
	"panelverk/internal/lang/rich"
	"panelverk/internal/questionnaire"
)

// dropDownFrom is how many choices a list needs to fold up, where it may.
const dropDownFrom = 15

func (p *paper) choices(it *questionnaire.Item, q *Question, values []string) {
	q.Kind = "choice"
	if it.Type == questionnaire.SelectMultiple {
		q.Kind = "several"
		if q.Hint == "" {
			q.Help = p.texts.T("page.several")
		}
	}
	var labels []lang.Text
	choices, offered := p.filtered(it)
	for _, c := range choices {
		shown := p.choice(it, c.Name, p.choiceLabel(it, c), values)
		shown.Away = !slices.Contains(offered, c)
		shown.First = len(offered) > 0 && c == offered[0]
		if c.Missing != questionnaire.Substantive {
			q.Apart = append(q.Apart, shown)
			continue
		}
		labels = append(labels, c.Label)
		q.Choices = append(q.Choices, shown)
	}
	switch {
	case it.Type == questionnaire.SelectOne && foldsUp(it):
		q.Kind = "list"
	case it.Type == questionnaire.SelectOne && (it.Appears("likert") || it.InGrid()):
		q.Layout = " rail" + across(labels, q.Card)
	default:
		q.Layout = columns(it)
	}
}

// filtered gives the choices of a question to draw, and those of them that are
// let through as things stand: where the page filters by itself, it has all.
func (p *paper) filtered(it *questionnaire.Item) (choices, offered []*questionnaire.Choice) {
	if p.whole {
		choices = everyChoice(it)
		return choices, choices
	}
	offered = p.view.Shown(it, p.own)
	if it.ChoiceFilter != nil && p.live(it) {
		return it.List.Choices, offered
	}
	return offered, offered
}

// live tells whether the page decides by itself if a question is asked.
func (p *paper) live(it *questionnaire.Item) bool { return p.script != nil && p.script.Live[it.Name] }

// choice gives one choice of a question, ticked where it is chosen.
func (p *paper) choice(it *questionnaire.Item, name string, label template.HTML, values []string) Choice {
	c := Choice{Name: name, Label: label, Chosen: has(values, name)}
	if c.Chosen {
		c.Ticked = "checked"
	}
	if p.marks != nil {
		c.Ticked = template.HTMLAttr(p.marks.mark(spot{kind: spotChecked, item: it, choice: name})) //nolint:gosec // a mark of letters and digits
	}
	return c
}

// foldsUp tells whether the choices are a drop-down list.
func foldsUp(it *questionnaire.Item) bool {
	switch it.Type {
	case questionnaire.SelectOne:
		if showsMedia(it.List) {
			return false // a drop-down list holds words alone
		}
		return len(it.List.Choices) >= dropDownFrom || it.Appears("minimal") || it.Appears("autocomplete") || it.Appears("search")
	case questionnaire.Range:
		return it.Appears("picker") && points(it) <= mostPicked
	}
	return false
}

// columns gives the class of choices that may lie beside each other where they
// have room: a list's, never a scale's.
func columns(it *questionnaire.Item) string {
	switch n := it.Columns(); {
	case it.Appears("columns-pack"):
		return " pack"
	case n == questionnaire.ManyColumns || n > 6:
		return " many"
	case n > 1:
		return " many m" + strconv.Itoa(n)
	}
	return ""
}

// across gives the class of a scale whose points lie side by side: where every
// label stands whole in its share of a narrow phone's width, in every language
// of the questionnaire, so that all see the same scale.
func across(labels []lang.Text, narrow bool) string {
	const least, most = 3, 5
	n := len(labels)
	if !narrow || n < least || n > most {
		return ""
	}
	for _, label := range labels {
		for _, text := range label {
			if !brief(text, n) {
				return ""
			}
		}
	}
	return " brief"
}

// brief tells whether a label has room in one of n parts of a phone's width: on
// two lines, and no word that would have to be broken.
func brief(label string, n int) bool {
	letters := 32 / n // at 320 px, in the small size
	return utf8.RuneCountInString(label) <= letters+2 && !slices.ContainsFunc(strings.Fields(label), func(word string) bool {
		return utf8.RuneCountInString(word) > letters
	})
}

// How many points a number line may have to be shown as choices, and to be
// picked from a list; with more its number is typed. Where its handle begins
// sways what people answer, and without scripts a line with a handle cannot be
// left without an answer: so a script alone shows one, without a handle until
// it is touched, beside the field.
const (
	mostPoints = 11
	mostPicked = 200
)

// points gives how many values a range has.
func points(it *questionnaire.Item) int {
	if it.RangeStep == 0 {
		return math.MaxInt
	}
	return int(math.Floor(math.Abs(it.RangeEnd-it.RangeStart)/math.Abs(it.RangeStep)+1e-9)) + 1
}

// scale gives a range: as choices where they are few, as a list where the form
// asks for a picker, else as a number to type.
func (p *paper) scale(it *questionnaire.Item, q *Question, values []string) {
	n := points(it)
	if n > mostPoints && !foldsUp(it) {
		q.Kind, q.Width, q.Mode = "text", "short", "decimal"
		q.Help = strings.TrimSpace(p.between(it) + " " + p.ends(it))
		if it.RangeStep != 0 && !q.Locked && !p.blank {
			q.Slider = p.slider(it)
		}
		return
	}
	q.Kind = "choice"
	if foldsUp(it) {
		q.Kind = "list"
	}
	step := math.Copysign(it.RangeStep, it.RangeEnd-it.RangeStart)
	for i := range n {
		name := plainNumber(it.RangeStart + float64(i)*step)
		c := p.choice(it, name, rich.Line(p.point(it, name)), values)
		c.First = i == 0
		q.Choices = append(q.Choices, c)
	}
	q.Layout = " rail"
	if n <= 5 && it.TickLabels == nil && !it.Appears("vertical") {
		q.Layout += " brief"
	}
	if it.Need != questionnaire.Hard && q.Kind == "choice" {
		q.Apart = []Choice{{Label: template.HTML(template.HTMLEscapeString(p.texts.T("page.no_answer")))}} //nolint:gosec // escaped
	}
}

// Slider is the line with a handle that a script shows beside a range's field.
type Slider struct {
	Low, High, Step string // as a range input has them
	From, To        string // as the language writes them
}

func (p *paper) slider(it *questionnaire.Item) *Slider {
	low, high := min(it.RangeStart, it.RangeEnd), max(it.RangeStart, it.RangeEnd)
	return &Slider{Low: plainNumber(low), High: plainNumber(high), Step: plainNumber(math.Abs(it.RangeStep)), From: p.number(low), To: p.number(high)}
}

// point gives the label of a value of a range: its number, and the words that
// the form has for it.
func (p *paper) point(it *questionnaire.Item, value string) string {
	number := p.pointed(value)
	words := p.tickLabel(it, value)
	if words == "" || words == number || strings.HasPrefix(words, number+" ") {
		return rich.Literal(number) + strings.TrimPrefix(words, number)
	}
	return rich.Literal(number) + " – " + words
}

// tickLabel gives the words at a value of a range, as the source of a label.
func (p *paper) tickLabel(it *questionnaire.Item, value string) string {
	if it.TickLabels == nil {
		return ""
	}
	for _, c := range it.TickLabels.Choices {
		if f, err := strconv.ParseFloat(c.Name, 64); err == nil && plainNumber(f) == value {
			return p.source(c.Label)
		}
	}
	return ""
}

// ends says what the labelled values of a range mean, for a number that is typed.
func (p *paper) ends(it *questionnaire.Item) string {
	if it.TickLabels == nil {
		return ""
	}
	var parts []string
	for _, c := range it.TickLabels.Choices {
		f, err := strconv.ParseFloat(c.Name, 64)
		if label := p.plain(c.Label); err == nil && label != "" && label != c.Name {
			parts = append(parts, p.number(f)+" = "+label)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + "."
}

// between says which numbers a range takes.
func (p *paper) between(it *questionnaire.Item) string {
	low, high, step := min(it.RangeStart, it.RangeEnd), max(it.RangeStart, it.RangeEnd), math.Abs(it.RangeStep)
	if step == 0 || step == 1 {
		return p.texts.T("page.between", "low", p.number(low), "high", p.number(high))
	}
	return p.texts.T("page.steps", "low", p.number(low), "second", p.number(low+step), "third", p.number(low+2*step), "high", p.number(high))
}
