package rehearsal

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
)

const (
	maxPosts = 300 // of one sitting: more mean that somebody goes round in circles
	maxTries = 3   // at an answer that does not fit, before it is left blank
)

// answer goes from the page shown through the questionnaire and sends it in.
// With pages not negative it stops once so many pages are done, and gives the
// page that is shown then.
func (p *person) answer(ctx context.Context, s *sheet, pages int) (*sheet, error) {
	var err error
	for range maxPosts {
		switch key := pageOf(s.url); {
		case s.at("/thanks") || s.at("/p/"+p.label): // staff comes back to the participant's page
			p.stage.tally(p.wave).Submitted++
			return s, nil
		case s.at("/review") || s.at("/end"):
			if s, err = p.review(ctx, s); err != nil {
				return nil, err
			}
		case key == "" || s.form == nil:
			return nil, fmt.Errorf("in the middle of the questionnaire comes %q (%d)", s.title, s.status)
		case pages == 0:
			return s, nil
		default:
			next, err := p.questions(ctx, s)
			if err != nil {
				return nil, err
			}
			if pageOf(next.url) != key {
				pages--
			}
			s = next
		}
	}
	return nil, fmt.Errorf("no end after %d pages, the last %q", maxPosts, s.title)
}

// review looks through what was answered and sends it in. Where something
// stands in its way that is cleared, so that it can go on.
func (p *person) review(ctx context.Context, s *sheet) (*sheet, error) {
	if s.status != http.StatusOK {
		p.giveUp("review")
		return nil, fmt.Errorf("what was answered cannot be sent in: %q (%d)", s.title, s.status)
	}
	if err := p.pass(p.seconds("review", 10, 50)); err != nil {
		return nil, err
	}
	if s.at("/end") {
		return p.browser.send(ctx, s, "", "")
	}
	return p.browser.send(ctx, s, fieldGo, "submit")
}

// questions fills in a page as it is shown and sends it.
func (p *person) questions(ctx context.Context, s *sheet) (*sheet, error) {
	key := pageOf(s.url)
	_, p.instance = interview.Split(key)
	defer func() { p.instance = "" }()
	p.stage.paths.shown(p, s)
	if err := p.reads(s); err != nil {
		return nil, err
	}
	if button := p.roster(s.form, key); button != "" {
		return p.browser.send(ctx, s, fieldRoster, button)
	}
	before := p.now
	var ranks []string
	for _, name := range s.form.asked {
		if it := p.logic.Questionnaire.Question(name); it != nil && p.wants(s, it) && !p.confirms(s.form, it) {
			if it.Type == questionnaire.Rank && !p.unsaid(s.form, it) {
				ranks = append(ranks, name)
			} else if it.Type != questionnaire.Rank {
				p.fill(s.form, it)
			}
		}
	}
	for _, name := range ranks {
		var err error
		if s, err = p.rank(ctx, s, name); err != nil {
			return nil, err
		}
	}
	form := s.form
	button := "next"
	if form.has(fieldGo, "back") && p.draw("back", key, fmt.Sprint(p.wave), before.UTC().Format(time.RFC3339Nano)).IntN(60) == 0 {
		button = "back" // they look at what came before
	}
	p.stage.report.Pages++
	s, err := p.browser.send(ctx, s, fieldGo, button)
	if err != nil {
		return nil, err
	}
	p.judge(form, s, key)
	return s, nil
}

// mostAdded is how many instances somebody adds to a repeat at most.
const mostAdded = 3

// roster gives the button that somebody presses on the overview of a repeat, ""
// where there is nothing more to add. A few take back what they added.
func (p *person) roster(f *form, key string) string {
	if !f.has(fieldRoster, "add") {
		return ""
	}
	n := p.draw("instances", key, fmt.Sprint(p.wave)).IntN(mostAdded + 1)
	if p.added[key] >= n {
		return ""
	}
	p.added[key]++
	if mistake := p.draw("mistake", key, fmt.Sprint(p.wave)).IntN(10) == 0; mistake && p.added[key] > 1 && f.has(fieldRoster, "remove 1") {
		return "remove 1"
	}
	return "add"
}

// key gives the key of the answer to a question on the page.
func (p *person) key(name string) string { return interview.At(name, p.instance) }

// reads lets the time pass that it takes to read and answer a page.
func (p *person) reads(s *sheet) error {
	blank := 0
	for _, name := range s.form.asked {
		if p.seen[p.key(name)] == nil {
			blank++
		}
	}
	if blank == 0 { // nothing new: they only look
		return p.pass(p.seconds("look", 3, 12))
	}
	return p.pass(min(max(p.seconds("page", 8, 16)+time.Duration(blank)*p.seconds("question", 5, 11), 15*time.Second), time.Minute))
}

