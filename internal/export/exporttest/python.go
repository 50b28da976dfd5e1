package exporttest

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"panelverk/internal/export"
	"panelverk/internal/need"
)

//go:embed python.py
var pythonScript string

// Python reads files of Stata and programs beside CSV files with pandas (a
// column's class is then the name of its value labels, "-" for none), and
// workbooks with openpyxl, each sheet of data as a file whose label is its name.
func Python(t testing.TB, files ...string) []Read {
	t.Helper()
	python := "/usr/bin/python3" // where the packages are installed to; else the one of the path
	if exec.CommandContext(t.Context(), python, "-c", "import pandas, openpyxl").Run() != nil {
		python = "python3"
		if exec.CommandContext(t.Context(), python, "-c", "import pandas, openpyxl").Run() != nil {
			need.Missing(t, "pandas and openpyxl (Python)", "apt-get install python3-pandas python3-openpyxl")
		}
	}
	return lines(t, exec.CommandContext(t.Context(), python, append([]string{"-c", pythonScript}, files...)...)) //nolint:gosec // the test's own files
}

//go:embed duckdb.js
var duckdbScript string

// DuckDB reads the Parquet files of tables; ci is the folder .ci. A column's
// class is its type, and its format the column for which it says why values are
// missing. tables may be nil; then the columns that Parquet files alone have are there too.
func DuckDB(t testing.TB, ci string, tables []*export.Table, files ...string) []Read {
	t.Helper()
	ci, err := filepath.Abs(ci)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(ci + "/node_modules/@duckdb/node-api"); err != nil {
		need.Missing(t, "DuckDB", "npm install --no-save --prefix .ci")
	}
	if _, err := exec.LookPath("node"); err != nil {
		need.Missing(t, "Node.js", "apt-get install nodejs")
	}
	reads := lines(t, exec.CommandContext(t.Context(), "node", append([]string{"-e", duckdbScript, ci}, files...)...)) //nolint:gosec // the test's own files
	for i := range reads {
		explain(reads[i].Columns)
		if tables != nil {
			reads[i].Columns = common(reads[i].Columns, tables[i])
		}
	}
	return reads
}

// explain puts why values are missing into their cells.
func explain(columns []ReadColumn) {
	at := map[string]int{}
	for i, c := range columns {
		at[c.Name] = i
	}
	for _, why := range columns {
		of, ok := at[why.Format]
		if !ok {
			continue
		}
		for n, c := range columns[of].Cells {
			if c.Missing == "m" {
				columns[of].Cells[n].Missing += strconv.Itoa(int(why.Cells[n].Number))
			}
		}
	}
}

// common gives the columns that the table has too.
func common(columns []ReadColumn, table *export.Table) []ReadColumn {
	own := map[string]bool{}
	for _, c := range table.Columns {
		own[c.Name] = true
	}
	return slices.DeleteFunc(columns, func(c ReadColumn) bool { return !own[c.Name] })
}
