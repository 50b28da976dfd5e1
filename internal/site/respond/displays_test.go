package respond_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"panelverk/internal/site/browsertest"
	"panelverk/internal/study"
)

// displays is when the study testdata/displays is in the field.
var displays = time.Date(2017, 3, 22, 17, 42, 0, 0, time.UTC)

// displayPages gives the keys of the study's pages in order.
func displayPages(t *testing.T) []string {
	t.Helper()
	folder, problems := study.Load(os.DirFS("testdata"), "displays")
	if err := problems.Err("broken", "the study is broken"); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, p := range folder.Versions[0].Questionnaire.Pages {
		keys = append(keys, p.Key)
	}
	return keys
}

// TestEveryDisplay looks at a page with each appearance and display feature of
// XLSForm, on narrow and wide screens, light and dark, in both languages: all
// of it can be read, named, reached with a finger, and needs no scrolling to
// the side.
func TestEveryDisplay(t *testing.T) {
	keys := displayPages(t)
	for _, c := range []struct {
		name, language string
		options        []browsertest.Option
		width          int
	}{
		{"320-light-sv", "sv", []browsertest.Option{browsertest.Phone(320, 640), browsertest.NoScript()}, 320},
		{"390-dark-en", "en", []browsertest.Option{browsertest.Phone(390, 844), browsertest.Dark()}, 390},
		{"1280-light-en", "en", []browsertest.Option{browsertest.NoScript()}, 1280},
		{"1280-dark-sv", "sv", []browsertest.Option{browsertest.Dark()}, 1280},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorldOf(t, displays, os.DirFS("testdata"), "displays")
			link := w.invite(1).URL
			b := browsertest.Start(t, append(c.options, browsertest.Language(c.language))...)
			b.Goto(link)
			b.Check("#consent")
			b.Follow(".acts .btn")
			n := 0
			for _, key := range keys {
				b.Goto(link + "/p/" + key + "?lang=" + c.language)
				shoot(b, c.name, &n, key)
				if !strings.Contains(b.URL(), "/p/"+key+"?") || b.Status() != http.StatusOK {
					t.Fatalf("the page %s is at %s (%d)", key, b.URL(), b.Status())
				}
				if got := b.Width(); got > c.width {
					t.Errorf("%s is %d px wide on a screen of %d", key, got, c.width)
				}
				if wrong := b.Evaluate(unusable); wrong != "" {
					t.Errorf("%s: %s", key, wrong)
				}
				b.Evaluate(`document.documentElement.style.fontSize = "200%"`)
				if got := b.Width(); c.width > 320 && got > c.width { // at 320 px twice the size is 160 px
					t.Errorf("%s is %d px wide on a screen of %d with letters twice the size", key, got, c.width)
				}
				b.Evaluate(spaced)
				if got := b.Width(); got > c.width {
					t.Errorf("%s is %d px wide on a screen of %d with more room between letters and lines", key, got, c.width)
				}
				if cut := b.Evaluate(unfit); strings.Contains(cut, "is cut") {
					t.Errorf("%s, with more room between letters and lines: %s", key, cut)
				}
			}
		})
	}
}

// spaced is an expression that puts as much room between letters, words, lines
// and paragraphs as WCAG 2.2's 1.4.12 asks a page to bear.
const spaced = `(() => {
	document.documentElement.style.fontSize = "";
	for (const e of document.querySelectorAll("body, body *")) {
		e.style.setProperty("line-height", "1.5", "important");
		e.style.setProperty("letter-spacing", ".12em", "important");
		e.style.setProperty("word-spacing", ".16em", "important");
		if (e.tagName === "P") e.style.setProperty("margin-bottom", "2em", "important");
	}
	return "";
})()`

// unusable is an expression that says what on a page somebody could not use:
// what has no name, what is named twice, what is smaller than a finger, and
// what refers to something that is not there.
const unusable = `(() => {
	const wrong = [], ids = {}
	const say = (e, what) => wrong.push((e.id || e.name || e.className || e.tagName) + " " + what)
	for (const e of document.querySelectorAll("[id]")) {
		if (ids[e.id]) say(e, "is there twice")
		ids[e.id] = true
	}
	for (const attribute of ["aria-describedby", "aria-labelledby", "for"])
		for (const e of document.querySelectorAll("[" + attribute + "]"))
			for (const id of e.getAttribute(attribute).split(/\s+/))
				if (!ids[id]) say(e, attribute + " " + id + " is nowhere")
	for (const e of document.querySelectorAll("main input:not([type=hidden]), main select, main textarea, main button:not(.vh), main summary, output")) {
		const labels = [...(e.labels || [])].map(l => l.textContent).join(" ")
		const by = (e.getAttribute("aria-labelledby") || "").split(" ").map(id => document.getElementById(id)?.textContent || "").join(" ")
		if (!(labels + by + (e.matches("button, summary") ? e.textContent : "")).trim()) say(e, "has no name")
		if (e.matches("output")) continue
		const box = (e.matches("[type=radio], [type=checkbox]") ? e.closest("label") : e).getBoundingClientRect()
		if (box.height && (box.height < 43.5 || box.width < 43.5)) say(e, "is " + Math.round(box.width) + "x" + Math.round(box.height))
	}
	for (const e of document.querySelectorAll("fieldset"))
		if (!e.querySelector("legend")?.textContent.trim()) say(e, "has no legend")
	if (document.querySelectorAll("h1").length != 1) wrong.push("not one h1")
	return wrong.join("; ")
})()`

