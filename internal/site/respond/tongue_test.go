package respond_test

import (
	"html"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"panelverk/internal/lang"
)

// Whoever changes the language in the middle of a page keeps what stands there,
// saved or not, in each language and back.
func TestEveryLanguageKeepsWhatIsTyped(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	b := w.start(link, true)
	for _, tag := range append(lang.Tags[1:], "sv") {
		l := lang.For(tag)
		b.press("go", "lang:"+tag, "q.year_started", "2006", "q.hours_week", "massor").isAt(422, "/p/p_job").
			holds(`<html lang="`+tag+`"`, html.EscapeString(l.T("respond.next")), html.EscapeString(l.T("errors.kept")))
		if b.form.Get("q.year_started") != "2006" || b.form.Get("q.hours_week") != "massor" {
			t.Fatalf("%s keeps %v", tag, b.form)
		}
		b.press("go", "lang:"+tag, "q.hours_week", "37,5").isAt(422, "/p/p_job").lacks(`<span lang=`)
	}
	if d := w.document(3); d.Answers["year_started"] != "2006" {
		t.Errorf("stored %v", d.Answers)
	}
	b.press("go", "lang:sr-Cyrl", "q.hours_week", "37").isAt(200, "/p/p_job").says("Чиме се највише бавите на послу?", "Сачувано у", "Део 1 од 7")
	b.press("go", "lang:uk").isAt(200, "/p/p_job").says("Чим ви найбільше займаєтеся на роботі?", "Збережено о", "Частина 1 з 7")
	b.press("go", "lang:sw").isAt(200, "/p/p_job").says("Unafanya kazi gani zaidi?", "Imehifadhiwa saa", "Sehemu ya 1 kati ya 7")
	if b.form.Get("q.hours_week") != "37" {
		t.Errorf("the saved answer is lost: %v", b.form)
	}
}

// partForm lacks some of its texts in Ukrainian and nearly all in Finnish, of
// which our own words know nothing either.
const partForm = `
| survey |
| | type | name | label::Svenska (sv) | label::Українська (uk) | label::Suomi (fi) | hint::Svenska (sv) | hint::Українська (uk) | appearance |
| | begin group | g | Ditt arbete | | | | | field-list |
| | integer | age | Hur gammal är du? | Скільки вам років? | Kuinka vanha olet? | I hela år. | | |
| | select_one yn | own | Har du *egna* verktyg? | | | | | |
| | end group | | | | | | | |

| choices |
| | list_name | name | label::Svenska (sv) | label::Українська (uk) | label::Suomi (fi) |
| | yn | no | Nej | Ні | Ei |
| | yn | yes | Ja | | Kyllä |

| settings |
| | form_title | default_language |
| | Arbete | Svenska (sv) |
`

func TestMissingTranslationsAreMarked(t *testing.T) {
	w := &world{t: t, study: smartFactory, now: wave3, dir: t.TempDir(), server: httptest.NewServer(nil)}
	t.Cleanup(w.server.Close)
	w.open()
	study := strings.ReplaceAll(strings.ReplaceAll(fileStudy, "[sv, en]", "[sv, uk, fi]"), ", en: ", ", fi: X, uk: ")
	w.apply(fstest.MapFS{"study.yaml": {Data: []byte(study)}, "core.v1.md": {Data: []byte(partForm)}})
	link := w.invite(1)
	b := w.start(link, true)
	b.isAt(200, "/p/g").lacks(`<span lang=`).silent("Det som inte är översatt")

	b.press("go", "lang:uk").isAt(200, "/p/g").holds(
		`<html lang="uk"`, `<h1 lang="sv">Ditt arbete</h1>`, ">Скільки вам років?<", `<span lang="sv" dir="ltr">I hela år.</span>`,
		`<span lang="sv" dir="ltr">Har du <em>egna</em> verktyg?</span>`, "<span>Ні</span>", `<span><span lang="sv" dir="ltr">Ja</span></span>`,
		"Те, що не перекладено, показано іншою мовою: Svenska.")
	b.next("q.age", "41", "q.own", "yes").isAt(200, "/review").holds(`<dt>Скільки вам років?</dt>`, `<dt lang="sv">Har du egna verktyg?</dt>`, "показано іншою мовою: Svenska.")

	// We have no words in Finnish: ours are English, and say so.
	b.get(link.URL+"/p/g").press("go", "lang:fi").isAt(200, "/p/g").holds(
		`<html lang="en"`, `<span lang="fi" dir="ltr">Kuinka vanha olet?</span>`, `<span lang="fi" dir="ltr">Ei</span>`, `<span lang="sv" dir="ltr">Har du`,
		"What is not translated is shown in another language: Svenska.")
	if b.form.Get("q.age") != "41" || b.form.Get("q.own") != "yes" {
		t.Errorf("lost: %v", b.form)
	}
}