// wants tells whether somebody does something about a question: it is new, or
// it came back marked and they have not yet given up on it.
func (p *person) wants(s *sheet, it *questionnaire.Item) bool {
	known := p.seen[p.key(it.Name)]
	if known == nil {
		p.seen[p.key(it.Name)] = &seen{}
		return true
	}
	if !s.wrong[it.Name] {
		return false
	}
	known.tries++
	if known.blank && known.tries == 1 { // the one reminder: most heed it
		known.blank = p.draw("heeds", it.Name, fmt.Sprint(p.wave)).IntN(3) == 0
		return !known.blank
	}
	return true
}

// judge takes note of what came of a page that was sent.
func (p *person) judge(sent *form, s *sheet, key string) {
	mistakes := 0
	for name := range s.wrong {
		if known := p.seen[p.key(name)]; known != nil && !known.blank {
			mistakes++
		}
	}
	if s.status == http.StatusUnprocessableEntity {
		if mistakes > 0 {
			p.stage.tally(p.wave).Mistakes++
		} else {
			p.stage.tally(p.wave).Reminders++
		}
	}
	if pageOf(s.url) == key {
		return
	}
	for _, name := range sent.asked {
		if sent.confirmed(name) || sent.filled(fieldValue+name) || sent.filled(fieldApart+name) {
			p.stage.paths.answered(p, name, sent)
		}
	}
}

func (p *person) giveUp(what string) {
	p.stage.report.GaveUp = append(p.stage.report.GaveUp, fmt.Sprintf("wave %d: %s", p.wave+1, what))
}

// fill answers one question on the form.
func (p *person) fill(f *form, it *questionnaire.Item) {
	field, known := fieldValue+it.Name, p.seen[p.key(it.Name)]
	if known.tries == 0 && p.leavesBlank(it) {
		known.blank = true
		return
	}
	if known.tries > maxTries {
		p.giveUp("no answer fits " + it.Name)
		known.blank = true
		f.fill(field)
		return
	}
	switch it.Type {
	case questionnaire.SelectOne, questionnaire.SelectMultiple:
		p.choose(f, it)
	case questionnaire.Acknowledge:
		f.fill(field, "OK")
	default:
		f.fill(field, p.write(it))
	}
}

// leavesBlank tells whether somebody passes over a question.
func (p *person) leavesBlank(it *questionnaire.Item) bool {
	chance := p.stage.Behaviour.Blank
	switch {
	case it.OtherOf != nil:
		chance = min(1, chance*7.5) // what "other" means is passed over more often
	case it.Type == questionnaire.Text:
		chance = p.stage.Behaviour.BlankText
	case it.Need == questionnaire.Hard:
		return false
	}
	return p.draw("blank", it.Name, fmt.Sprint(p.wave)).Float64() < chance
}

// unsaid marks "don't know" or "prefer not to say" at a rank, or leaves it;
// false where an order is given.
func (p *person) unsaid(f *form, it *questionnaire.Item) bool {
	if p.leavesBlank(it) {
		p.seen[p.key(it.Name)].blank = true
		return true
	}
	name, ok := p.missing(it, f.options(fieldApart+it.Name))
	if ok {
		f.fill(fieldApart+it.Name, name)
	}
	return ok
}

// rank puts choices in an order, a press of a button each.
func (p *person) rank(ctx context.Context, s *sheet, name string) (*sheet, error) {
	order := p.order(name, s.form.picks(name))
	for _, choice := range order {
		var err error
		if s, err = p.browser.send(ctx, s, fieldRank, name+" add "+choice); err != nil {
			return nil, err
		}
		if s.form == nil {
			return nil, fmt.Errorf("ranking was answered with %q (%d)", s.title, s.status)
		}
		if err := p.pass(p.seconds("rank", 2, 6)); err != nil {
			return nil, err
		}
	}
	if second := name + " up " + last(order); len(order) > 1 && s.form.has(fieldRank, second) &&
		p.draw("swap", name, fmt.Sprint(p.wave)).IntN(8) == 0 { // they think again
		return p.browser.send(ctx, s, fieldRank, second)
	}
	return s, nil
}

func last(order []string) string {
	if len(order) == 0 {
		return ""
	}
	return order[len(order)-1]
}

// missing gives the choice by which somebody says that they do not know, or
// prefer not to say; false where they answer.
func (p *person) missing(it *questionnaire.Item, options []string) (string, bool) {
	var r *rand.Rand
	for _, o := range options {
		c := it.List.Choice(o)
		if c == nil || c.Missing == questionnaire.Substantive {
			continue
		}
		if r == nil {
			r = p.draw("missing", it.Name, fmt.Sprint(p.wave))
		}
		chance := p.stage.Behaviour.DontKnow
		if c.Missing == questionnaire.Refused {
			chance = p.stage.Behaviour.PrefersNot
		}
		if r.Float64() < chance {
			return o, true
		}
	}
	return "", false
}

// tidy writes a number as somebody writes it who speaks the language.
func (p *person) tidy(number string) string {
	if p.language == "en" {
		return number
	}
	return strings.Replace(number, ".", ",", 1)
}
