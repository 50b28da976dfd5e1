package respond_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"panelverk/internal/site/browsertest"
)

// keyboard is somebody who has nothing else.
type keyboard struct {
	*testing.T
	b *browsertest.Browser
}

// focus tells what has the focus, and fails where that cannot be seen: no ring
// about it or its row, or out of the screen.
func (k keyboard) focus() string {
	k.Helper()
	got := k.b.Evaluate(`(() => {
		const e = document.activeElement;
		if (!e || e === document.body) return "";
		const box = e.getBoundingClientRect(), style = getComputedStyle(e), row = e.closest("label") && getComputedStyle(e.closest("label"));
		const ring = [style, row].some((s) => s && s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2);
		const seen = box.bottom > 0 && box.top < innerHeight && box.height > 0, top = document.elementFromPoint(box.x + box.width / 2, Math.min(Math.max(box.y + box.height / 2, 0), innerHeight - 1));
		return [e.name || e.tagName, e.value || e.textContent.trim().slice(0, 30), e.type || "", ring ? "" : "no ring", seen && top && (e.contains(top) || top.contains(e) || (e.labels && [...e.labels].some((l) => l.contains(top)))) ? "" : "not seen"].join("|");
	})()`)
	parts := strings.Split(got, "|")
	if len(parts) == 5 && (parts[3] != "" || parts[4] != "") && !strings.HasPrefix(parts[0], "DIV") {
		k.Errorf("at %s the focus is on %s", k.b.URL(), got)
	}
	return strings.Join(parts[:min(3, len(parts))], "|")
}

// to presses the tab key until something has the focus whose name, value and
// type begin so.
func (k keyboard) to(wanted string) {
	k.Helper()
	for range 120 {
		if strings.HasPrefix(k.focus(), wanted) {
			return
		}
		k.b.Press(kb.Tab)
	}
	k.Fatalf("the tab key does not lead to %s on %s", wanted, k.b.URL())
}

// press types a key that leads to another page.
func (k keyboard) press(key string) {
	k.Helper()
	k.b.Evaluate(`document.querySelector("main").firstElementChild.dataset.old = "1"`)
	k.b.Press(key)
	k.b.WaitUntil("another page", func() bool { return k.b.Count("main>[data-old]") == 0 && k.b.Count("main") == 1 })
}

// An interview by the keyboard alone, from the first page to the last: every
// stop of the focus can be seen, and the wrong answer's summary has it.
func TestKeyboardAlone(t *testing.T) {
	for name, options := range map[string][]browsertest.Option{"with scripts": {}, "without scripts": {browsertest.NoScript()}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, wave4)
			b := browsertest.Start(t, append(options, browsertest.Window(1280, 800), browsertest.Language("sv"))...)
			b.Expect("422")
			k := keyboard{t, b}
			b.Goto(w.invite(4).URL)
			b.Press(kb.Tab)
			if got := k.focus(); !strings.HasPrefix(got, "A|Hoppa till innehållet") {
				t.Errorf("the first stop is %q", got)
			}
			k.to("consent|1")
			b.Press(" ")
			k.to("go|start")
			k.press(kb.Enter)
			k.to("q.year_started")
			b.Press("1")
			k.press(kb.Enter) // a field's Enter goes on, and the year is wrong
			if got := b.Evaluate(`document.activeElement.getAttribute("role")`); got != "alert" {
				t.Errorf("the error summary does not have the focus: %s", got)
			}
			k.to("A|")
			// Not by the key: its second half would reach the field, as no keyboard's does.
			b.Evaluate(`document.activeElement.click()`)
			b.WaitUntil("the field has the focus", func() bool { return b.Evaluate(`document.activeElement?.name`) == "q.year_started" })
			b.Press(kb.End)
			b.Press(kb.Backspace)
			for _, digit := range "2006" {
				b.Press(string(digit))
			}
			for pages := 0; !strings.Contains(b.URL(), "/review"); pages++ {
				if pages > 40 {
					t.Fatalf("no review after %d pages", pages)
				}
				k.choose()
				k.to("go|next|submit")
				k.press(kb.Enter)
			}
			k.to("go|submit")
			k.press(kb.Enter)
			b.WaitText("Tack! Dina svar är inskickade.")
			if got := w.document(4).Answers; len(got) < 12 || got["year_started"] != "2006" {
				t.Errorf("stored is %v", got)
			}
		})
	}
}

// choose answers the page's first group of choices: the tab key goes to it, the
// arrow to the second of its choices.
func (k keyboard) choose() {
	k.Helper()
	name := k.b.Evaluate(`(document.querySelector(".opts [type=radio]") || {}).name || ""`)
	if name == "" || k.b.Count(`[name="`+name+`"]:checked`) > 0 {
		return
	}
	k.to(fmt.Sprint(name, "|"))
	k.b.Press(" ")
	k.b.Press(kb.ArrowDown)
	if got := k.b.Evaluate(`[...document.getElementsByName("` + name + `")].findIndex((e) => e.checked)`); got != "1" {
		k.Errorf("%s: the keys lead to choice %s", name, got)
	}
}
