package study

import (
	"maps"
	"slices"
	"time"
)

// Enrolling is the page on which people ask to take part by themselves: the
// part "enrolment" of study.yaml. Whether it is published is decided on the
// staff pages; nil where the study has no such page.
type Enrolling struct {
	Opens      time.Time // zero: as soon as it is published
	Closes     time.Time
	Cap        int     // the most participants of the panel; 0 for no limit
	Quotas     []Quota // the most of them with a value of an attribute
	Email      bool    // which contact details are asked for; one of the two is
	Phone      bool
	Name       bool     // also a name, which may be left out
	Attributes []string // what is asked of people; those with a quota must be answered
	Waiting    WaitingList
	Hold       Span // how long a place is kept for somebody from the waiting list
}

// Quota is the most participants whose attribute has a value.
type Quota struct {
	Attribute, Value string
	Most             int
}

// WaitingList says what becomes of those who come when all places are taken.
type WaitingList string

// The ways of a waiting list.
const (
	NoWaiting        WaitingList = "none"      // they are told that it is full
	WaitingByHand    WaitingList = "by_hand"   // staff let the next one in
	WaitingAutomatic WaitingList = "automatic" // the longest waiting whose quotas have room is let in
)

var waitingLists = []string{string(NoWaiting), string(WaitingByHand), string(WaitingAutomatic)}

// usualHold is how long a place is kept where the file does not say.
var usualHold = Span{Days: 7}

// State tells whether one can enrol at a moment by what the file says.
func (e *Enrolling) State(now time.Time) State {
	switch {
	case now.Before(e.Opens):
		return Planned
	case now.Before(e.Closes):
		return Open
	}
	return Closed
}

// Required tells whether an attribute that is asked must be answered: whether
// places are counted by it.
func (e *Enrolling) Required(attribute string) bool {
	return slices.ContainsFunc(e.Quotas, func(q Quota) bool { return q.Attribute == attribute })
}

// enrolment reads the key "enrolment". The attributes must have been read.
func (f fields) enrolment(s *Study, zoneKnown bool) *Enrolling {
	m := f.sub("enrolment", "opens", "closes", "cap", "quotas", "ask", "attributes", "waiting", "hold")
	e := &Enrolling{Hold: usualHold}
	if m.has("opens") {
		e.Opens = m.time("opens", s.TimeZone, zoneKnown)
	}
	e.Closes = m.time("closes", s.TimeZone, zoneKnown)
	if !e.Closes.IsZero() && !e.Closes.After(e.Opens) {
		f.r.add(m.keys["closes"], "enrolment_closes", "The enrolment closes %s, before it opens %s.", e.Closes.Format(Layout), e.Opens.Format(Layout))
	}
	if m.has("cap") {
		e.Cap = m.integer("cap", 1, maxPanel)
	}
	m.get("ask")
	asked := m.words("ask", []string{"email", "phone", "name"}, "enrolment_ask")
	e.Email, e.Phone, e.Name = slices.Contains(asked, "email"), slices.Contains(asked, "phone"), slices.Contains(asked, "name")
	if len(asked) > 0 && !e.Email && !e.Phone {
		f.r.add(m.keys["ask"], "enrolment_ask", "Ask for email or phone: an enrolment is confirmed by a message.")
	}
	if m.has("attributes") {
		var names []string
		for _, a := range s.Attributes {
			names = append(names, a.Name)
		}
		e.Attributes = m.words("attributes", names, "attribute")
	}
	if m.has("quotas") {
		m.quotas(s, e)
	}
	e.Waiting = NoWaiting
	if text, v, ok := m.optional("waiting"); ok {
		if e.Waiting = WaitingList(text); !slices.Contains(waitingLists, text) {
			f.r.add(v, "waiting", "%s is no way of a waiting list.%s", text, didYouMean(text, waitingLists))
		}
	}
	if m.has("hold") {
		if e.Hold = m.span("hold", false); e.Hold.Zero() && len(f.r.problems.Errors()) == 0 {
			f.r.add(m.keys["hold"], "span", "A place is kept for some time: write 3d or 12h.")
		}
	}
	if s.Consent == nil {
		f.r.add(m.at, "enrolment_consent", "Who enrols agrees to a consent text: the study needs the key consent.")
	}
	return e
}

// optional reads a text that may be left out.
func (f fields) optional(key string) (string, value, bool) {
	if !f.has(key) {
		return "", value{}, false
	}
	return f.text(key)
}

// quotas reads the most participants by attribute and value.
func (f fields) quotas(s *Study, e *Enrolling) {
	by := f.r.mapping(f.keys["quotas"], e.Attributes...)
	for _, name := range slices.Sorted(maps.Keys(by.keys)) {
		a := s.Attribute(name)
		if a == nil {
			continue // reported where the attributes were read
		}
		var values []string
		for _, c := range a.Choices {
			values = append(values, c.Name)
		}
		m := f.r.mapping(by.keys[name], values...)
		for _, value := range values { // in the order of the choices
			if m.has(value) {
				e.Quotas = append(e.Quotas, Quota{Attribute: name, Value: value, Most: m.integer(value, 0, maxPanel)})
			}
		}
	}
}
