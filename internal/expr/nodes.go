package expr

import "slices"

// Table is a choice list or an attached file: rows with named columns.
type Table interface {
	Len() int
	// Cell gives one cell, rows counted from 0; ok is false where the row has
	// no such column.
	Cell(row int, column string) (text string, ok bool)
}

type nodeKind uint8

const (
	loose    nodeKind = iota // a text that lies nowhere
	document                 // what is above the root of the answers
	element                  // the root of the answers (name ""), a group, an instance of a repeat, a question
	table                    // what instance('list') gives: above the root of a list
	tableRoot
	item
	cell
)

// node is one node of a nodeset.
type node struct {
	kind nodeKind
	own  bool   // of element: the expression's own question, whose answer is Env.Self
	name string // of element; of cell the column; of loose the text
	at   Place  // of element
	id   string // of what lies in a list: the list
	rows Table
	row  int
}

func (d *node) same(o *node) bool {
	return d.kind == o.kind && d.name == o.name && d.at == o.at && d.id == o.id && d.row == o.row
}

// text gives what a node holds, and whether it holds other nodes instead.
func (d *node) text(env *Env) (text string, holds bool) {
	switch d.kind {
	case loose:
		return d.name, false
	case element:
		if d.own {
			return env.Self, false
		}
		if s := env.Layout.spot(d.name); d.name == "" || s != nil && s.holds {
			return "", true
		}
		return env.answer(d.name, d.at), false
	case cell:
		text, _ := d.rows.Cell(d.row, d.name)
		return text, false
	default:
		return "", true
	}
}

// value makes a nodeset's value of its nodes.
func (env *Env) value(nodes []node) Value {
	v := Value{kind: Nodeset, nodes: make([]string, len(nodes))}
	for i := range nodes {
		text, holds := nodes[i].text(env)
		v.nodes[i] = text
		if holds {
			v.number = 1
		}
	}
	return v
}

// plain gives the value of a reference without conditions: of one node its text.
func (env *Env) plain(nodes []node) Value {
	if len(nodes) == 1 {
		if text, holds := nodes[0].text(env); !holds {
			return Text(text)
		}
	}
	return env.value(nodes)
}

// answer gives the answer to a question at a place.
func (env *Env) answer(name string, at Place) string {
	if at != (Place{}) && env.At != nil {
		return env.At(name, at)
	}
	if env.Get == nil {
		return ""
	}
	return env.Get(name)
}

// shared gives the place of a name as far as the expression's own question
// lies in the same instances, and how many levels that are. Of a repeat, all
// instances are meant.
func (env *Env) shared(s *spot) (at Place, levels int) {
	most := len(s.repeats)
	if s.repeat {
		most--
	}
	if own := env.Layout.spot(env.Context); own != nil {
		most = min(most, len(own.repeats))
		for levels < most && own.repeats[levels] == s.repeats[levels] && env.Here[levels] > 0 {
			at[levels] = env.Here[levels]
			levels++
		}
	}
	return at, levels
}

// ref gives the value of ${name}: one answer where the question is asked once
// or in the expression's own instance of a repeat, else a nodeset.
func (env *Env) ref(name string) Value {
	s := env.Layout.spot(name)
	if s == nil || len(s.repeats) == 0 {
		return Text(env.answer(name, Place{}))
	}
	at, levels := env.shared(s)
	if levels == len(s.repeats) && !s.holds {
		return Text(env.answer(name, at))
	}
	return env.plain(env.expand(nil, name, s, at))
}

// named gives the nodes of ${name}.
func (env *Env) named(name string) []node {
	s := env.Layout.spot(name)
	if s == nil {
		return []node{{kind: element, name: name}}
	}
	at, _ := env.shared(s)
	return env.expand(nil, name, s, at)
}

// expand appends the nodes of a name in all instances of the repeats whose
// index is not set yet.
func (env *Env) expand(to []node, name string, s *spot, at Place) []node {
	level := 0
	for level < len(s.repeats) && at[level] > 0 {
		level++
	}
	if level == len(s.repeats) {
		return append(to, node{kind: element, name: name, at: at})
	}
	if env.Count == nil {
		return to
	}
	for i := range env.Count(s.repeats[level], at) {
		at[level] = i + 1
		to = env.expand(to, name, s, at)
	}
	return to
}

