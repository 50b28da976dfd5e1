package lang

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Serbian is written in two alphabets that map onto each other, but for three
// pairs of letters: lj, nj and dž are one letter in Cyrillic, except where a
// prefix ends between them (in-jekcija, nad-živeti).
const (
	workedFrom = "sr-Latn"
	worked     = "sr-Cyrl"
)

// untouched is what a text holds besides words: placeholders, inline code, the
// targets of links, tags and entities of HTML, addresses of pages and mail, and
// words with a digit in them (3D, 7K2M9-4R9TX), endings of files (.xlsx), options
// (--base-url), names with a low line (Data_long), sums (Σw) and the letter of a version or wave (v{number}).
var untouched = regexp.MustCompile("(?:\\$|\\b[vw])?\\{[^{}]*\\}|`[^`]*`|\\]\\([^)]*\\)|</?[a-z][^<>]*>|&[#a-z0-9]+;" +
	`|(?:https?|mailto|sms|tel):[^\s)>]*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b(?:[a-z0-9-]+\.)+(?:se|org|com|net|eu|rs|md|yaml|json|xlsx|csv|sav|dta)\b` +
	`|\.(?:xlsx?|csv|md|ics)\b|--[a-z-]+|\b\w+_\w*|_[a-z]+\b|Σ[a-z]\b` +
	`|\b[A-Za-z-]*\d[\w-]*\b`)

// latinWords stay as they are: names of formats, programs and columns.
var latinWords = words(`CSV DDI Excel GDPR GPS HEIC HTML HTTP HTTPS IP JPEG JSON PDF PNG Panelverk Parquet QR ROCrate SMS SMTP SPSS SQL STARTTLS
	Smart Factory Stata Subject TLS URL UTF WebP WebM Wi Fi XLSForm XLSX XPath YAML ZIP starttls tls
	enrolment missing null regex form json POST PUT GET Markdown
	AAPOR CHERRIES Europe Stockholm SE yes Variables Values Missing Participation Rates feedback files id kB MB smtp sms x zip Zip wave Standard Definitions R Python k l n exports README DE RS UA KE redacted quasi Ctrl Delete Enter`)

// partedWords are beginnings of words in which two letters stay two, with a bar
// between them.
var partedWords = []string{"in|jek", "in|jun", "kon|jun", "kon|jug", "tan|jug", "an|jon", "van|jezič", "van|jadran",
	"nad|živ", "nad|žnj", "nad|žup", "nad|žanr", "pod|žanr", "pod|žup", "pred|živ", "pred|žetv", "od|žal", "od|žvak", "od|živ"}

var digraphs = map[string]string{"lj": "љ", "nj": "њ", "dž": "џ"}

var letters = map[rune]string{
	'a': "а", 'b': "б", 'v': "в", 'g': "г", 'd': "д", 'đ': "ђ", 'e': "е", 'ž': "ж", 'z': "з", 'i': "и", 'j': "ј", 'k': "к", 'l': "л", 'm': "м",
	'n': "н", 'o': "о", 'p': "п", 'r': "р", 's': "с", 't': "т", 'ć': "ћ", 'u': "у", 'f': "ф", 'h': "х", 'c': "ц", 'č': "ч", 'š': "ш",
}

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// Cyrillic writes a Serbian text in Latin letters in Cyrillic ones. Names in
// braces, markup, addresses, words with a digit and names of formats stay in
// Latin, and so does a word with a letter that Serbian does not have.
func Cyrillic(text string) string {
	var b strings.Builder
	last := 0
	for _, at := range untouched.FindAllStringIndex(text, -1) {
		cyrillicWords(&b, text[last:at[0]])
		b.WriteString(text[at[0]:at[1]])
		last = at[1]
	}
	cyrillicWords(&b, text[last:])
	return b.String()
}

// cyrillicWords writes words and what stands between them.
func cyrillicWords(b *strings.Builder, text string) {
	for text != "" {
		end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
		if end < 0 {
			end = len(text)
		}
		if end > 0 {
			b.WriteString(cyrillicWord(text[:end]))
		} else {
			_, end = utf8.DecodeRuneInString(text)
			b.WriteString(text[:end])
		}
		text = text[end:]
	}
}

func cyrillicWord(word string) string {
	if latinWords[word] {
		return word
	}
	lower := strings.ToLower(word)
	parted := -1 // where the second of two letters stands that are no pair
	for _, start := range partedWords {
		if before, after, _ := strings.Cut(start, "|"); strings.HasPrefix(lower, before+after) {
			parted = len(before)
		}
	}
	if len(lower) != len(word) {
		return word // no Serbian letter changes its length in bytes
	}
	var b strings.Builder
	for i := 0; i < len(word); {
		r, size := utf8.DecodeRuneInString(lower[i:])
		said, ok := letters[r]
		if next, n := utf8.DecodeRuneInString(lower[i+size:]); i+size != parted {
			if pair, found := digraphs[string(r)+string(next)]; found {
				said, ok, size = pair, true, size+n
			}
		}
		if !ok {
			return word
		}
		if first, _ := utf8.DecodeRuneInString(word[i:]); unicode.IsUpper(first) {
			said = strings.ToUpper(said)
		}
		b.WriteString(said)
		i += size
	}
	return b.String()
}
