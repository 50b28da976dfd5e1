package interview

import (
	"encoding/json"
	"slices"

	"panelverk/internal/expr"
	"panelverk/internal/questionnaire"
)

// Script is what web/static/form.js computes by: the rules of some items, and
// what these look things up in.
type Script struct {
	Items  []*Rule               `json:"items"`
	Lists  map[string][]Option   `json:"lists,omitempty"`
	Tables map[string][][]string `json:"tables,omitempty"` // the header first
	Layout *expr.Layout          `json:"layout,omitempty"`
}

// Rule is one item. Where it leaves something out, that is always the same.
type Rule struct {
	Name       string             `json:"n"`
	Parent     string             `json:"p,omitempty"` // the group that decides with it whether it is asked
	Repeat     bool               `json:"r,omitempty"`
	Type       questionnaire.Type `json:"t,omitempty"` // "" of a group
	List       string             `json:"l,omitempty"`
	Range      []float64          `json:"range,omitempty"`   // start, end, step
	Precise    string             `json:"precise,omitempty"` // of a date: "month" or "year"
	Relevant   *expr.Node         `json:"relevant,omitempty"`
	Filter     *expr.Node         `json:"filter,omitempty"`
	Calc       *expr.Node         `json:"calc,omitempty"` // of a calculation that no trigger holds back
	Initial    *expr.Node         `json:"initial,omitempty"`
	Default    string             `json:"default,omitempty"`
	Constraint *expr.Node         `json:"constraint,omitempty"`
	Required   *expr.Node         `json:"required,omitempty"`
	ReadOnly   *expr.Node         `json:"readonly,omitempty"`
	On         []string           `json:"on,omitempty"`    // what decides whether it is asked, and its value
	See        []string           `json:"see,omitempty"`   // what its other rules read
	Live       bool               `json:"live,omitempty"`  // on a page: the browser knows how it stands, and shows it so
	Timed      bool               `json:"timed,omitempty"` // the clock or chance has a say in it

	// What only the rules of a whole questionnaire have; see complete.
	Need    string     `json:"need,omitempty"`    // what a blank answer calls for: "asked" or "hard"
	Prefill string     `json:"prefill,omitempty"` // the question of an earlier wave whose answer is offered
	Count   *expr.Node `json:"count,omitempty"`   // of a repeat whose instances are counted
	Most    int        `json:"most,omitempty"`    // how many instances it has at most
	Own     bool       `json:"own,omitempty"`     // of a repeat: its relevance differs from instance to instance
	From    string     `json:"from,omitempty"`    // the question whose answers are the choices
	By      []string   `json:"by,omitempty"`      // a change of one of these sets the answer,
	Set     *expr.Node `json:"set,omitempty"`     // to this

	item *questionnaire.Item
}

// Option is one choice of a list.
type Option struct {
	Name    string            `json:"n"`
	Apart   bool              `json:"m,omitempty"` // it stands for no answer
	Label   *string           `json:"l,omitempty"` // in the default language, where an expression wants it
	Columns map[string]string `json:"c,omitempty"` // where an expression reads them
}

// Script gives the rules of the whole questionnaire.
func (l *Logic) Script() *Script {
	s := &Script{Layout: l.Questionnaire.Layout}
	for _, it := range l.items {
		r := rule(it)
		l.complete(r)
		s.Items = append(s.Items, r)
	}
	l.supply(s)
	return s
}

// rule gives all rules of an item.
func rule(it *questionnaire.Item) *Rule {
	r := &Rule{Name: it.Name, Repeat: it.Repeat, item: it, On: deciding(it), See: judging(it)}
	if it.Parent != nil {
		r.Parent = it.Parent.Name
	}
	if it.Group {
		r.Relevant = tree(it.Relevant)
		return r
	}
	r.Type, r.Relevant, r.Filter = it.Type, tree(it.Relevant), tree(it.ChoiceFilter)
	r.Constraint, r.Required, r.ReadOnly = tree(it.Constraint), tree(it.RequiredWhen), tree(it.ReadOnlyWhen)
	if it.List != nil {
		r.List = it.List.Name
	}
	switch {
	case it.Type == questionnaire.Date:
		r.Precise = precise[it.Precision()]
	case it.Type == questionnaire.Range:
		r.Range = []float64{it.RangeStart, it.RangeEnd, it.RangeStep}
	case it.Type == questionnaire.Calculate && len(it.Triggers) == 0:
		r.Calc = tree(it.Calculation)
	case it.Type == questionnaire.Hidden && it.DefaultExpr != nil:
		r.Initial = tree(it.DefaultExpr)
	case it.Type == questionnaire.Hidden:
		r.Default = it.Default
	}
	r.Timed = slices.ContainsFunc(r.expressions(), (*expr.Expr).Changes)
	return r
}

var precise = map[questionnaire.Precision]string{questionnaire.Month: "month", questionnaire.Year: "year"}

func tree(e *expr.Expr) *expr.Node {
	if e == nil {
		return nil
	}
	return e.Root
}

