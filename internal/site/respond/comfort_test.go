package respond_test

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"panelverk/internal/site/browsertest"
)

// comfortable opens a page of the study of displays on a phone, with scripts,
// and marks its window to see whether another page comes in its place.
func comfortable(t *testing.T, page string) (*world, *browsertest.Browser) {
	t.Helper()
	w := newWorldOf(t, displays, os.DirFS("testdata"), "displays")
	link := w.invite(1).URL
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"))
	b.Goto(link)
	b.Check("#consent")
	b.Follow(".acts .btn")
	b.Goto(link + "/p/" + page)
	b.Evaluate(`document.addEventListener("change", (e) => { (window.heard ??= []).push(e.target.name + "=" + e.target.value) })`)
	return w, b
}

// heard gives the changes that other scripts on the page have heard of.
func heard(b *browsertest.Browser) string {
	return b.Evaluate(`(window.heard ?? []).filter((h) => h.startsWith("q.")).join(" ")`)
}

// A ranking is put in order, by touch and by keys, on the page as it is; the
// focus follows, each step is told, and a page without scripts would send the same.
func TestRankingWithoutPageLoads(t *testing.T) {
	w, b := comfortable(t, "order")
	field := "[name='q.order']"
	shape := func() string { // what the server draws, but for what only a fresh page says
		return b.Evaluate(`document.querySelector("[data-ranking]").innerHTML.replace(/<template>.*?<[/]template>/gs, "").replace(/ (formnovalidate|disabled|autofocus)(="")?| aria-describedby="[^"]*"| id="q-order-i"|\s+(?=[<>])|\s+$/g, "").replace(/>\s+/g, ">")`)
	}
	fresh := shape()
	names := b.Evaluate(`document.querySelector("[data-ranking]").dataset.order`)
	if names != "red green blue white black" {
		t.Fatalf("the choices are %s", names)
	}
	b.Click(`[value="order add blue"]`)
	b.Click(`[value="order add red"]`)
	if got := b.Evaluate(`document.activeElement.value`); got != "order add green" {
		t.Errorf("the focus is at %q", got)
	}
	if got := b.Evaluate(`document.getElementById("q-order-s").textContent`); got != "”Röd” är nu nummer 2 av 2." {
		t.Errorf("told is %q", got)
	}
	b.Press(kb.Enter)
	if got := b.Value(field); got != "blue red green" {
		t.Errorf("the order is %q", got)
	}
	b.Click(`[value="order up green"]`)
	b.Press(" ")
	if got := b.Value(field) + ", " + b.Evaluate(`document.activeElement.value`); got != "green blue red, order down green" {
		t.Errorf("after two steps up: %q", got)
	}
	drawn, n := shape(), 0
	shoot(b, "ranking", &n, "three")
	if got := heard(b); got != "q.order=blue q.order=blue red q.order=blue red green q.order=blue green red q.order=green blue red" {
		t.Errorf("other scripts heard %s", got)
	}
	b.Follow(".acts button[value=next]")
	b.Follow(".acts button[value=back]")
	if got := shape(); got != drawn {
		t.Errorf("the script draws\n%s\nand the server\n%s", drawn, got)
	}
	if got := w.document(1).Answers["order"]; got != "green blue red" {
		t.Errorf("stored is %q", got)
	}
	for _, name := range []string{"green", "blue", "red"} {
		b.Click(`[value="order out ` + name + `"]`)
	}
	if got := shape(); got != fresh || b.Value(field) != "" {
		t.Errorf("emptied it is\n%s\nand was\n%s", got, fresh)
	}
	b.WaitUntil("nothing is stored", func() bool { return w.document(1).Answers["order"] == "" })
}

// A slider has no handle and no value before it is touched, and can be brought
// back to that; it and the field beside it say the same.
func TestSliderStartsWithoutAValue(t *testing.T) {
	w, b := comfortable(t, "trust")
	const field, line = "[name='q.trust']", "#q-trust [type=range]"
	state := func() string {
		return b.Value(field) + " " + b.Evaluate(`document.querySelector("`+line+`").className`) + " " + b.Attribute(line, "aria-valuetext")
	}
	is := func(when, want string) {
		t.Helper()
		if got := state(); got != want {
			t.Errorf("%s: %q, not %q", when, got, want)
		}
	}
	n := 0
	is("at first", " unset Inget svar")
	shoot(b, "slider", &n, "unset")
	b.Click(line) // in the middle, where the browser would have had the handle
	is("touched", "50  50")
	shoot(b, "slider", &n, "set")
	b.Press(kb.ArrowRight)
	is("by key", "51  51")
	b.Fill(field, "70")
	is("typed", "70  70")
	if got := b.Value(line); got != "70" {
		t.Errorf("the handle is at %s", got)
	}
	b.Fill(field, "420")
	is("out of range", "420 unset Inget svar")
	b.Fill(field, "70")
	b.Click("#q-trust .slider button")
	is("taken away", " unset Inget svar")
	for key, want := range map[string]string{kb.ArrowRight: "0  0", kb.ArrowLeft: "100  100"} {
		b.Press(key) // the button left the focus on the line
		is("a first key", want)
		b.Click("#q-trust .slider button")
	}
	b.Press(kb.End)
	b.Follow(".acts button[value=next]")
	if got := w.document(1).Answers["trust"]; got != "100" {
		t.Errorf("stored is %q", got)
	}
	b.Follow(".acts button[value=back]")
	is("come back to", "100  100")
}
