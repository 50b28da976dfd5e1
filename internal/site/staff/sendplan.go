package staff

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/study"
)

// sendPlanPage is the plan of a study: what is sent when, and who is asked.
type sendPlanPage struct {
	*view
	P         *fieldwork.Planning
	Form      *form
	Cards     []messageCard
	Waves     []rulesCard
	Suggested bool // the form shows a plan to begin with, which is not saved
	Fresh     bool // the study has no plan
}

// messageCard is the part of the form for one message.
type messageCard struct {
	*sendPlanPage
	N    int // from 1
	Open bool
}

// rulesCard is the part of the form for one wave.
type rulesCard struct {
	*sendPlanPage
	N    int
	Wave study.Wave
	Open bool
}

func (r *request) showPlan() error {
	if err := r.may(access.PlanChange); err != nil {
		return err
	}
	return r.planPage(nil, 0)
}

// planPage shows the form of the plan: as it stands, or as it was typed. open
// is the message to be seen, 0 for none.
func (r *request) planPage(f *form, open int) error {
	planning, err := r.Fieldwork.Planning(r.ctx(), r.actor, r.study.Key)
	if err != nil {
		return err
	}
	p := &sendPlanPage{view: r.view("plan"), P: planning, Form: f, Fresh: planning.Study.Plan == nil || len(planning.Study.Plan.Messages) == 0}
	if f == nil {
		st := planning.Study
		if p.Fresh && r.Query("suggest") != "" {
			st, p.Suggested = st.Clone(), true
			st.Plan = st.Suggest()
		}
		p.Form = r.planForm(st)
		p.Form.values.Set("edition", planning.Edition)
	}
	for i := 1; i <= p.Form.cards(); i++ {
		p.Cards = append(p.Cards, messageCard{p, i, i == open || p.Form.wrongIn(fmt.Sprintf("messages[%d].", i))})
	}
	for i, w := range planning.Study.Waves {
		p.Waves = append(p.Waves, rulesCard{p, i + 1, w, p.Form.wrongIn(fmt.Sprintf("waves[%d].", i+1))})
	}
	return r.show("sendplan", p.Form, p)
}

// wrongIn tells whether a fault is in a part of the form.
func (f *form) wrongIn(prefix string) bool {
	return slices.ContainsFunc(f.Faults, func(x formFault) bool { return strings.HasPrefix(x.Field, prefix) })
}

// editPlan does what a button of the form asks for: it rearranges messages,
// shows what the plan would change, goes back from there, or saves.
func (r *request) editPlan() error {
	if err := r.may(access.PlanChange); err != nil {
		return err
	}
	f := r.posted()
	switch do := f.Value("do"); do {
	case "save":
		return r.savePlan(f)
	case "back":
		st, err := r.carried(f)
		if err != nil {
			return err
		}
		back := r.planForm(st)
		back.values.Set("edition", f.Value("edition"))
		return r.planPage(back, 0)
	case "zones":
		return r.planPage(f, 0)
	case "preview":
		plan := r.planTyped(f, r.study)
		if f.Bad() {
			return r.planPage(f, 0)
		}
		return r.previewPlan(f, plan)
	default:
		return r.planPage(f, f.rearrange(do, len(r.study.Waves)))
	}
}

// carried gives the study with the plan that a page has carried as text.
func (r *request) carried(f *form) (*study.Study, error) {
	plan, problems := r.study.ParsePlan([]byte(f.Value("plan")))
	if plan == nil {
		return nil, fault.New(fault.Invalid, "form_unreadable", "What was sent cannot be read.").Because(problems.Err("form_unreadable", "the plan cannot be read"))
	}
	st := r.study.Clone()
	st.Plan = plan
	return st, nil
}

func (r *request) previewPlan(f *form, plan *study.Plan) error {
	o, err := r.Fieldwork.PlanOutlook(r.ctx(), r.now, r.actor, r.study.Key, plan)
	if f.takePlan(err) {
		return r.planPage(f, 0)
	}
	if err != nil {
		return err
	}
	edition := f.Value("edition")
	if edition == "" {
		edition = o.Edition
	}
	return r.outlookPage(o, r.at("/plan"), []option{{Text: "plan", Value: string(plan.YAML(o.Study))}, {Text: "edition", Value: edition}}, nil)
}

// takePlan puts an error of an operation on the plan into its form.
func (f *form) takePlan(err error) bool {
	e := fault.Of(err)
	if e == nil || e.Kind != fault.Invalid || len(e.Problems) == 0 {
		return f.take(err)
	}
	for _, p := range fault.Problems(e.Problems).Errors() {
		f.planFault(p)
	}
	return true
}

