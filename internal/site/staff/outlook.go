package staff

import (
	"strings"

	"panelverk/internal/fieldwork"
	"panelverk/internal/study"
)

// outlookPage shows what a change would do to all that is not sent yet.
type outlookPage struct {
	*view
	O      *fieldwork.Outlook
	Action string
	Hidden []option
	Move   *study.Wave // the wave that is moved, nil where the plan changes
	Form   *form
}

func (r *request) outlookPage(o *fieldwork.Outlook, action string, hidden []option, move *study.Wave) error {
	section := "plan"
	if move != nil {
		section = "waves"
	}
	return r.show("outlook", nil, outlookPage{view: r.view(section), O: o, Action: action, Hidden: hidden, Move: move})
}

// fates lists what can become of messages, in the order in which it is told.
var fates = []study.Fate{study.Falls, study.Comes, study.Moves, study.Alters, study.Stays, study.Sent}

// Totals says how many messages meet which fate.
func (p outlookPage) Totals() []string {
	var out []string
	for _, f := range fates {
		if n := p.O.Total[f]; n > 0 || f == study.Sent {
			out = append(out, p.T.T("staff.send.fate."+string(f), "count", n))
		}
	}
	return out
}

// Touched gives the messages for which anything changes.
func (p outlookPage) Touched() []fieldwork.MessageOutlook {
	var out []fieldwork.MessageOutlook
	for _, m := range p.O.Messages {
		if !m.Tally.Quiet() {
			out = append(out, m)
		}
	}
	return out
}

// Count counts a fate of one message, "" for none.
func (p outlookPage) Count(m fieldwork.MessageOutlook, fate string) string {
	if n := m.Tally[study.Fate(fate)]; n > 0 {
		return itoa(n)
	}
	return ""
}

// Shift says from which day to which how many move.
func (p outlookPage) Shift(s fieldwork.Shift) string {
	if p.ISO(s.From) == p.ISO(s.To) {
		return p.T.T("staff.send.shift_hour", "day", p.Day(s.From), "from", p.T.Clock(p.local(s.From)), "to", p.T.Clock(p.local(s.To)), "count", s.Count)
	}
	return p.T.T("staff.send.shift", "from", p.Day(s.From), "to", p.Day(s.To), "count", s.Count)
}

// Row says what changes for one message on a day.
func (p outlookPage) Row(c fieldwork.DayChange) string {
	var said []string
	for _, one := range []struct {
		key string
		n   int
	}{{"comes", c.Comes}, {"arrives", c.Arrives}, {"away", c.Away}, {"falls", c.Falls}} {
		if one.n > 0 {
			said = append(said, p.T.T("staff.send.on_day."+one.key, "count", one.n))
		}
	}
	return strings.Join(said, ", ")
}

// Of names what an edit is of.
func (p outlookPage) Of(e study.Edit) string {
	switch e.Of {
	case "message":
		for _, st := range []*study.Study{p.O.Study, p.Study} {
			if st.Plan != nil && st.Plan.Message(e.Name) != nil {
				return p.MessageName(e.Name, st.Plan.Message(e.Name).Kind)
			}
		}
	case "wave":
		if w := p.O.Study.Wave(e.Name); w != nil {
			return p.WaveName(w.Number)
		}
	}
	return p.T.T("staff.send.edit." + e.Of)
}

// What names the field that an edit is of.
func (p outlookPage) What(e study.Edit) string {
	if e.Field == "" {
		return ""
	}
	if key := "staff.send.edit_field." + e.Field; p.T.Has(key) {
		return p.T.T(key)
	}
	return e.Field
}

// Value writes one side of an edit in words, as far as there are any.
func (p outlookPage) Value(e study.Edit, value string) string {
	switch {
	case e.Field == "" && value != "":
		return p.T.T("staff.send.edit_there")
	case value == "":
		return "–"
	case e.Field == "where", e.Of == "zones" && e.Field != "attribute":
		return value
	}
	if span, ok := study.ParseSpan(value); ok {
		if e.Field == "offset" && strings.HasPrefix(value, "-") {
			return p.T.T("staff.send.span_before", "span", p.SpanName(span))
		}
		return p.SpanName(span)
	}
	parts := strings.Split(value, ", ")
	for i, word := range parts {
		parts[i] = p.editWord(e.Field, word)
	}
	return strings.Join(parts, ", ")
}

// editWord gives one word of a plan as the pages say it.
func (p outlookPage) editWord(field, word string) string {
	key := ""
	switch field {
	case "from", "to":
		key = "staff.send." + field + "." + word
	case "weekdays":
		key = "staff.send.day." + word
	case "channels":
		key = "staff.send.channel." + word
	case "countries":
		key = "staff.send.country." + word
	case "template":
		return p.TextName(word)
	case "kind":
		key = "staff.send.kind." + word
	case "relative":
		key = "staff.send.after." + word
	case "before":
		key = "staff.send.yes"
	case "messages":
		key = "staff.send.edit_messages." + word
	}
	if p.T.Has(key) {
		return p.T.T(key)
	}
	if span, ok := study.ParseSpan(word); ok && word != "" {
		return p.SpanName(span)
	}
	return word
}
