package expr

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// wholePattern compiles a pattern so that it matches the whole text, as ODK's
// regex does. It fails for what Go and JavaScript do not both know, or do not
// take for the same.
func wholePattern(pattern string) (*regexp.Regexp, error) {
	common, err := commonPattern(pattern)
	if err != nil {
		return nil, err
	}
	re, err := regexp.Compile(`^(?:` + common + `)$`)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re, nil
}

// callRegex knows patterns that are written in the form alone: of a computed one
// nobody can tell beforehand whether it can be read.
func callRegex(env *Env, n *Node) Value {
	return Bool(n.pattern != nil && n.pattern.MatchString(n.text(env, 0)))
}

// categories are the Unicode classes for \p{…} that both engines know.
var categories = strings.Fields("L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp")

// escapes are the letters after a backslash that mean one character.
var escapes = map[byte]rune{'t': '\t', 'n': '\n', 'r': '\r', 'f': '\f', 'v': '\v'}

// classes are the letters after a backslash that mean many: written out, since
// the engines differ in what is white space.
var classes = map[byte]string{'d': `0-9`, 'w': `0-9A-Z_a-z`, 's': ` \t\n\f\r`}

// commonPattern writes a pattern anew in words that RE2 and JavaScript (with
// its flag u) take for the same.
func commonPattern(pattern string) (string, error) {
	p := patternReader{rest: pattern}
	if err := p.sequence(); err != nil {
		return "", err
	}
	return p.out.String(), nil
}

type patternReader struct {
	rest string
	out  strings.Builder
}

func (p *patternReader) take() rune {
	r, n := utf8.DecodeRuneInString(p.rest)
	p.rest = p.rest[n:]
	return r
}

// skip takes what comes next if it is this.
func (p *patternReader) skip(text string) bool {
	if !strings.HasPrefix(p.rest, text) {
		return false
	}
	p.rest = p.rest[len(text):]
	return true
}

// literal writes one character that means itself.
func (p *patternReader) literal(r rune, class bool) {
	if strings.ContainsRune(`^$\.*+?()[]{}|/`, r) || class && r == '-' {
		p.out.WriteByte('\\')
	}
	p.out.WriteRune(r)
}

// sequence reads the whole pattern; depth counts the open groups.
func (p *patternReader) sequence() error {
	depth := 0
	repeatable := false // what stands before can be repeated
	for p.rest != "" {
		switch r := p.take(); r {
		case '(':
			if p.skip("?") && !p.skip(":") {
				return errors.New("“(?” begins what browsers and this server do not both know; write “(” or “(?:”")
			}
			p.out.WriteString("(?:")
			depth++
			repeatable = false
		case ')':
			if depth--; depth < 0 {
				return errors.New("a “)” closes nothing")
			}
			p.out.WriteByte(')')
			repeatable = true
		case '|', '^', '$':
			p.out.WriteRune(r)
			repeatable = false
		case '*', '+', '?', '{':
			if r == '{' && !countAhead(p.rest) {
				p.literal(r, false)
				repeatable = true
				continue
			}
			if !repeatable {
				return errors.New("there is nothing before “" + string(r) + "” that could be repeated")
			}
			if err := p.repetition(r); err != nil {
				return err
			}
			repeatable = false
		case '.':
			p.out.WriteString(`[^\n]`)
			repeatable = true
		case '[':
			if err := p.class(); err != nil {
				return err
			}
			repeatable = true
		case '\\':
			var err error
			if repeatable, err = p.escape(); err != nil {
				return err
			}
		default:
			p.literal(r, false)
			repeatable = true
		}
	}
	if depth > 0 {
		return errors.New("a “(” is never closed")
	}
	return nil
}

// countAhead tells whether a count such as 2}, 2,} or 2,3} comes next.
func countAhead(rest string) bool {
	digits, _, closed := strings.Cut(rest, "}")
	low, high, _ := strings.Cut(digits, ",")
	return closed && low != "" && strings.Trim(low, "0123456789") == "" && strings.Trim(high, "0123456789") == ""
}

// repetition writes a quantifier, lazy or not.
func (p *patternReader) repetition(r rune) error {
	p.out.WriteRune(r)
	if r == '{' {
		count, rest, _ := strings.Cut(p.rest, "}")
		low, high, both := strings.Cut(count, ",")
		least, err := strconv.Atoi(low)
		most := least
		if both && high != "" && err == nil {
			most, err = strconv.Atoi(high)
		}
		if err != nil || least > 1000 || most > 1000 || most < least {
			return errors.New("the count “{" + count + "}” is over 1000, or the wrong way round")
		}
		p.out.WriteString(count + "}")
		p.rest = rest
	}
	if p.skip("?") {
		p.out.WriteByte('?')
	}
	return nil
}

