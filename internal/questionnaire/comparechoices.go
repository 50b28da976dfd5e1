package questionnaire

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// learn takes in the codes and the words of an earlier version's choices.
func (c *comparer) learn(q *Questionnaire) {
	if c.codes == nil {
		c.codes, c.labels = NewCodes(), map[string]map[string]*label{}
	}
	c.codes.Add(q)
	pair := sync.OnceValue(func() tongues { return pairTongues(q, c.is.q) })
	for _, it := range q.Questions {
		if it.List == nil {
			continue
		}
		names := c.labels[it.List.Name]
		if names == nil {
			names = map[string]*label{}
			c.labels[it.List.Name] = names
		}
		for _, choice := range it.List.Choices {
			names[choice.Name] = &label{choice, pair}
		}
	}
}

// keyed gives the choices by name. Where one name stands several times, as
// allow_choice_duplicates permits, the further ones get a number.
func keyed(l *List) (keys []string, byKey map[string]*Choice) {
	byKey = make(map[string]*Choice, len(l.Choices))
	times := make(map[string]int)
	for _, choice := range l.Choices {
		key := choice.Name
		if times[key]++; times[key] > 1 {
			key = fmt.Sprintf("%s (%d)", key, times[choice.Name])
		}
		keys, byKey[key] = append(keys, key), choice
	}
	return keys, byKey
}

// choices compares the choices of a question that both versions ask with some.
func (c *comparer) choices(d *Difference) {
	a, b := d.Old.List, d.New.List
	oldKeys, was := keyed(a)
	newKeys, is := keyed(b)
	var common, order []string
	for _, key := range newKeys {
		if was[key] == nil {
			c.added(d, a, is[key])
			continue
		}
		common = append(common, key)
		c.choice(d, a, was[key], is[key])
	}
	for _, key := range oldKeys {
		if is[key] == nil {
			d.add(Detail{Kind: KindCategories, Aspect: AspectRemoved, Choice: key, Before: c.shown(was[key], false)})
		} else {
			order = append(order, key)
		}
	}
	if !slices.Equal(order, common) {
		d.add(Detail{Kind: KindOrder, Aspect: AspectChoiceOrder, Before: strings.Join(order, " "), After: strings.Join(common, " ")})
	}
	if d.Old.Randomize != d.New.Randomize || source(d.Old.Seed) != source(d.New.Seed) {
		d.add(Detail{Kind: KindOrder, Aspect: AspectRandomize, Before: random(d.Old), After: random(d.New)})
	}
}

func random(it *Item) string {
	if !it.Randomize {
		return ""
	}
	return strings.TrimSpace("randomize=true " + source(it.Seed))
}

// shown gives the label of a choice for a reader, in the first language.
func (c *comparer) shown(choice *Choice, new bool) string {
	for _, tag := range c.tags {
		if !new {
			tag = c.old[tag]
		}
		if s := choice.Label[tag]; s != "" {
			return s
		}
	}
	if s, _ := choice.Label.In(""); s != "" {
		return s
	}
	return choice.Name
}

// choice compares a choice that both versions have.
func (c *comparer) choice(d *Difference, list *List, a, b *Choice) {
	d.texts(KindCategories, AspectRelabelled, b.Name, c.between(a.Label, b.Label))
	if a.Missing != b.Missing {
		d.add(Detail{Kind: KindCategories, Aspect: AspectRecoded, Choice: b.Name, Before: c.worth(list, a), After: string(b.Missing)})
	} else if code, ok := c.codes.Of(list.Name, a.Name); ok && b.Code != nil && *b.Code != code && b.Missing == Substantive {
		d.add(Detail{Kind: KindCategories, Aspect: AspectRecoded, Choice: b.Name, Before: strconv.Itoa(code), After: strconv.Itoa(*b.Code)})
		c.taken(d, list, b, *b.Code)
	}
	if a.Missing == Substantive && b.Missing == Substantive {
		c.meaning(d, list, &label{a, func() tongues { return c.tongues }}, b)
	}
	c.media(d, KindCategories, AspectChoiceMedia, b.Name, a.Media, b.Media)
	if !maps.Equal(a.Columns, b.Columns) {
		d.add(Detail{Kind: KindLogic, Aspect: AspectChoiceColumns, Choice: b.Name, Before: choiceCells(a), After: choiceCells(b)})
	}
}

