package browsertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"
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
// waits until that page has loaded, or stands in the place of the one before.
func (b *Browser) Follow(selector string) {
	b.t.Helper()
	x, y := b.spot(selector)
	before := b.copy()
	b.do("following "+selector, chromedp.MouseClickXY(x, y))
	b.WaitUntil(selector+" has led to another page", func() bool { now := b.copy(); return now != "" && now != before })
}

// copy names the copy of a page that is open, "" while none has loaded: another
// document has another name, and so has a page that a script has put in place.
func (b *Browser) copy() string {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	got, err := chromedp.Run(ctx, chromedp.EvaluateAsDevTools[string](
		`document.readyState === "complete" ? performance.timeOrigin + " " + (document.documentElement.dataset.pages || "") : ""`))
	if err != nil { // the document is being replaced
		return ""
	}
	return got
}

// Click clicks on what changes the page that is open, or jumps within it.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	x, y := b.spot(selector)
	b.do("clicking on "+selector, chromedp.MouseClickXY(x, y))
}

// Check chooses a radio button or a box with a click, on its label where the
// page draws that in its place, unless it is chosen already.
func (b *Browser) Check(selector string) {
	b.t.Helper()
	if !b.Checked(selector) {
		b.Click(selector)
	}
	if !b.Checked(selector) {
		b.fail("choosing "+selector, errors.New("it does not stay chosen"))
	}
}

// Checked tells whether a radio button or a box is chosen.
func (b *Browser) Checked(selector string) bool {
	b.t.Helper()
	return b.look("looking at "+selector, selector, `return String(e.checked)`) == "true"
}

// Fill replaces what stands in a field by typing; the field keeps the focus.
// "" empties it. Dates, times and ranges, which cannot be typed the same way
// in every language, are set instead, with the events of a person's change.
func (b *Browser) Fill(selector, text string) {
	b.t.Helper()
	how := b.look("going to "+selector, selector, fmt.Sprintf(`
		if (!e.checkVisibility({visibilityProperty: true}) || e.disabled || e.readOnly) return null;
		if (["date", "time", "datetime-local", "month", "week", "range", "color"].includes(e.type)) { e.value = %s; %s; return "set" }
		e.focus(); e.select(); return "type"`, quote(text), changed))
	if how == "set" {
		return
	}
	if text == "" {
		text = "\b" // the backspace key: it takes what is selected away
	}
	b.do("filling "+selector, chromedp.KeyEvent(text))
}

// Select chooses an option of a select field by its value.
func (b *Browser) Select(selector, value string) {
	b.t.Helper()
	got := b.look("choosing from "+selector, selector, fmt.Sprintf(`e.value = %s; %s; return e.value`, quote(value), changed))
	if got != value {
		b.fail("choosing from "+selector, fmt.Errorf("there is no option %q", value))
	}
}

// Files picks files for a field that takes some.
func (b *Browser) Files(selector string, names ...string) {
	b.t.Helper()
	b.do("picking files for "+selector, chromedp.SetUploadFiles(chromedp.CSS(selector), names))
}

// Press types one key where the focus is, from chromedp's package kb.
func (b *Browser) Press(key string) {
	b.t.Helper()
	b.do("pressing a key", chromedp.KeyEvent(key))
}

// Value gives what stands in a field.
func (b *Browser) Value(selector string) string {
	b.t.Helper()
	return b.look("reading "+selector, selector, `return e.value`)
}

// Attribute gives an attribute's value, "" where the element has none.
func (b *Browser) Attribute(selector, name string) string {
	b.t.Helper()
	return b.look("reading "+selector, selector, `return e.getAttribute(`+quote(name)+`) ?? ""`)
}

// Text gives the text of an element as it is seen: what is hidden is not in it.
func (b *Browser) Text(selector string) string {
	b.t.Helper()
	return b.look("reading "+selector, selector, `return e.innerText`)
}

// VisibleText gives the text of the whole page as it is seen.
func (b *Browser) VisibleText() string {
	b.t.Helper()
	return b.Text("body")
}

