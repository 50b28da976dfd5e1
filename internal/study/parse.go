package study

import (
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
)

// FileName is the file that makes a folder a study.
const FileName = "study.yaml"

const (
	maxWaveKey  = 20
	maxRoot     = 18 // a name in data files: room is kept for the suffixes of wave, version and option
	maxMinutes  = 240
	maxPanel    = 1_000_000
	maxVersion  = 9999
	maxCode     = 9999
	partialFrom = 0.5
)

var (
	keyPattern  = regexp.MustCompile(`^[a-z][a-z0-9]*([-_][a-z0-9]+)*$`)
	namePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	// frames are the allowed values of "frame".
	frames = []string{string(OpenLink), string(NamedList), string(Members)}
)

// Parse reads the text of a study.yaml, with the consent's texts beside it
// (nil where the study asks for no consent). It gives nil where any problem is
// an error, and always all the problems.
func Parse(source []byte, consent lang.Text) (*Study, fault.Problems) {
	s, r := parse(source)
	if s.Consent != nil {
		s.Consent.Texts = consent
		for _, l := range s.Languages {
			if strings.TrimSpace(consent[l]) == "" {
				r.problems.Add(fault.Place{File: FileName, Field: "consent"}, "missing_language", "The consent text is missing in %s.", l)
			}
		}
	}
	if len(r.problems.Errors()) > 0 {
		return nil, r.problems
	}
	return s, r.problems
}

// parse reads as much of the study as can be read. The reader keeps the problems.
func parse(source []byte) (*Study, *reader) {
	r := &reader{file: FileName, periods: map[string]value{}}
	s := &Study{Source: slices.Clone(source), TimeZone: time.UTC, Partial: partialFrom}
	root := r.root(source)
	if root.node == nil {
		return s, r
	}
	f := r.mapping(root, "study", "title", "public_title", "headline", "lede", "languages", "time_zone", "panel", "frame",
		"minutes", "about", "contact", "controller", "consent", "partial", "attributes", "waves", "decisions", "plan", "enrolment", "feedback", "scales", "weights", "citation")
	s.Languages = f.languages()
	r.languages = s.Languages
	s.Key = f.key("study", 40)
	s.Title, s.PublicTitle, s.Headline = f.texts("title"), f.texts("public_title"), f.texts("headline")
	if f.has("lede") {
		s.Lede = f.texts("lede")
	}
	zoneKnown := f.timeZone(s)
	s.Panel = f.panel()
	s.Frame = f.frame()
	s.Minutes = f.integer("minutes", 1, maxMinutes)
	about := f.sub("about", "who", "why", "answers")
	s.About = About{Who: about.texts("who"), Why: about.texts("why"), Answers: about.texts("answers")}
	s.Contact = f.contact()
	s.Controller = f.texts("controller")
	s.Consent = f.consent()
	if f.has("partial") {
		s.Partial = f.share("partial")
	}
	s.Attributes = f.attributes()
	s.Waves = f.waves(s.TimeZone, zoneKnown)
	if f.has("decisions") {
		s.Decisions = f.decisions()
	}
	if f.has("plan") {
		s.Plan = f.plan(s)
	}
	if f.has("enrolment") {
		s.Enrolment = f.enrolment(s, zoneKnown)
	}
	if f.has("feedback") {
		s.Feedback = f.feedback()
	}
	if f.has("scales") {
		s.Scales = f.scales(s)
	}
	if f.has("weights") {
		s.Weighting = f.weighting(s)
	}
	if f.has("citation") {
		s.Citation = f.citation()
	}
	s.periods(f)
	return s, r
}

// key reads a required key of the kind that stands in addresses and file names.
func (f fields) key(name string, longest int) string {
	s, v, ok := f.text(name)
	if ok && (!keyPattern.MatchString(s) || len(s) > longest) {
		f.r.add(v, "key", "%s is no key. Use up to %d small letters a–z and digits, with - or _ between words, and begin with a letter.", s, longest)
	}
	return s
}

func (f fields) languages() []string {
	var out []string
	for _, v := range f.r.list(f.get("languages")) {
		s, ok := f.r.scalar(v)
		if !ok {
			continue
		}
		tag, err := language.Parse(s)
		switch {
		case err != nil:
			f.r.add(v, "language", "%s is no language tag. Write it as sv, en or sr-Latn.", s)
		case tag.String() != s:
			f.r.add(v, "language", "Write the language %s as %s.", s, tag)
		case slices.Contains(out, s):
			f.r.add(v, "duplicate", "The language %s is here twice.", s)
		default:
			out = append(out, s)
		}
	}
	return out
}

