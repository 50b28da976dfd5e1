package lang

import "slices"

// Text is one text in several languages, keyed by BCP 47 tag ("sv",
// "sr-Latn"). A language that has no text has no entry.
type Text map[string]string

// All gives a text of the catalogues in every language that our pages speak,
// for labels that go into files with those that authors wrote.
func All(key string) Text {
	out := Text{}
	for tag, words := range catalogues {
		out[tag] = words().T(key)
	}
	return out
}

// In gives the text in the wanted language, and the language it is in. Where
// it is missing the one it belongs to is taken (sr-Cyrl for sr, de for de-AT; see
// Base), then the fallbacks in order, then the languages in the order of their
// tags. An empty Text gives "" and "".
func (t Text) In(want string, fallbacks ...string) (text, tag string) {
	if s := t[want]; s != "" {
		return s, want
	}
	if len(t) > 0 && want != "" {
		if base := Base(want); t[base] != "" {
			return t[base], base
		}
	}
	for _, f := range fallbacks {
		if s := t[f]; s != "" {
			return s, f
		}
	}
	for _, tag := range t.Tags() {
		if t[tag] != "" {
			return t[tag], tag
		}
	}
	return "", ""
}

// Tags gives the languages that have an entry, sorted.
func (t Text) Tags() []string {
	tags := make([]string, 0, len(t))
	for tag := range t {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	return tags
}

// Empty tells whether no language has a text.
func (t Text) Empty() bool {
	for _, s := range t {
		if s != "" {
			return false
		}
	}
	return true
}
