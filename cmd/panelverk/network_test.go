package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// network is what lies between people and the server: it loses requests and
// answers, delays them so that they overtake each other, brings them twice, and
// cuts them off in the middle. What it does is drawn from a seed; when it does
// it to which request depends on the machine.
type network struct {
	*httptest.Server
	t        *testing.T
	upstream atomic.Value // string: the server's base, "" while there is none
	bad      func(*http.Request) bool
	through  atomic.Int64 // answers that got through
	mu       sync.Mutex
	lot      *rand.Rand
	did      map[string]int
}

func newNetwork(t *testing.T, seed uint64, bad func(*http.Request) bool) *network {
	n := &network{t: t, lot: rand.New(rand.NewPCG(seed, seed)), did: map[string]int{}, bad: bad}
	n.upstream.Store("")
	n.Server = httptest.NewServer(n)
	t.Cleanup(func() {
		n.CloseClientConnections()
		n.Close()
	})
	return n
}

// fate draws what becomes of a request, and how long it takes there and back.
func (n *network) fate() (what string, there, back time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	fates := []string{"lost", "lost", "answer lost", "answer lost", "twice", "twice", "cut", "answer cut", "bad gateway", "foreign page"}
	what = "good"
	if i := n.lot.IntN(22); i < len(fates) {
		what = fates[i]
	}
	n.did[what]++
	if n.lot.IntN(4) == 0 {
		there = time.Duration(n.lot.IntN(150)) * time.Millisecond
	}
	if n.lot.IntN(4) == 0 {
		back = time.Duration(n.lot.IntN(150)) * time.Millisecond
	}
	return what, there, back
}

func (n *network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	what, there, back := "good", time.Duration(0), time.Duration(0)
	if n.bad(r) {
		what, there, back = n.fate()
	}
	time.Sleep(there)
	switch what {
	case "lost":
		panic(http.ErrAbortHandler)
	case "cut":
		n.cut(r, body)
		panic(http.ErrAbortHandler)
	case "bad gateway":
		w.WriteHeader(http.StatusBadGateway)
		return
	case "foreign page": // as networks of hotels and trains answer
		_, _ = fmt.Fprint(w, "<h1>Log in to our network</h1>")
		return
	case "twice":
		go func() {
			time.Sleep(back)
			if answer, _ := n.forward(r, body); answer != nil {
				answer.Body.Close()
			}
		}()
	}
	answer, err := n.forward(r, body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	time.Sleep(back)
	if err != nil || what == "answer lost" {
		panic(http.ErrAbortHandler)
	}
	for name, values := range answer.Header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(page)))
	w.WriteHeader(answer.StatusCode)
	if what == "answer cut" {
		_, _ = w.Write(page[:len(page)/2])
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(page)
	n.through.Add(1)
}

var direct = &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 32}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (n *network) forward(r *http.Request, body []byte) (*http.Response, error) {
	out, err := http.NewRequest(r.Method, n.upstream.Load().(string)+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	out.Header, out.Host = r.Header.Clone(), r.Host
	return direct.Do(out)
}

// cut sends the server half of a request.
func (n *network) cut(r *http.Request, body []byte) {
	c, err := net.Dial("tcp", strings.TrimPrefix(n.upstream.Load().(string), "http://"))
	if err != nil {
		return
	}
	defer c.Close()
	_, _ = fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nCookie: %s\r\n\r\n%s",
		r.Method, r.URL.RequestURI(), r.Host, len(body), r.Header.Get("Cookie"), body[:len(body)/2])
}
