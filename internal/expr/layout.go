package expr

import (
	"encoding/json"
	"fmt"
)

// MostRepeats bounds how many repeats may lie in each other.
const MostRepeats = 6

// Place says in which instance of each repeat something stands: the index,
// from 1, in the outermost repeat first. Place{} is outside of all repeats.
type Place [MostRepeats]int

// Entry is one question, group or repeat of a form.
type Entry struct {
	Name   string
	Parent string // the group or repeat around it; "" at the top
	Repeat bool
}

// Layout is how the questions of a form lie in its groups and repeats. It is
// immutable and safe for concurrent use.
type Layout struct {
	entries []Entry
	spots   map[string]*spot
}

// spot is where one name lies.
type spot struct {
	parent  string
	repeats []string // those around it, outermost first, itself included where it is one
	repeat  bool
	holds   bool // a group or repeat: it has no answer of its own
}

// NewLayout makes the layout of a form from its entries in the form's order,
// a group before what is in it. It fails where a parent is not known yet, a
// name comes twice, or more than MostRepeats repeats lie in each other.
func NewLayout(entries []Entry) (*Layout, error) {
	l := &Layout{entries: entries, spots: make(map[string]*spot, len(entries))}
	for _, e := range entries {
		if _, twice := l.spots[e.Name]; twice || e.Name == "" {
			return nil, fmt.Errorf("the name %q comes twice, or is empty", e.Name)
		}
		s := &spot{parent: e.Parent, repeat: e.Repeat, holds: e.Repeat}
		if e.Parent != "" {
			p := l.spots[e.Parent]
			if p == nil {
				return nil, fmt.Errorf("%s lies in %s, which is not known", e.Name, e.Parent)
			}
			p.holds = true
			s.repeats = p.repeats
		}
		if e.Repeat {
			if len(s.repeats) == MostRepeats {
				return nil, fmt.Errorf("%s: more than %d repeats lie in each other", e.Name, MostRepeats)
			}
			s.repeats = append(s.repeats[:len(s.repeats):len(s.repeats)], e.Name)
		}
		l.spots[e.Name] = s
	}
	return l, nil
}

// Repeats gives the repeats around a name, outermost first, itself included
// where it is one: as many as its Place has indices. Nobody writes to it.
func (l *Layout) Repeats(name string) []string {
	if s := l.spot(name); s != nil {
		return s.repeats
	}
	return nil
}

// MarshalJSON writes the layout as the browser reads it: one array an entry,
// with name, parent, and 1 for a repeat.
func (l *Layout) MarshalJSON() ([]byte, error) {
	rows := make([][]any, 0, len(l.entries))
	for _, e := range l.entries {
		row := []any{e.Name, e.Parent}
		if e.Repeat {
			row = append(row, 1)
		}
		rows = append(rows, row)
	}
	return json.Marshal(rows)
}

func (l *Layout) spot(name string) *spot {
	if l == nil {
		return nil
	}
	return l.spots[name]
}

// within tells whether a name lies in a group or repeat, however deep; "" is
// the whole form.
func (l *Layout) within(name, group string) bool {
	for s := l.spot(name); s != nil; s = l.spot(s.parent) {
		if s.parent == group {
			return true
		}
	}
	return false
}
