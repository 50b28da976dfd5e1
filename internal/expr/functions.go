package expr

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"unicode/utf8"
)

// function is one entry of the table. Its arguments are evaluated by the
// function itself, so that if and coalesce compute only what they return.
type function struct {
	min, max int // how many arguments; max < 0: any number
	eval     func(env *Env, n *Node) Value
}

// unbounded is the max of a function that takes any number of arguments.
const unbounded = -1

// functions are those that can be computed, by name. The names and arguments
// are those of the ODK XForms specification.
var functions map[string]*function

// The table is filled at start: the functions evaluate nodes, and nodes are
// parsed with the table.
func init() {
	functions = map[string]*function{
		// logic
		"if":                  {3, 3, callIf},
		"coalesce":            {2, unbounded, callCoalesce},
		"current":             {0, 0, func(env *Env, _ *Node) Value { return Text(env.Self) }},
		"once":                {1, 1, callOnce},
		"not":                 {1, 1, func(env *Env, n *Node) Value { return Bool(!n.arg(env, 0).Bool()) }},
		"true":                {0, 0, func(*Env, *Node) Value { return Bool(true) }},
		"false":               {0, 0, func(*Env, *Node) Value { return Bool(false) }},
		"boolean":             {1, 1, func(env *Env, n *Node) Value { return Bool(n.arg(env, 0).Bool()) }},
		"boolean-from-string": {1, 1, callBooleanFromString},
		"checklist":           {2, unbounded, callChecklist},
		"weighted-checklist":  {2, unbounded, callWeightedChecklist},
		// choices
		"selected":       {2, 2, callSelected},
		"selected-at":    {2, 2, callSelectedAt},
		"count-selected": {1, 1, callCountSelected},
		"jr:choice-name": {2, 2, callChoiceName},
		// texts
		"string":          {1, 1, func(env *Env, n *Node) Value { return Text(n.text(env, 0)) }},
		"string-length":   {0, 1, func(env *Env, n *Node) Value { return Num(float64(utf8.RuneCountInString(n.textOrSelf(env)))) }},
		"substr":          {2, 3, callSubstr},
		"concat":          {0, unbounded, func(env *Env, n *Node) Value { return Text(strings.Join(n.texts(env, 0), "")) }},
		"join":            {1, unbounded, func(env *Env, n *Node) Value { return Text(strings.Join(n.texts(env, 1), n.text(env, 0))) }},
		"contains":        {2, 2, func(env *Env, n *Node) Value { return Bool(strings.Contains(n.text(env, 0), n.text(env, 1))) }},
		"starts-with":     {2, 2, func(env *Env, n *Node) Value { return Bool(strings.HasPrefix(n.text(env, 0), n.text(env, 1))) }},
		"ends-with":       {2, 2, func(env *Env, n *Node) Value { return Bool(strings.HasSuffix(n.text(env, 0), n.text(env, 1))) }},
		"normalize-space": {0, 1, func(env *Env, n *Node) Value { return Text(strings.Join(strings.Fields(n.textOrSelf(env)), " ")) }},
		"translate":       {3, 3, callTranslate},
		"regex":           {2, 2, callRegex},
		"uuid":            {0, 0, callUUID},
		// numbers
		"number":          {1, 1, func(env *Env, n *Node) Value { return Num(n.num(env, 0)) }},
		"int":             {1, 1, func(env *Env, n *Node) Value { return Num(math.Trunc(n.num(env, 0))) }},
		"round":           {1, 2, callRound},
		"floor":           {1, 1, func(env *Env, n *Node) Value { return Num(math.Floor(n.num(env, 0))) }},
		"ceiling":         {1, 1, func(env *Env, n *Node) Value { return Num(math.Ceil(n.num(env, 0))) }},
		"abs":             {1, 1, func(env *Env, n *Node) Value { return Num(math.Abs(n.num(env, 0))) }},
		"pow":             {2, 2, func(env *Env, n *Node) Value { return Num(math.Pow(n.num(env, 0), n.num(env, 1))) }},
		"min":             {1, unbounded, func(env *Env, n *Node) Value { return n.fold(env, math.Min) }},
		"max":             {1, unbounded, func(env *Env, n *Node) Value { return n.fold(env, math.Max) }},
		"sum":             {1, unbounded, func(env *Env, n *Node) Value { return n.fold(env, func(a, b float64) float64 { return a + b }) }},
		"count":           {1, 1, func(env *Env, n *Node) Value { return Num(float64(len(n.arg(env, 0).List()))) }},
		"count-non-empty": {1, unbounded, callCountNonEmpty},
		"random":          {0, 0, callRandom},
		// dates
		"today":             {0, 0, callToday},
		"now":               {0, 0, callNow},
		"date":              {1, 1, callDate},
		"date-time":         {1, 1, callDateTime},
		"format-date":       {2, 2, callFormatDate},
		"format-date-time":  {2, 2, callFormatDate},
		"decimal-date-time": {1, 1, func(env *Env, n *Node) Value { return Num(n.num(env, 0)) }},
		"decimal-time":      {1, 1, callDecimalTime},
	}
}

