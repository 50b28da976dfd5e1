package questionnaire

import (
	"maps"
	"slices"
	"strings"

	"panelverk/internal/expr"
	"panelverk/internal/fault"
)

// expressions checks every name and call, now that all questions are known.
func (c *compiler) expressions() {
	c.makeLayout()
	names := c.names()
	known := func(name string) bool { return c.q.byName[name] != nil }
	for _, l := range c.logic {
		for _, id := range l.expr.Lists() {
			c.wantList(id, l.at)
		}
		scope, words := expr.Scope{Known: known, Previous: true, Layout: c.q.Layout, List: c.listColumns}, names
		if l.filter {
			filter := c.filters[l.item]
			words = filter.columns
			scope.Column = func(name string) bool { return filter.any || slices.Contains(words, name) }
		}
		for _, issue := range l.expr.Check(scope) {
			at, advice := l.at, ""
			at.Offset = issue.Offset
			if strings.EqualFold(issue.Name, "null") && !l.filter { // a name of nothing, which many forms write for an empty value
				c.ps.Warn(at, "null", "“%s” is empty here. The empty text is written ''.", issue.Name)
				continue
			}
			if issue.Name != "" && slices.Contains(l.expr.Lists(), issue.Name) {
				advice = didYouMean(issue.Name, slices.Sorted(maps.Keys(c.q.Lists)))
			} else if issue.Name != "" {
				advice = didYouMean(issue.Name, words)
			}
			c.ps.Add(at, issue.Code, "%s%s", issue.Message, advice)
		}
		c.earlier(l.item, l.expr.LastSaved(), l.at)
		for _, name := range l.expr.Names() {
			c.unambiguous(name, l.at)
		}
	}
}

// makeLayout writes down how the questions lie in groups and repeats.
func (c *compiler) makeLayout() {
	var entries []expr.Entry
	for _, item := range c.items {
		if c.q.byName[item.Name] != item {
			continue // reported: it has no name of its own
		}
		entry := expr.Entry{Name: item.Name, Repeat: item.Repeat}
		if item.Parent != nil && c.q.byName[item.Parent.Name] == item.Parent {
			entry.Parent = item.Parent.Name
		}
		entries = append(entries, entry)
	}
	layout, err := expr.NewLayout(entries)
	if err != nil { // the names are unique, and parents come first: they are too deep
		c.ps.Add(fault.Place{Sheet: sheetSurvey}, "unsupported", "More than %d repeats lie in each other.", expr.MostRepeats)
		return
	}
	c.q.Layout = layout
}

// unambiguous refuses a reference to a name that several groups use.
func (c *compiler) unambiguous(name string, at fault.Place) {
	if more := c.namesakes[name]; len(more) > 0 && c.q.byName[name] != nil {
		numbers := []int{c.q.byName[name].Row}
		for _, item := range more {
			numbers = append(numbers, item.Row)
		}
		c.ps.Add(at, "ambiguous_name", "${%s} can mean %s. Give these questions different names.", name, rows(numbers...))
	}
}

// lastSavedPrefix stands before the name in a reference to an earlier answer.
const lastSavedPrefix = "last-saved#"

// references checks the ${name} of labels, hints and messages, and keeps them.
func (c *compiler) references() {
	names := c.names()
	for _, use := range c.texts {
		for _, tag := range use.text.Tags() {
			at := use.at
			if _, ok := c.table(at.Sheet).index[use.root+"::"+tag]; ok {
				at.Column = use.root + "::" + tag
			}
			for _, name := range References(use.text[tag]) {
				switch {
				case strings.HasPrefix(name, lastSavedPrefix):
					name = strings.TrimPrefix(name, lastSavedPrefix)
					c.earlier(use.item, []string{name}, at)
					if c.q.byName[name] != nil {
						c.unguarded(use, at, name)
					}
				case c.q.byName[name] == nil:
					c.ps.Add(at, "unknown_name", "There is no question named “%s”, which the text refers to.%s", name, didYouMean(name, names))
				default:
					c.unambiguous(name, at)
					if use.item != nil && !slices.Contains(use.item.LabelReferences, name) {
						use.item.LabelReferences = append(use.item.LabelReferences, name)
					}
				}
			}
		}
		if use.item != nil {
			slices.Sort(use.item.LabelReferences)
		}
	}
}

