package expr

import (
	"fmt"
	"slices"
	"strings"
)

// Issue is something wrong with an expression that can be read.
type Issue struct {
	Offset  int    // 1-based, in characters
	Code    string // unknown_name, unknown_function, wrong_arguments, bad_regex, or unsupported
	Message string
	Name    string // of unknown_name: what is not known
}

// Scope says what an expression may speak of.
type Scope struct {
	Known    func(name string) bool // questions; nil: every name is known
	Column   func(name string) bool // columns of a choice; nil: bare names have no meaning here
	Previous bool                   // ${last-saved#name} may be used
}

// Check finds every name, call and construct that has no meaning in the scope,
// in the order of the text.
func (e *Expr) Check(in Scope) []Issue {
	c := checker{in: in}
	c.node(e.Root)
	slices.SortStableFunc(c.issues, func(a, b Issue) int { return a.Offset - b.Offset })
	return c.issues
}

type checker struct {
	in     Scope
	inside int // how many constructs around that are refused as a whole
	issues []Issue
}

func (c *checker) add(n *Node, code, format string, args ...any) {
	c.issues = append(c.issues, Issue{Offset: n.Pos, Code: code, Message: fmt.Sprintf(format, args...)})
}

// unknown adds an issue about a name.
func (c *checker) unknown(n *Node, name, format string, args ...any) {
	c.add(n, "unknown_name", format, args...)
	c.issues[len(c.issues)-1].Name = name
}

func (c *checker) node(n *Node) {
	refused := false
	switch n.Op {
	case OpRef:
		c.known(n, n.Value)
	case OpLastSaved:
		if !c.in.Previous {
			c.add(n, "unsupported", "Earlier answers, ${%s%s}, cannot be used yet.", lastSavedPrefix, n.Value)
		}
	case OpPath:
		// A path may lead to what is no question, such as /data/meta/instanceID.
		if refused = n.Value == "" || c.in.Known != nil && !c.in.Known(n.Value); refused && c.inside == 0 {
			c.add(n, "unsupported", "The path “%s” cannot be followed. Use ${name}.", n)
		}
	case OpFilter:
		if refused = true; c.inside == 0 {
			c.add(n, "unsupported", "Conditions in square brackets cannot be used.")
		}
	case OpColumn:
		c.column(n)
	case OpCall:
		c.call(n)
	}
	if refused {
		c.inside++
		defer func() { c.inside-- }()
	}
	for _, a := range n.Args {
		c.node(a)
	}
}

func (c *checker) known(n *Node, name string) {
	if c.in.Known != nil && !c.in.Known(name) {
		c.unknown(n, name, "There is no question named “%s”.", name)
	}
}

// column checks a bare name. In the predicate of a path it means a step, and
// the path is refused as a whole.
func (c *checker) column(n *Node) {
	switch {
	case c.inside > 0:
	case c.in.Column == nil:
		c.unknown(n, n.Value, "“%s” has no meaning here. A question is written ${%s}, a text '%s'.", n.Value, n.Value, n.Value)
	case !c.in.Column(n.Value):
		c.unknown(n, n.Value, "The choices have no column named “%s”.", n.Value)
	}
}

func (c *checker) call(n *Node) {
	if name := n.quotedReference(); name != "" {
		c.known(n.Args[1], name)
	}
	f := functions[n.Value]
	switch {
	case f != nil && !f.takes(len(n.Args)):
		c.add(n, "wrong_arguments", "%s takes %s, and here it has %d.", n.Value, f.arity(), len(n.Args))
	case f == nil && notYet[n.Value]:
		if c.inside == 0 {
			c.add(n, "unsupported", "The function %s cannot be used yet.", n.Value)
		}
	case f == nil:
		if near := nearFunction(n.Value); near != "" {
			c.add(n, "unknown_function", "There is no function %s. Did you mean %s?", n.Value, near)
		} else {
			c.add(n, "unknown_function", "There is no function %s.", n.Value)
		}
	case n.Value == "regex" && n.Args[1].Op == OpString && n.pattern == nil:
		_, err := wholePattern(n.Args[1].Value)
		c.add(n.Args[1], "bad_regex", "The pattern cannot be read: %s.", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
}

// takes tells whether a function can have so many arguments.
func (f *function) takes(n int) bool { return n >= f.min && (f.max < 0 || n <= f.max) }

// arity says how many arguments a function takes.
func (f *function) arity() string {
	many := func(n int) string {
		if n == 1 {
			return "1 argument"
		}
		return fmt.Sprintf("%d arguments", n)
	}
	switch {
	case f.max < 0:
		return "at least " + many(f.min)
	case f.min == f.max:
		return many(f.min)
	default:
		return fmt.Sprintf("%d to %s", f.min, many(f.max))
	}
}

// nearFunction finds the function that was probably meant: the same letters
// without regard to case, hyphens and underscores.
func nearFunction(name string) string {
	plain := func(s string) string {
		return strings.ToLower(strings.NewReplacer("-", "", "_", "", "jr:", "").Replace(s))
	}
	best := ""
	for f := range functions {
		if plain(f) == plain(name) && (best == "" || f < best) {
			best = f
		}
	}
	return best
}
