package respond

import (
	"cmp"
	"html/template"
	"slices"
	"strings"
	"time"

	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/lang"
	"panelverk/internal/lang/rich"
	"panelverk/internal/questionnaire"
	"panelverk/internal/upload"
)

// Question is a question as a page shows it.
type Question struct {
	Name    string // without the prefix of the form's field
	Kind    string // which part of the template: note, told, choice, several, list, rank, text, area, tick
	Label   template.HTML
	Lead    template.HTML // what follows the label's first lines: paragraphs, lists
	Media   template.HTML // pictures, sound and film
	Hint    template.HTML
	More    template.HTML     // guidance, behind a heading that opens
	Groups  []Heading         // the inner groups that begin here
	Heading bool              // the question is the heading of its page
	Card    bool              // one of several on a page
	Value   string            // what stands in the input
	Ticked  template.HTMLAttr // "checked" where an acknowledgement was given
	Digest  string            // of the stored value that it is shown with
	Error   string
	Soft    bool   // the error is a reminder
	New     bool   // an answer on this page brought it up
	Away    bool   // an answer on this page may bring it up: it waits in a template
	Locate  bool   // a script may ask the device where it is
	Locked  bool   // it shows something that cannot be changed
	Help    string // how to write it
	Layout  string // classes of the choices: how they lie
	Choices []Choice
	Apart   []Choice // "don't know", "prefer not to say"
	Ranked  []Choice // of a rank, in the order chosen so far
	Order   string   // of a rank: all that can be chosen, by name, in the order shown
	Said    string   // of a rank: what the last press did
	Slider  *Slider  // beside a number that is typed: what a script shows, nil for nothing
	Offer   *Offer   // an earlier answer, nil where none is offered
	Chosen  bool     // one of Apart is chosen
	Width   string   // class of the input
	Type    string   // of the input; "" is text
	Mode    string   // inputmode
	Auto    string   // autocomplete
	Rows    int      // of an area
	Stored  *Stored  // of a file: the one that this device has handed in
	Accept  string   // of a file: the accept attribute of its input
	Capture string   // of a picture: which camera is to take it, "" for any picture
	Here    bool     // a button of the question was pressed: the focus is here
	L       *lang.Texts
	Lang    string
}

// Heading is a group's label, with what is said of the group.
type Heading struct {
	Label string
	Lang  string // of the label, where it is not the page's
	Hint  template.HTML
	Of    string // names of the questions below it, where a script has to know
	Away  bool   // none of them is asked
}

// Choice is one choice as a page shows it.
type Choice struct {
	Name   string
	Label  template.HTML
	Plain  string // the label as text, for what screen readers hear
	Chosen bool
	Away   bool              // the filter does not let it through, as things stand: it waits in a template
	Ticked template.HTMLAttr // \"checked\" where it is chosen
	N      int               // place in a ranking, from 1
	First  bool              // the first one that is shown
	Last   bool
	Focus  string // which of its buttons has the focus after a press: up, down, add
}

// paper draws the questions of one page for one device.
type paper struct {
	view    *interview.View
	logic   *interview.Logic
	doc     *interview.Document
	device  string
	own     string // the interview's id, for orders by lot
	texts   *lang.Texts
	tag     string
	typed   map[string][]string // what was posted just now, nil for a fresh page
	marked  map[string]string   // what was posted of the earlier answers that were offered
	wrong   map[string]interview.Problem
	said    map[string]string // of ranks
	blank   bool              // staff types in what stands on paper: nothing is there before
	fresh   map[string]bool   // questions that what was posted brought up
	uploads map[string]fieldwork.Upload
	zone    *time.Location
	handed  string                // the question whose file was just handed in or taken back
	pressed []string              // a rank's button: question, what, choice
	marks   *marker               // a stencil is being made: marks stand for all that is one visit's
	script  *interview.PageScript // what the page does by itself, nil for nothing
	refs    []string              // of labels being drawn; see quote
	foreign []string              // other languages that labels were shown in
	whole   bool                  // for whoever goes on without us: all that may be asked, see whole.go
}

