package expr

import (
	"fmt"
	"maps"
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
	Known    func(name string) bool // questions, groups and repeats; nil: every name is known
	Column   func(name string) bool // columns of a choice; nil: bare names have no meaning here
	Previous bool                   // ${last-saved#name} may be used
	// Layout is the form's; nil: nothing that needs repeats or groups may be used.
	Layout *Layout
	// List gives the columns of a choice list or attached file, ok where there
	// is one of that name; nil: no lists may be used.
	List func(id string) (column func(name string) bool, ok bool)
}

// Check finds every name, call and construct that has no meaning in the scope,
// in the order of the text.
func (e *Expr) Check(in Scope) []Issue {
	c := checker{in: in, column: in.Column}
	c.node(e.Root)
	slices.SortStableFunc(c.issues, func(a, b Issue) int { return a.Offset - b.Offset })
	return c.issues
}

type checker struct {
	in     Scope
	column func(name string) bool // what a bare name means here
	tested bool                   // in a predicate on questions, where a bare name is one
	inside int                    // how many constructs around that are refused as a whole
	issues []Issue
}

func (c *checker) add(n *Node, code, format string, args ...any) {
	c.issues = append(c.issues, Issue{Offset: n.Pos, Code: code, Message: fmt.Sprintf(format, args...)})
}

// refuse adds that something is not supported, once for a construct.
func (c *checker) refuse(n *Node, format string, args ...any) {
	if c.inside == 0 {
		c.add(n, "unsupported", format, args...)
	}
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
			c.refuse(n, "Earlier answers, ${%s%s}, cannot be used yet.", lastSavedPrefix, n.Value)
		}
	case OpPath, OpFilter:
		refused = !c.path(n)
	case OpColumn:
		c.bare(n)
	case OpCall:
		refused = !c.call(n)
	}
	if refused {
		c.inside++
		defer func() { c.inside-- }()
	}
	for i, a := range n.Args {
		if a.Op == OpStep || n.Op == OpFilter && i > 0 {
			c.predicates(n, a)
			continue
		}
		c.node(a)
	}
}

// predicates checks the predicates of a step, or one of a filter.
func (c *checker) predicates(around, n *Node) {
	old := *c
	c.column, c.tested = nil, true
	if call, ok := around.list(); ok {
		c.column, c.tested = c.columns(call), false
	}
	if n.Op == OpStep {
		for _, p := range n.Args {
			c.node(p)
		}
	} else {
		c.node(n)
	}
	c.column, c.tested = old.column, old.tested
}

// columns gives the columns of the list that instance names.
func (c *checker) columns(call *Node) func(name string) bool {
	anything := func(string) bool { return true }
	if c.in.List == nil || len(call.Args) == 0 || call.Args[0].Op != OpString {
		return anything
	}
	if column, ok := c.in.List(call.Args[0].Value); ok {
		return column
	}
	return anything
}

func (c *checker) known(n *Node, name string) {
	if c.in.Known != nil && !c.in.Known(name) {
		c.unknown(n, name, "There is no question named “%s”.", name)
	}
}

// bare checks a bare name. Where a construct is refused as a whole it may mean
// anything.
func (c *checker) bare(n *Node) {
	switch {
	case c.inside > 0:
	case c.tested:
		c.known(n, n.Value)
	case c.column == nil:
		c.unknown(n, n.Value, "“%s” has no meaning here. A question is written ${%s}, a text '%s'.", n.Value, n.Value, n.Value)
	case !c.column(n.Value):
		c.unknown(n, n.Value, "The choices have no column named “%s”.", n.Value)
	}
}

// path checks the steps of a path or filter, and tells whether it can be
// followed.
func (c *checker) path(n *Node) bool {
	if call, ok := n.list(); ok {
		if c.in.List == nil {
			c.refuse(n, "The function instance cannot be used yet.")
			return false
		}
		return n.Op == OpFilter || c.listPath(n, call)
	}
	if n.Op == OpFilter {
		if c.in.Layout == nil {
			c.refuse(n, "Conditions in square brackets cannot be used.")
		}
		return c.in.Layout != nil
	}
	// Without a layout a path is as good as the question it names. It may lead
	// to what is no question, such as /data/meta/instanceID.
	if n.Value == "" && c.in.Layout == nil || !c.steps(n) {
		c.refuse(n, "The path “%s” cannot be followed. Use ${name}.", n)
		return false
	}
	return true
}

// steps tells whether all steps lead somewhere: names, dots and *, the last
// name and those with predicates being of this form.
func (c *checker) steps(n *Node) bool {
	for _, s := range n.Args {
		if s.Op == OpStep && !isPlainName(s.Value) && s.Value != "" && s.Value != "." && s.Value != ".." && s.Value != "*" {
			return false
		}
	}
	if c.in.Known == nil {
		return true
	}
	for _, name := range n.passes() {
		if !c.in.Known(name) {
			return false
		}
	}
	return true
}

