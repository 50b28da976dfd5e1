package csv_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"panelverk/internal/export"
	"panelverk/internal/export/csv"
	"panelverk/internal/export/exporttest"
	"panelverk/internal/need"
)

// folder writes the table, with what writes a program for it, into a folder.
func folder(t *testing.T, name string, write func(io.Writer, *export.Table, *export.About, string) error) (dir string, table *export.Table) {
	t.Helper()
	dir = t.TempDir()
	table, done, err := exporttest.Spool(t.TempDir(), answers().Table())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(done)
	for file, do := range map[string]func(io.Writer) error{
		"long.csv": func(w io.Writer) error { return csv.Write(w, table) },
		name:       func(w io.Writer) error { return write(w, table, about, "long.csv") },
	} {
		var b bytes.Buffer
		if err := do(&b); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, table
}

// run gives what a program prints, which must print nothing else.
func run(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil || said.Len() > 0 {
		t.Fatalf("%s: %v\n%.3000s\n%.3000s", program, err, said.String(), out)
	}
	return string(out)
}

func same(t *testing.T, got string, want []string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(got), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d lines of %d:\n%s", len(lines), len(want), got)
	}
	for i := range want {
		if lines[i] != want[i] {
			t.Errorf("line %d: %q, want %q", i+1, lines[i], want[i])
		}
	}
}

func TestR(t *testing.T) {
	if _, err := exec.LookPath("Rscript"); err != nil {
		need.Missing(t, "R", "apt-get install r-base-core r-cran-haven")
	}
	dir, table := folder(t, "long.R", csv.R)
	const show = `source("long.R", encoding = "UTF-8")
d <- long
for (i in seq_len(nrow(d))) cat(paste(d$id[i], sprintf("%.2f", unclass(d$trust)[i]), sprintf("%.2f", unclass(d$change)[i]),
  ifelse(d$why[i] == "", "-", d$why[i]), ifelse(is.na(d$since[i]), "-", as.integer(d$since[i])), ifelse(is.na(d$seen[i]), "-", as.integer(d$seen[i])), sep = "|"), "\n", sep = "")
stopifnot(attr(d$trust, "label") == "How often, åäö Щодня, do you trust it?", length(attr(d$trust, "labels")) == 14,
  attr(d$trust, "labels")[["Never"]] == 1, all(attr(d$change, "na_range") == c(-9912, -9901)))
m <- as_missing(d)
stopifnot(sum(is.na(m$trust)) == 12, sum(is.na(m$change)) == 12, m$change[1] == -6.25)
if (requireNamespace("haven", quietly = TRUE)) stopifnot(haven::is.labelled(d$trust), sum(is.na(d$trust)) == 12)
`
	same(t, run(t, dir, "Rscript", "-e", show), wanted(table, t))
	// The program finds the file beside it from wherever it is run, and however.
	name := filepath.Join(filepath.Base(dir), "long.R")
	for _, args := range [][]string{{name}, {filepath.Join(dir, "long.R")}, {"-e", "source('" + name + "', encoding = 'UTF-8')"}, {"-e", "source('" + name + "', chdir = TRUE, encoding = 'UTF-8')"}} {
		run(t, filepath.Dir(dir), "Rscript", args...)
	}
}

func TestPython(t *testing.T) {
	python := ""
	for _, p := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), p, "-c", "import pandas").Run() == nil {
			python = p
			break
		}
	}
	if python == "" {
		need.Missing(t, "pandas (Python)", "apt-get install python3-pandas")
	}
	dir, table := folder(t, "long.py", csv.Python)
	const show = `
import warnings; warnings.simplefilter("error")
import runpy
import pandas as pd
panel = runpy.run_path("long.py")
d, LABELS, VALUES, MISSING, as_missing, as_categories = (panel[k] for k in ("data", "LABELS", "VALUES", "MISSING", "as_missing", "as_categories"))
for r in d.itertuples():
    day = "-" if pd.isna(r.since) else str((r.since - pd.Timestamp(1970, 1, 1)).days)
    at = "-" if pd.isna(r.seen) else str(int((r.seen - pd.Timestamp(1970, 1, 1)).total_seconds()))
    print(r.id, "%.2f" % r.trust, "%.2f" % r.change, r.why or "-", day, at, sep="|")
assert LABELS["trust"] == "How often, åäö Щодня, do you trust it?" and VALUES["trust"][1] == "Never" and MISSING["change"][-9901] == "Don't know"
m = as_missing(d)
assert m.trust.isna().sum() == 12 and m.change.isna().sum() == 12 and m.change[0] == -6.25
assert list(as_categories(d).trust.cat.categories)[0] == "Never"
`
	same(t, run(t, dir, python, "-c", show), wanted(table, t))
}

