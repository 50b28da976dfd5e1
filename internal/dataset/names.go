package dataset

import (
	"cmp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"panelverk/internal/fault"
	"panelverk/internal/questionnaire"
)

// MaxRoot is the longest root of a name: the suffixes for version, option,
// wave and status then fit the 32 characters of Stata.
const MaxRoot = 18

// reserved are the words that SPSS and Stata keep for themselves, in lower
// case: SPSS's keywords in "Variable Names", Stata's in "help reswords".
var reserved = map[string]bool{
	"all": true, "and": true, "by": true, "eq": true, "ge": true, "gt": true, "le": true, "lt": true, "ne": true,
	"not": true, "or": true, "to": true, "with": true,
	"alias": true, "array": true, "boolean": true, "break": true, "byte": true, "case": true, "catch": true, "class": true,
	"colvector": true, "complex": true, "const": true, "continue": true, "default": true, "delegate": true,
	"delete": true, "do": true, "double": true, "else": true, "eltypedef": true, "end": true, "enum": true, "explicit": true,
	"export": true, "external": true, "float": true, "for": true, "friend": true, "function": true, "global": true,
	"goto": true, "if": true, "in": true, "inline": true, "int": true, "local": true, "long": true, "namespace": true,
	"new": true, "null": true, "numeric": true, "pragma": true, "private": true, "protected": true, "quad": true,
	"rowvector": true, "short": true, "strl": true, "typedef": true, "typename": true, "using": true, "virtual": true,
	"_all": true, "_b": true, "_coef": true, "_cons": true, "_n": true, "_pi": true, "_pred": true, "_rc": true,
	"_se": true, "_skip": true,
}

// ReservedName tells whether SPSS or Stata keeps a word for itself, so that no
// variable can have it as its name.
func ReservedName(name string) bool {
	low := strings.ToLower(name)
	if rest, ok := strings.CutPrefix(low, "str"); ok && rest != "" && strings.Trim(rest, "0123456789") == "" {
		return true // str1 … str2045
	}
	return reserved[low]
}

