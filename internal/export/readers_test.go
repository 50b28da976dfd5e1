package export_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/export/csv"
	"panelverk/internal/export/ddi"
	"panelverk/internal/export/dta"
	"panelverk/internal/export/exporttest"
	"panelverk/internal/export/parquet"
	"panelverk/internal/export/sav"
	"panelverk/internal/export/xlsx"
	"panelverk/internal/need"
)

// subject is a table that is written in every format, into a folder of its own.
type subject struct {
	name, dir string
	table     *export.Table
	about     *export.About
}

func (s *subject) path(file string) string { return filepath.Join(s.dir, file) }

// subjects gives the table of cases.
func subjects(t *testing.T) []subject {
	t.Helper()
	var out []subject
	for _, c := range exporttest.Cases() {
		table, done, err := exporttest.Spool(t.TempDir(), c.Table)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(done)
		out = append(out, subject{c.Name, t.TempDir(), table, &export.About{Study: "cases", Languages: exporttest.Languages, Now: exporttest.FormNow}})
	}
	return out
}

// collected gives all tables of every form, and their workbooks.
func collected(t *testing.T, forms []exporttest.Form) (out []subject, books []string) {
	t.Helper()
	dir, tmp := t.TempDir(), t.TempDir()
	for i, f := range forms {
		sources := append([]export.Source{export.Long(f.Data), export.Wide(f.Data)}, export.Repeats(f.Data)...)
		c, err := export.Collect(t.Context(), f.Data, tmp, nil, sources...)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		t.Cleanup(func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
		about := &export.About{Study: "form", Title: f.Data.Study.Title, Languages: f.Data.Study.Languages, Now: exporttest.FormNow, Remarks: []string{"A form of others."}}
		for j, table := range c.Tables {
			own := filepath.Join(dir, fmt.Sprintf("%03d-%d", i, j))
			if err := os.Mkdir(own, 0o700); err != nil {
				t.Fatal(err)
			}
			out = append(out, subject{f.Name + " " + table.Name, own, table, about})
		}
		book := filepath.Join(dir, fmt.Sprintf("%03d.xlsx", i))
		save(t, book, func(w io.Writer) error {
			return xlsx.Write(t.Context(), w, f.Data, xlsx.Options{TempDir: tmp, Now: exporttest.FormNow})
		})
		books = append(books, book)
	}
	return out, books
}

func save(t *testing.T, file string, write func(io.Writer) error) {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Errorf("%s: %v", file, err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// throughPSPP runs syntax for each subject, after which PSPP saves what it then
// has; our own reader, which is held against haven's elsewhere, reads that.
func throughPSPP(t *testing.T, all []subject, name, syntax string) []exporttest.Read {
	t.Helper()
	var b strings.Builder
	for _, s := range all {
		fmt.Fprintf(&b, "CD '%s'.\n%sSAVE OUTFILE='%s' /COMPRESSED.\n", s.dir, syntax, name)
	}
	if said := exporttest.PSPP(t, b.String()); exporttest.Complains(said) {
		t.Errorf("PSPP said:\n%.3000s", said)
	}
	var out []exporttest.Read
	for _, s := range all {
		data, err := os.ReadFile(s.path(name))
		if err != nil {
			t.Fatal(err)
		}
		f, err := sav.Open(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		out = append(out, readOf(t, f, s.table))
	}
	return out
}

// readOf gives a system file as other readers are given.
func readOf(t *testing.T, f *sav.File, table *export.Table) exporttest.Read {
	t.Helper()
	const daySeconds, epoch = 24 * 60 * 60, 141428 * 24 * 60 * 60 // of 1970-01-01
	read := exporttest.Read{Label: f.Label, Columns: make([]exporttest.ReadColumn, len(f.Variables))}
	for i, v := range f.Variables {
		read.Columns[i] = exporttest.ReadColumn{Name: v.Name, Label: v.Label, Range: v.Missing}
		for _, l := range v.Values {
			read.Columns[i].Values = append(read.Columns[i].Values, exporttest.ReadCell{Number: l.Number, Text: l.Label})
		}
	}
	for row, err := range f.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		read.Rows++
		for i, c := range row {
			cell := exporttest.ReadCell{Number: c.Number, Text: c.Text}
			kind := dataset.Number
			if i < len(table.Columns) {
				kind = table.Columns[i].Variable.Kind
			}
			switch {
			case c.System:
				cell = exporttest.ReadCell{Missing: "m"}
			case kind == dataset.Date:
				cell.Number = (c.Number - epoch) / daySeconds
			case kind == dataset.DateTime:
				cell.Number = c.Number - epoch
			}
			read.Columns[i].Cells = append(read.Columns[i].Cells, cell)
		}
	}
	return read
}

// holdAll writes the subjects in every format, and reads each with programs
// that others wrote.
func holdAll(t *testing.T, all []subject) {
	t.Helper()
	programs := map[string]func(io.Writer, *export.Table, *export.About, string) error{"R": csv.R, "py": csv.Python, "sps": csv.SPSS, "do": csv.Stata}
	var tables []*export.Table
	files := map[string][]string{}
	for _, s := range all {
		tables = append(tables, s.table)
		for ending, write := range map[string]exporttest.Write{"sav": sav.Write, "dta": dta.Write, "parquet": parquet.Write,
			"csv": func(w io.Writer, t *export.Table, _ *export.About) error { return csv.Write(w, t) }} {
			files[ending] = append(files[ending], s.path("data."+ending))
			save(t, s.path("data."+ending), func(w io.Writer) error { return write(w, s.table, s.about) })
		}
		for ending, write := range programs {
			files[ending] = append(files[ending], s.path("data."+ending))
			file := "data.csv"
			if ending == "sps" && csv.Lined(s.table) {
				file = "data" + csv.FlatMark + ".csv"
				save(t, s.path(file), func(w io.Writer) error { return csv.WriteFlat(w, s.table) })
			}
			save(t, s.path("data."+ending), func(w io.Writer) error { return write(w, s.table, s.about, file) })
		}
	}
	hold := func(name string, read func(*testing.T) []exporttest.Read, rule func(*export.About) *exporttest.Rule) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, got := range read(t) {
				rule(all[i].about).Hold(t, all[i].name, got, tables[i])
			}
		})
	}
	inR := func(ending string) func(*testing.T) []exporttest.Read {
		return func(t *testing.T) []exporttest.Read { return exporttest.R(t, files[ending]...) }
	}
	inPython := func(ending string) func(*testing.T) []exporttest.Read {
		return func(t *testing.T) []exporttest.Read { return exporttest.Python(t, files[ending]...) }
	}
	hold("sav in PSPP", func(t *testing.T) []exporttest.Read {
		return throughPSPP(t, all, "saved.sav", "GET FILE='data.sav'.\n")
	}, exporttest.SAVInR)
	hold("csv by its program in PSPP", func(t *testing.T) []exporttest.Read {
		return throughPSPP(t, all, "made.sav", "INSERT FILE='data.sps' ENCODING='UTF8'.\n")
	}, exporttest.SyntaxInPSPP)
	hold("sav in R", inR("sav"), exporttest.SAVInR)
	hold("dta in R", inR("dta"), func(a *export.About) *exporttest.Rule { return exporttest.DTA(a, false) })
	hold("dta in Python", inPython("dta"), func(a *export.About) *exporttest.Rule { return exporttest.DTA(a, true) })
	hold("csv by its program in R", inR("R"), func(a *export.About) *exporttest.Rule { return exporttest.Program(a, true) })
	hold("csv by its program in Python", inPython("py"), func(a *export.About) *exporttest.Rule { return exporttest.Program(a, false) })
	hold("csv by its program for Stata", func(t *testing.T) []exporttest.Read {
		var out []exporttest.Read
		for i, file := range files["do"] {
			out = append(out, do(t, file, tables[i]))
		}
		return out
	}, exporttest.StataProgram)
	hold("parquet in DuckDB", func(t *testing.T) []exporttest.Read {
		return exporttest.DuckDB(t, "../../.ci", tables, files["parquet"]...)
	}, exporttest.Parquet)
}

