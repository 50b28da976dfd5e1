package study

import (
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/fault"
	"panelverk/internal/questionnaire"
)

// Folder is a study with everything that lies beside its study.yaml.
type Folder struct {
	Study    *Study
	Versions []Version         // by key, then number
	Mail     map[string]string // texts of messages, by their names in the folder mail: "invitation.sv.md"
	// Decisions are those that study.yaml states and, where it states none,
	// what the comparison of the versions in the folder suggests, without a reason.
	Decisions []Decision
}

// Version is one version of a questionnaire, as its file gives it.
type Version struct {
	Key           string
	Number        int // from 1
	File          string
	Data          []byte // the file as it stands
	Book          *questionnaire.Book
	Questionnaire *questionnaire.Questionnaire
}

// Version gives a version of a questionnaire, nil where there is none.
func (f *Folder) Version(key string, number int) *Version {
	for i := range f.Versions {
		if f.Versions[i].Key == key && f.Versions[i].Number == number {
			return &f.Versions[i]
		}
	}
	return nil
}

// versionFile is how the file of a version is named; nearVersion is what
// somebody may have meant to be one.
var (
	versionFile = regexp.MustCompile(`^([a-z][a-z0-9]*(?:[-_][a-z0-9]+)*)\.v([1-9][0-9]{0,3})\.(md|xlsx|csv)$`)
	nearVersion = regexp.MustCompile(`(?i)\.(md|xlsx|xls|xlsm|ods)$`)

	// attachedFile is how a file is named that a version's questions refer to:
	// core.v1.towns.csv is towns.csv of version 1 of core.
	attachedFile = regexp.MustCompile(`^([a-z][a-z0-9]*(?:[-_][a-z0-9]+)*\.v[1-9][0-9]{0,3})\.(.+\.[A-Za-z0-9]+)$`)
)

// Load reads the folder of a study and checks it as a whole: study.yaml, the
// consent texts, every version of every questionnaire, and whether they fit
// together. Problems name their files by the path within the folder. The
// Folder is nil where any problem is an error.
func Load(fsys fs.FS, dir string) (*Folder, fault.Problems) {
	source, err := fs.ReadFile(fsys, path.Join(dir, FileName))
	if err != nil {
		var ps fault.Problems
		if errors.Is(err, fs.ErrNotExist) {
			ps.Add(fault.Place{File: FileName}, "missing_file", "There is no %s in the folder. A study's folder holds one.", FileName)
		} else {
			ps.Add(fault.Place{File: FileName}, "unreadable", "The file cannot be read.")
		}
		return nil, ps
	}
	l := &loader{fsys: fsys, dir: dir}
	l.study, l.r = parse(source)
	l.consent()
	l.mail()
	l.versions()
	l.compare()
	l.recalls()
	l.decisions()
	l.feedback()
	l.scales()
	l.r.problems.Sort()
	if len(l.r.problems.Errors()) > 0 {
		return nil, l.r.problems
	}
	return &Folder{Study: l.study, Versions: l.found, Mail: l.texts, Decisions: l.decided}, l.r.problems
}

type loader struct {
	fsys    fs.FS
	dir     string
	study   *Study
	r       *reader
	found   []Version
	broken  []string // versions whose file is there and cannot be used
	decided []Decision

	texts    map[string]string // of messages
	attached []string          // files that were handed to a version
}

// mailFolder is where the texts of messages lie.
const mailFolder = "mail"

// mail reads the texts of messages. What is in them is for package mail to say.
func (l *loader) mail() {
	entries, err := fs.ReadDir(l.fsys, path.Join(l.dir, mailFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		l.r.problems.Add(fault.Place{File: mailFolder}, "unreadable", "The folder cannot be listed.")
		return
	}
	l.texts = map[string]string{}
	for _, e := range entries {
		if e.IsDir() || strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), "~") {
			continue // what editors and desktops leave behind
		}
		data, err := fs.ReadFile(l.fsys, path.Join(l.dir, mailFolder, e.Name()))
		if err != nil {
			l.r.problems.Add(fault.Place{File: path.Join(mailFolder, e.Name())}, "unreadable", "The file cannot be read.")
			continue
		}
		l.texts[e.Name()] = string(data)
	}
}

