package export_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/export/exporttest"
	"panelverk/internal/fault"
	"panelverk/internal/lang"
)

func TestSpoolGivesRowsBack(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		table := exporttest.Draw(t)
		spooled, done, err := exporttest.Spool(dir, table)
		if err != nil {
			t.Fatal(err)
		}
		defer done()
		for range 2 {
			if got, want := exporttest.Rows(t, spooled), exporttest.Rows(t, table); !slices.EqualFunc(got, want, slices.Equal) {
				t.Fatalf("got  %v\nwant %v", got, want)
			}
		}
		checkExtents(t, spooled)
	})
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// checkExtents counts the columns once more, in the plainest way.
func checkExtents(t *rapid.T, table *export.Table) {
	rows := exporttest.Rows(t, table)
	for i, e := range table.Extents {
		values, low, high, longest, whole := 0, math.Inf(1), math.Inf(-1), 0, true
		for _, row := range rows {
			if c := row[i]; c.Missing == 0 {
				values++
				low, high = min(low, c.Number), max(high, c.Number)
				whole = whole && (c.Kind == dataset.Text || c.Number == math.Trunc(c.Number))
				if c.Kind == dataset.Text {
					longest = max(longest, len(c.Text))
				}
			}
		}
		if e.Values != values || e.Bytes != longest || e.Whole != whole {
			t.Fatalf("%s: got %+v, want %d values, %d bytes, whole %v", table.Columns[i].Name, e, values, longest, whole)
		}
		if values > 0 && table.Columns[i].Variable.Kind != dataset.Text && (e.Min != low || e.Max != high) {
			t.Fatalf("%s: got %v … %v, want %v … %v", table.Columns[i].Name, e.Min, e.Max, low, high)
		}
	}
}

func TestExtentDecimals(t *testing.T) {
	v := &dataset.Variable{Name: "x", Kind: dataset.Number}
	for _, c := range []struct {
		numbers []float64
		want    int
	}{
		{[]float64{1, -7, 0}, 0}, {[]float64{1, 2.5}, 1}, {[]float64{0.25, 3}, 2}, {[]float64{0.1, 0.125}, 3},
		{[]float64{1.0 / 3}, export.MaxDecimals}, {[]float64{1e300, -1e300}, 0}, {[]float64{4.35, 12.3}, 2},
	} {
		table := exporttest.Of([]dataset.Column{{Name: "x", Variable: v}})
		for _, n := range c.numbers {
			table.Add(dataset.Cell{Kind: dataset.Number, Number: n})
		}
		spooled, done, err := exporttest.Spool(t.TempDir(), table.Table())
		if err != nil {
			t.Fatal(err)
		}
		if got := spooled.Extents[0].Decimals; got != c.want {
			t.Errorf("%v need %d decimals, want %d", c.numbers, got, c.want)
		}
		done()
	}
}

