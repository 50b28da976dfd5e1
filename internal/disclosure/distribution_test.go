package disclosure_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"panelverk/internal/disclosure"
)

func TestCells(t *testing.T) {
	const x = -1 // hidden
	for name, c := range map[string]struct {
		counts, guarded, want []int
	}{
		"all large":                       {[]int{12, 9, 15}, nil, []int{12, 9, 15}},
		"nobody is no person":             {[]int{12, 0, 15}, nil, []int{12, 0, 15}},
		"one small takes another":         {[]int{12, 3, 15}, nil, []int{x, x, 15}},
		"two small are not enough":        {[]int{1, 2, 30, 9}, nil, []int{x, x, 30, x}},
		"several small hide each other":   {[]int{4, 4, 4, 30}, nil, []int{x, x, x, 30}},
		"nothing left to hide behind":     {[]int{3, 0, 0}, nil, []int{x, x, x}},
		"a guarded one takes a free one":  {[]int{20, 8, 12}, []int{2}, []int{20, x, x}},
		"a guarded zero does":             {[]int{20, 8, 0}, []int{2}, []int{20, x, x}},
		"small ones are enough for it":    {[]int{20, 3, 12}, []int{2}, []int{20, x, x}},
		"two guarded ones need a free":    {[]int{20, 8, 6, 12}, []int{2, 3}, []int{20, x, x, x}},
		"guarded with nothing free is no": {[]int{0, 8, 9}, []int{1, 2}, []int{x, x, x}},
	} {
		t.Run(name, func(t *testing.T) {
			got := slices.Clone(c.counts)
			for i, h := range disclosure.Cells(c.counts, c.guarded, disclosure.Least) {
				if h {
					got[i] = x
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v guarded %v is shown as %v, want %v", c.counts, c.guarded, got, c.want)
			}
		})
	}
}

func TestCuts(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		whole     bool
		want      []float64
	}{
		{20, 60, true, []float64{25, 30, 35, 40, 45, 50, 55, 60}},
		{36, 48, true, []float64{38, 40, 42, 44, 46, 48}},
		{1, 5, true, []float64{2, 3, 4, 5}},
		{1, 3, false, []float64{1.5, 2, 2.5, 3}},
		{7, 7, true, nil},
	} {
		got := disclosure.Cuts(c.low, c.high, c.whole)
		if !slices.EqualFunc(got, c.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }) {
			t.Errorf("from %v to %v: %v, want %v", c.low, c.high, got, c.want)
		}
	}
	if got := disclosure.JoinBands([]float64{10, 20, 30}, []int{2, 9, 1, 8}, []int{6, 5, 5, 6}); !slices.Equal(got, []float64{20}) {
		t.Errorf("the bands that hold five in both begin at %v", got)
	}
}

// TestSmallMovesCannotBeWorkedOut draws people with values over three waves and
// looks at what is shown as somebody would who wants to know more: for every
// count from 1 to 4, of a value in a wave or of a move between values, there
// are other people with whom exactly the same would be shown, and it differs.
func TestSmallMovesCannotBeWorkedOut(t *testing.T) {
	tables := 0
	rapid.Check(t, func(t *rapid.T) {
		const waves, none = 3, 2 // the values, and behind them two ways of having none
		k := rapid.IntRange(2, 4).Draw(t, "values")
		n := rapid.IntRange(10, 160).Draw(t, "people")
		sticky := rapid.IntRange(0, 3).Draw(t, "sticky")
		people := make([][]int, n)
		for i := range people {
			people[i] = make([]int, waves)
			for w := range people[i] {
				if people[i][w] = rapid.IntRange(0, k+none-1).Draw(t, "value"); w > 0 && rapid.IntRange(0, 3).Draw(t, "same") < sticky {
					people[i][w] = people[i][w-1]
				}
			}
		}
		s := look(people, k, none, waves, rapid.Bool().Draw(t, "ordered"))
		for _, ok := range s.shown {
			if ok {
				tables++
			}
		}
		for w := range waves {
			for a := range k + none {
				s.tell(t, people, func(p []int) bool { return p[w] == a })
				for b := range k + none {
					if w > 0 {
						s.tell(t, people, func(p []int) bool { return p[w-1] == a && p[w] == b })
					}
				}
			}
		}
	})
	if tables == 0 {
		t.Error("no table was shown: nothing was tried")
	}
}

