// Package interview is the pure logic of answering: a questionnaire, what was
// answered so far, what was just posted and the time give what to save, what
// is wrong and which page comes next. It knows neither HTTP nor the database.
//
// The server is the authority: relevance, type and constraint are tested here
// for each answer that is posted. Nothing that a person typed is ever thrown
// away in silence: an answer is saved, or it is named in a Problem.
package interview

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"panelverk/internal/questionnaire"
)

// Direction is what was pressed.
type Direction string

// The directions. Back and Pause save what is in order. What they cannot save
// they tell once; pressed again they go on without it.
const (
	Forward Direction = "next"
	Back    Direction = "back"
	Pause   Direction = "pause"
	Stay    Direction = "stay" // a rank was rearranged, a file handed in or taken back: save, show the page again
	Given   Direction = ""     // nothing: answers are saved as they are given, and the page is not posted

	// On the overview of a repeat.
	Add     Direction = "add"     // one more instance
	Remove  Direction = "remove"  // one less
	Restore Direction = "restore" // one that was removed comes back
)

// Post is one posted page.
type Post struct {
	Page   string              // its key; in a repeat that of the instance
	Values map[string][]string // what was typed or chosen, by question
	// Shown holds, for every question that was on the page, the Digest of the
	// value it was shown with. A field that comes back as it was shown was not
	// touched: it saves nothing, so that a page left open in a second tab
	// never overwrites what was answered since.
	Shown map[string]string
	// Said holds, for every question that an earlier answer was offered to, what
	// was said of it: SaidSame, SaidNew or "".
	Said map[string]string
	// Drawn holds the questions whose choices the page drew anew by itself
	// when an answer above changed what their filter lets through.
	Drawn  map[string]bool
	Device string // secret.Ring.Device of the cookie, "" without one or for staff
	Told   bool   // the page said what could not be saved

	Files    map[string]File // what was handed in, by the key of the answer
	Removed  string          // the question whose file is taken back, "" for none
	NoFiles  bool            // staff type in what stands on paper: no file can be handed in
	Instance int             // of Remove and Restore: the number of the instance
	Go       Direction

	Drawing time.Time        // when the page was shown, zero where that is not known
	Rivals  map[string]Rival // what stands of other saves, by the key of the answer; nil where nobody looked, see Result.Met
}

// Problem is what is wrong with one answer.
type Problem struct {
	Question *questionnaire.Item
	Page     string    // the key of the page that it is asked on
	Code     string    // key "problem.<code>" of the page texts
	Typed    string    // what was written, for the message
	Soft     bool      // a reminder: the next press goes on
	Unsaved  bool      // what was written is not stored
	At       time.Time // of LaterElsewhere and EarlierElsewhere: when it was answered there
	Low      string    // of out_of_range
	High     string
}

// Result is what a posted page comes to.
type Result struct {
	Change   Change    // to be saved; may be empty
	Problems []Problem // in the order of the page; the page is shown again
	Next     *Screen   // nil: the review
	Again    bool      // the same page again: problems, newly relevant questions, or a rank in the making
	Tampered []string  // fields that no page of ours can have sent
	Met      bool      // an answer of another device stands where one was given here: only with Rivals it can be told which counts
}

// Digest gives the short hash by which a form remembers what a field was
// shown with; "" for a blank one.
func Digest(value string) string {
	if value == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:6])
}

// Post works out what a posted page comes to. It changes nothing: the caller
// saves Result.Change. An unknown page gives Again with no change and the
// page's name among Tampered.
func (l *Logic) Post(doc *Document, in Post, now time.Time) Result {
	whole := l.Current(doc, now)
	screen := whole.Screen(in.Page)
	if screen == nil || screen.Page == nil && in.Go == Given {
		return Result{Tampered: []string{in.Page}, Again: true}
	}
	answers := maps.Clone(doc.Answers)
	if answers == nil {
		answers = map[string]string{}
	}
	p := &posted{Post: in, logic: l, screen: screen, page: screen.Page, doc: doc, now: now, answers: answers, wrong: map[string]Problem{},
		res: Result{Change: Change{Answers: map[string]string{}, Device: in.Device}}}
	if screen.Page == nil {
		p.overview(whole)
		p.ripple()
	} else {
		p.questions(whole.In(screen))
	}
	p.settle()
	return p.res
}

// posted is a page while it is worked out what it comes to.
type posted struct {
	Post
	logic   *Logic
	screen  *Screen
	page    *questionnaire.Page // of questions
	doc     *Document
	now     time.Time
	answers map[string]string  // as they will be
	wrong   map[string]Problem // by question
	told    []Problem          // of answers that were also given elsewhere
	res     Result
}

// whole gives the view of the interview, as the answers are by now.
func (p *posted) whole() *View { return p.logic.Look(p.answers, p.now).Told(p.doc.Earlier) }

