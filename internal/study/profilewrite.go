package study

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// YAML writes the profile as the text of its file: ReadProfile gives the same
// profile back. What is meant without being said is not written.
func (p *Profile) YAML() []byte {
	var out bytes.Buffer
	line := func(text string) { out.WriteString(text + "\n") }
	one := func(key, word string) { line(key + ": " + plain(word)) }
	several := func(key string, words []string) {
		if len(words) > 0 {
			line(key + ": " + inBrackets(words))
		}
	}
	unless := func(key, word, meant string) {
		if word != meant {
			one(key, word)
		}
	}
	one("profile", p.Key)
	line("title:")
	for _, tag := range slices.Sorted(maps.Keys(p.Title)) {
		line("  " + plain(tag) + ": " + quoted(p.Title[tag]))
	}
	one("study", p.Study)
	one("recipient", p.Recipient)
	several("languages", p.Languages)
	if p.Waves == nil {
		one("waves", "all")
	}
	several("waves", p.Waves)
	several("keep", p.Keep)
	several("drop", p.Drop)
	several("formats", strs(p.Formats))
	unless("shape", string(p.Shape), string(BothShape))
	unless("naming", string(p.Naming), string(Suffix))
	one("tier", string(p.Tier))
	several("identifiers", p.Identifiers)
	if len(p.Quasi) > 0 {
		line("quasi:")
	}
	for _, q := range p.Quasi {
		line("  - " + q.yaml())
	}
	several("sensitive", p.Sensitive)
	unless("suppress", string(p.Suppress), string(NoSuppression))
	unless("free_text", string(p.FreeText), string(DropText))
	unless("dates", string(p.Dates), string(NoDates))
	for _, key := range []struct {
		name string
		yes  bool
	}{{"weights", p.Weights}, {"paradata", p.Paradata}} {
		if key.yes {
			one(key.name, "yes")
		}
	}
	return out.Bytes()
}

// yaml writes a quasi-identifier as an entry of the list.
func (q Quasi) yaml() string {
	if q.How == Given {
		return plain(q.Variable)
	}
	out := "{variable: " + plain(q.Variable)
	switch q.How {
	case Banded:
		out += ", bands: " + strconv.FormatFloat(q.Width, 'f', -1, 64)
	case TopCoded, BottomTop:
		out += ", " + string(q.How) + ": yes"
	case Mapped:
		var pairs []string
		for _, key := range slices.SortedFunc(maps.Keys(q.Map), byNumber) {
			pairs = append(pairs, plain(key)+": "+plain(q.Map[key]))
		}
		return out + ", map: {" + strings.Join(pairs, ", ") + "}}"
	case Given:
	}
	if q.Tail != LeastTail {
		out += ", tail: " + strconv.Itoa(q.Tail)
	}
	return out + "}"
}

// byNumber orders numbers by what they are worth, before words, and "*" last.
func byNumber(a, b string) int {
	rank := func(s string) (int, float64) {
		n, err := strconv.ParseFloat(s, 64)
		switch {
		case err == nil:
			return 0, n
		case s == "*":
			return 2, 0
		}
		return 1, 0
	}
	ra, na := rank(a)
	rb, nb := rank(b)
	switch {
	case ra != rb:
		return ra - rb
	case na < nb:
		return -1
	case na > nb:
		return 1
	}
	return strings.Compare(a, b)
}

func inBrackets(of []string) string {
	out := make([]string, len(of))
	for i, word := range of {
		out[i] = plain(word)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// plain writes a word without quotation marks where nothing in it means anything
// to YAML; what YAML would take for a number or for yes is read as text all the same.
func plain(word string) string {
	for i := range len(word) {
		c := word[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_':
		case c == '-' && i > 0:
		case c == '*' && i > 0:
		case c == '.' && i > 0:
		default:
			return quoted(word)
		}
	}
	if word == "" || strings.EqualFold(word, "null") {
		return quoted(word)
	}
	return word
}
