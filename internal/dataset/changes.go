package dataset

import (
	"slices"
	"strings"

	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
)

// Change is what differs in one question between two versions that follow on
// each other.
type Change struct {
	Question  string
	Variable  string // what the question fills from To on; of a question that is gone, what it filled
	From, To  Ref
	Kinds     []ChangeKind
	Languages []string // of a wording: the languages in which it differs
	Before    lang.Text
	After     lang.Text
	Added     []string // choices, by name
	Removed   []string
	Relabel   []string
	Same      bool // still the same variable
}

// ChangeKind is one way in which a question can differ.
type ChangeKind string

// The kinds.
const (
	New        ChangeKind = "new"
	Gone       ChangeKind = "gone"
	Wording    ChangeKind = "wording"
	Hint       ChangeKind = "hint"
	Categories ChangeKind = "categories"
	TypeChange ChangeKind = "type"
	Universe   ChangeKind = "universe"
	Constraint ChangeKind = "constraint"
	Need       ChangeKind = "required"
	Order      ChangeKind = "order"
)

// compare gives the changes between each version and the one before it of the
// same questionnaire.
func (d *Dataset) compare(segments []*segment) []Change {
	var out []Change
	before := map[string]Version{}
	for _, v := range d.Versions {
		old, ok := before[v.Key]
		before[v.Key] = v
		if !ok {
			continue
		}
		was, is := positions(old, v), positions(v, old)
		for _, s := range segments {
			a, b := s.in(old.Ref), s.in(v.Ref)
			c := Change{Question: s.question, Variable: s.root, From: old.Ref, To: v.Ref}
			switch {
			case a == nil && b == nil:
				continue
			case a == nil:
				a = old.question(s.question)
				if a == nil {
					c.Kinds, c.After = []ChangeKind{New}, b.Label
					out = append(out, c)
					continue
				}
			case b == nil:
				if v.question(s.question) != nil {
					continue // told where the other variable begins
				}
				c.Kinds, c.Before = []ChangeKind{Gone}, a.Label
				out = append(out, c)
				continue
			default:
				c.Same = true
			}
			c.between(a, b)
			if was[s.question] != is[s.question] {
				c.Kinds = append(c.Kinds, Order)
			}
			if len(c.Kinds) > 0 {
				out = append(out, c)
			}
		}
	}
	return out
}

func (v Version) question(name string) *questionnaire.Item {
	for _, it := range v.Questionnaire.Questions {
		if it.Name == name && exported(it) {
			return it
		}
	}
	return nil
}

// positions gives for every question of v that other asks as well the one of
// these that comes before it.
func positions(v, other Version) map[string]string {
	at, previous := map[string]string{}, ""
	for _, it := range v.Questionnaire.Questions {
		if exported(it) && other.question(it.Name) != nil {
			at[it.Name] = previous
			previous = it.Name
		}
	}
	return at
}

// between fills in what differs from a to b.
func (c *Change) between(a, b *questionnaire.Item) {
	add := func(k ChangeKind, differs bool) {
		if differs {
			c.Kinds = append(c.Kinds, k)
		}
	}
	c.Languages = differing(a.Label, b.Label)
	if len(c.Languages) > 0 {
		c.Before, c.After = a.Label, b.Label
	}
	add(Wording, len(c.Languages) > 0)
	add(Hint, len(differing(a.Hint, b.Hint)) > 0)
	add(TypeChange, a.Type != b.Type)
	was := map[string]*questionnaire.Choice{}
	for _, one := range choices(a) {
		was[one.Name] = one
	}
	for _, one := range choices(b) {
		old := was[one.Name]
		delete(was, one.Name)
		switch {
		case old == nil:
			c.Added = append(c.Added, one.Name)
		case len(differing(old.Label, one.Label)) > 0 || old.Missing != one.Missing:
			c.Relabel = append(c.Relabel, one.Name)
		}
	}
	for _, one := range choices(a) {
		if was[one.Name] != nil {
			c.Removed = append(c.Removed, one.Name)
		}
	}
	add(Categories, len(c.Added)+len(c.Removed)+len(c.Relabel) > 0)
	add(Universe, universe(a) != universe(b))
	add(Constraint, source(a) != source(b))
	add(Need, a.Need != b.Need)
}

func source(it *questionnaire.Item) string {
	if it.Constraint == nil {
		return ""
	}
	return it.Constraint.Source
}

// differing gives the languages in which two texts are not the same, white
// space aside.
func differing(a, b lang.Text) []string {
	var out []string
	for _, tag := range a.Tags() {
		if fold(a[tag]) != fold(b[tag]) {
			out = append(out, tag)
		}
	}
	for _, tag := range b.Tags() {
		if _, both := a[tag]; !both && b[tag] != "" {
			out = append(out, tag)
		}
	}
	slices.Sort(out)
	return out
}

func fold(s string) string { return strings.Join(strings.Fields(s), " ") }
