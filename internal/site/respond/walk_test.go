package respond_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"panelverk/internal/site/browsertest"
	"panelverk/internal/store"
)

// seven are the languages of the respondents' pages and of Smart Factory.
var seven = []string{"sv", "en", "de", "sr-Latn", "sr-Cyrl", "uk", "sw"}

// A walk is one way of answering: a screen, a theme, scripts or none, and a
// language; where there are two, the second is changed to on the way.
type walk struct {
	width, height int
	dark, scripts bool
	languages     []string
}

// walks hold every pair of a screen, a theme, scripts and a language. Screens
// and languages alone make 21 pairs, so some of the 16 change language.
var walks = []walk{
	{390, 844, false, false, []string{"sw"}},
	{390, 844, false, true, []string{"sr-Cyrl", "sr-Latn"}},
	{390, 844, false, true, []string{"uk"}},
	{390, 844, false, true, []string{"de"}},
	{390, 844, true, true, []string{"en"}},
	{390, 844, true, true, []string{"sv"}},
	{320, 640, false, false, []string{"uk", "de"}},
	{320, 640, false, false, []string{"sr-Cyrl"}},
	{320, 640, false, true, []string{"en"}},
	{320, 640, true, false, []string{"sr-Latn"}},
	{320, 640, true, true, []string{"sv", "sw"}},
	{1280, 800, false, false, []string{"sv"}},
	{1280, 800, true, false, []string{"sr-Latn", "sr-Cyrl"}},
	{1280, 800, true, false, []string{"en"}},
	{1280, 800, true, true, []string{"uk", "de"}},
	{1280, 800, true, true, []string{"sw"}},
}

func (w walk) String() string {
	return fmt.Sprintf("%dx%d-%s-%s-%s", w.width, w.height, map[bool]string{true: "dark", false: "light"}[w.dark],
		map[bool]string{true: "scripts", false: "plain"}[w.scripts], strings.Join(w.languages, "-to-"))
}

// traits gives what a walk is, each with the name of its kind before it.
func (w walk) traits(language string) []string {
	return []string{fmt.Sprint("screen ", w.width), fmt.Sprint("dark ", w.dark), fmt.Sprint("scripts ", w.scripts), "language " + language}
}

func TestWalksCoverEveryPair(t *testing.T) {
	if len(walks) != 16 {
		t.Errorf("there are %d walks", len(walks))
	}
	met := map[[2]string]bool{}
	for _, w := range walks {
		for _, language := range w.languages {
			for _, a := range w.traits(language) {
				for _, b := range w.traits(language) {
					met[[2]string{a, b}] = true
				}
			}
		}
	}
	kinds := [][]string{{"screen 320", "screen 390", "screen 1280"}, {"dark false", "dark true"}, {"scripts false", "scripts true"}, nil}
	for _, language := range seven {
		kinds[3] = append(kinds[3], "language "+language)
	}
	for i, kind := range kinds {
		for _, other := range kinds[i+1:] {
			for _, a := range kind {
				for _, b := range other {
					if !met[[2]string{a, b}] {
						t.Errorf("no walk has %s and %s", a, b)
					}
				}
			}
		}
	}
}

// TestWalks answers the whole questionnaire in each of the ways, and holds every
// page against what must be so on all of them.
func TestWalks(t *testing.T) {
	browsertest.NeedAxe(t)
	w := newWorld(t, wave4)
	links := make([]string, len(walks))
	for i := range walks {
		links[i] = w.invite(4).URL
	}
	b := browsertest.Start(t, browsertest.Language("sv"))
	var begun atomic.Int32
	t.Run("all", func(t *testing.T) {
		for i, way := range walks {
			t.Run(way.String(), func(t *testing.T) {
				t.Parallel()
				begun.Add(1)
				w.walk16(t, b.Tab(t, way.options()...), way, links[i])
			})
		}
	})
	n := 0
	if err := w.store.Read(t.Context(), func(tx *store.Tx) error {
		all, err := tx.Interviews(w.study, 4)
		for _, iv := range all {
			if !iv.SubmittedAt.IsZero() {
				n++
			}
		}
		return err
	}); err != nil || n != int(begun.Load()) {
		t.Errorf("%d interviews of %d are submitted (%v)", n, begun.Load(), err)
	}
}

func (w walk) options() []browsertest.Option {
	options := []browsertest.Option{browsertest.Phone(w.width, w.height)}
	if w.width > 1000 {
		options[0] = browsertest.Window(w.width, w.height)
	}
	if w.dark {
		options = append(options, browsertest.Dark())
	}
	if !w.scripts {
		options = append(options, browsertest.NoScript())
	}
	return options
}

