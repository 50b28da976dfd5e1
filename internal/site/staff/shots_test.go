package staff_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/panel"
	"panelverk/internal/site/browsertest"
	"panelverk/internal/site/staff"
)

// TestPictures writes pictures of the pages into the folder that
// PANELVERK_SCREENSHOTS names, for people to look at; everywhere it proves in
// a real browser that no page has to be scrolled sideways on a phone, and that
// each keeps the rules of accessibility in light and dark.
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
	seen := map[string]bool{}
	pages := map[access.Role][]string{
		"":           {"/login", "/forgot", "/reset/nonsense", "/setup/nonsense", "/invite/nonsense", "/nowhere"},
		access.Owner: {"/people", "/people/" + w.ids[access.Admin], "/audit", "/account", s, s + "/questionnaires", s + "/questionnaires/core/next", s + "/p/" + labels[4], s + "/p/" + labels[4] + "/merge", s + "/p/" + labels[4] + "/erase", s + "/questionnaires/core/compare?old=core/1&new=core/2", s + "/questionnaires/core/words", s + "/questionnaires/core/2/preview", s + "/waves/4/open", s + "/feedback", s + "/p/" + labels[4] + "/reopen/1"},
		access.Admin: {s, s + "/outcomes", s + "/outcomes/3", s + "/waves", s + "/waves/3/close", s + "/panel", s + "/missing/3", s + "/panel/add", s + "/panel/file", s + "/p/" + labels[3], s + "/p/" + labels[4], s + "/p/" + labels[4] + "/alter", s + "/p/" + labels[4] + "/contact", s + "/links", s + "/p/" + labels[0] + "/enter/3", s + "/p/" + labels[0] + "/enter/3/paper/q/p_job", s + "/p/" + labels[0] + "/enter/3/paper/q/p_priority", s + "/p/" + labels[0] + "/enter/3/telephone/end",
			s + "/plan", s + "/calendar", s + "/p/" + labels[4] + "/lift", s + "/messages", s + "/messages/list", s + "/messages/preview", s + "/p/" + labels[4] + "/messages", s + "/enrolment", s + "/enrolment/poster?lang=sv", s + "/enrolment/close"},
		access.Researcher: {s, s + "/questionnaires", s + "/questionnaires/core/2", s + "/questionnaires/core/2/compare", s + "/questionnaires/core/2/print?lang=sv", s + "/data", s + "/data/variables", s + "/data/variables?q=arbete", s + "/data/variables/job", s + "/data/corrections", s + "/panel"},
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
				seen[route(path)] = true
				inspect(t, b, name, fmt.Sprintf("%s-%02d", role, i))
			}
			pressed(t, b, w, role, func(page string) { inspect(t, b, name, string(role)+"-"+page) })
		}
	}
	for _, r := range staff.Routes() {
		if strings.HasPrefix(r, "GET ") && !seen[r] && !elsewhere[r] {
			t.Errorf("nobody looks at %s", r)
		}
	}
}

// elsewhere are the routes that give files or lead on, and the one page that
// only a waiting list has (TestRecruitPictures looks at it), and those of
// releases and texts (TestReleasePages, TestReadingPages).
var elsewhere = map[string]bool{}

func init() {
	for _, path := range []string{"/", "/calendar/:study/:file", "/s/:study/plan/study.yaml", "/s/:study/calendar/calendar.csv", "/s/:study/calendar/waves.ics",
		"/s/:study/outcomes/file/:table", "/s/:study/data/variables/:name/file/:table", "/s/:study/p/:label/enter/:wave/:mode/media/:hash/:name", "/s/:study/questionnaires/:key/:version/file/:form",
		"/s/:study/questionnaires/:key/media/:hash/:name", "/s/:study/enrolment/out/:label",
		"/s/:study/texts", "/s/:study/texts/:wave/:question", "/s/:study/releases", "/s/:study/releases/new", "/s/:study/releases/:number", "/s/:study/releases/:number/file",
		"/s/:study/releases/profiles/new", "/s/:study/releases/profiles/p/:profile", "/s/:study/releases/profiles/p/:profile/file"} {
		elsewhere["GET "+path] = true
	}
}

// route gives the route that a path takes, the one with most words of its own.
func route(path string) (best string) {
	path, _, _ = strings.Cut(path, "?")
	parts, fewest := strings.Split(path, "/"), len(path)
	for _, r := range staff.Routes() {
		pattern, ok := strings.CutPrefix(r, "GET ")
		names := strings.Split(pattern, "/")
		if open := strings.Count(pattern, ":"); ok && open < fewest && slices.EqualFunc(names, parts, func(a, b string) bool { return a == b || strings.HasPrefix(a, ":") }) {
			best, fewest = r, open
		}
	}
	return best
}

// inspect looks at the page that is open: a picture of it, whether it fits on a
// phone, and whether it keeps the rules of accessibility in light and dark.
func inspect(t *testing.T, b *browsertest.Browser, screen, page string) {
	t.Helper()
	shoot(b, os.Getenv("PANELVERK_SCREENSHOTS"), screen, page)
	if screen != "phone" {
		return
	}
	if b.Width() > 390 {
		t.Errorf("%s is %d px wide on a screen of 390", page, b.Width())
	}
	b.Accessible(page + " at " + b.URL())
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
		b.Goto(base + "/account")
		b.Follow(`[action$="/tokens"] .btn`)
		look("token-wrong")
		b.Fill("#f-token_name", "R på kontoret")
		b.Follow(`[action$="/tokens"] .btn`)
		look("token")
		b.Goto(base + "/account")
		look("tokens")
	}
}
