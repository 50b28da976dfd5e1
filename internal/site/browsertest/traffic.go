package browsertest

import (
	"context"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Traffic is what went over the wire. What the browser had already is in none
// of it.
type Traffic struct {
	Requests int
	Bytes    int // of the answers, their headers included
	Files    []string
	Sizes    []int // of each of them
}

// traffic notes what was loaded; b.mu is held.
func (b *Browser) traffic(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.RedirectResponse != nil {
			b.carried.add(e.RedirectResponse.URL, e.RedirectResponse.EncodedDataLength)
		}
		b.asked[e.RequestID] = e.Request.URL
	case *network.EventLoadingFinished:
		b.carried.add(b.asked[e.RequestID], e.EncodedDataLength)
	}
}

func (t *Traffic) add(address string, length float64) {
	if length == 0 || host(address) == "" { // from the browser's own store
		return
	}
	t.Requests++
	t.Bytes += int(length)
	t.Files, t.Sizes = append(t.Files, address), append(t.Sizes, int(length))
}

// Traffic tells what has been loaded since it was last asked.
func (b *Browser) Traffic() Traffic {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.carried
	b.carried = Traffic{}
	return t
}

// SlowNetwork makes every request wait for so many milliseconds, and lets so
// many bits a second through.
func (b *Browser) SlowNetwork(latency, down, up int) {
	b.t.Helper()
	b.do("slowing the network down", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		return tab.Call(ctx, "Network.emulateNetworkConditions", map[string]any{"offline": false, "latency": latency,
			"downloadThroughput": down / 8, "uploadThroughput": up / 8}, nil)
	}))
}
