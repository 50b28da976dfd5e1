package study

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/expr"
	"panelverk/internal/fault"
)

const (
	maxMessages = 40
	maxSpan     = 3660   // days: ten years
	none        = "none" // what a wave sends that sends nothing
)

var (
	spanPattern = regexp.MustCompile(`^(-?)(?:(\d+)d)?\s*(?:(\d+)h)?$`)
	hourPattern = regexp.MustCompile(`^([01]?\d|2[0-3])[:.]([0-5]\d)$`)
	// weekdays are the names of days, in the order of time.Weekday.
	weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	// usual holds what a kind of message counts from and is for, where the plan
	// does not say.
	usual = map[MessageKind]struct {
		from Anchor
		to   Audience
	}{
		Prenotice:  {FromOpening, Everybody},
		Invitation: {FromOpening, Unanswered},
		Reminder:   {FromOpening, Unanswered},
		Nudge:      {FromLastActive, Partly},
		Thanks:     {FromSubmission, Answered},
		Closing:    {FromClosing, Unanswered},
	}
)

// ParsePlan reads a plan that was written by Plan.YAML, for a study whose
// waves, attributes and languages are known. It gives nil where any problem is
// an error, and always all the problems.
func (s *Study) ParsePlan(source []byte) (*Plan, fault.Problems) {
	r := &reader{file: "plan", languages: s.Languages}
	root := r.root(source)
	if root.node == nil {
		return nil, r.problems
	}
	p := r.mapping(root, "plan").plan(s)
	if len(r.problems.Errors()) > 0 {
		return nil, r.problems
	}
	return p, r.problems
}

// plan reads the key "plan". The waves, attributes and the time zone of the
// study must have been read.
func (f fields) plan(s *Study) *Plan {
	m := f.sub("plan", "holidays", "zones", "messages", "waves")
	p := &Plan{Waves: map[string]Rules{}}
	if m.has("holidays") {
		p.Holidays = m.holidays(s)
	}
	if m.has("zones") {
		p.Zones = m.zones(s)
	}
	var at []value
	if v := m.keys["messages"]; v.node == nil || v.node.String() != none {
		p.Messages, at = m.messages()
	}
	if m.has("waves") {
		m.waveRules(s, p)
	}
	p.check(m.r, m.keys["messages"], at)
	return p
}

func (f fields) holidays(s *Study) Holidays {
	m := f.sub("holidays", "countries", "attribute")
	var h Holidays
	if m.has("attribute") {
		h.Attribute, _ = m.attribute(s, "attribute")
	}
	if m.has("countries") {
		h.Countries = m.words("countries", Countries(), "country")
	}
	return h
}

// attribute reads the name of an attribute of the study.
func (f fields) attribute(s *Study, key string) (string, *Attribute) {
	name, v, ok := f.text(key)
	if !ok {
		return "", nil
	}
	a := s.Attribute(name)
	if a == nil {
		var names []string
		for _, a := range s.Attributes {
			names = append(names, a.Name)
		}
		f.r.add(v, "attribute", "The study has no attribute %s.%s", name, didYouMean(name, names))
	}
	return name, a
}

func (f fields) zones(s *Study) Zones {
	allowed := []string{"attribute"}
	for _, a := range s.Attributes {
		for _, c := range a.Choices {
			allowed = append(allowed, c.Name)
		}
	}
	m := f.sub("zones", allowed...)
	z := Zones{By: map[string]*time.Location{}}
	name, a := m.attribute(s, "attribute")
	z.Attribute = name
	for value, v := range m.keys {
		if value == "attribute" || a == nil {
			continue
		}
		if a.Choice(value) == nil {
			f.r.add(v, "choice", "The attribute %s has no choice %s.", name, value)
			continue
		}
		text, ok := f.r.scalar(v)
		if !ok {
			continue
		}
		zone, err := time.LoadLocation(text)
		if err != nil || text == "Local" {
			f.r.add(v, "time_zone", "%s is no time zone that is known. Write its name as Europe/Stockholm.", text)
			continue
		}
		z.By[value] = zone
	}
	return z
}

// words reads a list of words of which each must be known.
func (f fields) words(key string, known []string, code string) []string {
	var out []string
	for _, v := range f.r.list(f.keys[key]) {
		s, ok := f.r.scalar(v)
		switch {
		case !ok:
		case !slices.Contains(known, s):
			f.r.add(v, code, "%s is not known here.%s", s, didYouMean(s, known))
		case slices.Contains(out, s):
			f.r.add(v, "duplicate", "%s is here twice.", s)
		default:
			out = append(out, s)
		}
	}
	return out
}

