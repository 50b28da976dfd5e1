package browsertest

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// Expect says that troubles with this text in them belong to the test: the
// page of a broken network, say. It works backwards too.
func (b *Browser) Expect(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected = append(b.expected, text)
}

// Troubles lists what went wrong so far and was not expected.
func (b *Browser) Troubles() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var left []string
	for _, trouble := range b.troubles {
		if !b.isExpected(trouble) {
			left = append(left, trouble)
		}
	}
	return left
}

func (b *Browser) isExpected(trouble string) bool {
	for _, text := range b.expected {
		if strings.Contains(trouble, text) {
			return true
		}
	}
	return false
}

// report makes the troubles the test's own.
func (b *Browser) report() {
	for _, trouble := range b.Troubles() {
		b.t.Errorf("the browser: %s", trouble)
	}
}

// watch sees every event of the page. It runs on the goroutine that reads
// them, so it only notes.
func (b *Browser) watch(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.traffic(event)
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.note("uncaught: %s", exception(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			b.note("console.error: %s", arguments(e.Args))
		}
	case *log.EventEntryAdded:
		// What the network says comes with more detail below.
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			b.note("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if h := host(e.Request.URL); h != "" && !b.hosts[h] {
			b.note("a request to a host that the test did not open: %s", e.Request.URL)
		}
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			b.status = int(e.Response.Status)
		} else if e.Response.Status >= 400 {
			b.note("%d for %s", e.Response.Status, e.Response.URL)
		}
	case *network.EventLoadingFailed:
		if !e.Canceled {
			b.note("%s could not be loaded: %s %s", e.Type, e.ErrorText, e.BlockedReason)
		}
	}
}

func (b *Browser) note(format string, args ...any) {
	b.troubles = append(b.troubles, strings.TrimSpace(fmt.Sprintf(format, args...)))
}

func exception(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}

func arguments(args []*runtime.RemoteObject) string {
	var said []string
	for _, a := range args {
		if a.Description != "" {
			said = append(said, a.Description)
			continue
		}
		said = append(said, strings.Trim(string(a.Value), `"`))
	}
	return strings.Join(said, " ")
}
