package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/study"
)

// errStopped says that the rehearsal ended before the script did.
var errStopped = errors.New("the rehearsal was stopped")

// person is somebody in the panel: what they are like, and where they are in
// what they do. Their script runs in turns with those of the others.
type person struct {
	stage    *stage
	index    int
	lot      *lot
	language string
	new      fieldwork.NewParticipant
	label    string
	hasty    float64 // how fast they are; 1 is usual
	browser  *browser
	own      *browser  // the device that they said is their own, nil for none
	now      time.Time // of their own turn
	yield    func(time.Time) bool
	asleep   bool     // until a message comes
	letters  []letter // what came, in the order it came
	link     string   // the last they opened
	spoken   string   // the language they want from now on, "" for the one they have

	wave  int // index of the one they are in
	logic *interview.Logic
	seen  map[string]*seen // by the keys of the answers
	added map[string]int   // how often the button to add an instance was pressed, by page

	instance string // of a repeat, that the page is about
}

// seen is what somebody has made of a question in this wave.
type seen struct {
	blank bool // left so
	tries int  // how often it came back marked
}

// draw gives random numbers that depend on the seed, the person and what they
// are for, and on nothing else: what somebody answers does not change with the
// order in which things are asked.
func (p *person) draw(what ...string) *rand.Rand {
	who := fmt.Sprintf("person %d", p.index)
	if p.instance != "" { // somebody or something else that they tell of
		who += "@" + p.instance
	}
	return p.stage.draw(who + "\x00" + strings.Join(what, "\x00"))
}

func (s *stage) draw(what string) *rand.Rand {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, what)                      // a hash takes everything
	return rand.New(rand.NewPCG(s.Seed, h.Sum64())) //nolint:gosec // the same seed has to give the same
}

// normal draws from the standard normal distribution.
func (p *person) normal(what ...string) float64 { return p.draw(what...).NormFloat64() }

// trait gives what somebody is like in a wave: much as they were in the one
// before.
func (p *person) trait(t trait, wave int) float64 {
	const keeps = 0.85
	z := p.normal("trait", fmt.Sprint(t))
	for w := 1; w <= wave; w++ {
		z = keeps*z + math.Sqrt(1-keeps*keeps)*p.normal("trait", fmt.Sprint(t), fmt.Sprint(w))
	}
	return z
}

// newPerson makes somebody up.
func newPerson(s *stage, number int, st *study.Study) *person {
	p := &person{stage: s, index: number, lot: &s.plan.members[number], new: fieldwork.NewParticipant{Attributes: map[string]string{}}}
	r := p.draw("identity")
	p.hasty = math.Exp(0.25 * r.NormFloat64())
	p.language = st.DefaultLanguage()
	if n := r.IntN(10); n >= 7 && len(st.Languages) > 1 {
		p.language = st.Languages[1+r.IntN(len(st.Languages)-1)]
	}
	for _, a := range st.Attributes {
		if len(a.Choices) == 0 {
			continue
		}
		choice := a.Choices[r.IntN(len(a.Choices))].Name
		if fits := p.countries(a); len(fits) > 0 {
			choice = fits[r.IntN(len(fits))]
		}
		p.new.Attributes[a.Name] = choice
	}
	first, last := named(firstNames, p.language), named(lastNames, p.language)
	p.new.Name = first[r.IntN(len(first))] + " " + last[r.IntN(len(last))]
	p.new.Email = fmt.Sprintf("%s.%d@example.org", address(p.new.Name), number+1)
	if n := firstPhone + number; n <= lastPhone && p.language == "sv" && r.IntN(2) == 0 {
		p.new.Phone = fmt.Sprintf("070-174 06 %02d", n)
	}
	p.new.Language = p.language
	return p
}

// countries gives the choices of an attribute that go with the person's
// language, none where it is not about countries.
func (p *person) countries(a study.Attribute) []string {
	var out []string
	known := false
	for _, c := range a.Choices {
		tongue := countryTongue[c.Name]
		known = known || tongue != ""
		if tongue == p.language || tongue == "" && p.language == "en" {
			out = append(out, c.Name)
		}
	}
	if !known {
		return nil
	}
	return out
}

