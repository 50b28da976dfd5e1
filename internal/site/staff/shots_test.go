package staff_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/panel"
	"panelverk/internal/site/browsertest"
)

// TestPictures writes pictures of the pages into the folder that
// PANELVERK_SCREENSHOTS names, for people to look at; everywhere it proves in
// a real browser that no page has to be scrolled sideways on a phone.
func TestPictures(t *testing.T) {
	folder := os.Getenv("PANELVERK_SCREENSHOTS")
	w := newWorld(t)
	labels := w.people(early, 38)
	for i, label := range labels {
		for wave := 1; wave <= 3; wave++ {
			if (i*7+wave*3)%(9-wave*2) != 0 {
				w.answer(label, wave)
			}
		}
	}
	if err := w.field.RecordOutcome(ctx, wave3, access.CommandLine(), key, labels[3], 3, panel.RefusedByPhone); err != nil {
		t.Fatal(err)
	}
	for _, c := range []fieldwork.NewContact{{Wave: 3, Way: panel.ByTelephone, Outcome: panel.NoAnswer}, {Wave: 3, Way: panel.ByTelephone, Outcome: panel.Promised, Note: "Ringer på tisdag"}} {
		if err := w.field.RecordContact(ctx, wave3, access.CommandLine(), key, labels[4], c); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.field.Alter(ctx, wave3.AddDate(0, 0, 6), access.CommandLine(), key, labels[4], fieldwork.Alteration{Language: "sv", Pilot: true, PausedUntil: wave3.AddDate(0, 1, 0),
		Contact: &fieldwork.ContactData{Name: "Ny Namnsson", Email: "ny@example.org"}}); err != nil {
		t.Fatal(err)
	}
	if err := w.accounts.Forgot(ctx, wave3.Add(-5*time.Hour), "admin@example.org"); err != nil {
		t.Fatal(err)
	}
	w.now = wave3.AddDate(0, 0, 6)
	s := "/s/" + key
	pages := map[access.Role][]string{
		"":                {"/login", "/forgot", "/reset/nonsense"},
		access.Owner:      {"/people", "/people/" + w.ids[access.Admin], "/audit", "/account", s, s + "/questionnaires", s + "/questionnaires/core/next", s + "/p/" + labels[4], s + "/p/" + labels[4] + "/merge", s + "/p/" + labels[4] + "/erase"},
		access.Admin:      {s, s + "/outcomes", s + "/outcomes/3", s + "/waves", s + "/waves/3/close", s + "/panel", s + "/missing/3", s + "/panel/add", s + "/panel/file", s + "/p/" + labels[3], s + "/p/" + labels[4], s + "/p/" + labels[4] + "/alter", s + "/p/" + labels[4] + "/contact", s + "/links", s + "/p/" + labels[0] + "/enter/3"},
		access.Researcher: {s, s + "/questionnaires", s + "/questionnaires/core/2", s + "/questionnaires/core/2/compare", s + "/data", s + "/data/variables", s + "/data/corrections", s + "/panel"},
	}
	for name, options := range map[string][]browsertest.Option{
		"phone": {browsertest.Phone(390, 844)}, "desk": {browsertest.Window(1280, 900)},
		"phone-dark": {browsertest.Phone(390, 844), browsertest.Dark()}, "desk-dark": {browsertest.Window(1280, 900), browsertest.Dark()},
	} {
		if folder == "" && name != "phone" {
			continue
		}
		for role, paths := range pages {
			b := browsertest.Start(t, append(options, browsertest.Language("sv"), browsertest.NoScript())...)
			for _, status := range []string{"403", "410"} { // pages that refuse are looked at too
				b.Expect(status)
			}
			if role != "" {
				b.Goto(w.server.URL + "/staff/login")
				b.Fill("#f-email", string(role)+"@example.org")
				b.Fill("#f-password", password)
				b.Follow("main .btn")
			}
			for i, path := range paths {
				b.Goto(w.server.URL + "/staff" + path)
				if name == "phone" && b.Width() > 390 {
					t.Errorf("%s is %d px wide on a screen of 390", path, b.Width())
				}
				shoot(b, folder, name, string(role)+string(rune('a'+i)))
			}
			pressed(t, b, w, role, func(page string) {
				if name == "phone" && b.Width() > 390 {
					t.Errorf("%s is %d px wide on a screen of 390", page, b.Width())
				}
				shoot(b, folder, name, string(role)+"-"+page)
			})
		}
	}
}

func shoot(b *browsertest.Browser, folder, screen, page string) {
	if folder != "" {
		b.Screenshot(filepath.Join(folder, screen, page+".png"))
	}
}

// upload hands in a file in the browser.
func upload(b *browsertest.Browser, page, content string) {
	b.Goto(page)
	b.Evaluate("(() => { const d = new DataTransfer(); d.items.add(new File([" + strconv.Quote(content) + "], 'core.md')); document.querySelector('#f-file').files = d.files; return '' })()")
	b.Follow("main .btn")
}

// pressed goes to the pages that only a posted form leads to.
func pressed(t *testing.T, b *browsertest.Browser, w *world, role access.Role, look func(page string)) {
	b.Expect("422")
	base := w.server.URL + "/staff"
	switch role {
	case access.Owner:
		b.Goto(base + "/people")
		b.Check(`[value="researcher"]`)
		b.Follow(`[action$="/invite"] .btn`)
		look("invitation")
		upload(b, base+next, "| survey |\n| | type | name | label::sv |\n| | integer | n | ${nobody} |\n| | nonsense | x | X |\n")
		look("broken")
		upload(b, base+next, core(t, "Vad är viktigast att facket", "Vad är allra viktigast att facket", "| Working out pay or bonus |", "| Finding thieves |", "| hours_week |", "| hours_in_a_week |"))
		look("draft")
		b.Check(`[value="same"]`)
		b.Follow(`[action$="/publish"] .btn`)
		look("undecided")
	case access.Admin:
		b.Goto(base + "/s/" + key + "/links")
		b.Follow(`[value="list"]`)
		look("links")
		b.Goto(base + "/s/" + key + "/links")
		b.Follow(`[value="sheet"]`)
		look("cards")
		b.Goto(base + "/s/" + key + "/waves")
		b.Fill("#f-w4-opens", "25 september")
		b.Follow(`[action$="/waves/4"] .btn`)
		look("wrong")
	case access.Researcher:
		b.Goto(base + "/s/" + key + "/data/corrections")
		b.Follow("main .btn")
		look("wrong")
	}
}
