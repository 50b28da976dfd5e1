package release_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/access"
	"panelverk/internal/db"
	"panelverk/internal/fault"
	"panelverk/internal/intake"
	"panelverk/internal/keyfile"
	"panelverk/internal/release"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

var (
	ctx        = context.Background()
	now        = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	owner      = access.Actor{Account: "O", Roles: map[string]access.Role{access.AllStudies: access.Owner}}
	researcher = access.Actor{Account: "R", Roles: map[string]access.Role{"union-wage": access.Researcher}}
	admin      = access.Actor{Account: "A", Roles: map[string]access.Role{"union-wage": access.Admin}}
)

const data = "../intake/testdata/union-wage"

// office is a server with the study of 545 men, the first of them imported.
type office struct {
	*release.Service
	store *store.Store
	keys  *secret.Ring
	tmp   string

	intake *intake.Service
	lines  int // of males.csv that were imported
}

// open imports the first lines of males.csv: all of them for 0.
func open(t *testing.T, lines int) *office {
	t.Helper()
	return openOn(t, filepath.Join(t.TempDir(), "panel.db"), lines)
}

func openOn(t *testing.T, dsn string, lines int) *office {
	t.Helper()
	dir := t.TempDir()
	st, err := store.Open(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	kd, err := db.Open(ctx, filepath.Join(dir, "keyfile.db"), keyfile.Migrations, keyfile.MigrationsDir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kd.Close() })
	keys, err := secret.NewRing(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	folder, problems := study.Load(os.DirFS(data), ".")
	if err := problems.Err("test", "the study"); err != nil {
		t.Fatal(err)
	}
	if err := st.Write(ctx, func(tx *store.Tx) error { return apply(tx, folder) }); err != nil {
		t.Fatal(err)
	}
	o := &office{Service: release.New(st, keys, dir), store: st, keys: keys, tmp: dir, intake: intake.New(st, keys, keyfile.Open(kd, keys))}
	o.imports(t, lines, now)
	return o
}

// imports imports the first lines of males.csv that are not there yet: all of them for 0.
func (o *office) imports(t *testing.T, lines int, at time.Time) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(data, "males.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if lines > 0 {
		all := strings.SplitAfter(string(file), "\n")
		file = []byte(all[0] + strings.Join(all[o.lines+1:lines+1], ""))
	}
	o.lines = lines
	if _, err := o.intake.ImportAnswers(ctx, at, owner, intake.AnswersInput{Study: "union-wage",
		FileName: "males.csv", Data: file, IDColumn: "nr", WaveColumn: "year", NA: []string{"NA"}}); err != nil {
		t.Fatal(err)
	}
}

func apply(tx *store.Tx, f *study.Folder) error {
	errs := []error{tx.PutStudy(store.Study{Key: f.Study.Key, Source: string(f.Study.Source), Hash: "h", AppliedAt: now})}
	for _, v := range f.Versions {
		errs = append(errs, tx.AddVersion(store.Version{Study: f.Study.Key, Key: v.Key, Number: v.Number, Hash: v.Questionnaire.Hash,
			Sheets: v.Book.Normalised().Markdown(), FileName: v.File, File: v.Data, PublishedAt: now}))
	}
	for _, w := range f.Study.Waves {
		errs = append(errs, tx.PutWave(store.Wave{Study: f.Study.Key, Number: w.Number, Key: w.Key, Opens: w.Opens, Closes: w.Closes,
			Questionnaire: w.Questionnaire, Version: w.Version}))
	}
	return errors.Join(errs...)
}

