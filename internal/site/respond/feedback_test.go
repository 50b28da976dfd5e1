package respond_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"panelverk/internal/fieldwork"
	"panelverk/internal/site/browsertest"
)

// answered lets somebody answer two questions of wave 4 and send it in.
func (w *world) answered(influence, pace string) (fieldwork.Link, *browser) {
	w.t.Helper()
	link := w.invite(4)
	b := w.start(link, true)
	b.open(link, "p_influence").next("q.infl_tech", influence)
	b.open(link, "p_pace").next("q.pace_change", pace)
	b.get(link.URL+"/review").press("go", "submit").isAt(200, "/thanks")
	return link, b
}

// panelOf lets seventeen people answer, and closes wave 4.
func panelOf(w *world) (links []fieldwork.Link, browsers []*browser) {
	w.t.Helper()
	for i, influence := range strings.Fields(strings.Repeat("very_small ", 2) + strings.Repeat("fairly_small ", 4) + strings.Repeat("partly ", 5) + strings.Repeat("fairly_large ", 5) + "dk") {
		pace := "same"
		if i == 3 {
			pace = "much_faster"
		}
		link, b := w.answered(influence, pace)
		links, browsers = append(links, link), append(browsers, b)
	}
	if n, err := w.field.FreezeFeedback(context.Background(), w.now); n != 0 || err != nil {
		w.t.Fatalf("%d snapshots of a wave that is open, %v", n, err)
	}
	browsers[0].get(links[0].URL+"/feedback").isAt(404, "/feedback")
	w.now = time.Date(2017, 10, 18, 9, 0, 0, 0, time.UTC)
	for range 2 { // once more changes nothing
		if _, err := w.field.FreezeFeedback(context.Background(), w.now); err != nil {
			w.t.Fatal(err)
		}
	}
	return links, browsers
}

// After the last wave the panel's answers stand beside one's own, in groups of
// five and more, and stay as they are whoever is erased.
func TestThePanelBesideOnesOwnAnswers(t *testing.T) {
	w := newWorld(t, wave4)
	links, browsers := panelOf(w)
	browsers[0].get(links[0].URL).isAt(410, "").says("Se hur panelen svarade")
	browsers[0].get(links[0].URL+"/feedback").isAt(200, "/feedback").says("Så här svarade ni", "onsdag 18 oktober 2017",
		"I mycket liten grad – I ganska liten grad Ditt svar 6 av 16", "Delvis 5 av 16", "I ganska hög grad – I mycket hög grad 5 av 16",
		"Visas inte: nästan alla har svarat lika", "Visas inte: för få har svarat på frågan.", "Dina svar genom åren", "Som förut")
	b := browsers[3].get(links[3].URL + "/feedback").says("Mycket högre nu")
	browsers[0].get(links[0].URL+"/feedback?lang=en").says("Your answer 6 of 16", "Partly 5 of 16")

	// A link alone shows what everybody is shown, and nothing of one's own.
	alone := w.browser(true).get(links[0].URL+"/feedback").says("Delvis 5 av 16", "Dina egna svar står inte här")
	alone.lacks("Ditt svar", "Dina svar genom åren")
	before := alone.body

	// Erasing somebody, and another look when the clock has moved, change nothing.
	b.get(links[5].URL+"/leave/erase").press("mine", "1").isAt(200, "/receipt")
	w.now = w.now.AddDate(0, 1, 0)
	if n, err := w.field.FreezeFeedback(context.Background(), w.now); n != 0 || err != nil {
		t.Errorf("%d snapshots again, %v", n, err)
	}
	if after := w.browser(true).get(links[0].URL + "/feedback").body; after != before {
		t.Error("erasing somebody changed the snapshot")
	}
	w.browser(true).get(links[5].URL + "/feedback").says("Delvis 5 av 16").lacks("Ditt svar")
}

// TestRightsInABrowser looks at every page of one's rights on a phone and on a
// desk, light and dark: none is wider than the screen.
func TestRightsInABrowser(t *testing.T) {
	w := newWorld(t, wave4)
	away := w.invite(4)
	links, _ := panelOf(w)
	w.handOut(links[0])
	w.now = time.Date(2017, 10, 19, 9, 0, 0, 0, time.UTC)
	for name, options := range map[string][]browsertest.Option{
		"phone-sv": {browsertest.Phone(390, 844), browsertest.NoScript()}, "phone-dark-en": {browsertest.Phone(390, 844), browsertest.Dark()},
		"narrow-de": {browsertest.Phone(320, 640)}, "desk-sv": {}, "desk-dark-en": {browsertest.Dark()},
	} {
		b := browsertest.Start(t, options...)
		for _, page := range []string{"feedback", "answers", "info", "leave", "leave/keep", "leave/erase"} {
			b.Goto(links[0].URL + "/" + page + "?lang=" + name[len(name)-2:])
			if strings.HasPrefix(name, "phone") && b.Width() > 390 || strings.HasPrefix(name, "narrow") && b.Width() > 320 {
				t.Errorf("%s is %d px wide on %s", page, b.Width(), name)
			}
			if shots != "" {
				b.Screenshot(filepath.Join(shots, fmt.Sprintf("rights-%s-%s.png", name, strings.ReplaceAll(page, "/", "-"))))
			}
		}
	}
	// Without scripts, by keyboard and finger alone: a pause and back, then all is erased.
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.NoScript(), browsertest.Language("sv"))
	b.Goto(away.URL + "/leave")
	b.Check("input[value=pause]")
	b.Follow(".acts .btn")
	b.WaitText("Du har paus till")
	b.Follow(".acts .btn")
	b.Check("input[value=erase]")
	b.Follow(".acts .btn")
	b.WaitText("Det går inte att ångra.")
	b.Follow(".acts .btn")
	b.WaitText("Dina svar är raderade.")
}
