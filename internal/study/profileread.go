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

// LeastTail is how many persons an end of a coarser variable holds at least.
const LeastTail = 5

// ReadProfile reads a profile from the text of its file. It gives nil where any
// problem is an error, and always all the problems.
func ReadProfile(file string, source []byte) (*Profile, fault.Problems) {
	p, problems := DraftProfile(file, source)
	if len(problems.Errors()) > 0 {
		return nil, problems
	}
	return p, problems
}

// DraftProfile reads as much of a profile as can be read, and gives all the
// problems: what is wrong is not in the profile. It gives nil where nothing can be
// read. What only several entries together can offend against is Against's.
func DraftProfile(file string, source []byte) (*Profile, fault.Problems) {
	r := &reader{file: file}
	root := r.root(source)
	if root.node == nil {
		return nil, r.problems
	}
	f := r.mapping(root, "profile", "title", "study", "recipient", "waves", "keep", "drop", "formats", "languages", "shape", "naming",
		"tier", "identifiers", "quasi", "sensitive", "suppress", "free_text", "dates", "weights", "paradata")
	if f.absent {
		return nil, r.problems
	}
	p := &Profile{places: map[string]fault.Place{}}
	p.Key, p.Recipient = f.name("profile"), f.name("recipient")
	if s, v, ok := f.text("study"); ok {
		p.Study, p.places["study"] = s, r.place(v)
	}
	p.Languages = f.distinct(p, "languages", true)
	p.Title = f.title(p.Languages)
	if p.Waves = f.distinct(p, "waves", false); len(p.Waves) == 1 && strings.EqualFold(p.Waves[0], "all") {
		p.Waves = nil
	}
	p.Keep, p.Drop = f.patterns(p, "keep"), f.patterns(p, "drop")
	for _, word := range f.distinct(p, "formats", true) {
		format := Format(strings.ToLower(word))
		if !slices.Contains(Formats, format) {
			known(r.problems.Add(p.places["formats."+word], "unknown_format", "%s is no format of data files.%s", word, didYouMean(word, strs(Formats))), word, strs(Formats))
			continue
		}
		p.Formats = append(p.Formats, format)
	}
	p.Shape = Shape(f.oneOf("shape", string(BothShape), string(LongShape), string(WideShape)))
	p.Naming = Naming(f.oneOf("naming", string(Suffix), string(Prefix)))
	p.Tier = Tier(f.oneOf("tier", "", string(RestrictedTier), string(OpenTier)))
	p.Identifiers, p.Sensitive = f.distinct(p, "identifiers", false), f.distinct(p, "sensitive", false)
	p.Suppress = Suppression(f.oneOf("suppress", string(NoSuppression), string(SuppressCells), string(SuppressPersons)))
	p.FreeText = FreeText(f.oneOf("free_text", string(DropText), string(RedactedText)))
	p.Dates = Dates(f.oneOf("dates", string(NoDates), string(MonthDates), string(ShiftDates), string(GivenDates)))
	p.Weights, p.Paradata = f.yes("weights"), f.yes("paradata")
	if v := f.keys["quasi"]; v.node != nil {
		for _, one := range f.entries(v, false) {
			f.quasi(p, one)
		}
	}
	p.fits(r, f)
	return p, r.problems
}

// fits checks what only several entries together can offend against.
func (p *Profile) fits(r *reader, f fields) {
	if p.Tier != OpenTier {
		return
	}
	if p.Dates == GivenDates || p.Dates == ShiftDates {
		r.add(f.keys["dates"], "open_dates", "Days are not given to anybody who asks: a date is how colleagues recognise each other. Write month or wave.")
	}
	if p.FreeText == RedactedText {
		r.add(f.keys["free_text"], "open_text", "What somebody wrote in their own words is not given to anybody who asks, however well it was read. Write drop.")
	}
	if p.Paradata {
		r.add(f.keys["paradata"], "open_paradata", "When and how long somebody answered is not given to anybody who asks. Leave paradata out.")
	}
	if len(p.Quasi) == 0 {
		r.add(value{path: "quasi", line: f.at.line, column: f.at.column}, "open_quasi", "Name under quasi what may be known of a person: without it nothing is checked.")
	}
}

