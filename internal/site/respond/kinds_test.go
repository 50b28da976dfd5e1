package respond_test

import (
	"strings"
	"testing"
	"time"

	"panelverk/internal/site/browsertest"
)

// TestEveryKindOfPageIsAccessible opens the pages beside the questions, and
// each in its states: with errors, with nothing to show, and where a link leads
// to nothing.
func TestEveryKindOfPageIsAccessible(t *testing.T) {
	w := newWorld(t, wave4)
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"), browsertest.NoScript())
	for _, status := range []string{"404", "409", "410", "422", "403"} {
		b.Expect(status)
	}
	n := 0
	look := func(page string) {
		t.Helper()
		if b.Width() > 390 {
			t.Errorf("%s is %d px wide on a screen of 390", page, b.Width())
		}
		shoot(b, "kinds", &n, strings.NewReplacer(" ", "-", "/", "-").Replace(page))
	}
	at := func(address, page string) {
		t.Helper()
		b.Goto(address)
		look(page)
	}
	base, link := w.server.URL, w.invite(4).URL
	w.now = wave4.Add(-30 * 24 * time.Hour)
	at(link, "not open yet")
	w.now = wave4
	at(base+"/", "the page for codes")
	b.Fill("#code", "nonsense")
	b.Follow("main .btn")
	look("a code that is none")
	at(base+"/link", "asking for a new link")
	at(base+"/join", "the page for codes to join by")
	b.Follow("main .btn")
	look("no code to join by")
	at(base+"/join/nonsense", "nothing to join")
	at(base+"/u/nonsense", "no messages to stop")
	at(base+"/s/nonsense", "a link that is none")
	b.Goto(link)
	b.Follow(".acts .btn")
	look("no consent given")
	b.Check("#consent")
	b.Follow(".acts .btn")
	b.Fill("[name='q.year_started']", "2106")
	b.Follow(".acts .btn")
	look("an answer that is wrong")
	b.Fill("[name='q.year_started']", "2006")
	b.Follow(".acts .btn")
	for _, page := range []string{"help", "info", "info/1", "leave", "leave/keep", "leave/erase", "receipt", "answers", "feedback", "prove", "review", "p/p_tech_met", "p/p_priority"} {
		at(link+"/"+page, page)
	}
	b.Goto(link + "/p/p_tech_met")
	b.Follow(".acts .btn")
	look("a reminder")
	b.Goto(link + "/leave")
	b.Follow("main .btn")
	look("no way of leaving chosen")
	b.Goto(link + "/p/p_job")
	b.Follow(".acts button[value=pause]")
	look("paused")
	w.now = wave4.AddDate(0, 2, 0)
	at(link, "closed")
}
