package study_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
	"panelverk/surveys"
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

// The earlier answers by which a plan chooses are those that an earlier wave
// asks for, once.
func TestPlanRecallsWhatWasAsked(t *testing.T) {
	for name, want := range map[string]string{
		"${last-saved#hours_week} > 20":                          "",
		"${last-saved#hours_weak} > 20":                          "earlier_not_asked",
		"${last-saved#tech_count} > 0":                           "", // worked out
		"${last-saved#tech_note} = 'x'":                          "earlier_no_question",
		"${last-saved#p_job} = 'x'":                              "earlier_no_question",
		"${country} = 'SE' or ${last-saved#agree_data} = 'yes'":  "earlier_not_asked", // asked from wave 3 on
		"${last-saved#infl_tech} = '1' and ${last-saved#x} = ''": "earlier_not_asked",
	} {
		for wave, otherwise := range map[string]string{"w1": "earlier_first_wave", "w3": ""} {
			rule := "    - wave: " + wave + "\n"
			_, ps := study.Load(changed(t, rule, rule+"      eligible: {where: \""+name+"\"}\n"), "smart-factory")
			wanted := want
			if otherwise != "" {
				wanted = otherwise
			}
			var got string
			for _, p := range ps {
				got = p.Code
				if p.File != study.FileName || p.Row == 0 || !strings.HasSuffix(p.Field, "eligible.where") {
					t.Errorf("%s in %s: the place is %+v", name, wave, p.Place)
				}
			}
			if got != wanted {
				t.Errorf("%s in %s gave %q (%v), want %q", name, wave, got, ps, wanted)
			}
		}
	}
}

// changed gives the studies that are built in, with one thing of Smart Factory's
// study.yaml replaced.
func changed(t *testing.T, was, is string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(surveys.FS, "smart-factory", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(surveys.FS, path)
		if strings.HasSuffix(path, study.FileName) {
			if !strings.Contains(string(data), was) {
				t.Fatalf("%q is not in %s", was, path)
			}
			data = []byte(strings.Replace(string(data), was, is, 1))
		}
		out[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