// word reads one of some known words; what is left out is the one given.
func (f fields) word(key string, known []string, otherwise string) string {
	if !f.has(key) {
		return otherwise
	}
	s, v, ok := f.text(key)
	if ok && !slices.Contains(known, s) {
		f.r.add(v, key, "%s is no %s of a message.%s", s, key, didYouMean(s, known))
		return otherwise
	}
	return s
}

// messages reads the messages with the places where they stand.
func (f fields) messages() (out []Message, at []value) {
	list := f.r.list(f.get("messages"))
	if len(list) > maxMessages {
		f.r.add(f.keys["messages"], "too_many", "A plan has at most %d messages.", maxMessages)
		return nil, nil
	}
	for _, v := range list {
		m := f.r.mapping(v, "key", "kind", "template", "from", "offset", "at", "weekdays", "to", "channels")
		out = append(out, m.message())
	}
	return out, list
}

func (f fields) message() Message {
	m := Message{Key: f.key("key", 30), At: -1, Channels: []Channel{Email}}
	m.Kind = MessageKind(f.word("kind", messageKinds, m.Key))
	if !f.has("kind") && m.Key != "" && !slices.Contains(messageKinds, m.Key) {
		f.get("kind") // the key is no kind, so that one is missed
		return m
	}
	m.Template = string(m.Kind)
	if f.has("template") {
		m.Template = f.key("template", 40)
	}
	m.Counts = Anchor(f.word("from", anchors, string(usual[m.Kind].from)))
	m.To = Audience(f.word("to", audiences, string(usual[m.Kind].to)))
	m.Offset = f.span("offset", true)
	if f.has("at") {
		m.At = f.hour("at")
	}
	if f.has("weekdays") {
		for _, name := range f.words("weekdays", weekdays, "weekday") {
			m.Weekdays = append(m.Weekdays, time.Weekday(slices.Index(weekdays, name)))
		}
	}
	if f.has("channels") {
		m.Channels = nil
		for _, c := range f.words("channels", channels, "channel") {
			m.Channels = append(m.Channels, Channel(c))
		}
	}
	return m
}

// span reads "3d", "12h", "1d 12h" or, where it may go back, "-3d"; nothing
// where the key is left out.
func (f fields) span(key string, back bool) Span {
	if !f.has(key) {
		return Span{}
	}
	text, v, ok := f.text(key)
	if !ok {
		return Span{}
	}
	span, ok := ParseSpan(text)
	switch {
	case !ok:
		f.r.add(v, "span", "%s says %s. Write days and hours as 3d, 12h or 1d 12h.", key, text)
	case span.negative() && !back:
		f.r.add(v, "span", "%s says %s. It cannot go back in time.", key, text)
	}
	return span
}

// ParseSpan reads a span as it is written in a plan: "3d", "12h", "1d 12h",
// "-2d"; "0" and "" are none. ok is false for anything else, and for more than
// ten years.
func ParseSpan(text string) (span Span, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" || text == "0" {
		return Span{}, true
	}
	parts := spanPattern.FindStringSubmatch(text)
	if parts == nil || parts[2] == "" && parts[3] == "" {
		return Span{}, false
	}
	days, err1 := strconv.Atoi("0" + parts[2])
	hours, err2 := strconv.Atoi("0" + parts[3])
	if err1 != nil || err2 != nil || days > maxSpan || hours > 24*maxSpan {
		return Span{}, false
	}
	if parts[1] == "-" {
		days, hours = -days, -hours
	}
	return Span{Days: days, Hours: hours}, true
}

// String writes the span as ParseSpan reads it.
func (s Span) String() string {
	sign := ""
	if s.negative() {
		sign, s = "-", Span{Days: -s.Days, Hours: -s.Hours}
	}
	switch {
	case s.Hours == 0:
		return fmt.Sprintf("%s%dd", sign, s.Days)
	case s.Days == 0:
		return fmt.Sprintf("%s%dh", sign, s.Hours)
	}
	return fmt.Sprintf("%s%dd %dh", sign, s.Days, s.Hours)
}

// hour reads a time of the day into minutes after midnight.
func (f fields) hour(key string) int {
	text, v, ok := f.text(key)
	if !ok {
		return -1
	}
	at, ok := ParseHour(text)
	if !ok {
		f.r.add(v, "hour", "%s is no time of the day. Write it as 09:00.", text)
	}
	return at
}

// ParseHour reads "09:00" into minutes after midnight; -1 where it is no time.
func ParseHour(text string) (minutes int, ok bool) {
	parts := hourPattern.FindStringSubmatch(strings.TrimSpace(text))
	if parts == nil {
		return -1, false
	}
	hour, _ := strconv.Atoi(parts[1]) // two digits at most
	minute, _ := strconv.Atoi(parts[2])
	return 60*hour + minute, true
}

