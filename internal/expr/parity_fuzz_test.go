package expr_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"panelverk/internal/expr"
)

// generator writes expressions as people could, and as nobody would.
type generator struct {
	*rand.Rand
	world string
}

func (g *generator) pick(from ...string) string { return from[g.IntN(len(from))] }

// worldsToFuzz are those that generated expressions are computed in.
var worldsToFuzz = []string{"plain", "choice", "summer", "kathmandu", "outside", "inside", "second", "pet", "bare"}

func (g *generator) text() string {
	return g.pick("''", "'a'", "'Åsa'", "'volvo'", "'robot agv'", "'12'", "' 7 '", "'-0.5'", "'1e3'", "'2016-11-02'", "'1969-12-31T18:00:00.5'", "'2020-02-29T23:59:59.999+05:45'",
		"'18:00'", "'a😀b'", "'yes'", "'0'", "'true'", "'NaN'", "'0 0;0 1;1 1'", "'57.7 11.97 0 0'", "'YWJj'", "'%Y-%m-%d %a %b %H:%M:%S.%3 %e/%n %y %h %%'", "'  x  y '", "'SHA-256'", "'hex'", "'.'", "'9999-12-31'", "'0001-01-01'")
}

func (g *generator) number() string {
	switch g.IntN(8) {
	case 0:
		return strconv.FormatFloat(g.Float64()*1000, 'f', g.IntN(6), 64)
	case 1:
		return "-" + strconv.Itoa(g.IntN(50000))
	case 2:
		return g.pick("0", "1", "-1", "2", "0.5", "-0.5", "1 div 0", "-1 div 0", "0 div 0", "1000000", "0.000001", "12345678901234567890", "99999.5")
	default:
		return strconv.Itoa(g.IntN(20))
	}
}

func (g *generator) reference() string {
	if slices.Contains([]string{"outside", "inside", "second", "pet"}, g.world) {
		return g.pick("${county}", "${who}", "${years}", "${job}", "${kind}", "${kilos}", "${day}", "${total}", "${spot}", "../who", "../../years", "../pets/kilos", "/data/people/years", "//kind", ".", "current()", "./county")
	}
	return g.pick("${age}", "${none}", "${zero}", "${tools}", "${union}", "${born}", "${start}", "${word}", "${half}", "${minus}", "${home}", "${county}", "name", "price", ".", "../age", "/data/x/half", "${last-saved#age}")
}

func (g *generator) predicate(columns []string, depth int) string {
	column := g.pick(columns...)
	switch g.IntN(7) {
	case 0:
		return strconv.Itoa(g.IntN(4))
	case 1:
		return "position() " + g.pick("=", "<", ">=") + " " + strconv.Itoa(g.IntN(4))
	case 2:
		return "last()"
	case 3:
		return column
	case 4:
		return column + " " + g.pick("=", "!=", "<", ">=") + " " + g.reference()
	case 5:
		return g.pick("contains", "starts-with") + "(" + column + ", " + g.text() + ")"
	default:
		return column + " " + g.pick("=", "!=", "<", ">") + " " + g.expression(depth-1)
	}
}

func (g *generator) nodeset(depth int) string {
	cars, people := []string{"name", "label", "region", "price", "colour"}, []string{"who", "years", "details/job", "job", "pets/kind", "count(pets)", "."}
	switch g.IntN(9) {
	case 0:
		return "instance('cars')/root/item[" + g.predicate(cars, depth) + "]/" + g.pick(cars...)
	case 1:
		return "instance('cars')/root/item[" + g.predicate(cars, depth) + "][" + g.predicate(cars, depth) + "]/" + g.pick(cars...)
	case 2:
		return "${people}[" + g.predicate(people, depth) + "]/" + g.pick("who", "years", "pets/kilos", "details/job", ".", "..", "*")
	case 3:
		return "/data/people[" + g.predicate(people, depth) + "]/pets[" + g.predicate([]string{"kind", "kilos", "../who"}, depth) + "]/kilos"
	case 4:
		return "(" + g.nodeset(depth-1) + ")[" + g.predicate([]string{"."}, depth) + "]"
	case 5:
		return g.reference() + " | " + g.reference()
	case 6:
		return "randomize(" + g.pick("${who}", "instance('cars')/root/item/name", "${kilos}") + ", " + g.expression(depth-1) + ")"
	case 7:
		return g.pick("${people}", "${pets}", "${visits}", "..", "../..", "/data/*", "//people/*")
	default:
		return g.reference()
	}
}

