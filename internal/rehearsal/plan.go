package rehearsal

import (
	"math/rand/v2"
	"slices"
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
	withdraws             // answers, and leaves the panel afterwards
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
	members []lot
}

// lot is what one person does over the whole panel.
type lot struct {
	errands  []errand  // by wave
	cohort   int       // the index of the wave they enter at
	joins    time.Time // zero: some days before that wave
	leave    time.Time // of one who withdraws
	erase    bool      // and has the answers erased
	cookies  bool
	bounces  bool // their e-mail address does not exist
	full     bool // their mailbox is full when the first invitation comes
	optsOut  int  // the index of the wave in which they want no more messages, -1 for none
	switches int  // from which wave on they answer in another language, -1 for none
}

// newPlan draws what everybody does, as the behaviour says. Of the wave that is
// open at the end half of those asked have answered.
func newPlan(r *rand.Rand, st *study.Study, b *Behaviour, people int, until time.Time) *plan {
	p := &plan{until: until}
	for _, w := range st.Waves {
		if w.Opens.Before(until) {
			p.waves = append(p.waves, w)
			p.current = until.Before(w.Closes)
		}
	}
	for range people {
		p.members = append(p.members, lot{errands: make([]errand, len(p.waves)), cookies: true, optsOut: -1, switches: -1})
	}
	for i := range p.members {
		for w := range p.waves {
			p.members[i].errands[w].what = answers
		}
	}
	finished := len(p.waves)
	if p.current {
		finished--
	}
	if finished > 0 {
		p.changes(r, b, finished)
		p.silence(r, b, finished)
	}
	p.traits(r, b)
	if p.current {
		p.last(r)
	}
	for i := range p.members {
		for w := range p.waves {
			p.when(r, b, i, w)
		}
	}
	return p
}

// drawing gives a way to take people at random, each once.
func (p *plan) drawing(r *rand.Rand) func(share float64) []*lot {
	order := r.Perm(len(p.members))
	return func(share float64) []*lot {
		n := min(some(share, len(p.members)), len(order))
		var out []*lot
		for _, i := range order[:n] {
			out = append(out, &p.members[i])
		}
		order = order[n:]
		return out
	}
}

// changes gives some of the people something else to do than answering
// everything. None of them does two of these.
func (p *plan) changes(r *rand.Rand, b *Behaviour, finished int) {
	take := p.drawing(r)
	second := min(1, finished-1)
	if len(p.waves) > 1 {
		for _, m := range take(b.Late) {
			m.cohort = 1
		}
		for _, m := range take(b.LateOpen) {
			w := p.waves[1]
			m.cohort, m.joins = 1, w.Opens.Add(w.Closes.Sub(w.Opens)*2/5)
		}
	}
	for _, m := range take(b.Leaves) {
		m.from(second+1, silent)
		m.errands[second].what = withdraws
	}
	for _, m := range take(b.Erases) {
		m.from(second+1, silent)
		m.errands[second].what, m.erase = withdraws, true
	}
	for n, m := range take(b.DropsOut) {
		m.from(1+n%2, silent)
	}
	for n, m := range take(b.Skips) {
		m.errands[(n+2)%finished].what = silent
	}
	for n, m := range take(b.Declines) {
		m.errands[(n+1)%finished].what = declines
	}
	for n, m := range take(b.BreaksOff) {
		e := &m.errands[n%finished]
		e.what, e.stop, e.button = breaksOff, []float64{0.3, 0.75, 0.4}[n%3], n%2 == 0
	}
	for _, m := range take(b.Paper) {
		m.errands[second].what = onPaper
	}
	for n, m := range take(b.Pauses) {
		e := &m.errands[n%len(p.waves)]
		e.what, e.stop, e.button = pauses, []float64{0.4, 0.2, 0.6}[n%3], n%3 != 2
	}
	for i := range p.members {
		for w := range p.members[i].cohort {
			p.members[i].errands[w].what = silent
		}
	}
}

// silence lets those who would answer a wave do nothing, as often as the
// behaviour says.
func (p *plan) silence(r *rand.Rand, b *Behaviour, finished int) {
	for i := range p.members {
		for w := range finished {
			if e := &p.members[i].errands[w]; r.Float64() >= b.answers(w) && e.what == answers {
				e.what = silent
			}
		}
	}
}

// traits gives some people what is not about one wave. None has two of these,
// whatever else they do.
func (p *plan) traits(r *rand.Rand, b *Behaviour) {
	take := p.drawing(r)
	for _, m := range take(b.NoCookies) {
		m.cookies = false
	}
	for _, m := range take(b.Bounces) {
		m.bounces = true
	}
	for _, m := range take(b.Full) {
		m.full = true
	}
	for _, m := range take(b.OptsOut) {
		m.optsOut = min(max(1, m.cohort), len(p.waves)-1)
	}
	for _, m := range take(b.Switches) {
		m.switches = min(1, len(p.waves)-1)
	}
}

// noPaper lets those who would answer on paper answer as the others do.
func (p *plan) noPaper() {
	for i := range p.members {
		for w := range p.members[i].errands {
			if e := &p.members[i].errands[w]; e.what == onPaper {
				e.what = answers
			}
		}
	}
}

// from sets what somebody does from a wave on.
func (m *lot) from(wave int, what deed) {
	for w := wave; w < len(m.errands); w++ {
		m.errands[w].what = what
	}
}

// last lets half of those asked answer the open wave; of the rest one has
// paused and the others wait.
func (p *plan) last(r *rand.Rand) {
	w := len(p.waves) - 1
	asked, done, paused := 0, 0, false
	for i := range p.members {
		if !p.members[i].withdraws() {
			asked++
		}
	}
	for _, i := range r.Perm(len(p.members)) {
		m := &p.members[i]
		e := &m.errands[w]
		switch {
		case e.what == silent || m.withdraws():
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

func (m *lot) withdraws() bool {
	return slices.ContainsFunc(m.errands, func(e errand) bool { return e.what == withdraws })
}

// An interview takes well under an hour; one that begins later than this
// before the end would be cut off.
const latest = time.Hour

// when draws the times of an errand.
func (p *plan) when(r *rand.Rand, b *Behaviour, person, wave int) {
	m := &p.members[person]
	e, w := &m.errands[wave], p.waves[wave]
	end := w.Closes
	if p.until.Before(end) {
		end = p.until
	}
	from := w.Opens
	if m.joins.After(from) {
		from = m.joins
	}
	e.at = moment(r, from, end.Add(-latest))
	e.code = r.Float64() < b.TypesCode
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
		m.leave = w.Closes.Add(time.Duration(24+r.IntN(240)) * time.Hour)
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
