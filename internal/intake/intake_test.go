package intake_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/access"
	"panelverk/internal/db"
	"panelverk/internal/fault"
	"panelverk/internal/intake"
	"panelverk/internal/keyfile"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

var (
	now   = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	owner = access.Actor{Account: "O", Roles: map[string]access.Role{access.AllStudies: access.Owner}}
)

// office is a server's two databases with the operations on them.
type office struct {
	*intake.Service
	store      *store.Store
	identities *keyfile.File
}

// open makes an office that has the study of a folder.
func open(t *testing.T, folder *study.Folder) *office {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	st, err := store.Open(ctx, filepath.Join(dir, "panel.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	kd, err := db.Open(ctx, filepath.Join(dir, "keyfile.db"), keyfile.Migrations, keyfile.MigrationsDir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kd.Close() })
	ring, err := secret.NewRing(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	ids := keyfile.Open(kd, ring)
	if err := st.Write(ctx, func(tx *store.Tx) error { return apply(tx, folder) }); err != nil {
		t.Fatal(err)
	}
	return &office{Service: intake.New(st, ring, ids), store: st, identities: ids}
}

func apply(tx *store.Tx, f *study.Folder) error {
	row := store.Study{Key: f.Study.Key, Source: string(f.Study.Source), Hash: "h", AppliedAt: now}
	if f.Study.Consent != nil {
		row.Consents = f.Study.Consent.Texts
	}
	errs := []error{tx.PutStudy(row)}
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

// small is a study of two closed waves, whose second version asks one question
// more, and a planned one.
func small(t *testing.T) *study.Folder {
	t.Helper()
	const top = `study: small
title: {sv: Liten, en: Small}
public_title: {sv: Enkät, en: A survey}
headline: {sv: Hur är det?, en: How is it?}
languages: [sv, en]
time_zone: Europe/Stockholm
panel: {min: 2, max: 20}
frame: named_list
minutes: 5
partial: 0.5
about:
  who: {sv: Forskare., en: Researchers.}
  why: {sv: För att veta., en: To know.}
  answers: {sv: Bara forskare ser dem., en: Only researchers see them.}
contact:
  role: {sv: Samordnaren, en: The co-ordinator}
  email: survey@example.org
controller: {sv: Universitetet., en: The university.}
attributes:
  - name: country
    label: {sv: Land, en: Country}
    choices:
      - {name: SE, code: 1, label: {sv: Sverige, en: Sweden}}
      - {name: DE, code: 2, label: {sv: Tyskland, en: Germany}}
waves:
  - {key: spring, title: {sv: Våren, en: Spring}, opens: 2026-03-02 08:00, closes: 2026-03-20 23:59, questionnaire: core, version: 1}
  - {key: autumn, title: {sv: Hösten, en: Autumn}, opens: 2026-09-07 08:00, closes: 2026-09-25 23:59, questionnaire: core, version: 2}
  - {key: later, title: {sv: Senare, en: Later}, opens: 2027-09-06 08:00, closes: 2027-09-24 23:59, questionnaire: core, version: 2}
`
	const questions = `| survey |
| | type | name | label::Svenska (sv) | label::English (en) | relevant | constraint | constraint_message::English (en) | calculation | variable |
| | begin group | p | | | | | | | |
| | select_one yn | union | Är du med i facket? | Are you a union member? | | | | | member_u |
| | integer | age | Hur gammal är du? | How old are you? | | . < 100 | Under 100. | | |
| | decimal | wage | Hur hög är lönen? | What is your wage? | | | | | |
| | date | since | Sedan när? | Since when? | ${union} = 'yes' | | | | |
| | select_multiple tools | tools | Vilka verktyg? | Which tools? | | | | | |
| | text | words | Med egna ord | In your own words | | | | | |
| | calculate | old | | | | | | ${age} > 60 | |
`
	const end = `| | end group | | | | | | | | |

| choices |
| | list_name | name | label::Svenska (sv) | label::English (en) | code | missing |
| | yn | no | Nej | No | 0 | |
| | yn | yes | Ja | Yes | 1 | |
| | yn | dk | Vet inte | Don't know | | dk |
| | tools | robot | Robot | Robot | | |
| | tools | tablet | Surfplatta | Tablet computer | | |
| | tools | vr | Glasögon, VR | Goggles, VR | | |

| settings |
| | form_id | form_title::Svenska (sv) | form_title::English (en) | default_language |
| | core | Enkät | Survey | Svenska (sv) |
`
	folder, problems := study.Load(fstest.MapFS{
		"study.yaml": {Data: []byte(top)},
		"core.v1.md": {Data: []byte(questions + end)},
		"core.v2.md": {Data: []byte(questions + "| | integer | robots | Hur många robotar? | How many robots? | | | | | |\n" + end)},
	}, ".")
	if err := problems.Err("test", "the study of the test"); err != nil {
		t.Fatal(err)
	}
	return folder
}

func answers(o *office, name, data string, na ...string) (*intake.AnswersPlan, error) {
	return o.ImportAnswers(context.Background(), now, owner, intake.AnswersInput{Study: "small", FileName: name, Data: []byte(data),
		IDColumn: "id", WaveColumn: "wave", NA: na})
}

// stored gives the answers of a wave by the id in the file.
func (o *office) stored(t *testing.T, wave int) map[string]map[string]string {
	t.Helper()
	ctx := context.Background()
	out := map[string]map[string]string{}
	err := o.store.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Interviews("small", wave)
		if err != nil {
			return err
		}
		for _, i := range rows {
			id, err := o.identities.Get(ctx, i.PID)
			if err != nil {
				return err
			}
			doc, err := i.Decoded()
			if err != nil {
				return err
			}
			if i.Mode != store.Imported || i.SubmittedAt.IsZero() || len(doc.Pages) > 0 {
				return fmt.Errorf("the interview of %s: mode %s, submitted at %s, pages %v", id.External, i.Mode, i.SubmittedAt, doc.Pages)
			}
			out[id.External] = doc.Answers
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestValuesAreUnderstood(t *testing.T) {
	o := open(t, small(t))
	for _, c := range []struct {
		name, column, cell, want string // want "" is a blank
	}{
		{"a name", "union", "yes", "yes"},
		{"in capitals", "union", " YES ", "yes"},
		{"a code", "union", "0", "no"},
		{"a code from pandas", "union", "1.0", "yes"},
		{"a Swedish label", "union", "Ja", "yes"},
		{"an English label", "union", "don't know", "dk"},
		{"the code of don't know", "union", "-1", "dk"},
		{"a token for missing", "union", "NA", ""},
		{"a whole number", "age", "42", "42"},
		{"from R", "age", "1e+01", "10"},
		{"with a decimal comma", "wage", "12,5", "12.5"},
		{"with a point", "wage", "-0.25", "-0.25"},
		{"small, from R", "wage", "5e-04", "0.0005"},
		{"a Swedish date", "since", "2014-05-01", "2014-05-01"},
		{"a German date", "since", "1.5.2014", "2014-05-01"},
		{"a date from pandas", "since", "2014-05-01 00:00:00", "2014-05-01"},
		{"names parted by spaces", "tools", "tablet robot", "robot tablet"},
		{"labels parted by semicolons", "tools", "Surfplatta; Robot", "robot tablet"},
		{"a label with a comma", "tools", "Goggles, VR", "vr"},
		{"labels parted by commas", "tools", "Robot, Tablet computer", "robot tablet"},
		{"a code given by us", "tools", "2", "tablet"},
		{"text with a comma", "words", "Snabbt, men roligt", "Snabbt, men roligt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := fmt.Sprintf("id\twave\t%s\n%s\tspring\t%s\n", c.column, c.name, c.cell)
			if c.column == "since" { // it is asked of members alone
				data = fmt.Sprintf("id\twave\tunion\t%s\n%s\tspring\tyes\t%s\n", c.column, c.name, c.cell)
			}
			plan, err := answers(o, "a.csv", data, "NA")
			if err != nil {
				t.Fatalf("%v\n%v", err, plan)
			}
			if got := o.stored(t, 1)[c.name][c.column]; got != c.want {
				t.Errorf("stored %q, want %q", got, c.want)
			}
		})
	}
}

func TestOffencesAreListedAndNothingIsStored(t *testing.T) {
	o := open(t, small(t))
	data := strings.Join([]string{
		"id,wave,union,age,since,robots,hobby",
		"A,spring,maybe,42,,,chess",      // 2: no choice
		"B,spring,yes,old,31.2.2014,,",   // 3: no number, no date
		",spring,yes,42,,,",              // 4: nobody
		"C,winter,yes,42,,,",             // 5: no wave
		"C,later,yes,42,,,",              // 6: planned
		"D,spring,yes,42,,3,",            // 7: not in the version
		"E,spring,yes,42,,,",             // 8
		"E,1,yes,42,,,",                  // 9: twice
		"F,autumn,no,142,2014-01-01,5,",  // 10: warnings alone
		"G,autumn,yes,\"1,234.5\",,many", // 11: no number, twice
		"H,spring,yes,-9909,,,",          // 12: would be read as a missing code
	}, "\n")
	plan, err := answers(o, "dir/a.csv", data)
	if e := fault.Of(err); e == nil || e.Kind != fault.Invalid || e.Code != "answers_refused" {
		t.Fatalf("got %v", err)
	}
	var got []string
	for _, p := range plan.Problems {
		got = append(got, fmt.Sprintf("%s %d %s %s", p.Severity, p.Row, p.Column, p.Code))
	}
	want := []string{
		"error 2 union not_a_choice", "error 3 age not_a_number", "error 3 since not_a_date", "error 4 id no_id", "error 5 wave unknown_wave",
		"error 6 wave wave_planned", "error 7 robots not_in_version", "error 9 id duplicate_row", "warning 10 age constraint",
		"warning 10 since not_relevant", "error 11 age not_whole", "error 11 robots not_a_number", "error 12 age reserved_value",
	}
	if !slices.Equal(got, want) {
		t.Errorf("problems:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !slices.Equal(plan.Unmatched, []string{"hobby"}) || plan.File != "a.csv" {
		t.Errorf("unmatched %v, file %q", plan.Unmatched, plan.File)
	}
	if n := o.stored(t, 1); len(n) > 0 {
		t.Errorf("%d interviews were stored", len(n))
	}
	if ids, err := o.identities.List(context.Background(), "small"); err != nil || len(ids) > 0 {
		t.Errorf("the key file has %d identities, %v", len(ids), err)
	}
}

func TestASecondFileJoins(t *testing.T) {
	ctx := context.Background()
	o := open(t, small(t))
	if plan, err := answers(o, "autumn.csv", "id,wave,Member_U,robots\n7,autumn,yes,3\n8,autumn,no,NA\n", "NA"); err != nil || plan.NewParticipants != 2 || !plan.Stored {
		t.Fatalf("%+v, %v", plan, err)
	}
	plan, err := answers(o, "spring.csv", "id,wave,union,age\n7,spring,yes,70\n9,spring,no,40\n")
	if err != nil || plan.NewParticipants != 1 {
		t.Fatalf("%+v, %v", plan, err)
	}
	if got := o.stored(t, 2); got["7"]["union"] != "yes" || got["7"]["robots"] != "3" || got["8"]["robots"] != "" {
		t.Errorf("autumn: %v", got)
	}
	if got := o.stored(t, 1)["7"]["old"]; got != "true" {
		t.Errorf("the calculation is %q", got)
	}
	cohorts := map[string]int{}
	if err := o.store.Read(ctx, func(tx *store.Tx) error {
		people, err := tx.Participants("small")
		for _, p := range people {
			id, err := o.identities.Get(ctx, p.PID)
			if err != nil {
				return err
			}
			cohorts[id.External] = p.Cohort
			if _, err := tx.InvitationOf(p.PID, 3); err != nil {
				return fmt.Errorf("%s is not invited to the wave to come: %w", id.External, err)
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if cohorts["7"] != 1 || cohorts["8"] != 2 || cohorts["9"] != 1 {
		t.Errorf("cohorts %v", cohorts)
	}
	if plan, err := answers(o, "again.csv", "id,wave,union\n7,spring,no\n"); fault.Of(err) == nil || plan.Problems[0].Code != "interview_exists" {
		t.Errorf("an interview was imported twice: %v", err)
	}
	rows := audit(t, o)
	if len(rows) != 2 || rows[0].Action != "data.import" || strings.Contains(rows[0].Detail, "7,") {
		t.Errorf("audit %+v", rows)
	}
}

func audit(t *testing.T, o *office) (rows []store.AuditRow) {
	t.Helper()
	if err := o.store.Read(context.Background(), func(tx *store.Tx) (err error) {
		rows, err = tx.AuditRows("small", 0)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestADryRunStoresNothing(t *testing.T) {
	o := open(t, small(t))
	plan, err := o.ImportAnswers(context.Background(), now, owner, intake.AnswersInput{Study: "small", FileName: "a.csv",
		Data: []byte("id,wave,union\nA,spring,yes\n"), IDColumn: "ID", WaveColumn: "Wave", DryRun: true})
	if err != nil || !plan.OK || plan.Stored || plan.Interviews != 1 {
		t.Fatalf("%+v, %v", plan, err)
	}
	if n := o.stored(t, 1); len(n) > 0 || len(audit(t, o)) > 0 {
		t.Error("the dry run stored something")
	}
}

func TestOnlyOwnersImport(t *testing.T) {
	o := open(t, small(t))
	for _, role := range []access.Role{access.Admin, access.Researcher} {
		actor := access.Actor{Account: "X", Roles: map[string]access.Role{"small": role}}
		_, err := o.ImportAnswers(context.Background(), now, actor, intake.AnswersInput{Study: "small"})
		if e := fault.Of(err); e == nil || e.Kind != fault.Forbidden {
			t.Errorf("%s: %v", role, err)
		}
	}
	researcher := access.Actor{Account: "X", Roles: map[string]access.Role{"small": access.Researcher}}
	if _, err := o.PlanParticipants(context.Background(), researcher, "small", "a.csv", nil); fault.Of(err) == nil || fault.Of(err).Kind != fault.Forbidden {
		t.Errorf("a researcher saw a list of people: %v", err)
	}
}

// workbook writes rows into the first sheet of an .xlsx file.
func workbook(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAWorkbookIsRead(t *testing.T) {
	o := open(t, small(t))
	data := workbook(t, []any{"id", "wave", "union", "age", "wage", "since"},
		[]any{13, 1, "Ja", 42, 1.1975402046, time.Date(2014, 5, 1, 0, 0, 0, 0, time.UTC)}, []any{}, []any{14, "autumn", 0, nil, -2.5, nil})
	if plan, err := answers(o, "svar.xlsx", string(data)); err != nil {
		t.Fatalf("%v %+v", err, plan)
	}
	got := o.stored(t, 1)["13"]
	if got["union"] != "yes" || got["wage"] != "1.1975402046" || got["since"] != "2014-05-01" {
		t.Errorf("spring: %v", got)
	}
	if got := o.stored(t, 2)["14"]; got["union"] != "no" || got["wage"] != "-2.5" || got["age"] != "" {
		t.Errorf("autumn: %v", got)
	}
}

func TestFilesThatAreNoTables(t *testing.T) {
	o := open(t, small(t))
	for _, c := range []struct{ name, data, code string }{
		{"nothing", "", "no_rows"},
		{"a header alone", "id,wave,union\n", "no_rows"},
		{"an old workbook", "\xd0\xcf\x11\xe0rest", "old_excel"},
		{"a damaged workbook", "PK\x03\x04rest", "bad_workbook"},
		{"a picture", "\x89PNG\x00\x00", "not_text"},
		{"quotes that do not match", "id,wave\n\"A,spring\n", "bad_quotes"},
		{"a column twice", "id,wave,union,Union\nA,spring,yes,no\n", "duplicate_column"},
		{"a row that is too long", "id,wave\nA,spring,extra\n", "too_many_cells"},
		{"no such column", "person,wave\nA,spring\n", "no_column"},
		{"no question", "id,wave,hobby\nA,spring,chess\n", "no_question"},
		{"a question twice", "id,wave,union,member_u\nA,spring,yes,yes\n", "question_twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan, err := answers(o, "a.csv", c.data)
			if e := fault.Of(err); e == nil || e.Kind != fault.Invalid {
				t.Fatalf("got %v", err)
			}
			if !slices.ContainsFunc(plan.Problems, func(p fault.Problem) bool { return p.Code == c.code }) {
				t.Errorf("problems %v, want %s", plan.Problems, c.code)
			}
		})
	}
}

func TestEncodingsAndRowNumbers(t *testing.T) {
	for _, c := range []struct{ name, data, warning string }{
		{"UTF-8 with a byte order mark", "\xef\xbb\xbfid;wave;words\nA;spring;Åsa\n", ""},
		{"Windows-1252 from Swedish Excel", "id;wave;words\r\nA;spring;\xc5sa\r\n", "windows_1252"},
		{"UTF-16 from Excel", "\xff\xfe" + utf16("id\twave\twords\nA\tspring\tÅsa\n"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, small(t))
			plan, err := answers(o, "a.csv", c.data)
			if err != nil {
				t.Fatal(err)
			}
			if got := o.stored(t, 1)["A"]["words"]; got != "Åsa" {
				t.Errorf("stored %q", got)
			}
			if warned := len(plan.Problems) == 1 && plan.Problems[0].Code == c.warning; warned != (c.warning != "") {
				t.Errorf("warnings %v", plan.Problems)
			}
		})
	}
	o := open(t, small(t))
	plan, _ := answers(o, "a.csv", "id,wave,words,age\nA,spring,\"two\nlines\",1\n\nB,spring,,x\n")
	if len(plan.Problems) != 1 || plan.Problems[0].Row != 4 {
		t.Errorf("the offence is in row 4 of the spreadsheet: %v", plan.Problems)
	}
}

func utf16(s string) string {
	var b strings.Builder
	for _, c := range s {
		b.WriteByte(byte(c))
		b.WriteByte(byte(c >> 8))
	}
	return b.String()
}

func TestParticipants(t *testing.T) {
	ctx := context.Background()
	o := open(t, small(t))
	if err := o.identities.Put(ctx, now, keyfile.Identity{PID: "P", Study: "small", Name: "Eva Ek", Email: "eva@example.org"}); err != nil {
		t.Fatal(err)
	}
	plan, err := o.PlanParticipants(ctx, owner, "small", "lista.csv", []byte(strings.Join([]string{
		"Namn;E-post;Telefon;Språk;Land;Anteckning;Skostorlek",
		"Åsa Ask;asa@example.org;070-123 45 67;svenska;Sverige;Verkstan;39",
		"Bo Berg;;031-12 34 56;en;2;;43",
		"ÅSA ASK;Asa@Example.org;;;;;",
		"Eva Ek;EVA@example.org;;;;;",
		"Bosse Berg;bosse@example.org;031 123456;;;;",
	}, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	if plan.Add != 2 || plan.Duplicates != 3 || !slices.Equal(plan.Unmatched, []string{"Skostorlek"}) {
		t.Errorf("%+v", plan)
	}
	a, b := plan.Rows[0], plan.Rows[1]
	if a.Name != "Åsa Ask" || a.Language != "sv" || a.Attributes["country"] != "SE" || a.Note != "Verkstan" || a.Row != 2 {
		t.Errorf("%+v", a)
	}
	if b.Language != "en" || b.Attributes["country"] != "DE" || b.Phone != "031-12 34 56" {
		t.Errorf("%+v", b)
	}
	for i, row := range []int{4, 5, 6} {
		if plan.Problems[i].Row != row || plan.Problems[i].Severity != fault.SeverityWarning {
			t.Errorf("duplicates: %v", plan.Problems)
		}
	}
}

func TestBadParticipantsAreListed(t *testing.T) {
	o := open(t, small(t))
	plan, err := o.PlanParticipants(context.Background(), owner, "small", "list.csv", []byte(strings.Join([]string{
		"first name,last name,email,phone,language,country",
		"Åsa,Ask,asa@example,070,suomi,Mars",
		",,,,sv,SE",
		"Bo,Berg,bo@example.org,,Englisch,Germany",
	}, "\n")))
	if e := fault.Of(err); e == nil || e.Kind != fault.Invalid {
		t.Fatalf("got %v", err)
	}
	var got []string
	for _, p := range plan.Problems {
		got = append(got, fmt.Sprintf("%d %s %s", p.Row, p.Column, p.Code))
	}
	want := []string{"2 country bad_attribute", "2 email bad_email", "2 language bad_language", "2 phone bad_phone", "3  nobody"}
	if !slices.Equal(got, want) {
		t.Errorf("problems %q, want %q", got, want)
	}
	if len(plan.Rows) != 1 || plan.Rows[0].Name != "Bo Berg" || plan.Rows[0].Attributes["country"] != "DE" {
		t.Errorf("%+v", plan.Rows)
	}
	if args := plan.Problems[0].Args; args["value"] != "Mars" || args["name"] != "country" || args["values"] != "Sverige, Tyskland" {
		t.Errorf("what to choose from, for a translated text: %v", args)
	}
	for _, p := range plan.Problems {
		if strings.Contains(p.Message, "@") {
			t.Errorf("the message repeats an address: %s", p.Message)
		}
	}
}

func TestUnionWageIsRead(t *testing.T) {
	folder, problems := study.Load(os.DirFS("testdata/union-wage"), ".")
	if err := problems.Err("test", "the study"); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("testdata/union-wage/males.csv")
	if err != nil {
		t.Fatal(err)
	}
	o := open(t, folder)
	in := intake.AnswersInput{Study: "union-wage", FileName: "males.csv", Data: data, IDColumn: "nr", WaveColumn: "year"}
	plan, err := o.ImportAnswers(context.Background(), now, owner, in)
	if fault.Of(err) == nil || len(plan.Problems.Errors()) != 1245 {
		t.Fatalf("without --na: %d offences, want the 1245 unknown residences; %v", len(plan.Problems), fault.Of(err).Code)
	}
	in.NA, in.DryRun = []string{"NA"}, true // package release imports and exports them
	plan, err = o.ImportAnswers(context.Background(), now, owner, in)
	if err != nil {
		t.Fatal(err)
	}
	if plan.Interviews != 4360 || plan.Participants != 545 || len(plan.Waves) != 8 || plan.Missing != 1245 || len(plan.Unmatched) != 0 {
		t.Errorf("%d interviews, %d participants, %d waves, %d missing, unmatched %v", plan.Interviews, plan.Participants, len(plan.Waves), plan.Missing, plan.Unmatched)
	}
}