// pattern puts pieces of patterns together, wherever that leads.
func (g *generator) pattern() string {
	if g.IntN(2) == 0 {
		return g.pick("[0-9]+", `\d*`, ".*", "[a-zåäö]+", `\w+\s?\w*`, `-?\d+(\.\d+)?`, "[^a]+", `\p{L}*`, `(a|b)+|\S{2,4}?`, `\d{4}-\d{2}-\d{2}`)
	}
	var b strings.Builder
	for range 1 + g.IntN(6) {
		b.WriteString(g.pick("a", "1", "å", "😀", ".", "[a-z]", `[^\s-]`, `[\w.-]`, `[\]a-]`, `[\d\-x]`, "[]", "[^]a]", "[[]", "[b-a]", `\d`, `\S`, `\b`, `\p{L}`, `\P{Nd}`, `\pL`, `\x41`, `\u00e5`, `\/`, `\-`, `\_`,
			`\q`, `\1`, "(", ")", "(?:", "(?=", "|", "*", "+", "?", "+?", "{2}", "{1,3}", "{,2}", "{2,1}", "{1001}", "{", "}", "]", "^", "$", "-", "/", " ", "&&", `\\`))
	}
	return b.String()
}

// special are calls whose arguments have to be of a kind.
func (g *generator) special(depth int) string {
	switch g.IntN(9) {
	case 0:
		return "regex(" + g.expression(depth) + ", '" + g.pattern() + "')"
	case 1:
		return "indexed-repeat(" + g.pick("${who}", "${kilos}") + ", ${people}, " + g.expression(depth) + g.pick("", ", ${pets}, "+g.number()) + ")"
	case 2:
		return "position(" + g.nodeset(depth) + ")"
	case 3:
		return "index(" + g.pick("${people}", "${pets}", "'people'") + ")"
	case 4:
		return "pulldata('cars', '" + g.pick("name", "price", "colour") + "', '" + g.pick("name", "region", "price", "colour") + "', " + g.expression(depth) + ")"
	case 5:
		return "digest(" + g.expression(depth) + ", '" + g.pick("MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512") + "', '" + g.pick("hex", "base64") + "')"
	case 6:
		return g.pick("count", "sum", "max", "min", "count-non-empty", "distance", "concat", "string", "boolean") + "(" + g.nodeset(depth) + ")"
	case 7:
		return "join('-', " + g.nodeset(depth) + ")"
	default:
		return g.pick("format-date", "format-date-time") + "(" + g.expression(depth) + ", '%Y-%m-%dT%H:%M:%S.%3 %a %b %e %n %y %h')"
	}
}

func (g *generator) expression(depth int) string {
	if depth <= 0 {
		switch g.IntN(3) {
		case 0:
			return g.text()
		case 1:
			return g.number()
		default:
			return g.reference()
		}
	}
	switch g.IntN(10) {
	case 0, 1, 2:
		op := g.pick("+", "-", "*", "div", "mod", "=", "!=", "<", "<=", ">", ">=", "and", "or")
		return "(" + g.expression(depth-1) + " " + op + " " + g.expression(depth-1) + ")"
	case 3:
		return "-" + g.expression(0)
	case 4, 5:
		return g.special(depth - 1)
	case 6:
		return "(" + g.nodeset(depth-1) + ")"
	default:
		name := g.pick(expr.Functions()...)
		for slices.Contains([]string{"instance", "index", "indexed-repeat", "position", "pulldata", "randomize", "regex"}, name) {
			name = g.pick(expr.Functions()...)
		}
		least, most := expr.Arity(name)
		if most < 0 {
			most = least + 3
		}
		n := least + g.IntN(min(most, least+3)-least+1)
		args := make([]string, 0, n)
		for range n {
			args = append(args, g.expression(depth-1-g.IntN(2)))
		}
		return name + "(" + strings.Join(args, ", ") + ")"
	}
}

