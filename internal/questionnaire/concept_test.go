package questionnaire

import (
	"strings"
	"testing"
)

// A concept is a question's own, or that of the group around it; it comes through
// Excel and back, and two versions that differ in it differ in nothing else.
func TestConcept(t *testing.T) {
	const form = `| survey |
| | type | name | label | concept |
| | begin_group | work | Your work | Working conditions |
| | text | job | Your job? | |
| | text | noise | Is there noise? | %s |
| | end_group | | | |
| | text | rest | Anything else? | |
`
	compiled := func(text string) *Questionnaire {
		book, problems := ReadMarkdown(text)
		data, err := book.XLSX()
		if err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
		if book, problems = Read("core.v1.xlsx", data); len(problems) > 0 {
			t.Fatal(problems)
		}
		q, more := Compile(book)
		if len(more) > 0 {
			t.Fatal(more)
		}
		return q
	}
	a, b := compiled(strings.ReplaceAll(form, "%s", "Exposure to noise")), compiled(strings.ReplaceAll(form, "%s", "Noise at work"))
	for name, want := range map[string]string{"job": "Working conditions", "noise": "Exposure to noise", "rest": ""} {
		if got := a.Question(name).Measures(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	changed := 0
	for _, d := range Compare(a, b).Questions {
		for _, detail := range d.Details {
			if changed++; d.Question != "noise" || detail.Aspect != AspectConcept || detail.After != "Noise at work" {
				t.Errorf("%s: %+v", d.Question, detail)
			}
		}
	}
	if changed != 1 {
		t.Errorf("%d differences", changed)
	}
}
