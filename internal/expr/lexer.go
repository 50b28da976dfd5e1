package expr

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind uint8

const (
	kindEnd    kind = iota
	kindNumber      // 12, 1.5, .5
	kindText        // 'a' or "a": text is what stands between the quotes
	kindRef         // ${name}: text is the name
	kindName        // a name, with a prefix where it has one
	kindOp          // an operator
	kindMark        // ( ) [ ] , . .. / // @ ::
)

type token struct {
	kind kind
	text string
	pos  int // 1-based, in characters
}

const lastSavedPrefix = "last-saved#"

// longest bounds the length of an expression, in bytes. What people write has
// tens of characters; without a bound a hostile file could cost much memory.
const longest = 20_000

type lexer struct {
	source string
	at     int // byte offset
	pos    int // characters before at, plus one
	out    []token
}

// lex cuts an expression into tokens, the last of which is kindEnd.
func lex(source string) ([]token, error) {
	if len(source) > longest {
		return nil, &SyntaxError{1, "The expression is too long. Split it over several calculations."}
	}
	l := lexer{source: source, pos: 1, out: make([]token, 0, len(source)/3+2)}
	for {
		l.space()
		if l.at == len(l.source) {
			l.out = append(l.out, token{kind: kindEnd, pos: l.pos})
			return l.out, nil
		}
		if err := l.next(); err != nil {
			return nil, err
		}
	}
}

func (l *lexer) space() {
	for l.at < len(l.source) {
		r, size := utf8.DecodeRuneInString(l.source[l.at:])
		if !unicode.IsSpace(r) {
			return
		}
		l.at += size
		l.pos++
	}
}

// emit appends the token that spans the next n bytes.
func (l *lexer) emit(k kind, n int, text string) {
	l.out = append(l.out, token{kind: k, text: text, pos: l.pos})
	l.pos += utf8.RuneCountInString(l.source[l.at : l.at+n])
	l.at += n
}

func (l *lexer) next() error {
	rest := l.source[l.at:]
	c := rest[0]
	switch {
	case c >= '0' && c <= '9', c == '.' && len(rest) > 1 && isDigit(rest[1]):
		l.emit(kindNumber, numberLength(rest), rest[:numberLength(rest)])
		return nil
	case c == '\'' || c == '"':
		end := strings.IndexByte(rest[1:], c)
		if end < 0 {
			return &SyntaxError{l.pos, "This text has no closing " + string(c) + ". Add it."}
		}
		l.emit(kindText, end+2, rest[1:end+1])
		return nil
	case strings.HasPrefix(rest, "${"):
		return l.reference(rest)
	}
	for _, two := range [...]string{"!=", "<=", ">="} {
		if strings.HasPrefix(rest, two) {
			l.emit(kindOp, 2, two)
			return nil
		}
	}
	for _, two := range [...]string{"//", "..", "::"} {
		if strings.HasPrefix(rest, two) {
			l.emit(kindMark, 2, two)
			return nil
		}
	}
	switch c {
	case '=', '<', '>', '+', '-', '|':
		l.emit(kindOp, 1, rest[:1])
		return l.foreign(rest)
	case '*':
		if l.operatorPlace() {
			l.emit(kindOp, 1, "*")
		} else {
			l.emit(kindName, 1, "*")
		}
		return nil
	case '(', ')', '[', ']', ',', '.', '/', '@':
		l.emit(kindMark, 1, rest[:1])
		return nil
	}
	if n := nameLength(rest); n > 0 {
		return l.name(rest[:n])
	}
	return l.stray(rest)
}

// reference reads ${name}.
func (l *lexer) reference(rest string) error {
	end := strings.IndexByte(rest, '}')
	if end < 0 {
		return &SyntaxError{l.pos, "This “${” has no closing “}”. Write ${name}."}
	}
	name := strings.TrimSpace(rest[2:end])
	bare := strings.TrimPrefix(name, lastSavedPrefix)
	if bare == "" || nameLength(bare) != len(bare) || bare == "*" {
		return &SyntaxError{l.pos, "Between “${” and “}” stands the name of one question, such as ${age}."}
	}
	l.emit(kindRef, end+1, name)
	return nil
}

// name emits a name, or the operator that a name is where an operator must
// stand (XPath 1.0, section 3.7).
func (l *lexer) name(name string) error {
	if !l.operatorPlace() {
		l.emit(kindName, len(name), name)
		return nil
	}
	switch name {
	case "and", "or", "div", "mod":
		l.emit(kindOp, len(name), name)
		return nil
	}
	switch strings.ToLower(name) {
	case "and", "or", "div", "mod":
		return &SyntaxError{l.pos, "Operators are written in small letters: " + strings.ToLower(name) + "."}
	}
	return &SyntaxError{l.pos, "An operator such as “and”, “or”, “=” or “+” is missing before “" + name + "”."}
}

// operatorPlace tells whether the next token must be an operator: there is a
// token before it, and that token ends an operand.
func (l *lexer) operatorPlace() bool {
	if len(l.out) == 0 {
		return false
	}
	switch last := l.out[len(l.out)-1]; last.kind {
	case kindOp:
		return false
	case kindMark:
		return last.text == ")" || last.text == "]" || last.text == "." || last.text == ".."
	default:
		return true
	}
}

// foreign refuses the operators of other languages by name.
func (l *lexer) foreign(rest string) error {
	for wrong, right := range map[string]string{"==": "=", "<>": "!=", "=<": "<=", "=>": ">=", "||": "or"} {
		if strings.HasPrefix(rest, wrong) {
			return &SyntaxError{l.pos - 1, "“" + wrong + "” is not an operator here: write “" + right + "”."}
		}
	}
	return nil
}

// stray explains a character that can begin nothing.
func (l *lexer) stray(rest string) error {
	r, _ := utf8.DecodeRuneInString(rest)
	advice := map[rune]string{
		'&': "Write “and”.", '!': "Write “!=” or not(…).", '%': "Write “mod”.", ';': "Arguments are parted by a comma.",
		'$': "A question is written ${name}.", '{': "A question is written ${name}.", '}': "A question is written ${name}.",
		'≤': "Write “<=”.", '≥': "Write “>=”.", '≠': "Write “!=”.", '–': "Write the minus sign “-”.", '×': "Write “*”.",
		'‘': "Write straight quotes: '.", '’': "Write straight quotes: '.", '“': "Write straight quotes: '.", '”': "Write straight quotes: '.",
	}[r]
	return &SyntaxError{l.pos, strings.TrimSpace("“" + string(r) + "” cannot stand here. " + advice)}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// numberLength gives how many bytes a number takes: Digits ('.' Digits?)? | '.' Digits.
func numberLength(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	if n < len(s) && s[n] == '.' {
		n++
		for n < len(s) && isDigit(s[n]) {
			n++
		}
	}
	return n
}

// nameLength gives how many bytes a name with an optional prefix takes.
func nameLength(s string) int {
	n := plainNameLength(s)
	if n == 0 || n+1 >= len(s) || s[n] != ':' {
		return n
	}
	if m := plainNameLength(s[n+1:]); m > 0 {
		return n + 1 + m
	}
	return n
}

// plainNameLength follows NCName of "Namespaces in XML": a letter or “_”,
// then letters, digits, “_”, “-” and “.”.
func plainNameLength(s string) int {
	for i, r := range s {
		switch {
		case r == '_' || unicode.IsLetter(r):
		case i > 0 && (r == '-' || r == '.' || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)):
		default:
			return i
		}
	}
	return len(s)
}
