package xlsx

import (
	"testing"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/lang"
	"panelverk/internal/panel"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// The keys that are put together from closed sets of other packages all have a text.
func TestWords(t *testing.T) {
	texts := lang.For("en")
	has := func(key string) {
		t.Helper()
		if !texts.Has("workbook." + key) {
			t.Errorf("there is no text for %s", key)
		}
	}
	for _, k := range questionnaire.Kinds {
		has("change." + string(k))
	}
	for _, v := range []questionnaire.Verdict{questionnaire.SameVariable, questionnaire.NewVariable, questionnaire.GoneVariable} {
		has("decision." + string(v))
	}
	for _, f := range []study.Frame{study.OpenLink, study.NamedList, study.Members} {
		has("frame." + string(f))
		if !panel.Frame(f).Valid() {
			t.Errorf("frame %s is not one of the panel's", f)
		}
	}
	for _, s := range []dataset.Status{dataset.Active, dataset.Left, dataset.Erased, dataset.Dead} {
		has("member." + string(s))
	}
	for _, k := range []dataset.Kind{dataset.Number, dataset.Text, dataset.Date, dataset.DateTime} {
		has(k.String())
	}
	for _, w := range []panel.Why{panel.NoFrame, panel.NoCases} {
		has(string(w))
	}
	for _, m := range []export.Measure{export.Nominal, export.Ordinal, export.Scale} {
		has(measureKey(m))
	}
	for _, s := range []study.Score{study.Mean, study.Sum} {
		has("how." + string(s))
	}
	for _, s := range codebookSheets {
		has(sheetKey(s))
	}
}
