package panel

import (
	"maps"
	"slices"
	"strings"
)

// Path is one person's way through the waves. Index 0 is wave 1.
type Path struct {
	Cohort   int    // the wave entered at, from 1
	Fielded  []bool // the wave has opened
	Invited  []bool // was part of the wave: invited, or answered without
	Answered []bool // complete or partial
	Unasked  []bool // the plan of the study did not ask the person in the wave; nil: it always did
	Died     int    // the first wave that the person did not live to answer; 0: alive
}

// The marks of a pattern.
const (
	MarkAnswered = '1'
	MarkNot      = '0'
	MarkOutside  = '.' // not a member yet, or the wave has not opened
	MarkUnasked  = 'x' // the wave was not for this person
)

// Pattern writes the path as one mark a wave: "1101" answered all but wave 3.
// It is wave nonresponse; "1100" is attrition only once the panel is closed,
// and leaving the study is neither.
func (p Path) Pattern() string {
	var b strings.Builder
	for w := range p.Fielded {
		switch {
		case w < len(p.Answered) && p.Answered[w]:
			b.WriteByte(MarkAnswered)
		case !p.Fielded[w] || w+1 < p.Cohort:
			b.WriteByte(MarkOutside)
		case p.unasked(w):
			b.WriteByte(MarkUnasked)
		default:
			b.WriteByte(MarkNot)
		}
	}
	return b.String()
}

func (p Path) unasked(w int) bool { return w < len(p.Unasked) && p.Unasked[w] && !p.Answered[w] }

// Fraction is a rate with its parts, because "24 of 36" says more than 67 %.
type Fraction struct {
	Of, Over int // Of persons in the numerator, Over in the denominator
}

// Value gives the share; ok is false where the denominator is empty.
func (f Fraction) Value() (share float64, ok bool) {
	if f.Over == 0 {
		return 0, false
	}
	return float64(f.Of) / float64(f.Over), true
}

func (f *Fraction) count(in, hit bool) {
	if in {
		f.Over++
		if hit {
			f.Of++
		}
	}
}

// WaveRates holds the panel rates of one cohort in one wave. R is the set of
// those who answered; the baseline is the cohort's first wave. The dead are in
// no denominator from the wave that they did not live to answer. Who was not
// asked in a wave is in none of its denominators, and takes "every wave" and
// "answered again" of the waves that asked.
type WaveRates struct {
	Wave          int
	Participation Fraction // answered / invited
	Conditional   Fraction // |R(w) ∩ R(w−1)| / |R(w−1)|; empty in the first wave
	Baseline      Fraction // |R(w) ∩ R(first)| / |R(first)|
	AllWave       Fraction // answered every wave so far / |R(first)|
	Reactivated   Fraction // answered again / answered some earlier wave but not w−1
}

// Retention collects the panel rates of many people. The zero value is ready.
type Retention struct {
	cohorts  map[int][]WaveRates
	patterns map[string]int
	n        int
}

// Add counts one person. Someone whose answers were erased is counted like
// everybody else: what is left of that person is a count.
func (r *Retention) Add(p Path) {
	if r.cohorts == nil {
		r.cohorts, r.patterns = map[int][]WaveRates{}, map[string]int{}
	}
	r.n++
	r.patterns[p.Pattern()]++
	rates := r.cohorts[p.Cohort]
	if len(rates) < len(p.Fielded) {
		grown := make([]WaveRates, len(p.Fielded))
		copy(grown, rates)
		rates = grown
		r.cohorts[p.Cohort] = rates
	}
	first := max(p.Cohort-1, 0)
	// Answered all waves so far, the last one, some wave before the last; of those that asked.
	every, last, before := true, false, false
	for w := first; w < len(p.Fielded); w++ {
		rates[w].Wave = w + 1
		if !p.Fielded[w] || p.unasked(w) {
			continue
		}
		now, alive := p.Answered[w], p.Died == 0 || w+1 < p.Died
		every = every && now
		rates[w].Participation.count(alive && p.Invited[w], now)
		rates[w].Baseline.count(alive && p.Answered[first], now)
		rates[w].AllWave.count(alive && p.Answered[first], every)
		if w > first {
			rates[w].Conditional.count(alive && p.Answered[w-1], now)
			rates[w].Reactivated.count(alive && !last && before, now)
		}
		before, last = before || last, now
	}
}

// N gives how many people were counted; the patterns sum to it.
func (r *Retention) N() int { return r.n }

// Cohorts gives the cohorts that have people, in order.
func (r *Retention) Cohorts() []int { return slices.Sorted(maps.Keys(r.cohorts)) }

// Rates gives the rates of a cohort, from its first wave on.
func (r *Retention) Rates(cohort int) []WaveRates {
	rates := r.cohorts[cohort]
	return rates[min(max(cohort-1, 0), len(rates)):]
}

// Tally is how many people share a pattern.
type Tally struct {
	Pattern string
	N       int
}

// Patterns gives the patterns with their counts, the most frequent first and
// equal ones by the pattern, descending.
func (r *Retention) Patterns() []Tally {
	out := make([]Tally, 0, len(r.patterns))
	for p, n := range r.patterns {
		out = append(out, Tally{p, n})
	}
	slices.SortFunc(out, func(a, b Tally) int {
		if a.N != b.N {
			return b.N - a.N
		}
		return strings.Compare(b.Pattern, a.Pattern)
	})
	return out
}