// context is the node that relative paths begin at.
func (env *Env) context() node {
	if env.item != nil {
		return *env.item
	}
	return env.current()
}

// current is the question the expression belongs to.
func (env *Env) current() node {
	return node{kind: element, own: true, name: env.Context, at: env.Here}
}

// set gives the nodes of an expression. What is no nodeset is a loose text.
func (n *Node) set(env *Env) []node {
	switch n.Op {
	case OpRef:
		return env.named(n.Value)
	case OpPath:
		return n.follow(env)
	case OpSelf:
		return []node{env.context()}
	case OpColumn:
		if env.item != nil {
			return env.child(nil, env.item, n.Value, false)
		}
	case OpFilter:
		nodes := n.Args[0].set(env)
		for _, p := range n.Args[1:] {
			nodes = env.filter(nodes, p)
		}
		return nodes
	case OpUnion:
		nodes := n.Args[0].set(env)
		for _, d := range n.Args[1].set(env) {
			if !slices.ContainsFunc(nodes, func(o node) bool { return d.kind != loose && o.same(&d) }) {
				nodes = append(nodes, d)
			}
		}
		return nodes
	case OpCall:
		switch n.Value {
		case "current":
			return []node{env.current()}
		case "instance":
			if rows, id := n.table(env); rows != nil {
				return []node{{kind: table, id: id, rows: rows}}
			}
			return nil
		case "randomize":
			return n.shuffled(env)
		}
	}
	v := n.eval(env)
	nodes := make([]node, 0, 1)
	for _, s := range v.List() {
		nodes = append(nodes, node{kind: loose, name: s})
	}
	return nodes
}

// table gives the list that the first argument of instance or pulldata names.
func (n *Node) table(env *Env) (Table, string) {
	if env.Table == nil || len(n.Args) == 0 {
		return nil, ""
	}
	id := n.text(env, 0)
	return env.Table(id), id
}

// path gives the value of a path.
func (n *Node) path(env *Env) Value {
	if n.Value == "" {
		return env.value(n.follow(env))
	}
	// A path that only names a question outside of all repeats leads there by
	// whatever way: names are unique.
	if s := env.Layout.spot(n.Value); s == nil || len(s.repeats) == 0 {
		return Text(env.answer(n.Value, Place{}))
	}
	return env.plain(n.follow(env))
}

// follow gives the nodes that a path leads to. A path without conditions that
// begins at the root, or that does not fit the layout, means its last name.
func (n *Node) follow(env *Env) []node {
	steps := n.Args
	var nodes []node
	switch first := steps[0]; {
	case first.Op != OpStep:
		nodes, steps = first.set(env), steps[1:]
	case first.Value == "":
		if n.Value != "" {
			return env.named(n.Value)
		}
		nodes, steps = []node{{kind: document}}, steps[1:]
	default:
		nodes = []node{env.context()}
	}
	deep := false
	for _, s := range steps {
		if s.Value == "" { // of a doubled slash
			deep = true
			continue
		}
		nodes = env.step(nodes, s, deep)
		deep = false
		if len(nodes) == 0 {
			break
		}
	}
	if len(nodes) == 0 && n.Value != "" && (env.item == nil || n.Args[0].Op != OpStep) {
		return env.named(n.Value)
	}
	return nodes
}

// step goes one step from every node.
func (env *Env) step(from []node, s *Node, deep bool) []node {
	var to []node
	for i := range from {
		d := &from[i]
		if d.kind == tableRoot && s.Value == "item" && len(s.Args) > 0 {
			to = env.items(to, d, s.Args)
			continue
		}
		var found []node
		switch s.Value {
		case ".":
			found = []node{*d}
		case "..":
			found = env.parent(nil, d)
		case "*":
			found = env.children(d)
		default:
			found = env.child(nil, d, s.Value, deep)
		}
		for _, p := range s.Args {
			found = env.filter(found, p)
		}
		for _, f := range found {
			if s.Value != ".." || !slices.ContainsFunc(to, func(o node) bool { return o.same(&f) }) {
				to = append(to, f)
			}
		}
	}
	return to
}

