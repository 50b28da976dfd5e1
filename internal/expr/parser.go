package expr

import (
	"strings"
)

// deepest bounds how deep parentheses, calls and predicates may nest.
const deepest = 100

type parser struct {
	tokens []token
	at     int
	depth  int
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != kindEnd {
		p.at++
	}
	return t
}

// mark tells whether the next token is this bracket, comma, dot or slash.
func (p *parser) mark(text string) bool {
	t := p.peek()
	return t.kind == kindMark && t.text == text
}

// second tells whether the token after the next is this mark.
func (p *parser) second(text string) bool {
	if p.at+1 >= len(p.tokens) {
		return false
	}
	t := p.tokens[p.at+1]
	return t.kind == kindMark && t.text == text
}

// whole reads an expression and nothing after it.
func (p *parser) whole() (*Node, error) {
	if p.peek().kind == kindEnd {
		return nil, &SyntaxError{1, "The expression is empty."}
	}
	n, err := p.binary(1)
	if err != nil {
		return nil, err
	}
	t := p.peek()
	switch {
	case t.kind == kindEnd:
		return n, nil
	case t.kind == kindMark && t.text == ")":
		return nil, &SyntaxError{t.pos, "This “)” closes nothing. Remove it, or add a “(” before."}
	case t.kind == kindMark && t.text == ",":
		return nil, &SyntaxError{t.pos, "A comma stands only between the arguments of a function."}
	default:
		return nil, &SyntaxError{t.pos, "An operator such as “and”, “or”, “=” or “+” is missing before this."}
	}
}

// binary reads operands joined by operators that bind at least as strongly as
// floor, by precedence climbing.
func (p *parser) binary(floor int) (*Node, error) {
	left, err := p.unary()
	if err != nil {
		return nil, err
	}
	for {
		t := p.peek()
		if t.kind != kindOp {
			return left, nil
		}
		op := binaries[t.text]
		prec := ops[op].prec
		if prec < floor {
			return left, nil
		}
		p.take()
		var right *Node
		if op == OpUnion {
			right, err = p.path() // binds more strongly than the sign
		} else {
			right, err = p.binary(prec + 1)
		}
		if err != nil {
			return nil, err
		}
		left = &Node{Op: op, Args: []*Node{left, right}, Pos: t.pos}
	}
}

// unary reads any number of signs and then a union of paths.
func (p *parser) unary() (*Node, error) {
	t := p.peek()
	if t.kind != kindOp || t.text != "-" {
		return p.path()
	}
	if err := p.deeper(t); err != nil {
		return nil, err
	}
	defer p.shallower()
	p.take()
	operand, err := p.binary(precNeg + 1) // another sign, or paths joined by “|”
	if err != nil {
		return nil, err
	}
	return &Node{Op: OpNeg, Args: []*Node{operand}, Pos: t.pos}, nil
}

func (p *parser) deeper(t token) error {
	if p.depth++; p.depth > deepest {
		return &SyntaxError{t.pos, "The expression nests too deeply. Split it over several calculations."}
	}
	return nil
}

func (p *parser) shallower() { p.depth-- }

// path reads a primary expression with its predicates and the steps after it,
// or a location path.
func (p *parser) path() (*Node, error) {
	t := p.peek()
	if err := p.deeper(t); err != nil {
		return nil, err
	}
	defer p.shallower()
	primary, err := p.primary()
	if err != nil {
		return nil, err
	}
	if primary == nil {
		return p.location(nil, t.pos)
	}
	if p.mark("[") {
		primary = &Node{Op: OpFilter, Args: []*Node{primary}, Pos: primary.Pos}
		if primary.Args, err = p.predicates(primary.Args); err != nil {
			return nil, err
		}
	}
	if p.mark("/") || p.mark("//") {
		return p.location(primary, t.pos)
	}
	return primary, nil
}

// primary reads a literal, a reference, a call, “.” or a parenthesis; nil where
// a location path begins instead.
func (p *parser) primary() (*Node, error) {
	t := p.peek()
	switch {
	case t.kind == kindEnd:
		return nil, &SyntaxError{t.pos, "The expression ends where a value is expected."}
	case t.kind == kindNumber:
		p.take()
		return &Node{Op: OpNumber, Value: t.text, Pos: t.pos, number: numberOf(t.text)}, nil
	case t.kind == kindText:
		p.take()
		return &Node{Op: OpString, Value: t.text, Pos: t.pos}, nil
	case t.kind == kindRef:
		p.take()
		if name, ok := strings.CutPrefix(t.text, lastSavedPrefix); ok {
			return &Node{Op: OpLastSaved, Value: name, Pos: t.pos}, nil
		}
		return &Node{Op: OpRef, Value: t.text, Pos: t.pos}, nil
	case t.kind == kindName && t.text != "*" && p.second("("):
		return p.call()
	case t.kind == kindOp:
		return nil, &SyntaxError{t.pos, "A value is missing before “" + t.text + "”."}
	case t.kind == kindMark && t.text == ".":
		if p.second("/") || p.second("//") || p.second("[") {
			return nil, nil
		}
		p.take()
		return &Node{Op: OpSelf, Pos: t.pos}, nil
	case t.kind == kindMark && t.text == "(":
		p.take()
		inner, err := p.binary(1)
		if err != nil {
			return nil, err
		}
		return inner, p.close(t, ")")
	case t.kind == kindMark && (t.text == ")" || t.text == "]" || t.text == "," || t.text == "[" || t.text == "::"):
		return nil, &SyntaxError{t.pos, "A value is missing before “" + t.text + "”."}
	}
	return nil, nil
}

