package expr_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the cases, whatever the machine has

	"panelverk/internal/expr"
)

// world is an interview at one moment, as testdata/cases.json writes it.
type world struct {
	Like     string            `json:"like,omitempty"` // the world that this one differs from
	Answers  map[string]string `json:"answers,omitempty"`
	Counts   map[string]int    `json:"counts,omitempty"`
	Self     string            `json:"self,omitempty"`
	Context  string            `json:"context,omitempty"`
	Here     []int             `json:"here,omitempty"`
	Now      string            `json:"now,omitempty"`
	Zone     string            `json:"zone,omitempty"`
	Saved    map[string]string `json:"saved,omitempty"`
	Labels   map[string]string `json:"labels,omitempty"`
	Columns  map[string]string `json:"columns,omitempty"`
	Position int               `json:"position,omitempty"`
	Random   []float64         `json:"random,omitempty"`
	Layout   [][]any           `json:"layout,omitempty"`
	Calendar *expr.Calendar    `json:"calendar,omitempty"`
	Lists    map[string]*list  `json:"lists,omitempty"`

	layout *expr.Layout
	now    time.Time
}

type list struct {
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

func (l *list) Len() int { return len(l.Rows) }

func (l *list) Cell(row int, column string) (string, bool) {
	i := slices.Index(l.Columns, column)
	if i < 0 {
		return "", false
	}
	return l.Rows[row][i], true
}

// key is how a world names an answer in repeats: kind@1.2.
func key(name string, at expr.Place) string {
	var indices []string
	for _, i := range at {
		if i > 0 {
			indices = append(indices, strconv.Itoa(i))
		}
	}
	return name + "@" + strings.Join(indices, ".")
}

// ready works out what the JSON leaves open.
func (w *world) ready(t testing.TB) {
	t.Helper()
	if w.Layout != nil {
		var entries []expr.Entry
		for _, row := range w.Layout {
			entries = append(entries, expr.Entry{Name: row[0].(string), Parent: row[1].(string), Repeat: len(row) > 2})
		}
		var err error
		if w.layout, err = expr.NewLayout(entries); err != nil {
			t.Fatal(err)
		}
	}
	if w.Now != "" {
		zone, err := time.LoadLocation(w.Zone)
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(time.RFC3339Nano, w.Now)
		if err != nil {
			t.Fatal(err)
		}
		w.now = now.In(zone)
	}
}

// env gives the surroundings of one evaluation.
func (w *world) env() *expr.Env {
	e := &expr.Env{
		Get: func(name string) string { return w.Answers[name] },
		At:  func(name string, at expr.Place) string { return w.Answers[key(name, at)] },
		Count: func(repeat string, at expr.Place) int {
			return w.Counts[key(repeat, at)]
		},
		Self: w.Self, Context: w.Context, Position: w.Position, Now: w.now, Layout: w.layout, Calendar: w.Calendar,
	}
	copy(e.Here[:], w.Here)
	if w.Saved != nil {
		e.LastSaved = func(name string) string { return w.Saved[name] }
	}
	if w.Columns != nil {
		e.Column = func(name string) (string, bool) { s, ok := w.Columns[name]; return s, ok }
	}
	if w.Labels != nil {
		e.Label = func(question, value string) string {
			if label := w.Labels[question+"/"+value]; label != "" {
				return label
			}
			return value
		}
	}
	if w.Random != nil {
		drawn := 0
		e.Random = func() float64 { drawn++; return w.Random[(drawn-1)%len(w.Random)] }
	}
	if w.Lists != nil {
		e.Table = func(id string) expr.Table {
			if l := w.Lists[id]; l != nil {
				return l
			}
			return nil
		}
	}
	return e
}

// outcome is a value with its type, as both engines report it.
type outcome struct {
	Kind   string   `json:"kind"`
	Text   string   `json:"text,omitempty"`
	Nodes  []string `json:"nodes,omitempty"`
	String string   `json:"string"`
	Truth  bool     `json:"truth"`
}

func outcomeOf(v expr.Value) outcome {
	o := outcome{Kind: v.Kind().String(), String: v.String(), Truth: v.Bool()}
	switch v.Kind() {
	case expr.Nodeset:
		o.Nodes = v.List()
	case expr.Number:
		o.Text = shortest(v.Number())
	default:
		o.Text = v.String()
	}
	return o
}

// shortest writes a number so that no two differ in their text.
func shortest(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// equal compares outcomes; the texts of numbers may be written differently.
func (o outcome) equal(other outcome) bool {
	if o.Kind == "number" && other.Kind == "number" {
		a, err1 := strconv.ParseFloat(o.Text, 64)
		b, err2 := strconv.ParseFloat(other.Text, 64)
		same := math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
		return err1 == nil && err2 == nil && same && o.String == other.String && o.Truth == other.Truth
	}
	return o.Kind == other.Kind && o.Text == other.Text && slices.Equal(o.Nodes, other.Nodes) && o.String == other.String && o.Truth == other.Truth
}

// test is one line of the table.
type test struct {
	world, source string
	want          outcome
	tree          *expr.Expr
}

// table reads testdata/cases.json.
func table(t testing.TB) (map[string]*world, []test) {
	t.Helper()
	data, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Worlds map[string]json.RawMessage `json:"worlds"`
		Cases  []struct {
			About, World string
			Cases        [][]json.RawMessage
		} `json:"cases"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	worlds := map[string]*world{}
	for name, raw := range file.Worlds {
		w := &world{}
		var like struct{ Like string }
		if err := json.Unmarshal(raw, &like); err != nil {
			t.Fatal(err)
		}
		if like.Like != "" {
			if err := json.Unmarshal(file.Worlds[like.Like], w); err != nil {
				t.Fatal(err)
			}
		}
		if err := json.Unmarshal(raw, w); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		w.ready(t)
		worlds[name] = w
	}
	var tests []test
	for _, group := range file.Cases {
		if worlds[group.World] == nil {
			t.Fatalf("%s: there is no world %q", group.About, group.World)
		}
		for _, c := range group.Cases {
			one := test{world: group.World}
			if err := json.Unmarshal(c[0], &one.source); err != nil {
				t.Fatal(err)
			}
			if one.tree, err = expr.Parse(one.source); err != nil {
				t.Errorf("%s: %v", one.source, err)
				continue
			}
			one.want = wanted(t, c[1])
			tests = append(tests, one)
		}
	}
	return worlds, tests
}

// wanted reads an expected value: null is NaN, and what JSON has no number for
// stands in {"number": …}.
func wanted(t testing.TB, raw json.RawMessage) outcome {
	t.Helper()
	var decoded any
	if err := json.Unmarshal(raw, &decoded); err != nil {
		t.Fatal(err)
	}
	switch v := decoded.(type) {
	case nil:
		return outcomeOf(expr.Num(math.NaN()))
	case float64:
		return outcomeOf(expr.Num(v))
	case bool:
		return outcomeOf(expr.Bool(v))
	case string:
		return outcomeOf(expr.Text(v))
	case []any:
		var nodes []string
		for _, s := range v {
			nodes = append(nodes, s.(string))
		}
		return outcomeOf(expr.Nodes(nodes))
	case map[string]any:
		f, err := strconv.ParseFloat(fmt.Sprint(v["number"]), 64)
		if err != nil {
			t.Fatal(err)
		}
		return outcomeOf(expr.Num(f))
	}
	t.Fatalf("what is %s?", raw)
	return outcome{}
}

// TestCases holds Go to the table. The expected values come from XPath 1.0, the
// ODK XForms specification and the documents that these name.
func TestCases(t *testing.T) {
	worlds, tests := table(t)
	if len(tests) < 400 {
		t.Errorf("the table has %d cases; at least 400 are promised", len(tests))
	}
	called := map[string]bool{}
	for _, c := range tests {
		if got := outcomeOf(c.tree.Eval(worlds[c.world].env())); !got.equal(c.want) {
			t.Errorf("%s: %s\n got %+v\nwant %+v", c.world, c.source, got, c.want)
		}
		visit(c.tree.Root, func(n *expr.Node) {
			if n.Op == expr.OpCall {
				called[n.Value] = true
			}
		})
	}
	for _, name := range expr.Functions() {
		if !called[name] {
			t.Errorf("no case calls %s", name)
		}
	}
}

func visit(n *expr.Node, see func(*expr.Node)) {
	see(n)
	for _, a := range n.Args {
		visit(a, see)
	}
}
