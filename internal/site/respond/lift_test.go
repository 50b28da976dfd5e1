package respond_test

import (
	"maps"
	"strings"
	"testing"

	"panelverk/internal/site/browsertest"
)

// lifted answers all pages from the one that is open to the review, and gives
// how many there were.
func lifted(t *testing.T, b *browsertest.Browser, most int) int {
	t.Helper()
	pages := 0
	for ; pages < most && !strings.HasSuffix(b.URL(), "/review"); pages++ {
		if pages > 60 {
			t.Fatalf("no review after %d pages; at %s", pages, b.URL())
		}
		if b.Width() > 390 {
			t.Errorf("%s is %d px wide on a screen of 390", b.URL(), b.Width())
		}
		for before := ""; before != questions(b); { // what answers bring up is answered too
			before = questions(b)
			answerPage(b)
		}
		b.Follow(".acts button[value=next]")
	}
	return pages
}

// waitWhole waits until the questionnaire is in the page's memory.
func waitWhole(b *browsertest.Browser) {
	b.WaitUntil("the whole questionnaire is there", func() bool {
		return b.Evaluate(`performance.getEntriesByType("resource").some((e) => e.name.endsWith("/whole") && e.responseEnd) ? "yes" : "no"`) == "yes"
	})
}

// kept names what the device keeps.
const kept = `(async () => JSON.stringify([await caches.keys(), localStorage.length, (await indexedDB.databases()).length, (await navigator.serviceWorker.getRegistrations()).length]))().then((s) => (document.documentElement.dataset.kept2 = s)), ""`

func keptOn(b *browsertest.Browser) string {
	b.Evaluate(`delete document.documentElement.dataset.kept2, ""`)
	b.Evaluate(kept)
	out := ""
	b.WaitUntil("it is known what is kept", func() bool {
		out = b.Evaluate(`document.documentElement.dataset.kept2 || ""`)
		return out != ""
	})
	return out
}

const nothingKept = "[[],0,0,0]"

// Load, lose the network, answer all, regain it: submitted. Nothing is kept on
// the device, and what is stored is what an interview with a network stores.
func TestInALift(t *testing.T) {
	w := newWorld(t, wave4)
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"))
	b.Expect("ERR_INTERNET_DISCONNECTED")
	n := 0
	b.Goto(w.invite(4).URL)
	b.Check("#consent")
	b.Follow(".acts .btn")
	waitWhole(b)
	b.Offline(true)
	pages := lifted(t, b, 99)
	shoot(b, "lift", &n, "review")
	b.Click("#send .btn")
	b.WaitText("Dina svar skickas in när nätet är tillbaka")
	shoot(b, "lift", &n, "waiting")
	if got := keptOn(b); got != nothingKept {
		t.Errorf("the device keeps %s", got)
	}
	b.Offline(false)
	b.WaitText("Tack! Dina svar är inskickade.")
	away := w.document(4).Answers
	if pages < 10 {
		t.Errorf("there were %d pages", pages)
	}

	w = newWorld(t, wave4)
	b = browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"), browsertest.NoScript())
	b.Goto(w.invite(4).URL)
	b.Check("#consent")
	b.Follow(".acts .btn")
	lifted(t, b, 99)
	b.Follow("#send .btn")
	here := w.document(4).Answers
	for name, value := range here {
		if strings.HasPrefix(value, w.now.Format("2006-01")) { // when it was answered
			away[name] = value
		}
	}
	if !maps.Equal(away, here) {
		t.Errorf("without a network %v\nis stored, with one %v", away, here)
	}
}
