package staff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/fault"
	"panelverk/internal/study"
)

// The fields of the form of a plan are named as the places in study.yaml that
// they fill: messages[2].offset, waves[1].eligible.where. So each problem that
// is found there finds its field.

// maxCards is how many messages a form can hold: as many as a plan.
const maxCards = 40

// planForm writes a plan into the fields of a form.
func (r *request) planForm(st *study.Study) *form {
	f := r.fresh()
	p := st.Plan
	if p == nil {
		p = &study.Plan{}
	}
	for i := range p.Messages {
		writeMessage(f.values, i+1, &p.Messages[i])
	}
	f.values.Set("count", itoa(len(p.Messages)))
	for i, w := range st.Waves {
		writeRules(f.values, fmt.Sprintf("waves[%d].", i+1), p.Waves[w.Key], p, st)
	}
	f.values.Set("holidays.attribute", p.Holidays.Attribute)
	f.values["holidays.countries"] = p.Holidays.Countries
	f.values.Set("zones.attribute", p.Zones.Attribute)
	for value, zone := range p.Zones.By {
		f.values.Set("zones."+value, zone.String())
	}
	return f
}

func writeMessage(v url.Values, n int, m *study.Message) {
	at := fmt.Sprintf("messages[%d].", n)
	v.Set(at+"key", m.Key)
	v.Set(at+"kind", string(m.Kind))
	v.Set(at+"template", m.Template)
	v.Set(at+"from", string(m.Counts))
	v.Set(at+"offset", spanShown(m.Offset))
	v.Set(at+"at", study.Hour(m.At))
	v.Set(at+"to", string(m.To))
	for _, d := range m.Weekdays {
		v.Add(at+"weekdays", study.Weekday(d))
	}
	for _, c := range m.Channels {
		v.Add(at+"channels", string(c))
	}
}

func writeRules(v url.Values, at string, rules study.Rules, p *study.Plan, st *study.Study) {
	span := func(name string, s study.Span) {
		if !s.Zero() {
			v.Set(at+name, spanShown(s))
		}
	}
	for _, m := range p.Messages {
		if rules.Messages == nil || slices.Contains(rules.Messages, m.Key) {
			v.Add(at+"messages", m.Key)
		}
	}
	for _, number := range rules.Eligible.Cohorts {
		v.Add(at+"eligible.cohorts", st.Waves[number-1].Key)
	}
	if rules.Eligible.Before {
		v.Set(at+"eligible.before", "yes")
	}
	v.Set(at+"eligible.where", rules.Eligible.Text)
	span("grace", rules.Grace)
	if x := rules.Relative; x != nil {
		v.Set(at+"relative.after", string(x.After))
		v.Set(at+"relative.offset", spanShown(x.Offset))
		span("relative.for", x.For)
	}
	if x := rules.Expiry; x != nil {
		span("expiry.invited", x.Invited)
		span("expiry.extended", x.Extended)
		span("expiry.idle", x.Idle)
	}
}

// spanShown writes a span as it is typed: whole days are a number.
func spanShown(s study.Span) string {
	if s.Hours == 0 {
		return itoa(s.Days)
	}
	return s.String()
}

var wholeDays = regexp.MustCompile(`^-?\d+$`)

// spanTyped reads what was typed as study.yaml has it: a number is days.
func spanTyped(text string) string {
	text = strings.ToLower(strings.TrimSpace(strings.NewReplacer("−", "-", "–", "-", "\u00a0", " ").Replace(text)))
	if wholeDays.MatchString(text) {
		text += "d"
	}
	return text
}

// cards tells how many messages the form holds.
func (f *form) cards() int {
	n, err := strconv.Atoi(f.Value("count"))
	if err != nil || n < 0 {
		return 0
	}
	return min(n, maxCards)
}

// planTyped reads the form as a plan of the study. What is wrong stands in the
// form then, all of it, each beside its field.
func (r *request) planTyped(f *form, st *study.Study) *study.Plan {
	plan, problems := st.ParsePlan(planYAML(f, st))
	for _, p := range problems.Errors() {
		f.planFault(p)
	}
	return plan
}

