package staff

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/fault"
	"panelverk/internal/release"
	"panelverk/internal/study"
)

// The fields of the form of a profile are named as the places in its file that
// they fill: quasi[2].bands, title.sv. So each problem that is found in the text
// finds its field. Only which variables leave is asked in another way than the
// file says it: by a tick each ("leave"), with the patterns typed.

// maxQuasi is how many quasi-identifiers a form can hold.
const maxQuasi = 40

// What the ticks mean.
const (
	chooseAll  = "all"  // the unticked are dropped, and what comes later leaves
	chooseSome = "some" // the ticked are kept
)

// candidates are the variables that a profile can name.
type candidates []release.Candidate

func (c candidates) of(name string) *release.Candidate {
	i := slices.IndexFunc(c, func(one release.Candidate) bool { return one.Name == name })
	if i < 0 {
		return nil
	}
	return &c[i]
}

// ticked tells whether whoever fills in the form is asked if a variable leaves;
// of others paradata and weights say it.
func ticked(c *release.Candidate) bool { return c != nil && !c.Paradata && c.Name != "id" }

// profileValues writes a profile into the fields of the form.
func profileValues(p *study.Profile, all candidates) url.Values {
	v := url.Values{"profile": {p.Key}, "recipient": {p.Recipient}, "languages": p.Languages, "identifiers": p.Identifiers, "sensitive": p.Sensitive,
		"waves": p.Waves, "shape": {string(p.Shape)}, "naming": {string(p.Naming)}, "tier": {string(p.Tier)}, "suppress": {string(p.Suppress)},
		"free_text": {string(p.FreeText)}, "dates": {string(p.Dates)}, "count": {itoa(len(p.Quasi))}}
	if p.Waves == nil {
		v.Set("waves", "all")
	}
	for tag, s := range p.Title {
		v.Set("title."+tag, s)
	}
	for _, format := range p.Formats {
		v.Add("formats", string(format))
	}
	for name, yes := range map[string]bool{"weights": p.Weights, "paradata": p.Paradata} {
		if yes {
			v.Set(name, "yes")
		}
	}
	v.Set("choice", chooseAll)
	if p.Keep != nil {
		v.Set("choice", chooseSome)
	}
	var keep, drop []string // what no tick says
	for _, name := range p.Keep {
		if !ticked(all.of(name)) {
			keep = append(keep, name)
		}
	}
	for _, name := range p.Drop {
		if p.Keep != nil || !ticked(all.of(name)) {
			drop = append(drop, name)
		}
	}
	for i := range all {
		name := all[i].Name
		if ticked(&all[i]) && (p.Keep == nil && !slices.Contains(p.Drop, name) || slices.Contains(p.Keep, name)) {
			v.Add("leave", name)
		}
	}
	v.Set("keep", strings.Join(keep, ", "))
	v.Set("drop", strings.Join(drop, ", "))
	for i, q := range p.Quasi {
		quasiValues(v, fmt.Sprintf("quasi[%d].", i+1), q, all.of(q.Variable))
	}
	return v
}

func quasiValues(v url.Values, at string, q study.Quasi, c *release.Candidate) {
	v.Set(at+"variable", q.Variable)
	v.Set(at+"how", string(q.How))
	if q.How == study.Banded {
		v.Set(at+"bands", strconv.FormatFloat(q.Width, 'f', -1, 64))
	}
	v.Set(at+"tail", itoa(max(q.Tail, study.LeastTail)))
	rest := map[string]string{}
	for key, target := range q.Map {
		rest[key] = target
	}
	if c != nil {
		for _, value := range c.Values {
			for _, key := range []string{itoa(value.Code), value.Name} { // the code goes before the name
				if target, ok := rest[key]; ok && !v.Has(at+"map."+choiceKey(value)) {
					v.Set(at+"map."+choiceKey(value), target)
				}
				delete(rest, key)
			}
		}
	}
	if target, ok := rest["*"]; ok {
		v.Set(at+"map.*", target)
		delete(rest, "*")
	}
	var more []string
	for key, target := range rest {
		more = append(more, key+": "+target)
	}
	slices.Sort(more)
	v.Set(at+"more", strings.Join(more, "\n"))
}

// choiceKey is what a map calls a choice: its name, or its code where the name
// could be taken for the code of another.
func choiceKey(v dataset.Value) string {
	if _, err := strconv.ParseFloat(v.Name, 64); err == nil || v.Name == "" || v.Name == "*" {
		return itoa(v.Code)
	}
	return v.Name
}

// profileYAML writes what was typed as the text of a profile, right or wrong.
func profileYAML(f *form, st *study.Study, all candidates) []byte {
	w := &yamlWriter{f: f}
	w.text(0, "profile")
	w.group(0, "title:", func() {
		for _, tag := range st.Languages {
			w.text(1, "title."+tag)
		}
	})
	w.line(0, "study: "+quotedYAML(st.Key))
	w.text(0, "recipient")
	for _, name := range []string{"languages", "waves", "formats"} {
		w.words(name, distinct(f.values[name]), true)
	}
	keep, drop := typedWords(f.Value("keep")), typedWords(f.Value("drop"))
	var chosen, left []string
	for i := range all {
		switch {
		case !ticked(&all[i]):
		case f.Is("leave", all[i].Name):
			chosen = append(chosen, all[i].Name)
		default:
			left = append(left, all[i].Name)
		}
	}
	if f.Value("choice") == chooseSome {
		w.words("keep", distinct(append(chosen, keep...)), true)
	} else {
		drop = append(left, drop...)
	}
	w.words("drop", distinct(drop), false)
	for _, name := range []string{"shape", "naming", "tier"} {
		w.text(0, name)
	}
	w.words("identifiers", distinct(f.values["identifiers"]), false)
	if f.quasis() > 0 {
		w.line(0, "quasi:")
	}
	for i := 1; i <= f.quasis(); i++ {
		w.quasi(fmt.Sprintf("quasi[%d].", i))
	}
	w.words("sensitive", distinct(f.values["sensitive"]), false)
	for _, name := range []string{"suppress", "free_text", "dates", "weights", "paradata"} {
		w.text(0, name)
	}
	return w.out.Bytes()
}

