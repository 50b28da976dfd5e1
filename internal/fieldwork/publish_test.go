package fieldwork_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"panelverk/internal/access"
	"panelverk/internal/dataset"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/questionnaire"
	"panelverk/internal/store"
	"panelverk/internal/study"
	"panelverk/surveys"
)

var researcher = access.Actor{Account: "R", Roles: map[string]access.Role{smart: access.Researcher}}

// core gives the file of core v2 with texts replaced.
func core(t *testing.T, replace ...string) []byte {
	t.Helper()
	data, err := fs.ReadFile(surveys.FS, smart+"/core.v2.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(replace...).Replace(string(data))
	if len(replace) > 0 && text == string(data) {
		t.Fatalf("nothing was replaced: %v", replace)
	}
	return []byte(text)
}

func decide(question string, v questionnaire.Verdict, reason string) questionnaire.Decision {
	return questionnaire.Decision{Question: question, Verdict: v, Reason: reason}
}

func (f *field) decisions() map[string]store.Decision {
	f.t.Helper()
	rows, err := f.Decisions(ctx, researcher, smart)
	if err != nil {
		f.t.Fatal(err)
	}
	out := map[string]store.Decision{}
	for _, d := range rows {
		out[strings.TrimPrefix(d.Key+"."+string(rune('0'+d.Number))+" "+d.Question, "core.")] = d
	}
	return out
}

func (f *field) frozen() (out dataset.Frozen) {
	f.t.Helper()
	if err := f.store.Read(ctx, func(tx *store.Tx) (err error) { out, err = tx.Frozen(smart); return err }); err != nil {
		f.t.Fatal(err)
	}
	return out
}

// What a file decides is stored with its reasons, the rest by rule.
func TestApplyStoresDecisions(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		got := f.decisions()
		for question, want := range map[string]string{"2 infl_tech": "same wording", "2 mon_use": "same categories", "2 agree_data": "new new", "2 train_paid": "gone gone"} {
			d := got[question]
			if s := string(d.Verdict) + " " + string(d.Kinds[0]); s != want || d.Automatic || d.Reason == "" || d.From != 1 || !d.At.Equal(spring) {
				t.Errorf("%s: %+v, want %s", question, d, want)
			}
			delete(got, question)
		}
		for question, d := range got {
			if !d.Automatic || d.Verdict != questionnaire.SameVariable || !slices.Equal(d.Kinds, []questionnaire.ChangeKind{questionnaire.KindOrder}) {
				t.Errorf("%s: %+v", question, d)
			}
		}
		// A second time changes nothing; another decision about what is published is refused.
		again := files(t)
		again[smart+"/study.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(string(again[smart+"/study.yaml"].Data), "question: infl_tech\n    decision: same", "question: infl_tech\n    decision: new", 1))}
		if _, err := f.apply(spring, again, fieldwork.ApplyOptions{}); !hasProblem(err, "decision_fixed") {
			t.Errorf("another decision: %v", err)
		}
	})
}

// files gives the study's folder to change.
func files(t *testing.T) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(surveys.FS, smart, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := fs.ReadFile(surveys.FS, path)
		out[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func hasProblem(err error, code string) bool {
	return err != nil && slices.ContainsFunc(fault.Of(err).Problems, func(p fault.Problem) bool { return p.Code == code })
}

// A folder cannot bring in a reused code as if it were comparable.
func TestApplyRefusesAReusedCode(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		folder := files(t)
		folder[smart+"/core.v3.md"] = &fstest.MapFile{Data: core(t, "| Working out pay or bonus |", "| Finding thieves |", "| core | 2 |", "| core | 3 |")}
		if _, problems := study.Load(folder, smart); !hasProblem(problems.Err("x", "x"), "code_reused") {
			t.Errorf("the check of the folder: %v", problems)
		}
		yaml := string(folder[smart+"/study.yaml"].Data)
		folder[smart+"/study.yaml"].Data = []byte(yaml + "  - {questionnaire: core, version: 3, question: mon_use, decision: same, reason: nobody will notice}\n")
		if _, problems := study.Load(folder, smart); !hasProblem(problems.Err("x", "x"), "code_reused") {
			t.Errorf("declared comparable: %v", problems)
		}
		folder[smart+"/study.yaml"].Data = []byte(yaml + "  - {questionnaire: core, version: 3, question: mon_use, decision: new, reason: Pay became theft.}\n")
		if _, err := f.apply(spring, folder, fieldwork.ApplyOptions{}); err != nil {
			t.Fatal(err)
		}
		if d := f.decisions()["3 mon_use"]; d.Verdict != questionnaire.NewVariable || d.Reason != "Pay became theft." {
			t.Errorf("%+v", d)
		}
	})
}

