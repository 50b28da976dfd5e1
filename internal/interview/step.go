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
	Stay    Direction = "stay" // a rank was rearranged: save, show the page again
)

// Post is one posted page.
type Post struct {
	Page   string              // its key
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
	Go     Direction
}

// Problem is what is wrong with one answer.
type Problem struct {
	Question *questionnaire.Item
	Code     string // key "problem.<code>" of the page texts
	Typed    string // what was written, for the message
	Soft     bool   // a reminder: the next press goes on
	Unsaved  bool   // what was written is not stored
	Low      string // of out_of_range
	High     string
}

// Result is what a posted page comes to.
type Result struct {
	Change   Change              // to be saved; may be empty
	Problems []Problem           // in the order of the page; the page is shown again
	Next     *questionnaire.Page // nil: the review
	Again    bool                // the same page again: problems, newly relevant questions, or a rank in the making
	Tampered []string            // fields that no page of ours can have sent
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
	page := l.Questionnaire.Page(in.Page)
	if page == nil {
		return Result{Tampered: []string{in.Page}, Again: true}
	}
	answers := maps.Clone(doc.Answers)
	if answers == nil {
		answers = map[string]string{}
	}
	res := Result{Change: Change{Answers: map[string]string{}, Device: in.Device}}
	res.Tampered = l.strangers(page, in)

	wrong := map[string]Problem{}
	before := l.Current(doc, now)
	take := func(it *questionnaire.Item) {
		value, code := parse(it, in.Values[it.Name])
		if e, ok := before.Offer(doc, it, in.Device); ok {
			value = settled(e, in.Said[it.Name], value, in.Shown[it.Name])
		} else if code == "" && value == "" && in.Said[it.Name] == SaidSame {
			code = unanswered // the device has lost its proof since: what it confirms is not known to it
		}
		switch {
		case code == notAChoice:
			res.Tampered = append(res.Tampered, it.Name)
		case code != "":
			wrong[it.Name] = unsaved(it, code, in.Values[it.Name])
		case Digest(value) != in.Shown[it.Name]:
			answers[it.Name] = value
			res.Change.Answers[it.Name] = value
		}
	}
	var locked []*questionnaire.Item
	for _, it := range page.Items {
		switch _, onPage := in.Shown[it.Name]; {
		case !onPage || !it.Asks():
		case before.ReadOnly(it):
			locked = append(locked, it)
		default:
			take(it)
		}
	}
	for _, it := range locked { // an answer on the page may have unlocked it there
		if before.with(answers).ReadOnly(it) {
			fix(it, before, doc, &res, answers)
		} else if len(in.Values[it.Name]) > 0 {
			take(it)
		}
	}
	l.judge(page, in, doc, before, answers, wrong, &res)
	filtered := l.refilter(page, in, before, answers, &res)
	after := before.with(answers)
	l.outcomes(page, in, doc, after, wrong, &res)
	res.Problems = ordered(page, after, wrong)
	l.question(page, in, doc, after, &res)
	l.remind(page, in, doc, after, &res)
	position := func(p Problem) int { return slices.Index(page.Items, p.Question) }
	slices.SortStableFunc(res.Problems, func(a, b Problem) int { return position(a) - position(b) })
	l.proceed(page, in, after, filtered, &res)
	l.settle(before, &res, answers, now)
	return res
}

// judge takes answers that break their constraint out of the change; what was
// stored before stands again, for all that is worked out from it. A constraint
// may look at other answers of the page, so all are in place first.
func (l *Logic) judge(page *questionnaire.Page, in Post, doc *Document, before *View, answers map[string]string, wrong map[string]Problem, res *Result) {
	view := before.with(answers)
	var broken []*questionnaire.Item
	for _, it := range page.Items {
		value := answers[it.Name]
		if _, onPage := in.Shown[it.Name]; onPage && it.Asks() && view.Relevant(it.Name) && !view.holds(it, value) {
			broken = append(broken, it)
		}
	}
	for _, it := range broken {
		if _, changed := res.Change.Answers[it.Name]; changed {
			delete(res.Change.Answers, it.Name)
			answers[it.Name] = doc.Answers[it.Name]
			wrong[it.Name] = unsaved(it, constraint, in.Values[it.Name])
		} else if _, already := wrong[it.Name]; !already {
			wrong[it.Name] = problem(it, constraint, []string{answers[it.Name]})
		}
	}
}

