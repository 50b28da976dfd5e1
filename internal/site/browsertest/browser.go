// Package browsertest drives a real Chromium in tests, and in tests alone.
//
//	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.NoScript())
//	b.Goto(server.URL + "/i/abc")
//	b.Follow("button[name=start]") // a click that leads to a new page
//	b.Check("input[name=q1][value=agree]")
//	b.Follow("button[name=next]")
//	if !strings.Contains(b.VisibleText(), "Tack!") { … }
//
// Every browser has a profile of its own, thrown away at the end. Every helper
// waits until the element is there and can be used, ends the test when something
// cannot be done in time, and works with the page's scripts switched off too.
// Selectors are CSS.
//
// At its end a test fails for what a visitor's console would have shown: an
// uncaught exception, console.error, an entry of the browser's log (a breach
// of the content security policy, say), a file that could not be loaded, and
// any request to a host that the test did not open itself. Expect names those
// that belong to a test.
//
// Without Chromium on the machine a test is left out, and under CI it fails.
package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"panelverk/internal/need"
)

// patience is how long one helper waits before the test has failed. It is long
// because a loaded machine is slow; nothing ever waits for the whole of it
// when all is well.
const patience = 20 * time.Second

// names of the browser on the various systems, the first one found is taken.
var names = []string{"chromium", "chromium-browser", "google-chrome"}

// Browser is one visitor: a browser with its cookies and its open page. It is
// for one goroutine.
type Browser struct {
	t   testing.TB
	ctx context.Context
	set settings

	mu       sync.Mutex
	hosts    map[string]bool // those that the test opened
	status   int             // of the page that is open
	troubles []string
	expected []string
	asked    map[network.RequestID]string
	carried  Traffic
}

type settings struct {
	width, height       int64
	mobile, dark        bool
	noScript, noCookies bool
	language            string
	profile             string
}

// Option sets how a browser is.
type Option func(*settings)

// Phone gives it a small touch screen of so many CSS pixels.
func Phone(width, height int) Option {
	return func(s *settings) { s.width, s.height, s.mobile = int64(width), int64(height), true }
}

// Window gives it a desktop's window of so many CSS pixels; without it there
// are 1280×800.
func Window(width, height int) Option {
	return func(s *settings) { s.width, s.height, s.mobile = int64(width), int64(height), false }
}

// Dark says that its owner prefers dark colours.
func Dark() Option { return func(s *settings) { s.dark = true } }

// NoScript switches the pages' scripts off.
func NoScript() Option { return func(s *settings) { s.noScript = true } }

// NoCookies makes it refuse all cookies.
func NoCookies() Option { return func(s *settings) { s.noCookies = true } }

// Language sets what it asks for, as in Accept-Language ("sv-SE,sv"); without
// it that is "en".
func Language(accept string) Option { return func(s *settings) { s.language = accept } }

// Profile keeps what the browser keeps in a folder of the test's: the next one
// that is started with it, after Close, is the same person's, later.
func Profile(folder string) Option { return func(s *settings) { s.profile = folder } }

// Start opens a browser with an empty profile. It is closed when the test
// ends, and its troubles are then the test's.
func Start(t testing.TB, options ...Option) *Browser {
	t.Helper()
	b := &Browser{t: t, hosts: map[string]bool{}, asked: map[network.RequestID]string{}, set: settings{width: 1280, height: 800, language: "en"}}
	for _, option := range options {
		option(&b.set)
	}
	program := find()
	if program == "" {
		need.Missing(t, "Chromium", "install it (Debian: apt-get install chromium) so that one of "+strings.Join(names, ", ")+" is on the PATH")
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), b.flags(program)...)
	t.Cleanup(stop)
	b.open(ctx)
	return b
}

// Close ends the browser as its owner does. Nothing can be done with it afterwards.
func (b *Browser) Close() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Cancel(ctx); err != nil {
		b.t.Fatalf("closing the browser: %v", err)
	}
}

// SecondTab opens one more page of the same browser: cookies and settings are
// shared, what is open and what went wrong is not.
func (b *Browser) SecondTab() *Browser {
	b.t.Helper()
	tab := &Browser{t: b.t, hosts: map[string]bool{}, asked: map[network.RequestID]string{}, set: b.set}
	tab.open(b.ctx)
	return tab
}

