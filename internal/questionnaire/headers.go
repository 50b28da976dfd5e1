package questionnaire

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"panelverk/internal/fault"
)

// header is one header as it is understood.
type header struct {
	column *column // nil where it is not known
	name   string  // the known spelling, with "::" and the tag of a language
}

var spaces = regexp.MustCompile(`[\s_-]+`)

// fold makes spellings comparable: small letters, one “_” for spaces and hyphens.
func fold(s string) string {
	return spaces.ReplaceAllString(strings.ToLower(strings.TrimSpace(s)), "_")
}

// readHeader understands one header of a sheet: "label::Svenska (sv)",
// "Label : sv", "constraint message", "media::image::sv", "bind::relevant".
func readHeader(sheet, text string, at fault.Place, ps *fault.Problems) header {
	text = strings.TrimSpace(text)
	index := columnIndex[sheet]
	if c := index[fold(text)]; c != nil {
		return header{column: c, name: c.name}
	}
	if c := index[fold(strings.Replace(text, ":", "::", 1))]; c != nil && !strings.Contains(text, "::") { // bind:jr:constraintMsg
		return header{column: c, name: c.name}
	}
	separator := "::"
	if !strings.Contains(text, separator) {
		separator = ":"
	}
	parts := strings.Split(text, separator)
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	if len(parts) > 1 && fold(parts[0]) == "media" && index["image"] != nil {
		parts = parts[1:]
	}
	// The longest beginning that is a column; what follows is its language.
	for n := min(len(parts), 2); n > 0; n-- {
		c := index[fold(strings.Join(parts[:n], "::"))]
		tongue := strings.Join(parts[n:], separator)
		switch {
		case c == nil:
		case len(parts) == n:
			return header{column: c, name: c.name}
		case c.ignored && !c.translated && n == 1 && separator == "::": // bind::odk:length, attribute::xyz
			return header{column: c, name: c.name + "::" + tongue}
		case c.translated:
			return translatedHeader(c, tongue, text, at, ps)
		}
	}
	return header{name: text}
}

func translatedHeader(c *column, tongue, text string, at fault.Place, ps *fault.Problems) header {
	tag, known := languageTag(tongue)
	if !known {
		at.Column = text
		ps.Warn(at, "unknown_language", "The language “%s” is not known. Write its tag in parentheses, such as %s::Svenska (sv).", tongue, c.name)
	}
	if tag == undetermined {
		return header{column: c, name: c.name}
	}
	return header{column: c, name: c.name + "::" + tag}
}

// undetermined is BCP 47's tag for a language that is not named.
const undetermined = "und"

var taggedLanguage = regexp.MustCompile(`\(\s*([A-Za-z0-9_-]+)\s*\)\s*$`)

// languageTag turns what stands after "label::" into a BCP 47 tag: "Svenska
// (sv)", "sv", "swe", "Svenska" and "Swedish" are all sv. A language that is
// not known gets a tag for private use, and known is false.
func languageTag(text string) (tag string, known bool) {
	text = strings.TrimSpace(text)
	if text == "" || strings.EqualFold(text, "default") {
		return undetermined, true
	}
	candidates := []string{text}
	if m := taggedLanguage.FindStringSubmatch(text); m != nil {
		candidates = []string{m[1], strings.TrimSpace(strings.TrimSuffix(text, m[0]))}
	}
	for _, c := range candidates {
		if t, err := language.Parse(c); err == nil {
			return t.String(), true
		}
		if t, ok := languageNames()[strings.ToLower(c)]; ok {
			return t, true
		}
	}
	return privateTag(text), false
}

// privateTag makes a tag for private use (RFC 5646, section 2.2.7) from a name:
// parts of at most eight letters and digits of ASCII. Other letters stand in it
// by their number.
func privateTag(text string) string {
	var plain strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			plain.WriteRune(r)
		case unicode.IsLetter(r):
			plain.WriteString(strconv.FormatInt(int64(r), 36))
		}
	}
	if plain.Len() == 0 {
		return "x-unnamed"
	}
	tag := "x"
	for part := range slices.Chunk([]byte(plain.String()), 8) {
		tag += "-" + string(part)
	}
	return tag
}

// languageNames gives tags by the names of languages, in English and in the
// language itself, in small letters.
var languageNames = sync.OnceValue(func() map[string]string {
	names := make(map[string]string)
	english := display.English.Languages()
	for _, t := range display.Supported.Tags() {
		for _, name := range []string{display.Self.Name(t), english.Name(t)} {
			if name = strings.ToLower(name); name != "" && names[name] == "" {
				names[name] = t.String()
			}
		}
	}
	return names
})
