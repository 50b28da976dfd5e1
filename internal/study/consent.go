package study

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
)

// Consent is what a participant agrees to. Each language's text is known by
// its version and its hash.
type Consent struct {
	Version int
	File    string    // the texts' path in the folder, without ".<language>.md"
	Texts   lang.Text // Markdown
}

// TextHash names a text by its content: SHA-256, 64 hexadecimal digits.
func TextHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Hash gives the hash of the text in a language, "" where there is none.
func (c *Consent) Hash(tag string) string {
	if c.Texts[tag] == "" {
		return ""
	}
	return TextHash(c.Texts[tag])
}

// consent reads the key where it is there, and gives nil where it is not.
func (f fields) consent() *Consent {
	if !f.has("consent") {
		return nil
	}
	m := f.sub("consent", "version", "file")
	c := &Consent{Version: m.integer("version", 1, maxVersion)}
	s, v, ok := m.text("file")
	if ok && (!fs.ValidPath(s) || strings.HasSuffix(s, ".md")) {
		f.r.add(v, "consent_file", "Write the path within the study's folder, without language and .md: consent/consent.v1.")
		return c
	}
	c.File = s
	return c
}

// consentFile is a path that says which version of the text it is.
var consentFile = regexp.MustCompile(`^(.+\.v)([1-9][0-9]{0,3})$`)

// consent reads the text in every language, and says which language lacks it,
// or has only that of an earlier version.
func (l *loader) consent() {
	c := l.study.Consent
	if c == nil || c.File == "" {
		return
	}
	stem, said := "", 0
	if m := consentFile.FindStringSubmatch(c.File); m != nil {
		stem = m[1]
		said, _ = strconv.Atoi(m[2]) // the pattern holds digits only
	}
	if said != 0 && said != c.Version && c.Version != 0 {
		l.r.problems.Warn(fault.Place{File: FileName, Field: "consent"}, "consent_version",
			"version says %d, and the file's name %d. People are asked again when version is raised, and shown the text of the file.", c.Version, said)
	}
	c.Texts = lang.Text{}
	for _, tag := range l.study.Languages {
		name := c.File + "." + tag + ".md"
		at := fault.Place{File: name}
		data, err := fs.ReadFile(l.fsys, path.Join(l.dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if before := l.lastConsent(stem, said-1, 1, tag); before > 0 {
				l.r.problems.Add(at, "consent_behind", "The consent text in %s is still that of version %d. Translate version %d and put it in this file.", tag, before, said)
				continue
			}
			l.r.problems.Add(at, "missing_file", "The consent text in %s is missing. Put it in this file.", tag)
		case err != nil:
			l.r.problems.Add(at, "unreadable", "The file cannot be read.")
		case !utf8.Valid(data):
			l.r.problems.Add(at, "encoding", "The file is not UTF-8. Save it with the encoding UTF-8.")
		case strings.TrimSpace(string(data)) == "":
			l.r.problems.Add(at, "empty", "The file is empty.")
		default:
			c.Texts[tag] = string(data)
		}
		if after := l.lastConsent(stem, said+newerConsents, said+1, tag); said > 0 && after > 0 {
			l.r.problems.Warn(fault.Place{File: stem + strconv.Itoa(after) + "." + tag + ".md"}, "consent_newer",
				"This text is not read: study.yaml asks for version %d. Name it there once it is there in every language.", said)
		}
	}
}

// newerConsents is how many versions ahead a text is looked for.
const newerConsents = 9

// lastConsent gives the highest version from one down to another of which there
// is a text in a language, 0 where there is none.
func (l *loader) lastConsent(stem string, from, to int, tag string) int {
	for n := from; stem != "" && n >= to; n-- {
		if _, err := fs.Stat(l.fsys, path.Join(l.dir, stem+strconv.Itoa(n)+"."+tag+".md")); err == nil {
			return n
		}
	}
	return 0
}
