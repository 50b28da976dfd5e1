package staff_test

import (
	"html"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"panelverk/internal/access"
	"panelverk/internal/questionnaire"
	"panelverk/surveys"
)

// core gives the file of core v2 as a third version, with texts replaced.
func core(t *testing.T, replace ...string) string {
	t.Helper()
	data, err := fs.ReadFile(surveys.FS, key+"/core.v2.md")
	if err != nil {
		t.Fatal(err)
	}
	out := string(data)
	for i := 0; i+1 < len(replace); i += 2 {
		if !strings.Contains(out, replace[i]) {
			t.Fatalf("core v2 has no %q", replace[i])
		}
		out = strings.ReplaceAll(out, replace[i], replace[i+1])
	}
	return strings.ReplaceAll(out, "| core | 2 |", "| core | 3 |")
}

const next = "/s/" + key + "/questionnaires/core/next"

// carried gives the uploaded file that a page carries in its form.
func carried(t *testing.T, a answered) string {
	t.Helper()
	m := dataPattern.FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("the page carries no file: %s", text(a.body))
	}
	return html.UnescapeString(m[1])
}

func TestPublishAVersion(t *testing.T) {
	w := newWorld(t)
	w.answer(w.people(early, 1)[0], 3)
	c := w.as(access.Owner)
	c.get("/s/"+key+"/questionnaires").has(t, "2 publicerade versioner", "core v2", "Lämna in core v3")
	c.get(next).has(t, "Lämna in core v3", `accept=".xlsx,.md,.csv,.zip"`)
	c.send(next, "core.xls", "").has(t, "måste rättas först")

	a := c.send(next, "core.md", "| survey |\n| | type | name | label::sv |\n| | text | q | Fråga? |\n| | integer | n | ${nobody} |\n| | nonsense | x | X |\n")
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("a broken file: %d", a.status)
	}
	a.has(t, "i formuläret måste rättas först", "<code>survey!C3</code>", "<code>survey!A4</code>", "Okänd typ av fråga", "Frågan finns inte", "Inget är sparat")
	a.lacks(t, `name="data"`, "Publicera core v3")

	file := core(t, "Vad är viktigast att facket", "Vad är allra viktigast att facket", "| Working out pay or bonus |", "| Finding thieves |")
	a = c.send(next, "ny core.md", file)
	if a.status != http.StatusOK {
		t.Fatalf("a good file: %d: %s", a.status, text(a.body))
	}
	a.has(t, "Jämför core v2 och core v3", "2 beslut ska fattas, 2 återstår", "<ins>allra </ins>", "En inskickad intervju finns", "Svarsalternativ", "Ordalydelse",
		"En kod betyder något annat än förut.", "Förslag: samma variabel.", "Förslag: ny variabel.", "Stämmer texten fortfarande på de andra språken?", "Publicera core v3")
	a.lacks(t, " checked", "Fel:")
	question := decided(t, a.body)
	if strings.Contains(question["mon_use"], "same") || len(question) != 2 {
		t.Errorf("what can be decided: %v", question)
	}
	var other string
	for q := range question {
		if q != "mon_use" {
			other = q
		}
	}
	if question[other] != "same new" {
		t.Errorf("%s can be decided as %s", other, question[other])
	}

	form := []string{"name", "ny core.md", "number", "3", "data", carried(t, a)}
	a = c.post(next+"/publish", append(form, "decisions."+other, "same", "reason.mon_use", "Lön blev stöld.")...)
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("undecided: %d", a.status)
	}
	a.has(t, "Rätta 2 saker", `href="#f-decisions-mon_use"`, `href="#f-reason-`+other+`"`, "Lön blev stöld.", "Skriv varför det beslutas så om "+other)
	if n := strings.Count(a.body, " checked"); n != 1 {
		t.Errorf("%d things are chosen on the page, one was", n)
	}
	carried(t, a)
	c.post(next+"/publish", append(form, "decisions."+other, "same", "reason."+other, "Samma fråga.", "decisions.mon_use", "same", "reason.mon_use", "Det märks inte.")...).
		has(t, "Rätta en sak", "Det kan bara vara en ny variabel")
	if a := c.get("/s/" + key + "/questionnaires/core/3"); a.status != http.StatusNotFound {
		t.Fatalf("the version is there before it is published: %d", a.status)
	}

	form = append(form, "decisions."+other, "same", "reason."+other, "Samma fråga, lite starkare.", "confirmed."+other, "en", "decisions.mon_use", "new", "reason.mon_use", "Lön blev stöld.")
	c.follow(next+"/publish", form...).has(t, "Versionen är publicerad.", "core v3", "ny core.md", "Jämför med core v2", "allra viktigast")
	c.get("/s/"+key+"/questionnaires").has(t, "3 publicerade versioner", "ingen omgång än", "Lämna in core v4")
	if a := c.post(next+"/publish", "name", "core.md", "number", "3", "data", carriedOther(t, c)); a.status != http.StatusConflict {
		t.Errorf("other content as v3: %d", a.status)
	}
	reader := w.as(access.Researcher)
	reader.get("/s/"+key+"/questionnaires").lacks(t, "Lämna in")
	a = reader.get("/s/" + key + "/questionnaires/core/3/compare")
	a.has(t, "Beslut: samma variabel", "Samma fråga, lite starkare.", "Beslut: ny variabel", "Lön blev stöld.", "Texten på English är kontrollerad i core v3", "Kim owner, 2017-03-22")
	a.lacks(t, "<textarea", `type="radio"`)
}

