package expr

import (
	"maps"
	"math"
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

// fewUse are the functions that the browser has in a file of their own.
var fewUse = map[string]bool{
	"acos": true, "area": true, "asin": true, "atan": true, "atan2": true, "cos": true, "digest": true, "distance": true,
	"enclosed-area": true, "exp": true, "exp10": true, "log": true, "log10": true, "pow": true, "sin": true, "tan": true,
}

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
		// choices and lists
		"selected":       {2, 2, callSelected},
		"selected-at":    {2, 2, callSelectedAt},
		"count-selected": {1, 1, callCountSelected},
		"jr:choice-name": {2, 2, callChoiceName},
		"instance":       {1, 1, func(env *Env, n *Node) Value { return env.value(n.set(env)) }},
		"pulldata":       {4, 4, callPulldata},
		"randomize":      {1, 2, func(env *Env, n *Node) Value { return env.value(n.shuffled(env)) }},
		// repeats
		"position":       {0, 1, callPosition},
		"last":           {0, 0, callLast},
		"index":          {1, 1, callIndex},
		"indexed-repeat": {3, 7, callIndexedRepeat},
		// texts
		"string":           {0, 1, func(env *Env, n *Node) Value { return Text(n.textOrSelf(env)) }},
		"string-length":    {0, 1, func(env *Env, n *Node) Value { return Num(float64(utf8.RuneCountInString(n.textOrSelf(env)))) }},
		"substr":           {2, 3, callSubstr},
		"substring":        {2, 3, callSubstring},
		"substring-before": {2, 2, callSubstringBefore},
		"substring-after":  {2, 2, callSubstringAfter},
		"concat":           {0, unbounded, func(env *Env, n *Node) Value { return Text(strings.Join(n.texts(env, 0), "")) }},
		"join":             {1, unbounded, func(env *Env, n *Node) Value { return Text(strings.Join(n.texts(env, 1), n.text(env, 0))) }},
		"contains":         {2, 2, func(env *Env, n *Node) Value { return Bool(strings.Contains(n.text(env, 0), n.text(env, 1))) }},
		"starts-with":      {2, 2, func(env *Env, n *Node) Value { return Bool(strings.HasPrefix(n.text(env, 0), n.text(env, 1))) }},
		"ends-with":        {2, 2, func(env *Env, n *Node) Value { return Bool(strings.HasSuffix(n.text(env, 0), n.text(env, 1))) }},
		"normalize-space":  {0, 1, callNormalizeSpace},
		"translate":        {3, 3, callTranslate},
		"regex":            {2, 2, callRegex},
		"uuid":             {0, 1, callUUID},
		"digest":           {2, 3, callDigest},
		"base64-decode":    {1, 1, callBase64Decode},
		// dates
		"today":             {0, 0, callToday},
		"now":               {0, 0, callNow},
		"date":              {1, 1, callDate},
		"date-time":         {1, 1, callDateTime},
		"format-date":       {2, 2, callFormatDate},
		"format-date-time":  {2, 2, callFormatDate},
		"decimal-date-time": {1, 1, func(env *Env, n *Node) Value { return Num(n.num(env, 0)) }},
		"decimal-time":      {1, 1, callDecimalTime},
		// numbers of many
		"sum":             {1, unbounded, callSum},
		"min":             {1, unbounded, func(env *Env, n *Node) Value { return n.extreme(env, func(a, b float64) bool { return a < b }) }},
		"max":             {1, unbounded, func(env *Env, n *Node) Value { return n.extreme(env, func(a, b float64) bool { return a > b }) }},
		"count":           {1, 1, func(env *Env, n *Node) Value { return Num(float64(len(n.arg(env, 0).List()))) }},
		"count-non-empty": {1, unbounded, callCountNonEmpty},
		"random":          {0, 0, callRandom},
		"distance":        {1, unbounded, callDistance},
		"area":            {1, unbounded, callArea},
		"enclosed-area":   {1, unbounded, callArea},
	}
	maps.Copy(functions, numeric())
}