func TestPublish(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		before := f.frozen()
		others := []string{"en", "de", "sr-Latn", "sr-Cyrl", "uk", "sw"}
		reworded := core(t, "Vad är viktigast att facket", "Vad är allra viktigast att facket", "| core | 2 |", "| core | 3 |")
		p := fieldwork.Publication{Study: smart, Key: "core", Number: 2, FileName: "new.md", Data: reworded}
		publish := func() (*fieldwork.Review, error) { return f.Publish(ctx, wave3, boss, p) }

		if _, err := f.Publish(ctx, wave3, researcher, p); fault.Of(err).Kind != fault.Forbidden {
			t.Errorf("a researcher published: %v", err)
		}
		if _, err := publish(); fault.Of(err).Code != "version_published" || !strings.Contains(err.Error(), "make it v3") {
			t.Errorf("a changed file of v2: %v", err)
		}
		p.Number = 4
		if _, err := publish(); fault.Of(err).Code != "version_order" {
			t.Errorf("v4 after v2: %v", err)
		}
		p.Number, p.DryRun = 3, true
		review, err := publish()
		if !hasProblem(err, "decision_missing") || review.Before != 2 || review.Comparison == nil || len(f.decisions()) != 6 {
			t.Fatalf("undecided: %v, %+v", err, review)
		}
		var differ []string
		for _, d := range review.Comparison.Questions {
			if !d.Identical() {
				differ = append(differ, d.Question)
				if !slices.Equal(d.Languages, []string{"sv"}) || !slices.Equal(d.Stale, others) {
					t.Errorf("%s: in %v, stale %v", d.Question, d.Languages, d.Stale)
				}
				p.Decisions = append(p.Decisions, decide(d.Question, questionnaire.SameVariable, "Stressed a little more."))
			}
		}
		if len(differ) != 1 {
			t.Fatalf("differ: %v", differ)
		}
		question := differ[0]
		if _, err := publish(); err != nil || len(f.decisions()) != 6 {
			t.Fatalf("a dry run stores nothing: %v", err)
		}
		p.DryRun = false
		if _, err := publish(); err != nil {
			t.Fatal(err)
		}
		d := f.decisions()["3 "+question]
		if d.Verdict != questionnaire.SameVariable || d.Reason != "Stressed a little more." || d.From != 2 || !slices.Equal(d.Stale, others) {
			t.Errorf("stored: %+v", d)
		}
		there, err := f.Stale(ctx, researcher, smart, "core")
		if err != nil || there.Number != 3 {
			t.Fatalf("stale: %v, %+v", err, there)
		}
		of := func(s *fieldwork.Stale) (tags []string) {
			for _, x := range s.Texts {
				if x.Question.Name == question {
					tags = append(tags, x.Language)
				}
			}
			return tags
		}
		if !slices.Equal(of(there), others) {
			t.Errorf("stale: %v", of(there))
		}
		if err := f.ConfirmWords(ctx, wave3, researcher, smart, "core", []fieldwork.Words{{Question: question, Language: "en"}}); fault.Of(err).Kind != fault.Forbidden {
			t.Errorf("a researcher confirmed: %v", err)
		}
		for range 2 { // the second time changes nothing
			if err := f.ConfirmWords(ctx, wave3, boss, smart, "core", []fieldwork.Words{{Question: question, Language: "en"}, {Question: question, Language: "sv"}}); err != nil {
				t.Fatal(err)
			}
		}
		if there, err = f.Stale(ctx, researcher, smart, "core"); err != nil || !slices.Equal(of(there), others[1:]) {
			t.Errorf("stale afterwards: %v, %v", err, of(there))
		}
		if err := f.ConfirmWords(ctx, wave3, boss, smart, "core", []fieldwork.Words{{Question: question, Language: "fi"}}); fault.Of(err).Code != "words_unknown" {
			t.Errorf("words in a language that is not there: %v", err)
		}
		if err := f.ConfirmWords(ctx, wave3, boss, smart, "core", nil); fault.Of(err).Code != "nothing_ticked" {
			t.Errorf("no words: %v", err)
		}
		// What was frozen stays; the new version's names are added.
		after := f.frozen()
		if !slices.Equal(after.Codes, before.Codes) || len(after.Roots) <= len(before.Roots) || !subset(before.Roots, after.Roots) {
			t.Errorf("frozen: %d codes of %d, %d names of %d", len(before.Codes), len(after.Codes), len(before.Roots), len(after.Roots))
		}
		p.Decisions = nil // the same once more
		if review, err := publish(); err != nil || !review.Published || len(review.Decisions) != 1 || len(f.decisions()) != 7 {
			t.Errorf("once more: %v, %+v", err, review)
		}
		review, err = f.Compare(ctx, researcher, smart, "core", 0, 3)
		if err != nil || review.Before != 2 || len(review.History) != 1 || len(review.Comparison.Questions) == 0 {
			t.Errorf("shown afterwards: %v, %+v", err, review)
		}
		if c := review.Confirmed; len(c) != 1 || c[0].Question != question || c[0].Language != "en" || !c[0].At.Equal(wave3) {
			t.Errorf("confirmed: %+v", c)
		}
		if far, err := f.Compare(ctx, researcher, smart, "core", 3, 1); err != nil || far.Before != 1 || far.Number != 3 || len(far.History) != 7 {
			t.Errorf("v3 and v1: %v, %+v", err, far)
		}
		if _, err := f.Compare(ctx, researcher, smart, "core", 2, 2); fault.Of(err).Code != "versions_alike" {
			t.Errorf("v2 and v2: %v", err)
		}
		if _, err := f.Compare(ctx, researcher, smart, "core", 2, 9); fault.Of(err).Code != "version_unknown" {
			t.Errorf("v9: %v", err)
		}
		var rows []store.AuditRow
		if err := f.store.Read(ctx, func(tx *store.Tx) (err error) { rows, err = tx.AuditRows(smart, 2); return err }); err != nil {
			t.Fatal(err)
		}
		if r := rows[1]; r.Action != string(access.QuestionnairePublish) || r.Object != "core v3" || r.Detail != "1 same, 0 new, 0 gone" {
			t.Errorf("audit: %+v", r)
		}
	})
}

