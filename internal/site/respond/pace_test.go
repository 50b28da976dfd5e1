package respond_test

import (
	"strings"
	"testing"
	"time"
)

// Once ten people have sent a version in, a page tells how long others took
// from it on: quietly, in every language, and the same by stencil and template.
func TestTheTimeLeftIsThePaceOfOthers(t *testing.T) {
	w := newWorld(t, wave4)
	sent := func() {
		link := w.invite(4)
		b := w.start(link, true)
		w.now = w.now.Add(3 * time.Minute)
		b.open(link, "p_influence").next("q.infl_tech", "partly")
		w.now = w.now.Add(2 * time.Minute)
		b.open(link, "p_pace").next("q.pace_change", "same")
		w.now = w.now.Add(40 * time.Second)
		b.get(link.URL+"/review").press("go", "submit").isAt(200, "/thanks")
	}
	for range 9 {
		sent()
	}
	link := w.invite(4)
	b := w.start(link, true)
	b.open(link, "p_influence").lacks("kvar")
	sent()
	b.open(link, "p_influence").lacks("kvar") // what was known is kept for ten minutes
	w.now = w.now.Add(11 * time.Minute)
	b.open(link, "p_influence").says("ungefär 6 minuter kvar")
	b.open(link, "p_pace").says("ungefär 3 minuter kvar")
	pages := map[string]string{"en": "about 6 minutes left", "de": "noch etwa 6 Minuten"}
	for tag, text := range pages {
		b.get(link.URL + "/p/p_influence?lang=" + tag).says(text)
	}
	w.now = w.now.Add(3 * time.Minute)
	b.open(link, "p_influence").next("q.infl_tech", "partly").says("minuter kvar")
	if whole := b.get(link.URL + "/whole").source; strings.Count(whole, "ungefär 6 minuter kvar") == 0 || strings.Count(whole, "mindre än en minut kvar") == 0 {
		t.Error("the pages for who loses the network do not tell it")
	}
	w.browser(true).get(w.invite(4).URL).says("Cirka 6 minuter varje gång")

	// A panel of this size is asked anew only once enough has come in since.
	for range 2 {
		w.now = w.now.Add(11 * time.Minute)
		b.open(link, "p_pace").says("ungefär 3 minuter kvar")
	}
}
