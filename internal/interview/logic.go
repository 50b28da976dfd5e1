package interview

import (
	"strings"
	"sync"
	"time"

	"panelverk/internal/expr"
	"panelverk/internal/questionnaire"
)

// Logic is a questionnaire made ready for interviews: what does not change
// from one interview to the next is worked out once. It is immutable and safe
// for concurrent use.
type Logic struct {
	Questionnaire *questionnaire.Questionnaire

	zone  *time.Location
	place map[string]int // position in items, by name
	items []*questionnaire.Item
	plain []bool // nothing decides whether the item is asked: no relevance, its own or a group's, and no filter of choices

	web    web
	varies sync.Map // *questionnaire.Page → []bool; see varying
}

// New makes a questionnaire ready for the interviews of a study whose clocks
// go by zone: what today is, is a matter of where one is.
func New(q *questionnaire.Questionnaire, zone *time.Location) *Logic {
	l := &Logic{Questionnaire: q, zone: zone, place: map[string]int{}}
	var walk func(items []*questionnaire.Item, plain bool)
	walk = func(items []*questionnaire.Item, plain bool) {
		for _, it := range items {
			here := plain && it.Relevant == nil
			l.place[it.Name] = len(l.items)
			l.items = append(l.items, it)
			l.plain = append(l.plain, here && it.ChoiceFilter == nil)
			walk(it.Children, here)
		}
	}
	walk(q.Items, true)
	l.web = l.newWeb()
	return l
}

// View is how an interview looks at one moment: which questions are asked and
// what each is worth in an expression. It is not safe for concurrent use.
type View struct {
	logic   *Logic
	answers map[string]string
	earlier map[string]Earlier // what the interview was told of earlier waves
	now     time.Time
	state   []uint8           // what is known of items[i]
	value   map[string]string // of calculations, once they are known
}

const (
	unknown uint8 = iota
	working       // being worked out: a cycle that slipped through reads as empty
	relevant
	irrelevant
)

// Look gives the view of some answers at a moment. The answers are read, not
// kept beyond the view and not changed.
func (l *Logic) Look(answers map[string]string, now time.Time) *View {
	return &View{logic: l, answers: answers, now: now.In(l.zone), state: make([]uint8, len(l.items))}
}

// Relevant tells whether a question or group is asked: its own relevance and
// that of every group around it hold, and a filter leaves it something to
// choose. An unknown name is not.
func (v *View) Relevant(name string) bool {
	i, ok := v.logic.place[name]
	return ok && v.relevant(i)
}

func (v *View) relevant(i int) bool {
	if v.logic.plain[i] {
		return true
	}
	switch v.state[i] {
	case relevant:
		return true
	case irrelevant, working:
		return false
	}
	v.state[i] = working
	it := v.logic.items[i]
	ok := it.Parent == nil || v.Relevant(it.Parent.Name)
	if ok && it.Relevant != nil {
		ok = it.Relevant.Eval(v.env(it, "")).Bool()
	}
	if ok && it.ChoiceFilter != nil {
		ok = len(v.Choices(it)) > 0
	}
	v.state[i] = irrelevant
	if ok {
		v.state[i] = relevant
	}
	return ok
}

// Value gives what a question is worth in an expression: its answer, its
// calculation or its hidden default; "" where it is not asked or not answered
// (a question that is not relevant has no value, as in ODK XForms).
func (v *View) Value(name string) string {
	i, ok := v.logic.place[name]
	if !ok || !v.relevant(i) {
		return ""
	}
	it := v.logic.items[i]
	switch it.Type {
	case questionnaire.Calculate:
		return v.calculated(it)
	case questionnaire.Hidden:
		if a := v.answers[name]; a != "" {
			return a
		}
		return v.Default(it)
	}
	return v.answers[name]
}

// Default gives what stands in a question before anybody has answered it: the
// literal, or what the expression comes to now.
// An earlier answer that is offered stands in no field: see Offer.
func (v *View) Default(it *questionnaire.Item) string {
	if it.Prefill() != "" {
		return ""
	}
	if it.DefaultExpr == nil {
		return it.Default
	}
	return shaped(it, it.DefaultExpr.Eval(v.env(it, "")).String())
}

// shaped gives what an expression came to in the form of the question's
// answers: today() and now() say more than is asked for.
func shaped(it *questionnaire.Item, value string) string {
	switch it.Type {
	case questionnaire.Date:
		return value[:min(len(value), len("2006-01-02"))]
	case questionnaire.DateTime:
		return value[:min(len(value), len("2006-01-02T15:04"))]
	}
	return value
}

func (v *View) calculated(it *questionnaire.Item) string {
	if s, ok := v.value[it.Name]; ok {
		return s
	}
	if v.value == nil {
		v.value = map[string]string{}
	}
	v.value[it.Name] = "" // a cycle that slipped through reads as empty
	if len(it.Triggers) > 0 {
		v.value[it.Name] = v.answers[it.Name] // as it was when one of its triggers changed
	} else if it.Calculation != nil {
		v.value[it.Name] = it.Calculation.Eval(v.env(it, v.answers[it.Name])).String()
	}
	return v.value[it.Name]
}

// Answer gives the stored answer of a question that is asked, "" otherwise.
func (v *View) Answer(name string) string {
	if !v.Relevant(name) {
		return ""
	}
	return v.answers[name]
}