// walk16 walks one of the ways.
func (w *world) walk16(t *testing.T, b *browsertest.Browser, way walk, link string) {
	t.Helper()
	language := way.languages[0]
	look := func(page string) {
		t.Helper()
		at := way.String() + ", " + page
		if got := b.Evaluate(`document.documentElement.lang`); got != language {
			t.Errorf("%s: the page is in %s", at, got)
		}
		if got := b.Width(); got > way.width {
			t.Errorf("%s: it is %d px wide", at, got)
		}
		for _, wrong := range strings.Split(b.Evaluate(unfit), "\n") {
			if wrong != "" {
				t.Errorf("%s: %s", at, wrong)
			}
		}
		b.AccessibleNow(at)
	}
	b.Goto(link + "?lang=" + language)
	look("start")
	b.Check("#consent")
	b.Follow(".acts .btn")
	for pages := 0; !strings.Contains(b.URL(), "/review"); pages++ {
		if pages > 40 {
			t.Fatalf("no review after %d pages; at %s", pages, b.URL())
		}
		page := b.URL()[strings.LastIndex(b.URL(), "/")+1:]
		look(page)
		for before := ""; before != questions(b); {
			before = questions(b)
			b.Evaluate(quickly)
		}
		if pages == 8 && len(way.languages) > 1 {
			language = way.languages[1]
			b.Evaluate(`(document.querySelector("[value='lang:` + language + `']").closest("details").open = true, "")`)
			b.Follow(`[value="lang:` + language + `"]`)
			look(page + " in another language")
		}
		b.Evaluate(`document.getElementById("sheet").dataset.old = "1"`)
		b.Click(".acts button[value=next]")
		b.WaitUntil("another page", func() bool { return b.Count("#sheet[data-old]") == 0 && b.Count("footer") == 1 })
	}
	look("review")
	b.Follow(".acts .btn")
	b.WaitUntil("it is submitted", func() bool { return strings.HasSuffix(b.URL(), "/thanks") })
	look("thanks")
}

// quickly answers all on a page at once, as answerPage does by hand: the second
// choice of every question, what is to be written, nothing that is ranked.
var quickly = `((typed) => {
	const names = new Set([...document.querySelectorAll("[name^='q.']")].map((e) => e.name));
	for (const name of names) {
		const all = [...document.getElementsByName(name)], e = all[0];
		if (e.type === "radio" || e.type === "checkbox") {
			const one = all[Math.min(1, all.length - 1)];
			if (!one.checked) one.click();
		} else if (e.type !== "hidden" && !e.value) {
			e.value = e.tagName === "SELECT" ? e.options[1].value : typed[name.slice(2)];
			for (const type of ["input", "change"]) e.dispatchEvent(new Event(type, {bubbles: true}));
		}
	}
	return "";
})({year_started: "2006", hours_week: "42", tech_share: "60", train_hours: "7.5", last_talks: "2017-08-28", open_effect: "Färre tunga lyft."})`

// unfit is an expression that says what on a page is too small for a finger, is
// cut off, lies over something else, or is in a language without saying so.
const unfit = `(() => {
	const wrong = [], name = (e) => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + " " + (e.textContent || e.value || "").trim().slice(0, 40);
	const shown = (e) => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) && !e.closest(".vh,.skip,[aria-hidden=true]");
	for (const e of document.querySelectorAll("a,button,summary,select,textarea,input:not([type=hidden])")) {
		if (!shown(e) || e.closest("p,dd,li") && e.tagName === "A" && !e.closest("nav,.rows")) continue; // links in running text
		const answer = /radio|checkbox/.test(e.type), box = (answer ? e.closest("label") : e).getBoundingClientRect();
		const least = answer ? 52 : 44;
		if (box.height < least - .5 || box.width < 44 - .5 && !(e.tagName === "A" && e.closest("nav,dd")))
			wrong.push(name(answer ? e.closest("label") : e) + " is " + Math.round(box.width) + "x" + Math.round(box.height));
	}
	const wide = document.documentElement.clientWidth;
	for (const e of document.querySelectorAll("main *,header *,footer *")) {
		if (!shown(e) || e.closest("template,svg,select")) continue;
		const box = e.getBoundingClientRect(), style = getComputedStyle(e);
		if (box.right > wide + 1 || box.left < -1) wrong.push(name(e) + " reaches over the edge");
		if (/hidden|clip/.test(style.overflowX + style.overflowY) && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)) wrong.push(name(e) + " is cut");
	}
	return [...new Set(wrong)].join("\n");
})()`
