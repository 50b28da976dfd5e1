package interview

import (
	"slices"
	"strings"
	"sync"
	"time"

	"panelverk/internal/expr"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
)

// Logic is a questionnaire made ready for interviews: what does not change
// from one interview to the next is worked out once. It is immutable and safe
// for concurrent use.
type Logic struct {
	Questionnaire *questionnaire.Questionnaire
	Files         bool // some question asks for a file

	zone  *time.Location
	place map[string]int // position in items, by name
	items []*questionnaire.Item
	plain []bool // nothing decides whether the item is asked: no relevance, its own or a group's, and no filter of choices

	home      []*questionnaire.Item // the innermost repeat around an item, nil for none
	own       []bool                // of a repeat: whether it is relevant differs from instance to instance
	counted   []*questionnaire.Item // the repeats whose instances are counted
	repeats   bool                  // there are any
	steps     []step                // the way through the pages
	pages     map[string]*Screen    // by key, each outside of its instances
	overviews map[string]*Screen    // by the name of their repeat
	on        map[string]*Screen    // the page of each question, by its name

	chancy bool // some expression is a matter of chance
	web    web
	varies sync.Map // *questionnaire.Page → []bool; see varying
}

// New makes a questionnaire ready for the interviews of a study whose clocks
// go by zone: what today is, is a matter of where one is.
func New(q *questionnaire.Questionnaire, zone *time.Location) *Logic {
	l := &Logic{Questionnaire: q, zone: zone, place: map[string]int{}, pages: map[string]*Screen{}, overviews: map[string]*Screen{}, on: map[string]*Screen{},
		Files: slices.ContainsFunc(q.Questions, (*questionnaire.Item).TakesFile)}
	var walk func(items []*questionnaire.Item, plain bool)
	walk = func(items []*questionnaire.Item, plain bool) {
		for _, it := range items {
			here := plain && it.Relevant == nil
			l.place[it.Name] = len(l.items)
			l.items = append(l.items, it)
			l.plain = append(l.plain, here && it.ChoiceFilter == nil && it.ListFrom == nil)
			l.home = append(l.home, it.InRepeat())
			l.own = append(l.own, it.Repeat && it.Relevant != nil && l.differs(it))
			l.repeats = l.repeats || it.Repeat
			l.chancy = l.chancy || slices.ContainsFunc(everything(it), (*expr.Expr).Chance)
			if it.RepeatCount != nil {
				l.counted = append(l.counted, it)
			}
			walk(it.Children, here)
		}
	}
	walk(q.Items, true)
	l.steps = steps(q.Pages, 0)
	l.index(l.steps)
	l.web = l.newWeb()
	return l
}

// index makes the pages known by their keys and questions.
func (l *Logic) index(steps []step) {
	for _, s := range steps {
		switch {
		case s.repeat != nil:
			l.index(s.steps)
			if s.screen != nil {
				l.overviews[s.repeat.Name] = s.screen
			}
		default:
			l.pages[s.screen.Key] = s.screen
			for _, it := range s.screen.Page.Items {
				l.on[it.Name] = s.screen
			}
		}
	}
}

// differs tells whether the relevance of a repeat may differ from instance to
// instance: it asks for the place of the instance, or for an answer in it.
func (l *Logic) differs(repeat *questionnaire.Item) bool {
	var asks func(n *expr.Node) bool
	asks = func(n *expr.Node) bool {
		return n.Op == expr.OpCall && (n.Value == "position" || n.Value == "index") || slices.ContainsFunc(n.Args, asks)
	}
	return asks(repeat.Relevant.Root) || slices.ContainsFunc(repeat.Relevant.Names(), func(name string) bool {
		for it := l.Questionnaire.Question(name); it != nil; it = it.Parent {
			if it == repeat {
				return true
			}
		}
		return false
	})
}

// PageOf gives the key of the page that a question is asked on, where the view
// stands; "" where it is on none.
func (v *View) PageOf(it *questionnaire.Item) string {
	s := v.logic.on[it.Name]
	if s == nil {
		return ""
	}
	return At(s.Key, v.path)
}

// View is how an interview looks at one moment: which questions are asked and
// what each is worth in an expression. It is not safe for concurrent use.
//
// The view that Look gives stands outside of all repeats; In, Instances and
// Everywhere give views that stand in one instance of a repeat. To such a view a name
// in the repeat means the question of this instance.
type View struct {
	logic   *Logic
	answers map[string]string
	earlier map[string]Earlier // what the interview was told of earlier waves
	now     time.Time
	state   []uint8           // what is known of items[i]
	value   map[string]string // of calculations, once they are known

	repeat *questionnaire.Item // in an instance of which the view stands, nil: in none
	outer  *View               // around it, nil outside of all repeats
	base   expr.Env            // what is the same for all expressions, once one is computed
	path   string              // the numbers of the instances, "" outside of all repeats
	at     expr.Place          // and their positions
	gone   bool                // the instance was removed
	inside map[*questionnaire.Item][]*View
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
	if v.repeat != v.logic.home[i] {
		o := v.owner(v.logic.home[i])
		return o != nil && o.relevant(i)
	}
	if v.gone {
		return false
	}
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
	if up := it.Parent; ok && up != nil && up.Repeat && v.logic.own[v.logic.place[up.Name]] {
		ok = up.Relevant.Eval(v.env(up, "")).Bool()
	}
	if ok && it.Relevant != nil && !v.logic.own[i] {
		ok = it.Relevant.Eval(v.env(it, "")).Bool()
	}
	if ok && (it.ChoiceFilter != nil || it.ListFrom != nil) {
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
	v = v.owner(v.logic.home[i])
	it := v.logic.items[i]
	answer := v.answers[At(name, v.path)]
	switch {
	case it.Group:
		return ""
	case it.Type == questionnaire.Calculate:
		return v.calculated(it)
	case it.Type == questionnaire.Hidden && answer == "":
		return v.Default(it)
	case it.ListFrom != nil:
		return v.named(it, answer)
	}
	return answer
}

// named gives the answers that instances stand for, whose numbers a select
// holds whose choices they are.
func (v *View) named(it *questionnaire.Item, answer string) string {
	var out []string
	for _, path := range split(answer) {
		if in := v.find(it.ListFrom.InRepeat(), path); in != nil {
			out = append(out, in.Value(it.ListFrom.Name))
		}
	}
	return strings.Join(out, " ")
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
		v.value[it.Name] = v.answers[At(it.Name, v.path)] // as it was when one of its triggers changed
	} else if it.Calculation != nil {
		v.value[it.Name] = it.Calculation.Eval(v.env(it, v.answers[At(it.Name, v.path)])).String()
	}
	return v.value[it.Name]
}

