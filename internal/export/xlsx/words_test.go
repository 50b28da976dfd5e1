package xlsx

import (
	"strings"
	"testing"

	"panelverk/internal/dataset"
	"panelverk/internal/panel"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// The keys that are put together from closed sets of other packages all have a
// text, and both languages take the same values.
func TestWords(t *testing.T) {
	for key, pair := range words {
		for _, text := range pair {
			if text == "" {
				t.Errorf("%s lacks a text", key)
			}
		}
		for _, verb := range []string{"%d", "%s"} {
			if strings.Count(pair[0], verb) != strings.Count(pair[1], verb) {
				t.Errorf("%s takes other values in Swedish", key)
			}
		}
	}
	b := &book{}
	for _, k := range questionnaire.Kinds {
		b.word("change." + string(k))
	}
	for _, v := range []questionnaire.Verdict{questionnaire.SameVariable, questionnaire.NewVariable, questionnaire.GoneVariable} {
		b.word("decision." + string(v))
	}
	for _, f := range []study.Frame{study.OpenLink, study.NamedList, study.Members} {
		b.word("frame." + string(f))
		if !panel.Frame(f).Valid() {
			t.Errorf("frame %s is not one of the panel's", f)
		}
	}
	for _, s := range []dataset.Status{dataset.Active, dataset.Left, dataset.Erased, dataset.Dead} {
		b.word("member." + string(s))
	}
	for _, k := range []dataset.Kind{dataset.Number, dataset.Text, dataset.Date, dataset.DateTime} {
		b.word(k.String())
	}
	for _, w := range []panel.Why{panel.NoFrame, panel.NoCases} {
		b.word(string(w))
	}
}
