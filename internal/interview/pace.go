package interview

import (
	"math"
	"slices"
	"time"
)

// How long it takes is told by those who were there: the median of the time
// that others spent on the pages still to come. The clock of a page runs from
// when the page before it was posted until it was. What took longer than
// longestStay was a pause, and is left out.

const (
	// FewestPaced is how many people a Pace is made of at least: of fewer it
	// would tell how long somebody took.
	FewestPaced = 10
	longestStay = 5 * time.Minute
)

// Sitting is an interview that was sent in, with the times of its pages.
type Sitting struct {
	Person             string // whoever it is of: of several by one person the first counts
	Started, Submitted time.Time
	Pages              map[string]Visit
}

// Pace is how long an interview takes from each of its pages on. It is of no
// single person, and never changed; the nil Pace knows nothing.
type Pace struct {
	at   map[string]int  // the place of each page and overview, by key outside of its instances
	left []time.Duration // from the page at a place on, the review included
}

// Pace works out the pace of interviews that were sent in; nil where they are
// of fewer people than FewestPaced.
func (l *Logic) Pace(sittings []Sitting) *Pace {
	p := &Pace{at: map[string]int{}}
	p.place(l.steps)
	people := map[string]bool{}
	var left [][]time.Duration // of each person, as in Pace
	for _, s := range sittings {
		if !people[s.Person] && len(s.Pages) > 0 && !s.Submitted.IsZero() {
			people[s.Person] = true
			left = append(left, p.spent(s))
		}
	}
	if len(left) < FewestPaced {
		return nil
	}
	one := make([]time.Duration, len(left))
	for place := range len(p.at) + 1 {
		for i := range left {
			one[i] = left[i][place]
		}
		slices.Sort(one)
		p.left = append(p.left, (one[(len(one)-1)/2]+one[len(one)/2])/2)
	}
	return p
}

// place gives each page its place. The overview of a repeat comes after its pages.
func (p *Pace) place(steps []step) {
	for _, s := range steps {
		p.place(s.steps)
		if s.screen == nil {
			continue
		}
		if _, known := p.at[s.screen.Key]; !known { // a repeat that is one page has its name, as has its overview
			p.at[s.screen.Key] = len(p.at)
		}
	}
}

// spent gives how long one person took from each place on.
func (p *Pace) spent(s Sitting) []time.Duration {
	type post struct {
		place int
		at    int64
	}
	posts := []post{{len(p.at), s.Submitted.UnixMilli()}} // the review
	for key, visit := range s.Pages {
		name, _ := Split(key)
		if place, known := p.at[name]; known {
			posts = append(posts, post{place, visit.First})
		}
	}
	slices.SortFunc(posts, func(a, b post) int { return int(a.at - b.at) })
	left := make([]time.Duration, len(p.at)+1)
	before := s.Started.UnixMilli()
	for _, one := range posts {
		if stay := time.Duration(one.at-before) * time.Millisecond; stay > 0 && stay <= longestStay {
			left[one.place] += stay
		}
		before = one.at
	}
	for place := len(left) - 2; place >= 0; place-- {
		left[place] += left[place+1]
	}
	return left
}

// Left gives how many minutes are left to somebody who has come to a page, 0
// for less than one; false where nobody can tell.
func (p *Pace) Left(page string) (minutes int, known bool) {
	if p == nil {
		return 0, false
	}
	name, _ := Split(page)
	place, known := p.at[name]
	if !known {
		return 0, false
	}
	return minutesOf(p.left[place]), true
}

// Whole gives how many minutes the whole takes, as Left does.
func (p *Pace) Whole() (minutes int, known bool) {
	if p == nil {
		return 0, false
	}
	return minutesOf(p.left[0]), true
}

// minutesOf rounds to whole minutes; below one it stays below.
func minutesOf(d time.Duration) int {
	if d < time.Minute {
		return 0
	}
	return int(math.Round(d.Minutes()))
}
