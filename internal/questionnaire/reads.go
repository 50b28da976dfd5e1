package questionnaire

import (
	"slices"

	"panelverk/internal/expr"
)

// Reads gives the questions that somebody answers and whose answers decide what
// a page looks like: what its conditions, filters, limits, defaults and texts
// read, and those of the groups around it, through calculations down to the
// questions. Those of the page itself are not among them. They come in the order
// of the file.
func (q *Questionnaire) Reads(p *Page) []*Item {
	seen := map[string]bool{}
	var follow func(name string)
	take := func(it *Item) {
		for _, name := range it.reads() {
			follow(name)
		}
	}
	follow = func(name string) {
		it := q.byName[name]
		if it == nil || seen[name] {
			return
		}
		seen[name] = true
		if it.Silent() {
			take(it)
		}
		for _, child := range it.Children { // the answers of a group or repeat
			follow(child.Name)
		}
	}
	for _, it := range p.Items {
		for at := it; at != nil; at = at.Parent {
			take(at)
		}
	}
	var out []*Item
	for _, it := range q.Questions {
		if seen[it.Name] && it.Asks() && !slices.Contains(p.Items, it) {
			out = append(out, it)
		}
	}
	return out
}

// reads names what an item's logic and texts read.
func (i *Item) reads() []string {
	names := slices.Concat(i.Triggers, i.LabelReferences)
	for _, e := range []*expr.Expr{i.Relevant, i.Constraint, i.Calculation, i.DefaultExpr, i.ChoiceFilter, i.Seed, i.ReadOnlyWhen, i.RequiredWhen, i.RepeatCount} {
		if e != nil {
			names = append(names, e.Names()...)
		}
	}
	if i.ListFrom != nil {
		names = append(names, i.ListFrom.Name)
	}
	if i.List != nil {
		for _, c := range i.List.Choices {
			for _, text := range c.Label {
				names = append(names, References(text)...)
			}
		}
	}
	return names
}
