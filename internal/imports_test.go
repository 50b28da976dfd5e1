// Package internal holds no code of its own: its test keeps the house in
// order. Which package may import which, where SQL may stand, who may read the
// clock and how long a file may grow is decided here and nowhere else.
package internal

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module        = "panelverk"
	maxFileLines  = 600
	maxFuncLines  = 80
	longFuncWords = "long because" // in a function's comment, with the reason after it
)

// rooms is the import table. A package may import any lower rank, never its
// own or a higher one. A sub-package belongs to the room of its parent, and
// packages of one room may import each other.
var rooms = map[string]int{
	"internal/fault":    0, // an error with a code, a sentence and a place
	"internal/secret":   0, // the server's key and what is derived from it
	"internal/need":     0, // tests only: what a test needs and the machine lacks
	"internal/erasures": 0, // whom to erase again after a restore

	"internal/access": 1, // who may do what
	"internal/lang":   1, // language tags, texts, fallbacks
	"internal/expr":   1, // XLSForm's expression language
	"internal/upload": 1, // what comes as a file: its kind, a picture made safe

	"internal/questionnaire": 2, // sheets to compiled questionnaires
	"internal/panel":         2, // participants, dispositions, rates

	"internal/study":     3, // study files, waves, what is due when
	"internal/interview": 3, // one step of answering, pure

	"internal/dataset": 4, // answers of all waves as labelled variables
	"internal/mail":    4, // one message, rendered and handed over

	"internal/disclosure": 5, // may it leave
	"internal/export":     5, // one package a format
	"internal/db":         5, // the one place that knows the engine

	"internal/store":   6, // the SQL of panel.db
	"internal/keyfile": 6, // the identities, in a database of their own

	"internal/account":   7, // staff and sessions
	"internal/fieldwork": 7, // waves, participants, interviews, messages
	"internal/release":   7, // data going out
	"internal/intake":    7, // data coming in
	"internal/jobs":      7, // claim, run, retry, give up

	"internal/site":      8, // routes, forms, pages
	"internal/rehearsal": 8, // a simulated panel

	// The embedded files import nothing of ours, and cmd alone imports them.
	"surveys": 8,
	"web":     8,
	"exports": 8,

	"cmd/panelverk": 9, // wires everything, decides nothing
}

// embedded rooms only hold files; cmd passes their file systems down.
var embedded = []string{"surveys", "web", "exports"}

// forTests are packages that only tests may import. They count as tests
// themselves.
var forTests = []string{"internal/need", "internal/db/dbtest", "internal/site/browsertest", "internal/mail/mailtest", "internal/export/exporttest"}

// sqlRooms may hold SQL.
var sqlRooms = []string{"internal/db", "internal/store", "internal/keyfile"}

// drivers of the database engines may be imported by internal/db alone.
var drivers = []string{"modernc.org/sqlite", "github.com/jackc/pgx/v5", "github.com/pressly/goose/v3"}

// clockReaders may read the clock although they lie below cmd, each for the
// reason given. The operations get their time as an argument.
var clockReaders = map[string]string{}

// source is one parsed Go file. Its paths are relative to the module's root
// and use slashes.
type source struct {
	path, pkg string
	test      bool
	fset      *token.FileSet
	file      *ast.File
	lines     int
}

func TestImportTable(t *testing.T) {
	for _, src := range sources(t) {
		for _, spec := range src.file.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := forbidden(src.pkg, to, src.test); why != "" {
				t.Errorf("%s imports %q: %s", src.at(spec), to, why)
			}
		}
		if _, known := rankOf(src.pkg); !known {
			t.Errorf("%s: the package %s is unknown: add it to the table in internal/imports_test.go", src.path, src.pkg)
		}
	}
}

func TestImportTableSaysNo(t *testing.T) {
	for _, c := range []struct {
		from, to string
		test     bool
		want     string // a part of the reason, "" for an import that is fine
	}{
		{from: "internal/site/respond", to: "panelverk/internal/fieldwork"},
		{from: "internal/site", to: "panelverk/internal/site/respond"},
		{from: "internal/lang", to: "panelverk/internal/fault"},
		{from: "internal/lang", to: "strings"},
		{from: "cmd/panelverk", to: "panelverk/surveys"},
		{from: "internal/db", to: "modernc.org/sqlite"},
		{from: "internal/site", to: "panelverk/internal/site/browsertest", test: true},
		{from: "internal/store", to: "panelverk/internal/rehearsal", test: true},
		{from: "internal/lang", to: "panelverk/internal/expr", want: "same rank"},
		{from: "internal/keyfile", to: "panelverk/internal/store", want: "same rank"},
		{from: "internal/expr", to: "panelverk/internal/site", want: "higher rank"},
		{from: "internal/site", to: "panelverk/cmd/panelverk", want: "higher rank"},
		{from: "internal/site", to: "panelverk/web", want: "same rank"},
		{from: "surveys", to: "panelverk/internal/fault", want: "nothing of ours"},
		{from: "internal/store", to: "modernc.org/sqlite/lib", want: "internal/db"},
		{from: "internal/site", to: "panelverk/internal/site/browsertest", want: "tests"},
		{from: "internal/fault", to: "panelverk/internal/helpers", want: "add it to the table"},
	} {
		why := forbidden(c.from, c.to, c.test)
		if (c.want == "") != (why == "") || !strings.Contains(why, c.want) {
			t.Errorf("%s importing %s: got %q, want something with %q", c.from, c.to, why, c.want)
		}
	}
}