// planFault puts a problem of a plan beside the field that it is of.
func (f *form) planFault(p fault.Problem) {
	name := strings.TrimPrefix(p.Field, "plan.")
	if cut := strings.LastIndex(name, "["); strings.HasSuffix(name, "]") && strings.Contains(name[:cut], ".") {
		name = name[:cut] // of a list within a field: weekdays[2]
	}
	text := p.Message
	if key := "staff.send.problem." + p.Code; f.t.Has(key) {
		text = f.t.T(key, "value", f.Value(name))
	}
	if p.Code == "where" {
		text += " " + p.Message
	}
	id := f.id(name)
	if !strings.Contains(name, ".") {
		id = f.id("messages")
	}
	f.err = fault.New(fault.Invalid, "form_problems", "Some fields have to be put right.")
	f.Faults = append(f.Faults, formFault{Field: name, Text: text, ID: id})
}

// planYAML writes what was typed as the part "plan" of study.yaml, right or wrong.
func planYAML(f *form, st *study.Study) []byte {
	w := &yamlWriter{f: f}
	w.line(0, "plan:")
	w.group(1, "holidays:", func() { w.text(2, "holidays.attribute"); w.list(2, "holidays.countries", false) })
	if f.Value("zones.attribute") != "" {
		w.line(1, "zones:")
		w.text(2, "zones.attribute")
		if a := st.Attribute(f.Value("zones.attribute")); a != nil {
			for _, c := range a.Choices {
				w.field(2, "zones."+c.Name, quotedYAML(c.Name))
			}
		}
	}
	if f.cards() == 0 {
		w.line(1, "messages: none")
	} else {
		w.line(1, "messages:")
	}
	for i := 1; i <= f.cards(); i++ {
		at := fmt.Sprintf("messages[%d].", i)
		w.line(2, "- key: "+quotedYAML(f.Value(at+"key")))
		for _, name := range []string{"kind", "template", "from", "offset", "at", "to"} {
			w.text(3, at+name)
		}
		w.list(3, at+"weekdays", false)
		w.list(3, at+"channels", true)
	}
	w.line(1, "waves:")
	for i, wave := range st.Waves {
		w.wave(fmt.Sprintf("waves[%d].", i+1), wave.Key)
	}
	return w.out.Bytes()
}

type yamlWriter struct {
	f   *form
	out bytes.Buffer
}

func (w *yamlWriter) wave(at, key string) {
	w.line(2, "- wave: "+quotedYAML(key))
	sends := w.f.values[at+"messages"]
	switch {
	case len(sends) == 0 && w.f.cards() > 0:
		w.line(3, "messages: none")
	case len(sends) < w.f.cards():
		w.list(3, at+"messages", false)
	}
	w.group(3, "eligible:", func() {
		w.list(4, at+"eligible.cohorts", false)
		w.text(4, at+"eligible.before")
		w.text(4, at+"eligible.where")
	})
	w.text(3, at+"grace")
	if w.f.Value(at+"relative.after") != "" {
		w.line(3, "relative:")
		for _, name := range []string{"after", "offset", "for"} {
			w.text(4, at+"relative."+name)
		}
	}
	w.group(3, "expiry:", func() {
		for _, name := range []string{"invited", "extended", "idle"} {
			w.text(4, at+"expiry."+name)
		}
	})
}

func (w *yamlWriter) line(depth int, text string) {
	w.out.WriteString(strings.Repeat("  ", depth) + text + "\n")
}

// group writes a heading where something comes under it.
func (w *yamlWriter) group(depth int, head string, inner func()) {
	before := w.out.Len()
	w.line(depth, head)
	after := w.out.Len()
	if inner(); w.out.Len() == after {
		w.out.Truncate(before)
	}
}

// text writes a field under the last part of its name, where it is filled in.
func (w *yamlWriter) text(depth int, name string) {
	w.field(depth, name, name[strings.LastIndex(name, ".")+1:])
}

// spans are the fields in which a number is days.
var spans = []string{"offset", "grace", "for", "invited", "extended", "idle"}

func (w *yamlWriter) field(depth int, name, key string) {
	value := strings.TrimSpace(w.f.Value(name))
	if slices.Contains(spans, key) {
		value = spanTyped(value)
	}
	if value != "" {
		w.line(depth, key+": "+quotedYAML(value))
	}
}

