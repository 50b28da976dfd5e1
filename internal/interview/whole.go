package interview

import (
	"slices"

	"panelverk/internal/expr"
	"panelverk/internal/questionnaire"
)

// Leg is a piece of the way through a questionnaire as the browser walks it: a
// page, or a repeat with the pieces in it and, where the respondent adds the
// instances, its overview. See web/static/form.js, way.
type Leg struct {
	Key    string   `json:"k,omitempty"` // of the page or overview, outside of its instances; "" of a repeat that is counted
	Part   int      `json:"n,omitempty"` // the number of its part
	Items  []string `json:"q,omitempty"` // what the page may show, in order
	Repeat string   `json:"r,omitempty"`
	Legs   []*Leg   `json:"s,omitempty"`
	HTML   string   `json:"h,omitempty"` // the page, drawn by the caller

	Screen *Screen `json:"-"` // nil where Key is ""
}

// Legs gives the way through all pages, in order.
func (l *Logic) Legs() []*Leg { return legs(l.steps) }

func legs(steps []step) []*Leg {
	var out []*Leg
	for _, s := range steps {
		leg := &Leg{Screen: s.screen}
		if s.screen != nil {
			leg.Key, leg.Part = s.screen.Key, s.screen.Part.Number
		}
		if s.repeat != nil {
			leg.Repeat, leg.Legs = s.repeat.Name, legs(s.steps)
		} else {
			for _, it := range s.screen.Page.Items {
				if shows(it) {
					leg.Items = append(leg.Items, it.Name)
				}
			}
		}
		out = append(out, leg)
	}
	return out
}

// Pretended gives the view of an instance that need not be there, with the
// number 1 in every repeat around a page: for who draws the page before there is any.
// Nothing in it is relevant.
func (v *View) Pretended(s *Screen) *View {
	home := v.home(s)
	in := v.root()
	for _, repeat := range chain(home) {
		in = in.instance(repeat, 1, 0)
	}
	return in
}

// Foreseeable tells whether a browser that knows all answers comes to the same
// pages as the server: nothing that is left to chance is still open.
func (v *View) Foreseeable() bool {
	if !v.logic.chancy {
		return true
	}
	for _, it := range v.logic.items {
		for _, e := range everything(it) {
			if !e.Chance() || e == it.Constraint {
				continue
			}
			if it.Type != questionnaire.Calculate || e != it.Calculation || !e.Self() || it.InRepeat() != nil || v.answers[it.Name] == "" {
				return false
			}
		}
	}
	return true
}

var wants = map[questionnaire.Need]string{questionnaire.Asked: "asked", questionnaire.Hard: "hard"}

// complete adds to a rule what a browser needs that has the whole questionnaire
// and no server: how instances are counted, what stands in a field at first,
// and what a change of another answer sets.
func (l *Logic) complete(r *Rule) {
	it := r.item
	switch {
	case it.Repeat:
		r.Most = MostInstances(it)
		r.Own = l.own[l.place[it.Name]]
		r.Count = tree(it.RepeatCount)
	case !it.Group && it.Prefill() == "":
		r.Default, r.Initial = it.Default, tree(it.DefaultExpr)
	}
	if it.Asks() {
		r.Need, r.Prefill = wants[it.Need], it.Prefill()
	}
	if it.ListFrom != nil {
		r.From, r.List = it.ListFrom.Name, ""
	}
	if len(it.Triggers) > 0 {
		r.By, r.Set = it.Triggers, tree(it.Calculation)
	}
	var by []*expr.Expr
	if it.RepeatCount != nil {
		by = append(by, it.RepeatCount)
	}
	if up := it.Parent; up != nil && up.Repeat && l.own[l.place[up.Name]] {
		by = append(by, up.Relevant)
	}
	r.On = append(r.On, names(by...)...)
	if it.ListFrom != nil {
		r.On = append(r.On, it.ListFrom.Name, it.ListFrom.InRepeat().Name)
		if it.ChoiceFilter != nil { // its columns are questions of the repeat
			it.ChoiceFilter.Root.Each(func(n *expr.Node) {
				if l.Questionnaire.Question(n.Value) != nil {
					r.On = append(r.On, n.Value)
				}
			})
		}
	}
	slices.Sort(r.On)
	r.On = slices.Compact(r.On)
}
