package study_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// What a study refuses of earlier answers, and what it only warns of.
func TestEarlierAnswersOfAStudy(t *testing.T) {
	for _, c := range []struct {
		name, rows string
		want       []string
	}{
		{"as they should be", `
| | select_one yn | job | Do you work? | | | ${last-saved#job} | |
| | text | why | You said ${last-saved#job}. Why? | ${last-saved#job} != '' | | | |
| | calculate | changed | | | | | ${job} != ${last-saved#job} |
| | text | more | It was ${last-saved#job} | ${was_known} = 'yes' | | | |
| | calculate | was_known | | | | | if(${last-saved#job} != '', 'yes', 'no') |
| | hidden | kept | | | | ${last-saved#job} | |
`, nil},
		{"a text without a guard", `
| | text | job | Job | | | | |
| | note | a | It was ${last-saved#job} | | | | |
| | text | b | It was ${last-saved#job} | ${job} != '' | | | |
| | begin_group | g | It was ${last-saved#job} | ${last-saved#job} = 'x' | | | |
| | note | c | Still ${last-saved#job} | | | | |
| | end_group | | | | | | |
`, []string{"warning earlier_unguarded 3 label", "warning earlier_unguarded 4 label"}},
		{"in a repeat", `
| | begin_repeat | jobs | Jobs | | | | |
| | text | job | Job | | | | |
| | text | place | Place | | | ${last-saved#town} | |
| | end_repeat | | | | | | |
| | text | town | Town | ${last-saved#job} != '' | | | |
| | text | any | Any | ${last-saved#jobs} != '' | | | |
`, []string{"error earlier_in_repeat 6 ", "error earlier_in_repeat 7 ", "error earlier_in_repeat 4 default"}},
		{"no answers", `
| | note | n | N | | | | |
| | image | photo | Photo | | | | |
| | text | a | A | ${last-saved#n} = '' and ${last-saved#photo} = '' | | | |
`, []string{"error earlier_no_question 4 ", "error earlier_upload 4 "}},
		{"defaults that say more", `
| | integer | a | A | | | ${last-saved#a} + 1 | |
| | integer | b | B | | yes | ${last-saved#b} | |
| | acknowledge | c | C | | | ${last-saved#c} | |
`, []string{"error earlier_default 2 default", "error earlier_read_only 3 default", "error earlier_default 4 default"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			book, _ := questionnaire.Read("core.v1.md", []byte("| survey |\n| | type | name | label | relevant | read_only | default | calculation |\n"+strings.TrimPrefix(c.rows, "\n")+
				"| choices |\n| | list_name | name | label |\n| | yn | yes | Yes |\n| | yn | no | No |\n"))
			q, problems := questionnaire.Compile(book)
			if len(problems.Errors()) > 0 {
				t.Fatal(problems)
			}
			problems = append(problems, study.CheckVersion(&study.Study{}, study.Version{File: "core.v1.md", Questionnaire: q})...)
			var got []string
			for _, p := range problems {
				if strings.HasPrefix(p.Code, "earlier") {
					got = append(got, fmt.Sprintf("%s %s %d %s", p.Severity, p.Code, p.Row, p.Column))
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
		})
	}
}
