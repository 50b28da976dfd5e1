package disclosure_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"panelverk/internal/disclosure"
)

// classes gives a table with classes of these sizes.
func classes(sizes ...int) disclosure.Table {
	t := disclosure.Table{Keys: []string{"who"}}
	for c, n := range sizes {
		for range n {
			t.Rows = append(t.Rows, []string{strconv.Itoa(c)})
		}
	}
	return t
}

func TestAssess(t *testing.T) {
	for _, c := range []struct {
		name  string
		sizes []int
		k     int
		want  disclosure.Risk
	}{
		{"the design's example", []int{1, 2, 2, 4, 5, 6}, 5,
			disclosure.Risk{N: 20, Classes: 6, K: 1, Unique: 1, Violations: 9, Max: 1, Expected: 6, Global: .3, AtRisk: .45}},
		{"a risk at the threshold is not above it", []int{5, 5}, 5,
			disclosure.Risk{N: 10, Classes: 2, K: 5, Max: .2, Expected: 2, Global: .2}},
		{"restricted", []int{3, 3, 2}, 3,
			disclosure.Risk{N: 8, Classes: 3, K: 2, Violations: 2, Max: .5, Expected: 3, Global: .375, AtRisk: .25}},
		{"nobody", nil, 5, disclosure.Risk{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := disclosure.Assess(classes(c.sizes...), c.k); got != c.want {
				t.Errorf("got %+v\nwant %+v", got, c.want)
			}
		})
	}
}