// workbook downloads the workbook and opens it.
func (o *office) workbook(t *testing.T) *excelize.File {
	t.Helper()
	var b bytes.Buffer
	if err := o.Workbook(ctx, now, researcher, "union-wage", "en", &b, nil); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// long gives the long sheet: its rows and a way to a cell by its column's name.
func long(t *testing.T, f *excelize.File) (rows [][]string, cell func(row []string, name string) string) {
	t.Helper()
	all, err := f.GetRows("Data_long")
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range all[0] {
		at[name] = i
	}
	return all[1:], func(row []string, name string) string {
		i, ok := at[name]
		if !ok {
			t.Fatalf("the long sheet has no column %s: %v", name, all[0])
		}
		return row[i]
	}
}

// TestUnionAndWagesComeBack is the whole way of real data: 4360 interviews are
// imported, exported, read back, and give the published counts and estimates.
func TestUnionAndWagesComeBack(t *testing.T) {
	rows, cell := long(t, open(t, 0).workbook(t))
	if len(rows) != 4360 {
		t.Fatalf("the long sheet has %d rows, want 4360", len(rows))
	}
	members := make([]int, 8)
	union := map[string]map[int]string{}
	var unknown int
	for _, r := range rows {
		wave, err := strconv.Atoi(cell(r, "wave"))
		if err != nil {
			t.Fatal(err)
		}
		if cell(r, "union") == "1" {
			members[wave-1]++
		}
		if cell(r, "residence") == "-9" {
			unknown++
		}
		id := cell(r, "id")
		if union[id] == nil {
			union[id] = map[int]string{}
		}
		union[id][wave] = cell(r, "union")
	}
	if want := []int{137, 136, 140, 134, 137, 122, 115, 143}; !slices.Equal(members, want) {
		t.Errorf("union members by year %v, want %v", members, want)
	}
	if unknown != 1245 {
		t.Errorf("residence is −9 in %d rows, want 1245", unknown)
	}
	transitions := map[string]int{}
	for _, waves := range union {
		for w := 2; w <= 8; w++ {
			transitions[waves[w-1]+"→"+waves[w]]++
		}
	}
	for change, want := range map[string]int{"0→0": 2637, "0→1": 257, "1→0": 251, "1→1": 670} {
		if transitions[change] != want {
			t.Errorf("transitions %s: %d, want %d", change, transitions[change], want)
		}
	}
	estimates(t, rows, cell)
}

// within is the published within estimator of the wage: of union, married, exper,
// its square, and health.
var within = []float64{0.0819329904723911, 0.0451250702286327, 0.116824344677511, -0.00430017198078309, -0.0172302929213902}

// estimates compares the within estimator of the wage.
func estimates(t *testing.T, rows [][]string, cell func([]string, string) string) {
	t.Helper()
	names := []string{"union", "married", "exper", "exper²", "health"}
	want := within
	byPerson := map[string][][]float64{}
	for _, r := range rows {
		value := func(name string) float64 {
			f, err := strconv.ParseFloat(cell(r, name), 64)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return f
		}
		exper := value("exper")
		byPerson[cell(r, "id")] = append(byPerson[cell(r, "id")],
			[]float64{value("union"), value("married"), exper, exper * exper, value("health"), value("wage")})
	}
	var x [][]float64
	for _, own := range byPerson {
		mean := make([]float64, len(own[0]))
		for _, row := range own {
			for j, v := range row {
				mean[j] += v / float64(len(own))
			}
		}
		for _, row := range own {
			centred := make([]float64, len(row))
			for j, v := range row {
				centred[j] = v - mean[j]
			}
			x = append(x, centred)
		}
	}
	for j, got := range leastSquares(x) {
		if math.Abs(got-want[j]) > 1e-9 {
			t.Errorf("within estimate of %s: %.16g, want %.16g", names[j], got, want[j])
		}
	}
}

// leastSquares regresses the last column on the others by Householder
// reflections: normal equations would lose half of the digits.
func leastSquares(x [][]float64) []float64 {
	n := len(x[0]) - 1
	for k := range n {
		norm := 0.0
		for i := k; i < len(x); i++ {
			norm = math.Hypot(norm, x[i][k])
		}
		norm = math.Copysign(norm, x[k][k])
		v := make([]float64, len(x))
		for i := k; i < len(x); i++ {
			v[i] = x[i][k]
		}
		v[k] += norm
		length := 0.0
		for i := k; i < len(x); i++ {
			length += v[i] * v[i]
		}
		for j := k; j <= n; j++ {
			dot := 0.0
			for i := k; i < len(x); i++ {
				dot += v[i] * x[i][j]
			}
			for i := k; i < len(x); i++ {
				x[i][j] -= 2 * dot / length * v[i]
			}
		}
	}
	b := make([]float64, n)
	for k := n - 1; k >= 0; k-- {
		b[k] = x[k][n]
		for j := k + 1; j < n; j++ {
			b[k] -= x[k][j] * b[j]
		}
		b[k] /= x[k][k]
	}
	return b
}

func TestTheWorkbookHoldsExportIDsInTheirOrder(t *testing.T) {
	o := open(t, 80)
	var pids []string
	if err := o.store.Read(ctx, func(tx *store.Tx) error {
		return tx.EachParticipant("union-wage", func(p store.Participant) error {
			pids = append(pids, p.PID)
			return nil
		})
	}); err != nil {
		t.Fatal(err)
	}
	rows, cell := long(t, o.workbook(t))
	var ids []string
	for _, r := range rows {
		id := cell(r, "id")
		if slices.Contains(pids, id) {
			t.Fatalf("the file holds the inner pid %s", id)
		}
		if len(ids) == 0 || ids[len(ids)-1] != id {
			ids = append(ids, id)
		}
	}
	if len(ids) != 10 || !slices.IsSorted(ids) {
		t.Errorf("%d ids, sorted %v", len(ids), slices.IsSorted(ids))
	}
	var again, first bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &again} {
		if err := o.Workbook(ctx, now, owner, "union-wage", "en", b, nil); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), again.Bytes()) {
		t.Error("the same data gave two different files")
	}
}