// deciders gives the expressions that decide whether an item is asked and what
// it is worth.
func deciders(it *questionnaire.Item) []*expr.Expr {
	by := []*expr.Expr{it.Relevant, it.ChoiceFilter}
	if it.Type == questionnaire.Calculate && len(it.Triggers) == 0 {
		by = append(by, it.Calculation)
	}
	if it.Type == questionnaire.Hidden {
		by = append(by, it.DefaultExpr)
	}
	return slices.DeleteFunc(by, func(e *expr.Expr) bool { return e == nil })
}

// deciding gives the names that these read: the item's groups are not among them.
func deciding(it *questionnaire.Item) []string { return names(deciders(it)...) }

// judging gives the names that an item's constraint and its further rules read.
func judging(it *questionnaire.Item) []string {
	return names(it.Constraint, it.RequiredWhen, it.ReadOnlyWhen)
}

func names(of ...*expr.Expr) []string {
	var out []string
	for _, e := range of {
		if e != nil {
			out = append(out, e.Names()...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// supply adds the lists and tables that the rules look things up in, and of
// their columns and labels no more than may be read.
func (l *Logic) supply(s *Script) {
	said := map[string]bool{} // every word of the expressions, columns among them
	wanted, looked := map[string]bool{}, map[string]bool{}
	for _, r := range s.Items {
		if r.List != "" {
			wanted[r.List] = true
		}
		for _, e := range r.expressions() {
			e.Root.Each(func(n *expr.Node) { said[n.Value] = true })
			for _, id := range e.Lists() {
				wanted[id], looked[id] = true, true
			}
		}
	}
	for id := range wanted {
		if t, ok := l.Questionnaire.Tables[id]; ok {
			s.addTable(id, t)
		} else if list, ok := l.Questionnaire.Lists[id]; ok {
			s.addList(list, said, looked[id] || said["jr:choice-name"], l.Questionnaire.Default)
		}
	}
}

// More tells whether a browser needs web/static/expr-more.js for one of the rules.
func (s *Script) More() bool {
	return slices.ContainsFunc(s.Items, func(r *Rule) bool { return slices.ContainsFunc(r.expressions(), (*expr.Expr).More) })
}

// expressions gives those that the rule has trees of.
func (r *Rule) expressions() []*expr.Expr {
	var out []*expr.Expr
	for _, of := range []struct {
		tree *expr.Node
		e    *expr.Expr
	}{{r.Relevant, r.item.Relevant}, {r.Filter, r.item.ChoiceFilter}, {r.Calc, r.item.Calculation}, {r.Initial, r.item.DefaultExpr},
		{r.Constraint, r.item.Constraint}, {r.Required, r.item.RequiredWhen}, {r.ReadOnly, r.item.ReadOnlyWhen}, {r.Count, r.item.RepeatCount}, {r.Set, r.item.Calculation}} {
		if of.tree != nil {
			out = append(out, of.e)
		}
	}
	return out
}

func (s *Script) addTable(id string, t *questionnaire.Table) {
	if s.Tables == nil {
		s.Tables = map[string][][]string{}
	}
	s.Tables[id] = append([][]string{t.Header}, t.Rows...)
}

func (s *Script) addList(list *questionnaire.List, columns map[string]bool, labels bool, tag string) {
	if s.Lists == nil {
		s.Lists = map[string][]Option{}
	}
	options := make([]Option, 0, len(list.Choices))
	for _, c := range list.Choices {
		o := Option{Name: c.Name, Apart: c.Missing != questionnaire.Substantive}
		if labels {
			text, _ := c.Label.In(tag)
			o.Label = &text
		}
		for name := range columns {
			if cell, ok := c.Column(name); ok && (name != "name" || cell != c.Name) {
				if o.Columns == nil {
					o.Columns = map[string]string{}
				}
				o.Columns[name] = cell
			}
		}
		options = append(options, o)
	}
	s.Lists[list.Name] = options
}

// JSON gives the script as a page carries it: what HTML takes for a tag is
// written so that it is none.
func (s *Script) JSON() []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // it holds texts, numbers and trees alone
	}
	return b
}

// Codes gives what can be wrong with what is typed into a question of the
// item's type, besides its own rules.
func Codes(it *questionnaire.Item) []string {
	switch it.Type {
	case questionnaire.Integer:
		return []string{notANumber, notWhole, tooBig}
	case questionnaire.Decimal, questionnaire.Range:
		return []string{notANumber, tooBig}
	case questionnaire.Date:
		switch it.Precision() {
		case questionnaire.Month:
			return []string{notAMonth}
		case questionnaire.Year:
			return []string{notAYear}
		}
		return []string{notADate}
	case questionnaire.DateTime:
		return []string{notAMoment}
	case questionnaire.Time:
		return []string{notATime}
	case questionnaire.Geopoint:
		return []string{notAPlace}
	case questionnaire.SelectMultiple:
		return []string{notBoth}
	case questionnaire.Text:
		return []string{tooLong, badCharacters}
	}
	return nil
}

// Zone names the clocks that the study goes by.
func (l *Logic) Zone() string { return l.zone.String() }
