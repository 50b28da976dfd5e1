package rehearsal_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

const rosterStudy = `study: smart-factory
title: {sv: Hushåll, en: Households}
public_title: {sv: Enkät, en: Survey}
headline: {sv: Vilka bor hos dig?, en: Who lives with you?}
languages: [sv, en]
time_zone: Europe/Stockholm
panel: {min: 1, max: 99}
frame: named_list
minutes: 2
about:
  who: {sv: Vi, en: We}
  why: {sv: Därför, en: Because}
  answers: {sv: Sparas, en: Kept}
contact: {role: {sv: Samordnaren, en: The co-ordinator}, email: a@example.org}
controller: {sv: Vi, en: We}
waves:
  - {key: w1, title: {sv: Ett, en: One}, opens: 2016-02-01 08:00, closes: 2016-03-01 23:59, questionnaire: core, version: 1}
  - {key: w2, title: {sv: Två, en: Two}, opens: 2016-10-01 08:00, closes: 2016-10-31 23:59, questionnaire: core, version: 1}
`

const rosterForm = `
| survey |
| | type | name | label::Svenska (sv) | label::English (en) | constraint | required | relevant | repeat_count |
| | integer | size | Hur många bor hos dig? | How many live with you? | . >= 0 and . <= 4 | | | |
| | begin repeat | person | Person | Person | | | | ${size} |
| | text | first | Vad heter personen? | The name? | | | | |
| | integer | age | Hur gammal är personen? | How old? | . >= 0 and . <= 110 | yes | | |
| | begin repeat | pet | Husdjur | Pet | | | ${age} > 5 | |
| | integer | legs | Hur många ben? | How many legs? | . >= 0 and . <= 8 | | | |
| | end repeat | | | | | | | |
| | end repeat | | | | | | | |
| | geopoint | home | Var bor ni? | Where do you live? | | yes | | |
| | select_one ${first} | eldest | Vem är äldst? | Who is the eldest? | | | | |
| settings |
| | form_title | default_language |
| | Hushåll | Svenska (sv) |
`

// People answer for each of their household, add pets and remove some, on the
// web, without cookies and on paper.
func TestPeopleAnswerRepeats(t *testing.T) {
	h := houseOf(t, fstest.MapFS{smartFactory + "/study.yaml": {Data: []byte(rosterStudy)}, smartFactory + "/core.v1.md": {Data: []byte(rosterForm)}}, smartFactory)
	report := h.rehearse(t, 7, 24, time.Date(2016, 11, 15, 12, 0, 0, 0, time.UTC))
	if report.Requests == 0 {
		t.Fatal("nobody did anything")
	}
	if len(report.GaveUp) > 0 {
		t.Errorf("they could not go on: %q", report.GaveUp)
	}
	persons, pets, eldest, removed := 0, 0, 0, 0
	for wave := 1; wave <= 2; wave++ {
		for _, i := range h.interviews(t, wave) {
			d, err := i.Decoded()
			if err != nil {
				t.Fatal(err)
			}
			persons += len(strings.Fields(d.Answers["person"]))
			for key, value := range d.Answers {
				switch {
				case strings.HasPrefix(key, "legs@"):
					pets++
				case value == "removed":
					removed++
				case key == "eldest":
					eldest++
				}
				if key == "first" || key == "age" || key == "legs" {
					t.Errorf("%s is stored without its instance", key)
				}
			}
		}
	}
	if persons < 20 || pets < 10 || eldest < 5 || removed == 0 {
		t.Errorf("%d persons, %d pets, %d eldest, %d removed", persons, pets, eldest, removed)
	}
}
