package questionnaire

import (
	"strings"

	"panelverk/internal/expr"
)

// Words says an expression in English, as far as people write such conditions:
// “noise is “Every day” and hours is more than 2”. What has no plain words stays
// as it is written. tag is the language of the choices' labels; self is the
// question whose answer “.” means.
func (q *Questionnaire) Words(e *expr.Expr, self *Item, tag string) string {
	w := worder{q: q, self: self, tag: tag}
	return w.say(e.Root, false)
}

type worder struct {
	q    *Questionnaire
	self *Item
	tag  string
}

var comparisons = map[expr.Op]string{
	expr.OpEq: "is", expr.OpNe: "is not", expr.OpLt: "is less than", expr.OpLe: "is at most", expr.OpGt: "is more than", expr.OpGe: "is at least",
}

// say gives the words of a node; inside says that it is a part of another
// condition, and needs parentheses where it has parts of its own.
func (w worder) say(n *expr.Node, inside bool) string {
	switch n.Op {
	case expr.OpAnd, expr.OpOr:
		word := " and "
		if n.Op == expr.OpOr {
			word = " or "
		}
		var parts []string
		for _, a := range n.Args {
			parts = append(parts, w.say(a, a.Op != n.Op))
		}
		if inside {
			return "(" + strings.Join(parts, word) + ")"
		}
		return strings.Join(parts, word)
	case expr.OpEq, expr.OpNe, expr.OpLt, expr.OpLe, expr.OpGt, expr.OpGe:
		return w.comparison(n)
	case expr.OpRef, expr.OpSelf, expr.OpLastSaved:
		if item, name := w.question(n); item != nil {
			return name + " has an answer"
		}
	case expr.OpCall:
		return w.call(n)
	}
	return n.String()
}

// question gives the question that a node refers to, and how it is called.
func (w worder) question(n *expr.Node) (*Item, string) {
	switch {
	case n.Op == expr.OpRef:
		return w.q.byName[n.Value], n.Value
	case n.Op == expr.OpLastSaved:
		return w.q.byName[n.Value], n.Value + " of an earlier wave"
	case n.Op == expr.OpSelf && w.self != nil:
		return w.self, "the answer"
	}
	return nil, ""
}

func (w worder) comparison(n *expr.Node) string {
	item, name := w.question(n.Args[0])
	if item == nil {
		return n.String()
	}
	if right := n.Args[1]; right.Op == expr.OpString {
		switch {
		case right.Value != "":
			return name + " " + comparisons[n.Op] + " “" + w.label(item, right.Value) + "”"
		case n.Op == expr.OpEq:
			return name + " has no answer"
		case n.Op == expr.OpNe:
			return name + " has an answer"
		}
	}
	right := n.Args[1].String()
	if other, called := w.question(n.Args[1]); other != nil {
		right = called
	}
	return name + " " + comparisons[n.Op] + " " + right
}

func (w worder) call(n *expr.Node) string {
	switch {
	case n.Value == "not" && len(n.Args) == 1:
		return "not " + w.say(n.Args[0], true)
	case n.Value == "true" && len(n.Args) == 0:
		return "always"
	case n.Value == "false" && len(n.Args) == 0:
		return "never"
	case n.Value == "selected" && len(n.Args) == 2 && n.Args[1].Op == expr.OpString:
		if item, name := w.question(n.Args[0]); item != nil {
			verb := " includes “"
			if item.Type == SelectOne {
				verb = " is “"
			}
			return name + verb + w.label(item, n.Args[1].Value) + "”"
		}
	}
	return n.String()
}

// label gives a choice as respondents read it.
func (w worder) label(item *Item, value string) string {
	if item.List != nil {
		if choice := item.List.Choice(value); choice != nil {
			if text, _ := choice.Label.In(w.tag, w.q.Default); text != "" {
				return text
			}
		}
	}
	return value
}