// validRoot says what is wrong with a root, "" where nothing is.
func validRoot(s string) string {
	switch {
	case s == "" || len(s) > MaxRoot:
		return "has to be 1 to " + strconv.Itoa(MaxRoot) + " characters long"
	case !letter(s[0]):
		return "has to start with a letter from a to z"
	case strings.HasSuffix(s, "_"):
		return "must not end with an underscore"
	case ReservedName(s):
		return "is a reserved word of SPSS or Stata"
	}
	for i := range len(s) {
		if !letter(s[i]) && s[i] != '_' && (s[i] < '0' || s[i] > '9') {
			return "may hold the letters a to z, digits and underscores only"
		}
	}
	return ""
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// CheckNames gives a warning for every question whose name, or whose column
// "variable", cannot be used as it is in data files, with what will be used
// instead. Publishing may ask for better ones.
func CheckNames(q *questionnaire.Questionnaire) fault.Problems {
	var problems fault.Problems
	seen := map[string]string{}
	for _, it := range asked(q) {
		column, name := "name", it.Name
		if it.Variable != "" {
			column, name = "variable", it.Variable
		}
		at := fault.Place{Sheet: "survey", Row: it.Row, Column: column}
		if why := validRoot(name); why != "" {
			problems.Warn(at, "variable_name", "As the name of a variable %q %s. Without a name in the column variable, %s is used.",
				name, why, rootOf(name))
		}
		low := strings.ToLower(name)
		if other, twice := seen[low]; twice {
			problems.Warn(at, "variable_clash", "The name of a variable %q is used by %s already; capitals make no difference.", name, other)
		}
		seen[low] = it.Name
	}
	return problems
}

// rootOf makes a root of any name: foreign letters lose their marks or become
// underscores, and what is too long is cut.
func rootOf(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(name) {
		switch {
		case r >= 0 && r < 128 && (letter(byte(r)) || r == '_' || unicode.IsDigit(r)):
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		default:
			b.WriteByte('_')
		}
	}
	s := strings.Trim(b.String(), "_")
	if s == "" || !letter(s[0]) {
		s = "q" + s
	}
	if len(s) > MaxRoot {
		s = strings.TrimRight(s[:MaxRoot], "_")
	}
	if ReservedName(s) {
		s = cut(s, 2) + "_q"
	}
	return s
}

// cut shortens a root so that a suffix of n characters still fits.
func cut(s string, n int) string {
	if len(s)+n <= MaxRoot {
		return s
	}
	return strings.TrimRight(s[:MaxRoot-n], "_")
}

// nameBook holds the names that are taken, in lower case.
type nameBook struct {
	taken map[string]bool
	waves int
}

// free tells whether a name can be had: neither itself nor with a wave's
// suffix, and not the suffixed form of another.
func (b *nameBook) free(name string) bool {
	return !b.taken[strings.ToLower(name)]
}

// take keeps a name and everything that is derived from it in wide files.
func (b *nameBook) take(name string) string {
	low := strings.ToLower(name)
	b.taken[low] = true
	for w := 1; w <= b.waves; w++ {
		b.taken[low+"_w"+strconv.Itoa(w)] = true
	}
	return name
}

// first takes the first of the candidates that is free, and numbers the last
// one where none is.
func (b *nameBook) first(candidates ...string) string {
	for _, c := range candidates {
		if b.free(c) {
			return b.take(c)
		}
	}
	base := candidates[len(candidates)-1]
	for n := 2; ; n++ {
		suffix := "_" + strconv.Itoa(n)
		c := base
		if len(base) <= MaxRoot {
			c = cut(base, len(suffix))
		}
		if b.free(c + suffix) {
			return b.take(c + suffix)
		}
	}
}

// name gives every segment its root, and its options and companion their
// names, version by version: a name once given does not change when a later
// version adds questions. Own names (id, wave, …) and frozen ones come first,
// then those of attributes; in a version, names that authors gave in the column
// "variable" come before the rest. A version's suffix tells the second variable
// of a question from the first.
func (d *Dataset) name(segments []*segment, frozen []Root) {
	book := &nameBook{taken: map[string]bool{}, waves: len(d.Study.Waves)}
	for _, n := range ownNames {
		book.take(n)
	}
	for _, row := range frozen {
		book.take(row.Name)
	}
	given := map[string]bool{}
	for _, s := range segments {
		if s.frozen != "" && !given[s.frozen] {
			s.root, given[s.frozen] = s.frozen, true
			d.noteRenamed(s)
		}
	}
	for _, v := range d.constant {
		if v.Question != "" && v.Role != Companion { // own names are taken
			want := rootOf(v.Question)
			v.Name = book.first(want, cut(want, 2)+"_a")
			if v.Status != nil {
				v.Status.Name = book.first(v.Name + "_s")
			}
		}
	}
	base := map[string]string{}
	for _, version := range d.Versions {
		var fresh []*segment
		for _, s := range segments {
			if s.sources[0].Ref == version.Ref {
				fresh = append(fresh, s)
			}
		}
		for _, s := range fresh {
			d.nameGiven(book, s)
		}
		for _, s := range fresh {
			if s.root == "" {
				d.nameRoot(book, s, base[s.question])
			}
			if s.first {
				base[s.question] = s.root
			}
		}
		for _, s := range segments {
			if it := s.in(version.Ref); it != nil {
				s.nameParts(book, it)
			}
		}
	}
	for i := range d.Study.Scales {
		want := d.Study.Scales[i].Name
		d.derived = append(d.derived, book.first(want, cut(want, 3)+"_sc"))
	}
	d.derived = append(d.derived, book.first("weight", "weight_w"))
}

// nameGiven takes the name in the column "variable" where it can be had.
func (d *Dataset) nameGiven(book *nameBook, s *segment) {
	given := s.sources[0].Item.Variable
	if given == "" || !s.first || s.root != "" {
		return
	}
	if why := validRoot(given); why != "" {
		d.note(s.question, "renamed", "The name %q %s; %s is used.", given, why, rootOf(given))
	} else if book.free(given) {
		s.root = book.take(given)
	} else {
		d.note(s.question, "renamed", "The name %q is taken by another variable.", given)
	}
}

func (d *Dataset) nameRoot(book *nameBook, s *segment, base string) {
	if !s.first {
		s.root = book.first(base + "_v" + strconv.Itoa(s.sources[0].Ref.Number))
		return
	}
	given := s.sources[0].Item.Variable
	root := rootOf(cmp.Or(given, s.question))
	s.root = book.first(root, cut(root, 2)+"_q")
	d.noteRenamed(s)
}

// noteRenamed tells of a question whose variable has another name that nobody asked for.
func (d *Dataset) noteRenamed(s *segment) {
	if s.first && s.root != s.question && s.sources[0].Item.Variable == "" {
		d.note(s.question, "renamed", "The question %s is named %s in data files.", s.question, s.root)
	}
}

// nameParts names the options that a version adds, and the companion.
func (s *segment) nameParts(book *nameBook, it *questionnaire.Item) {
	defer s.nameOffer(book, it)
	if s.status == "" && (s.kind != Number || it.Type == questionnaire.SelectMultiple) {
		s.status = book.first(s.root + "_s")
	}
	if it.Repeat && s.number == "" {
		s.number = book.first(s.root + "_no")
	}
	if it.Type != questionnaire.SelectMultiple && it.Type != questionnaire.Rank {
		return
	}
	if s.options == nil {
		s.options = map[string]string{}
	}
	for i, c := range choices(it) {
		code, ok := s.codes[c.Name]
		if _, named := s.options[c.Name]; named || !ok {
			continue
		}
		suffix := strconv.Itoa(code)
		if code < 0 || code > 999 { // keeps the name within 32 characters
			suffix = "o" + strconv.Itoa(i+1)
		}
		s.options[c.Name] = book.first(s.root+"_"+suffix, s.root+"_o"+suffix)
	}
}
