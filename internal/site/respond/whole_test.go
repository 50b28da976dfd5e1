package respond_test

import (
	"testing"
)

func TestWhole(t *testing.T) {
	w := newWorld(t, wave4)
	link := w.invite(4)
	b := w.browser(true).get(link.URL).press("go", "start", "consent", "1")
	b.get(link.URL + "/whole")
	t.Log(len(b.source), b.source[:min(len(b.source), 6000)])
}