func (f fields) waveRules(s *Study, p *Plan) {
	var keys []string
	for _, w := range s.Waves {
		keys = append(keys, w.Key)
	}
	for _, v := range f.r.list(f.keys["waves"]) {
		m := f.r.mapping(v, "wave", "messages", "eligible", "grace", "relative", "expiry")
		key, kv, ok := m.text("wave")
		if !ok {
			continue
		}
		if !slices.Contains(keys, key) {
			f.r.add(kv, "wave", "The study has no wave %s.%s", key, didYouMean(key, keys))
			continue
		}
		if _, twice := p.Waves[key]; twice {
			f.r.add(kv, "duplicate", "The wave %s is here twice.", key)
			continue
		}
		p.Waves[key] = m.rules(s, p, key)
	}
}

func (f fields) rules(s *Study, p *Plan, wave string) Rules {
	var rules Rules
	if f.has("messages") {
		rules.Messages = f.sent(p)
	}
	rules.Grace = f.span("grace", false)
	if f.has("eligible") {
		rules.Eligible = f.sub("eligible", "cohorts", "before", "where").eligible(s, wave)
	}
	if f.has("relative") {
		m := f.sub("relative", "after", "offset", "for")
		rules.Relative = &Relative{Offset: m.span("offset", false), For: m.span("for", false),
			After: Anchor(m.word("after", []string{string(Enrolment), string(LastInterview)}, string(Enrolment)))}
		if rules.Relative.For.Zero() {
			m.get("for")
		}
	}
	if f.has("expiry") {
		m := f.sub("expiry", "invited", "extended", "idle")
		m.get("invited")
		m.get("idle")
		rules.Expiry = &Expiry{Invited: m.span("invited", false), Extended: m.span("extended", false), Idle: m.span("idle", false)}
	}
	return rules
}

// sent reads which of the plan's messages a wave sends: a list of keys, or none.
func (f fields) sent(p *Plan) []string {
	if v := f.keys["messages"]; v.node.String() == none {
		return []string{}
	}
	var known []string
	for _, m := range p.Messages {
		known = append(known, m.Key)
	}
	return f.words("messages", known, "message")
}

func (f fields) eligible(s *Study, wave string) Eligible {
	var e Eligible
	for _, v := range f.r.list(f.keys["cohorts"]) {
		text, ok := f.r.scalar(v)
		if !ok {
			continue
		}
		w := s.Wave(text)
		if w == nil {
			f.r.add(v, "wave", "The study has no wave %s.", text)
			continue
		}
		e.Cohorts = append(e.Cohorts, w.Number)
	}
	if f.has("before") {
		said := f.word("before", []string{"yes", "no", "true", "false"}, "no")
		e.Before = said == "yes" || said == "true"
	}
	if !f.has("where") {
		return e
	}
	text, v, ok := f.text("where")
	if !ok {
		return e
	}
	where, err := expr.Parse(text)
	if err == nil {
		for _, issue := range where.Check(expr.Scope{Previous: true}) {
			f.r.add(v, "where", "%s", issue.Message)
		}
		for _, name := range where.Names() {
			if s.Attribute(name) == nil {
				f.r.add(v, "where", "The study has no attribute %s. Earlier answers are read by ${last-saved#%s}.", name, name)
			}
		}
		if f.r.wheres == nil {
			f.r.wheres = map[string]value{}
		}
		f.r.wheres[wave] = v
		e.Where, e.Text = where, text
		return e
	}
	f.r.add(v, "where", "%s", err)
	return e
}

// check finds what single messages do not show. at is where they stand.
func (p *Plan) check(r *reader, list value, at []value) {
	seen, kinds := map[string]bool{}, map[MessageKind]int{}
	for i, m := range p.Messages {
		on := func(key string) value {
			v := at[i]
			v.path = join(v.path, key)
			return v
		}
		if seen[m.Key] && m.Key != "" {
			r.add(on("key"), "duplicate", "There are two messages with the key %s.", m.Key)
		}
		seen[m.Key] = true
		kinds[m.Kind]++
		if (m.Counts == FromLastActive || m.Counts == FromSubmission) && m.Offset.negative() {
			r.add(on("offset"), "offset", "%s would be sent before what it counts from.", m.Key)
		}
	}
	if kinds[Reminder] > mostReminders {
		r.add(list, "too_many", "There are %d reminders. More than %d help nobody.", kinds[Reminder], mostReminders)
	}
	if kinds[Invitation] > 1 {
		r.add(list, "two_invitations", "There is more than one invitation. A participant is invited once to a wave, and then reminded.")
	}
	if kinds[Reminder] > 0 && kinds[Invitation] == 0 {
		r.add(list, "no_invitation", "There are reminders without an invitation to remind of.")
	}
}
