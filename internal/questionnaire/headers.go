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

// The sheets that are read, in the order of the normalised book.
const (
	sheetSurvey   = "survey"
	sheetChoices  = "choices"
	sheetSettings = "settings"
)

var sheetNames = []string{sheetSurvey, sheetChoices, sheetSettings}

// A column is one that XLSForm or Panelverk knows.
type column struct {
	name       string
	translated bool     // may carry a language: label::Svenska (sv)
	aliases    []string // further spellings that XLSForm's tools accept
	refused    bool     // a feature that is not there: a filled cell is an error
	ignored    bool     // has no effect here: a filled column is a warning
	logic      bool     // holds an expression or a code word: quotes are straightened
}

// columns lists the known columns of each sheet. The aliases are those of
// XLSForm's own converter, in the folded form that fold gives.
var columns = map[string][]column{
	sheetSurvey: {
		{name: "type", aliases: []string{"command"}, logic: true},
		{name: "name", aliases: []string{"tag", "value"}, logic: true},
		{name: "label", aliases: []string{"caption"}, translated: true},
		{name: "hint", translated: true},
		{name: "guidance_hint", translated: true},
		{name: "required", logic: true},
		{name: "required_message", aliases: []string{"required_msg", "requiredmsg"}, translated: true},
		{name: "relevant", aliases: []string{"relevance"}, logic: true},
		{name: "constraint", logic: true},
		{name: "constraint_message", aliases: []string{"constraint_msg", "constraintmsg"}, translated: true},
		{name: "calculation", aliases: []string{"calculate"}, logic: true},
		{name: "default", logic: true},
		{name: "appearance", logic: true},
		{name: "read_only", aliases: []string{"readonly"}, logic: true},
		{name: "choice_filter", logic: true},
		{name: "parameters", aliases: []string{"parameter"}, logic: true},
		{name: "variable", logic: true},
		{name: "disabled", logic: true},
		{name: "trigger", refused: true, logic: true},
		{name: "repeat_count", aliases: []string{"count", "jr:count", "jr_count"}, refused: true, logic: true},
		{name: "image", translated: true, refused: true}, {name: "big_image", translated: true, refused: true},
		{name: "audio", translated: true, refused: true}, {name: "video", translated: true, refused: true},
		{name: "media", translated: true, refused: true}, {name: "bind", translated: true, refused: true},
		{name: "body", translated: true, refused: true}, {name: "control", translated: true, refused: true},
		{name: "instance", translated: true, refused: true}, {name: "save_to", refused: true},
		{name: "autoplay", ignored: true}, {name: "note", ignored: true}, {name: "notes", ignored: true},
		{name: "comment", ignored: true}, {name: "comments", ignored: true},
	},
	sheetChoices: {
		{name: "list_name", aliases: []string{"listname", "list"}, logic: true},
		{name: "name", aliases: []string{"value"}, logic: true},
		{name: "label", aliases: []string{"caption"}, translated: true},
		{name: "code", logic: true},
		{name: "missing", logic: true},
		{name: "image", translated: true, refused: true}, {name: "big_image", translated: true, refused: true},
		{name: "audio", translated: true, refused: true}, {name: "video", translated: true, refused: true},
		{name: "media", translated: true, refused: true},
	},
	sheetSettings: {
		{name: "form_title", aliases: []string{"title", "set_form_title"}, translated: true},
		{name: "form_id", aliases: []string{"id_string", "set_form_id"}, logic: true},
		{name: "version", logic: true},
		{name: "default_language", aliases: []string{"set_default_language"}},
		{name: "allow_choice_duplicates", logic: true},
		{name: "style", ignored: true}, {name: "instance_name", ignored: true}, {name: "public_key", ignored: true},
		{name: "submission_url", ignored: true}, {name: "auto_send", ignored: true}, {name: "auto_delete", ignored: true},
		{name: "name", ignored: true}, {name: "namespaces", ignored: true}, {name: "instance_xmlns", ignored: true},
		{name: "attribute", translated: true, ignored: true}, {name: "prefix", ignored: true}, {name: "delimiter", ignored: true},
		{name: "client_editable", ignored: true}, {name: "clean_text_values", ignored: true}, {name: "instance_id", ignored: true},
		{name: "omit_instanceid", ignored: true}, {name: "sms_keyword", ignored: true}, {name: "sms_separator", ignored: true},
	},
}

// columnIndex finds a column of a sheet by a folded spelling.
var columnIndex = func() map[string]map[string]*column {
	index := make(map[string]map[string]*column)
	for sheet, list := range columns {
		index[sheet] = make(map[string]*column)
		for i := range list {
			index[sheet][list[i].name] = &list[i]
			for _, a := range list[i].aliases {
				index[sheet][a] = &list[i]
			}
		}
	}
	return index
}()

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
// "Label : sv", "constraint message".
func readHeader(sheet, text string, at fault.Place, ps *fault.Problems) header {
	text = strings.TrimSpace(text)
	index := columnIndex[sheet]
	if c := index[fold(text)]; c != nil {
		return header{column: c, name: c.name}
	}
	root, tongue, ok := strings.Cut(text, "::")
	if !ok {
		root, tongue, ok = strings.Cut(text, ":")
	}
	c := index[fold(root)]
	if !ok || c == nil || !c.translated {
		return header{name: text}
	}
	tongue = strings.TrimSpace(tongue)
	if c.refused || c.ignored { // media::image::en, bind::ex:name
		return header{column: c, name: c.name + "::" + tongue}
	}
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
