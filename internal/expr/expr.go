// Package expr is XLSForm's expression language: the subset of XPath 1.0 that
// ODK uses in the columns relevant, constraint, calculation, required, default
// and choice_filter. Parse turns a text into a tree, Check finds what is wrong
// with its names and calls, Eval computes it.
//
// The language is that of the ODK XForms specification (getodk/xforms-spec,
// section "XPath Functions") on top of XPath 1.0. These points of it matter to
// those who call:
//
//   - Values are the lexical strings that XForms stores: "" is "no answer", a
//     select_multiple is its choices with a space between.
//   - Empty is not zero: number(”) is NaN, and every comparison by size with
//     it is false.
//   - A date is a string of the form 2016-10-31. Where a number is wanted it is
//     the number of days since 1970-01-01 on the calendar, so that
//     ". <= today()" and "today() - ${born}" mean what authors mean. A date
//     with a time counts by the wall clock it was written with.
//   - What lies in repeats is a nodeset from outside and one answer from inside
//     the same instance; the Layout says what lies where. Of a nodeset XPath
//     1.0's rules hold: it equals what one of its nodes equals.
//
// A reference to a question is true when it has an answer, as in ODK, and not,
// as in XPath 1.0, whenever the node exists. Names are unique in a form, so that
// a path may leave out groups, and a path without conditions that begins at the
// root means the same as ${name}.
//
// web/static/expr.js computes the JSON of the tree in the browser, with the same
// results: testdata/cases.json and generated expressions hold both to it.
package expr

import (
	"fmt"
	"slices"
)

// Expr is one parsed expression. It is immutable and safe for concurrent use.
type Expr struct {
	Source string
	Root   *Node

	names     []string
	lastSaved []string
	lists     []string
	changes   bool
	self      bool
	chance    bool
	walks     bool
	more      bool
	placed    bool
}

// SyntaxError says where an expression cannot be read, and why.
type SyntaxError struct {
	Offset  int // 1-based, in characters
	Message string
}

// Error gives the message with its place.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("character %d: %s", e.Offset, e.Message)
}

// Parse reads an expression. The error, if any, is a *SyntaxError.
func Parse(source string) (*Expr, error) {
	tokens, err := lex(source)
	if err != nil {
		return nil, err
	}
	p := parser{tokens: tokens}
	root, err := p.whole()
	if err != nil {
		return nil, err
	}
	e := &Expr{Source: source, Root: root}
	e.gather(root, false)
	e.names, e.lastSaved, e.lists = sortedOnce(e.names), sortedOnce(e.lastSaved), sortedOnce(e.lists)
	return e, nil
}

// gather notes what the expression reads. tested says that it stands in a
// predicate on questions, where a bare name is one.
func (e *Expr) gather(n *Node, tested bool) {
	_, inList := n.list()
	switch n.Op {
	case OpRef:
		e.names = append(e.names, n.Value)
	case OpLastSaved:
		e.lastSaved = append(e.lastSaved, n.Value)
	case OpSelf:
		e.self = true
	case OpColumn:
		if tested {
			e.names = append(e.names, n.Value)
		}
	case OpPath:
		if !inList {
			e.names = append(e.names, n.passes()...)
			e.walks = e.walks || n.Value == ""
		}
	case OpCall:
		e.gatherCall(n)
	}
	for i, a := range n.Args {
		inside := tested
		if n.Op == OpPath && a.Op == OpStep || n.Op == OpFilter && i > 0 {
			inside = !inList
		}
		e.gather(a, inside)
	}
}

func (e *Expr) gatherCall(n *Node) {
	e.more = e.more || fewUse[n.Value]
	switch n.Value {
	case "jr:choice-name":
		if name := n.quotedReference(); name != "" {
			e.names = append(e.names, name)
		}
	case "position", "index", "indexed-repeat":
		e.placed = true
	case "instance", "pulldata":
		if len(n.Args) > 0 && n.Args[0].Op == OpString {
			e.lists = append(e.lists, n.Args[0].Value)
		}
	case "today", "now":
		e.changes = true
	case "random", "uuid":
		e.changes, e.chance = true, true
	case "randomize":
		e.changes = e.changes || len(n.Args) < 2
		e.chance = e.chance || len(n.Args) < 2
		e.more = e.more || len(n.Args) > 1
	case "current", "once":
		e.self = true
	case "string", "number", "string-length", "normalize-space":
		e.self = e.self || len(n.Args) == 0
	}
}

func sortedOnce(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// Names gives the questions that the expression reads in this interview,
// sorted, each once: ${name}, the last step of a path such as /data/group/name
// or ../name, the question that jr:choice-name is asked about, and what
// conditions in square brackets compare. The name of a group or repeat stands
// for all that is in it and for how many instances there are; a question in a
// repeat, for its answers in all instances. Nobody writes to the result.
func (e *Expr) Names() []string { return e.names }

// LastSaved gives the questions whose earlier answers are read, by
// ${last-saved#name}, sorted, each once. Nobody writes to the result.
func (e *Expr) LastSaved() []string { return e.lastSaved }

// Lists gives the choice lists and attached files that instance and pulldata
// read, sorted, each once. Nobody writes to the result.
func (e *Expr) Lists() []string { return e.lists }

// Self tells whether the question's own answer is read.
func (e *Expr) Self() bool { return e.self }

// Changes tells whether the value can differ from one evaluation to the next
// although all answers are the same: today, now, random, uuid, and randomize
// without a seed.
func (e *Expr) Changes() bool { return e.changes }

// Chance tells whether it is a matter of chance: random, uuid, and randomize
// without a seed.
func (e *Expr) Chance() bool { return e.chance }

// Walks tells whether a path in it leads through the Layout to more than one
// question can be named by.
func (e *Expr) Walks() bool { return e.walks }

// Placed tells whether it asks in which instances of repeats it stands.
func (e *Expr) Placed() bool { return e.placed }

// More tells whether a browser needs web/static/expr-more.js beside expr.js.
func (e *Expr) More() bool { return e.more }

// String prints the expression in one fixed form, with no more parentheses
// than it needs. Parsing it again gives the same tree.
func (e *Expr) String() string { return e.Root.String() }
