package respond_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

var formKey = regexp.MustCompile(`name="key" value="[^"]*"`)

// A page that was filled into a stencil must be the page that the template
// gives: blank, answered, with a default and in another language, first and
// again, for whoever answered and for whoever did not.
func TestStencilsGiveWhatTheTemplatesGive(t *testing.T) {
	w := newWorld(t, wave3)
	link := w.invite(3)
	token := link.URL[strings.LastIndex(link.URL, "/")+1:]
	b := w.start(link, true)
	cookie := b.client.Jar.Cookies(b.url)[0]
	page := func(handler http.Handler, key, query string, proof bool) string {
		t.Helper()
		r := httptest.NewRequest(http.MethodGet, "/s/"+token+"/p/"+key+query, nil)
		if proof {
			r.AddCookie(cookie)
		}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		if answer.Code != http.StatusOK {
			t.Fatalf("%s: %d", key, answer.Code)
		}
		return formKey.ReplaceAllString(answer.Body.String(), "KEY")
	}
	for range 60 {
		key := b.url.Path[strings.LastIndex(b.url.Path, "/")+1:]
		if key == "review" {
			return
		}
		for round := range 2 {
			for _, query := range []string{"", "?lang=de", "?lang=en"} {
				for _, proof := range []bool{true, false} {
					want := page(w.templates, key, query, proof)
					for range 2 { // once cut, once filled again
						if got := page(w.server.Config.Handler, key, query, proof); got != want {
							t.Fatalf("%s%s, proof %v:\n%s\nthe template gives\n%s", key, query, proof, got, want)
						}
					}
				}
			}
			if round == 0 { // and again with answers
				here := b.url.String()
				b.next(choose(b.body)...)
				b.get(here)
			}
		}
		b.next()
		if b.status != http.StatusOK {
			b.next()
		}
	}
}
