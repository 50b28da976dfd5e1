package respond_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"panelverk/internal/site/browsertest"
)

// TestGallery makes the pictures of .github/screenshots: every page of wave 4 in
// Swedish on a phone, light and dark. It runs where PANELVERK_SCREENSHOTS names
// a folder, whose folder gallery gets them.
func TestGallery(t *testing.T) {
	if shots == "" {
		t.Skip("PANELVERK_SCREENSHOTS names no folder: no pictures are made")
	}
	w := newWorld(t, wave4)
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"))
	n := 0
	take := func(page string) {
		n++
		b.Evaluate(`(document.activeElement.blur(), scrollTo(0, 0), "")`)
		for theme, dark := range map[string]bool{"light": false, "dark": true} {
			b.Theme(dark)
			b.Screenshot(filepath.Join(shots, "gallery", fmt.Sprintf("%02d-%s-%s.png", n, page, theme)))
		}
	}
	b.Goto(w.invite(4).URL)
	take("start")
	b.Check("#consent")
	b.Follow(".acts .btn")
	for !strings.Contains(b.URL(), "/review") {
		if n > 40 {
			t.Fatalf("no review after %d pages; at %s", n, b.URL())
		}
		for before := ""; before != questions(b); {
			before = questions(b)
			answerPage(b)
		}
		take(b.URL()[strings.LastIndex(b.URL(), "/")+1:])
		b.Evaluate(`document.getElementById("sheet").dataset.old = "1"`)
		b.Click(".acts button[value=next]")
		b.WaitUntil("another page", func() bool { return b.Count("#sheet[data-old]") == 0 && b.Count("footer") == 1 })
	}
	take("review")
	b.Click(".acts .btn")
	b.WaitText("Tack! Dina svar är inskickade.")
	take("thanks")
}
