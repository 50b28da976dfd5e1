// Package lang holds languages: texts in several of them with their fallback
// (Text), and the words of our own pages (Texts), with plurals, dates and
// numbers as each language writes them.
//
// The words stand in texts/<area>.<tag>.yaml. A key holds a text, or one text
// for each plural category of the language (one, few, many, other; CLDR). A
// name in braces is replaced by a value: "{count} av {total} har svarat".
package lang

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"gopkg.in/yaml.v3"
)

//go:embed texts/*.yaml
var files embed.FS

// Tags lists the languages that our own pages speak, the fallback last.
var Tags = []string{"sv", "de", "en"}

// fallback is the language of a key that another one lacks.
const fallback = "en"

// Texts is the words of our pages in one language. It is immutable and safe
// for concurrent use.
type Texts struct {
	Tag      string // BCP 47
	tag      language.Tag
	messages map[string]message
	months   []string
	weekdays []string // from Sunday, as time.Weekday counts
	point    string
}

type message struct {
	text  string            // of a key with one text
	forms map[string]string // by plural category
}

var catalogues map[string]*Texts

func init() { catalogues = load() }

// For gives our words in a language: the tag itself, its base language
// ("sv-FI" → "sv"), else English.
func For(tag string) *Texts {
	if t, ok := catalogues[tag]; ok {
		return t
	}
	base, _, _ := strings.Cut(tag, "-")
	if t, ok := catalogues[base]; ok {
		return t
	}
	return catalogues[fallback]
}

// Choose gives the best of the offered languages for an Accept-Language
// header; the first of them where the header names none. A match of no
// confidence (a neighbouring language in another script) does not count.
func Choose(accept string, offered []string) string {
	if len(offered) == 0 {
		return fallback
	}
	tags := make([]language.Tag, len(offered))
	for i, o := range offered {
		tags[i] = language.Make(o)
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(wanted) == 0 {
		return offered[0]
	}
	if _, i, confidence := language.NewMatcher(tags).Match(wanted...); confidence >= language.Low {
		return offered[i]
	}
	return offered[0]
}

// load reads the embedded files; a broken one is a defect of the build.
func load() map[string]*Texts {
	out := map[string]*Texts{}
	for _, tag := range Tags {
		out[tag] = &Texts{Tag: tag, tag: language.Make(tag), messages: map[string]message{}}
	}
	entries, err := files.ReadDir("texts")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		parts := strings.Split(e.Name(), ".")
		t := out[parts[1]]
		if len(parts) != 3 || t == nil {
			panic("lang: " + e.Name() + " is of no language that is listed")
		}
		data, err := files.ReadFile(path.Join("texts", e.Name()))
		if err != nil {
			panic(err)
		}
		var read map[string]any
		if err := yaml.Unmarshal(data, &read); err != nil {
			panic("lang: " + e.Name() + ": " + err.Error())
		}
		for key, value := range read {
			if _, twice := t.messages[key]; twice {
				panic("lang: " + e.Name() + ": " + key + " stands twice")
			}
			t.messages[key] = newMessage(e.Name(), key, value)
		}
	}
	for _, t := range out {
		t.months = strings.Fields(t.T("date.months"))
		t.weekdays = strings.Fields(t.T("date.weekdays"))
		t.point = t.T("number.point")
	}
	return out
}

func newMessage(file, key string, value any) message {
	switch v := value.(type) {
	case string:
		return message{text: v}
	case map[string]any:
		forms := map[string]string{}
		for category, text := range v {
			forms[category] = fmt.Sprint(text)
		}
		if forms["other"] == "" {
			panic("lang: " + file + ": " + key + " has no text for other")
		}
		return message{forms: forms}
	}
	panic("lang: " + file + ": " + key + " is neither a text nor plurals")
}

// Has tells whether the language itself has a text for the key.
func (t *Texts) Has(key string) bool {
	_, ok := t.messages[key]
	return ok
}