// timeZone sets the study's zone and tells whether it could be read.
func (f fields) timeZone(s *Study) bool {
	name, v, ok := f.text("time_zone")
	if !ok {
		return false
	}
	zone, err := time.LoadLocation(name)
	// "Local" is whatever the machine is set to, which is no property of a study.
	if err != nil || name == "Local" {
		f.r.add(v, "time_zone", "%s is no time zone that is known. Write its name as Europe/Stockholm.", name)
		return false
	}
	s.TimeZone = zone
	return true
}

func (f fields) panel() Panel {
	p := f.sub("panel", "min", "max")
	size := Panel{Min: p.integer("min", 1, maxPanel), Max: p.integer("max", 1, maxPanel)}
	if size.Min > 0 && size.Max > 0 && size.Min > size.Max {
		f.r.add(p.keys["min"], "panel_size", "The least size of the panel, %d, is more than the greatest, %d.", size.Min, size.Max)
	}
	return size
}

func (f fields) frame() Frame {
	s, v, ok := f.text("frame")
	if ok && !slices.Contains(frames, s) {
		f.r.add(v, "frame", "%s is no frame.%s", s, didYouMean(s, frames))
		return ""
	}
	return Frame(s)
}

func (f fields) contact() Contact {
	m := f.sub("contact", "role", "email", "phone")
	c := Contact{Role: m.texts("role")}
	if s, v, ok := m.text("email"); ok {
		a, err := mail.ParseAddress(s)
		if err != nil || a.Address != s {
			f.r.add(v, "email", "%s is no e-mail address. Write it as enkat@example.org.", s)
		}
		c.Email = s
	}
	if m.has("phone") {
		c.Phone, _, _ = m.text("phone")
	}
	return c
}

// share reads a number above 0 and up to 1.
func (f fields) share(key string) float64 {
	s, v, ok := f.text(key)
	if !ok {
		return 0
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n > 0 && n <= 1) { // so written, NaN is refused as well
		f.r.add(v, "number", "%s says %s. Write a share above 0 and up to 1, such as 0.5.", key, s)
		return 0
	}
	return n
}

func (f fields) attributes() []Attribute {
	var out []Attribute
	seen := map[string]bool{}
	for _, v := range f.r.list(f.keys["attributes"]) {
		m := f.r.mapping(v, "name", "label", "choices")
		name, nv, ok := m.text("name")
		if ok && (!namePattern.MatchString(name) || len(name) > maxRoot) {
			f.r.add(nv, "name", "%s is no name for data files. Use up to %d letters a–z, digits and _, and begin with a letter.", name, maxRoot)
		}
		if lower := strings.ToLower(name); ok {
			if seen[lower] {
				f.r.add(nv, "duplicate", "There is an attribute %s already.", name)
			}
			seen[lower] = true
		}
		a := Attribute{Name: name, Label: m.texts("label")}
		a.Choices = f.r.choices(m.get("choices"))
		out = append(out, a)
	}
	return out
}

func (r *reader) choices(list value) []Choice {
	var out []Choice
	names, codes := map[string]bool{}, map[int]bool{}
	for i, v := range r.list(list) {
		m := r.mapping(v, "name", "code", "label")
		c := Choice{Code: i + 1}
		name, nv, ok := m.text("name")
		if ok && strings.ContainsFunc(name, unicode.IsSpace) {
			r.add(nv, "name", "The name %q holds a space. Write it as one word; the label may be longer.", name)
		}
		if ok && names[name] {
			r.add(nv, "duplicate", "There is a choice %s already.", name)
		}
		c.Name, names[name] = name, true
		if m.has("code") {
			c.Code = m.integer("code", 0, maxCode)
		}
		if codes[c.Code] {
			r.add(v, "duplicate", "The choice %s has the code %d, which another one has.", name, c.Code)
		}
		codes[c.Code] = true
		c.Label = m.texts("label")
		out = append(out, c)
	}
	return out
}

