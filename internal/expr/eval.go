package expr

import (
	"math"
	"time"
)

// Env is what an expression is evaluated against. Every field may be left out;
// what it would give is then empty.
type Env struct {
	// Get gives the answer to a question in XForms' lexical form: "" where
	// there is none, the choices of a select_multiple with a space between.
	// Questions that are not relevant are empty: that is the caller's matter.
	Get func(name string) string
	// LastSaved gives the answer to a question in an earlier interview.
	LastSaved func(name string) string
	// Self is the question's own answer, "." in the expression.
	Self string
	// Now is the moment of the operation. Its Location is the study's.
	Now time.Time
	// Column gives a choice's own column, in a choice_filter.
	Column func(name string) (string, bool)
	// Label gives a choice's label in the respondent's language, for jr:choice-name.
	Label func(question, value string) string
	// Random gives the next number in [0,1) of the interview's own sequence,
	// for random and uuid.
	Random func() float64
}

// Eval computes the expression. It never fails: what has no value is the empty
// string or NaN.
func (e *Expr) Eval(env *Env) Value { return e.Root.eval(env) }

func (n *Node) eval(env *Env) Value {
	switch n.Op {
	case OpString:
		return Text(n.Value)
	case OpNumber:
		return Num(n.number)
	case OpRef, OpPath:
		if env.Get == nil || n.Value == "" {
			return Value{}
		}
		return Text(env.Get(n.Value))
	case OpLastSaved:
		if env.LastSaved == nil {
			return Value{}
		}
		return Text(env.LastSaved(n.Value))
	case OpSelf:
		return Text(env.Self)
	case OpColumn:
		if env.Column == nil {
			return Value{}
		}
		s, _ := env.Column(n.Value)
		return Text(s)
	case OpCall:
		if n.call == nil {
			return Value{}
		}
		return n.call.eval(env, n)
	case OpOr:
		return Bool(n.Args[0].eval(env).Bool() || n.Args[1].eval(env).Bool())
	case OpAnd:
		return Bool(n.Args[0].eval(env).Bool() && n.Args[1].eval(env).Bool())
	case OpEq, OpNe, OpLt, OpLe, OpGt, OpGe:
		return Bool(compare(n.Op, n.Args[0].eval(env), n.Args[1].eval(env)))
	case OpAdd, OpSub, OpMul, OpDiv, OpMod:
		return Num(arithmetic(n.Op, n.Args[0].eval(env).Number(), n.Args[1].eval(env).Number()))
	case OpNeg:
		return Num(-n.Args[0].eval(env).Number())
	case OpUnion:
		left, right := n.Args[0].eval(env).List(), n.Args[1].eval(env).List()
		return Nodes(append(append(make([]string, 0, len(left)+len(right)), left...), right...))
	default: // OpStep and OpFilter alone have no value; Check refuses filters
		return Value{}
	}
}

func arithmetic(op Op, a, b float64) float64 {
	switch op {
	case OpAdd:
		return a + b
	case OpSub:
		return a - b
	case OpMul:
		return a * b
	case OpDiv:
		return a / b
	default:
		return math.Mod(a, b)
	}
}

// compare follows XPath 1.0 section 3.4: a nodeset compares true when one of
// its nodes does; by size everything is compared as numbers; for equality a
// boolean makes both booleans, else a number makes both numbers, else they are
// texts.
func compare(op Op, a, b Value) bool {
	if a.kind == Nodeset && b.kind != Boolean {
		for _, s := range a.nodes {
			if compare(op, Text(s), b) {
				return true
			}
		}
		return false
	}
	if b.kind == Nodeset && a.kind != Boolean {
		for _, s := range b.nodes {
			if compare(op, a, Text(s)) {
				return true
			}
		}
		return false
	}
	switch op {
	case OpEq:
		return equal(a, b)
	case OpNe:
		return !equal(a, b)
	case OpLt:
		return a.Number() < b.Number()
	case OpLe:
		return a.Number() <= b.Number()
	case OpGt:
		return a.Number() > b.Number()
	default:
		return a.Number() >= b.Number()
	}
}

func equal(a, b Value) bool {
	switch {
	case a.kind == Boolean || b.kind == Boolean:
		return a.Bool() == b.Bool()
	case a.kind == Number || b.kind == Number:
		return a.Number() == b.Number()
	default:
		return a.String() == b.String()
	}
}
