package questionnaire

import (
	"slices"
	"strings"
)

// order finds the questions that were moved: the fewest that have to be taken
// out so that the rest stands in the same order in both versions.
func (c *comparer) order() {
	place := map[string]int{}
	for i, it := range c.was.q.Questions {
		if it.Asks() {
			place[it.Name] = i
		}
	}
	var names []string
	var places []int
	for _, it := range c.is.q.Questions {
		if at, ok := place[it.Name]; ok && it.Asks() {
			names, places = append(names, it.Name), append(places, at)
		}
	}
	c.moved = map[string]bool{}
	for _, name := range names {
		c.moved[name] = true
	}
	for _, i := range rising(places) {
		delete(c.moved, names[i])
	}
}

// rising gives the indexes of a longest rising subsequence.
func rising(values []int) []int {
	var ends []int // the index of the smallest end of a rising run, by its length
	previous := make([]int, len(values))
	for i, v := range values {
		at, _ := slices.BinarySearchFunc(ends, v, func(end, v int) int { return values[end] - v })
		previous[i] = -1
		if at > 0 {
			previous[i] = ends[at-1]
		}
		if at == len(ends) {
			ends = append(ends, i)
		} else {
			ends[at] = i
		}
	}
	var out []int
	if len(ends) > 0 {
		for i := ends[len(ends)-1]; i >= 0; i = previous[i] {
			out = append(out, i)
		}
	}
	return out
}

// context compares where a question stands: what is asked before it, what is
// asked on the same page, and what stands above it.
func (c *comparer) context(d *Difference) {
	a, b := d.Old, d.New
	if a.Silent() || b.Silent() {
		return // nobody sees where it stands
	}
	if b.Asks() && a.Asks() && a.OtherOf == nil && b.OtherOf == nil {
		if c.moved[b.Name] {
			before, after := nameOf(c.was.before[a]), nameOf(c.is.before[b])
			if before == after { // the one before moved along: say where they all stand
				before, after = c.anchor(c.was, a), c.anchor(c.is, b)
			}
			d.add(Detail{Kind: KindOrder, Aspect: AspectMoved, Before: before, After: after})
		} else {
			d.text(KindOrder, AspectNeighbour, nameOf(c.was.before[a]), nameOf(c.is.before[b]))
		}
		d.text(KindOrder, AspectPage, c.was.mates(a, c.is), c.is.mates(b, c.was))
	}
	for _, level := range []struct {
		kind   ChangeKind
		aspect Aspect
		a, b   []*Item
	}{
		{KindWording, AspectStem, within(c.was.page[a], a), within(c.is.page[b], b)},
		{KindOrder, AspectHeading, above(c.was.page[a], a), above(c.is.page[b], b)},
	} {
		for i := range max(len(level.a), len(level.b)) {
			d.texts(level.kind, level.aspect, "", c.between(labelAt(level.a, i), labelAt(level.b, i)))
		}
	}
}

// anchor names the nearest question before another that was not moved itself.
func (c *comparer) anchor(s *asked, of *Item) string {
	it := s.before[of]
	for it != nil && c.moved[it.Name] {
		it = s.before[it]
	}
	return nameOf(it)
}

func nameOf(it *Item) string {
	if it == nil {
		return ""
	}
	return it.Name
}

// mates names the questions of both versions that are asked at once with a
// question: one that is new or gone on its page makes that no other page.
func (s *asked) mates(of *Item, other *asked) string {
	p := s.page[of]
	if p == nil {
		return ""
	}
	var names []string
	for _, it := range p.Items {
		if it != of && it.Asks() && it.OtherOf == nil && other.byName[it.Name] != nil {
			names = append(names, it.Name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// within gives the groups of a page that a question stands in and that say
// something, the outermost first.
func within(p *Page, it *Item) []*Item {
	var out []*Item
	if p == nil || p.Group == nil {
		return nil
	}
	for up := it.Parent; up != nil; up = up.Parent {
		if !up.Label.Empty() {
			out = append(out, up)
		}
		if up == p.Group {
			break
		}
	}
	slices.Reverse(out)
	return out
}

// above gives the groups around a question's page that say something, the
// outermost first.
func above(p *Page, it *Item) []*Item {
	var out []*Item
	up := it.Parent
	if p != nil && p.Group != nil {
		up = p.Group.Parent
	}
	for ; up != nil; up = up.Parent {
		if !up.Label.Empty() {
			out = append(out, up)
		}
	}
	slices.Reverse(out)
	return out
}

func labelAt(groups []*Item, i int) map[string]string {
	if i >= len(groups) {
		return nil
	}
	return groups[i].Label
}