// shown gives the stored value that this device may see: what it gave itself.
// Calculated values come from what the respondent said and are not shown.
func (p *paper) shown(name string) string { return p.given(p.view.Key(name)) }

// given does the same for a key.
func (p *paper) given(key string) string {
	if !p.doc.Opens(key, p.device) {
		return ""
	}
	return p.doc.Answers[key]
}

// text gives a label in the visit's language with ${name} filled in and light
// Markdown drawn.
func (p *paper) text(t lang.Text) template.HTML {
	return p.inTongue(t, "span", p.spans(rich.Line(p.source(t))))
}

// plain gives the same as text without any marks.
func (p *paper) plain(t lang.Text) string { return rich.Plain(unquote(p.source(t))) }

// spoken gives what ${name} shows as, as the source of a label: a choice's
// label, or the answer itself; an ellipsis where this device may not see it. Of
// a question in a repeat, that is the answer in the instance that the page is
// about, else all of them.
func (p *paper) spoken(name string) string {
	if earlier, ok := questionnaire.EarlierNamed(name); ok {
		return p.recalled(earlier)
	}
	it := p.logic.Questionnaire.Question(name)
	if it == nil || it.Group {
		return "…"
	}
	var all []string
	if p.view.Key(name) != "" {
		all = append(all, p.quoted(p.view, it))
	} else {
		for in := range p.view.Everywhere(it) {
			all = append(all, p.quoted(in, it))
		}
	}
	all = slices.DeleteFunc(all, func(s string) bool { return s == "" })
	if len(all) == 0 {
		return "…"
	}
	return strings.Join(all, ", ")
}

// quoted gives what the answer to a question shows as in one view, as the source
// of a label; "" where there is none that this device may see.
func (p *paper) quoted(in *interview.View, it *questionnaire.Item) string {
	value := p.given(in.Key(it.Name))
	if it.Type == questionnaire.Calculate || it.Type == questionnaire.Hidden {
		value = p.computed(in, it.Name)
	}
	return p.cited(it, value)
}

// cited gives an answer to a question as the source of a label.
func (p *paper) cited(it *questionnaire.Item, value string) string {
	if value == "" {
		return ""
	}
	if it.TakesFile() {
		return rich.Literal(p.uploads[value].Name)
	}
	if it.List == nil {
		return rich.Literal(p.worded(it, value))
	}
	var labels []string
	for _, n := range strings.Fields(value) {
		if it.ListFrom != nil {
			labels = append(labels, p.from(it, n))
		} else if c := it.List.Choice(n); c != nil {
			s, _ := c.Label.In(p.tag, p.logic.Questionnaire.Default)
			labels = append(labels, s)
		}
	}
	return strings.Join(labels, ", ")
}

// computed gives a calculation, which comes from what the respondent said: ""
// unless this device may see all of that.
func (p *paper) computed(in *interview.View, name string) string {
	if !p.allOurs() {
		return ""
	}
	return in.Value(name)
}

// allOurs tells whether every answer so far came from this device, and what was
// told of earlier waves may be seen on it.
func (p *paper) allOurs() bool {
	if p.device == "" || len(p.doc.Earlier) > 0 && !p.doc.Tells(p.device) {
		return false
	}
	for key := range p.doc.Answers {
		name, _ := interview.Split(key)
		it := p.logic.Questionnaire.Question(name)
		if it != nil && it.Asks() && !p.doc.Opens(key, p.device) {
			return false
		}
	}
	return true
}

