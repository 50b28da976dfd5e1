package staff_test

import (
	"regexp"
	"strconv"
	"testing"

	"panelverk/internal/access"
)

// TestVariablesAreFoundAndShown looks at the data as a researcher does before
// asking for a file.
func TestVariablesAreFoundAndShown(t *testing.T) {
	w := newWorldOf(t, listed(t, "named_list"), key)
	var hs []happened
	for _, label := range w.people(early, 30) {
		hs = append(hs, happened{label: label, wave: 1, pages: 2, submit: len(hs) < 22})
	}
	w.write(hs[:28]...)
	w.now = wave3
	r := w.as(access.Researcher)
	base := "/s/" + key + "/data/variables"
	r.get("/s/"+key+"/data").has(t, "Se variablerna och svaren")
	r.get(base).has(t, "Arbete", "Timmar", "hours", "Om personen")
	r.get(base+"?q=HOURS").has(t, "En variabel hittades", "Timmar").lacks(t, "Husdjur")
	r.get(base+"?q=Stunden").has(t, "Timmar")                          // the German words
	r.get(base+"?q=H%C3%9ASDJUR").has(t, "Husdjur").lacks(t, "Timmar") // with marks or without
	r.get(base+"?q=nowhere").has(t, "0 variabler hittades")
	page := r.get(base + "/hours")
	page.has(t, "Timmar", "Ställdes till alla.", "Har svarat", "Medelvärde", "38,00", "dold", "Ingen intervju i omgången")
	// 28 of 30 were interviewed: neither 28 nor 2 may be read from any page.
	for _, one := range []string{"/hours", "/days", "/rooms", "/pets", "/mode", "/minutes"} {
		for _, cell := range regexp.MustCompile(`<td class="num">(\d+)(?: \(|<)`).FindAllStringSubmatch(r.get(base+one).body, -1) {
			if n, _ := strconv.Atoi(cell[1]); n > 0 && n < 5 || n == 28 {
				t.Errorf("%s shows %d", one, n)
			}
		}
	}
	// The file of a table holds what is shown, and nothing more.
	file := r.get(base + "/hours/file/answers")
	if file.status != 200 || file.header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("the table comes as %d, %s", file.status, file.header.Get("Content-Type"))
	}
	file.has(t, "Medelvärde,38", "dold").lacks(t, ",2\r", ",28\r", "(")
	for _, m := range regexp.MustCompile(`/data/variables/[a-z_]+/file/[a-z0-9_-]+`).FindAllString(page.body, -1) {
		if got := r.get("/s/" + key + m).status; got != 200 {
			t.Errorf("%s answers %d", m, got)
		}
	}
	if got := r.get(base + "/hours/file/nothing").status; got != 404 {
		t.Errorf("a table that is not answers %d", got)
	}
	if got := r.get(base + "/nothing").status; got != 404 {
		t.Errorf("a variable that is not answers %d", got)
	}
	if got := w.as(access.Admin).get(base + "/hours").status; got != 403 {
		t.Errorf("an admin gets %d", got)
	}
}
