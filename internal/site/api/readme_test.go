package api_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"panelverk/internal/need"
)

// lines gives the three lines of a language in the README.
func lines(t *testing.T, language string) string {
	t.Helper()
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllSubmatch(text, -1)
	if len(found) != 1 {
		t.Fatalf("the README has %d pieces of %s", len(found), language)
	}
	code := string(found[0][1])
	if n := strings.Count(code, "\n"); n != 3 || !strings.Contains(code, "PANELVERK_TOKEN") || !strings.Contains(code, "Bearer") {
		t.Errorf("%s has %d lines:\n%s", language, n, code)
	}
	return code
}

// here gives the lines as somebody writes them who uses this server.
func (w *world) here(code string) string {
	return strings.NewReplacer("https://panel.example.org", w.server.URL, "my-study", key).Replace(code)
}

// run runs a program in a folder of its own, with the token in its environment.
func (w *world) run(dir, program string, args ...string) string {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PANELVERK_TOKEN="+w.token, "LC_ALL=C.UTF-8", "no_proxy=127.0.0.1", "NO_PROXY=127.0.0.1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("%s: %v\n%s", program, err, out)
	}
	return string(out)
}

// 40 rows are 20 men in two waves.
func TestTheLinesOfRWork(t *testing.T) {
	const how = "apt-get install r-base-core r-cran-haven"
	if exec.CommandContext(t.Context(), "Rscript", "-e", "library(haven)").Run() != nil {
		need.Missing(t, "R with haven", how)
	}
	w, dir := newWorld(t), t.TempDir()
	script := filepath.Join(dir, "lines.R")
	code := w.here(lines(t, "r")) + "cat('read', nrow(data), haven::is.labelled(data$union))\n"
	if err := os.WriteFile(script, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := w.run(dir, "Rscript", script); !strings.Contains(out, "read 40 TRUE") {
		t.Errorf("R says %s", out)
	}
	if n := w.downloads(); n != 1 {
		t.Errorf("%d downloads in the audit", n)
	}
}

func TestTheLinesOfPythonWork(t *testing.T) {
	const how = "apt-get install python3-pandas"
	python := "/usr/bin/python3" // where the package is installed to; else the one of the path
	if exec.CommandContext(t.Context(), python, "-c", "import pandas").Run() != nil {
		python = "python3"
	}
	if exec.CommandContext(t.Context(), python, "-c", "import pandas").Run() != nil {
		need.Missing(t, "Python with pandas", how)
	}
	w := newWorld(t)
	out := w.run(t.TempDir(), python, "-c", w.here(lines(t, "python"))+"print('read', len(data), 'union_w2' in data.columns)\n")
	if !strings.Contains(out, "read 20 True") {
		t.Errorf("Python says %s", out)
	}
	if n := w.downloads(); n != 1 {
		t.Errorf("%d downloads in the audit", n)
	}
}

// There is no Stata to run: its lines are held against what the server has, and
// what curl would fetch is fetched.
func TestTheLinesOfStataAreRight(t *testing.T) {
	w := newWorld(t)
	code := strings.Split(w.here(lines(t, "stata")), "\n")
	if code[0] != "local token : environment PANELVERK_TOKEN" || code[2] != "use data.dta, clear" {
		t.Errorf("the lines are %q", code)
	}
	m := regexp.MustCompile("^shell curl -sf -H \"Authorization: Bearer `token'\" -o data\\.dta \"([^\"]+)\"$").FindStringSubmatch(code[1])
	if m == nil {
		t.Fatalf("the line of curl: %s", code[1])
	}
	a := w.ask("GET", strings.TrimPrefix(m[1], w.server.URL))
	if w.is("the file", a, 200, ""); !strings.HasPrefix(string(a.body), "<stata_dta><header><release>118</release>") {
		t.Errorf("the file begins with %.50q", a.body)
	}
}
