package rehearsal

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// browser is somebody's browser: it follows redirects, keeps cookies where its
// owner lets it, and knows nothing but what the pages say.
type browser struct {
	client   *http.Client
	language string // of Accept-Language
}

func newBrowser(handler http.Handler, requests *int, language string, cookies bool) *browser {
	b := &browser{language: language, client: &http.Client{Transport: inProcess{handler, requests}}}
	if cookies {
		b.client.Jar, _ = cookiejar.New(nil) // it never fails without options
	}
	return b
}

// get opens an address.
func (b *browser) get(ctx context.Context, address string) (*sheet, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	return b.do(req)
}

// send sends a form by one of its buttons. name is "" for one without a name.
func (b *browser) send(ctx context.Context, s *sheet, name, value string) (*sheet, error) {
	if s.form == nil || !s.form.has(name, value) {
		return nil, fmt.Errorf("the page %q (%d) has no button %s=%s", s.title, s.status, name, value)
	}
	to, err := s.url.Parse(s.form.action)
	if err != nil {
		return nil, err
	}
	values := s.form.values()
	if name != "" {
		values.Add(name, value)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), strings.NewReader(values.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(req)
}

func (b *browser) do(req *http.Request) (*sheet, error) {
	req.Header.Set("Accept-Language", b.language)
	resp, err := b.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	s, err := read(resp)
	if err != nil {
		return nil, err
	}
	if s.status >= http.StatusInternalServerError || s.status == http.StatusNotFound {
		return nil, fmt.Errorf("%s was answered with %d, %q", req.Method, s.status, s.title)
	}
	return s, nil
}

// inProcess hands requests to a handler without a network.
type inProcess struct {
	handler http.Handler
	count   *int
}

// RoundTrip is http.RoundTripper's.
func (t inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	*t.count++
	r := req.Clone(req.Context())
	r.RequestURI, r.Host, r.RemoteAddr = req.URL.RequestURI(), req.URL.Host, "192.0.2.1:50000" // an address for documentation
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := &recorder{header: http.Header{}}
	t.handler.ServeHTTP(w, r)
	if err := r.Body.Close(); err != nil {
		return nil, err
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return &http.Response{Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: req}, nil
}

// recorder keeps what a handler answers.
type recorder struct {
	header, sent http.Header
	status       int
	body         bytes.Buffer
}

// Header is http.ResponseWriter's.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader is http.ResponseWriter's.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status, w.sent = status, w.header.Clone()
	}
}

// Write is http.ResponseWriter's.
func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.body.Write(p)
}

// read takes a page in.
func read(resp *http.Response) (*sheet, error) {
	doc, err := html.Parse(resp.Body)
	if err != nil {
		return nil, err
	}
	s := &sheet{url: resp.Request.URL, status: resp.StatusCode, wrong: map[string]bool{}}
	s.walk(doc)
	return s, nil
}

// at tells whether the page lies at an address that ends so.
func (s *sheet) at(end string) bool { return strings.HasSuffix(s.url.Path, end) }

// link gives the address of the first link whose path ends so, "" for none.
func (s *sheet) link(end string) string {
	for _, href := range s.links {
		if to, err := s.url.Parse(href); err == nil && strings.HasSuffix(to.Path, end) {
			return to.String()
		}
	}
	return ""
}

// pageOf gives the page of questions that an address leads to, a respondent's
// or one of staff who type an interview in; "" for none.
func pageOf(u *url.URL) string {
	if _, key, ok := strings.Cut(u.Path, "/q/"); ok {
		return key
	}
	if _, key, ok := strings.Cut(u.Path, "/p/"); ok && strings.HasPrefix(u.Path, "/s/") {
		return key
	}
	return ""
}
