package study

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Edit is one difference between two plans, or between the waves they are for.
type Edit struct {
	Of      string // "message", "wave", "holidays" or "zones"
	Name    string // of the message or the wave; "" else
	Field   string // "" where the whole of it is new or gone
	Was, Is string // as they are written in study.yaml, "" for nothing
}

// String says the difference in a line.
func (e Edit) String() string {
	name := e.Name
	if name == "" {
		name = "the plan"
	}
	show := func(text string) string {
		if text == "" {
			return "nothing"
		}
		return text
	}
	switch {
	case e.Field == "" && e.Was == "":
		return fmt.Sprintf("%s %s is new in the plan", e.Of, e.Name)
	case e.Field == "" && e.Is == "":
		return fmt.Sprintf("%s %s is no longer in the plan", e.Of, e.Name)
	case e.Field == "offset":
		return fmt.Sprintf("%s moves from %s to %s", name, e.Was, e.Is)
	}
	return fmt.Sprintf("%s: %s changes from %s to %s", name, e.Field, show(e.Was), show(e.Is))
}

// Edits gives the differences between two plans of a study, messages first, in
// the order of the plan. Either may be nil. The order of the messages, which
// changes nothing, is no difference.
func Edits(s *Study, before, after *Plan) []Edit {
	var out []Edit
	if before == nil {
		before = &Plan{}
	}
	if after == nil {
		after = &Plan{}
	}
	for i := range before.Messages {
		m := &before.Messages[i]
		if after.Message(m.Key) == nil {
			out = append(out, Edit{Of: "message", Name: m.Key, Was: m.Key})
		}
	}
	for i := range after.Messages {
		m := &after.Messages[i]
		was := before.Message(m.Key)
		if was == nil {
			out = append(out, Edit{Of: "message", Name: m.Key, Is: m.Key})
			continue
		}
		out = append(out, edits("message", m.Key, was.said(), m.said())...)
	}
	for _, w := range s.Waves {
		a, b := before.Waves[w.Key], after.Waves[w.Key]
		out = append(out, edits("wave", w.Key, a.said(s), b.said(s))...)
	}
	out = append(out, edits("holidays", "", before.Holidays.said(), after.Holidays.said())...)
	return append(out, edits("zones", "", before.Zones.said(), after.Zones.said())...)
}

// said is a thing's fields and how they are written, in their order.
type said [][2]string

func edits(of, name string, was, is said) []Edit {
	var out []Edit
	for _, pair := range is {
		i := slices.IndexFunc(was, func(p [2]string) bool { return p[0] == pair[0] })
		before := ""
		if i >= 0 {
			before = was[i][1]
		}
		if before != pair[1] {
			out = append(out, Edit{of, name, pair[0], before, pair[1]})
		}
	}
	for _, pair := range was {
		if !slices.ContainsFunc(is, func(p [2]string) bool { return p[0] == pair[0] }) {
			out = append(out, Edit{of, name, pair[0], pair[1], ""})
		}
	}
	return out
}

func (m *Message) said() said {
	var days []string
	for _, d := range m.Weekdays {
		days = append(days, weekdays[d])
	}
	return said{{"kind", string(m.Kind)}, {"template", m.Template}, {"from", string(m.Counts)}, {"offset", m.Offset.String()}, {"at", Hour(m.At)},
		{"weekdays", strings.Join(days, ", ")}, {"to", string(m.To)}, {"channels", strings.Trim(listed(m.Channels), "[]")}}
}

func (r Rules) said(s *Study) said {
	span := func(x Span) string {
		if x.Zero() {
			return ""
		}
		return x.String()
	}
	messages := strings.Join(r.Messages, ", ")
	switch {
	case r.Messages == nil:
		messages = "all"
	case len(r.Messages) == 0:
		messages = none
	}
	var cohorts []string
	for _, number := range r.Eligible.Cohorts {
		if number <= len(s.Waves) { // else it is of a file that lacks the wave, and will be refused for that
			cohorts = append(cohorts, s.Waves[number-1].Key)
		}
	}
	out := said{{"messages", messages}, {"grace", span(r.Grace)}, {"cohorts", strings.Join(cohorts, ", ")}, {"where", r.Eligible.Text}}
	if r.Eligible.Before {
		out = append(out, [2]string{"before", "yes"})
	}
	if x := r.Relative; x != nil {
		out = append(out, [2]string{"relative", fmt.Sprintf("%s, %s, %s", x.After, x.Offset, x.For)})
	}
	if x := r.Expiry; x != nil {
		out = append(out, [2]string{"expiry", fmt.Sprintf("%s, %s, %s", x.Invited, x.Extended, x.Idle)})
	}
	return out
}

func (h Holidays) said() said {
	return said{{"attribute", h.Attribute}, {"countries", strings.Join(h.Countries, ", ")}}
}

func (z Zones) said() said {
	out := said{{"attribute", z.Attribute}}
	for _, value := range slices.Sorted(maps.Keys(z.By)) {
		out = append(out, [2]string{value, z.By[value].String()})
	}
	return out
}