// notYet names the functions of ODK that are not computed.
var notYet = map[string]bool{
	"area": true, "acos": true, "asin": true, "atan": true, "atan2": true, "base64-decode": true, "base64-encode": true,
	"cos": true, "digest": true, "distance": true, "enclosed-area": true, "exp": true, "exp10": true,
	"extract-signed": true, "geofence": true, "id": true, "indexed-repeat": true, "instance": true, "intersects": true,
	"last": true, "local-name": true, "log": true, "log10": true, "name": true, "namespace-uri": true,
	"pi": true, "position": true, "property": true, "pulldata": true, "randomize": true, "search": true, "sin": true,
	"sqrt": true, "substring": true, "substring-after": true, "substring-before": true, "tan": true, "version": true,
	"lang": true,
}

func (n *Node) arg(env *Env, i int) Value   { return n.Args[i].eval(env) }
func (n *Node) text(env *Env, i int) string { return n.Args[i].eval(env).String() }
func (n *Node) num(env *Env, i int) float64 { return n.Args[i].eval(env).Number() }

// textOrSelf gives the only argument, or the question's own answer without one.
func (n *Node) textOrSelf(env *Env) string {
	if len(n.Args) == 0 {
		return env.Self
	}
	return n.text(env, 0)
}

// texts gives the arguments from one on, nodesets node by node.
func (n *Node) texts(env *Env, from int) []string {
	out := make([]string, 0, len(n.Args))
	for _, a := range n.Args[from:] {
		if v := a.eval(env); v.kind == Nodeset {
			out = append(out, v.nodes...)
		} else {
			out = append(out, v.String())
		}
	}
	return out
}

// fold joins all arguments as numbers. An empty answer is NaN, and so is the
// result: leave it out with coalesce or if.
func (n *Node) fold(env *Env, join func(a, b float64) float64) Value {
	first, result := true, math.NaN()
	add := func(f float64) {
		if first {
			first, result = false, f
		} else {
			result = join(result, f)
		}
	}
	for _, a := range n.Args {
		v := a.eval(env)
		if v.kind != Nodeset {
			add(v.Number())
		}
		for _, s := range v.nodes {
			add(numberOf(s))
		}
	}
	return Num(result)
}

func callIf(env *Env, n *Node) Value {
	if n.arg(env, 0).Bool() {
		return n.arg(env, 1)
	}
	return n.arg(env, 2)
}

func callCoalesce(env *Env, n *Node) Value {
	for i := range n.Args {
		if v := n.arg(env, i); v.String() != "" {
			return v
		}
	}
	return Value{}
}

// callOnce keeps the answer that is there.
func callOnce(env *Env, n *Node) Value {
	if env.Self != "" {
		return Text(env.Self)
	}
	return n.arg(env, 0)
}

func callBooleanFromString(env *Env, n *Node) Value {
	s := n.text(env, 0)
	return Bool(s == "1" || strings.EqualFold(s, "true"))
}

// callChecklist tells whether the number of true arguments lies between the
// first two; −1 is no bound.
func callChecklist(env *Env, n *Node) Value {
	sum := 0.0
	for _, a := range n.Args[2:] {
		if a.eval(env).Bool() {
			sum++
		}
	}
	return within(sum, n.num(env, 0), n.num(env, 1))
}

// callWeightedChecklist adds up the weights that follow true arguments.
func callWeightedChecklist(env *Env, n *Node) Value {
	sum := 0.0
	for i := 2; i+1 < len(n.Args); i += 2 {
		if n.arg(env, i).Bool() {
			sum += n.num(env, i+1)
		}
	}
	return within(sum, n.num(env, 0), n.num(env, 1))
}

