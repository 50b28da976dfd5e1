package release

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hint is what a piece of a text looks like that could tell who somebody is.
type Hint string

// The hints. They are a help for whoever reads, and find neither everything nor
// only what matters.
const (
	HintEmail  Hint = "email"
	HintLink   Hint = "link"
	HintID     Hint = "id"    // a personal identity number
	HintPhone  Hint = "phone" // seven digits and more
	HintNumber Hint = "number"
	HintName   Hint = "name" // a word with a capital letter within a sentence
)

// Piece is a part of a text, with what it looks like: "" for nothing.
type Piece struct {
	Text string
	Hint Hint
}

// Out tells whether Suggested leaves the piece out. Plain numbers stay: most are
// years and amounts.
func (p Piece) Out() bool { return p.Hint != "" && p.Hint != HintNumber }

// Gone stands where something was taken out of a text.
const Gone = "[…]"

// hints are tried in this order: what an earlier one took a later one leaves.
var hints = []struct {
	hint Hint
	find *regexp.Regexp
}{
	{HintEmail, regexp.MustCompile(`[\pL\d._%+-]+@[\pL\d-]+(?:\.[\pL\d-]+)+`)},
	{HintLink, regexp.MustCompile(`(?i)(?:https?://|www\.)[^\s<>"]+|@[\pL\d_.]{2,}`)},
	{HintID, regexp.MustCompile(`(?:\d{2})?\d{6}[-+]\d{4}|(?:\d{2})?\d{10}|\d{13}`)},
	{HintPhone, regexp.MustCompile(`\+?\(?\d(?:[ ()/.\-–]{0,3}\d){6,}`)},
	{HintNumber, regexp.MustCompile(`\d+(?:[.,:/-]\d+)*`)},
}

var (
	capital  = regexp.MustCompile(`\p{Lu}\p{Ll}+(?:['’-]\p{L}+)*`)
	sentence = regexp.MustCompile(`(?:^|[.!?:…\n])[\s"'»«”“„()*•–-]*$`) // what stands before the first word of one
	// nouns are the languages that write all of them with a capital letter.
	nouns = []string{"de"}
)

type span struct {
	from, to int
	hint     Hint
}

// Pieces takes a text in a language apart into what looks like nothing and what
// looks like a hint.
func Pieces(text, language string) []Piece {
	var found []span
	add := func(s span) {
		if !slices.ContainsFunc(found, func(f span) bool { return s.from < f.to && f.from < s.to }) {
			found = append(found, s)
		}
	}
	for _, h := range hints {
		for _, at := range h.find.FindAllStringIndex(text, -1) {
			if bounded(text, at[0], at[1]) {
				add(span{at[0], at[1], h.hint})
			}
		}
	}
	if !slices.Contains(nouns, language) {
		for _, s := range capitals(text) {
			add(s)
		}
	}
	slices.SortFunc(found, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var out []Piece
	at := 0
	for _, f := range found {
		if f.from > at {
			out = append(out, Piece{Text: text[at:f.from]})
		}
		out, at = append(out, Piece{text[f.from:f.to], f.hint}), f.to
	}
	if at < len(text) {
		out = append(out, Piece{Text: text[at:]})
	}
	return out
}

// bounded tells whether no digit stands beside a piece: half a number is none.
func bounded(text string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	after, _ := utf8.DecodeRuneInString(text[to:])
	return !unicode.IsDigit(before) && !unicode.IsDigit(after)
}

// capitals finds words with a capital letter that begin no sentence, those beside
// each other as one. The first word of a sentence counts where one follows it.
func capitals(text string) (out []span) {
	for _, at := range capital.FindAllStringIndex(text, -1) {
		if before, _ := utf8.DecodeLastRuneInString(text[:at[0]]); unicode.IsLetter(before) || unicode.IsDigit(before) {
			continue
		}
		last := len(out) - 1
		if last >= 0 && text[out[last].to:at[0]] == " " {
			out[last].to, out[last].hint = at[1], HintName
			continue
		}
		s := span{at[0], at[1], HintName}
		if sentence.MatchString(text[:at[0]]) {
			s.hint = "" // unless another follows
		}
		out = append(out, s)
	}
	return slices.DeleteFunc(out, func(s span) bool { return s.hint == "" })
}

var severalGone = regexp.MustCompile(`\[…\](?:\s+\[…\])+`)

// Suggested gives a text without what looks like a hint, but for plain numbers.
func Suggested(pieces []Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		if p.Out() {
			b.WriteString(Gone)
		} else {
			b.WriteString(p.Text)
		}
	}
	return severalGone.ReplaceAllString(b.String(), Gone)
}