// env is what an expression of an item sees; self is the value of ".".
func (v *View) env(it *questionnaire.Item, self string) *expr.Env {
	return &expr.Env{Get: v.Value, LastSaved: v.Earlier, Self: self, Now: v.now, Label: v.label, Table: v.table, Random: v.chance(it.Name),
		Layout: v.logic.Questionnaire.Layout, Context: it.Name}
}

// label serves jr:choice-name: the label of a choice in the default language.
func (v *View) label(question, value string) string {
	it := v.logic.Questionnaire.Question(question)
	if it == nil || it.List == nil {
		return value
	}
	if c := it.List.Choice(value); c != nil {
		text, _ := c.Label.In(v.logic.Questionnaire.Default)
		return text
	}
	return value
}

// Choices gives the choices of a select that its filter lets through.
func (v *View) Choices(it *questionnaire.Item) []*questionnaire.Choice {
	if it.List == nil || it.ChoiceFilter == nil {
		if it.List == nil {
			return nil
		}
		return it.List.Choices
	}
	var out []*questionnaire.Choice
	for _, c := range it.List.Choices {
		env := v.env(it, "")
		env.Column = c.Column
		if it.ChoiceFilter.Eval(env).Bool() {
			out = append(out, c)
		}
	}
	return out
}

// Shown gives the choices in the order in which a page shows them: that of the
// list, or where the question asks for it a random one, of its seed or else of
// the interview (own is its id), the same at every look. Choices that stand for
// no answer keep the end.
func (v *View) Shown(it *questionnaire.Item, own string) []*questionnaire.Choice {
	choices := v.Choices(it)
	if !it.Randomize {
		return choices
	}
	seed := expr.Seed(expr.Text(own + " " + it.Name))
	if it.Seed != nil {
		seed = expr.Seed(it.Seed.Eval(v.env(it, "")))
	}
	var given, apart []*questionnaire.Choice
	for _, c := range choices {
		if c.Missing == questionnaire.Substantive {
			given = append(given, c)
		} else {
			apart = append(apart, c)
		}
	}
	out := make([]*questionnaire.Choice, 0, len(choices))
	for _, i := range expr.Shuffle(len(given), seed) {
		out = append(out, given[i])
	}
	return append(out, apart...)
}

// ReadOnly tells whether a question is shown and cannot be changed.
func (v *View) ReadOnly(it *questionnaire.Item) bool {
	return it.ReadOnly || it.ReadOnlyWhen != nil && it.ReadOnlyWhen.Eval(v.env(it, v.answers[it.Name])).Bool()
}

// holds tells whether a value meets the question's constraint; an empty value does.
func (v *View) holds(it *questionnaire.Item, value string) bool {
	return value == "" || it.Constraint == nil || it.Constraint.Eval(v.env(it, value)).Bool()
}

// asked tells whether an answer is wanted of a question that was left blank.
func (v *View) asked(it *questionnaire.Item) questionnaire.Need {
	if it.RequiredWhen != nil && !it.RequiredWhen.Eval(v.env(it, v.answers[it.Name])).Bool() {
		return questionnaire.Optional
	}
	return it.Need
}

// Visible tells whether a page has anything to show: a relevant question or note.
func (v *View) Visible(p *questionnaire.Page) bool {
	for _, it := range p.Items {
		if shows(it) && v.Relevant(it.Name) {
			return true
		}
	}
	return false
}

// Pages gives the pages that have something to show, in order.
func (v *View) Pages() []*questionnaire.Page {
	var out []*questionnaire.Page
	for _, p := range v.logic.Questionnaire.Pages {
		if v.Visible(p) {
			out = append(out, p)
		}
	}
	return out
}

// Next gives the first visible page after the one of the given key, or the
// first of all for ""; nil when none is left and the review is next.
func (v *View) Next(key string) *questionnaire.Page {
	past := key == ""
	for _, p := range v.logic.Questionnaire.Pages {
		if past && v.Visible(p) {
			return p
		}
		past = past || p.Key == key
	}
	return nil
}

// Previous gives the last visible page before the one of the given key ("" is
// the review), nil where it is the first.
func (v *View) Previous(key string) *questionnaire.Page {
	var before *questionnaire.Page
	for _, p := range v.logic.Questionnaire.Pages {
		if p.Key == key {
			return before
		}
		if v.Visible(p) {
			before = p
		}
	}
	return before
}

// Resume gives the first visible page that was not left forward yet, nil when
// all were and the review is next.
func (v *View) Resume(pages map[string]Visit) *questionnaire.Page {
	for _, p := range v.logic.Questionnaire.Pages {
		if !pages[p.Key].Done && v.Visible(p) {
			return p
		}
	}
	return nil
}

// Applicable counts the questions that are asked and how many of them have an
// answer, "don't know" and "prefer not to say" included.
func (v *View) Applicable() (asked, answered int) {
	for _, it := range v.logic.Questionnaire.Questions {
		if !it.Asks() || !v.Relevant(it.Name) {
			continue
		}
		asked++
		if v.answers[it.Name] != "" {
			answered++
		}
	}
	return asked, answered
}

// shows tells whether an item is something to look at.
func shows(it *questionnaire.Item) bool {
	return !it.Group && !it.Silent()
}

// split gives the names in a select_multiple's or rank's answer.
func split(value string) []string { return strings.Fields(value) }
