package study

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
)

// maxProfileKey is how long names of profiles and recipients may be: they become
// names of files.
const maxProfileKey = 40

// leastTail is how many persons an end of a coarser variable holds at least.
const leastTail = 5

// ReadProfile reads a profile from the text of its file. It gives nil where any
// problem is an error, and always all the problems.
func ReadProfile(file string, source []byte) (*Profile, fault.Problems) {
	r := &reader{file: file}
	root := r.root(source)
	if root.node == nil {
		return nil, r.problems
	}
	f := r.mapping(root, "profile", "title", "study", "recipient", "waves", "keep", "drop", "formats", "languages", "shape", "naming",
		"tier", "identifiers", "quasi", "sensitive", "suppress", "free_text", "dates", "weights", "paradata")
	p := &Profile{places: map[string]fault.Place{}}
	p.Key, p.Recipient = f.name("profile"), f.name("recipient")
	if s, v, ok := f.text("study"); ok {
		p.Study, p.places["study"] = s, r.place(v)
	}
	p.Languages = f.distinct(p, "languages", true)
	p.Title = f.title(p.Languages)
	if v := f.keys["waves"]; v.node == nil || v.node.String() != "all" {
		p.Waves = f.distinct(p, "waves", false)
	}
	p.Keep, p.Drop = f.patterns(p, "keep"), f.patterns(p, "drop")
	for _, word := range f.distinct(p, "formats", true) {
		if !slices.Contains(Formats, Format(word)) {
			r.problems.Add(p.places["formats."+word], "unknown_value", "%s is no format of data files.%s", word, didYouMean(word, strs(Formats)))
			continue
		}
		p.Formats = append(p.Formats, Format(word))
	}
	p.Shape = Shape(f.oneOf("shape", string(BothShape), string(LongShape), string(WideShape)))
	p.Naming = Naming(f.oneOf("naming", string(Suffix), string(Prefix)))
	p.Tier = Tier(f.oneOf("tier", "", string(RestrictedTier), string(OpenTier)))
	p.Identifiers, p.Sensitive = f.distinct(p, "identifiers", false), f.distinct(p, "sensitive", false)
	p.Suppress = Suppression(f.oneOf("suppress", string(NoSuppression), string(SuppressCells), string(SuppressPersons)))
	p.FreeText = FreeText(f.oneOf("free_text", string(DropText), string(RedactedText)))
	p.Dates = Dates(f.oneOf("dates", string(NoDates), string(MonthDates), string(ShiftDates), string(GivenDates)))
	p.Weights, p.Paradata = f.yes("weights"), f.yes("paradata")
	if f.has("quasi") {
		for _, v := range r.list(f.keys["quasi"]) {
			f.quasi(p, v)
		}
	}
	p.fits(r, f)
	if len(r.problems.Errors()) > 0 {
		return nil, r.problems
	}
	return p, r.problems
}

// fits checks what only several entries together can offend against.
func (p *Profile) fits(r *reader, f fields) {
	if p.Tier != OpenTier {
		return
	}
	if p.Dates == GivenDates || p.Dates == ShiftDates {
		r.add(f.keys["dates"], "open_tier", "Days are not given to anybody who asks: a date is how colleagues recognise each other. Write month or wave.")
	}
	if p.FreeText == RedactedText {
		r.add(f.keys["free_text"], "open_tier", "What somebody wrote in their own words is not given to anybody who asks, however well it was read. Write drop.")
	}
	if p.Paradata {
		r.add(f.keys["paradata"], "open_tier", "When and how long somebody answered is not given to anybody who asks. Leave paradata out.")
	}
	if len(p.Quasi) == 0 {
		r.add(f.at, "open_tier", "Name under quasi what may be known of a person: without it nothing is checked.")
	}
}

// name reads a required key of small letters.
func (f fields) name(key string) string {
	s, v, ok := f.text(key)
	if ok && (!keyPattern.MatchString(s) || len(s) > maxProfileKey) {
		f.r.add(v, "key", "%s says %s. Write small letters a–z, digits and hyphens, at most %d characters, a letter first.", key, s, maxProfileKey)
		return ""
	}
	return s
}

// title reads the title, in the profile's languages or alone.
func (f fields) title(languages []string) lang.Text {
	v := f.get("title")
	if _, several := v.node.(ast.MapNode); several {
		out := lang.Text{}
		m := f.r.mapping(v, languages...)
		for _, tag := range languages {
			if s, ok := f.r.scalar(m.keys[tag]); ok {
				out[tag] = s
			}
		}
		return out
	}
	s, ok := f.r.scalar(v)
	if !ok || len(languages) == 0 {
		return nil
	}
	return lang.Text{languages[0]: s}
}