func subset[T comparable](part, all []T) bool {
	return !slices.ContainsFunc(part, func(x T) bool { return !slices.Contains(all, x) })
}

func TestPublishRefuses(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		for _, c := range []struct {
			what      string
			data      []byte
			decisions []questionnaire.Decision
			code      string
		}{
			{"a file that is no questionnaire", []byte("nothing"), nil, ""},
			{"a reused code", core(t, "| Working out pay or bonus |", "| Finding thieves |"), []questionnaire.Decision{decide("mon_use", questionnaire.SameVariable, "who cares")}, "code_reused"},
			{"a language of the study is missing", []byte("| survey |\n| | type | name | label::sv |\n| | text | q | Fråga? |\n"), nil, "missing_language"},
			{"the name of an attribute", core(t, "| agree_data |", "| country |"), nil, "name_taken"},
			{"a decision without a reason", core(t, "| Working out pay or bonus |", "| Working out wages or bonus |"), []questionnaire.Decision{decide("mon_use", questionnaire.SameVariable, "")}, "decision_reason"},
		} {
			_, err := f.Publish(ctx, wave3, boss, fieldwork.Publication{Study: smart, Key: "core", Number: 3, FileName: "core.v3.md", Data: c.data, Decisions: c.decisions})
			if err == nil || fault.Of(err).Kind != fault.Invalid || c.code != "" && !hasProblem(err, c.code) {
				t.Errorf("%s: %v", c.what, err)
			}
		}
		if n := len(f.decisions()); n != 6 {
			t.Errorf("%d decisions after refusals", n)
		}
	})
}

