package store_test

import (
	"errors"
	"testing"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
	"panelverk/internal/store"
)

// The latest answer before a wave counts; what is broken is passed over, and a
// database that does not answer is no answer.
func TestAnswered(t *testing.T) {
	it := &questionnaire.Item{Name: "job", Type: questionnaire.Text}
	l := interview.New(&questionnaire.Questionnaire{Items: []*questionnaire.Item{it}, Questions: []*questionnaire.Item{it},
		Pages: []*questionnaire.Page{{Key: "job", Items: []*questionnaire.Item{it}}}}, time.UTC)
	doc, err := interview.Decode("")
	if err != nil {
		t.Fatal(err)
	}
	row := func(wave, version int, job string) store.Interview {
		doc.Answers["job"] = job
		return store.Interview{Wave: wave, Questionnaire: "core", Version: version, Document: doc.Encode()}
	}
	rows := []store.Interview{row(2, 1, "fitter"), row(1, 1, "welder"), row(3, 9, "driver"), {Wave: 4, Questionnaire: "core", Version: 1, Document: "{"}, {Wave: 5, Questionnaire: "core", Version: 1}}
	gone := fault.New(fault.NotFound, "version_not_found", "There is no such version.")
	logic := func(trouble error) func(string, int) (*interview.Logic, error) {
		return func(_ string, version int) (*interview.Logic, error) {
			if version == 9 {
				return nil, trouble
			}
			return l, nil
		}
	}
	answer, err := store.Answered(rows, logic(gone))
	if err != nil {
		t.Fatal(err)
	}
	for wave, want := range map[int]string{1: "", 2: "welder", 3: "fitter", 4: "fitter", 9: "fitter"} {
		if got := answer(wave, "job"); got != want {
			t.Errorf("before wave %d the job is %q, want %q", wave, got, want)
		}
	}
	if _, err := store.Answered(rows, logic(errors.New("disk I/O error"))); err == nil {
		t.Error("a database that does not answer passes for no answer")
	}
}
