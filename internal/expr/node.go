package expr

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// Op is what a node of the tree does.
type Op uint8

// The operators. Their texts are what the JSON of a tree says in "op".
const (
	OpString    Op = iota // a literal; Value is the text
	OpNumber              // a literal; Value is as written
	OpRef                 // ${name}; Value is the name
	OpLastSaved           // ${last-saved#name}; Value is the name
	OpSelf                // .
	OpColumn              // a bare name: in choice_filter the choice's own column
	OpPath                // Value is the question it leads to, "" where that is not known; Args are an optional base and the steps
	OpStep                // of a path: a name, "..", ".", "*", "@name", or "" before a leading or doubled slash; Args are predicates
	OpFilter              // Args: an expression and its predicates
	OpCall                // Value is the function's name
	OpOr
	OpAnd
	OpEq
	OpNe
	OpLt
	OpLe
	OpGt
	OpGe
	OpAdd
	OpSub
	OpMul
	OpDiv
	OpMod
	OpNeg
	OpUnion
)

// ops gives each operator its text and how strongly it binds.
var ops = [...]struct {
	text string
	prec int
}{
	OpString: {"string", precPrimary}, OpNumber: {"number", precPrimary}, OpRef: {"ref", precPrimary},
	OpLastSaved: {"last-saved", precPrimary}, OpSelf: {"self", precPrimary}, OpColumn: {"column", precPrimary},
	OpPath: {"path", precPrimary}, OpStep: {"step", precPrimary}, OpFilter: {"filter", precPrimary},
	OpCall: {"call", precPrimary},
	OpOr:   {"or", 1}, OpAnd: {"and", 2},
	OpEq: {"=", 3}, OpNe: {"!=", 3},
	OpLt: {"<", 4}, OpLe: {"<=", 4}, OpGt: {">", 4}, OpGe: {">=", 4},
	OpAdd: {"+", 5}, OpSub: {"-", 5},
	OpMul: {"*", 6}, OpDiv: {"div", 6}, OpMod: {"mod", 6},
	OpNeg: {"neg", precNeg}, OpUnion: {"|", precUnion},
}

const (
	precNeg     = 7
	precUnion   = 8
	precPrimary = 9
)

// binaries are the operators with two operands, by how they are written.
var binaries = map[string]Op{
	"or": OpOr, "and": OpAnd, "=": OpEq, "!=": OpNe, "<": OpLt, "<=": OpLe, ">": OpGt, ">=": OpGe,
	"+": OpAdd, "-": OpSub, "*": OpMul, "div": OpDiv, "mod": OpMod, "|": OpUnion,
}

// String gives the operator's text.
func (o Op) String() string {
	if int(o) < len(ops) {
		return ops[o].text
	}
	return fmt.Sprintf("op(%d)", uint8(o))
}

// MarshalJSON writes the operator's text.
func (o Op) MarshalJSON() ([]byte, error) { return json.Marshal(o.String()) }

// Node is a node of the tree. Its JSON is what the browser evaluates.
type Node struct {
	Op    Op      `json:"op"`
	Value string  `json:"value,omitempty"`
	Args  []*Node `json:"args,omitempty"`
	Pos   int     `json:"-"` // 1-based, in characters of the source
	// Pattern is what a call of regex matches with, written so that Go and
	// JavaScript (with its flag u) take it for the same; "" where it cannot be.
	Pattern string `json:"pattern,omitempty"`

	number  float64        // of OpNumber
	call    *function      // of OpCall; nil where none of that name takes these arguments
	pattern *regexp.Regexp // of a call of regex with a literal pattern
}

// Each calls f with the node and all nodes below it; a nil node has none.
func (n *Node) Each(f func(*Node)) {
	if n == nil {
		return
	}
	f(n)
	for _, a := range n.Args {
		a.Each(f)
	}
}

// list gives the call of instance that a path or filter begins with, if it does.
func (n *Node) list() (call *Node, ok bool) {
	for {
		switch {
		case n.Op == OpCall && n.Value == "instance":
			return n, true
		case n.Op == OpFilter, n.Op == OpPath && n.Args[0].Op != OpStep, n.Op == OpCall && n.Value == "randomize" && len(n.Args) > 0:
			n = n.Args[0]
		default:
			return nil, false
		}
	}
}