// versions reads every file that is named as a version of a questionnaire.
func (l *loader) versions() {
	entries, err := fs.ReadDir(l.fsys, path.Clean(l.dir))
	if err != nil {
		l.r.problems.Add(fault.Place{}, "unreadable", "The folder cannot be listed.")
		return
	}
	for _, e := range entries {
		name := e.Name()
		if !e.IsDir() && attachedFile.MatchString(name) {
			continue // attach reads it, or tells of it
		}
		m := versionFile.FindStringSubmatch(name)
		if m == nil || e.IsDir() {
			l.warnNear(name, e.IsDir())
			continue
		}
		number, _ := strconv.Atoi(m[2]) // the pattern holds digits only
		at := fault.Place{File: name}
		if i := slices.IndexFunc(l.found, func(v Version) bool { return v.Key == m[1] && v.Number == number }); i >= 0 {
			l.r.problems.Add(at, "duplicate", "%s holds the same version. Keep one of the two files.", l.found[i].File)
			continue
		}
		data, err := fs.ReadFile(l.fsys, path.Join(l.dir, name))
		if err != nil {
			l.r.problems.Add(at, "unreadable", "The file cannot be read.")
			l.broken = append(l.broken, versionName(m[1], number))
			continue
		}
		l.compile(Version{Key: m[1], Number: number, File: name, Data: data})
	}
	l.strays(entries)
	slices.SortFunc(l.found, func(a, b Version) int {
		if c := strings.Compare(a.Key, b.Key); c != 0 {
			return c
		}
		return a.Number - b.Number
	})
}

// warnNear tells of a file that looks as if it were meant as a questionnaire.
func (l *loader) warnNear(name string, dir bool) {
	if dir || strings.EqualFold(name, "README.md") || strings.HasPrefix(name, "~$") || strings.HasPrefix(name, ".") {
		return // ~$ is what Excel leaves beside a file that is open
	}
	if nearVersion.MatchString(name) {
		l.r.problems.Warn(fault.Place{File: name}, "not_read",
			"This file is not read. A version of a questionnaire is named as core.v1.md or core.v1.xlsx.")
	}
}

func (l *loader) compile(v Version) {
	book, problems := questionnaire.Read(v.File, v.Data)
	if len(problems.Errors()) == 0 {
		problems = append(problems, l.attach(v, book)...)
		var more fault.Problems
		v.Questionnaire, more = questionnaire.Compile(book)
		problems = append(problems, more...)
	}
	for _, p := range questionnaire.Demand(problems) { // a study is asked as it stands
		p.File = v.File
		l.r.problems = append(l.r.problems, p)
	}
	if len(problems.Errors()) > 0 || v.Questionnaire == nil {
		l.broken = append(l.broken, versionName(v.Key, v.Number))
		return
	}
	v.Book = book
	l.found = append(l.found, v)
	at := fault.Place{File: v.File, Sheet: "settings"}
	if id := v.Questionnaire.FormID; id != "" && id != v.Key {
		at.Column = "form_id"
		l.r.problems.Warn(at, "form_id", "form_id says %s and the file's name %s. The file's name counts.", id, v.Key)
	}
	if says := v.Questionnaire.Version; says != "" && says != strconv.Itoa(v.Number) {
		at.Column = "version"
		l.r.problems.Warn(at, "version", "version says %s and the file's name %d. The file's name counts.", says, v.Number)
	}
}

// attach hands the files that the questions refer to into the book.
func (l *loader) attach(v Version, book *questionnaire.Book) fault.Problems {
	var ps fault.Problems
	for _, name := range book.FileNames() {
		file := versionName(v.Key, v.Number) + "." + name
		data, err := fs.ReadFile(l.fsys, path.Join(l.dir, file))
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrInvalid):
			continue // Compile says whose it is
		case err != nil:
			ps.Add(fault.Place{}, "unreadable", "The attached file %s cannot be read.", file)
			continue
		}
		book.Attach(name, data)
		l.attached = append(l.attached, file)
	}
	return ps
}

// strays warns of files that look attached and that nothing refers to.
func (l *loader) strays(entries []fs.DirEntry) {
	for _, e := range entries {
		m := attachedFile.FindStringSubmatch(e.Name())
		if m == nil || e.IsDir() || slices.Contains(l.attached, e.Name()) || slices.Contains(l.broken, m[1]) {
			continue
		}
		l.r.problems.Warn(fault.Place{File: e.Name()}, "not_read", "Nothing in %s refers to the file “%s”. It is not read.", m[1], m[2])
	}
}

func versionName(key string, number int) string { return key + ".v" + strconv.Itoa(number) }

// compare checks what the files say of each other.
func (l *loader) compare() {
	for _, v := range l.found {
		l.r.problems = append(l.r.problems, CheckVersion(l.study, v)...)
	}
	for i, w := range l.study.Waves {
		if w.Questionnaire == "" || w.Version == 0 {
			continue // reported where it was read
		}
		name := versionName(w.Questionnaire, w.Version)
		known := slices.ContainsFunc(l.found, func(v Version) bool { return versionName(v.Key, v.Number) == name })
		if known || slices.Contains(l.broken, name) {
			continue
		}
		at := fault.Place{File: FileName, Row: l.r.waveRows[i], Field: "waves[" + strconv.Itoa(i+1) + "].version"}
		l.r.problems.Add(at, "missing_version", "Wave %s asks %s version %d, and there is no file %s.md or %s.xlsx.",
			w.Key, w.Questionnaire, w.Version, name, name)
	}
}
