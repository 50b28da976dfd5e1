// Package expr is XLSForm's expression language: the subset of XPath 1.0 that
// ODK uses in the columns relevant, constraint, calculation, required, default
// and choice_filter. Parse turns a text into a tree, Check finds what is wrong
// with its names and calls, Eval computes it.
//
// The language is that of the ODK XForms specification (getodk/xforms-spec,
// section "XPath Functions") on top of XPath 1.0. Three points of it matter to
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
//
// A reference to a question is true when it has an answer, as in ODK, and not,
// as in XPath 1.0, whenever the node exists.
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
	root.walk(func(n *Node) {
		switch n.Op {
		case OpRef, OpPath:
			if n.Value != "" {
				e.names = append(e.names, n.Value)
			}
		case OpLastSaved:
			e.lastSaved = append(e.lastSaved, n.Value)
		case OpCall:
			if name := n.quotedReference(); name != "" {
				e.names = append(e.names, name)
			}
		}
	})
	e.names = sortedOnce(e.names)
	e.lastSaved = sortedOnce(e.lastSaved)
	return e, nil
}

func sortedOnce(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// Names gives the questions that the expression reads in this interview,
// sorted, each once: ${name}, the last step of a path such as /data/group/name
// or ../name, and the question that jr:choice-name is asked about. Nobody
// writes to the result.
func (e *Expr) Names() []string { return e.names }

// LastSaved gives the questions whose earlier answers are read, by
// ${last-saved#name}, sorted, each once. Nobody writes to the result.
func (e *Expr) LastSaved() []string { return e.lastSaved }

// String prints the expression in one fixed form, with no more parentheses
// than it needs. Parsing it again gives the same tree.
func (e *Expr) String() string { return e.Root.String() }