// fix gives a question that cannot be changed its default, once.
func fix(it *questionnaire.Item, view *View, doc *Document, res *Result, answers map[string]string) {
	if value := view.Default(it); doc.Answers[it.Name] == "" && value != "" {
		answers[it.Name] = value
		res.Change.Answers[it.Name] = value
	}
}

// refilter takes answers away that are not among the choices of their question,
// for one because an answer above on the page has changed what its filter lets
// through. It tells whether the page has to be shown again: an answer was taken
// away, or there are other choices now than the page has shown.
func (l *Logic) refilter(page *questionnaire.Page, in Post, before *View, answers map[string]string, res *Result) bool {
	again := false
	for _, it := range page.Items {
		if _, onPage := in.Shown[it.Name]; !onPage || it.ChoiceFilter == nil {
			continue
		}
		choices := before.with(answers).Choices(it)
		if fits(choices, answers[it.Name]) {
			again = again || len(choices) > 0 && !in.Drawn[it.Name] && !slices.Equal(choices, before.Choices(it))
			continue
		}
		again = again || len(choices) > 0
		if _, posted := res.Change.Answers[it.Name]; posted && !in.Drawn[it.Name] && !fits(before.Choices(it), answers[it.Name]) {
			res.Tampered = append(res.Tampered, it.Name) // no page has offered it
		}
		delete(answers, it.Name)
		delete(res.Change.Answers, it.Name)
		if before.answers[it.Name] != "" {
			res.Change.Answers[it.Name] = ""
		}
	}
	return again
}

// fits tells whether every name of an answer is among the choices.
func fits(choices []*questionnaire.Choice, value string) bool {
	return !slices.ContainsFunc(split(value), func(name string) bool { return find(choices, name) == nil })
}

// ordered gives the problems of questions that are asked, in the page's order.
func ordered(page *questionnaire.Page, view *View, wrong map[string]Problem) []Problem {
	var out []Problem
	for _, it := range page.Items {
		if p, ok := wrong[it.Name]; ok && view.Relevant(it.Name) {
			out = append(out, p)
		}
	}
	return out
}

// remind adds a reminder for each wanted question that was left blank: once a
// page, and always where the need is hard. Without the person's own answers on
// the page (no proof), what was stored earlier counts as answered.
func (l *Logic) remind(page *questionnaire.Page, in Post, doc *Document, view *View, res *Result) {
	if in.Go != Forward {
		return
	}
	for _, it := range page.Items {
		_, onPage := in.Shown[it.Name]
		if !onPage || !it.Asks() || !view.Relevant(it.Name) || view.answers[it.Name] != "" {
			continue
		}
		if slices.ContainsFunc(res.Problems, func(p Problem) bool { return p.Question == it }) {
			continue
		}
		switch need := view.asked(it); {
		case need == questionnaire.Hard:
			res.Problems = append(res.Problems, Problem{Question: it, Code: hardRequired})
		case need == questionnaire.Asked && !doc.Pages[page.Key].Asked:
			res.Problems = append(res.Problems, Problem{Question: it, Code: unanswered, Soft: true})
			res.Change.Asked = true
		}
	}
}

// proceed decides which page comes next, and whether this one is done with.
func (l *Logic) proceed(page *questionnaire.Page, in Post, view *View, filtered bool, res *Result) {
	if len(in.Shown) > 0 || !slices.ContainsFunc(page.Items, (*questionnaire.Item).Asks) {
		res.Change.Page = page.Key
	}
	lost := func(p Problem) bool { return p.Unsaved }
	if (in.Go == Back || in.Go == Pause) && !in.Told && slices.ContainsFunc(res.Problems, lost) {
		res.Next, res.Again = page, true
		return
	}
	switch in.Go {
	case Back:
		res.Next, res.Problems = view.Previous(page.Key), nil
		if res.Next == nil {
			res.Next = page
		}
	case Pause:
		res.Next, res.Problems = page, nil
	case Stay:
		res.Next, res.Again, res.Problems = page, true, nil
	default:
		res.Next = view.Next(page.Key)
		res.Again = len(res.Problems) > 0 || filtered || unseen(page, in, view)
		res.Change.Done = !res.Again && len(res.Tampered) == 0
		if res.Again {
			res.Next = page
		}
	}
}

