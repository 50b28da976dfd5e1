package browsertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// changed sends the events that a person's change of the element e sends.
const changed = `e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true}))`

// Goto opens an address and waits until its page has loaded. Redirects are
// followed; Status and URL tell where it ended.
func (b *Browser) Goto(address string) {
	b.t.Helper()
	b.mu.Lock()
	b.hosts[host(address)] = true
	b.mu.Unlock()
	b.do("opening "+address, chromedp.Navigate(address))
}

// Follow clicks on what leads to a new page (a link, a form's button) and
// waits until that page has loaded.
func (b *Browser) Follow(selector string) {
	b.t.Helper()
	run(b, "following "+selector, chromedp.WaitEvent(page.LoadEventFired, nil, b.click(selector)))
}

// Click clicks on what changes the page that is open, or jumps within it.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.do("clicking on "+selector, b.click(selector))
}

func (b *Browser) click(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)
}

// Check chooses a radio button or a box, as a click on it does, unless it is
// chosen already. It may be hidden behind a label that is drawn in its place.
func (b *Browser) Check(selector string) {
	b.t.Helper()
	if !b.Checked(selector) {
		b.evaluate("choosing "+selector, selector, `e.click()`)
	}
	if !b.Checked(selector) {
		b.fail("choosing "+selector, errors.New("it does not stay chosen"))
	}
}

// Checked tells whether a radio button or a box is chosen.
func (b *Browser) Checked(selector string) bool {
	b.t.Helper()
	return b.evaluate("looking at "+selector, selector, `return String(e.checked)`) == "true"
}

// Fill replaces what stands in a field by typing; the field keeps the focus.
// "" empties it. Dates, times and ranges, which cannot be typed the same way
// in every language, are set instead, with the events of a person's change.
func (b *Browser) Fill(selector, text string) {
	b.t.Helper()
	set := fmt.Sprintf(`if (["date","time","datetime-local","month","week","range","color"].includes(e.type)) {
		e.value = %s; %s; return "set" }
		e.focus(); e.select(); return ""`, quote(text), changed)
	if b.evaluate("going to "+selector, selector, set) == "set" {
		return
	}
	if text == "" {
		text = "\b" // the backspace key: it takes what is selected away
	}
	b.do("filling "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Select chooses an option of a select field by its value.
func (b *Browser) Select(selector, value string) {
	b.t.Helper()
	got := b.evaluate("choosing from "+selector, selector, fmt.Sprintf(
		`e.value = %s; %s; return e.value`, quote(value), changed))
	if got != value {
		b.fail("choosing from "+selector, fmt.Errorf("there is no option %q", value))
	}
}

// Press types one key where the focus is, from chromedp's package kb.
func (b *Browser) Press(key string) {
	b.t.Helper()
	b.do("pressing a key", chromedp.KeyEvent(key))
}

// Value gives what stands in a field.
func (b *Browser) Value(selector string) string {
	b.t.Helper()
	return run(b, "reading "+selector, chromedp.Value(chromedp.CSS(selector)))
}

// Attribute gives an attribute's value, "" where the element has none.
func (b *Browser) Attribute(selector, name string) string {
	b.t.Helper()
	return run(b, "reading "+selector, chromedp.AttributeValue(chromedp.CSS(selector), name)).Value
}

// Text gives the text of an element as it is seen: what is hidden is not in it.
func (b *Browser) Text(selector string) string {
	b.t.Helper()
	return run(b, "reading "+selector, chromedp.Text(chromedp.CSS(selector)))
}

// VisibleText gives the text of the whole page as it is seen.
func (b *Browser) VisibleText() string {
	b.t.Helper()
	return b.Text("body")
}

// HTML gives the page as it stands now.
func (b *Browser) HTML() string {
	b.t.Helper()
	return run(b, "reading the page", chromedp.OuterHTML(chromedp.CSS("html")))
}

// Count tells how many elements there are, without waiting for any.
func (b *Browser) Count(selector string) int {
	b.t.Helper()
	return run(b, "counting "+selector, chromedp.EvaluateAsDevTools[int](fmt.Sprintf(`document.querySelectorAll(%s).length`, quote(selector))))
}

// Visible tells whether an element is there and takes room on the page,
// without waiting for it.
func (b *Browser) Visible(selector string) bool {
	b.t.Helper()
	return run(b, "looking for "+selector, chromedp.EvaluateAsDevTools[bool](fmt.Sprintf(
		`!!document.querySelector(%s)?.checkVisibility({visibilityProperty: true})`, quote(selector))))
}

// WaitText waits until the page shows a text, for what scripts do.
func (b *Browser) WaitText(text string) {
	b.t.Helper()
	b.WaitUntil("the page shows "+text, func() bool { return strings.Contains(b.VisibleText(), text) })
}

// WaitUntil asks again and again until the answer is yes.
func (b *Browser) WaitUntil(what string, done func() bool) {
	b.t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.fail("waiting until "+what, context.DeadlineExceeded)
		}
	}
}