// escape reads what follows a backslash outside of a class, and tells whether
// it can be repeated.
func (p *patternReader) escape() (repeatable bool, err error) {
	if p.rest == "" {
		return false, errors.New("it ends with a backslash")
	}
	c := p.rest[0]
	set, many := classes[c|0x20]
	switch {
	case c == 'b' || c == 'B':
		p.rest = p.rest[1:]
		p.out.WriteString(`\` + string(c))
		return false, nil
	case many && c >= 'A':
		p.rest = p.rest[1:]
		if c < 'a' {
			set = "^" + set
		}
		p.out.WriteString("[" + set + "]")
		return true, nil
	case c == 'p' || c == 'P':
		return true, p.category()
	}
	r, err := p.escaped()
	if err == nil {
		p.literal(r, false)
	}
	return true, err
}

// category reads \p{Lu} or \P{Lu} from the p on.
func (p *patternReader) category() error {
	c := p.take()
	name := ""
	if p.skip("{") {
		var closed bool
		if name, p.rest, closed = strings.Cut(p.rest, "}"); !closed {
			name = ""
		}
	}
	if !slices.Contains(categories, name) {
		return errors.New(`after “\` + string(c) + `” stands a class of letters in braces, such as {L}, {Lu} or {N}`)
	}
	p.out.WriteString(`\` + string(c) + "{" + name + "}")
	return nil
}

// escaped reads an escape that means one character, after its backslash.
func (p *patternReader) escaped() (rune, error) {
	if p.rest == "" {
		return 0, errors.New("it ends with a backslash")
	}
	c := p.rest[0]
	digits := map[byte]int{'x': 2, 'u': 4}[c]
	if digits > 0 && len(p.rest) > digits {
		if code, err := strconv.ParseUint(p.rest[1:digits+1], 16, 32); err == nil && (code < 0xd800 || code > 0xdfff) {
			p.rest = p.rest[digits+1:]
			return rune(code), nil //nolint:gosec // four hexadecimal digits at most
		}
	}
	if r, ok := escapes[c]; ok {
		p.rest = p.rest[1:]
		return r, nil
	}
	if c >= utf8.RuneSelf || isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' {
		r, _ := utf8.DecodeRuneInString(p.rest)
		return 0, errors.New(`browsers and this server do not both know “\` + string(r) + "”")
	}
	return p.take(), nil
}

// class reads a class in square brackets, after the first of them.
func (p *patternReader) class() error {
	p.out.WriteByte('[')
	if p.skip("^") {
		p.out.WriteByte('^')
	}
	if p.skip("]") {
		return errors.New("a class “[]” is empty")
	}
	for !p.skip("]") {
		if p.rest == "" {
			return errors.New("a “[” is never closed")
		}
		if strings.HasPrefix(p.rest, "[:") || strings.HasPrefix(p.rest, "[[") || strings.HasPrefix(p.rest, "&&") {
			return errors.New("browsers and this server do not both know “" + p.rest[:2] + "” in a class")
		}
		low, one, err := p.member()
		if err != nil {
			return err
		}
		if !one || !strings.HasPrefix(p.rest, "-") || strings.HasPrefix(p.rest, "-]") {
			continue
		}
		p.rest = p.rest[1:]
		p.out.WriteByte('-')
		high, one, err := p.member()
		if err != nil {
			return err
		}
		if !one || high < low {
			return errors.New("the range from “" + string(low) + "” in a class goes nowhere")
		}
	}
	p.out.WriteByte(']')
	return nil
}

// member reads one character of a class, or a class in it.
func (p *patternReader) member() (r rune, one bool, err error) {
	if p.rest == "" {
		return 0, false, errors.New("a “[” is never closed")
	}
	if !p.skip(`\`) {
		r = p.take()
		p.literal(r, true)
		return r, true, nil
	}
	if p.rest != "" {
		c := p.rest[0]
		if set, many := classes[c]; many {
			p.rest = p.rest[1:]
			p.out.WriteString(set)
			return 0, false, nil
		}
		if c == 'p' || c == 'P' {
			return 0, false, p.category()
		}
	}
	if r, err = p.escaped(); err == nil {
		p.literal(r, true)
	}
	return r, true, err
}