// Tab opens one more page of the same browser for a test of its own, with a
// screen, a theme and scripts of its own; cookies and the language asked for are
// the browser's. Tests with a tab each may run at the same time.
func (b *Browser) Tab(t testing.TB, options ...Option) *Browser {
	t.Helper()
	tab := &Browser{t: t, hosts: map[string]bool{}, asked: map[network.RequestID]string{}, set: settings{width: 1280, height: 800, language: b.set.language}}
	for _, option := range options {
		option(&tab.set)
	}
	tab.open(b.ctx)
	return tab
}

// open makes the page that b drives in the given context, which is an
// allocator's or another tab's.
func (b *Browser) open(parent context.Context) {
	b.t.Helper()
	ctx, closeTab := chromedp.NewContext(parent)
	b.ctx = ctx
	b.t.Cleanup(func() {
		closeTab()
		b.report()
	})
	if err := chromedp.Listen(ctx, b.watch); err != nil {
		b.t.Fatalf("Chromium does not start: %v", err)
	}
	b.do("setting the browser up", chromedp.Func(b.emulate))
}

func (b *Browser) emulate(ctx context.Context, tab *chromedp.Target) error {
	colours := "light"
	if b.set.dark {
		colours = "dark"
	}
	for _, call := range []struct {
		method string
		params any
	}{
		{emulation.CommandSetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: b.set.width, Height: b.set.height, DeviceScaleFactor: 1, Mobile: b.set.mobile}},
		{emulation.CommandSetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: b.set.mobile}},
		{emulation.CommandSetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colours}}}},
		{emulation.CommandSetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: b.set.noScript}},
	} {
		if err := tab.Call(ctx, call.method, call.params, nil); err != nil {
			return fmt.Errorf("%s: %w", call.method, err)
		}
	}
	return nil
}

// flags gives the browser's command line, and lays its profile.
func (b *Browser) flags(program string) []chromedp.ExecAllocatorOption {
	b.t.Helper()
	profile := b.set.profile
	if profile == "" {
		profile = filepath.Join(b.t.TempDir(), "profile")
	}
	if b.set.noCookies {
		const block = 2 // what Chromium's content settings call "block"
		prefs, err := json.Marshal(map[string]any{"profile": map[string]any{
			"default_content_setting_values": map[string]int{"cookies": block}}})
		if err != nil {
			b.t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(profile, "Default"), 0o700); err != nil {
			b.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(profile, "Default", "Preferences"), prefs, 0o600); err != nil {
			b.t.Fatal(err)
		}
	}
	return append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.UserDataDir(profile),
		chromedp.WindowSize(int(b.set.width), int(b.set.height)),
		chromedp.Flag("accept-lang", b.set.language),
		chromedp.Flag("no-sandbox", true), // Chromium's sandbox does not run as root, and it opens our own pages only
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		// A page that is restored from memory fires no load event to wait for.
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,BackForwardCache"),
	)
}

// find gives the path of the browser, or "".
func find() string {
	for _, name := range names {
		if program, err := exec.LookPath(name); err == nil {
			return program
		}
	}
	return ""
}

// do runs one step, and ends the test if it fails or takes too long.
func (b *Browser) do(what string, step chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	run(b, what, step)
}

// run is do for a step that gives something back.
func run[T any](b *Browser, what string, step chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	got, err := chromedp.Run(ctx, step)
	if err != nil {
		b.fail(what, err)
	}
	return got
}

// fail ends the test with what stood on the page at that moment.
func (b *Browser) fail(what string, err error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Second)
	defer cancel()
	where, _ := chromedp.Run(ctx, chromedp.Location())
	text, _ := chromedp.Run(ctx, chromedp.EvaluateAsDevTools[string](`document.body?.innerText ?? ""`))
	b.t.Fatalf("%s: %v\non %s, which shows:\n%s", what, err, where, text)
}

// host gives the host and port of an address, "" for those that have none
// (about:, data:).
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