// listPath checks a path of the form instance('list')/root/item[…]/column.
func (c *checker) listPath(n, call *Node) bool {
	steps := n.Args[1:]
	if n.Args[0].Op != OpCall {
		return c.listColumn(steps, call) // (instance(…)/root/item)[…]/column
	}
	if call != n.Args[0] { // randomize(instance(…)/root/item)/column
		return c.listColumn(steps, call)
	}
	if len(steps) > 3 || steps[0].Value != "root" || len(steps[0].Args) > 0 || len(steps) > 1 && steps[1].Value != "item" {
		c.refuse(n, "The path “%s” cannot be followed. Write instance('list')/root/item[…]/column.", n)
		return false
	}
	return len(steps) < 3 || c.listColumn(steps[2:], call)
}

// listColumn checks the last step of a path into a list.
func (c *checker) listColumn(steps []*Node, call *Node) bool {
	s := steps[0]
	if len(steps) > 1 || !isPlainName(s.Value) {
		c.refuse(s, "After a row of a list stands the name of one column.")
		return false
	}
	if !c.columns(call)(s.Value) {
		c.unknown(s, s.Value, "The list has no column named “%s”.", s.Value)
	}
	return true
}

// needsLayout are the functions that have a meaning in a form with a layout alone.
var needsLayout = map[string]bool{"index": true, "indexed-repeat": true, "position": true}

// call checks a call, and tells whether it can be computed.
func (c *checker) call(n *Node) bool {
	if name := n.quotedReference(); name != "" {
		c.known(n.Args[1], name)
	}
	f := functions[n.Value]
	switch {
	case f == nil && notYet[n.Value],
		needsLayout[n.Value] && len(n.Args) > 0 && c.in.Layout == nil,
		(n.Value == "instance" || n.Value == "pulldata") && c.in.List == nil:
		c.refuse(n, "The function %s cannot be used yet.", n.Value)
		return false
	case f == nil:
		if near := nearFunction(n.Value); near != "" {
			c.add(n, "unknown_function", "There is no function %s. Did you mean %s?", n.Value, near)
		} else {
			c.add(n, "unknown_function", "There is no function %s.", n.Value)
		}
	case !f.takes(len(n.Args)):
		c.add(n, "wrong_arguments", "%s takes %s, and here it has %d.", n.Value, f.arity(), len(n.Args))
	default:
		c.arguments(n)
	}
	return true
}

// arguments checks what a function asks of its arguments.
func (c *checker) arguments(n *Node) {
	literal := func(i int) bool { return i < len(n.Args) && n.Args[i].Op == OpString }
	switch n.Value {
	case "regex":
		if !literal(1) {
			c.add(n.Args[1], "bad_regex", "The pattern of regex is written in quotes here, and not computed.")
		} else if n.pattern == nil {
			_, err := wholePattern(n.Args[1].Value)
			c.add(n.Args[1], "bad_regex", "The pattern cannot be read: %s.", err)
		}
	case "weighted-checklist":
		if len(n.Args)%2 != 0 {
			c.add(n, "wrong_arguments", "weighted-checklist takes pairs of an answer and its weight after the first two, and here one is left over.")
		}
	case "digest":
		if literal(1) && digests[n.Args[1].Value] == nil {
			c.add(n.Args[1], "wrong_arguments", "digest knows MD5, SHA-1, SHA-256, SHA-384 and SHA-512.")
		}
		if literal(2) && n.Args[2].Value != "hex" && n.Args[2].Value != "base64" {
			c.add(n.Args[2], "wrong_arguments", "digest writes 'base64' or 'hex'.")
		}
	case "indexed-repeat":
		if len(n.Args)%2 == 0 {
			c.add(n, "wrong_arguments", "indexed-repeat takes a question, and then pairs of a repeat and an index.")
		} else {
			c.references(n, func(i int) bool { return i == 0 || i%2 == 1 })
		}
	case "index":
		c.references(n, func(int) bool { return true })
	case "instance":
		c.list(n)
	case "pulldata":
		column := c.list(n)
		for i := 1; i <= 2; i++ {
			if literal(i) && !column(n.Args[i].Value) {
				c.unknown(n.Args[i], n.Args[i].Value, "The list has no column named “%s”.", n.Args[i].Value)
			}
		}
	}
}

// references checks that arguments are questions or repeats, and not values.
func (c *checker) references(n *Node, wanted func(i int) bool) {
	for i, a := range n.Args {
		name := a.reference()
		if wanted(i) && name == "" {
			c.add(a, "wrong_arguments", "Here %s takes a reference such as ${name}.", n.Value)
		} else if wanted(i) && a.Op == OpString {
			c.known(a, name)
		}
	}
}

// list checks that a call's first argument names a list.
func (c *checker) list(n *Node) (column func(name string) bool) {
	if first := n.Args[0]; first.Op != OpString {
		c.add(first, "wrong_arguments", "Here %s takes the name of a list in quotes.", n.Value)
	} else if _, ok := c.in.List(first.Value); !ok {
		c.unknown(first, first.Value, "There is no list named “%s”.", first.Value)
	}
	return c.columns(n)
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

// Functions gives the names of all functions that can be computed, sorted.
func Functions() []string { return slices.Sorted(maps.Keys(functions)) }

// Arity gives how many arguments a function takes; most is −1 where there is
// no bound, and both are 0 for one that there is not.
func Arity(name string) (least, most int) {
	f := functions[name]
	if f == nil {
		return 0, 0
	}
	return f.min, f.max
}