// forbidden tells why a package may not import another, or "" if it may.
// Tests may import whatever Go lets them: they put the rooms together.
func forbidden(from, to string, test bool) string {
	if test {
		return ""
	}
	for _, driver := range drivers {
		if within(to, driver) && !within(from, "internal/db") {
			return "only internal/db knows which engine it is"
		}
	}
	if !within(to, module) {
		return ""
	}
	to = strings.TrimPrefix(strings.TrimPrefix(to, module), "/")
	if slices.Contains(embedded, roomOf(from)) {
		return from + " holds files only and imports nothing of ours"
	}
	if isForTests(to) {
		return "this package is for tests only"
	}
	fromRank, known := rankOf(from)
	if !known {
		return "" // said once for the package itself
	}
	toRank, known := rankOf(to)
	switch {
	case !known:
		return to + " is unknown: add it to the table"
	case roomOf(from) == roomOf(to):
		return ""
	case toRank == fromRank:
		return fmt.Sprintf("both have the same rank, %d", toRank)
	case toRank > fromRank:
		return fmt.Sprintf("a package of rank %d may not import a higher rank, %d", fromRank, toRank)
	}
	return ""
}

func TestFilesAndFunctionsStayShort(t *testing.T) {
	for _, src := range sources(t) {
		if src.test {
			continue
		}
		if src.lines > maxFileLines {
			t.Errorf("%s has %d lines; over %d it wants to be two files", src.path, src.lines, maxFileLines)
		}
		for _, decl := range src.file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := src.fset.Position(fn.End()).Line - src.fset.Position(fn.Pos()).Line + 1
			if n > maxFuncLines && !strings.Contains(unwrap(fn.Doc.Text()), longFuncWords) {
				t.Errorf("%s: %s has %d lines; over %d its comment has to say why (%q)", src.at(fn), fn.Name.Name, n, maxFuncLines, longFuncWords)
			}
		}
	}
}

var sqlText = regexp.MustCompile(`\b(SELECT\s[\s\S]*\bFROM\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|(CREATE|ALTER|DROP)\s+(TABLE|INDEX)\s|VACUUM\s|PRAGMA\s)`)

func TestSQLStaysInTheStores(t *testing.T) {
	for _, src := range sources(t) {
		if src.test || slices.Contains(sqlRooms, roomOf(src.pkg)) {
			continue
		}
		ast.Inspect(src.file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if ok && lit.Kind == token.STRING && sqlText.MatchString(lit.Value) {
				t.Errorf("%s: SQL may stand in %s alone: %s", src.at(lit), strings.Join(sqlRooms, ", "), lit.Value)
			}
			return true
		})
	}
	for _, file := range textFiles(t) {
		if strings.HasSuffix(file, ".sql") && !slices.Contains(sqlRooms, roomOf(path.Dir(file))) {
			t.Errorf("%s: SQL may stand in %s alone", file, strings.Join(sqlRooms, ", "))
		}
	}
}

func TestSQLIsRecognised(t *testing.T) {
	for _, text := range []string{"SELECT pid\nFROM participant WHERE pid = $1", "INSERT INTO save VALUES ($1)", "UPDATE wave SET opens = $1", "DELETE FROM wave ", "VACUUM INTO $1", "CREATE TABLE x (y)"} {
		if !sqlText.MatchString(text) {
			t.Errorf("%q was not taken for SQL", text)
		}
	}
	for _, text := range []string{"select_one yes_no", "Select a wave from the list", "UPDATE: the wave has moved"} {
		if sqlText.MatchString(text) {
			t.Errorf("%q was taken for SQL", text)
		}
	}
}

func TestNobodyBelowCmdReadsTheClock(t *testing.T) {
	for _, src := range sources(t) {
		_, mayRead := clockReaders[src.pkg]
		if src.test || mayRead || within(src.pkg, "cmd") {
			continue
		}
		for _, at := range clockReads(src) {
			t.Errorf("%s reads the clock: take now as an argument, or name the package and the reason in clockReaders", at)
		}
	}
}