// look gives that on the page.
func (p *posted) look() *View { return p.whole().In(p.screen) }

// set changes an answer.
func (p *posted) set(key, value string) { p.answers[key], p.res.Change.Answers[key] = value, value }

// take reads what was typed or chosen for a question.
func (p *posted) take(it *questionnaire.Item, before *View) {
	if it.TakesFile() {
		p.handIn(it, before.Key(it.Name))
		return
	}
	var value, code string
	if it.ListFrom == nil {
		value, code = parse(it, p.Values[it.Name])
	} else {
		value, code = parseAmong(it, before.Choices(it), p.Values[it.Name])
	}
	if e, ok := before.Offer(p.doc, it, p.Device); ok {
		value = settled(e, p.Said[it.Name], value, p.Shown[it.Name])
	} else if code == "" && value == "" && p.Said[it.Name] == SaidSame {
		code = unanswered // the device has lost its proof since: what it confirms is not known to it
	}
	if code == "" && value != p.answers[before.Key(it.Name)] && readsTwoWays(it, p.Values[it.Name]) {
		code = twoWays
	}
	switch {
	case code == notAChoice:
		p.res.Tampered = append(p.res.Tampered, it.Name)
	case code != "":
		p.wrong[it.Name] = unsaved(it, code, p.Values[it.Name])
	default:
		p.give(it, before.Key(it.Name), value)
	}
}

// questions works out a page of questions.
func (p *posted) questions(before *View) {
	p.res.Tampered = p.strangers()
	var locked []*questionnaire.Item
	for _, it := range p.page.Items {
		switch _, onPage := p.Shown[it.Name]; {
		case !onPage || !it.Asks():
		case before.ReadOnly(it):
			locked = append(locked, it)
		default:
			p.take(it, before)
		}
	}
	for _, it := range locked { // an answer on the page may have unlocked it there
		if p.look().ReadOnly(it) {
			p.fix(it, before)
		} else if len(p.Values[it.Name]) > 0 {
			p.take(it, before)
		}
	}
	p.judge()
	filtered := p.refilter(before)
	after := p.look()
	p.outcomes(after)
	p.res.Problems = p.ordered(after)
	p.question(after)
	p.remind(after)
	p.tell(after)
	position := func(one Problem) int { return slices.Index(p.page.Items, one.Question) }
	slices.SortStableFunc(p.res.Problems, func(a, b Problem) int { return position(a) - position(b) })
	for i := range p.res.Problems {
		p.res.Problems[i].Page = p.screen.Key
	}
	p.ripple()
	p.proceed(p.look(), filtered)
}

// ripple adds what the program itself answers when an answer changes: which page
// comes next may hang on it.
func (p *posted) ripple() {
	if len(p.res.Change.Answers) > 0 {
		p.record()
		p.trigger()
	}
}

// judge takes answers that break their constraint out of the change; what was
// stored before stands again, for all that is worked out from it. A constraint
// may look at other answers of the page, so all are in place first.
func (p *posted) judge() {
	view := p.look()
	var broken []*questionnaire.Item
	for _, it := range p.page.Items {
		value := p.answers[view.Key(it.Name)]
		if _, onPage := p.Shown[it.Name]; onPage && it.Asks() && view.Relevant(it.Name) && !view.holds(it, value) {
			broken = append(broken, it)
		}
	}
	for _, it := range broken {
		key := view.Key(it.Name)
		if _, changed := p.res.Change.Answers[key]; changed {
			delete(p.res.Change.Answers, key)
			p.answers[key] = p.doc.Answers[key]
			p.wrong[it.Name] = unsaved(it, constraint, p.Values[it.Name])
		} else if _, already := p.wrong[it.Name]; !already {
			p.wrong[it.Name] = problem(it, constraint, []string{p.answers[key]})
		}
	}
}

// fix gives a question that cannot be changed its default, once.
func (p *posted) fix(it *questionnaire.Item, view *View) {
	key := view.Key(it.Name)
	if value := view.Default(it); p.doc.Answers[key] == "" && value != "" {
		p.set(key, value)
	}
}

// refilter takes answers away that are not among the choices of their question,
// for one because an answer above on the page has changed what its filter lets
// through. It tells whether the page has to be shown again: an answer was taken
// away, or there are other choices now than the page has shown.
func (p *posted) refilter(before *View) bool {
	again := false
	var view *View // as the answers are by now
	for _, it := range p.page.Items {
		if _, onPage := p.Shown[it.Name]; !onPage || !varies(it) {
			continue
		}
		if view == nil {
			view = p.look()
		}
		choices, key := view.Choices(it), before.Key(it.Name)
		if fits(choices, p.answers[key]) {
			again = again || len(choices) > 0 && !p.Drawn[it.Name] && !slices.EqualFunc(choices, before.Choices(it), same)
			continue
		}
		again = again || len(choices) > 0
		if _, posted := p.res.Change.Answers[key]; posted && !p.Drawn[it.Name] && !fits(before.Choices(it), p.answers[key]) {
			p.res.Tampered = append(p.res.Tampered, it.Name) // no page has offered it
		}
		view = nil
		delete(p.answers, key)
		delete(p.res.Change.Answers, key)
		if p.doc.Answers[key] != "" {
			p.res.Change.Answers[key] = ""
		}
	}
	return again
}

