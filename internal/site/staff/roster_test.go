package staff_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/access"
	"panelverk/internal/store"
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
attributes:
  - {name: country, label: {sv: Land, en: Country}, choices: [{name: SE, code: 1, label: {sv: Sverige, en: Sweden}}, {name: DE, code: 2, label: {sv: Tyskland, en: Germany}}]}
  - {name: sector, label: {sv: Bransch, en: Sector}, choices: [{name: vehicles, code: 1, label: {sv: Fordon, en: Vehicles}}, {name: machinery, code: 2, label: {sv: Maskiner, en: Machinery}}]}
waves:
  - {key: w1, title: {sv: Ett, en: One}, opens: 2017-02-01 08:00, closes: 2017-12-31 23:59, questionnaire: core, version: 1}
`

const rosterForm = `
| survey |
| | type | name | label::Svenska (sv) | label::English (en) | appearance |
| | begin repeat | child | Barn | Child | field-list |
| | text | name | Vad heter barnet? | The name? | |
| | integer | age | Hur gammalt är det? | How old? | |
| | end repeat | | | | |
| settings |
| | form_title | default_language |
| | Hushåll | Svenska (sv) |
`

// TestTypeInARoster types two children in. What was typed is on no page
// afterwards, not even that there is one; a researcher finds both in the
// workbook and sets the age of the second right.
func TestTypeInARoster(t *testing.T) {
	w := newWorldOf(t, fstest.MapFS{key + "/study.yaml": {Data: []byte(rosterStudy)}, key + "/core.v1.md": {Data: []byte(rosterForm)}}, key)
	labels := w.people(early, 1)
	c := w.as(access.Admin)
	base := "/s/" + key + "/p/" + labels[0] + "/enter/1"
	overview := c.post(base, "mode", "paper").location
	if !strings.HasSuffix(overview, "/q/child") {
		t.Fatalf("the interview begins at %s", overview)
	}
	for i, child := range []string{"Elsa", "Olle"} {
		at := c.post(overview, "roster", "add", "key", child).location
		if want := "/q/child@" + string(rune('1'+i)); !strings.HasSuffix(at, want) {
			t.Fatalf("a child is added at %s, not %s", at, want)
		}
		c.get(at).has(t, "Vad heter barnet?", "Barn "+string(rune('1'+i)))
		back := c.post(at, "go", "next", "key", "of "+child, "was.name", "", "q.name", child, "was.age", "", "q.age", "9")
		if back.location != overview {
			t.Fatalf("after %s comes %s", child, back.location)
		}
		c.get(overview).has(t, "Lägg till")
		c.get(overview).lacks(t, child, "Barn 1", "remove 1")
		c.get(at).lacks(t, child)
	}
	if end := c.post(overview, "go", "next", "key", "end").location; !strings.HasSuffix(end, "/end") {
		t.Fatalf("after the overview comes %s", end)
	}
	c.post(base + "/paper/end")

	r := w.as(access.Researcher)
	rows := sheet(t, r, "Rep_child")
	if len(rows) != 3 || strings.Join(rows[1][1:], " ") != "1 1 Elsa 0 9" || strings.Join(rows[2][1:], " ") != "1 2 Olle 0 9" {
		t.Fatalf("the children: %q", rows)
	}
	at := "/s/" + key + "/data/corrections"
	r.post(at, "id", rows[1][0], "wave", "1", "question", "age", "value", "10", "reason", "Fel avskrivet").has(t, "age@1")
	r.post(at, "id", rows[1][0], "wave", "1", "question", "age@3", "value", "10", "reason", "Fel avskrivet").has(t, "age@1")
	r.post(at, "id", rows[1][0], "wave", "1", "question", "age@2", "value", "10", "reason", "Fel avskrivet")
	if rows = sheet(t, r, "Rep_child"); strings.Join(rows[2][1:], " ") != "1 2 Olle 0 10" || strings.Join(rows[1][1:], " ") != "1 1 Elsa 0 9" {
		t.Errorf("after the correction: %q", rows)
	}
	err := w.store.Read(ctx, func(tx *store.Tx) error {
		all, err := tx.Interviews(key, 1)
		if err == nil && (len(all) != 1 || !regexp.MustCompile(`"age@2":"9"`).MatchString(all[0].Document)) {
			t.Errorf("what was typed was changed: %+v", all)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sheet gives the rows of a sheet of the workbook, as it is downloaded.
func sheet(t *testing.T, c *client, name string) [][]string {
	t.Helper()
	a := c.post("/s/"+key+"/data/workbook", "language", "sv", "promise", "1")
	book, err := excelize.OpenReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows(name, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