// TestGeneratedExpressions feeds both engines with the same expressions. The
// seed is fixed, so that a failure comes again; EXPR_SEED sets another.
func TestGeneratedExpressions(t *testing.T) {
	worlds, _ := table(t)
	e := start(t, worlds, "")
	seed := uint64(1)
	if s := os.Getenv("EXPR_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 2016))}
	seen, kinds := 0, map[string]int{}
	for range 3000 {
		g.world = g.pick(worldsToFuzz...)
		source := g.expression(1 + g.IntN(3))
		tree, err := expr.Parse(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		want, missed := evaluateWatched(worlds[g.world], tree)
		if missed != "" {
			t.Errorf("%s: %s reads %s, which is not among its names %v", g.world, source, missed, tree.Names())
		}
		e.send(t, job{World: g.world, Tree: tree.Root})
		var got outcome
		if e.receive(t, &got); !got.equal(want) {
			t.Errorf("seed %d, %s: %s\nbrowser %+v\nserver  %+v", seed, g.world, source, got, want)
		}
		seen++
		kinds[want.Kind]++
	}
	if seen < 2900 || len(kinds) < 4 {
		t.Errorf("only %d expressions were compared, of %v", seen, kinds)
	}
}

// evaluateWatched evaluates in Go and tells a name that was read although
// Names does not list it, nor a group or repeat around it.
func evaluateWatched(w *world, tree *expr.Expr) (o outcome, missed string) {
	env := w.env()
	listed := map[string]bool{}
	for _, name := range tree.Names() {
		listed[name] = true
	}
	around := map[string]string{}
	for _, row := range w.Layout {
		around[row[0].(string)] = row[1].(string)
	}
	inside := slices.Collect(maps.Keys(around))
	watch := func(name string) {
		for at := name; at != ""; at = around[at] {
			if listed[at] {
				return
			}
		}
		// How many instances a repeat has is also told by what lies in it.
		for _, other := range inside {
			for at := other; listed[other] && at != ""; at = around[at] {
				if at == name {
					return
				}
			}
		}
		if strings.Contains(tree.Source, "*") || strings.Contains(tree.Source, "..") {
			return // the root's children, or a group's: all of the form
		}
		missed = name
	}
	get, at, count := env.Get, env.At, env.Count
	env.Get = func(name string) string { watch(name); return get(name) }
	env.At = func(name string, place expr.Place) string { watch(name); return at(name, place) }
	env.Count = func(name string, place expr.Place) int { watch(name); return count(name, place) }
	return outcomeOf(tree.Eval(env)), missed
}

// FuzzExpressions lets the fuzzer choose the world and the seed; what it finds
// is what panics, and what cannot be printed and read again.
func FuzzExpressions(f *testing.F) {
	worlds, _ := table(f)
	for i := range uint64(20) {
		f.Add(i, i)
	}
	f.Fuzz(func(t *testing.T, a, b uint64) {
		g := &generator{Rand: rand.New(rand.NewPCG(a, b))}
		g.world = g.pick(worldsToFuzz...)
		source := g.expression(4)
		tree, err := expr.Parse(source)
		if err != nil {
			if strings.Contains(err.Error(), "too long") || strings.Contains(err.Error(), "deeply") {
				return
			}
			t.Fatalf("%s: %v", source, err)
		}
		again, err := expr.Parse(tree.String())
		if err != nil {
			t.Fatalf("%s was printed as %s: %v", source, tree, err)
		}
		one, two := outcomeOf(tree.Eval(worlds[g.world].env())), outcomeOf(again.Eval(worlds[g.world].env()))
		if !one.equal(two) {
			t.Fatalf("%s: %s", source, fmt.Sprintf("%+v, printed and read again %+v", one, two))
		}
	})
}