func (env *Env) parent(to []node, d *node) []node {
	if d.kind != element || d.name == "" {
		return to
	}
	s := env.Layout.spot(d.name)
	if s == nil {
		return to
	}
	up := node{kind: element, name: s.parent}
	if p := env.Layout.spot(s.parent); p != nil {
		copy(up.at[:len(p.repeats)], d.at[:])
	}
	return append(to, up)
}

// child appends the nodes of a name in a node. Groups in between may be left
// out of a path.
func (env *Env) child(to []node, d *node, name string, deep bool) []node {
	switch d.kind {
	case document:
		if !deep {
			return append(to, node{kind: element}) // the root, whatever it is called
		}
		d = &node{kind: element}
	case table:
		if name == "root" {
			return append(to, node{kind: tableRoot, id: d.id, rows: d.rows})
		}
		return to
	case tableRoot:
		if name == "item" {
			for i := range d.rows.Len() {
				to = append(to, node{kind: item, id: d.id, rows: d.rows, row: i})
			}
		}
		return to
	case item:
		if _, ok := d.rows.Cell(d.row, name); ok {
			return append(to, node{kind: cell, name: name, id: d.id, rows: d.rows, row: d.row})
		}
		return to
	case element:
	default:
		return to
	}
	if !env.Layout.within(name, d.name) {
		return to
	}
	return env.expand(to, name, env.Layout.spot(name), d.at)
}

// children gives all nodes directly in a group or repeat.
func (env *Env) children(d *node) []node {
	if d.kind != element || env.Layout == nil {
		return nil
	}
	var to []node
	for _, e := range env.Layout.entries {
		if e.Parent == d.name {
			to = env.expand(to, e.Name, env.Layout.spot(e.Name), d.at)
		}
	}
	return to
}

// filter keeps the nodes for which a predicate holds: a number means the
// position (XPath 1.0, section 2.4).
func (env *Env) filter(nodes []node, p *Node) []node {
	var kept []node
	for i := range nodes {
		if env.holds(&nodes[i], i+1, len(nodes), p) {
			kept = append(kept, nodes[i])
		}
	}
	return kept
}

func (env *Env) holds(d *node, position, size int, p *Node) bool {
	oldItem, oldPosition, oldSize := env.item, env.position, env.size
	env.item, env.position, env.size = d, position, size
	v := p.eval(env)
	env.item, env.position, env.size = oldItem, oldPosition, oldSize
	if v.kind == Number {
		return v.number == float64(position)
	}
	return v.Bool()
}

// items appends the rows of a list that meet all predicates. Lists can be
// long: nothing is kept of the others, and where a column is compared with
// what is the same for all rows, that is computed once.
func (env *Env) items(to []node, root *node, predicates []*Node) []node {
	first, size := predicates[0], root.rows.Len()
	column, other := first.lookup()
	var wanted Value
	if column != "" {
		wanted = other.eval(env)
	}
	var found []node
	d := &node{kind: item, id: root.id, rows: root.rows}
	for d.row = range size {
		if column != "" {
			if text, ok := root.rows.Cell(d.row, column); !ok || !compare(OpEq, Text(text), wanted) {
				continue
			}
		} else if !env.holds(d, d.row+1, size, first) {
			continue
		}
		found = append(found, *d)
	}
	for _, p := range predicates[1:] {
		found = env.filter(found, p)
	}
	return append(to, found...)
}

// lookup takes a predicate of the form column = x apart, where x is a literal
// or ${name}; column is "" for any other.
func (n *Node) lookup() (column string, other *Node) {
	if n.Op != OpEq {
		return "", nil
	}
	left, right := n.Args[0], n.Args[1]
	if left.Op != OpColumn {
		left, right = right, left
	}
	if left.Op != OpColumn || right.Op != OpString && right.Op != OpNumber && right.Op != OpRef {
		return "", nil
	}
	return left.Value, right
}
