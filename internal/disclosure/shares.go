package disclosure

import (
	"cmp"
	"slices"
)

// LeastAnswers is how many must have answered a question before its
// distribution is shown to participants.
const LeastAnswers = 10

// Share is a group of answers in a distribution, counted together.
type Share struct {
	Choices []int `json:"choices"` // the places of the answers in the list, ascending
	Count   int   `json:"count"`   // at least Least
	Rest    bool  `json:"rest,omitempty"`
}

// Withheld says why a distribution is not shown.
type Withheld string

// The reasons.
const (
	Shown    Withheld = ""
	TooFew   Withheld = "few"   // fewer than LeastAnswers have answered
	TooAlike Withheld = "alike" // fewer than two groups of at least Least could be made
)

// Shares joins the answers to a question into groups of at least Least persons,
// as many groups as can be. counts holds how many gave each answer, in the order
// of the list, with zeros: that nobody gave an answer is told of all who
// answered, so an answer that nobody gave is joined as well.
//
// Of ordered answers neighbours are joined, the most evenly where there are
// several ways. Of others the smallest are put together as the rest, until that
// is large enough too.
//
// What is shown is shown to people who know their own answer. From a group of n
// they learn that the other n−1 gave one of its answers, and no more: n is 5 or
// more, so that nobody is alone with another. That holds because a distribution
// is worked out once and frozen; two of them, before and after somebody was
// taken out, would tell what that person had answered.
func Shares(counts []int, ordered bool) ([]Share, Withheld) {
	total := 0
	for _, n := range counts {
		total += n
	}
	if total < LeastAnswers {
		return nil, TooFew
	}
	out := unordered(counts)
	if ordered {
		out = neighbours(counts)
	}
	if len(out) < 2 {
		return nil, TooAlike
	}
	return out, Shown
}

// neighbours cuts the counts into the most runs that each hold at least Least,
// and of these ways takes the one whose squares sum up to the least.
func neighbours(counts []int) []Share {
	type way struct{ groups, squares, from int }
	best := make([]way, len(counts)+1) // of the first i counts; groups is −1 where they cannot be cut
	for to := 1; to <= len(counts); to++ {
		best[to].groups = -1
		sum := 0
		for from := to - 1; from >= 0; from-- {
			if sum += counts[from]; sum < Least || best[from].groups < 0 {
				continue
			}
			w := way{best[from].groups + 1, best[from].squares + sum*sum, from}
			if w.groups > best[to].groups || w.groups == best[to].groups && w.squares < best[to].squares {
				best[to] = w
			}
		}
	}
	var out []Share
	for to := len(counts); to > 0 && best[to].groups > 0; to = best[to].from {
		s := Share{}
		for i := best[to].from; i < to; i++ {
			s.Choices, s.Count = append(s.Choices, i), s.Count+counts[i]
		}
		out = append(out, s)
	}
	slices.Reverse(out)
	return out
}

// unordered keeps each answer that is large enough by itself, and puts the rest together.
func unordered(counts []int) []Share {
	var kept []int
	rest := Share{Rest: true}
	for i, n := range counts {
		if n >= Least {
			kept = append(kept, i)
			continue
		}
		rest.Choices, rest.Count = append(rest.Choices, i), rest.Count+n
	}
	for len(rest.Choices) > 0 && rest.Count < Least && len(kept) > 0 {
		least := slices.MinFunc(kept, func(a, b int) int { return cmp.Or(counts[a]-counts[b], b-a) })
		kept = slices.DeleteFunc(kept, func(i int) bool { return i == least })
		rest.Choices, rest.Count = append(rest.Choices, least), rest.Count+counts[least]
	}
	var out []Share
	for _, i := range kept {
		out = append(out, Share{Choices: []int{i}, Count: counts[i]})
	}
	if len(rest.Choices) > 0 {
		slices.Sort(rest.Choices)
		out = append(out, rest)
	}
	return out
}
