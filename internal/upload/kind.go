// Package upload judges files that respondents hand in: which kinds are taken,
// whether a file is what its name says, and how a picture is made safe to keep.
// It works on bytes alone and keeps nothing.
//
// A kind is known by the content; the name has to agree with it, and what a
// browser claims does not count. Pictures are decoded and written anew, so that
// nothing but the picture is left of the file: no place, no time, no camera, no
// text between its lines. Of other kinds what stands inside stays as it was.
package upload

import (
	"path"
	"slices"
	"strings"
)

// Kind is a kind of file that is taken.
type Kind struct {
	Ending  string   // with the dot: how files of it are named here
	Types   []string // its names on the web, the registered one first
	endings []string // all of them
	Picture bool
}

// Kinds lists every kind that is taken. All of it can be known by its content,
// and none of it runs when it is opened.
var Kinds = []Kind{
	{Ending: ".jpg", Types: []string{"image/jpeg", "image/pjpeg"}, endings: []string{".jpg", ".jpeg", ".jpe", ".jfif"}, Picture: true},
	{Ending: ".png", Types: []string{"image/png"}, endings: []string{".png"}, Picture: true},
	{Ending: ".gif", Types: []string{"image/gif"}, endings: []string{".gif"}, Picture: true},
	{Ending: ".pdf", Types: []string{"application/pdf"}, endings: []string{".pdf"}},
	{Ending: ".txt", Types: []string{"text/plain"}, endings: []string{".txt"}},
	{Ending: ".csv", Types: []string{"text/csv"}, endings: []string{".csv"}},
	{Ending: ".docx", Types: []string{"application/vnd.openxmlformats-officedocument.wordprocessingml.document"}, endings: []string{".docx"}},
	{Ending: ".xlsx", Types: []string{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}, endings: []string{".xlsx"}},
	{Ending: ".pptx", Types: []string{"application/vnd.openxmlformats-officedocument.presentationml.presentation"}, endings: []string{".pptx"}},
	{Ending: ".odt", Types: []string{"application/vnd.oasis.opendocument.text"}, endings: []string{".odt"}},
	{Ending: ".ods", Types: []string{"application/vnd.oasis.opendocument.spreadsheet"}, endings: []string{".ods"}},
	{Ending: ".odp", Types: []string{"application/vnd.oasis.opendocument.presentation"}, endings: []string{".odp"}},
}

// byEnding gives the kind of an ending; ok is false for one that is not taken.
func byEnding(ending string) (Kind, bool) {
	for _, k := range Kinds {
		if slices.Contains(k.endings, strings.ToLower(ending)) {
			return k, true
		}
	}
	return Kind{}, false
}

// Sizes of files in bytes.
const (
	UsualBytes = 10_000_000 // the most where a question says nothing
	MostBytes  = 25_000_000 // the most that a question can ask for
)

// Rule is what one question takes.
type Rule struct {
	Accept    []string // as in HTML's accept: "image/*", "application/pdf", ".docx"; empty: every kind
	MostBytes int64    // 0: UsualBytes
	MaxPixels int      // the longer edge of a picture is scaled down to it; 0: as it is
}

// Bytes gives the most bytes that a file may have.
func (r Rule) Bytes() int64 {
	if r.MostBytes == 0 {
		return UsualBytes
	}
	return min(r.MostBytes, MostBytes)
}

// Reads gives the most bytes that are read of a file. A picture that is scaled
// may be larger before than after.
func (r Rule) Reads() int64 {
	if r.MaxPixels > 0 {
		return max(r.Bytes(), UsualBytes)
	}
	return r.Bytes()
}

// Kinds gives the kinds that the rule lets through, in the order of Kinds;
// empty where it names none that is taken.
func (r Rule) Kinds() []Kind {
	if len(r.Accept) == 0 {
		return Kinds
	}
	var out []Kind
	for _, k := range Kinds {
		if slices.ContainsFunc(r.Accept, k.named) {
			out = append(out, k)
		}
	}
	return out
}

// named tells whether a word of an accept attribute names the kind.
func (k Kind) named(word string) bool {
	word = strings.ToLower(strings.TrimSpace(word))
	if group, ok := strings.CutSuffix(word, "/*"); ok {
		return strings.HasPrefix(k.Types[0], group+"/")
	}
	return slices.Contains(k.endings, word) || slices.Contains(k.Types, word)
}

// Attribute gives the accept attribute of the rule's input. Pictures are named
// by their types alone: a telephone that keeps HEIC then hands in a JPEG.
func (r Rule) Attribute() string {
	var words []string
	for _, k := range r.Kinds() {
		words = append(words, k.Types[0])
		if !k.Picture {
			words = append(words, k.endings...)
		}
	}
	return strings.Join(words, ",")
}

// Endings gives the endings that the rule takes, for people: "jpg, png, pdf".
func (r Rule) Endings() string {
	var words []string
	for _, k := range r.Kinds() {
		words = append(words, k.Ending[1:])
	}
	return strings.Join(words, ", ")
}

// longestName is how many characters of a file's name are kept.
const longestName = 120

// CleanName gives a file's name as it may be shown: without folders and
// control characters, not too long.
func CleanName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1 // control characters, and those that turn the direction of what follows
		}
		return r
	}, name))
	if name == "." || name == "/" {
		return ""
	}
	if runes := []rune(name); len(runes) > longestName {
		ending := []rune(path.Ext(name))
		if len(ending) > 10 {
			ending = nil
		}
		name = string(runes[:longestName-1-len(ending)]) + "…" + string(ending)
	}
	return name
}
