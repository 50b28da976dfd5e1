package staff_test

import (
	"os"
	"testing"

	"panelverk/internal/access"
	"panelverk/internal/site/browsertest"
)

// Staff choose any language of the pages on their account's page, and the
// longer words of Ukrainian and the letters of Cyrillic fit on a phone as well.
func TestStaffChooseTheirLanguage(t *testing.T) {
	w := newWorld(t)
	labels := w.people(early, 8)
	w.now = wave3.AddDate(0, 0, 6)
	s := "/s/" + key
	for _, tag := range []string{"uk", "sr-Cyrl"} {
		w.as(access.Admin).post("/account/language", "language", tag)
		for screen, size := range map[string]browsertest.Option{"phone": browsertest.Phone(390, 844), "desk": browsertest.Window(1280, 900)} {
			width := map[string]int{"phone": 390, "desk": 1280}[screen]
			b := browsertest.Start(t, size, browsertest.Language("sv"), browsertest.NoScript())
			b.Goto(w.server.URL + "/staff/login")
			b.Fill("#f-email", string(access.Admin)+"@example.org")
			b.Fill("#f-password", password)
			b.Follow("main .btn")
			for name, path := range map[string]string{"overview": s, "plan": s + "/plan", "participant": s + "/p/" + labels[4]} {
				b.Goto(w.server.URL + "/staff" + path)
				if got := b.Attribute("html", "lang"); got != tag {
					t.Errorf("%s is in %q, not %q", path, got, tag)
				}
				shoot(b, os.Getenv("PANELVERK_SCREENSHOTS"), screen, tag+"-"+name)
				if wide := b.Width(); wide > width {
					t.Errorf("%s in %s is %d px wide on a screen of %d", path, tag, wide, width)
				}
			}
		}
	}
}
