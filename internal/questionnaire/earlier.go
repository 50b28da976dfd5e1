package questionnaire

import (
	"slices"
	"strings"

	"panelverk/internal/expr"
	"panelverk/internal/fault"
)

// Prefill gives the question whose earlier answer is offered as the answer to
// this one, where its default is ${last-saved#x} and nothing else; "" otherwise.
// What is offered is no answer until the respondent confirms it.
func (i *Item) Prefill() string {
	if !i.Asks() || i.DefaultExpr == nil || i.DefaultExpr.Root.Op != expr.OpLastSaved {
		return ""
	}
	return i.DefaultExpr.Root.Value
}

// earlier checks the questions whose earlier answers are read.
func (c *compiler) earlier(item *Item, names []string, at fault.Place) {
	for _, name := range names {
		if c.q.byName[name] == nil {
			c.ps.Add(at, "unknown_name", "There is no question named “%s”, whose earlier answer is asked for.%s", name, didYouMean(name, c.names()))
			continue
		}
		if !slices.Contains(c.q.Earlier, name) {
			c.q.Earlier = append(c.q.Earlier, name)
			slices.Sort(c.q.Earlier)
		}
		if item != nil && !slices.Contains(item.LastSaved, name) {
			item.LastSaved = append(item.LastSaved, name)
			slices.Sort(item.LastSaved)
		}
	}
}

// unguarded warns of texts that name an earlier answer although nothing makes
// sure that there is one: whoever is new, or has not shown who they are, would
// read a gap.
func (c *compiler) unguarded(use textUse, at fault.Place, name string) {
	if use.item != nil && c.guards(use.item, name) {
		return
	}
	c.ps.Warn(at, "earlier_unguarded",
		"The text names the earlier answer to “%s”, which is not known of everybody, and would show a gap. Ask only where it is known: relevant = ${%s%s} != ''.",
		name, lastSavedPrefix, name)
}

// guards tells whether the relevance of an item, or of a group around it,
// reads the earlier answer, itself or by a calculation.
func (c *compiler) guards(item *Item, name string) bool {
	for up := item; up != nil; up = up.Parent {
		if up.Relevant == nil {
			continue
		}
		if slices.Contains(up.Relevant.LastSaved(), name) {
			return true
		}
		for _, other := range up.Relevant.Names() {
			if q := c.q.byName[other]; q != nil && q.Calculation != nil && slices.Contains(q.Calculation.LastSaved(), name) {
				return true
			}
		}
	}
	return false
}

// EarlierNamed gives the question of a reference ${last-saved#x} in a text, as
// References gives it; false for any other reference.
func EarlierNamed(reference string) (name string, ok bool) {
	return strings.CutPrefix(reference, lastSavedPrefix)
}
