package lang

import "slices"

// Text is one text in several languages, keyed by BCP 47 tag ("sv",
// "sr-Latn"). A language that has no text has no entry.
type Text map[string]string

// In gives the text in the wanted language, and the language it is in. Where
// it is missing the fallbacks are tried in order, then the languages in the
// order of their tags. An empty Text gives "" and "".
func (t Text) In(want string, fallbacks ...string) (text, tag string) {
	if s := t[want]; s != "" {
		return s, want
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