// worth tells what a choice is stored as.
func (c *comparer) worth(list *List, choice *Choice) string {
	if choice.Missing != Substantive {
		return string(choice.Missing)
	}
	code, _ := c.codes.Of(list.Name, choice.Name)
	return strconv.Itoa(code)
}

func choiceCells(choice *Choice) string {
	var all []string
	for name, cell := range choice.Columns {
		all = append(all, name+"="+cell)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// added notes a choice that the version before had not. Its name and its
// number may have been those of another one, then or earlier.
func (c *comparer) added(d *Difference, list *List, b *Choice) {
	d.add(Detail{Kind: KindCategories, Aspect: AspectAdded, Choice: b.Name, After: c.shown(b, true)})
	if b.Missing != Substantive {
		return
	}
	if was := c.labels[list.Name][b.Name]; was != nil && was.choice.Missing == Substantive {
		c.meaning(d, list, was, b)
	}
	if b.Code != nil {
		c.taken(d, list, b, *b.Code)
	}
}

// meaning notes where a name stands for something else than it did: its words
// do, or they are those that another choice had.
func (c *comparer) meaning(d *Difference, list *List, was *label, b *Choice) {
	pair := was.tongues()
	changed := pair.otherMeaning(was.choice.Label, b.Label)
	for _, tag := range pair.tags {
		after := strings.Join(words(b.Label[tag]), " ")
		if after == strings.Join(words(was.choice.Label[pair.old[tag]]), " ") || slices.Contains(changed, tag) {
			continue
		}
		for _, other := range list.Choices {
			if other.Name != b.Name && after != "" && strings.Join(words(other.Label[pair.old[tag]]), " ") == after {
				changed = append(changed, tag)
				break
			}
		}
	}
	code, _ := c.codes.Of(list.Name, was.choice.Name)
	for _, tag := range changed {
		d.reuse(b.Name, tag, fmt.Sprintf("%d = %s", code, was.choice.Label[pair.old[tag]]), fmt.Sprintf("%d = %s", code, b.Label[tag]))
	}
}

// taken notes where the number that a choice is given belongs to another one.
func (c *comparer) taken(d *Difference, list *List, b *Choice, code int) {
	owner := c.codes.Owner(list.Name, code)
	if owner == "" || owner == b.Name {
		return
	}
	was := c.labels[list.Name][owner]
	if was == nil {
		return
	}
	pair := was.tongues()
	if pair.same(was.choice.Label, b.Label) || len(was.choice.Label) > 0 && len(b.Label) > 0 && len(pair.tags) > 0 && len(pair.otherMeaning(was.choice.Label, b.Label)) == 0 {
		d.add(Detail{Kind: KindCategories, Aspect: AspectRenamed, Choice: b.Name, Before: owner, After: b.Name})
		return
	}
	d.reuse(b.Name, "", fmt.Sprintf("%d = %s", code, c.shown(was.choice, false)), fmt.Sprintf("%d = %s", code, c.shown(b, true)))
}

// reuse notes the worst case, once for each choice and language.
func (d *Difference) reuse(choice, tag, before, after string) {
	if slices.ContainsFunc(d.Details, func(x Detail) bool {
		return x.Aspect == AspectReused && x.Choice == choice && (x.Language == tag || tag == "")
	}) {
		return
	}
	d.CodeReused = true
	d.add(Detail{Kind: KindCategories, Aspect: AspectReused, Language: tag, Choice: choice, Before: before, After: after})
}
