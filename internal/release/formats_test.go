package release_test

import (
	"bytes"
	stdcsv "encoding/csv"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"panelverk/internal/export/exporttest"
	"panelverk/internal/need"
	"panelverk/internal/release"
	"panelverk/internal/study"
)

// TestUnionAndWagesComeBackFromEveryFormat writes all 4360 interviews in each
// format, reads them with programs that others wrote, and finds the same counts
// and the published estimates in what each of them read.
func TestUnionAndWagesComeBackFromEveryFormat(t *testing.T) {
	o := open(t, 0)
	dir := t.TempDir()
	all := []study.Format{study.CSV, study.SAV, study.DTA, study.Parquet, study.XLSX}
	if _, err := o.Files(ctx, now, researcher, release.Order{Study: "union-wage", Language: "en", Formats: all},
		func(name string, write func(io.Writer) error) error {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600)
		}, nil); err != nil {
		t.Fatal(err)
	}
	file := func(ending string) string { return filepath.Join(dir, "union-wage_long."+ending) }
	for _, c := range []struct {
		reader string
		read   func(*testing.T) [][]string
	}{
		{"sav in R", func(t *testing.T) [][]string { return tabled(exporttest.R(t, file("sav"))[0]) }},
		{"dta in R", func(t *testing.T) [][]string { return tabled(exporttest.R(t, file("dta"))[0]) }},
		{"csv by its program in R", func(t *testing.T) [][]string { return tabled(exporttest.R(t, file("R"))[0]) }},
		{"dta in pandas", func(t *testing.T) [][]string { return tabled(exporttest.Python(t, file("dta"))[0]) }},
		{"csv by its program in pandas", func(t *testing.T) [][]string { return tabled(exporttest.Python(t, file("py"))[0]) }},
		{"xlsx in openpyxl", func(t *testing.T) [][]string {
			return tabled(exporttest.Python(t, filepath.Join(dir, "union-wage.xlsx"))[0])
		}},
		{"parquet in DuckDB", func(t *testing.T) [][]string {
			return tabled(exporttest.DuckDB(t, "../../.ci", nil, file("parquet"))[0])
		}},
		{"sav in PSPP", func(t *testing.T) [][]string {
			return translated(t, dir, "GET FILE='union-wage_long.sav'.\n", "sav.txt")
		}},
		{"csv by its program in PSPP", func(t *testing.T) [][]string {
			return translated(t, dir, "INSERT FILE='union-wage_long.sps'.\n", "sps.txt")
		}},
		{"xlsx in LibreOffice", func(t *testing.T) [][]string { return calculated(t, filepath.Join(dir, "union-wage.xlsx")) }},
	} {
		t.Run(c.reader, func(t *testing.T) { published(t, c.read(t)) })
	}
	t.Run("regression in R", func(t *testing.T) { regressed(t, file("sav"), file("dta")) })
}

// published holds the counts and estimates of rows below their names.
func published(t *testing.T, all [][]string) {
	t.Helper()
	at := map[string]int{}
	for i, name := range all[0] {
		at[name] = i
	}
	cell := func(row []string, name string) string { return row[at[name]] }
	rows := all[1:]
	if len(rows) != 4360 {
		t.Fatalf("%d rows", len(rows))
	}
	counts := map[string]int{}
	unknown := 0
	for _, row := range rows {
		counts[cell(row, "union")]++
		if cell(row, "residence") == "-9" {
			unknown++
		}
	}
	if want := map[string]int{"0": 3296, "1": 1064}; !maps.Equal(counts, want) {
		t.Errorf("union %v, want %v", counts, want)
	}
	if unknown != 1245 {
		t.Errorf("residence is missing for no recorded reason in %d rows, want 1245", unknown)
	}
	estimates(t, rows, cell)
}

// tabled gives what was read as rows below the names; −9 is what .e of Stata is.
func tabled(read exporttest.Read) [][]string {
	out := make([][]string, read.Rows+1)
	for _, c := range read.Columns {
		out[0] = append(out[0], c.Name)
		for n, cell := range c.Cells {
			text := cell.Text
			switch {
			case cell.Missing != "":
				text = strings.TrimPrefix(strings.Replace(cell.Missing, "me", "m-9", 1), "m")
			case text == "":
				text = strconv.FormatFloat(cell.Number, 'g', -1, 64)
			}
			out[n+1] = append(out[n+1], text)
		}
	}
	return out
}

// translated gives what PSPP writes as CSV of what it read by some syntax.
func translated(t *testing.T, dir, syntax, file string) [][]string {
	t.Helper()
	said := exporttest.PSPP(t, "CD '"+dir+"'.\n"+syntax+"SAVE TRANSLATE /OUTFILE='"+file+"' /TYPE=CSV /FIELDNAMES.\n")
	if exporttest.Complains(said) {
		t.Fatal(said)
	}
	return csvRows(t, filepath.Join(dir, file))
}

// calculated gives the second sheet, Data_long, as LibreOffice saves it.
func calculated(t *testing.T, file string) [][]string {
	t.Helper()
	if _, err := exec.LookPath("soffice"); err != nil {
		need.Missing(t, "LibreOffice", "apt-get install libreoffice-calc-nogui")
	}
	out := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "soffice", "-env:UserInstallation=file://"+out+"/profile", "--headless", "--convert-to",
		"csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,2", "--outdir", out, file)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(err, string(said))
	}
	found, err := filepath.Glob(filepath.Join(out, "*Data_long*.csv"))
	if err != nil || len(found) != 1 {
		t.Fatal("LibreOffice wrote", found, err)
	}
	return csvRows(t, found[0])
}

func csvRows(t *testing.T, file string) [][]string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return readCSV(t, data)
}

func readCSV(t *testing.T, data []byte) [][]string {
	t.Helper()
	rows, err := stdcsv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// regressed lets R estimate by itself, from what haven gives it.
func regressed(t *testing.T, files ...string) {
	t.Helper()
	const script = `library(haven)
for (file in commandArgs(TRUE)) {
  d <- if (grepl("sav$", file)) read_sav(file) else read_dta(file)
  d <- data.frame(id = d$id, lapply(zap_labels(d[c("wage", "union", "married", "exper", "health")]), as.numeric))
  d$squared <- d$exper^2
  within <- function(x) x - ave(x, d$id)
  cat(sprintf("%.17g", coef(lm(within(wage) ~ 0 + within(union) + within(married) + within(exper) + within(squared) + within(health), d))), "\n")
}`
	if _, err := exec.LookPath("Rscript"); err != nil {
		need.Missing(t, "R with haven", "apt-get install r-base-core r-cran-haven")
	}
	out, err := exec.CommandContext(t.Context(), "Rscript", append([]string{"-e", script}, files...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(out))
	if len(words) != 5*len(files) {
		t.Fatalf("R said %s", out)
	}
	for i, word := range words {
		got, err := strconv.ParseFloat(word, 64)
		if want := within[i%5]; err != nil || math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: R estimates %s, want %.16g", fmt.Sprint(filepath.Ext(files[i/5])), word, want)
		}
	}
}