// question gives one item as the page shows it.
func (p *paper) question(it *questionnaire.Item, heading, card bool) Question {
	q := Question{Name: it.Name, Heading: heading, Card: card, L: p.texts, Lang: p.tag,
		Hint: p.text(it.Hint), More: p.text(it.Guidance), Locked: p.view.ReadOnly(it), New: p.fresh[it.Name]}
	head, rest := rich.Split(p.source(it.Label))
	q.Label, q.Lead = p.inTongue(it.Label, "span", p.spans(rich.Line(head))), p.inTongue(it.Label, "div", p.spans(rich.Blocks(rest)))
	q.Media = p.media(it.Media, cmp.Or(p.plain(it.Label), p.plain(it.Hint), it.Name))
	q.Digest = interview.Digest(p.shown(it.Name))
	value, values := p.standing(it)
	q.Value = p.written(it, value)
	if it.Type == questionnaire.Acknowledge && value != "" {
		q.Ticked = "checked"
	}
	if p.marks != nil && it.Type != questionnaire.Rank {
		q.Digest = p.marks.mark(spot{kind: spotDigest, item: it})
		q.Value = p.marks.mark(spot{kind: spotValue, item: it})
		if it.Type == questionnaire.Acknowledge {
			q.Ticked = template.HTMLAttr(p.marks.mark(spot{kind: spotChecked, item: it, choice: "OK"})) //nolint:gosec // a mark of letters and digits
		}
	}
	if problem, ok := p.wrong[it.Name]; ok {
		q.Error, q.Soft = p.sentence(problem), problem.Soft
	}
	if e, ok := p.offer(it); ok {
		q.Offer = p.drawOffer(it, e)
	}
	q.Said = p.said[it.Name]
	p.kind(it, &q, values)
	return q
}

// standing gives what stands in a question's fields: what was posted just now,
// else what this device gave earlier, else the default of a page that was not
// posted yet. value is what an input holds, values what is ticked.
func (p *paper) standing(it *questionnaire.Item) (value string, values []string) {
	if p.typed != nil && !p.fresh[it.Name] {
		values = p.typed[it.Name]
		if len(values) > 0 {
			value = values[0]
		}
		return value, values
	}
	value = p.shown(it.Name)
	if e, ok := p.offer(it); ok && value == e.Value {
		return "", nil // it was confirmed, above the field
	}
	if _, posted := p.doc.Pages[p.view.PageOf(it)]; value == "" && !p.blank && (!posted || p.fresh[it.Name]) && p.discreet(it) {
		value = p.view.Default(it)
	}
	return value, strings.Fields(value)
}

// discreet tells whether a default may be shown: one that is worked out from
// answers only where this device may see them.
func (p *paper) discreet(it *questionnaire.Item) bool {
	return it.DefaultExpr == nil || len(it.DefaultExpr.Names()) == 0 || p.allOurs()
}

func (p *paper) rank(it *questionnaire.Item, q *Question, values []string) {
	q.Kind = "rank"
	if q.Hint == "" {
		q.Help = p.texts.T("page.optional_order")
	}
	order := strings.Fields(strings.Join(values, " "))
	q.Value = strings.Join(order, " ")
	choices, _ := p.filtered(it)
	for _, c := range choices {
		shown := Choice{Name: c.Name, Label: p.choiceLabel(it, c), Plain: p.choiceText(it, c), Chosen: has(order, c.Name)}
		switch {
		case c.Missing != questionnaire.Substantive:
			if shown.Chosen {
				q.Chosen, shown.Ticked = true, "checked"
			}
			q.Apart = append(q.Apart, shown)
		case !shown.Chosen:
			shown.First = len(q.Choices) == 0
			q.Choices = append(q.Choices, shown)
		}
		if c.Missing == questionnaire.Substantive {
			q.Order = strings.TrimSpace(q.Order + " " + c.Name)
		}
	}
	if q.Chosen {
		q.Value = ""
		return
	}
	for i, name := range order {
		c := p.offered(it, name)
		if c == nil {
			continue
		}
		q.Ranked = append(q.Ranked, Choice{Name: name, Label: p.choiceLabel(it, c), Plain: p.choiceText(it, c), N: i + 1, First: i == 0, Last: i == len(order)-1})
	}
	p.follow(it, q)
}

