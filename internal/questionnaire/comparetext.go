package questionnaire

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"panelverk/internal/lang"
)

// spanTag is the HTML that XLSForm allows in labels for colours.
var spanTag = regexp.MustCompile(`(?i)</?(span|font|b|i|u|em|strong|br)\b[^<>]*>`)

// plain gives what a respondent reads: without Markdown's marks, with one kind
// of space, and without quotation marks. Texts that are plainly the same differ
// in their layout alone. An apostrophe within a word stays: "were" is not "we're".
func plain(s string) string {
	s = norm.NFC.String(spanTag.ReplaceAllString(s, " "))
	var lines []string
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(line)
		if bare := strings.TrimLeft(line, "#"); bare != line && strings.HasPrefix(bare, " ") {
			line = bare
		}
		for _, bullet := range []string{"- ", "* ", "+ "} {
			line = strings.TrimPrefix(line, bullet)
		}
		lines = append(lines, line)
	}
	runes := []rune(strings.Join(lines, " "))
	var b strings.Builder
	for i, r := range runes {
		inWord := i > 0 && i+1 < len(runes) && wordRune(runes[i-1]) && wordRune(runes[i+1])
		switch {
		case strings.ContainsRune("'’‘ʼ`´", r):
			if inWord {
				b.WriteByte('\'')
			}
		case strings.ContainsRune("\"“”„«»‹›\u00ad\u200b\u200c\ufeff", r):
		case (r == '*' || r == '_') && !inWord && !between(runes, i):
		case r == '\\' && i+1 < len(runes) && strings.ContainsRune("*_#\\", runes[i+1]):
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// between tells that a star or underscore stands alone, as in "2 * 3", or was
// escaped: it is no mark.
func between(runes []rune, i int) bool {
	before := i > 0 && !unicode.IsSpace(runes[i-1])
	after := i+1 < len(runes) && !unicode.IsSpace(runes[i+1])
	return !before && !after || i > 0 && runes[i-1] == '\\'
}

// words gives the words of a text in small letters.
func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(plain(s)), func(r rune) bool { return !wordRune(r) && r != '\'' })
}

// fillers are words that carry little meaning by themselves, in the languages
// of the pages.
var fillers = wordSet(`a an the of to or and in on at for is are be my your it
	en ett den det de att av eller och i på för är jag du min din ditt dina
	der die das ein eine einen dem von zu oder und in im am für ist ich du mein dein
	i je na u za se ili та і й у на в або na ya wa au`)

// turners are words that turn or shade what a label says: two labels that
// differ by one of them mean different things.
var turners = wordSet(`no not never none nothing neither nor without non don't doesn't didn't isn't aren't can't cannot won't
	strongly somewhat slightly very fairly rather quite extremely completely fully partly mostly hardly barely always often seldom rarely sometimes
	more less most least over under above below before after former formerly part full half only except
	nej inte ej icke aldrig ingen inget inga utan helt delvis något mycket ganska knappast alltid ofta sällan ibland
	mer mindre mest minst över under före efter tidigare hel halv bara endast utom
	nein nicht nie niemals kein keine keinen ohne völlig voll ganz teilweise etwas sehr ziemlich eher kaum immer oft häufig selten manchmal
	mehr weniger meist über unter vor nach früher ehemals halb nur außer
	ne nije nikad nikada bez vrlo veoma često retko uvek više manje не ні ніколи без дуже часто рідко завжди більше менше
	si hapana kamwe bila sana mara zaidi chini`)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

// denials are prefixes that turn a word into its opposite.
var denials = []string{"un", "in", "im", "il", "ir", "dis", "non", "o", "miss", "miß", "ne", "без", "не"}

// parted gives the words that only one of two texts has, and how many they
// share; words that differ by a slip of the pen count as shared.
func parted(a, b []string) (onlyA, onlyB []string, shared int) {
	onlyB = slices.Clone(b)
	for _, w := range a {
		i := slices.Index(onlyB, w)
		if i < 0 {
			i = slices.IndexFunc(onlyB, func(other string) bool { return slip(w, other) })
		}
		if i < 0 {
			onlyA = append(onlyA, w)
			continue
		}
		onlyB = slices.Delete(onlyB, i, i+1)
		shared++
	}
	return onlyA, onlyB, shared
}

// slip tells that one word is the other with a typing error: one letter in a
// word of five and more, two in one of nine and more, the first letter alike,
// and no digit among them.
func slip(a, b string) bool {
	x, y := []rune(a), []rune(b)
	short := min(len(x), len(y))
	if short < 5 || x[0] != y[0] || strings.ContainsAny(a+b, "0123456789") || turners[a] || turners[b] {
		return false
	}
	most := 1
	if short >= 9 {
		most = 2
	}
	return editDistance(a, b, most) <= most
}