// address writes a name as it stands in an e-mail address.
func address(name string) string {
	return strings.NewReplacer(" ", ".", "å", "a", "ä", "a", "ö", "o", "ü", "u").Replace(
		strings.ToLower(name))
}

// until lets the others go on until a time.
func (p *person) until(at time.Time) error {
	if at.After(p.now) {
		p.now = at
	}
	if !p.yield(p.now) {
		return errStopped
	}
	return nil
}

// pass lets some time go by.
func (p *person) pass(d time.Duration) error { return p.until(p.now.Add(d)) }

// live is a person's script for the whole panel.
func (p *person) live(ctx context.Context) error {
	plan := p.stage.plan
	for w := p.lot.cohort; w < len(plan.waves); w++ {
		e := p.lot.errands[w]
		if p.lot.optsOut == w && p.stage.post != nil {
			if err := p.stage.trouble(p.optOut(ctx, w)); err != nil {
				return err
			}
		}
		if e.what == silent || e.what == waits {
			continue
		}
		if err := p.until(e.at); err != nil {
			return err
		}
		p.wave, p.seen, p.added = w, map[string]*seen{}, map[string]int{}
		p.logic = p.stage.logics[w]
		if p.lot.switches == w {
			p.switches()
		}
		p.browser = p.device()
		if err := p.takePart(ctx, e); err != nil {
			return err
		}
		p.stage.errandDone(w)
		if at := p.lot.leave; e.what == withdraws && at.Before(plan.until) {
			if err := p.until(at); err != nil {
				return err
			}
			how := "keep"
			if p.lot.erase {
				how = "erase"
			}
			return p.stage.trouble(p.leave(ctx, how))
		}
	}
	return nil
}

// takePart does somebody's part in a wave, once they have a link.
func (p *person) takePart(ctx context.Context, e errand) error {
	link := p.stage.links[p.wave][p.label]
	if p.stage.post != nil && e.what != onPaper {
		var err error
		if link, err = p.await(p.wave); err != nil || link.URL == "" {
			return err
		}
	}
	if err := p.errand(ctx, e, link); err != nil {
		return p.stage.trouble(fmt.Errorf("wave %d: %w", p.wave+1, err))
	}
	return nil
}

// switches takes up another language, where the study has one.
func (p *person) switches() {
	all := p.stage.study.Languages
	if len(all) > 1 {
		p.spoken = all[(slices.Index(all, p.language)+1)%len(all)]
	}
}

// errand does what somebody has to do with a wave.
func (p *person) errand(ctx context.Context, e errand, link fieldwork.Link) error {
	if e.what == onPaper {
		return p.paper(ctx)
	}
	if link.URL == "" {
		return errors.New("there is no link for somebody who is asked")
	}
	p.link = link.URL
	s, err := p.open(ctx, link, e.code)
	if err != nil {
		return err
	}
	if e.what == declines {
		return p.decline(ctx, s)
	}
	pages := -1
	if e.what == pauses || e.what == breaksOff {
		pages = max(1, int(e.stop*float64(len(p.logic.Questionnaire.Pages))))
	}
	if s, err = p.start(ctx, s); err != nil {
		return err
	}
	p.stage.tally(p.wave).Started++
	s, err = p.answer(ctx, s, pages)
	if err != nil || pages < 0 {
		return err
	}
	if e.button && pageOf(s.url) != "" {
		if _, err := p.browser.send(ctx, s, fieldGo, "pause"); err != nil {
			return err
		}
	}
	if e.what == breaksOff {
		p.stage.tally(p.wave).BrokeOff++
		return nil
	}
	if err := p.until(e.back); err != nil {
		return err
	}
	p.stage.tally(p.wave).CameBack++
	if s, err = p.browser.get(ctx, link.URL); err != nil {
		return err
	}
	if s, err = p.start(ctx, s); err != nil {
		return err
	}
	_, err = p.answer(ctx, s, -1)
	return err
}