// follow keeps the focus where a button of the rank was pressed: on the choice
// that moved, or on the next one to choose.
func (p *paper) follow(it *questionnaire.Item, q *Question) {
	if len(p.pressed) != 3 || p.pressed[0] != it.Name {
		return
	}
	for i := range q.Ranked {
		c := &q.Ranked[i]
		if c.Name != p.pressed[2] || p.pressed[1] == "add" && len(q.Choices) > 0 {
			continue
		}
		switch {
		case c.First && c.Last:
			c.Focus = "out"
		case c.First || p.pressed[1] == "down" && !c.Last:
			c.Focus = "down"
		default:
			c.Focus = "up"
		}
		return
	}
	if len(q.Choices) > 0 {
		q.Choices[0].Focus = "add"
	}
}

func has(values []string, name string) bool {
	for _, v := range values {
		if v == name {
			return true
		}
	}
	return false
}

// sentence says what is wrong with an answer: the questionnaire's own words
// where it has some.
func (p *paper) sentence(problem interview.Problem) string {
	own := lang.Text(nil)
	switch problem.Code {
	case "constraint":
		own = problem.Question.ConstraintMessage
	case "unanswered", "hard_required":
		own = problem.Question.RequiredMessage
	}
	if !own.Empty() {
		return p.plain(own)
	}
	if slices.Contains(upload.Faults, problem.Code) {
		rule := fieldwork.UploadRule(problem.Question)
		return p.texts.T("problem."+problem.Code, "typed", cmp.Or(problem.Typed, "…"), "most", p.size(rule.Bytes()), "kinds", rule.Endings())
	}
	if problem.Code == "off_step" {
		return p.texts.T("problem.off_step", "typed", problem.Typed, "wanted", p.between(problem.Question))
	}
	if !problem.At.IsZero() {
		return p.texts.T("problem."+problem.Code, "when", p.moment(problem.At))
	}
	typed := problem.Typed
	if typed == "" {
		typed = "…" // too long to be quoted
	}
	code := problem.Code
	_, offered := p.offer(problem.Question)
	if code == "constraint" && (offered && problem.Typed == "" || problem.Question.List != nil || !p.theirs(problem)) {
		code = "constraint_choice"
	}
	return p.texts.T("problem."+code, "typed", typed, "low", p.pointed(problem.Low), "high", p.pointed(problem.High))
}

// moment says when something was: today's by the clock alone.
func (p *paper) moment(at time.Time) string {
	at = at.In(p.zone)
	if now := p.view.Now().In(p.zone); at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return p.texts.Clock(at)
	}
	return p.texts.Date(at) + " " + p.texts.Clock(at)
}

// theirs tells whether what a problem quotes was written on this device. An
// answer of another device can break a constraint too, by what was answered
// here; then the problem is told and the answer is not.
func (p *paper) theirs(problem interview.Problem) bool {
	return has(p.typed[problem.Question.Name], problem.Typed) || p.shown(problem.Question.Name) == problem.Typed
}

// answer gives a stored answer as words, for the review: "" where there is none.
func (p *paper) answer(it *questionnaire.Item) []string {
	value := p.shown(it.Name)
	if value == "" {
		return nil
	}
	return p.words(it, value)
}

// words gives an answer to a question as words.
func (p *paper) words(it *questionnaire.Item, value string) []string {
	switch it.Type {
	case questionnaire.SelectOne, questionnaire.SelectMultiple, questionnaire.Rank:
		var out []string
		for i, name := range strings.Fields(value) {
			c := p.offered(it, name)
			if c == nil {
				continue
			}
			label := p.choiceText(it, c)
			if it.Type == questionnaire.Rank && c.Missing == questionnaire.Substantive {
				label = p.texts.Number(float64(i+1), 0) + ". " + label
			}
			out = append(out, label)
		}
		return out
	case questionnaire.Acknowledge:
		return []string{p.texts.T("page.acknowledge")}
	case questionnaire.File, questionnaire.Image:
		u := p.uploads[value]
		return []string{u.Name + ", " + p.size(u.Size)}
	case questionnaire.Text:
		if masked(it) {
			return []string{"••••••"}
		}
		return strings.Split(value, "\n")
	}
	return []string{p.worded(it, value)}
}