// name reads a required key of small letters.
func (f fields) name(key string) string {
	s, v, ok := f.text(key)
	if ok && (!keyPattern.MatchString(s) || len(s) > maxProfileKey) {
		f.r.add(v, "key", "%s says %s. Write small letters a–z, digits and hyphens, at most %d characters, a letter first.", key, s, maxProfileKey).With("value", s)
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

// entries reads a list. One word alone, or several with commas between, are a
// list too, and only what must have entries may not be empty.
func (f fields) entries(v value, required bool) []value {
	switch n := v.node.(type) {
	case *ast.SequenceNode:
		if len(n.Values) == 0 && !required {
			return nil
		}
	case *ast.StringNode:
		var out []value
		for word := range strings.SplitSeq(n.Value, ",") {
			if word = strings.TrimSpace(word); word != "" {
				one := v
				one.node = &ast.StringNode{BaseNode: &ast.BaseNode{}, Token: n.Token, Value: word}
				out = append(out, one)
			}
		}
		return out
	case ast.ScalarNode:
		return []value{v}
	}
	return f.r.list(v)
}

// distinct reads a list of words, each once; its places are kept for Against.
func (f fields) distinct(p *Profile, key string, required bool) []string {
	if !required && !f.has(key) {
		return nil
	}
	var out []string
	for _, v := range f.entries(f.get(key), required || key == "waves" || key == "keep") {
		if _, star := v.node.(*ast.AliasNode); star {
			f.r.add(v, "pattern_quotes", "A name that begins with * is written in quotation marks: \"*_other\".")
			continue
		}
		s, ok := f.r.scalar(v)
		switch {
		case !ok:
		case slices.Contains(out, s):
			f.r.add(v, "duplicate", "%s is here twice. Keep one of them.", s).With("value", s)
		default:
			p.places[key+"."+s] = f.r.place(v)
			out = append(out, s)
		}
	}
	return out
}

// patterns reads a list of names in which * stands for any letters.
func (f fields) patterns(p *Profile, key string) []string {
	return slices.DeleteFunc(f.distinct(p, key, false), func(pattern string) bool {
		_, err := path.Match(pattern, "")
		wrong := err != nil || strings.ContainsAny(pattern, `[]\/`)
		if wrong {
			f.r.problems.Add(p.places[key+"."+pattern], "pattern", "%s is no pattern. Write a variable's name, with * for any letters and ? for one.", pattern).With("value", pattern)
		}
		return wrong
	})
}

// oneOf reads one of several words, in small letters or large; the first is meant
// where the key is not there, and "" there makes it required.
func (f fields) oneOf(key string, words ...string) string {
	if words[0] != "" && !f.has(key) {
		return words[0]
	}
	s, v, ok := f.text(key)
	if !ok {
		return ""
	}
	if word := strings.ToLower(s); slices.Contains(words, word) {
		return word
	}
	all := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" })
	known(f.r.add(v, "unknown_value", "%s says %s.%s", key, s, didYouMean(s, all)), s, all)
	return ""
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
		known(f.r.add(v, "unknown_value", "%s says %s. Write yes or no.", key, s), s, []string{"yes", "no"})
	}
	return false
}

// quasi reads one quasi-identifier: a name alone is given as it is.
func (f fields) quasi(p *Profile, v value) {
	q := Quasi{How: Given, Tail: LeastTail}
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
		if (way == TopCoded || way == BottomTop) && !m.yes(string(way)) {
			continue
		}
		if m.has(string(way)) {
			ways, q.How = append(ways, string(way)), way
		}
	}
	if len(ways) > 1 {
		f.r.add(v, "several_ways", "%s is made coarser in several ways: %s. Keep one.", name, strings.Join(ways, ", ")).With("value", strings.Join(ways, ", "))
	}
	if m.has("tail") {
		q.Tail = m.integer("tail", LeastTail, 1000)
	}
	if q.How == Banded {
		s, at, ok := m.text("bands")
		width, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
		if ok && (err != nil || !(width > 0) || width > 1e9) {
			f.r.add(at, "width", "bands says %s. Write the width of a band: a number above 0.", s).With("value", s)
		}
		q.Width = width
	}
	var keys map[string]fault.Place
	if q.How == Mapped {
		q.Map, keys = m.mapped()
	}
	if q.Variable = name; ok {
		p.addQuasi(f.r, at, q)
		for key, place := range keys {
			p.places["quasi."+name+"."+key] = place
		}
	}
}

// mapped reads which values are given out as which, and where each stands; any
// key may stand there.
func (f fields) mapped() (out map[string]string, places map[string]fault.Place) {
	v := f.get("map")
	node, ok := v.node.(ast.MapNode)
	if !ok {
		f.r.add(v, "not_a_mapping", "Write which value is given out as which: {1: 1, 2: 1, \"*\": 9}.")
		return nil, nil
	}
	out, places = map[string]string{}, map[string]fault.Place{}
	for it := node.MapRange(); it.Next(); {
		key := it.Key().GetToken().Value
		here := at(it.Key().GetToken())
		here.path = join(v.path, key)
		if _, twice := out[key]; twice {
			f.r.add(here, "duplicate_key", "%s is here twice. Keep one of them.", key).With("value", key).With("first", places[key].Row)
		}
		if s, ok := f.r.scalar(child(it.Value(), here.path, here)); ok {
			out[key], places[key] = s, f.r.place(here)
		}
	}
	return out, places
}

func (p *Profile) addQuasi(r *reader, v value, q Quasi) {
	if slices.ContainsFunc(p.Quasi, func(other Quasi) bool { return other.Variable == q.Variable }) {
		r.add(v, "duplicate", "%s is here twice. Keep one of them.", q.Variable).With("value", q.Variable)
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