// same tells whether two choices are one; those that are answers are made anew
// at each look, and stand in no row.
func same(a, b *questionnaire.Choice) bool {
	return a == b || a.Row == 0 && b.Row == 0 && a.Name == b.Name && maps.Equal(a.Label, b.Label)
}

// varies tells whether the choices of a question depend on other answers.
func varies(it *questionnaire.Item) bool { return it.ChoiceFilter != nil || it.ListFrom != nil }

// fits tells whether every name of an answer is among the choices.
func fits(choices []*questionnaire.Choice, value string) bool {
	return !slices.ContainsFunc(split(value), func(name string) bool { return find(choices, name) == nil })
}

// ordered gives the problems of questions that are asked, in the page's order.
func (p *posted) ordered(view *View) []Problem {
	var out []Problem
	for _, it := range p.page.Items {
		if wrong, ok := p.wrong[it.Name]; ok && view.Relevant(it.Name) {
			out = append(out, wrong)
		}
	}
	return out
}

// remind adds a reminder for each wanted question that was left blank: once a
// page, and always where the need is hard. Without the person's own answers on
// the page (no proof), what was stored earlier counts as answered.
func (p *posted) remind(view *View) {
	if p.Go != Forward {
		return
	}
	res := &p.res
	for _, it := range p.page.Items {
		_, onPage := p.Shown[it.Name]
		if !onPage || !it.Asks() || !view.Relevant(it.Name) || view.answers[view.Key(it.Name)] != "" || p.NoFiles && it.TakesFile() {
			continue
		}
		if slices.ContainsFunc(res.Problems, func(p Problem) bool { return p.Question == it }) {
			continue
		}
		switch need := view.asked(it); {
		case need == questionnaire.Hard:
			res.Problems = append(res.Problems, Problem{Question: it, Code: hardRequired})
		case need == questionnaire.Asked && !p.doc.Pages[p.screen.Key].Asked:
			res.Problems = append(res.Problems, Problem{Question: it, Code: unanswered, Soft: true})
			res.Change.Asked = true
		}
	}
}

// proceed decides which page comes next, and whether this one is done with.
func (p *posted) proceed(view *View, filtered bool) {
	res := &p.res
	if p.Go != Given && (len(p.Shown) > 0 || !slices.ContainsFunc(p.page.Items, (*questionnaire.Item).Asks)) {
		res.Change.Page = p.screen.Key
	}
	whole := view.root()
	lost := func(p Problem) bool { return p.Unsaved }
	if (p.Go == Back || p.Go == Pause) && !p.Told && slices.ContainsFunc(res.Problems, lost) {
		res.Next, res.Again = p.screen, true
		return
	}
	switch p.Go {
	case Back:
		res.Next, res.Problems = whole.Previous(p.screen.Key), nil
		if res.Next == nil {
			res.Next = p.screen
		}
	case Pause:
		res.Next, res.Problems = p.screen, nil
	case Given:
		res.Next = p.screen
		res.Problems = slices.DeleteFunc(res.Problems, func(p Problem) bool { return !p.Unsaved && p.At.IsZero() })
	case Stay:
		res.Next, res.Again = p.screen, true
		res.Problems = slices.DeleteFunc(res.Problems, func(p Problem) bool { return !p.Unsaved || !p.Question.TakesFile() })
	default:
		res.Next = whole.Next(p.screen.Key)
		res.Again = len(res.Problems) > 0 || filtered || p.unseen(view)
		res.Change.Done = !res.Again && len(res.Tampered) == 0
		if res.Again {
			res.Next = p.screen
		}
	}
}

// unseen tells whether an answer made a further question of the page relevant,
// one that was not on the page as it was posted.
func (p *posted) unseen(view *View) bool {
	return slices.ContainsFunc(p.page.Items, func(it *questionnaire.Item) bool {
		_, onPage := p.Shown[it.Name]
		return !onPage && it.Asks() && view.Relevant(it.Name)
	})
}