// sight is what is shown of people with values over waves.
type sight struct {
	k, codes int
	margins  []disclosure.Margin
	groups   [][]int
	shown    []bool
}

func look(people [][]int, k, none, waves int, ordered bool) *sight {
	s := &sight{k: k, codes: k + none}
	moves := make([][][]int, waves-1)
	for w := range waves {
		counts := make([]int, k+none)
		for _, p := range people {
			counts[p[w]]++
		}
		s.margins = append(s.margins, disclosure.Margin{Counts: counts, Hidden: disclosure.Cells(counts, nil, disclosure.Least)})
		if w > 0 {
			moves[w-1] = make([][]int, k+1)
			for a := range moves[w-1] {
				moves[w-1][a] = make([]int, k+1)
			}
			for _, p := range people {
				moves[w-1][min(p[w-1], k)][min(p[w], k)]++
			}
		}
	}
	s.groups, s.shown = disclosure.Groups(k, ordered, s.margins, moves, disclosure.Least)
	if s.shown == nil {
		s.shown = make([]bool, waves-1)
	}
	return s
}

// group gives the group of a value; none is one.
func (s *sight) group(value int) int {
	for g, values := range s.groups {
		if slices.Contains(values, value) {
			return g
		}
	}
	return len(s.groups)
}

// alike tells whether two values in a wave are shown as one: both counts hidden,
// and in the same group where a table of moves tells of the wave.
func (s *sight) alike(w, a, b int) bool {
	told := w > 0 && s.shown[w-1] || w < len(s.shown) && s.shown[w]
	return s.margins[w].Hidden[a] && s.margins[w].Hidden[b] && (!told || s.group(a) == s.group(b))
}

// tell fails where a count from 1 to 4 is certain. The other people are found by
// one person who answers otherwise, or by two who change places, from a wave on
// or in one alone: neither shows.
func (s *sight) tell(t *rapid.T, people [][]int, counted func([]int) bool) {
	n := 0
	for _, p := range people {
		if counted(p) {
			n++
		}
	}
	if n == 0 || n >= disclosure.Least {
		return
	}
	change := func(now ...[]int) (by int) {
		for _, p := range now {
			if counted(p) {
				by++
			}
		}
		return by
	}
	for i, p := range people {
		for w := range p {
			for b := range s.codes {
				if other := slices.Clone(p); b != p[w] && s.alike(w, p[w], b) {
					if other[w] = b; change(other) != change(p) {
						return
					}
				}
			}
		}
		for _, q := range people[:i] {
			for w := range p {
				free := func(at int) bool { // nobody sees who came from where
					return at < 0 || at >= len(s.shown) || !s.shown[at]
				}
				same := s.groups != nil && s.group(p[w]) == s.group(q[w])
				alone, tail := swap(p, q, w, w+1), swap(p, q, w, len(p))
				if (same || free(w-1) && free(w)) && change(alone...) != change(p, q) {
					return
				}
				if (same || free(w-1) || w > 0 && s.group(p[w-1]) == s.group(q[w-1])) && change(tail...) != change(p, q) {
					return
				}
			}
		}
	}
	t.Fatalf("%d can be worked out: groups %v, shown %v, margins %v", n, s.groups, s.shown, s.margins)
}

// swap gives two people with what they answered in some waves exchanged.
func swap(p, q []int, from, to int) [][]int {
	p, q = slices.Clone(p), slices.Clone(q)
	for w := from; w < to; w++ {
		p[w], q[w] = q[w], p[w]
	}
	return [][]int{p, q}
}