func TestClockReadsAreSeen(t *testing.T) {
	src := parse(t, "internal/x/x.go", []byte("package x\nimport (\n\t\"time\"\n\tclock \"time\"\n)\nvar a = time.Now()\nvar f = clock.Now\nvar s = time.Since(a)\nvar d = time.Second\n"))
	if got := clockReads(src); len(got) != 3 {
		t.Errorf("saw %v, want three places", got)
	}
}

// clockReads lists where a file uses time.Now, time.Since or time.Until, also
// as a value and under another name of the package.
func clockReads(src source) []string {
	names := map[string]bool{}
	for _, spec := range src.file.Imports {
		if spec.Path.Value != `"time"` {
			continue
		}
		name := "time"
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = true
	}
	var at []string
	ast.Inspect(src.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := sel.X.(*ast.Ident)
		if ok && names[pkg.Name] && slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
			at = append(at, src.at(sel))
		}
		return true
	})
	return at
}

// The words are put together here, so that this file does not find itself.
var (
	looseEnd    = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`)
	machinePath = regexp.MustCompile(`(?m)(^|[^\w./~$})-])/(ho` + `me|ro` + `ot|Us` + `ers|wo` + `rk)/\w`)
)

func TestNoLooseEnds(t *testing.T) {
	for _, file := range textFiles(t) {
		content, err := os.ReadFile(filepath.FromSlash(path.Join("..", file)))
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(content), "\n") {
			if looseEnd.MatchString(line) && !strings.Contains(line, "#") {
				t.Errorf("%s:%d: a thing to be done names its issue (#12) or is done: %s", file, i+1, strings.TrimSpace(line))
			}
			if machinePath.MatchString(line) {
				t.Errorf("%s:%d: a path of somebody's machine: %s", file, i+1, strings.TrimSpace(line))
			}
		}
	}
}

func TestLooseEndsAreSeen(t *testing.T) {
	for line, want := range map[string]bool{
		`open("/ho` + `me/anna/panel.db")`:            true,
		"/ro" + `ot/panel.db`:                         true,
		"instance('c')/ro" + `ot/item`:                false,
		"see surveys/wo" + `rk/a.md`:                  false,
		"https://example.org/ho" + `me/page`:          false,
		"$HO" + `ME/wo` + `rk/x and ${X}/wo` + `rk/x`: false,
	} {
		if got := machinePath.MatchString(line); got != want {
			t.Errorf("%q: a machine's path: %v, want %v", line, got, want)
		}
	}
}

// sources parses every Go file of the module, each test its own copy.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	for _, file := range textFiles(t) {
		if !strings.HasSuffix(file, ".go") {
			continue
		}
		content, err := os.ReadFile(filepath.FromSlash(path.Join("..", file)))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, parse(t, file, content))
	}
	if len(all) == 0 {
		t.Fatal("found no Go file at all")
	}
	return all
}

func parse(t *testing.T, file string, content []byte) source {
	t.Helper()
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return source{
		path: file, pkg: path.Dir(file), test: strings.HasSuffix(file, "_test.go") || isForTests(path.Dir(file)),
		fset: fset, file: parsed, lines: strings.Count(string(content), "\n"),
	}
}

// textKinds are the files that people write. What stands in testdata is input
// from elsewhere and may say what it likes.
var textKinds = []string{".go", ".md", ".html", ".css", ".js", ".yaml", ".yml", ".json", ".sql", ".sh", ".txt", ".toml"}

// textFiles lists the files people wrote, relative to the module's root and
// with slashes, sorted.
func textFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel("..", name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if slices.Contains([]string{".git", "node_modules", "testdata"}, d.Name()) || slices.Contains([]string{"data", "demo", "exports/out"}, rel) {
				return filepath.SkipDir
			}
			return nil
		}
		if slices.Contains(textKinds, path.Ext(rel)) || path.Dir(rel) == ".ci" {
			files = append(files, rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	return files
}

// roomOf gives the entry of the table that a package belongs to: the longest
// one that is the package itself or a folder above it. "" means none.
func roomOf(pkg string) string {
	found := ""
	for room := range rooms {
		if within(pkg, room) && len(room) > len(found) {
			found = room
		}
	}
	return found
}

// rankOf gives the rank of a package; the folder internal has none, as it
// holds this test alone.
func rankOf(pkg string) (rank int, known bool) {
	if pkg == "internal" {
		return 0, true
	}
	rank, known = rooms[roomOf(pkg)]
	return rank, known
}

// isForTests tells whether only tests may import a package.
func isForTests(pkg string) bool {
	return slices.ContainsFunc(forTests, func(p string) bool { return within(pkg, p) })
}

// within tells whether a path is a folder or lies in it.
func within(p, folder string) bool { return p == folder || strings.HasPrefix(p, folder+"/") }

// unwrap makes one line of a comment, so that words are found across its ends.
func unwrap(s string) string { return strings.Join(strings.Fields(s), " ") }

// at gives the place of a node as path:line.
func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.fset.Position(n.Pos()).Line)
}