// cycles finds calculations and conditions that depend on themselves.
func (c *compiler) cycles() {
	needs := make(map[*Item][]*Item)
	for _, l := range c.logic {
		if !l.flow || len(l.item.Triggers) > 0 && l.expr == l.item.Calculation { // made at a change, and not when others are
			continue
		}
		for _, name := range l.expr.Names() {
			if other := c.q.byName[name]; other != nil && !slices.Contains(needs[l.item], other) {
				needs[l.item] = append(needs[l.item], other)
			}
		}
	}
	for _, item := range c.items {
		if item.Parent != nil { // what a group's relevance needs, everything in it needs
			needs[item] = append(needs[item], item.Parent)
		}
	}
	const walking, done = 1, 2
	state := make(map[*Item]int)
	var path []*Item
	var visit func(*Item)
	visit = func(item *Item) {
		state[item] = walking
		path = append(path, item)
		for _, other := range needs[item] {
			switch state[other] {
			case walking:
				c.reportCycle(path[slices.Index(path, other):])
			case 0:
				visit(other)
			}
		}
		path = path[:len(path)-1]
		state[item] = done
	}
	for _, item := range c.items {
		if state[item] == 0 {
			visit(item)
		}
	}
}

func (c *compiler) reportCycle(ring []*Item) {
	first := 0
	for i, item := range ring {
		if item.Row < ring[first].Row {
			first = i
		}
	}
	var steps []string
	var numbers []int
	for i := range ring {
		item := ring[(first+i)%len(ring)]
		steps, numbers = append(steps, item.Name), append(numbers, item.Row)
	}
	steps = append(steps, ring[first].Name)
	slices.Sort(numbers)
	c.ps.Add(fault.Place{Sheet: sheetSurvey, Row: ring[first].Row}, "cycle",
		"The calculations and conditions of %s depend on each other in a circle: %s. Remove one of these references.",
		rows(slices.Compact(numbers)...), strings.Join(steps, " → "))
}

// translations warns of texts that are there in some languages only.
func (c *compiler) translations() {
	if len(c.q.Languages) < 2 {
		return
	}
	for _, use := range c.texts {
		if use.text.Empty() || use.free {
			continue
		}
		for _, tag := range c.q.Languages {
			if use.text[tag] == "" {
				at := use.at
				at.Column = use.root + "::" + tag
				c.ps.Warn(at, "missing_translation", "The %s is not translated to %s.", strings.ReplaceAll(use.root, "_", " "), tag)
			}
		}
	}
}

// checkCounts refuses a name that XLSForm's converter gives to what it adds: how
// many instances a repeat has, where that is no question's answer.
func (c *compiler) checkCounts() {
	t := c.table(sheetSurvey)
	for _, r := range t.sheet.Rows {
		count, name := t.get(r, "repeat_count"), t.get(r, "name")
		if count == "" || questionRef.MatchString(count) {
			continue
		}
		for _, item := range c.items {
			if item.Repeat && item.Row == r.Number {
				if other := c.siblings[sibling{item.Parent, name + "_count"}]; other != nil {
					c.ps.Add(t.at(r, "name"), "duplicate_name", "The name “%s” of row %d is the one that other tools give to the count of this repeat. Choose another.", other.Name, other.Row)
				}
			}
		}
	}
}

// instanceIDName is a question that every form has in other tools, unseen: a
// random word that names the interview.
const instanceIDName = "instanceID"

// instanceID adds that question where something refers to it.
func (c *compiler) instanceID() {
	settings := c.table(sheetSettings)
	if c.q.byName[instanceIDName] != nil || len(settings.sheet.Rows) > 0 && settings.get(settings.sheet.Rows[0], "omit_instanceid") != "" {
		return
	}
	used := slices.ContainsFunc(c.logic, func(l logic) bool { return slices.Contains(l.expr.Names(), instanceIDName) }) ||
		slices.ContainsFunc(c.texts, func(use textUse) bool {
			return slices.ContainsFunc(use.text.Tags(), func(tag string) bool { return slices.Contains(References(use.text[tag]), instanceIDName) })
		})
	if !used {
		return
	}
	item := &Item{Name: instanceIDName, Type: Calculate}
	item.Calculation = c.parse(item, "once(concat('uuid:', uuid()))", fault.Place{Sheet: sheetSurvey}, true)
	c.items = append(c.items, item)
	c.q.byName[item.Name] = item
	c.place(item)
}