// distinct reads a list of words, each once; its places are kept for Against.
func (f fields) distinct(p *Profile, key string, required bool) []string {
	if !required && !f.has(key) {
		return nil
	}
	var out []string
	for _, v := range f.r.list(f.get(key)) {
		s, ok := f.r.scalar(v)
		switch {
		case !ok:
		case slices.Contains(out, s):
			f.r.add(v, "duplicate", "%s is here twice. Keep one of them.", s)
		default:
			p.places[key+"."+s] = f.r.place(v)
			out = append(out, s)
		}
	}
	return out
}

// patterns reads a list of names in which * stands for any letters.
func (f fields) patterns(p *Profile, key string) []string {
	out := f.distinct(p, key, false)
	for _, pattern := range out {
		if _, err := path.Match(pattern, ""); err != nil || strings.ContainsAny(pattern, `[]\/`) {
			f.r.problems.Add(p.places[key+"."+pattern], "pattern", "%s is no pattern. Write a variable's name, with * for any letters and ? for one.", pattern)
		}
	}
	return out
}

// oneOf reads one of several words; the first is meant where the key is not
// there, and "" there makes it required.
func (f fields) oneOf(key string, words ...string) string {
	if words[0] != "" && !f.has(key) {
		return words[0]
	}
	s, v, ok := f.text(key)
	if known := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" }); ok && !slices.Contains(known, s) {
		f.r.add(v, "unknown_value", "%s says %s.%s", key, s, didYouMean(s, known))
		return ""
	}
	return s
}

// yes reads yes or no; no is meant where the key is not there.
func (f fields) yes(key string) bool {
	if !f.has(key) {
		return false
	}
	s, v, ok := f.text(key)
	switch strings.ToLower(s) {
	case "yes", "true":
		return true
	case "no", "false":
		return false
	}
	if ok {
		f.r.add(v, "unknown_value", "%s says %s. Write yes or no.", key, s)
	}
	return false
}

// quasi reads one quasi-identifier: a name alone is given as it is.
func (f fields) quasi(p *Profile, v value) {
	q := Quasi{How: Given, Tail: leastTail}
	if _, several := v.node.(ast.MapNode); !several {
		name, ok := f.r.scalar(v)
		if q.Variable = name; ok {
			p.addQuasi(f.r, v, q)
		}
		return
	}
	m := f.r.mapping(v, "variable", "bands", "top", "ends", "tail", "map")
	name, at, ok := m.text("variable")
	var ways []string
	for _, way := range []Generalisation{Banded, TopCoded, BottomTop, Mapped} {
		if m.has(string(way)) {
			ways, q.How = append(ways, string(way)), way
		}
	}
	if len(ways) > 1 {
		f.r.add(v, "several_ways", "%s is made coarser in several ways: %s. Keep one.", name, strings.Join(ways, ", "))
	}
	if m.has("tail") {
		q.Tail = m.integer("tail", leastTail, 1000)
	}
	switch q.How {
	case Banded:
		s, at, ok := m.text("bands")
		width, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
		if ok && (err != nil || !(width > 0) || width > 1e9) {
			f.r.add(at, "number", "bands says %s. Write the width of a band: a number above 0.", s)
		}
		q.Width = width
	case TopCoded, BottomTop:
		m.yes(string(q.How))
	case Mapped:
		q.Map = m.mapped()
	case Given:
	}
	if q.Variable = name; ok {
		p.addQuasi(f.r, at, q)
	}
}

// mapped reads which values are given out as which; any key may stand there.
func (f fields) mapped() map[string]string {
	v := f.get("map")
	node, ok := v.node.(ast.MapNode)
	if !ok {
		f.r.add(v, "not_a_mapping", "Write which value is given out as which: {1: 1, 2: 1, \"*\": 9}.")
		return nil
	}
	out := map[string]string{}
	for it := node.MapRange(); it.Next(); {
		key := it.Key().GetToken().Value
		here := at(it.Key().GetToken())
		here.path = join(v.path, key)
		if _, twice := out[key]; twice {
			f.r.add(here, "duplicate_key", "%s is here twice. Keep one of them.", key)
		}
		if s, ok := f.r.scalar(child(it.Value(), here.path, here)); ok {
			out[key] = s
		}
	}
	return out
}

func (p *Profile) addQuasi(r *reader, v value, q Quasi) {
	if slices.ContainsFunc(p.Quasi, func(other Quasi) bool { return other.Variable == q.Variable }) {
		r.add(v, "duplicate", "%s is here twice. Keep one of them.", q.Variable)
		return
	}
	p.places["quasi."+q.Variable] = r.place(v)
	p.Quasi = append(p.Quasi, q)
}

func strs[S ~string](of []S) []string {
	out := make([]string, len(of))
	for i, s := range of {
		out[i] = string(s)
	}
	return out
}
