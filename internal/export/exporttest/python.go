package exporttest

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
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
// class is its type, and its format the column for which it says why values are missing.
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
		reads[i].Columns = reasons(reads[i].Columns, tables[i])
	}
	return reads
}

// reasons puts why values are missing into their cells, and leaves out the
// columns that say so in Parquet files alone.
func reasons(columns []ReadColumn, table *export.Table) []ReadColumn {
	own, at := map[string]bool{}, map[string]int{}
	for _, c := range table.Columns {
		own[c.Name] = true
	}
	for i, c := range columns {
		at[c.Name] = i
	}
	var out []ReadColumn
	for _, why := range columns {
		if of, ok := at[why.Format]; ok {
			for n, c := range columns[of].Cells {
				if c.Missing == "m" {
					columns[of].Cells[n].Missing += strconv.Itoa(int(why.Cells[n].Number))
				}
			}
		}
		if own[why.Name] {
			out = append(out, why)
		}
	}
	return out
}