// record fills the questions that the program answers by itself: when the
// first and the last answer were saved, on which day, and a word that stands for
// the device that gave the first.
func (p *posted) record() {
	const moment = "2006-01-02T15:04:05.000-07:00"
	at := p.now.In(p.logic.zone)
	for _, it := range p.logic.Questionnaire.Questions {
		if !it.Metadata() {
			continue
		}
		for in := range p.whole().Everywhere(it) {
			key := in.Key(it.Name)
			value := p.answers[key]
			switch {
			case it.Type == questionnaire.End:
				if last, err := time.Parse(moment, value); err != nil || at.After(last) { // what was given earlier may come later
					value = at.Format(moment)
				}
			case value != "":
			case it.Type == questionnaire.Start:
				value = at.Format(moment)
			case it.Type == questionnaire.Today:
				value = at.Format(time.DateOnly)
			case it.Type == questionnaire.DeviceID:
				value = p.Device
			}
			if value != p.answers[key] {
				p.set(key, value)
			}
		}
	}
}

// trigger makes the calculations anew that wait for a change of one of their
// triggers; without a calculation the change empties the question. What was
// written into the question itself just now stands.
func (p *posted) trigger() {
	for _, it := range p.logic.Questionnaire.Questions {
		if len(it.Triggers) == 0 {
			continue
		}
		for in := range p.whole().Everywhere(it) {
			if !slices.ContainsFunc(it.Triggers, func(name string) bool { return p.changes(in, name) }) {
				continue
			}
			key, value := in.Key(it.Name), ""
			if _, written := p.res.Change.Answers[key]; written && it.Asks() {
				continue
			}
			if it.Calculation != nil {
				value = shaped(it, it.Calculation.Eval(in.env(it, p.answers[key])).String())
			}
			if value != p.answers[key] {
				p.set(key, value)
			}
		}
	}
}

// changes tells whether the answer to a question changes that a view sees; of
// one in a repeat that the view does not stand in, that of any instance.
func (p *posted) changes(in *View, name string) bool {
	if key := in.Key(name); key != "" {
		_, ok := p.res.Change.Answers[key]
		return ok
	}
	for key := range p.res.Change.Answers {
		if base, _ := Split(key); base == name {
			return true
		}
	}
	return false
}

// settle adds the calculations that the new answers change, the hidden
// defaults that are computed, and the instances that are counted, so that the
// document holds what the respondent's questionnaire computed at the time.
func (p *posted) settle() {
	if len(p.res.Change.Answers) == 0 {
		return
	}
	view := p.whole()
	for _, repeat := range p.logic.counted {
		for in := range view.Everywhere(repeat) {
			var numbers []int
			if in.Relevant(repeat.Name) {
				numbers = in.numbers(repeat)
			}
			if key, list := in.Key(repeat.Name), listed(numbers); list != p.answers[key] {
				p.set(key, list)
			}
		}
	}
	for _, it := range p.logic.Questionnaire.Questions {
		if it.Type != questionnaire.Calculate && (it.Type != questionnaire.Hidden || it.DefaultExpr == nil) {
			continue
		}
		for in := range view.Everywhere(it) {
			if key, value := in.Key(it.Name), in.Value(it.Name); value != p.answers[key] {
				p.res.Change.Answers[key] = value
			}
		}
	}
}

// strangers names the posted fields that belong to no question of the page.
func (p *posted) strangers() []string {
	var out []string
	for name := range p.Shown {
		if !slices.ContainsFunc(p.page.Items, func(it *questionnaire.Item) bool { return it.Name == name }) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Check gives what stands in the way of submitting: hard questions left blank
// and answers that a later answer brought into conflict with their constraint
// or took out of their choices. They are in the order of the pages, instance by
// instance.
func (l *Logic) Check(doc *Document, now time.Time) []Problem {
	var out []Problem
	for view, s := range l.Current(doc, now).screens {
		if s.Page == nil {
			continue
		}
		for _, it := range s.Page.Items {
			if !it.Asks() || !view.Relevant(it.Name) {
				continue
			}
			value := doc.Answers[view.Key(it.Name)]
			switch {
			case value == "" && view.asked(it) == questionnaire.Hard:
				out = append(out, Problem{Question: it, Page: s.Key, Code: hardRequired})
			case !view.holds(it, value), varies(it) && !fits(view.Choices(it), value):
				out = append(out, Problem{Question: it, Page: s.Key, Code: constraint, Typed: value})
			}
		}
	}
	return out
}

// unsaved is a problem with what was just written.
func unsaved(it *questionnaire.Item, code string, values []string) Problem {
	p := problem(it, code, values)
	p.Unsaved = true
	return p
}

func problem(it *questionnaire.Item, code string, values []string) Problem {
	p := Problem{Question: it, Code: code}
	if len(values) > 0 && len(values[0]) <= 80 {
		p.Typed = values[0]
	}
	if it.Type == questionnaire.Range {
		p.Low, p.High = number(min(it.RangeStart, it.RangeEnd)), number(max(it.RangeStart, it.RangeEnd))
	}
	return p
}