// publish publishes the next version of core, with one verdict about every
// question that is to be decided.
func (c *client) publish(t *testing.T, file string, verdict string) {
	t.Helper()
	a := c.send(next, "core.md", file)
	number := regexp.MustCompile(`name="number" value="(\d+)"`).FindStringSubmatch(a.body)
	if number == nil {
		t.Fatalf("no draft: %s", text(a.body))
	}
	form := []string{"name", "core.md", "number", number[1], "data", carried(t, a)}
	for question := range decided(t, a.body) {
		form = append(form, "decisions."+question, verdict, "reason."+question, "Därför.")
	}
	c.follow(next+"/publish", form...).has(t, "Versionen är publicerad.")
}

// TestCompareAnyTwoVersions also sees to it that the worst case stands first,
// and that nothing is offered that publishing would refuse.
func TestCompareAnyTwoVersions(t *testing.T) {
	w := newWorld(t)
	c := w.as(access.Owner)
	a := c.send(next, "core.md", core(t, "Vad är viktigast att facket", "Vad är allra viktigast att facket", "| Working out pay or bonus |", "| Finding thieves |",
		"| integer ", "| text "))
	offered := decided(t, a.body)
	if offered["mon_use"] != "new" {
		t.Errorf("a reused code: %q", offered["mon_use"])
	}
	typed := 0
	for question, verdicts := range offered {
		if verdicts == "new" && question != "mon_use" {
			typed++
		}
	}
	if typed == 0 {
		t.Errorf("a number that becomes a text can remain the same variable: %v", offered)
	}
	first := strings.Index(a.body, `<article class="card"`)
	if at := strings.Index(a.body, "<code>mon_use</code>"); first < 0 || at < first || at > first+300 {
		t.Errorf("the reused code does not stand first: %d, %d", first, at)
	}

	c.publish(t, core(t, "Vad är viktigast att facket", "Vad är allra viktigast att facket"), "same")
	a = w.as(access.Researcher).get("/s/" + key + "/questionnaires/core/compare?from=3&to=1")
	a.has(t, "Jämför core v1 och core v3", "Därför.", "Kim owner, 2017-03-22", "Serverns kommandorad", `<option value="1" selected>`, `<option value="3" selected>`)
	for query, status := range map[string]int{"?from=2&to=2": http.StatusUnprocessableEntity, "?from=1&to=9": http.StatusNotFound, "": http.StatusNotFound, "?from=1&to=x": http.StatusNotFound} {
		if a := c.get("/s/" + key + "/questionnaires/core/compare" + query); a.status != status {
			t.Errorf("%s: %d", query, a.status)
		}
	}
}