// open opens the link, or types the code that stands beside it.
func (p *person) open(ctx context.Context, link fieldwork.Link, code bool) (*sheet, error) {
	if !code || link.Code == "" {
		return p.browser.get(ctx, link.URL)
	}
	s, err := p.browser.get(ctx, link.URL[:strings.Index(link.URL, "/s/")+1])
	if err != nil {
		return nil, err
	}
	if err := p.pass(p.seconds("code", 10, 40)); err != nil {
		return nil, err
	}
	if s.form == nil {
		return nil, fmt.Errorf("the page %q takes no code", s.title)
	}
	s.form.fill("code", strings.ToLower(link.Code))
	return p.browser.send(ctx, s, "", "")
}

// start reads the start page, agrees where that is asked for, and begins.
// Some press the button before they have ticked the box.
func (p *person) start(ctx context.Context, s *sheet) (*sheet, error) {
	if p.spoken != "" && p.spoken != p.language {
		var err error
		if s, err = p.change(ctx, s); err != nil {
			return nil, err
		}
	}
	forgets := p.draw("forgets", fmt.Sprint(p.wave)).IntN(12) == 0
	for range 3 {
		if err := p.pass(p.seconds("start", 15, 70)); err != nil {
			return nil, err
		}
		if s.form != nil && !forgets {
			s.form.fill("consent", "1")
			p.remember(s.form)
		}
		forgets = false
		var err error
		if s, err = p.browser.send(ctx, s, fieldGo, "start"); err != nil {
			return nil, err
		}
		if s.status == http.StatusOK {
			return s, nil
		}
	}
	return nil, fmt.Errorf("the start page does not let one begin: %q (%d)", s.title, s.status)
}

// change presses the link to the page in another language.
func (p *person) change(ctx context.Context, s *sheet) (*sheet, error) {
	for _, href := range s.links {
		if to, err := s.url.Parse(href); err == nil && to.Path == s.url.Path && to.Query().Get("lang") == p.spoken {
			p.language = p.spoken
			p.browser.language = p.spoken
			p.stage.report.Switched++
			return p.browser.get(ctx, to.String())
		}
	}
	return nil, fmt.Errorf("the start page %q has no link to the language %s", s.title, p.spoken)
}

func (p *person) decline(ctx context.Context, s *sheet) error {
	if err := p.pass(p.seconds("decline", 10, 60)); err != nil {
		return err
	}
	s, err := p.browser.send(ctx, s, fieldGo, "decline")
	if err != nil {
		return err
	}
	if err := p.chooseWay(ctx, s, "wave"); err != nil {
		return err
	}
	p.stage.tally(p.wave).Declined++
	return nil
}

// leave opens an old link and leaves the panel there.
func (p *person) leave(ctx context.Context, how string) error {
	s, err := p.browser.get(ctx, p.link)
	if err != nil {
		return err
	}
	if s, err = p.browser.get(ctx, s.link("/leave")); err != nil {
		return err
	}
	if err := p.chooseWay(ctx, s, how); err != nil {
		return err
	}
	p.stage.report.Withdrew++
	if how == "erase" {
		p.stage.report.Erased++
	}
	return nil
}

func (p *person) chooseWay(ctx context.Context, s *sheet, how string) error {
	if err := p.pass(p.seconds("way", 8, 40)); err != nil {
		return err
	}
	if s.form == nil {
		return fmt.Errorf("the page %q (%d) has no form", s.title, s.status)
	}
	s.form.fill("how", how)
	s, err := p.browser.send(ctx, s, "", "")
	if err == nil && s.status == http.StatusOK && how != "wave" { // what it means, to be confirmed
		if err := p.pass(p.seconds("sure", 5, 30)); err != nil {
			return err
		}
		if s.form == nil {
			return fmt.Errorf("the page %q (%d) has no form to confirm with", s.title, s.status)
		}
		s.form.fill("mine", "1")
		s, err = p.browser.send(ctx, s, "", "")
	}
	if err == nil && s.status != http.StatusOK {
		err = fmt.Errorf("leaving was answered with %q (%d)", s.title, s.status)
	}
	return err
}

// seconds draws how long something takes.
func (p *person) seconds(what string, low, high float64) time.Duration {
	r := p.draw("seconds", what, p.now.UTC().Format(time.RFC3339Nano))
	s := min(max((low+(high-low)*r.Float64())/p.hasty, low), high)
	return time.Duration(s*1000) * time.Millisecond
}