// list writes a field with several values; an empty one where it must be told of.
func (w *yamlWriter) list(depth int, name string, empty bool) {
	var values []string
	for _, v := range w.f.values[name] {
		if v != "" {
			values = append(values, quotedYAML(v))
		}
	}
	if len(values) > 0 || empty {
		w.line(depth, name[strings.LastIndex(name, ".")+1:]+": ["+strings.Join(values, ", ")+"]")
	}
}

// quotedYAML writes a text as JSON does, which is YAML too.
func quotedYAML(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(strings.ToValidUTF8(s, "")) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}

// rearrange does what a button of the form asks for with its messages, and
// tells which one is to be seen then, 0 for none. Nothing is saved by it.
func (f *form) rearrange(do string, waves int) (open int) {
	what, which, _ := strings.Cut(do, ":")
	n, err := strconv.Atoi(which)
	rows := f.rows()
	if what == "add" {
		rows, open = append(rows, f.added(rows)), len(rows)+1
	} else if err != nil || n < 1 || n > len(rows) {
		return 0
	}
	switch what {
	case "remove":
		rows, open = slices.Delete(rows, n-1, n), min(n, len(rows)-1)
	case "copy":
		twin := map[string][]string{}
		for name, values := range rows[n-1] {
			twin[name] = slices.Clone(values)
		}
		twin["key"] = []string{freeKey(rows, twin["kind"][0])}
		rows, open = slices.Insert(rows, n, twin), n+1
	case "up", "down":
		to := n - 1
		if what == "down" {
			to = n + 1
		}
		if to < 1 || to > len(rows) {
			return n
		}
		rows[n-1], rows[to-1] = rows[to-1], rows[n-1]
		open = to
	}
	if len(rows) > maxCards {
		return 0
	}
	f.send(rows, waves)
	f.fill(rows)
	return open
}

// rows gives the messages of the form, each field by the last part of its name.
func (f *form) rows() []map[string][]string {
	rows := make([]map[string][]string, f.cards())
	for i := range rows {
		at := fmt.Sprintf("messages[%d].", i+1)
		rows[i] = map[string][]string{"kind": {""}, "key": {""}}
		for name, values := range f.values {
			if field, ok := strings.CutPrefix(name, at); ok {
				rows[i][field] = values
			}
		}
	}
	return rows
}

// added gives a new message of the kind that was chosen, as is usual for it.
func (f *form) added(rows []map[string][]string) map[string][]string {
	kind := study.MessageKind(f.Value("new"))
	if !study.IsMessageKind(string(kind)) {
		kind = study.Reminder
	}
	v := url.Values{}
	m := study.NewMessage(freeKey(rows, string(kind)), kind)
	writeMessage(v, 1, &m)
	row := map[string][]string{}
	for name, values := range v {
		row[strings.TrimPrefix(name, "messages[1].")] = values
	}
	return row
}

// freeKey gives a key that no message has: that of its kind, with a number
// where a wave may have several.
func freeKey(rows []map[string][]string, kind string) string {
	for n := 1; ; n++ {
		key := kind + itoa(n)
		if n == 1 && kind != string(study.Reminder) {
			key = kind
		}
		if !slices.ContainsFunc(rows, func(row map[string][]string) bool { return slices.Contains(row["key"], key) }) {
			return key
		}
	}
}

// send lets waves that send all messages send those that are new, too.
func (f *form) send(rows []map[string][]string, waves int) {
	before := f.cards()
	for i := 1; i <= waves; i++ {
		name := fmt.Sprintf("waves[%d].messages", i)
		all := len(f.values[name]) >= before
		var keys []string
		for _, row := range rows {
			key := row["key"][0]
			if all || slices.Contains(f.values[name], key) {
				keys = append(keys, key)
			}
		}
		f.values[name] = keys
	}
}

// fill writes the messages back into the form.
func (f *form) fill(rows []map[string][]string) {
	for name := range f.values {
		if strings.HasPrefix(name, "messages[") {
			delete(f.values, name)
		}
	}
	for i, row := range rows {
		for field, values := range row {
			f.values[fmt.Sprintf("messages[%d].%s", i+1, field)] = values
		}
	}
	f.values.Set("count", itoa(len(rows)))
}
