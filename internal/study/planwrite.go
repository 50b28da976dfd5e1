package study

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// YAML writes the plan as the part "plan" of a study.yaml: ParsePlan gives it
// back. What is as usual for a kind of message is left out.
func (p *Plan) YAML(s *Study) []byte {
	var out bytes.Buffer
	out.WriteString("plan:\n")
	if h := p.Holidays; h.Attribute != "" || len(h.Countries) > 0 {
		var parts []string
		if h.Attribute != "" {
			parts = append(parts, "attribute: "+quoted(h.Attribute))
		}
		if len(h.Countries) > 0 {
			parts = append(parts, "countries: "+listed(h.Countries))
		}
		fmt.Fprintf(&out, "  holidays: {%s}\n", strings.Join(parts, ", "))
	}
	if p.Zones.Attribute != "" {
		parts := []string{"attribute: " + quoted(p.Zones.Attribute)}
		for _, value := range slices.Sorted(maps.Keys(p.Zones.By)) {
			parts = append(parts, quoted(value)+": "+p.Zones.By[value].String())
		}
		fmt.Fprintf(&out, "  zones: {%s}\n", strings.Join(parts, ", "))
	}
	if len(p.Messages) == 0 {
		out.WriteString("  messages: " + none + "\n")
	} else {
		out.WriteString("  messages:\n")
	}
	for i := range p.Messages {
		p.Messages[i].write(&out)
	}
	if len(p.Waves) > 0 {
		out.WriteString("  waves:\n")
	}
	for _, w := range s.Waves {
		if rules, ok := p.Waves[w.Key]; ok {
			rules.write(&out, s, w.Key)
		}
	}
	return out.Bytes()
}

func (m *Message) write(out *bytes.Buffer) {
	fmt.Fprintf(out, "    - key: %s\n", m.Key)
	line := func(key, value string) { fmt.Fprintf(out, "      %s: %s\n", key, value) }
	line("kind", string(m.Kind))
	if m.Template != string(m.Kind) {
		line("template", m.Template)
	}
	if m.Counts != usual[m.Kind].from {
		line("from", string(m.Counts))
	}
	if !m.Offset.Zero() {
		line("offset", m.Offset.String())
	}
	if m.At >= 0 {
		line("at", Hour(m.At))
	}
	if len(m.Weekdays) > 0 {
		var days []string
		for _, d := range m.Weekdays {
			days = append(days, weekdays[d])
		}
		line("weekdays", listed(days))
	}
	if m.To != usual[m.Kind].to {
		line("to", string(m.To))
	}
	line("channels", listed(m.Channels))
}

func (r Rules) write(out *bytes.Buffer, s *Study, wave string) {
	fmt.Fprintf(out, "    - wave: %s\n", quoted(wave))
	line := func(key, value string) { fmt.Fprintf(out, "      %s: %s\n", key, value) }
	switch {
	case len(r.Messages) > 0:
		line("messages", listed(r.Messages))
	case r.Messages != nil:
		line("messages", none)
	}
	var eligible []string
	if len(r.Eligible.Cohorts) > 0 {
		var keys []string
		for _, number := range r.Eligible.Cohorts {
			keys = append(keys, quoted(s.Waves[number-1].Key))
		}
		eligible = append(eligible, "cohorts: "+listed(keys))
	}
	if r.Eligible.Before {
		eligible = append(eligible, "before: yes")
	}
	if r.Eligible.Where != nil {
		eligible = append(eligible, "where: "+quoted(r.Eligible.Text))
	}
	if len(eligible) > 0 {
		line("eligible", "{"+strings.Join(eligible, ", ")+"}")
	}
	if !r.Grace.Zero() {
		line("grace", r.Grace.String())
	}
	if r.Relative != nil {
		line("relative", fmt.Sprintf("{after: %s, offset: %s, for: %s}", r.Relative.After, r.Relative.Offset, r.Relative.For))
	}
	if r.Expiry != nil {
		line("expiry", fmt.Sprintf("{invited: %s, extended: %s, idle: %s}", r.Expiry.Invited, r.Expiry.Extended, r.Expiry.Idle))
	}
}

// Hour writes minutes after midnight as "09:00"; "" for -1.
func Hour(minutes int) string {
	if minutes < 0 {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
}

func listed[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