func (r *request) savePlan(f *form) error {
	st, err := r.carried(f)
	if err != nil {
		return err
	}
	err = r.Fieldwork.ChangePlan(r.ctx(), r.now, r.actor, r.study.Key, st.Plan, f.Value("edition"))
	if f.takePlan(err) {
		again := r.planForm(st)
		again.err, again.Faults, again.Sentence = f.err, f.Faults, f.Sentence
		return r.planPage(again, 0) // its edition is empty: the next look goes by what is there by then
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/plan"), "staff.done.plan_saved")
}

// planFile sends the study.yaml as the study stands.
func (r *request) planFile() error {
	if err := r.may(access.PlanChange); err != nil {
		return err
	}
	data, err := r.study.YAML()
	if err != nil {
		return err
	}
	return r.download("study.yaml", "application/yaml; charset=utf-8", data)
}

// field names a field of the message.
func (c messageCard) name(field string) string { return fmt.Sprintf("messages[%d].%s", c.N, field) }

// Key gives the message's key, Kind what it is for.
func (c messageCard) Key() string  { return c.Form.Value(c.name("key")) }
func (c messageCard) Kind() string { return c.Form.Value(c.name("kind")) }

// Title names the message.
func (c messageCard) Title() string { return c.MessageName(c.Key(), study.MessageKind(c.Kind())) }

// Summary says when it goes out and by which way.
func (c messageCard) Summary() string {
	span, ok := study.ParseSpan(spanTyped(c.Form.Value(c.name("offset"))))
	if !ok {
		return ""
	}
	said := c.SpanFrom(span, c.Form.Value(c.name("from")))
	if at, ok := study.ParseHour(c.Form.Value(c.name("at"))); ok {
		said += ", " + c.T.Clock(time.Date(2000, 1, 1, at/60, at%60, 0, 0, time.UTC))
	}
	return said
}

// Text draws one of its fields that is typed.
func (c messageCard) Text(field, class, mode string) field {
	return c.Form.Field(c.name(field), c.T.T("staff.send."+field), "class", class, "mode", mode, "auto", "off", "hint", c.hint(field))
}

func (p *sendPlanPage) hint(field string) string {
	if key := "staff.send." + field + "_hint"; p.T.Has(key) {
		return p.T.T(key)
	}
	return ""
}

// Pick draws one of its fields that is chosen from a list of words.
func (c messageCard) Pick(field string) field {
	var known []string
	switch field {
	case "template":
		known = c.P.Texts
	case "from":
		known = study.Anchors()
	case "to":
		known = study.Audiences()
	}
	var options []option
	for _, word := range known {
		text := word
		if key := "staff.send." + field + "." + word; c.T.Has(key) {
			text = c.T.T(key)
		}
		if field == "template" {
			text = c.TextName(word)
		}
		options = append(options, option{Value: word, Text: text})
	}
	return c.Form.Choose(c.name(field), c.T.T("staff.send."+field), c.hint(field), options)
}

// Days draws the weekdays, to be ticked.
func (c messageCard) Days() ticks {
	t := c.ticks(c.name("weekdays"), c.T.T("staff.send.weekdays"), c.T.T("staff.send.weekdays_hint"))
	for d := 1; d <= 7; d++ {
		day := study.Weekday(time.Weekday(d % 7))
		t.add(day, c.T.T("staff.send.day."+day))
	}
	return t
}

// Channels draws the ways that it may take, the first that fits first.
func (c messageCard) Channels() []field {
	var out []field
	for i := range study.Channels() {
		f := c.Form.Field(c.name("channels"), c.T.T("staff.send.choice."+itoa(i+1)))
		if i > 0 {
			f.ID, f.Message = f.ID+"-"+itoa(i+1), ""
			f.Options = append(f.Options, option{Text: c.T.T("staff.send.no_channel")})
		}
		chosen := c.Form.values[c.name("channels")]
		for _, word := range study.Channels() {
			f.Options = append(f.Options, option{Value: word, Text: c.ChannelName(study.Channel(word)), Chosen: i < len(chosen) && chosen[i] == word})
		}
		if i == 0 && len(chosen) == 0 {
			f.Options = append([]option{{Text: c.T.T("staff.send.no_channel"), Chosen: true}}, f.Options...)
		}
		out = append(out, f)
	}
	return out
}

// Last tells that no message comes after it.
func (c messageCard) Last() bool { return c.N == len(c.Cards) }

// ticks is a field of boxes to tick.
type ticks struct {
	f                            *form
	ID, Name, Label, Hint, Wrong string
	Message                      string
	Options                      []option
}

func (p *sendPlanPage) ticks(name, label, hint string) ticks {
	return ticks{f: p.Form, ID: p.Form.id(name), Name: name, Label: label, Hint: hint, Message: p.Form.Message(name), Wrong: p.T.T("staff.form.wrong")}
}

func (t *ticks) add(value, text string) {
	t.Options = append(t.Options, option{Value: value, Text: text, Chosen: t.f.Is(t.Name, value)})
}

func (c rulesCard) name(field string) string { return fmt.Sprintf("waves[%d].%s", c.N, field) }

// Text draws one of its fields that is typed.
func (c rulesCard) Text(field, class string) field {
	key := strings.ReplaceAll(field, ".", "_")
	return c.Form.Field(c.name(field), c.T.T("staff.send."+key), "class", class, "auto", "off", "hint", c.hint(key))
}

// After draws what a period of the participant's own counts from.
func (c rulesCard) After() field {
	options := []option{{Text: c.T.T("staff.send.same_for_all")}}
	for _, a := range []study.Anchor{study.Enrolment, study.LastInterview} {
		options = append(options, option{Value: string(a), Text: c.T.T("staff.send.after." + string(a))})
	}
	return c.Form.Choose(c.name("relative.after"), c.T.T("staff.send.relative_after"), c.hint("relative_after"), options)
}

// Sends draws which messages the wave sends.
func (c rulesCard) Sends() ticks {
	t := c.ticks(c.name("messages"), c.T.T("staff.send.sends"), "")
	for _, m := range c.Cards {
		t.add(m.Key(), m.Title())
	}
	return t
}

// Asked draws who is asked, by the wave they entered in and by having answered.
func (c rulesCard) Asked() ticks {
	t := c.ticks(c.name("eligible.cohorts"), c.T.T("staff.send.cohorts"), c.T.T("staff.send.cohorts_hint"))
	for _, w := range c.P.Study.Waves[:c.N] {
		t.add(w.Key, c.T.T("staff.send.cohort", "wave", w.Number))
	}
	return t
}

// Before draws the box for those alone who answered the wave before.
func (c rulesCard) Before() ticks {
	t := c.ticks(c.name("eligible.before"), c.T.T("staff.send.before_legend"), "")
	t.add("yes", c.T.T("staff.send.before", "wave", c.N-1))
	return t
}

// Summary says who is asked, in a few words.
func (c rulesCard) Summary() string {
	var said []string
	f := c.Form
	if len(f.values[c.name("eligible.cohorts")])+len(f.Value(c.name("eligible.before")))+len(strings.TrimSpace(f.Value(c.name("eligible.where")))) == 0 {
		said = append(said, c.T.T("staff.send.asks_all"))
	} else {
		said = append(said, c.T.T("staff.send.asks_some"))
	}
	switch n := len(f.values[c.name("messages")]); {
	case n == 0:
		said = append(said, c.T.T("staff.send.sends_none"))
	case n == len(c.Cards):
		said = append(said, c.T.T("staff.send.sends_all"))
	default:
		said = append(said, c.T.T("staff.send.sends_some", "count", n))
	}
	return strings.Join(said, ", ")
}

// Attribute draws the attribute by which holidays or clocks go.
func (p *sendPlanPage) Attribute(of string) field {
	options := []option{{Text: p.T.T("staff.send.no_attribute")}}
	for _, a := range p.P.Study.Attributes {
		options = append(options, option{Value: a.Name, Text: p.In(a.Label)})
	}
	return p.Form.Choose(of+".attribute", p.T.T("staff.send."+of+"_attribute"), p.hint(of+"_attribute"), options)
}

// Countries draws the countries whose holidays count for all.
func (p *sendPlanPage) Countries() ticks {
	t := p.ticks("holidays.countries", p.T.T("staff.send.countries"), p.T.T("staff.send.countries_hint"))
	for _, c := range study.Countries() {
		t.add(c, p.T.T("staff.send.country."+c))
	}
	return t
}

// ZoneFields draws a time zone for each value of the attribute that was chosen.
func (p *sendPlanPage) ZoneFields() []field {
	var out []field
	if a := p.P.Study.Attribute(p.Form.Value("zones.attribute")); a != nil {
		for _, c := range a.Choices {
			out = append(out, p.Form.Field("zones."+c.Name, p.In(c.Label), "class", "mid", "auto", "off"))
		}
	}
	return out
}

// Kinds lists the kinds of messages that can be added.
func (p *sendPlanPage) Kinds() field {
	f := p.Form.Field("new", p.T.T("staff.send.new"))
	for _, kind := range study.MessageKinds() {
		f.Options = append(f.Options, option{Value: kind, Text: p.T.T("staff.send.kind." + kind), Chosen: kind == string(study.Reminder)})
	}
	return f
}