// quasi writes one quasi-identifier in the way that was chosen for it.
func (w *yamlWriter) quasi(at string) {
	w.line(1, "- variable: "+quotedYAML(w.f.Value(at+"variable")))
	switch how := study.Generalisation(w.f.Value(at + "how")); how {
	case study.Banded:
		w.line(2, "bands: "+quotedYAML(strings.TrimSpace(w.f.Value(at+"bands"))))
		w.text(2, at+"tail")
	case study.TopCoded, study.BottomTop:
		w.line(2, string(how)+": yes")
		w.text(2, at+"tail")
	case study.Mapped:
		var pairs []string
		for name, values := range w.f.values {
			if key, ok := strings.CutPrefix(name, at+"map."); ok && strings.TrimSpace(values[0]) != "" {
				pairs = append(pairs, quotedYAML(key)+": "+quotedYAML(strings.TrimSpace(values[0])))
			}
		}
		for row := range strings.FieldsFuncSeq(w.f.Value(at+"more"), func(r rune) bool { return r == '\n' || r == '\r' || r == ',' || r == ';' }) {
			key, target, _ := strings.Cut(row, ":")
			if key, target = strings.TrimSpace(key), strings.TrimSpace(target); key != "" {
				pairs = append(pairs, quotedYAML(key)+": "+quotedYAML(target))
			}
		}
		slices.Sort(pairs)
		w.line(2, "map: {"+strings.Join(pairs, ", ")+"}")
	case study.Given:
	}
}

// words writes a list; an empty one where it must be told of.
func (w *yamlWriter) words(key string, values []string, empty bool) {
	var out []string
	for _, v := range values {
		out = append(out, quotedYAML(v))
	}
	if len(out) > 0 || empty {
		w.line(0, key+": ["+strings.Join(out, ", ")+"]")
	}
}

// distinct gives the words that are not empty, each once.
func distinct(words []string) (out []string) {
	for _, word := range words {
		if word != "" && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

// typedWords parts what was typed with commas, spaces or rows between.
func typedWords(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;\t\r\n\"'", r) })
}

// quasis tells how many quasi-identifiers the form holds.
func (f *form) quasis() int {
	n, err := strconv.Atoi(f.Value("count"))
	if err != nil || n < 0 {
		return 0
	}
	return min(n, maxQuasi)
}

// addQuasi puts another quasi-identifier into the form.
func (f *form) addQuasi(q study.Quasi, c *release.Candidate) {
	n := f.quasis() + 1
	if n > maxQuasi {
		return
	}
	quasiValues(f.values, fmt.Sprintf("quasi[%d].", n), q, c)
	f.values.Set("count", itoa(n))
}

// removeQuasi takes the nth out; those after it move up.
func (f *form) removeQuasi(n int) {
	if n < 1 || n > f.quasis() {
		return
	}
	out := url.Values{}
	for name, values := range f.values {
		rest, ok := strings.CutPrefix(name, "quasi[")
		number, field, _ := strings.Cut(rest, "].")
		i, err := strconv.Atoi(number)
		switch {
		case !ok || err != nil:
			out[name] = values
		case i < n:
			out[name] = values
		case i > n:
			out[fmt.Sprintf("quasi[%d].%s", i-1, field)] = values
		}
	}
	out.Set("count", itoa(f.quasis()-1))
	f.values = out
}

// profileFaults puts the problems of a profile beside the fields that they are of.
func (v *view) profileFaults(f *form, err error) {
	f.err = err
	for _, p := range fault.Problems(fault.Of(err).Problems).Errors() {
		name := fieldOf(p.Field)
		if !strings.Contains(name, ".map.") || f.values.Has(name) {
			f.Faults = append(f.Faults, formFault{Field: name, Text: v.profileSentence(p), ID: f.id(name)})
			continue
		}
		name, _, _ = strings.Cut(name, "map.") // a choice that there is not
		f.Faults = append(f.Faults, formFault{Field: name + "more", Text: v.profileSentence(p), ID: f.id(name + "more")})
	}
}

// fieldOf gives the field that a place in the file is filled by.
func fieldOf(place string) string {
	head, rest, _ := strings.Cut(place, "[")
	switch {
	case place == "title":
		return "title"
	case head != "quasi":
		return head
	case rest == "":
		return "add"
	}
	number, field, _ := strings.Cut(rest, "]")
	switch field = strings.TrimPrefix(field, "."); field {
	case "", "variable", "map":
		field = "how"
	case "top", "ends":
		field = "tail"
	}
	return "quasi[" + number + "]." + field
}
