package respond_test

import (
	"fmt"
	"strings"
	"testing"

	"panelverk/internal/site/browsertest"
)

// lifted answers all pages from the one that is open to the review without a
// network, and gives how many there were.
func lifted(t *testing.T, b *browsertest.Browser) int {
	t.Helper()
	pages := 0
	for ; !strings.HasSuffix(b.URL(), "/review"); pages++ {
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
		return b.Evaluate(`performance.getEntriesByName(location.origin + location.pathname.split("/p/")[0] + "/whole").some((e) => e.responseEnd) && "yes"`) == "yes"
	})
}

// Load, lose the network, answer all, regain it: submitted.
func TestInALift(t *testing.T) {
	w := newWorld(t, wave4)
	link := w.invite(4)
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"))
	b.Expect("ERR_INTERNET_DISCONNECTED")
	n := 0
	b.Goto(link.URL)
	b.Check("#consent")
	b.Follow(".acts .btn")
	waitWhole(b)
	b.Offline(true)
	pages := lifted(t, b)
	shoot(b, "lift", &n, "review")
	b.Click("#send .btn")
	b.WaitText("Dina svar skickas in när nätet är tillbaka")
	shoot(b, "lift", &n, "waiting")
	b.Offline(false)
	b.WaitText("Tack! Dina svar är inskickade.")
	d := w.document(4)
	if len(d.Answers) < 30 || pages < 10 {
		t.Errorf("only %d answers on %d pages are stored: %v", len(d.Answers), pages, d.Answers)
	}
	fmt.Println(pages, len(d.Answers))
}