// close takes the bracket that ends what open began.
func (p *parser) close(open token, with string) error {
	if p.mark(with) {
		p.take()
		return nil
	}
	t := p.peek()
	if t.kind == kindEnd {
		return &SyntaxError{open.pos, "This “" + open.text + "” is never closed. Add the missing “" + with + "”."}
	}
	if t.kind == kindMark && t.text == "," {
		return &SyntaxError{t.pos, "A comma stands only between the arguments of a function."}
	}
	return &SyntaxError{t.pos, "A “" + with + "” or an operator is expected here."}
}

// call reads a function with its arguments.
func (p *parser) call() (*Node, error) {
	name := p.take()
	open := p.take()
	n := &Node{Op: OpCall, Value: name.text, Pos: name.pos}
	defer n.bind()
	if p.mark(")") {
		p.take()
		return n, nil
	}
	for {
		arg, err := p.binary(1)
		if err != nil {
			return nil, err
		}
		n.Args = append(n.Args, arg)
		if p.mark(",") {
			p.take()
			continue
		}
		if err := p.close(open, ")"); err != nil {
			return nil, err
		}
		n.label()
		return n, nil
	}
}

// label makes jr:itext(instance('list')/root/item[…]/itextId), which is how
// other tools write the translated label of a choice, string(…/label).
func (n *Node) label() {
	if n.Value != "jr:itext" || len(n.Args) != 1 || n.Args[0].Op != OpPath {
		return
	}
	path := n.Args[0]
	if _, ok := path.list(); !ok {
		return
	}
	if last := path.Args[len(path.Args)-1]; last.Op == OpStep && last.Value == "itextId" {
		n.Value, last.Value = "string", "label"
	}
}

func (p *parser) predicates(to []*Node) ([]*Node, error) {
	for p.mark("[") {
		open := p.take()
		inner, err := p.binary(1)
		if err != nil {
			return nil, err
		}
		if err := p.close(open, "]"); err != nil {
			return nil, err
		}
		to = append(to, inner)
	}
	return to, nil
}

// location reads the steps of a path, after base where there is one. A bare
// name alone is a column of the choice, not a path.
func (p *parser) location(base *Node, pos int) (*Node, error) {
	n := &Node{Op: OpPath, Pos: pos}
	empty := func(at int) { n.Args = append(n.Args, &Node{Op: OpStep, Pos: at}) }
	if base != nil {
		n.Args = append(n.Args, base)
	} else if p.mark("/") || p.mark("//") {
		empty(pos)
	}
	for first := len(n.Args) == 0; first || p.mark("/") || p.mark("//"); first = false {
		if !first {
			if slash := p.take(); slash.text == "//" {
				empty(slash.pos)
			}
		}
		step, err := p.step(first)
		if err != nil {
			return nil, err
		}
		n.Args = append(n.Args, step)
	}
	if only := n.Args[0]; len(n.Args) == 1 && len(only.Args) == 0 && isPlainName(only.Value) {
		return &Node{Op: OpColumn, Value: only.Value, Pos: pos}, nil
	}
	n.Value = n.target()
	return n, nil
}

// step reads one step of a path.
func (p *parser) step(first bool) (*Node, error) {
	t := p.peek()
	n := &Node{Op: OpStep, Pos: t.pos}
	switch {
	case t.kind == kindMark && (t.text == "." || t.text == ".."):
		n.Value = p.take().text
	case t.kind == kindMark && t.text == "@":
		p.take()
		name := p.take()
		if name.kind != kindName {
			return nil, &SyntaxError{t.pos, "After “@” stands the name of an attribute."}
		}
		n.Value = "@" + name.text
	case t.kind == kindName:
		n.Value = p.take().text
		if n.Value != "*" && p.mark("::") {
			p.take()
			name := p.take()
			if name.kind != kindName {
				return nil, &SyntaxError{t.pos, "After “::” stands a name."}
			}
			n.Value += "::" + name.text
		} else if !first && n.Value != "*" && p.mark("(") && p.second(")") {
			p.take()
			p.take()
			n.Value += "()"
		}
	case !first && t.kind != kindEnd:
		return nil, &SyntaxError{t.pos, "A “/” leads to a question, not to a value. To divide, write “div”."}
	default:
		return nil, &SyntaxError{t.pos, "A value is missing here."}
	}
	var err error
	n.Args, err = p.predicates(n.Args)
	return n, err
}

func isPlainName(s string) bool { return s != "" && s != "*" && plainNameLength(s) == len(s) }

// target gives the question that a path leads to: its last name, where every
// step is a name or dots and nothing filters. In a questionnaire without
// repeats every question's name is unique, so that the way there is immaterial.
func (n *Node) target() string {
	steps := n.Args
	if base := steps[0]; base.Op != OpStep {
		if base.Op != OpCall || base.Value != "current" || len(base.Args) > 0 {
			return ""
		}
		steps = steps[1:]
	}
	for i, s := range steps {
		plain := isPlainName(s.Value) || s.Value == "." || s.Value == ".." || i == 0 && s.Value == "" && n.Args[0].Op == OpStep
		if !plain || len(s.Args) > 0 {
			return ""
		}
	}
	if last := steps[len(steps)-1].Value; isPlainName(last) {
		return last
	}
	return ""
}
