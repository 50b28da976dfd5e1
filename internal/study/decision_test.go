package study_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
	"panelverk/surveys"
)

// smartFolder gives the study smart-factory with another text for its decisions.
func smartFolder(t *testing.T, decisions string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(surveys.FS, "smart-factory", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := fs.ReadFile(surveys.FS, path)
		files[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	yaml := string(files["smart-factory/study.yaml"].Data)
	files["smart-factory/study.yaml"] = &fstest.MapFile{Data: []byte(yaml[:strings.Index(yaml, "\ndecisions:")] + "\n" + decisions)}
	return files
}

func TestDecisionsAreRead(t *testing.T) {
	folder, problems := study.Load(surveys.FS, "smart-factory")
	if folder == nil {
		t.Fatal(problems)
	}
	got := folder.Study.DecisionsOn("core", 2)
	if len(got) != 4 || got[0].Question != "infl_tech" || got[0].Verdict != questionnaire.SameVariable || got[0].Reason == "" || folder.Study.DecisionsOn("core", 1) != nil {
		t.Errorf("%+v", got)
	}
}

func TestBadDecisions(t *testing.T) {
	for _, c := range []struct{ what, entry, code string }{
		{"a verdict that is none", "{questionnaire: core, version: 2, question: mon_use, decision: maybe, reason: x}", "decision"},
		{"no reason", "{questionnaire: core, version: 2, question: mon_use, decision: same}", "missing_key"},
		{"a misspelt key", "{questionnaire: core, version: 2, question: mon_use, verdict: same, reason: x}", "unknown_key"},
		{"a question that is not there", "{questionnaire: core, version: 2, question: mon_uses, decision: same, reason: x}", "decision_unknown"},
		{"a version that is not there", "{questionnaire: core, version: 7, question: mon_use, decision: same, reason: x}", "missing_version"},
		{"the first version", "{questionnaire: core, version: 1, question: mon_use, decision: same, reason: x}", "decision_unknown"},
		{"a new question as the same", "{questionnaire: core, version: 2, question: agree_data, decision: same, reason: x}", "decision_impossible"},
		{"a question that is gone as the same", "{questionnaire: core, version: 2, question: train_paid, decision: same, reason: x}", "decision_impossible"},
	} {
		folder, problems := study.Load(smartFolder(t, "decisions:\n  - "+c.entry+"\n"), "smart-factory")
		if folder != nil {
			t.Errorf("%s: accepted", c.what)
		}
		found := false
		for _, p := range problems {
			found = found || p.Code == c.code && p.File == study.FileName && p.Row > 100
		}
		if !found {
			t.Errorf("%s: no %s with its row: %v", c.what, c.code, problems)
		}
	}
}