// What is typed into each kind of field comes out in the words of its
// appearance, and is stored in the form of its type.
func TestWhatDisplaysKeep(t *testing.T) {
	w := newWorldOf(t, displays, os.DirFS("testdata"), "displays")
	link, b := w.invite(1).URL, w.browser(true)
	b.get(link).press("go", "start", "consent", "1").isAt(200, "/p/hello").next()

	// What seems to be no address is asked about once, and kept.
	b.isAt(200, "/p/fields").says("Inget namn lämnas ut.").next("q.mail", "astrid@", "q.phone", "vet ej", "q.site", "example.org", "q.secret", "hemlis", "q.pin", "0070")
	b.isAt(422, "/p/fields").says("Titta på 2 svar en gång till", "”astrid@”. Det ser inte ut som en e-postadress", "Det ser inte ut som ett telefonnummer")
	b.next().isAt(200, "/p/pay").says("Pengar", "Tänk på de senaste tolv månaderna.")

	// A calculation with a label is shown; one that waits for a trigger is a guess that can be changed.
	b.next("q.pay", "200").isAt(200, "/p/sums").holds(`value="200"`).next("q.share", "0,25", "q.guess", "51").isAt(200, "/p/mood")
	b.press("go", "back").isAt(200, "/p/sums").holds(">50</output>", `value="51"`, `value="0,25"`).next()

	b.isAt(200, "/p/mood").says("10 – Mycket bra", "Inget svar").next("q.mood", "0").isAt(200, "/p/stars")
	b.press("go", "back").holds(`value="0" checked`).next("q.mood", "").isAt(200, "/p/stars")
	b.next("q.stars", "5").next().isAt(200, "/p/warmth").holds(`<option value="15.5">15,5</option>`).next("q.warmth", "15.5")
	b.isAt(200, "/p/trust").says("0 = inget alls, 100 = helt.").next("q.trust", "70")
	for range 9 {
		b.next()
	}
	b.isAt(200, "/p/table").says("Alla fyra rader gäller dig.", "Under en vanlig vecka.").next()
	b.isAt(200, "/p/grid").says("Läs varje rad för sig.", "Och så de andra", "De som du arbetar med.").lacks(`name="q.head"`).next()

	b.isAt(200, "/p/born").next("q.born", "62").isAt(422, "/p/born").says("fyra siffror").next("q.born", "1962")
	b.isAt(200, "/p/began").next("q.began", "2006-05-17").isAt(422, "/p/began").says("Skriv år och månad").holds(`value="2006-05-17"`).next("q.began", "5/2006")
	b.next("q.seen", "20170228").next("q.clock", "7.05")
	b.isAt(200, "/p/moment").next("q.moment", "i går").isAt(422, "/p/moment").says("Skriv datum och klockslag").holds(`value="i går"`).next("q.moment", "2017-02-28 kl")
	b.isAt(422, "/p/moment").next("q.moment", "2017-02-28, 14.30")
	b.isAt(200, "/p/last").holds(`value="Göteborg" readonly`).next("q.odd", "4").isAt(422, "/p/last").says("Talet ska vara udda.")
	b.next("q.odd", "").says("Du glömde talet.").next("q.odd", "5")
	b.isAt(200, "/review").holds(">2006-05<", ">1962<", ">2017-02-28 14:30<", "••••••", ">15,5<").lacks("hemlis", "2006-05-01", "1962-01-01")

	d := w.document(1)
	for name, want := range map[string]string{
		"mail": "astrid@", "phone": "vet ej", "pin": "0070", "left": "50", "guess": "51", "mood": "", "stars": "5", "warmth": "15.5",
		"born": "1962-01-01", "began": "2006-05-01", "moment": "2017-02-28T14:30", "fixed": "Göteborg", "odd": "5", "head": "",
	} {
		if got := d.Answers[name]; got != want {
			t.Errorf("%s is stored as %q, want %q", name, got, want)
		}
	}
}
