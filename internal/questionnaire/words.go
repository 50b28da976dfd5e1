package questionnaire

import (
	"strings"

	"panelverk/internal/expr"
	"panelverk/internal/lang"
)

// Words says an expression in the language of t, as far as people write such
// conditions: “noise is “Every day” and hours is more than 2”. What has no plain
// words stays as it is written. tag is the language of the choices' labels; self
// is the question whose answer “.” means.
func (q *Questionnaire) Words(e *expr.Expr, self *Item, tag string, t *lang.Texts) string {
	w := worder{q: q, self: self, tag: tag, t: t}
	return w.say(e.Root, false)
}

type worder struct {
	q    *Questionnaire
	self *Item
	tag  string
	t    *lang.Texts
}

// comparisons names the texts: routing.is.
var comparisons = map[expr.Op]string{
	expr.OpEq: "is", expr.OpNe: "is_not", expr.OpLt: "less", expr.OpLe: "at_most", expr.OpGt: "more", expr.OpGe: "at_least",
}

// say gives the words of a node; inside says that it is a part of another
// condition, and needs parentheses where it has parts of its own.
func (w worder) say(n *expr.Node, inside bool) string {
	switch n.Op {
	case expr.OpAnd, expr.OpOr:
		word := " " + w.t.T("routing.and") + " "
		if n.Op == expr.OpOr {
			word = " " + w.t.T("routing.or") + " "
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
			return w.t.T("routing.answered", "name", name)
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
		return w.self, w.t.T("routing.self")
	}
	return nil, ""
}

func (w worder) comparison(n *expr.Node) string {
	item, name := w.question(n.Args[0])
	if item == nil {
		return n.String()
	}
	says := "routing." + comparisons[n.Op]
	if right := n.Args[1]; right.Op == expr.OpString {
		switch {
		case right.Value != "":
			return w.t.T(says, "name", name, "value", w.t.T("routing.quoted", "text", w.label(item, right.Value)))
		case n.Op == expr.OpEq:
			return w.t.T("routing.blank", "name", name)
		case n.Op == expr.OpNe:
			return w.t.T("routing.answered", "name", name)
		}
	}
	right := n.Args[1].String()
	if other, called := w.question(n.Args[1]); other != nil {
		right = called
	}
	return w.t.T(says, "name", name, "value", right)
}

func (w worder) call(n *expr.Node) string {
	switch {
	case n.Value == "not" && len(n.Args) == 1:
		if says := w.selected(n.Args[0], "routing.is_not", "routing.includes_not"); says != "" {
			return says
		}
		return w.t.T("routing.not", "condition", w.say(n.Args[0], true))
	case n.Value == "true" && len(n.Args) == 0:
		return w.t.T("routing.always")
	case n.Value == "false" && len(n.Args) == 0:
		return w.t.T("routing.never")
	}
	if says := w.selected(n, "routing.is", "routing.includes"); says != "" {
		return says
	}
	return n.String()
}

// selected says selected(${question}, 'choice') with the text of a key, one for
// questions with one answer and one for those with several; "" where the node is
// something else.
func (w worder) selected(n *expr.Node, one, several string) string {
	if n.Op != expr.OpCall || n.Value != "selected" || len(n.Args) != 2 || n.Args[1].Op != expr.OpString {
		return ""
	}
	item, name := w.question(n.Args[0])
	if item == nil {
		return ""
	}
	key := several
	if item.Type == SelectOne {
		key = one
	}
	return w.t.T(key, "name", name, "value", w.t.T("routing.quoted", "text", w.label(item, n.Args[1].Value)))
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