// passes gives the names on a path that its nodes depend on: the last, and
// those with predicates.
func (n *Node) passes() []string {
	var names []string
	last := ""
	for _, s := range n.Args {
		if s.Op != OpStep || !isPlainName(s.Value) {
			continue
		}
		last = s.Value
		if len(s.Args) > 0 {
			names = append(names, last)
		}
	}
	if last != "" {
		names = append(names, last)
	}
	return names
}

// quotedReference gives the question that jr:choice-name names in quotes, as
// in jr:choice-name(${q}, '${q}'); "" for every other node.
func (n *Node) quotedReference() string {
	if n.Op != OpCall || n.Value != "jr:choice-name" || len(n.Args) != 2 || n.Args[1].Op != OpString {
		return ""
	}
	return referenceIn(n.Args[1].Value)
}

// reference gives the question, group or repeat that an argument names, by
// ${name}, a path to it, or in quotes; "" where it is something else.
func (n *Node) reference() string {
	switch n.Op {
	case OpRef, OpPath:
		return n.Value
	case OpString:
		return referenceIn(n.Value)
	}
	return ""
}

// referenceIn gives the question's name in "${name}", in a path that ends with
// it, or in a bare name.
func referenceIn(text string) string {
	text = strings.TrimSpace(text)
	if inner, ok := strings.CutPrefix(text, "${"); ok {
		return strings.TrimSpace(strings.TrimSuffix(inner, "}"))
	}
	return strings.TrimSpace(text[strings.LastIndexByte(text, '/')+1:])
}

// String prints the node as source text.
func (n *Node) String() string {
	var b strings.Builder
	n.print(&b, 0)
	return b.String()
}

// print writes the node, in parentheses where it binds less than floor.
func (n *Node) print(b *strings.Builder, floor int) {
	prec := ops[n.Op].prec
	if prec < floor {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	switch n.Op {
	case OpString:
		quote := byte('\'')
		if strings.IndexByte(n.Value, quote) >= 0 {
			quote = '"'
		}
		b.WriteByte(quote)
		b.WriteString(n.Value)
		b.WriteByte(quote)
	case OpRef:
		b.WriteString("${" + n.Value + "}")
	case OpLastSaved:
		b.WriteString("${" + lastSavedPrefix + n.Value + "}")
	case OpSelf:
		b.WriteByte('.')
	case OpNumber, OpColumn:
		b.WriteString(n.Value)
	case OpCall:
		b.WriteString(n.Value)
		b.WriteByte('(')
		for i, a := range n.Args {
			if i > 0 {
				b.WriteString(", ")
			}
			a.print(b, 0)
		}
		b.WriteByte(')')
	case OpPath:
		for i, a := range n.Args {
			if i > 0 {
				b.WriteByte('/')
			}
			if i == 0 && a.Op != OpStep {
				a.printBase(b, a.Op == OpColumn || a.Op == OpSelf || a.Op == OpPath)
			} else {
				a.print(b, precPrimary)
			}
		}
	case OpStep, OpFilter:
		predicates := n.Args
		if n.Op == OpFilter {
			base := n.Args[0]
			base.printBase(b, base.Op == OpColumn || base.Op == OpSelf || base.Op == OpPath || base.Op == OpFilter)
			predicates = n.Args[1:]
		} else {
			b.WriteString(n.Value)
		}
		for _, a := range predicates {
			b.WriteByte('[')
			a.print(b, 0)
			b.WriteByte(']')
		}
	case OpNeg:
		b.WriteByte('-')
		n.Args[0].print(b, prec)
	default:
		n.Args[0].print(b, prec)
		b.WriteString(" " + n.Op.String() + " ")
		n.Args[1].print(b, prec+1)
	}
}

// printBase writes what predicates or steps follow. Some kinds would run
// together with them: (a)[1] is not a[1].
func (n *Node) printBase(b *strings.Builder, enclose bool) {
	if enclose {
		b.WriteByte('(')
		defer b.WriteByte(')')
		n.print(b, 0)
		return
	}
	n.print(b, precPrimary)
}
