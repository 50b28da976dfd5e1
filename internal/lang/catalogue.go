// Package lang holds languages: texts in several of them with their fallback
// (Text), and the words of our own pages (Texts), with plurals, dates and
// numbers as each language writes them.
//
// The words stand in texts/<area>.<tag>.yaml. A key holds a text, or one text
// for each plural category of the language (one, few, many, other; CLDR). A
// name in braces is replaced by a value: "{count} av {total} har svarat".
// "{date/gen}" puts the weekday or month that a value begins with into another
// case, whose words stand under date.weekdays_gen and date.months_gen. The key
// review tells who of the language's speakers has signed the file; see Reviews.
// Serbian in Cyrillic has no files: it is worked out of sr-Latn, so that there
// is one Serbian to review; see Cyrillic.
package lang

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"gopkg.in/yaml.v3"
)

//go:embed texts/*.yaml
var files embed.FS

// Texts is the words of our pages in one language. It is immutable and safe
// for concurrent use.
type Texts struct {
	Tag      string // BCP 47
	tag      language.Tag
	messages map[string]message
	months   []string
	weekdays []string                     // from Sunday, as time.Weekday counts
	cases    map[string]map[string]string // by case ("gen"): weekdays and months as it has them
	point    string
	reviews  []Review // of its files that carry one
}

type message struct {
	text  string            // of a key with one text
	forms map[string]string // by plural category
}

// catalogues holds a function for each of Tags that gives its words. They are
// read when a language is first spoken: a command that speaks one of them, or
// none, is not kept waiting by the others.
var catalogues = map[string]func() *Texts{}

func init() {
	for _, tag := range Tags {
		catalogues[tag] = sync.OnceValue(func() *Texts { return load(tag) })
	}
}

// catalogue gives the words of one of Tags.
func catalogue(tag string) *Texts { return catalogues[tag]() }

// load reads the embedded files of a language; a broken one is a defect of the build.
func load(tag string) *Texts {
	t := &Texts{Tag: tag, tag: language.Make(tag), messages: map[string]message{}}
	if tag == worked {
		for key, m := range catalogue(workedFrom).messages {
			t.messages[key] = m.mapped(Cyrillic)
		}
		t.calendar()
		return t
	}
	names, err := fs.Glob(files, "texts/*."+tag+".yaml")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		var read map[string]any
		if err := yaml.Unmarshal(data, &read); err != nil {
			panic("lang: " + name + ": " + err.Error())
		}
		if signed, ok := read[reviewKey].(string); ok {
			t.reviews = append(t.reviews, Review{File: "internal/lang/" + name, Tag: tag, By: signed})
			delete(read, reviewKey)
		}
		for key, value := range read {
			if _, twice := t.messages[key]; twice {
				panic("lang: " + name + ": " + key + " stands twice")
			}
			t.messages[key] = newMessage(name, key, value)
		}
	}
	t.calendar()
	return t
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
		if forms["other"] == "" { // in Ukrainian only fractions are "other"
			forms["other"] = forms["many"]
		}
		if forms["other"] == "" {
			panic("lang: " + file + ": " + key + " has no text for other")
		}
		return message{forms: forms}
	}
	panic("lang: " + file + ": " + key + " is neither a text nor plurals")
}

// mapped gives the message with each of its texts rewritten.
func (m message) mapped(rewrite func(string) string) message {
	out := message{text: rewrite(m.text)}
	if m.forms != nil {
		out.forms = map[string]string{}
		for category, text := range m.forms {
			out.forms[category] = rewrite(text)
		}
	}
	return out
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
		if t.Tag != Fallback {
			return catalogue(Fallback).T(key, args...)
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
	return t.fill(text, args)
}

// fill puts the values in place of their names in braces. A name without a
// value stays as it is.
func (t *Texts) fill(text string, args []any) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		name, inCase, _ := strings.Cut(name, "/")
		value, known := argument(args, name)
		if !closed || !known {
			b.WriteByte('{')
			text = rest
			continue
		}
		value = t.inflect(value, inCase)
		if strings.HasPrefix(after, ".") && !strings.HasPrefix(after, "..") {
			value = strings.TrimSuffix(value, ".") // a date that ends in a full stop ("2026 р.") at the end of a sentence
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

// Forms gives the texts of a counted message by their plural category, for
// scripts that count by themselves (Intl.PluralRules knows the same categories).
func (t *Texts) Forms(key string) map[string]string {
	if m, ok := t.messages[key]; ok && m.forms != nil {
		return m.forms
	}
	return map[string]string{"other": t.T(key, "count", "{count}")}
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
