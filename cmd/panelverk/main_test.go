package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var moment = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const males = "../../internal/intake/testdata/union-wage"

// output is what a command wrote; it may be read while the command runs.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// command runs a command line with some standard input.
func command(input string, args ...string) (status int, out, talk string) {
	var o, e output
	c := &console{ctx: context.Background(), in: strings.NewReader(input), out: &o, err: &e, now: func() time.Time { return moment }}
	status = run(args, c)
	return status, o.String(), e.String()
}

// must runs a command that has to succeed, and gives its results.
func must(t *testing.T, args ...string) string {
	t.Helper()
	status, out, talk := command("", args...)
	if status != exitDone {
		t.Fatalf("panelverk %s: status %d\n%s%s", strings.Join(args, " "), status, out, talk)
	}
	return out
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestExitStatusAndStreams(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	broken := write(t, filepath.Join(dir, "broken", "study.yaml"), "study: 1\n")
	for _, c := range []struct {
		name   string
		args   []string
		status int
		out    string // a part of standard output
		talk   string // a part of standard error
	}{
		{"help", []string{"--help"}, exitDone, "import answers", ""},
		{"help of a command", []string{"export", "--help"}, exitDone, "--format", ""},
		{"version", []string{"version"}, exitDone, "panelverk ", ""},
		{"no command", nil, exitUsage, "", "Try: panelverk --help"},
		{"an unknown command", []string{"sevre"}, exitUsage, "", "sevre"},
		{"an unknown flag", []string{"serve", "--port", "80"}, exitUsage, "", "--port"},
		{"a required flag left out", []string{"export"}, exitUsage, "", "--study"},
		{"a format that is not written", []string{"export", "--study", "x", "--format", "xls"}, exitUsage, "", "xlsx"},
		{"the key inside the data", []string{"study", "list", "--dir", data, "--key", filepath.Join(data, "key")}, exitUsage, "", "may not lie inside"},
		{"one database for both", []string{"study", "list", "--dir", data, "--db", "a.db", "--keyfile-db", "a.db"}, exitUsage, "", "never meet"},
		{"an address that begins no link", []string{"serve", "--dir", data, "--listen", "127.0.0.1:0", "--base-url", "panel.example.org"}, exitUsage, "", "https://panel.example.org"},
		{"no panel there", []string{"study", "list", "--dir", data}, exitFailed, "", "there is no panel"},
		{"a broken study checked", []string{"study", "check", filepath.Dir(broken)}, exitProblems, "study.yaml", ""},
		{"a broken study applied", []string{"study", "apply", "--dir", data, "--yes", filepath.Dir(broken)}, exitProblems, "", "Nothing was changed"},
		{"a key that is no key", []string{"study", "new", "My Study"}, exitUsage, "", "small letters"},
		{"a form that is not there", []string{"form", "check", filepath.Join(dir, "no.md")}, exitProblems, "cannot be read", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out, talk := command("", c.args...)
			if status != c.status || !strings.Contains(out, c.out) || !strings.Contains(talk, c.talk) {
				t.Errorf("status %d, want %d\nout: %s\nerr: %s", status, c.status, out, talk)
			}
		})
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("a refused command made the data directory")
	}
}

// full is a disk that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestLostResultsAreAFailure(t *testing.T) {
	var talk output
	c := &console{ctx: context.Background(), in: strings.NewReader(""), out: full{}, err: &talk, now: time.Now}
	if status := run([]string{"version"}, c); status != exitFailed || !strings.Contains(talk.String(), "no space left") {
		t.Errorf("status %d: %s", status, &talk)
	}
}

