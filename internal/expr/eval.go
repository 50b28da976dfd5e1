package expr

import (
	"math"
	"time"
)

// Env is what an expression is evaluated against. Every field may be left out;
// what it would give is then empty. It is for one goroutine at a time.
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
	// Position is the choice's place in its list, from 1, in a choice_filter.
	Position int
	// Label gives a choice's label in the respondent's language, for jr:choice-name.
	Label func(question, value string) string
	// Random gives the next number in [0,1) of the interview's own sequence,
	// for random, uuid and randomize without a seed.
	Random func() float64

	// Layout is needed by forms with repeats, and by relative paths.
	Layout *Layout
	// Context is the question, group or repeat that the expression belongs to,
	// and Here in which instances of repeats it is computed.
	Context string
	Here    Place
	// At gives the answer to a question inside repeats, as Get does outside.
	At func(name string, at Place) string
	// Count gives how many instances a repeat has; at says in which instances
	// of the repeats around it.
	Count func(repeat string, at Place) int
	// Table gives a choice list or an attached file for instance and pulldata;
	// nil where there is none of that name. The labels in a choice list are
	// those of the respondent's language.
	Table func(id string) Table
	// Calendar names months and days for format-date; nil: in English.
	Calendar *Calendar

	// what a predicate is tested on
	item           *node
	position, size int
}

// Eval computes the expression. It never fails: what has no value is the empty
// string or NaN.
func (e *Expr) Eval(env *Env) Value {
	if env.item == nil {
		return e.Root.eval(env)
	}
	// Get may compute another expression with the same Env.
	oldItem, oldPosition, oldSize := env.item, env.position, env.size
	env.item, env.position, env.size = nil, 0, 0
	v := e.Root.eval(env)
	env.item, env.position, env.size = oldItem, oldPosition, oldSize
	return v
}

func (n *Node) eval(env *Env) Value {
	switch n.Op {
	case OpString:
		return Text(n.Value)
	case OpNumber:
		return Num(n.number)
	case OpRef:
		return env.ref(n.Value)
	case OpPath:
		return n.path(env)
	case OpFilter:
		return env.value(n.set(env))
	case OpLastSaved:
		if env.LastSaved == nil {
			return Value{}
		}
		return Text(env.LastSaved(n.Value))
	case OpSelf:
		return Text(env.self())
	case OpColumn:
		return n.column(env)
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
		return env.value(n.set(env))
	default: // OpStep alone has no value
		return Value{}
	}
}

// column gives the value of a bare name: a column or a question of what a
// predicate is tested on, else a column of the choice.
func (n *Node) column(env *Env) Value {
	switch {
	case env.item == nil && env.Column == nil:
		return Value{}
	case env.item == nil:
		s, _ := env.Column(n.Value)
		return Text(s)
	case env.item.kind == item:
		s, ok := env.item.rows.Cell(env.item.row, n.Value)
		if !ok {
			return Nodes(nil)
		}
		return Text(s)
	default:
		return env.plain(env.child(nil, env.item, n.Value, false))
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