func (f fields) waves(zone *time.Location, zoneKnown bool) []Wave {
	var out []Wave
	keys := map[string]bool{}
	for i, v := range f.r.list(f.get("waves")) {
		m := f.r.mapping(v, "key", "title", "opens", "closes", "questionnaire", "version")
		w := Wave{Number: i + 1}
		key, kv, ok := m.text("key")
		if ok && !isWaveKey(key) {
			f.r.add(kv, "wave_key", "%q is no key for a wave. Use up to %d letters, digits, spaces, dots, - and _.", key, maxWaveKey)
		}
		if lower := strings.ToLower(key); ok {
			if keys[lower] {
				f.r.add(kv, "duplicate", "There is a wave %s already.", key)
			}
			keys[lower] = true
		}
		w.Key, w.Title = key, m.texts("title")
		w.Opens, w.Closes = m.time("opens", zone, zoneKnown), m.time("closes", zone, zoneKnown)
		for _, name := range []string{"opens", "closes"} {
			f.r.periods[fmt.Sprintf("waves[%d].%s", w.Number, name)] = m.keys[name]
		}
		w.Questionnaire = m.key("questionnaire", 30)
		w.Version = m.integer("version", 1, maxVersion)
		f.r.waveRows = append(f.r.waveRows, m.keys["version"].line)
		out = append(out, w)
	}
	return out
}

// isWaveKey allows whatever a data file may hold in its wave column, as long
// as it can be read aloud and typed.
func isWaveKey(s string) bool {
	if utf8.RuneCountInString(s) > maxWaveKey {
		return false
	}
	for _, c := range s {
		if !unicode.IsLetter(c) && !unicode.IsMark(c) && !unicode.IsDigit(c) && !strings.ContainsRune(" .-_", c) {
			return false
		}
	}
	return true
}

// time reads a required local time; the zero time where it is not one.
func (f fields) time(key string, zone *time.Location, zoneKnown bool) time.Time {
	s, v, ok := f.text(key)
	if !ok {
		return time.Time{}
	}
	t, err := ParseTime(s, zone)
	var e *fault.Error
	if errors.As(err, &e) && (zoneKnown || e.Code == "time_format") {
		f.r.add(v, e.Code, "%s", e.Message)
	}
	return t
}

// periods checks the field periods where they were read.
func (s *Study) periods(f fields) {
	for _, p := range s.CheckPeriods() {
		f.r.add(f.r.periods[p.Field], p.Code, "%s", p.Message)
	}
}

// CheckPeriods checks the field periods of the waves, as they stand or as
// somebody wants to change them: each closes after it opens, and opens when
// the one before has closed, unless one of them is relative to what the
// participants did. The problems' fields are waves[1].opens and so on.
func (s *Study) CheckPeriods() fault.Problems {
	waves := s.Waves
	var ps fault.Problems
	field := func(i int, name string) fault.Place {
		return fault.Place{Field: "waves[" + strconv.Itoa(i+1) + "]." + name}
	}
	for i, w := range waves {
		if w.Opens.IsZero() || w.Closes.IsZero() {
			continue // reported where it was read
		}
		if !w.Closes.After(w.Opens) {
			ps.Add(field(i, "closes"), "wave_closes", "%s closes %s, before it opens %s.", w.Key, w.Closes.Format(Layout), w.Opens.Format(Layout))
			continue
		}
		if i == 0 || waves[i-1].Opens.IsZero() || waves[i-1].Closes.IsZero() {
			continue
		}
		before := waves[i-1]
		switch {
		case w.Opens.Before(before.Opens):
			ps.Add(field(i, "opens"), "wave_order", "%s opens %s, before %s, which stands above it. Put the waves in the order of time.",
				w.Key, w.Opens.Format(Layout), before.Key)
		case w.Opens.Before(before.Closes) && !s.Overlaps(before.Number, w.Number):
			ps.Add(field(i, "opens"), "wave_overlap", "%s opens %s, while %s is open until %s. Two waves cannot be open at once.",
				w.Key, w.Opens.Format(Layout), before.Key, before.Closes.Format(Layout))
		}
	}
	return ps
}

// Overlaps tells whether two waves, by number, may be open at once: one of them
// is relative to what the participants did.
func (s *Study) Overlaps(wave, other int) bool {
	return s.rules(&s.Waves[wave-1]).Relative != nil || s.rules(&s.Waves[other-1]).Relative != nil
}