func TestFormCheckPrintsOneObjectAFile(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(males, "core.v1.md")
	bad := write(t, filepath.Join(dir, "bad.md"), "| survey |\n| | type | name | label |\n| | integer | age | How old? |\n| | select_one nowhere | x | Which? |\n| | text | age | Again |\n")
	status, out, _ := command("", "form", "check", "--json", good, bad)
	if status != exitProblems {
		t.Errorf("status %d", status)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2 {
		t.Fatalf("got %d lines:\n%s", len(lines), out)
	}
	type object struct {
		File     string
		OK       bool
		Hash     string
		Problems []struct{ Severity, Code, Sheet, Column, Message, File string }
	}
	var a, b object
	if err := json.Unmarshal([]byte(lines[0]), &a); err != nil || !a.OK || a.File != good || !strings.HasPrefix(a.Hash, "sha256:") || a.Problems == nil {
		t.Errorf("%v %s", err, lines[0])
	}
	if err := json.Unmarshal([]byte(lines[1]), &b); err != nil || b.OK || len(b.Problems) < 2 || b.Problems[0].Sheet != "survey" || b.Problems[0].File != "" {
		t.Errorf("%v %s", err, lines[1])
	}
}

func TestANewStudyPassesItsCheckAndIsApplied(t *testing.T) {
	dir := t.TempDir()
	folder, data := filepath.Join(dir, "steel-2027"), filepath.Join(dir, "data")
	must(t, "study", "new", "steel-2027", "--out", folder)
	if out := must(t, "study", "check", folder); strings.Contains(out, "warning") || !strings.Contains(out, "in order") {
		t.Errorf("the check says: %s", out)
	}
	if status, _, _ := command("", "study", "new", "steel-2027", "--out", folder); status != exitFailed {
		t.Error("a folder that is there was written over")
	}
	if status, _, talk := command("", "study", "apply", "--dir", data, folder); status != exitUsage || !strings.Contains(talk, "--yes") {
		t.Errorf("applied without being asked: %d %s", status, talk)
	}
	must(t, "study", "apply", "--dir", data, "--yes", folder)
	if out := must(t, "study", "apply", "--dir", data, "--yes", folder); !strings.Contains(out, "nothing changes") {
		t.Errorf("the second time: %s", out)
	}
	if out := must(t, "study", "list", "--dir", data); strings.Count(out, "steel-2027") != 2 || !strings.Contains(out, "planned") {
		t.Errorf("the list: %s", out)
	}
	text, err := os.ReadFile(filepath.Join(folder, "core.v1.md"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "core.v1.md"), strings.Replace(string(text), "| | yes_no | no | No |", "| | yes_no | no | Nope |", 1))
	if status, _, talk := command("", "study", "apply", "--dir", data, "--yes", folder); status != exitProblems || !strings.Contains(talk, "core.v1.md") {
		t.Errorf("a published version was changed: %d %s", status, talk)
	}
}

func TestRealDataFromImportToRestore(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	all, err := os.ReadFile(filepath.Join(males, "males.csv"))
	if err != nil {
		t.Fatal(err)
	}
	// Fifty men; all 545 make the way in package release's test.
	file := write(t, filepath.Join(dir, "males.csv"), strings.Join(strings.SplitAfter(string(all), "\n")[:401], ""))
	must(t, "study", "apply", "--dir", data, "--yes", males)
	imports := []string{"import", "answers", "--dir", data, "--study", "union-wage", "--file", file, "--id-column", "nr", "--wave-column", "year"}

	unknown := strings.Count(strings.Join(strings.SplitAfter(string(all), "\n")[:401], ""), ",NA\n")
	status, out, _ := command("", append(imports, "--dry-run", "--json")...)
	var plan struct {
		OK, Stored bool
		Problems   []struct {
			Row    int
			Column string
		}
	}
	if err := json.Unmarshal([]byte(out), &plan); err != nil || status != exitProblems || plan.OK || len(plan.Problems) != unknown || plan.Problems[0].Row != 18 {
		t.Fatalf("%v, status %d, %d problems", err, status, len(plan.Problems))
	}
	status, out, talk := command("", imports...)
	if status != exitProblems || strings.Count(out, "\n") > 3 || !strings.Contains(out, "residence, rows 18, 19") || !strings.Contains(talk, "Nothing was stored") {
		t.Errorf("status %d, %s%s", status, out, talk)
	}
	if out := must(t, append(imports, "--na", "NA")...); !strings.Contains(out, "400 interviews of 50 participants (50 of them new)") {
		t.Errorf("the import: %s", out)
	}

	must(t, "export", "--dir", data, "--study", "union-wage", "--out", filepath.Join(dir, "one"))
	first, err := os.ReadFile(filepath.Join(dir, "one", "union-wage.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	files := strings.Fields(must(t, "backup", "--dir", data, "--out", filepath.Join(dir, "backup")))
	if len(files) != 2 {
		t.Fatalf("the backup is %v", files)
	}
	again := filepath.Join(dir, "again")
	restore := func(panel, key string) (int, string) {
		status, out, talk := command("", "restore", "--dir", again, "--panel", panel, "--keyfile", key, "--erasures", filepath.Join(data, "erasures.log"))
		return status, out + talk
	}
	if status, talk := restore(files[0], files[1]); status != exitFailed || !strings.Contains(talk, "key") {
		t.Errorf("restored without the key: %d %s", status, talk)
	}
	key, err := os.ReadFile(data + ".key")
	if err != nil {
		t.Fatal(err)
	}
	write(t, again+".key", string(key))
	if status, talk := restore(files[0], files[0]); status != exitProblems {
		t.Errorf("restored the panel into the key file: %d %s", status, talk)
	}
	if status, talk := restore(files[0], files[1]); status != exitDone {
		t.Fatalf("status %d: %s", status, talk)
	}
	if status, talk := restore(files[0], files[1]); status != exitFailed {
		t.Errorf("restored over a panel: %d %s", status, talk)
	}
	if out := must(t, "doctor", "--dir", again); strings.Contains(out, "✗") || !strings.Contains(out, "50 identities") {
		t.Errorf("the doctor: %s", out)
	}
	must(t, "export", "--dir", again, "--study", "union-wage", "--out", filepath.Join(dir, "two"))
	second, err := os.ReadFile(filepath.Join(dir, "two", "union-wage.xlsx"))
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("the restored panel gives another workbook: %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, "one", "union-wage.xlsx"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the workbook's mode is %v, %v", info.Mode(), err)
	}
}

func TestAVersionThatChangesVariablesIsTold(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "work")
	must(t, "study", "new", "work", "--out", dir)
	v1, err := os.ReadFile(filepath.Join(dir, "core.v1.md"))
	if err != nil {
		t.Fatal(err)
	}
	v2 := strings.NewReplacer("| never | Never | 1 |", "| never | Never | 3 |", "| always | Always | 3 |", "| always | Always | 1 |",
		"| text | words |", "| integer | words |", "| core | 1 |", "| core | 2 |").Replace(string(v1))
	write(t, filepath.Join(dir, "core.v2.md"), v2)
	about, err := os.ReadFile(filepath.Join(dir, "study.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	i := strings.LastIndex(string(about), "version: 1")
	about = []byte(string(about[:i]) + "version: 2\n")
	write(t, filepath.Join(dir, "study.yaml"), string(about))
	if status, out, _ := command("", "study", "check", dir); status != exitProblems || !strings.Contains(out, "“3 = Always” became “3 = Never”") {
		t.Errorf("codes that were swapped pass: status %d\n%s", status, out)
	}
	write(t, filepath.Join(dir, "study.yaml"), string(about)+"decisions:\n  - {questionnaire: core, version: 2, question: pace, decision: new, reason: the codes run the other way}\n")
	out := must(t, "study", "check", dir)
	for _, want := range []string{"2 questionnaire versions", `"never" is given code 3, which is "always" in an earlier version; it has the code 1`,
		"pace is another variable from core v2 on: the codes run the other way.", "words is another variable from core v2 on: the type was text and is integer."} {
		if !strings.Contains(out, want) {
			t.Errorf("nothing is said of %s:\n%s", want, out)
		}
	}
}

func TestPasswordsOfDatabasesAreNotShown(t *testing.T) {
	for dsn, want := range map[string]string{
		"postgres://panel:secret@db/panel": "postgres://panel:xxxxx@db/panel", "postgres:///panel?host=/run": "postgres:///panel?host=/run", "data/panel.db": "data/panel.db",
	} {
		if got := shown(dsn); got != want {
			t.Errorf("%s is shown as %s", dsn, got)
		}
	}
}

func TestAMissingKeyIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	must(t, "study", "apply", "--dir", data, "--yes", males)
	if err := os.Remove(data + ".key"); err != nil {
		t.Fatal(err)
	}
	if status, _, talk := command("", "study", "list", "--dir", data); status != exitFailed || !strings.Contains(talk, "is missing") {
		t.Errorf("status %d: %s", status, talk)
	}
	if _, err := os.Stat(data + ".key"); err == nil {
		t.Error("another key was made")
	}
}

func TestParticipantsAreAddedOrListed(t *testing.T) {
	dir := t.TempDir()
	data, folder := filepath.Join(dir, "data"), filepath.Join(dir, "steel")
	must(t, "study", "new", "steel", "--out", folder)
	must(t, "study", "apply", "--dir", data, "--yes", folder)
	list := write(t, filepath.Join(dir, "list.csv"), "name,email\nÅsa Ask,asa@example.org\nBo Berg,bo@example.org\n")
	args := []string{"import", "participants", "--dir", data, "--study", "steel", "--file", list}
	if out := must(t, append(args, "--dry-run")...); !strings.Contains(out, "2 participants will be added") {
		t.Errorf("the dry run: %s", out)
	}
	if out := must(t, args...); !strings.Contains(out, "2 participants added") {
		t.Errorf("added: %s", out)
	}
	if out := must(t, args...); !strings.Contains(out, "0 participants added") || !strings.Contains(out, "in the panel already") {
		t.Errorf("the second time: %s", out)
	}
	write(t, list, "name,email\nCia Dal,cia@example.org\nDag Ek,no address\n")
	if status, out, _ := command("", append(args, "--json")...); status != exitProblems || !strings.Contains(out, `"added":0`) || !strings.Contains(out, `"row":3`) {
		t.Errorf("status %d: %s", status, out)
	}
}

func TestUsers(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	status, out, talk := command("a long enough password\n", "user", "add", "--dir", data, "--email", "Owner@example.org", "--name", "Olga Orm",
		"--role", "owner", "--password-file", "-")
	if status != exitDone || !strings.Contains(out, "owner@example.org") {
		t.Fatalf("status %d: %s%s", status, out, talk)
	}
	if out := must(t, "user", "add", "--dir", data, "--email", "r@example.org", "--role", "researcher", "--base-url", "https://panel.example.org/"); !strings.HasPrefix(out, "https://panel.example.org/staff/invite/") {
		t.Errorf("the invitation: %s", out)
	}
	if out := must(t, "user", "reset", "--dir", data, "owner@example.org"); !strings.Contains(out, "/staff/reset/") {
		t.Errorf("the reset: %s", out)
	}
	if out := must(t, "user", "list", "--dir", data); !strings.Contains(out, "owner of *") {
		t.Errorf("the list: %s", out)
	}
	if status, _, _ := command("", "user", "reset", "--dir", data, "nobody@example.org"); status != exitFailed {
		t.Errorf("a reset for nobody: %d", status)
	}
}

// start serves in the background until the test ends.
func start(t *testing.T, args ...string) (base string, out *output, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var talk output
	out = &output{}
	done := make(chan int, 1)
	go func() {
		done <- run(append([]string{"serve", "--listen", "127.0.0.1:0"}, args...),
			&console{ctx: ctx, in: strings.NewReader(""), out: out, err: &talk, now: time.Now})
	}()
	stop = sync.OnceValue(func() int { cancel(); return <-done })
	t.Cleanup(func() { stop() })
	address := regexp.MustCompile(`address=(\S+)`)
	for range 400 {
		if m := address.FindStringSubmatch(talk.String()); m != nil {
			return "http://" + m[1], out, stop
		}
		select {
		case status := <-done:
			t.Fatalf("serve ended with %d: %s%s", status, out, &talk)
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatalf("serve does not listen: %s", &talk)
	return "", nil, nil
}

func TestServe(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	must(t, "study", "apply", "--dir", data, "--yes", males)
	left := write(t, filepath.Join(data, "tmp", "left-by-a-crash.xlsx"), "x")
	base, out, stop := start(t, "--dir", data, "--base-url", "https://panel.example.org/")
	if _, err := os.Stat(left); err == nil {
		t.Error("temporary files of a run before are still there")
	}
	res, err := http.Get(base + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK || string(body) != "ok\n" {
		t.Errorf("healthz: %d %s %v", res.StatusCode, body, err)
	}
	if !strings.Contains(out.String(), "https://panel.example.org/staff/setup/") {
		t.Errorf("no link for the first owner: %s", out)
	}
	// The command line works beside a server that runs.
	must(t, "study", "list", "--dir", data)
	if status := stop(); status != exitDone {
		t.Errorf("the server ended with %d", status)
	}
	if names := names(t, data); !slices.Equal(names, []string{"erasures.log", "keyfile.db", "panel.db", "tmp"}) {
		t.Errorf("after the end the directory holds %v", names)
	}
	for _, name := range []string{"", "panel.db", "keyfile.db", "tmp"} {
		if info, err := os.Stat(filepath.Join(data, name)); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v %v", name, info.Mode(), err)
		}
	}
}

func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