// HTML gives the page as it stands now.
func (b *Browser) HTML() string {
	b.t.Helper()
	return b.look("reading the page", "html", `return e.outerHTML`)
}

// Count tells how many elements there are, without waiting for any.
func (b *Browser) Count(selector string) int {
	b.t.Helper()
	return b.number("counting "+selector, fmt.Sprintf(`document.querySelectorAll(%s).length`, quote(selector)))
}

// Visible tells whether an element is there and takes room on the page,
// without waiting for it.
func (b *Browser) Visible(selector string) bool {
	b.t.Helper()
	return b.look("looking for "+selector, "html", fmt.Sprintf(
		`return String(!!document.querySelector(%s)?.checkVisibility({visibilityProperty: true}))`, quote(selector))) == "true"
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
	return b.look("reading the address", "html", `return location.href`)
}

// Title gives the title of the page that is open.
func (b *Browser) Title() string {
	b.t.Helper()
	return b.look("reading the title", "html", `return document.title`)
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

// Throttle slows the processor down that the page's scripts have, by a factor.
func (b *Browser) Throttle(factor float64) {
	b.t.Helper()
	b.do("slowing the processor down", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		return tab.Call(ctx, "Emulation.setCPUThrottlingRate", map[string]any{"rate": factor}, nil)
	}))
}

// Locate lets the page that is open ask where the device is, and sets that.
func (b *Browser) Locate(latitude, longitude float64) {
	b.t.Helper()
	b.do("setting the place", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		if err := tab.Call(ctx, "Browser.grantPermissions", map[string]any{"permissions": []string{"geolocation"}}, nil); err != nil {
			return err
		}
		return tab.Call(ctx, "Emulation.setGeolocationOverride", map[string]any{"latitude": latitude, "longitude": longitude, "accuracy": 5}, nil)
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
	return b.number("measuring", `e.scrollWidth`)
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

// spot gives the middle of an element, scrolled onto the screen, where a click
// reaches it; where something else is drawn there, the middle of its label. It
// waits until there is one.
func (b *Browser) spot(selector string) (x, y float64) {
	b.t.Helper()
	found := b.look("finding a place to click on "+selector, selector, `
		if (e.disabled) return null;
		for (const c of [e, ...(e.labels ?? [])]) {
			if (!c.checkVisibility({visibilityProperty: true})) continue;
			c.scrollIntoView({block: "center", behavior: "instant"});
			const box = c.getClientRects()[0];
			if (!box) continue;
			const x = box.x + box.width / 2, y = box.y + box.height / 2, hit = document.elementFromPoint(x, y);
			if (hit && (c.contains(hit) || e.contains(hit))) return x + " " + y;
		}
		return null`)
	if _, err := fmt.Sscan(found, &x, &y); err != nil {
		b.fail("clicking on "+selector, fmt.Errorf("it is at %q: %w", found, err))
	}
	return x, y
}

// number evaluates an expression that is a whole number.
func (b *Browser) number(what, expression string) int {
	b.t.Helper()
	n, err := strconv.Atoi(b.look(what, "html", "return String("+expression+")"))
	if err != nil {
		b.fail(what, err)
	}
	return n
}

// look waits for an element and gives the text that a function of it, e,
// returns. The function is asked again while there is no such element, while
// it returns null, and while one page gives way to another.
func (b *Browser) look(what, selector, body string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	function := fmt.Sprintf(`(() => { const e = document.querySelector(%s); if (!e) return null; %s })()`, quote(selector), body)
	for {
		got, err := chromedp.Run(ctx, chromedp.EvaluateAsDevTools[*string](function))
		if err == nil && got != nil {
			return *got
		}
		var thrown *chromedp.ExceptionError
		if errors.As(err, &thrown) {
			b.fail(what, err)
		}
		select {
		case <-ctx.Done():
			if err == nil {
				err = fmt.Errorf("no %s, or not in a state to be used, within %v", selector, patience)
			}
			b.fail(what, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// quote makes a JavaScript string of a text; every JSON string is one.
func quote(text string) string {
	literal, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string cannot fail to be encoded
	}
	return string(literal)
}