func TestDownloadsAreForResearchersAndAudited(t *testing.T) {
	o := open(t, 8)
	var b bytes.Buffer
	err := o.Workbook(ctx, now, admin, "union-wage", "en", &b, nil)
	if e := fault.Of(err); e == nil || e.Kind != fault.Forbidden || b.Len() > 0 {
		t.Errorf("an admin's download: %v, %d bytes", err, b.Len())
	}
	if err := o.Workbook(ctx, now, owner, "no-such-study", "en", &b, nil); fault.Of(err) == nil || fault.Of(err).Kind != fault.NotFound {
		t.Errorf("an unknown study: %v", err)
	}
	done := 0
	if err := o.Workbook(ctx, now, researcher, "union-wage", "sv", &b, func(n, total int) {
		if done = n; total != 1 {
			t.Errorf("%d of %d", n, total)
		}
	}); err != nil || done != 1 {
		t.Errorf("%v after %d", err, done)
	}
	rows := o.audit(t)
	if rows[0].Action != string(access.DataDownload) || rows[0].Account != "R" || len(rows) != 2 {
		t.Errorf("audit %+v", rows)
	}
}

func (o *office) audit(t *testing.T) (rows []store.AuditRow) {
	t.Helper()
	if err := o.store.Read(ctx, func(tx *store.Tx) (err error) {
		rows, err = tx.AuditRows("union-wage", 0)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestACorrectionStandsBesideTheOriginal(t *testing.T) {
	o := open(t, 8)
	rows, cell := long(t, o.workbook(t))
	id := cell(rows[0], "id")
	if cell(rows[0], "exper") != "1" || cell(rows[0], "union") != "0" {
		t.Fatalf("the first row: %v", rows[0])
	}
	correct := func(question, value, reason string) error {
		return o.Correct(ctx, now, researcher, release.NewCorrection{Study: "union-wage", ExportID: strings.ToLower(id) + " ", Wave: 1,
			Question: question, Values: []string{value}, Reason: reason})
	}
	for _, err := range []error{correct("exper", "2", "Typed wrong"), correct("exper", "3", "Typed wrong again"), correct("UNION", "1", "Letter of 3 May")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	rows, cell = long(t, o.workbook(t))
	if cell(rows[0], "exper") != "3" || cell(rows[0], "union") != "1" {
		t.Errorf("the corrected row: %v", rows[0])
	}
	list, err := o.Corrections(ctx, researcher, "union-wage")
	if err != nil || len(list) != 3 || list[0].ExportID != id {
		t.Fatalf("%+v, %v", list, err)
	}
	if i := slices.IndexFunc(list, func(c release.Correction) bool { return c.New == "3" }); list[i].Old != "2" || list[i].Account != "R" {
		t.Errorf("%+v", list[i])
	}
	for _, a := range o.audit(t) {
		if strings.Contains(a.Object+a.Detail, id) || strings.Contains(a.Object+a.Detail, "Typed") {
			t.Errorf("the audit names a person: %+v", a)
		}
	}
	if err := o.store.Read(ctx, func(tx *store.Tx) error {
		all, err := tx.Interviews("union-wage", 1)
		if err == nil && !strings.Contains(all[0].Document, `"exper":"1"`) {
			t.Errorf("the original is gone: %s", all[0].Document)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestBadCorrections(t *testing.T) {
	o := open(t, 8)
	rows, cell := long(t, o.workbook(t))
	good := release.NewCorrection{Study: "union-wage", ExportID: cell(rows[0], "id"), Wave: 1, Question: "exper", Values: []string{"2"}, Reason: "Typed wrong"}
	for _, c := range []struct {
		name   string
		change func(*release.NewCorrection)
		want   string
	}{
		{"no number", func(c *release.NewCorrection) { c.Values = []string{"two"} }, "value"},
		{"a missing code", func(c *release.NewCorrection) { c.Values = []string{"-9"} }, "value"},
		{"no choice", func(c *release.NewCorrection) { c.Question, c.Values = "union", []string{"perhaps"} }, "value"},
		{"no reason", func(c *release.NewCorrection) { c.Reason = " " }, "reason"},
		{"an essay", func(c *release.NewCorrection) { c.Reason = strings.Repeat("long ", 200) }, "reason"},
		{"no question", func(c *release.NewCorrection) { c.Question = "hobby" }, "question"},
		{"nothing changes", func(c *release.NewCorrection) { c.Values = []string{"1"} }, "value"},
		{"nobody", func(c *release.NewCorrection) { c.ExportID = "0000" }, "interview_unknown"},
		{"no such wave", func(c *release.NewCorrection) { c.Wave = 9 }, "interview_unknown"},
		{"no such study", func(c *release.NewCorrection) { c.Study = "x" }, "not_allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := good
			c.change(&in)
			e := fault.Of(o.Correct(ctx, now, researcher, in))
			if e == nil || e.Code != c.want && (len(e.Problems) != 1 || e.Problems[0].Field != c.want) {
				t.Errorf("got %v", e)
			}
		})
	}
	for _, actor := range []access.Actor{owner, admin} {
		if e := fault.Of(o.Correct(ctx, now, actor, good)); e == nil || e.Kind != fault.Forbidden {
			t.Errorf("%s corrected a value: %v", actor.Account, e)
		}
	}
}

func replace(s string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(s) }