// notYet names the functions of ODK and XPath 1.0 that are not computed.
var notYet = map[string]bool{
	"base64-encode": true, "extract-signed": true, "geofence": true, "id": true, "intersects": true, "jr:itext": true,
	"lang": true, "local-name": true, "name": true, "namespace-uri": true, "property": true, "search": true, "version": true,
}

func (n *Node) arg(env *Env, i int) Value   { return n.Args[i].eval(env) }
func (n *Node) text(env *Env, i int) string { return n.Args[i].eval(env).String() }
func (n *Node) num(env *Env, i int) float64 { return n.Args[i].eval(env).Number() }

// self gives the question's own answer, or what a predicate is tested on.
func (env *Env) self() string {
	if env.item != nil {
		text, _ := env.item.text(env)
		return text
	}
	return env.Self
}

// textOrSelf gives the only argument, or "." without one.
func (n *Node) textOrSelf(env *Env) string {
	if len(n.Args) == 0 {
		return env.self()
	}
	return n.text(env, 0)
}

func (n *Node) numOrSelf(env *Env) float64 {
	if len(n.Args) == 0 {
		return numberOf(env.self())
	}
	return n.num(env, 0)
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

// numbers calls each for the arguments from one on, nodesets node by node.
func (n *Node) numbers(env *Env, each func(f float64)) {
	for _, a := range n.Args {
		v := a.eval(env)
		if v.kind != Nodeset {
			each(v.Number())
		}
		for _, s := range v.nodes {
			each(numberOf(s))
		}
	}
}

// callSum adds up all arguments. An empty answer is NaN, and so is the sum:
// leave it out with coalesce or if. The sum of no nodes is 0 (XPath 1.0,
// section 4.4).
func callSum(env *Env, n *Node) Value {
	sum := 0.0
	n.numbers(env, func(f float64) { sum += f })
	return Num(sum)
}

// extreme gives the argument that comes before all others, NaN where one is no
// number or there is none (XPath 3.0, sections 14.4.3 and 14.4.4).
func (n *Node) extreme(env *Env, before func(a, b float64) bool) Value {
	first, result := true, math.NaN()
	n.numbers(env, func(f float64) {
		if first || f != f || before(f, result) {
			first, result = false, f
		}
	})
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

// counts tells whether an answer in a checklist is a yes: "yes", true, or a
// number above zero.
func counts(text string) bool { return text == "yes" || text == "true" || numberOf(text) > 0 }

// callChecklist tells whether the number of answers that count lies between
// the first two arguments; −1 is no bound.
func callChecklist(env *Env, n *Node) Value {
	sum := 0.0
	for _, text := range n.texts(env, 2) {
		if counts(text) {
			sum++
		}
	}
	return within(sum, n.num(env, 0), n.num(env, 1))
}

// callWeightedChecklist adds up the weights that follow answers that count.
func callWeightedChecklist(env *Env, n *Node) Value {
	sum := 0.0
	for i := 2; i+1 < len(n.Args); i += 2 {
		if counts(n.text(env, i)) {
			sum += n.num(env, i+1)
		}
	}
	return within(sum, n.num(env, 0), n.num(env, 1))
}

func within(f, low, high float64) Value {
	return Bool((low == -1 || f >= low) && (high == -1 || f <= high))
}

// bind ties a call to its function, where there is one that takes so many
// arguments, and prepares a call of regex whose pattern is a literal.
func (n *Node) bind() {
	if f := functions[n.Value]; f != nil && f.takes(len(n.Args)) {
		n.call = f
	}
	if n.Value == "regex" && n.call != nil && n.Args[1].Op == OpString {
		n.pattern, _ = wholePattern(n.Args[1].Value) // Check reports what does not compile
		if n.pattern != nil {
			n.Pattern = n.pattern.String()
		}
	}
}

func callRound(env *Env, n *Node) Value {
	places := 0.0
	if len(n.Args) == 2 {
		places = n.num(env, 1)
	}
	return Num(roundTo(n.num(env, 0), places))
}

func callTangent(env *Env, n *Node) Value {
	f := n.num(env, 0)
	return Num(neat(sine(f) / cosine(f)))
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
