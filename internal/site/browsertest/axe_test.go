package browsertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAccessibleFindsViolations sees to it that the check can fail: on the page
// itself, in its frame, and in the theme that the browser does not prefer.
func TestAccessibleFindsViolations(t *testing.T) {
	NeedAxe(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `<!doctype html><html lang="sv"><head><title>x</title><link rel="icon" href="data:,">
<style>body{color:#000;background:#fff}@media (prefers-color-scheme:dark){body{color:#444;background:#222}}</style></head>
<body><main><h1>Rubrik</h1><p>Text</p><input name="nameless"><iframe title="ram" srcdoc="<html lang=sv><title>x</title><main><h1>Ram</h1><img src='data:,'></main>"></iframe></main></body></html>`)
	}))
	defer srv.Close()
	b := Start(t, NoScript())
	b.Goto(srv.URL)
	all := strings.Join(b.violations(), "\n")
	for _, wanted := range []string{"light: label:", "light: image-alt:", "dark: color-contrast:"} {
		if !strings.Contains(all, wanted) {
			t.Errorf("%s is not found in:\n%s", wanted, all)
		}
	}
	if strings.Contains(all, "light: color-contrast:") {
		t.Errorf("black on white is found wanting:\n%s", all)
	}
}