// Answer gives the stored answer of a question that is asked, "" otherwise.
func (v *View) Answer(name string) string {
	if !v.Relevant(name) {
		return ""
	}
	return v.answers[v.Key(name)]
}

// env is what an expression of an item sees; self is the value of ".".
func (v *View) env(it *questionnaire.Item, self string) *expr.Env {
	if v.base.Get == nil {
		v.base = expr.Env{Get: v.Value, Now: v.now, Label: v.label, Table: v.table, Layout: v.logic.Questionnaire.Layout}
		if v.earlier != nil {
			v.base.LastSaved = v.Earlier
		}
		if v.logic.repeats {
			v.base.At, v.base.Count, v.base.Here = v.valueAt, v.count, v.at
		}
	}
	env := v.base
	env.Self, env.Context = self, it.Name
	if v.logic.chancy {
		env.Random = v.chance(At(it.Name, v.path))
	}
	return &env
}

// everything gives all expressions of an item.
func everything(it *questionnaire.Item) []*expr.Expr {
	return slices.DeleteFunc([]*expr.Expr{it.Relevant, it.Constraint, it.Calculation, it.DefaultExpr, it.ChoiceFilter, it.RequiredWhen, it.ReadOnlyWhen,
		it.Seed, it.RepeatCount}, func(e *expr.Expr) bool { return e == nil })
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
	if it.ListFrom != nil {
		return v.answered(it)
	}
	if it.List == nil || it.ChoiceFilter == nil {
		if it.List == nil {
			return nil
		}
		return it.List.Choices
	}
	var out []*questionnaire.Choice
	env := v.env(it, "")
	for _, c := range it.List.Choices {
		env.Column = c.Column
		if it.ChoiceFilter.Eval(env).Bool() {
			out = append(out, c)
		}
	}
	return out
}

// answered gives the choices of a select whose choices are the answers to a
// question of a repeat: the name of each is the number of its instance, which
// stays the same when the answer is changed.
func (v *View) answered(it *questionnaire.Item) []*questionnaire.Choice {
	var out []*questionnaire.Choice
	for i, in := range v.all(it.ListFrom.InRepeat()) {
		value := in.Value(it.ListFrom.Name)
		if value == "" {
			continue
		}
		if it.ChoiceFilter != nil {
			env := v.env(it, "")
			env.Position = i + 1
			env.Column = func(name string) (string, bool) { return in.Value(name), v.logic.Questionnaire.Question(name) != nil }
			if !it.ChoiceFilter.Eval(env).Bool() {
				continue
			}
		}
		out = append(out, &questionnaire.Choice{Name: in.path, Label: lang.Text{v.logic.Questionnaire.Default: value}})
	}
	return out
}

// Chosen gives the view of the instance that a choice of a select stands for
// whose choices are the answers to a question of a repeat; nil where there is none.
func (v *View) Chosen(it *questionnaire.Item, choice string) *View {
	if in := v.find(it.ListFrom.InRepeat(), choice); in != nil && !in.gone {
		return in
	}
	return nil
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
	seed := Seed(own, At(it.Name, v.path))
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

// Seed gives by what the choices of a question are shuffled that names no seed
// of its own.
func Seed(own, key string) float64 { return expr.Seed(expr.Text(own + " " + key)) }

// ReadOnly tells whether a question is shown and cannot be changed.
func (v *View) ReadOnly(it *questionnaire.Item) bool {
	return it.ReadOnly || it.ReadOnlyWhen != nil && it.ReadOnlyWhen.Eval(v.env(it, v.answers[At(it.Name, v.path)])).Bool()
}

// holds tells whether a value meets the question's constraint; an empty value does.
func (v *View) holds(it *questionnaire.Item, value string) bool {
	return value == "" || it.Constraint == nil || it.Constraint.Eval(v.env(it, value)).Bool()
}

// asked tells whether an answer is wanted of a question that was left blank.
func (v *View) asked(it *questionnaire.Item) questionnaire.Need {
	if it.RequiredWhen != nil && !it.RequiredWhen.Eval(v.env(it, v.answers[At(it.Name, v.path)])).Bool() {
		return questionnaire.Optional
	}
	return it.Need
}

// Applicable counts the questions that are asked and how many of them have an
// answer, "don't know" and "prefer not to say" included.
func (v *View) Applicable() (asked, answered int) {
	for _, it := range v.logic.Questionnaire.Questions {
		if !it.Asks() {
			continue
		}
		for in := range v.Everywhere(it) {
			if !in.Relevant(it.Name) {
				continue
			}
			asked++
			if v.answers[in.Key(it.Name)] != "" {
				answered++
			}
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