// otherMeaning tells whether a choice that read a and reads b may stand for
// something else now. Nobody can tell for sure by the letters, so it errs to
// the side of yes, and says no only where
//
//   - the texts differ in layout, capitals or punctuation,
//   - single words differ by a slip of the pen ("Vanila", "Vanilla"), or
//   - words were added or taken away, or a minority of them replaced, and none
//     of these is a number, denies, or says how much ("not", "very", "dis-").
//
// Somebody who rewords a choice beyond that gives it a new name, and decides
// about the question as about every added choice.
func otherMeaning(a, b string) bool {
	x, y := words(a), words(b)
	if slices.Equal(x, y) {
		return len(x) == 0 && plain(a) != plain(b) // signs alone: ☺ and ☹
	}
	onlyA, onlyB, shared := parted(x, y)
	for _, w := range slices.Concat(onlyA, onlyB) {
		if turners[w] || strings.ContainsAny(w, "0123456789") || slices.ContainsFunc(slices.Concat(x, y), func(v string) bool { return denies(v, w) }) {
			return true
		}
	}
	if len(onlyA) == 0 && len(onlyB) == 0 {
		return false // slips alone, or another order of the words
	}
	weighty := func(list []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(w string) bool { return fillers[w] })
	}
	onlyA, onlyB = weighty(onlyA), weighty(onlyB)
	if len(onlyA) == 0 && len(onlyB) == 0 {
		return shared == 0
	}
	_, _, shared = parted(weighty(x), weighty(y))
	if len(onlyA) > 0 && len(onlyB) > 0 {
		return shared < 2*max(len(onlyA), len(onlyB))
	}
	return shared == 0
}

// denies tells that one of two words is the other with a prefix of denial.
func denies(a, b string) bool {
	for _, p := range denials {
		if len([]rune(a)) > 2 && p+a == b || len([]rune(b)) > 2 && p+b == a {
			return true
		}
	}
	return false
}

// far tells whether a question asks something else by all that its words say:
// less than a quarter of them is shared.
func far(a, b string) bool {
	x, y := words(a), words(b)
	if len(x) == 0 || len(y) == 0 {
		return false
	}
	_, _, shared := parted(x, y)
	return 4*shared < max(len(x), len(y))
}

// tongues pairs the languages of two versions.
type tongues struct {
	tags []string          // that both ask in, as the new version calls them
	old  map[string]string // what the old version calls them
}

// pairTongues finds the languages that both versions ask in. Columns without a
// language, as one writes them at first, are the default language of the
// version that names it.
func pairTongues(old, new *Questionnaire) tongues {
	t := tongues{old: map[string]string{}}
	for _, tag := range new.Languages {
		was := tag
		if !slices.Contains(old.Languages, tag) {
			switch {
			case tag == new.Default && slices.Contains(old.Languages, undetermined) && !slices.Contains(new.Languages, undetermined):
				was = undetermined
			case tag == undetermined && !slices.Contains(new.Languages, old.Default):
				was = old.Default
			default:
				continue
			}
		}
		t.tags, t.old[tag] = append(t.tags, tag), was
	}
	return t
}

// textChange is how a text differs in one language.
type textChange struct {
	tag           string
	before, after string
	layout        bool // white space, quotation marks or Markdown's marks alone
}

// between gives how a text differs, language by language.
func (t tongues) between(a, b lang.Text) []textChange {
	var out []textChange
	for _, tag := range t.tags {
		before, after := a[t.old[tag]], b[tag]
		if before != after {
			out = append(out, textChange{tag, before, after, plain(before) == plain(after)})
		}
	}
	return out
}

// same tells that two texts read the same in every language, and say something.
func (t tongues) same(a, b lang.Text) bool {
	said := false
	for _, tag := range t.tags {
		x, y := plain(a[t.old[tag]]), plain(b[tag])
		if x != y {
			return false
		}
		said = said || x != ""
	}
	return said
}

// otherMeaning gives the languages in which a choice's label may mean
// something else. A label that is missing on one side says nothing.
func (t tongues) otherMeaning(a, b lang.Text) []string {
	var out []string
	for _, tag := range t.tags {
		before, after := a[t.old[tag]], b[tag]
		if before != "" && after != "" && otherMeaning(before, after) {
			out = append(out, tag)
		}
	}
	return out
}