// TestCasesInEveryReader writes the table of cases in every format, and reads
// each with programs that others wrote.
func TestCasesInEveryReader(t *testing.T) {
	holdAll(t, subjects(t))
}

// TestLongAndWideSayTheSame holds that every cell of the wide table of every form
// is a cell of the long one, found by the names of the columns, and the other way
// round.
func TestLongAndWideSayTheSame(t *testing.T) {
	type place struct {
		id   string
		name string
	}
	cells := 0
	for _, f := range exporttest.Corpus(t, "../../../shared") {
		c, err := export.Collect(t.Context(), f.Data, t.TempDir(), nil, export.Long(f.Data), export.Wide(f.Data))
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		long, wide := c.Tables[0], c.Tables[1]
		from, seen := map[place]dataset.Cell{}, map[place]bool{}
		for _, row := range exporttest.Rows(t, long) {
			for i, column := range long.Columns {
				at := place{row[0].Text, column.Name}
				if column.Variable.Varying {
					at.name += fmt.Sprintf("_w%.0f", row[long.Keys-1].Number)
				}
				if before, twice := from[at]; twice && before != row[i] && column.Name != "wave" {
					t.Errorf("%s: %v is %v and %v", f.Name, at, before, row[i])
				}
				from[at] = row[i]
			}
		}
		for _, row := range exporttest.Rows(t, wide) {
			for i, column := range wide.Columns {
				at := place{row[0].Text, column.Name}
				if got, there := from[at]; !there || got != row[i] {
					t.Errorf("%s: %v is %v long and %v wide", f.Name, at, got, row[i])
				}
				seen[at] = true
				cells++
			}
		}
		for at := range from {
			if !seen[at] && at.name != "wave" {
				t.Errorf("%s: %v is in the long table alone", f.Name, at)
			}
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if cells < 10000 {
		t.Errorf("only %d cells were compared", cells)
	}
}

// TestCorpusInEveryReader does the same with studies of every form of others
// that is accepted.
func TestCorpusInEveryReader(t *testing.T) {
	all, books := collected(t, exporttest.Corpus(t, "../../../shared"))
	holdAll(t, all)
	t.Run("ddi under its schema", func(t *testing.T) {
		t.Parallel()
		validated(t, all)
	})
	t.Run("xlsx in Python", func(t *testing.T) {
		t.Parallel()
		reads := exporttest.Python(t, books...)
		at := 0
		for _, s := range all {
			name := "Rep_" + s.table.Name
			if s.table.Name == "long" || s.table.Name == "wide" {
				name = "Data_" + s.table.Name
			}
			if reads[at].Label != name {
				t.Fatalf("%s: the sheet %s", s.name, reads[at].Label)
			}
			reads[at].Label = ""
			exporttest.XLSX().Hold(t, s.name, reads[at], s.table)
			at++
		}
	})
}

// validated holds a codebook of each subject against the schema.
func validated(t *testing.T, all []subject) {
	t.Helper()
	shared := os.Getenv("PANELVERK_SHARED")
	if shared == "" {
		shared = "../../../shared"
	}
	schema := filepath.Join(shared, "ddi-2.5", "codebook.xsd")
	if _, err := os.Stat(schema); err != nil {
		need.Missing(t, "the schema of DDI-Codebook 2.5", "put it into ../shared/ddi-2.5")
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		need.Missing(t, "xmllint", "apt-get install libxml2-utils")
	}
	arguments := []string{"--nonet", "--noout", "--schema", schema}
	for _, s := range all {
		save(t, s.path("ddi.xml"), func(w io.Writer) error {
			return ddi.Write(w, &ddi.Study{ID: "form.1", Agency: "example.org", URI: "https://example.org", Title: s.about.Title, Languages: s.about.Languages,
				Distributor: s.about.Title, Abstract: s.about.Title, Citation: "Others (2018)", Version: "1", Made: s.about.Now, Universe: s.about.Title,
				Weighting: s.about.Title, Restriction: s.about.Title, Conditions: s.about.Title, Files: []ddi.File{{Name: "data.csv", Table: s.table}},
				Hide: func(counts []int) []bool { return make([]bool, len(counts)) }}, s.about)
		})
		arguments = append(arguments, s.path("ddi.xml"))
	}
	if out, err := exec.CommandContext(t.Context(), "xmllint", arguments...).CombinedOutput(); err != nil {
		for line := range strings.Lines(string(out)) {
			if !strings.Contains(line, " validates") {
				t.Error(strings.TrimSpace(line))
				return
			}
		}
		t.Error(err)
	}
}