// TestStaleWords changes a text in Swedish alone, over two versions, and
// confirms the others one by one.
func TestStaleWords(t *testing.T) {
	w := newWorld(t)
	c, words := w.as(access.Owner), "/s/"+key+"/questionnaires/core/words"
	before := strings.Count(c.get(words).body, `name="words"`)
	c.publish(t, core(t, "Vad är viktigast att facket", "Vad är allra viktigast att facket"), "same")
	c.get("/s/"+key+"/questionnaires").has(t, "Texter att se över", words)
	a := c.get(words)
	a.has(t, "Texter att se över i core v3", "<ins>allra </ins>", "English, oförändrad:", "Deutsch, oförändrad:", "Ändrad på ett annat språk i core v3")
	ticks := regexp.MustCompile(`name="words" value="([^"]+)"`).FindAllStringSubmatch(a.body, -1)
	if len(ticks) != before+6 {
		t.Fatalf("stale: %v, before %d", ticks, before)
	}
	c.post(words).has(t, "Kryssa i minst en text")
	reader := w.as(access.Researcher)
	reader.get(words).lacks(t, `name="words"`)
	english := ""
	for _, m := range ticks {
		if strings.HasSuffix(m[1], " en") {
			english = m[1]
		}
	}
	c.follow(words, "words", english).has(t, "Noterat att texterna är kontrollerade.", "Deutsch, oförändrad:")
	if n := strings.Count(c.get(words).body, `name="words"`); n != before+5 {
		t.Errorf("%d are stale after one was confirmed", n)
	}
	reader.get("/s/"+key+"/questionnaires/core/3/compare").has(t, "Texten på English är kontrollerad i core v3", "Kim owner, 2017-03-22")
	for _, m := range ticks {
		if !strings.HasSuffix(m[1], " en") && !strings.HasSuffix(m[1], " de") {
			c.follow(words, "words", m[1])
		}
	}
	// A new German text is not stale in the next version.
	c.publish(t, strings.ReplaceAll(core(t, "Vad är viktigast att facket", "Vad är allra viktigast att facket", "| core | 2 |", "| core | 4 |", "Woran soll die", "Woran soll nun die"), "core | 3", "core | 4"), "same")
	c.get(words).lacks(t, "<ins>allra </ins>")
}

// carriedOther gives what a page carries of another file.
func carriedOther(t *testing.T, c *client) string {
	return carried(t, c.send(next, "other.md", core(t, "Vad är viktigast att facket", "Vad är minst viktigt att facket")))
}

var choicePattern = regexp.MustCompile(`type="radio" name="decisions\.([^"]+)" value="([^"]+)"`)

// decided gives the verdicts that a page offers, by question.
func decided(t *testing.T, body string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, m := range choicePattern.FindAllStringSubmatch(body, -1) {
		out[m[1]] = strings.TrimSpace(out[m[1]] + " " + m[2])
	}
	return out
}

func TestFilesOfAVersion(t *testing.T) {
	w := newWorld(t)
	given, err := fs.ReadFile(surveys.FS, key+"/core.v2.md")
	if err != nil {
		t.Fatal(err)
	}
	v, err := w.field.Version(ctx, access.CommandLine(), key, "core", 2)
	if err != nil {
		t.Fatal(err)
	}
	c := w.as(access.Researcher)
	page := "/s/" + key + "/questionnaires/core/2"
	c.get(page).has(t, v.Hash, page+"/file/given", page+"/file/xlsx", page+"/file/markdown", page+"/print", page+"/compare")
	c.get("/s/"+key+"/questionnaires/core/1").lacks(t, "/compare")
	for form, name := range map[string]string{"given": "smart-factory-core-v2-original.md", "xlsx": "smart-factory-core-v2.xlsx", "markdown": "smart-factory-core-v2.md"} {
		a := c.get(page + "/file/" + form)
		if got := a.header.Get("Content-Disposition"); got != `attachment; filename="`+name+`"` {
			t.Errorf("%s: %s", form, got)
		}
		book, problems := questionnaire.Read(name, []byte(a.body))
		if len(problems.Errors()) > 0 || book.Hash() != v.Hash {
			t.Errorf("%s is not the version: %v", form, problems)
		}
		if form == "given" && a.body != string(given) {
			t.Error("the file is not as it was given")
		}
	}
	a := c.get(page + "/print")
	a.has(t, v.Hash, "<style>")
	if policy := a.header.Get("Content-Security-Policy"); !strings.Contains(policy, "style-src 'unsafe-inline'") || strings.Contains(policy, "script-src") {
		t.Errorf("the printed page lets in %s", policy)
	}
	for _, path := range []string{page + "/file/other", "/s/" + key + "/questionnaires/core/9/print", "/s/" + key + "/questionnaires/core/x/file/given", "/s/" + key + "/questionnaires/core/1/compare"} {
		if a := c.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := w.as(access.Owner).get("/s/" + key + "/questionnaires/nothing/next"); a.status != http.StatusNotFound {
		t.Errorf("the next version of nothing: %d", a.status)
	}
}