// What is frozen at publishing is what the dataset worked out before anything was.
func TestFrozenNamesAndCodesAreThoseOfBefore(t *testing.T) {
	for folder, files := range map[string]fs.FS{smart: surveys.FS, "union-wage": nil} {
		dsn := "sqlite:" + t.TempDir() + "/panel.db"
		f := open(t, dsn)
		if files == nil {
			files = unionWage(t)
		}
		loaded, problems := study.Load(files, folder)
		if loaded == nil {
			t.Fatal(problems)
		}
		if _, err := f.Apply(ctx, spring, boss, loaded, fieldwork.ApplyOptions{}); err != nil {
			t.Fatal(err)
		}
		in := dataset.Input{Study: loaded.Study, Versions: map[dataset.Ref]*questionnaire.Questionnaire{}, Now: spring.AddDate(30, 0, 0)}
		for _, v := range loaded.Versions {
			in.Versions[dataset.Ref{Key: v.Key, Number: v.Number}] = v.Questionnaire
		}
		computed := columns(t, in)
		if err := f.store.Read(ctx, func(tx *store.Tx) (err error) {
			in.Decisions, in.Frozen, err = tx.Merging(folder)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if len(in.Frozen.Roots) == 0 {
			t.Errorf("%s: nothing is frozen", folder)
		}
		if frozen := columns(t, in); !maps.Equal(computed, frozen) || len(computed) == 0 {
			t.Errorf("%s: %v, want %v", folder, frozen, computed)
		}
	}
}

func unionWage(t *testing.T) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	dir := "../intake/testdata/union-wage"
	entries, err := fs.ReadDir(os.DirFS(dir), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() || strings.HasSuffix(e.Name(), ".csv") {
			continue
		}
		data, err := fs.ReadFile(os.DirFS(dir), e.Name())
		if err != nil {
			t.Fatal(err)
		}
		out["union-wage/"+e.Name()] = &fstest.MapFile{Data: data}
	}
	return out
}

// columns gives every column of the wide file with its codes.
func columns(t *testing.T, in dataset.Input) map[string]string {
	t.Helper()
	d, err := dataset.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, c := range d.Wide() {
		var values []string
		for _, v := range c.Variable.Values {
			values = append(values, fmt.Sprintf("%s=%d", v.Name, v.Code))
		}
		out[c.Name] = c.Variable.Question + " " + strings.Join(values, " ")
	}
	return out
}

func TestVersions(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		all, err := f.Versions(ctx, researcher, smart)
		if err != nil || len(all) != 2 || all[1].Number != 2 {
			t.Fatalf("%d versions, %v", len(all), err)
		}
		v, err := f.Version(ctx, researcher, smart, "core", 2)
		if err != nil || v.Hash != all[1].Hash || !slices.Equal(v.File, core(t)) {
			t.Errorf("v2: %v", err)
		}
		if _, err := f.Version(ctx, researcher, smart, "core", 9); fault.Of(err).Code != "version_unknown" {
			t.Errorf("v9: %v", err)
		}
		stranger := access.Actor{Account: "S"}
		if _, err := f.Version(ctx, stranger, smart, "core", 2); fault.Of(err).Kind != fault.Forbidden {
			t.Errorf("a stranger reads a version: %v", err)
		}
		if _, err := f.Versions(ctx, stranger, smart); fault.Of(err).Kind != fault.Forbidden {
			t.Errorf("a stranger lists the versions: %v", err)
		}
	})
}