// Values that read alike when they are put beside each other are not alike, and
// what is missing is a category.
func TestClassesAreStrict(t *testing.T) {
	table := disclosure.Table{Keys: []string{"a", "b"}, Rows: [][]string{{"x|", "y"}, {"x", "|y"}, {`x\`, "y"}, {"x", ""}, {"x", "−1"}, {"x", ""}}}
	if got := disclosure.Frequencies(table); !slices.Equal(got, []int{1, 1, 1, 2, 1, 2}) {
		t.Errorf("frequencies %v", got)
	}
	if got := disclosure.Below(table, 2); !slices.Equal(got, []int{0, 1, 2, 4}) {
		t.Errorf("below 2: %v", got)
	}
}

func TestDiversity(t *testing.T) {
	table := disclosure.Table{Keys: []string{"a"}, Rows: [][]string{{"x"}, {"x"}, {"x"}, {"y"}, {"y"}, {"y"}}}
	if l := disclosure.Diversity(table, []string{"1", "2", "2", "3", "3", ""}); l != 2 {
		t.Errorf("l = %d, want 2", l)
	}
	if l := disclosure.Diversity(table, []string{"1", "2", "2", "3", "3", "3"}); l != 1 {
		t.Errorf("l = %d, want 1: everybody of y said 3", l)
	}
}

// Whoever holds both files sees who came in between: four joined, and each of
// the two files alone is fine.
func TestJoinedFilesTellTheDifference(t *testing.T) {
	earlier, now := map[string][]string{}, map[string][]string{}
	var ids []string
	for i := range 10 {
		id := fmt.Sprint("p", i)
		if i < 6 {
			earlier[id] = []string{"machinist"}
		}
		now[id], ids = []string{"machinist"}, append(ids, id)
	}
	joined := disclosure.Joined([]string{"job"}, earlier, now, ids)
	if got := disclosure.Assess(joined, 5); got.K != 4 || got.Violations != 4 {
		t.Errorf("%+v: want a class of the four who came", got)
	}
}

func TestBands(t *testing.T) {
	ages := []float64{19, 22, 24, 25, 29, 31, 33, 38, 41, 44, 45, 47, 52, 55, 58, 60, 61, 63, 64, 71}
	bands := disclosure.Bands(ages, 10, 5)
	var labels []string
	for _, b := range bands {
		labels = append(labels, b.Label(true))
	}
	if want := []string{"under 30", "30–39", "40–49", "50–59", "60 or more"}; !slices.Equal(labels, want) {
		t.Errorf("%v, want %v", labels, want)
	}
	if b, ok := disclosure.In(bands, 60); !ok || b.Label(true) != "60 or more" {
		t.Error("60 is in", b)
	}
	if got := disclosure.Bands(ages[:9], 10, 5); len(got) != 1 || got[0].Label(true) != "all" {
		t.Error("nine values have no two tails of five:", got)
	}
}

func TestBandsHoldTheirTails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-200, 200), 1, 60).Draw(t, "values")
		width := rapid.SampledFrom([]float64{.5, 1, 5, 10}).Draw(t, "width")
		counts := map[disclosure.Band]int{}
		bands := disclosure.Bands(values, width, 5)
		for _, v := range values {
			b, ok := disclosure.In(bands, v)
			if !ok {
				t.Fatalf("%v is in no band of %v", v, bands)
			}
			counts[b]++
		}
		if len(bands) > 1 && (counts[bands[0]] < 5 || counts[bands[len(bands)-1]] < 5) {
			t.Fatalf("tails hold %v", counts)
		}
	})
}

func drawTable(t *rapid.T, most, keys int) disclosure.Table {
	table := disclosure.Table{}
	for j := range keys {
		table.Keys = append(table.Keys, fmt.Sprint("k", j))
	}
	for range rapid.IntRange(0, most).Draw(t, "rows") {
		row := make([]string, keys)
		for j := range row {
			row[j] = strconv.Itoa(rapid.IntRange(0, 2).Draw(t, "value"))
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

func TestSuppressionPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := drawTable(t, 40, 4)
		k := rapid.IntRange(1, 6).Draw(t, "k")
		fixed := []bool{rapid.Bool().Draw(t, "fixed"), false, false, false}
		gone := disclosure.Suppress(table, k, fixed)
		count := 0
		for i, cells := range gone.Cells {
			for j, away := range cells {
				if away {
					count++
					if fixed[j] || slices.Contains(gone.Left, i) {
						t.Fatalf("row %d, key %d must not be suppressed", i, j)
					}
				}
			}
		}
		if count != gone.Count {
			t.Fatalf("counted %d of %d", count, gone.Count)
		}
		before := disclosure.Assess(table, k)
		gone.Apply(table, "*")
		kept := disclosure.Table{Keys: table.Keys}
		for i, row := range table.Rows {
			if !slices.Contains(gone.Left, i) {
				kept.Rows = append(kept.Rows, row)
			}
		}
		if got := disclosure.Assess(kept, k); len(kept.Rows) > 0 && got.K < k {
			t.Fatalf("k is %d, want %d", got.K, k)
		}
		if before.Violations == 0 && gone.Count+len(gone.Left) > 0 {
			t.Fatalf("a table that passes lost %d cells", gone.Count)
		}
	})
}

// fewest tries every way to put the rows into groups of k or more, in which
// what differs is suppressed.
func fewest(t disclosure.Table, k int) int {
	best := len(t.Rows)*len(t.Keys) + 1
	var groups [][]int
	cost := func(g []int) int {
		n := 0
		for j := range t.Keys {
			for _, i := range g[1:] {
				if t.Rows[i][j] != t.Rows[g[0]][j] {
					n += len(g)
					break
				}
			}
		}
		return n
	}
	var try func(i int)
	try = func(i int) {
		if i == len(t.Rows) {
			sum := 0
			for _, g := range groups {
				if len(g) < k {
					return
				}
				sum += cost(g)
			}
			best = min(best, sum)
			return
		}
		for n := range groups {
			groups[n] = append(groups[n], i)
			try(i + 1)
			groups[n] = groups[n][:len(groups[n])-1]
		}
		groups = append(groups, []int{i})
		try(i + 1)
		groups = groups[:len(groups)-1]
	}
	try(0)
	return best
}

// The search is held against all that can be tried, and finds the fewest there.
func TestSuppressionSuppressesTheLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := drawTable(t, 8, 3)
		k := rapid.IntRange(2, 3).Draw(t, "k")
		if len(table.Rows) < k {
			return
		}
		got, best := disclosure.Suppress(table, k, make([]bool, 3)).Count, fewest(table, k)
		if got != best {
			t.Fatalf("suppresses %d cells, %d would do: %v", got, best, table.Rows)
		}
	})
}

func TestProposals(t *testing.T) {
	table := disclosure.Table{Keys: []string{"age", "sector"}}
	for i := range 36 {
		table.Rows = append(table.Rows, []string{strconv.Itoa(20 + i), []string{"a", "b"}[i/18]})
	}
	same := func(s string) string { return s }
	decade := func(s string) string {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return strconv.Itoa(n / 10 * 10)
	}
	none := func(string) string { return "" }
	levels := [][]disclosure.Level{
		{{"as it is", same, 0}, {"bands of 10", decade, 1}, {"left out", none, 2}},
		{{"as it is", same, 0}, {"left out", none, 1}},
	}
	got := disclosure.Propose(table, levels, []bool{false, false}, 5, 2)
	if len(got) != 2 {
		t.Fatalf("%d proposals: %+v", len(got), got)
	}
	for _, p := range got {
		if p.Risk.K < 5 || p.Loss <= 0 || p.Loss > 1 || math.IsNaN(p.Loss) {
			t.Errorf("%+v does not pass, or loses nothing", p)
		}
	}
	if disclosure.Propose(classes(4), levels[1:], []bool{false}, 5, 2) != nil {
		t.Error("four persons can never be five alike")
	}
}
