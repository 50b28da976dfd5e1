package staff

import (
	"strings"
	"unicode"

	"panelverk/internal/study"
)

// MessageName names a message of a plan: by its kind, and by the number at the
// end of its key where it has one.
func (v *view) MessageName(key string, kind study.MessageKind) string {
	name := v.T.T("staff.send.kind." + string(kind))
	if n := strings.TrimLeftFunc(key, func(c rune) bool { return !unicode.IsDigit(c) }); n != "" && len(n) <= 2 {
		return name + " " + n
	}
	return name
}

// TextName names the text of a message: "reminder2" is the second reminder's.
func (v *view) TextName(template string) string {
	base := strings.TrimRightFunc(template, unicode.IsDigit)
	if !study.IsMessageKind(base) {
		return template
	}
	return v.MessageName(template, study.MessageKind(base))
}

// ChannelName names a way that a message takes.
func (v *view) ChannelName(c study.Channel) string { return v.T.T("staff.send.channel." + string(c)) }

// SpanName says how long a span is, without its sign.
func (v *view) SpanName(s study.Span) string {
	days, hours := max(s.Days, -s.Days), max(s.Hours, -s.Hours)
	var said []string
	if days > 0 || hours == 0 {
		said = append(said, v.T.T("staff.when.days", "count", days))
	}
	if hours > 0 {
		said = append(said, v.T.T("staff.when.hours", "count", hours))
	}
	return strings.Join(said, " ")
}

// SpanFrom says when something happens, counted from an anchor.
func (v *view) SpanFrom(s study.Span, anchor string) string {
	side := "after"
	switch {
	case s.Zero():
		side = "at"
	case s.Days < 0 || s.Hours < 0:
		side = "before"
	}
	key := "staff.send.counts." + anchor + "_" + side
	if !v.T.Has(key) {
		return ""
	}
	return v.T.T(key, "span", v.SpanName(s))
}

// ClashText says in a sentence what in a plan is probably not meant.
func (v *view) ClashText(st *study.Study, c study.Clash) string {
	name := func(key string) string {
		if st.Plan != nil {
			if m := st.Plan.Message(key); m != nil {
				return v.MessageName(key, m.Kind)
			}
		}
		return key
	}
	number := 0
	if w := st.Wave(c.Wave); w != nil {
		number = w.Number
	}
	text := v.T.T("clash."+c.Code, "wave", number, "message", name(c.Message), "other", name(c.Other), "holiday", c.Holiday, "day", v.Day(c.At))
	if c.Country != "" {
		text += " " + v.T.T("clash.only_for", "country", v.choiceName(st, c.Country))
	}
	return text
}

// choiceName names a value of the attribute by which holidays go.
func (v *view) choiceName(st *study.Study, value string) string {
	if st.Plan != nil {
		if a := st.Attribute(st.Plan.Holidays.Attribute); a != nil && a.Choice(value) != nil {
			return v.In(a.Choice(value).Label)
		}
	}
	if key := "staff.send.country." + value; v.T.Has(key) {
		return v.T.T(key)
	}
	return value
}

// warnings is what a plan says that is probably not meant, in sentences.
type warnings struct {
	Head  string
	Texts []string
}

// ClashTexts gives the clashes of a study, nil for none.
func (v *view) ClashTexts(st *study.Study, clashes []study.Clash) *warnings {
	if len(clashes) == 0 {
		return nil
	}
	w := &warnings{Head: v.T.T("staff.send.clashes", "count", len(clashes))}
	for _, c := range clashes {
		w.Texts = append(w.Texts, v.ClashText(st, c))
	}
	return w
}