// Keys gives every key of the language, sorted.
func (t *Texts) Keys() []string {
	keys := make([]string, 0, len(t.messages))
	for k := range t.messages {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// T gives the text of a key. args are names and values in turn; the value of
// "count" also chooses the plural. A key that the language lacks is taken
// from English; one that is nowhere gives itself, which a test forbids.
func (t *Texts) T(key string, args ...any) string {
	m, ok := t.messages[key]
	if !ok {
		if t.Tag != fallback {
			return catalogues[fallback].T(key, args...)
		}
		return key
	}
	text := m.text
	if m.forms != nil {
		text = t.choose(m.forms, args)
	}
	if len(args) == 0 || !strings.Contains(text, "{") {
		return text
	}
	return fill(text, args)
}

// fill puts the values in place of their names in braces. A name without a
// value stays as it is.
func fill(text string, args []any) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		value, known := argument(args, name)
		if !closed || !known {
			b.WriteByte('{')
			text = rest
			continue
		}
		b.WriteString(value)
		text = after
	}
}

func argument(args []any, name string) (string, bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != name {
			continue
		}
		switch v := args[i+1].(type) {
		case string:
			return v, true
		case int:
			return strconv.Itoa(v), true
		default:
			return fmt.Sprint(v), true
		}
	}
	return "", false
}

func (t *Texts) choose(forms map[string]string, args []any) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != "count" {
			continue
		}
		n, err := strconv.Atoi(fmt.Sprint(args[i+1]))
		if err != nil {
			break
		}
		n = max(n, -n)
		category := map[plural.Form]string{
			plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many",
		}[plural.Cardinal.MatchPlural(t.tag, n, 0, 0, 0, 0)]
		if text, ok := forms[category]; ok {
			return text
		}
	}
	return forms["other"]
}

// Date writes a day without its year: "söndag 2 april".
func (t *Texts) Date(at time.Time) string { return t.date("date.day", at) }

// DateYear writes a day with its year: "söndag 2 april 2017".
func (t *Texts) DateYear(at time.Time) string { return t.date("date.day_year", at) }

// DateShort writes a day without the weekday: "2 april 2017".
func (t *Texts) DateShort(at time.Time) string { return t.date("date.short", at) }

// Month gives the name of the month: "april".
func (t *Texts) Month(at time.Time) string { return t.months[at.Month()-1] }

// Clock writes a time of day: "kl. 18.42".
func (t *Texts) Clock(at time.Time) string {
	return t.T("date.clock", "hour", at.Format("15"), "minute", at.Format("04"))
}

func (t *Texts) date(key string, at time.Time) string {
	return t.T(key, "weekday", t.weekdays[at.Weekday()], "day", at.Day(), "month", t.months[at.Month()-1], "year", at.Year())
}

// Span writes two days as a period, as short as it can be: "13 mars–2 april
// 2017", "9–29 maj 2016".
func (t *Texts) Span(from, to time.Time) string {
	if from.Year() != to.Year() {
		return t.DateShort(from) + "\u2013" + t.DateShort(to)
	}
	key := "date.span"
	if from.Month() == to.Month() {
		key = "date.span_month"
	}
	return t.T(key, "day1", from.Day(), "month1", t.months[from.Month()-1],
		"day2", to.Day(), "month2", t.months[to.Month()-1], "year", to.Year())
}

// Number writes a number with the given decimals, the language's decimal mark
// and a narrow no-break space between thousands.
func (t *Texts) Number(f float64, decimals int) string {
	s := strconv.FormatFloat(f, 'f', decimals, 64)
	whole, part, _ := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "\u2212", whole[1:]
	}
	for i := len(whole) - 3; i > 0 && len(whole) > 4; i -= 3 {
		whole = whole[:i] + "\u202f" + whole[i:]
	}
	if part != "" {
		return sign + whole + t.point + part
	}
	return sign + whole
}