func TestSPSS(t *testing.T) {
	if _, err := exec.LookPath("pspp"); err != nil {
		need.Missing(t, "PSPP", "apt-get install pspp")
	}
	dir, table := folder(t, "long.sps", csv.SPSS)
	const show = `
INSERT FILE="long.sps" ENCODING="UTF8".
FORMATS trust change (F12.2).
STRING day at (A20).
COMPUTE day='-'.
IF NOT SYSMIS(since) day=LTRIM(STRING(CTIME.DAYS(since-DATE.DMY(1,1,1970)),F20)).
COMPUTE at='-'.
IF NOT SYSMIS(seen) at=LTRIM(STRING(seen-DATE.DMY(1,1,1970),F20)).
IF why EQ '' why='-'.
STRING line (A300) /t c (A20).
COMPUTE t=LTRIM(STRING(VALUE(trust),F12.2)).
COMPUTE c=LTRIM(STRING(VALUE(change),F12.2)).
COMPUTE line=CONCAT(RTRIM(id),'|',RTRIM(t),'|',RTRIM(c),'|',RTRIM(why),'|',RTRIM(day),'|',RTRIM(at)).
PRINT OUTFILE="lines.txt" /line.
EXECUTE.
COUNT gone=trust change (MISSING).
COMPUTE all_=1.
AGGREGATE OUTFILE=* /BREAK=all_ /gone=SUM(gone).
PRINT OUTFILE="gone.txt" /gone.
EXECUTE.
`
	if err := os.WriteFile(filepath.Join(dir, "show.sps"), []byte(show), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := run(t, dir, "pspp", "show.sps"); strings.Contains(out, "error:") || strings.Contains(out, "warning:") {
		t.Fatal(out)
	}
	lines, err := os.ReadFile(filepath.Join(dir, "lines.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var trimmed []string
	for line := range strings.Lines(string(lines)) {
		trimmed = append(trimmed, strings.NewReplacer("|-.", "|-0.", "|.75", "|0.75").Replace(strings.Trim(line, " \n"))) // SPSS writes no zero before the point
	}
	same(t, strings.Join(trimmed, "\n"), wanted(table, t))
	gone, err := os.ReadFile(filepath.Join(dir, "gone.txt"))
	if err != nil || strings.TrimSpace(string(gone)) != "24.00" {
		t.Errorf("%s missing values, want 24 (%v)", gone, err)
	}
}

// Nobody gives Stata away, so its program is held against what it should say.
func TestStata(t *testing.T) {
	dir, _ := folder(t, "long.do", csv.Stata)
	b, err := os.ReadFile(filepath.Join(dir, "long.do"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"import delimited using `\"long.csv\"', varnames(1) case(preserve)",
		`quietly mvdecode trust, mv(-12=.m \ -11=.x \ -10=.s \ -9=.e \ -8=.i \ -7=.p \ -6=.w \ -5=.v \ -4=.b \ -3=.n \ -2=.r \ -1=.d)`,
		"label define l2_ .d `\"Don't know\"', add",
		"label define l2_ 5 `\"Always, “every day” – 'so' \"it\" is\"', add",
		"label values trust l2_",
		`quietly mvdecode change, mv(-9912=.m`,
		`quietly generate long d_ = daily(since, "YMD")`,
		"label data `\"The \"Smart\" Factory's panel\"'",
	} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("%s is missing in\n%s", want, b)
		}
	}
}