func within(f, low, high float64) Value {
	return Bool((low == -1 || f >= low) && (high == -1 || f <= high))
}

func callSelected(env *Env, n *Node) Value {
	wanted := strings.TrimSpace(n.text(env, 1))
	if wanted == "" {
		return Bool(false)
	}
	for choice := range strings.FieldsSeq(n.text(env, 0)) {
		if choice == wanted {
			return Bool(true)
		}
	}
	return Bool(false)
}

func callSelectedAt(env *Env, n *Node) Value {
	at := n.num(env, 1)
	for choice := range strings.FieldsSeq(n.text(env, 0)) {
		if at == 0 {
			return Text(choice)
		}
		at--
	}
	return Value{}
}

func callCountSelected(env *Env, n *Node) Value {
	count := 0.0
	for range strings.FieldsSeq(n.text(env, 0)) {
		count++
	}
	return Num(count)
}

func callChoiceName(env *Env, n *Node) Value {
	value, question := n.text(env, 0), referenceIn(n.text(env, 1))
	if env.Label == nil || value == "" {
		return Text(value)
	}
	return Text(env.Label(question, value))
}

// callSubstr counts characters from 0, the end excluded; a negative number
// counts from the end.
func callSubstr(env *Env, n *Node) Value {
	s := []rune(n.text(env, 0))
	bound := func(f float64) int {
		if f < 0 {
			f += float64(len(s))
		}
		return int(math.Max(0, math.Min(f, float64(len(s)))))
	}
	from, to := n.num(env, 1), float64(len(s))
	if len(n.Args) == 3 {
		to = n.num(env, 2)
	}
	if math.IsNaN(from) || math.IsNaN(to) || bound(from) >= bound(to) {
		return Value{}
	}
	return Text(string(s[bound(from):bound(to)]))
}

func callTranslate(env *Env, n *Node) Value {
	from, to := []rune(n.text(env, 1)), []rune(n.text(env, 2))
	return Text(strings.Map(func(r rune) rune {
		for i, f := range from {
			if f == r {
				if i < len(to) {
					return to[i]
				}
				return -1
			}
		}
		return r
	}, n.text(env, 0)))
}

// wholePattern makes a pattern match the whole text, as ODK's regex does.
func wholePattern(pattern string) (*regexp.Regexp, error) {
	return regexp.Compile(`^(?:` + pattern + `)$`)
}

// bind ties a call to its function, where there is one that takes so many
// arguments, and prepares a call of regex whose pattern is a literal.
func (n *Node) bind() {
	if f := functions[n.Value]; f != nil && f.takes(len(n.Args)) {
		n.call = f
	}
	if n.Value == "regex" && n.call != nil && n.Args[1].Op == OpString {
		n.pattern, _ = wholePattern(n.Args[1].Value) // Check reports what does not compile
	}
}

func callRegex(env *Env, n *Node) Value {
	pattern := n.pattern
	if pattern == nil {
		var err error
		if pattern, err = wholePattern(n.text(env, 1)); err != nil {
			return Bool(false)
		}
	}
	return Bool(pattern.MatchString(n.text(env, 0)))
}

// callRound rounds halves up, as XPath 1.0 does, to a number of places.
func callRound(env *Env, n *Node) Value {
	f, scale := n.num(env, 0), 1.0
	if len(n.Args) == 2 {
		scale = math.Pow(10, math.Trunc(n.num(env, 1)))
	}
	if math.IsInf(f, 0) {
		return Num(f)
	}
	return Num(math.Floor(f*scale+0.5) / scale)
}

func callCountNonEmpty(env *Env, n *Node) Value {
	count := 0.0
	for _, s := range n.texts(env, 0) {
		if s != "" {
			count++
		}
	}
	return Num(count)
}

func callRandom(env *Env, _ *Node) Value {
	if env.Random == nil {
		return Num(math.NaN())
	}
	return Num(env.Random())
}

// callUUID makes a version 4 UUID (RFC 9562) from the interview's own sequence
// of random numbers.
func callUUID(env *Env, _ *Node) Value {
	if env.Random == nil {
		return Value{}
	}
	var b [16]byte
	for i := range b {
		b[i] = byte(env.Random() * 256)
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return Text(fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:]))
}
