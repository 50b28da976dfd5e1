package rehearsal

import (
	"math"
	"math/rand/v2"
	"time"

	"panelverk/internal/study"
)

// deed is what somebody does with a wave.
type deed int

const (
	silent    deed = iota // nothing
	answers               // from the first page to the last
	pauses                // stops in the middle and goes on later
	breaksOff             // stops in the middle for good
	declines              // says so on the page
	onPaper               // answers on paper, and staff types it in
	withdraws             // leaves the panel; what was answered stays
	waits                 // nothing yet: the wave is still open
)

// errand is one person's part in one wave.
type errand struct {
	what   deed
	at     time.Time // when it begins
	back   time.Time // of pauses: when they come back
	stop   float64   // of pauses and breaksOff: after which share of the pages
	code   bool      // types the code of the letter instead of opening the link
	button bool      // stops by the button for it; otherwise the window is just closed
}

// plan is what everybody does, drawn once at the start.
type plan struct {
	waves   []study.Wave // those that open before the end
	current bool         // the last of them is still open at the end
	until   time.Time
	errands [][]errand // by person and wave
	cohort  []int      // by person: the index of the wave they enter at
	leave   []time.Time
	cookies []bool
}

// of36 gives a number of people that is n in a panel of 36.
func of36(n, people int) int { return int(math.Round(float64(n*people) / 36)) }

// newPlan draws what everybody does. In a panel of 36: two enter at the second
// wave, one withdraws after it, four drop out, five skip exactly one wave,
// three break off in one, four pause and come back, one answers a wave on paper. Of the wave that is open
// at the end half of those asked have answered.
func newPlan(r *rand.Rand, st *study.Study, people int, until time.Time) *plan {
	p := &plan{until: until, cohort: make([]int, people), leave: make([]time.Time, people), cookies: make([]bool, people)}
	for _, w := range st.Waves {
		if w.Opens.Before(until) {
			p.waves = append(p.waves, w)
			p.current = until.Before(w.Closes)
		}
	}
	finished := len(p.waves)
	if p.current {
		finished--
	}
	order := r.Perm(people)
	take := func(n int) []int {
		n = min(n, len(order))
		taken := order[:n]
		order = order[n:]
		return taken
	}
	for i := range people {
		p.errands = append(p.errands, make([]errand, len(p.waves)))
		for w := range p.waves {
			p.errands[i][w].what = answers
		}
		p.cookies[i] = r.IntN(18) != 0
	}
	if finished > 1 {
		p.changes(take, people, finished)
	}
	if p.current {
		p.last(r, people)
	}
	for i := range people {
		for w := range p.waves {
			p.when(r, i, w)
		}
	}
	return p
}

// changes gives some of the people something else to do than answering
// everything.
func (p *plan) changes(take func(int) []int, people, finished int) {
	withdrawing := of36(1, people)
	if people >= 12 {
		withdrawing = max(1, withdrawing)
	}
	for _, i := range take(of36(2, people)) {
		p.cohort[i] = 1
		p.errands[i][0].what = silent
	}
	for _, i := range take(withdrawing) {
		p.from(i, 2, silent)
		p.errands[i][1].what = withdraws // answers, and leaves after the wave has closed
	}
	for n, i := range take(of36(4, people)) {
		p.from(i, 1+n%2, silent)
	}
	for n, i := range take(of36(5, people)) {
		what := silent
		if n%2 == 0 {
			what = declines
		}
		p.errands[i][(n+1)%finished].what = what
	}
	for n, i := range take(of36(3, people)) {
		e := &p.errands[i][n%finished]
		e.what, e.stop, e.button = breaksOff, []float64{0.3, 0.75, 0.4}[n%3], n%2 == 0
	}
	for _, i := range take(of36(1, people)) {
		p.errands[i][1].what = onPaper
	}
	for n, i := range take(of36(4, people)) {
		e := &p.errands[i][n%len(p.waves)]
		e.what, e.stop, e.button = pauses, []float64{0.4, 0.2, 0.6}[n%3], n%3 != 2
	}
}

// noPaper lets those who would answer on paper answer as the others do.
func (p *plan) noPaper() {
	for _, errands := range p.errands {
		for w := range errands {
			if errands[w].what == onPaper {
				errands[w].what = answers
			}
		}
	}
}

// from sets what somebody does from a wave on.
func (p *plan) from(person, wave int, what deed) {
	for w := wave; w < len(p.waves); w++ {
		p.errands[person][w].what = what
	}
}

// last lets half of those asked answer the open wave; of the rest one has
// paused and the others wait.
func (p *plan) last(r *rand.Rand, people int) {
	w := len(p.waves) - 1
	asked, done, paused := 0, 0, false
	for i := range people {
		if !p.withdrawn(i) {
			asked++
		}
	}
	for _, i := range r.Perm(people) {
		e := &p.errands[i][w]
		switch {
		case e.what == silent || p.withdrawn(i):
		case done < asked/2:
			done++
		case !paused:
			paused = true
			e.what, e.stop, e.button = breaksOff, 0.35, true
		default:
			e.what = waits
		}
	}
}

func (p *plan) withdrawn(person int) bool {
	for _, e := range p.errands[person] {
		if e.what == withdraws {
			return true
		}
	}
	return false
}

// An interview takes well under an hour; one that begins later than this
// before the end would be cut off.
const latest = time.Hour

// when draws the times of an errand.
func (p *plan) when(r *rand.Rand, person, wave int) {
	e, w := &p.errands[person][wave], p.waves[wave]
	end := w.Closes
	if p.until.Before(end) {
		end = p.until
	}
	e.at = moment(r, w.Opens, end.Add(-latest))
	e.code = r.IntN(6) == 0
	switch e.what {
	case pauses:
		e.back = e.at.Add(time.Duration(2+r.IntN(60)) * time.Hour).Add(time.Duration(r.IntN(3600)) * time.Second)
		if e.back.After(end.Add(-latest)) {
			if room := end.Add(-latest).Sub(e.at); room < 2*latest {
				e.at = e.at.Add(room - 2*latest)
			}
			e.back = end.Add(-latest)
		}
	case withdraws:
		p.leave[person] = w.Closes.Add(time.Duration(24+r.IntN(240)) * time.Hour)
	}
}

// hours are those at which people answer: in the break, after the shift, in
// the evening.
var hours = []int{6, 9, 9, 11, 12, 12, 12, 14, 15, 16, 16, 17, 17, 18, 18, 19, 19, 19, 20, 20, 20, 21, 21, 22}

// moment draws a time between two: most answer soon after they were asked,
// further ones after each of two reminders.
func moment(r *rand.Rand, from, to time.Time) time.Time {
	span := to.Sub(from)
	if span <= 0 {
		return from
	}
	zone := from.Location()
	for range 30 {
		share := min(r.ExpFloat64()*0.12, 0.9)
		switch n := r.IntN(20); {
		case n >= 17:
			share += 0.66
		case n >= 11:
			share += 0.33
		}
		day := from.Add(time.Duration(share * float64(span))).In(zone)
		at := time.Date(day.Year(), day.Month(), day.Day(), hours[r.IntN(len(hours))], r.IntN(60), r.IntN(60), 0, zone)
		if at.After(from) && at.Before(to) {
			return at
		}
	}
	return from.Add(time.Duration(r.Float64() * float64(span)))
}
