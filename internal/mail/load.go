package mail

import (
	"embed"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
)

// textsFolder is where the texts lie in the folder of a study.
const textsFolder = "mail"

//go:embed texts/*.md
var texts embed.FS

// builtIns holds the embedded texts by kind and language. A broken one is a
// defect of the build, which a test finds.
var builtIns = sync.OnceValue(func() map[Kind]map[string]*Template {
	out := map[Kind]map[string]*Template{}
	entries, err := texts.ReadDir("texts")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		kind, tag, ok := splitName(e.Name())
		source, err := texts.ReadFile("texts/" + e.Name())
		if err != nil || !ok {
			panic("mail: the built-in text " + e.Name() + " cannot be read")
		}
		if out[kind] == nil {
			out[kind] = map[string]*Template{}
		}
		written := map[string][]byte{tag: source}
		if tag == "sr-Latn" { // the other alphabet follows from it
			written["sr-Cyrl"] = []byte(lang.Cyrillic(string(source)))
		}
		for tag, source := range written {
			t, problems := parse(kind, tag, "", source)
			if err := problems.Err("template", e.Name()); err != nil {
				panic(err)
			}
			out[kind][tag] = t
		}
	}
	return out
})

// builtIn gives the built-in text of a kind in a language or in the one of ours
// that it stands for ("de-AT", "de"; "sr", "sr-Cyrl"), nil where there is none.
func builtIn(kind Kind, tag string) *Template {
	for _, k := range []Kind{kind, kind.Base()} {
		for _, l := range []string{tag, lang.Base(tag)} {
			if t := builtIns()[k][l]; t != nil {
				with := *t
				with.Kind, with.Tag = kind, tag
				return &with
			}
		}
	}
	return nil
}

// splitName reads the name of a file: "invitation.sv.md".
func splitName(name string) (kind Kind, tag string, ok bool) {
	parts := strings.Split(name, ".")
	if len(parts) != 3 || parts[2] != "md" {
		return "", "", false
	}
	return Kind(parts[0]), parts[1], true
}

type loader struct {
	fsys     fs.FS
	dir      string
	set      *Set
	problems fault.Problems
}

// files reads every file of the folder.
func (l *loader) files() {
	entries, err := fs.ReadDir(l.fsys, path.Join(l.dir, textsFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		l.problems.Add(fault.Place{File: textsFolder}, "mail_unreadable", "The folder cannot be read.")
		return
	}
	var known []string
	for _, k := range Kinds() {
		known = append(known, string(k))
	}
	for _, e := range entries {
		file := path.Join(textsFolder, e.Name())
		at := fault.Place{File: file}
		if strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), "~") {
			continue // what editors and desktops leave behind
		}
		kind, tag, ok := splitName(e.Name())
		switch {
		case !ok || e.IsDir():
			l.problems.Add(at, "mail_file_name", "A text is named KIND.LANGUAGE.md, such as invitation.sv.md.")
		case !slices.Contains(known, string(kind)):
			l.problems.Add(at, "mail_unknown_kind", "There is no kind of message %s.%s", kind, didYouMean(string(kind), known)).
				With("kind", string(kind)).With("near", nearest(string(kind), known))
		case !slices.Contains(l.set.languages, tag):
			l.problems.Add(at, "mail_unknown_language", "The study has no language %s. It has: %s.", tag, strings.Join(l.set.languages, ", ")).
				With("language", tag).With("languages", strings.Join(l.set.languages, ", "))
		default:
			l.file(kind, tag, file)
		}
	}
}

func (l *loader) file(kind Kind, tag, file string) {
	source, err := fs.ReadFile(l.fsys, path.Join(l.dir, file))
	if err != nil {
		l.problems.Add(fault.Place{File: file}, "mail_unreadable", "The file cannot be read.")
		return
	}
	t, problems := parse(kind, tag, file, source)
	l.problems = append(l.problems, problems...)
	if l.set.own[kind] == nil {
		l.set.own[kind] = map[string]*Template{}
	}
	l.set.own[kind][tag] = t
}

// complete looks for languages that have no text. Where the study has a text
// of its own in one language the others do not take the built-in one: people
// would be told different things.
func (l *loader) complete(used []Kind) {
	for _, kind := range Kinds() {
		own := l.set.own[kind]
		if len(own) == 0 && (!slices.Contains(used, kind) || len(l.set.own[kind.Base()]) > 0) {
			continue
		}
		for _, tag := range l.set.languages {
			file := path.Join(textsFolder, string(kind)+"."+tag+".md")
			switch {
			case own[tag] != nil:
			case len(own) > 0:
				l.problems.Add(fault.Place{File: file}, "mail_missing_language", "The text is missing in %s; the study has its own in %s.", tag, strings.Join(tagsOf(own), ", ")).With("language", tag)
			case builtIn(kind, tag) == nil:
				l.problems.Add(fault.Place{File: file}, "mail_missing_language", "The text is missing in %s, and none is built in.", tag).With("language", tag)
			}
		}
	}
}

func tagsOf(m map[string]*Template) []string {
	var tags []string
	for tag := range m {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	return tags
}

// didYouMean gives a sentence with the nearest word, else with all of them.
func didYouMean(word string, known []string) string {
	if near := nearest(word, known); slices.Contains(known, near) {
		return " Did you mean " + near + "?"
	}
	return " It can be: " + strings.Join(known, ", ") + "."
}

// nearest gives the known word that was probably meant, else all of them.
func nearest(word string, known []string) string {
	best, least := "", len(word)/3+1
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d <= least {
			best, least = k, d-1
		}
	}
	if best == "" {
		return strings.Join(known, ", ")
	}
	return best
}

// distance counts the letters to add, drop or replace to make b of a (Levenshtein).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(y)]
}