// unseen tells whether an answer made a further question of the page relevant,
// one that was not on the page as it was posted.
func unseen(page *questionnaire.Page, in Post, view *View) bool {
	return slices.ContainsFunc(page.Items, func(it *questionnaire.Item) bool {
		_, onPage := in.Shown[it.Name]
		return !onPage && it.Asks() && view.Relevant(it.Name)
	})
}

// record fills the questions that the program answers by itself: when the
// first and the last answer were saved, on which day, and a word that stands for
// the device that gave the first.
func (l *Logic) record(res *Result, answers map[string]string, now time.Time) {
	const moment = "2006-01-02T15:04:05.000-07:00"
	at := now.In(l.zone)
	for _, it := range l.Questionnaire.Questions {
		value := answers[it.Name]
		switch {
		case it.Type == questionnaire.End:
			value = at.Format(moment)
		case value != "":
		case it.Type == questionnaire.Start:
			value = at.Format(moment)
		case it.Type == questionnaire.Today:
			value = at.Format(time.DateOnly)
		case it.Type == questionnaire.DeviceID:
			value = res.Change.Device
		}
		if it.Metadata() && value != answers[it.Name] {
			answers[it.Name], res.Change.Answers[it.Name] = value, value
		}
	}
}

// trigger makes the calculations anew that wait for a change of one of their
// triggers; without a calculation the change empties the question. What was
// written into the question itself just now stands.
func (l *Logic) trigger(before *View, res *Result, answers map[string]string) {
	for _, it := range l.Questionnaire.Questions {
		if len(it.Triggers) == 0 || !slices.ContainsFunc(it.Triggers, func(name string) bool { _, ok := res.Change.Answers[name]; return ok }) {
			continue
		}
		if _, written := res.Change.Answers[it.Name]; written && it.Asks() {
			continue
		}
		value, view := "", before.with(answers)
		if it.Calculation != nil {
			value = shaped(it, it.Calculation.Eval(view.env(it, answers[it.Name])).String())
		}
		if value != answers[it.Name] {
			answers[it.Name], res.Change.Answers[it.Name] = value, value
		}
	}
}

// settle adds the calculations that the new answers change, and the hidden
// defaults that are computed, so that the document holds what the respondent's
// questionnaire computed at the time.
func (l *Logic) settle(before *View, res *Result, answers map[string]string, now time.Time) {
	if len(res.Change.Answers) == 0 {
		return
	}
	l.record(res, answers, now)
	l.trigger(before, res, answers)
	view := before.with(answers)
	for _, it := range l.Questionnaire.Questions {
		if it.Type != questionnaire.Calculate && (it.Type != questionnaire.Hidden || it.DefaultExpr == nil) {
			continue
		}
		if value := view.Value(it.Name); value != answers[it.Name] {
			res.Change.Answers[it.Name] = value
		}
	}
}

// strangers names the posted fields that belong to no question of the page.
func (l *Logic) strangers(page *questionnaire.Page, in Post) []string {
	var out []string
	for name := range in.Shown {
		if !slices.ContainsFunc(page.Items, func(it *questionnaire.Item) bool { return it.Name == name }) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Check gives what stands in the way of submitting: hard questions left blank
// and answers that a later answer brought into conflict with their constraint
// or took out of their choices.
func (l *Logic) Check(doc *Document, now time.Time) []Problem {
	view := l.Current(doc, now)
	var out []Problem
	for _, it := range l.Questionnaire.Questions {
		if !it.Asks() || !view.Relevant(it.Name) {
			continue
		}
		value := doc.Answers[it.Name]
		switch {
		case value == "" && view.asked(it) == questionnaire.Hard:
			out = append(out, Problem{Question: it, Code: hardRequired})
		case !view.holds(it, value), it.ChoiceFilter != nil && !fits(view.Choices(it), value):
			out = append(out, Problem{Question: it, Code: constraint, Typed: value})
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