// Status gives the HTTP status of the page that is open.
func (b *Browser) Status() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}

// URL gives the address of the page that is open.
func (b *Browser) URL() string {
	b.t.Helper()
	return run(b, "reading the address", chromedp.Location())
}

// Title gives the title of the page that is open.
func (b *Browser) Title() string {
	b.t.Helper()
	return run(b, "reading the title", chromedp.Title())
}

// Back does what the browser's back button does.
func (b *Browser) Back() {
	b.t.Helper()
	b.do("going back", chromedp.NavigateBack())
}

// Reload loads the page again.
func (b *Browser) Reload() {
	b.t.Helper()
	b.do("loading the page again", chromedp.Reload())
}

// Cookies gives the cookies that would be sent to the page that is open.
func (b *Browser) Cookies() []*network.Cookie {
	b.t.Helper()
	return run(b, "reading the cookies", func(ctx context.Context, _ *chromedp.Target) ([]*network.Cookie, error) {
		got, err := chromedp.Call(ctx, network.GetCookies, network.GetCookiesParams{})
		return got.Cookies, err
	})
}

// ForgetCookies throws all cookies away, as a visitor who clears them does.
func (b *Browser) ForgetCookies() {
	b.t.Helper()
	b.do("throwing the cookies away", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		return tab.Call(ctx, network.CommandClearBrowserCookies, nil, nil)
	}))
}

// Offline cuts the network off, or gives it back. What fails meanwhile is a
// trouble like any other: see Expect.
func (b *Browser) Offline(off bool) {
	b.t.Helper()
	b.do("changing the network", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		return tab.Call(ctx, "Network.emulateNetworkConditions", map[string]any{
			"offline": off, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}, nil)
	}))
}

// Evaluate runs an expression of JavaScript in the page, whose own scripts may
// be off, and gives its value as text.
func (b *Browser) Evaluate(expression string) string {
	b.t.Helper()
	return run(b, "evaluating "+expression, chromedp.EvaluateAsDevTools[string]("String("+expression+")"))
}

// Width gives the width of the page's content in CSS pixels: over the
// screen's, one has to scroll sideways.
func (b *Browser) Width() int {
	b.t.Helper()
	return run(b, "measuring", chromedp.EvaluateAsDevTools[int]("document.documentElement.scrollWidth"))
}

// Screenshot writes the whole page as a PNG file and makes its folder if need
// be.
func (b *Browser) Screenshot(path string) {
	b.t.Helper()
	const asPNG = 100 // chromedp takes any lower quality for JPEG
	b.write(path, run(b, "taking a picture", chromedp.FullScreenshot(asPNG)))
}

// ScreenshotOfScreen writes what is on the screen without scrolling as a PNG
// file.
func (b *Browser) ScreenshotOfScreen(path string) {
	b.t.Helper()
	b.write(path, run(b, "taking a picture", chromedp.CaptureScreenshot()))
}

func (b *Browser) write(path string, picture []byte) {
	b.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// evaluate waits for the element and runs the body of a function of e, the
// element; what it returns is text.
func (b *Browser) evaluate(what, selector, body string) string {
	b.t.Helper()
	b.do(what, chromedp.WaitReady(chromedp.CSS(selector)))
	return run(b, what, chromedp.EvaluateAsDevTools[string](fmt.Sprintf(
		`String((e => { %s })(document.querySelector(%s)))`, body, quote(selector))))
}

// quote makes a JavaScript string of a text; every JSON string is one.
func quote(text string) string {
	literal, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string cannot fail to be encoded
	}
	return string(literal)
}