func TestSpoolRefuses(t *testing.T) {
	columns := []dataset.Column{{Name: "x", Variable: &dataset.Variable{Name: "x", Kind: dataset.Number}}}
	for what, row := range map[string][]dataset.Cell{
		"x: NaN is no number":        {{Kind: dataset.Number, Number: math.NaN()}},
		"x: +Inf is no number":       {{Kind: dataset.Number, Number: math.Inf(1)}},
		"a cell is a text":           {{Kind: dataset.Text, Text: "1"}},
		"a cell is a nothing":        {{}},
		"no missing code -13":        {{Missing: -13}},
		"has 0 cells for 1 columns":  {},
		"has 2 cells for 1 columns":  make([]dataset.Cell, 2),
		"there is no missing code 1": {{Missing: 1}},
	} {
		s, err := export.NewSpool(t.TempDir(), columns)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Add(row); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("got %v, want something with %q", err, what)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestSpoolCleansTexts(t *testing.T) {
	table := exporttest.Of([]dataset.Column{{Name: "x", Variable: &dataset.Variable{Name: "x", Kind: dataset.Text}}})
	table.Add(dataset.Cell{Kind: dataset.Text, Text: "a\x00b\xffc"})
	spooled, done, err := exporttest.Spool(t.TempDir(), table.Table())
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	if got := exporttest.Rows(t, spooled)[0][0].Text; got != "a\uFFFDb\uFFFDc" {
		t.Errorf("got %q", got)
	}
}

func TestRowsEndWithTheContext(t *testing.T) {
	table := exporttest.Of([]dataset.Column{{Name: "x", Variable: &dataset.Variable{Name: "x", Kind: dataset.Number}}})
	for range 1000 {
		table.Add(dataset.Cell{Kind: dataset.Number})
	}
	var told []int
	ctx, cancel := context.WithCancel(t.Context())
	watched := table.Table().With(ctx, func(done, total int) {
		told = append(told, done)
		if total != 1000 {
			t.Errorf("total %d", total)
		}
	})
	for _, err := range watched.Rows() {
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := []int{256, 512, 768, 1000}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
	cancel()
	n, last := 0, error(nil)
	for _, err := range watched.Rows() {
		n, last = n+1, err
	}
	if n != 1 || !errors.Is(last, context.Canceled) {
		t.Errorf("after %d rows: %v", n, last)
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		text string
		room int
		unit export.Unit
		want string
	}{
		{"Kort", 4, export.Bytes, "Kort"}, {"Åäö", 6, export.Bytes, "Åäö"}, {"Åäöö", 7, export.Bytes, "Åä…"}, {"Åäöö", 3, export.Runes, "Åä…"},
		{"Åäöö", 4, export.Runes, "Åäöö"}, {"😀😀😀", 10, export.Bytes, "😀…"},
	} {
		got := export.Fit(c.text, c.room, c.unit)
		if got != c.want {
			t.Errorf("Fit(%q, %d) = %q, want %q", c.text, c.room, got, c.want)
		}
		if !utf8.ValidString(got) {
			t.Errorf("%q is not UTF-8", got)
		}
	}
}

func TestLabels(t *testing.T) {
	about := export.About{Languages: []string{"sv", "en"}}
	v := &dataset.Variable{Name: "trust", Kind: dataset.Number, Varying: true, Label: lang.Text{"sv": "Litar **du** på chefen?", "en": "Do you trust your boss?"},
		Values: []dataset.Value{{Code: 1, Name: "yes", Label: lang.Text{"sv": "Ja", "en": "Yes"}}, {Code: -3, Name: "no", Label: lang.Text{"en": "No"}}}, Negative: true}
	c := dataset.Column{Name: "trust_w2", Variable: v, Wave: 2}
	if got := about.Label("sv", c); got != "Litar du på chefen? (w2)" {
		t.Errorf("label %q", got)
	}
	if got := about.FitLabel("en", c, 14, export.Bytes); got != "Do y… (w2)" && len(got) > 14 {
		t.Errorf("label %q", got)
	}
	got := about.Values("sv", v)
	if len(got) != 14 || got[0].Code != -9912 || got[0].Missing != dataset.NotMember || got[12].Label != "No" || got[13].Label != "Ja" {
		t.Errorf("values %v", got)
	}
}

func TestSetsAndMeasures(t *testing.T) {
	tools := &dataset.Variable{Name: "tools", Kind: dataset.Text, Role: dataset.List, Label: lang.Text{"en": "Tools"}}
	one := &dataset.Variable{Name: "one", Kind: dataset.Text, Role: dataset.List}
	var columns []dataset.Column
	for _, wave := range []int{1, 2} {
		columns = append(columns, dataset.Column{Name: fmt.Sprintf("tools_w%d", wave), Variable: tools, Wave: wave})
	}
	for option := range 2 {
		v := &dataset.Variable{Name: fmt.Sprintf("tools_%d", option), Kind: dataset.Number, Role: dataset.Indicator, Of: tools, Values: []dataset.Value{{Code: 1}}}
		for _, wave := range []int{1, 2} {
			columns = append(columns, dataset.Column{Name: fmt.Sprintf("tools_%d_w%d", option, wave), Variable: v, Wave: wave})
		}
	}
	columns = append(columns, dataset.Column{Name: "one_1", Variable: &dataset.Variable{Name: "one_1", Kind: dataset.Number, Role: dataset.Indicator, Of: one}})
	got := export.Sets(columns)
	if len(got) != 2 || got[0].Name != "tools_w1" || !slices.Equal(got[0].Columns, []int{2, 4}) || !slices.Equal(got[1].Columns, []int{3, 5}) {
		t.Errorf("sets %+v", got)
	}
	for v, want := range map[*dataset.Variable]export.Measure{
		tools: export.Nominal, columns[2].Variable: export.Nominal,
		{Kind: dataset.Number, Role: dataset.Position}: export.Ordinal, {Kind: dataset.Number}: export.Scale, {Kind: dataset.Date}: export.Scale,
	} {
		if got := export.MeasureOf(v); got != want {
			t.Errorf("%+v: measure %d, want %d", v, got, want)
		}
	}
}

func TestCheckNames(t *testing.T) {
	of := func(names ...string) (out []dataset.Column) {
		for _, n := range names {
			out = append(out, dataset.Column{Name: n, Variable: &dataset.Variable{Name: n}})
		}
		return out
	}
	if err := export.CheckNames(of("id", "q1_w2", "A", "b_")); err != nil {
		t.Error(err)
	}
	err := export.CheckNames(of("ok", "OK", "", "1a", "å", "_x", "a b", "with", "ALL", "str20", strings.Repeat("a", 33)))
	f := fault.Of(err)
	if f == nil || len(f.Problems) != 10 {
		t.Fatalf("got %v", err)
	}
	codes := map[string]int{}
	for _, p := range f.Problems {
		codes[p.Code]++
	}
	if codes["variable_clash"] != 1 || codes["variable_reserved"] != 3 || codes["variable_name"] != 6 {
		t.Errorf("codes %v", codes)
	}
}
