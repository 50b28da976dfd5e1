package mail_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/mail"
)

var sms = mail.SMS{ID: "m17@panel.example.org", To: "+46701234567", Text: "Hej \"Åsa\" & du: 100 % {to} \\ \nhttps://x.example/s/1?a=b+c"}

func gateway(t *testing.T, s mail.GatewaySettings) *mail.Gateway {
	t.Helper()
	g, err := mail.NewGateway(s)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestTheGatewayGetsWhatItWants(t *testing.T) {
	for name, c := range map[string]struct {
		settings mail.GatewaySettings
		read     func(*http.Request, []byte) (to, text, id string)
		to       string
	}{
		"form": {mail.GatewaySettings{Kind: mail.FormBody, Body: "from=Enkat&to={to}&message={text}&ref={id}", Headers: map[string]string{"Authorization": "Bearer abc"}},
			func(r *http.Request, body []byte) (string, string, string) {
				v, err := url.ParseQuery(string(body))
				if err != nil || r.Header.Get("Authorization") != "Bearer abc" || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || v.Get("from") != "Enkat" {
					t.Errorf("%v %v %v", v, r.Header, err)
				}
				return v.Get("to"), v.Get("message"), v.Get("ref")
			}, sms.To},
		"json": {mail.GatewaySettings{Kind: mail.JSONBody, Body: `{"messages":[{"destination":"{to_digits}","text":"{text}"}]}`, Headers: map[string]string{"Idempotency-Key": "{id}"}},
			func(r *http.Request, body []byte) (string, string, string) {
				var v struct {
					Messages []struct{ Destination, Text string }
				}
				if err := json.Unmarshal(body, &v); err != nil || len(v.Messages) != 1 || r.Header.Get("Content-Type") != "application/json" {
					t.Fatalf("%s: %v", body, err)
				}
				return v.Messages[0].Destination, v.Messages[0].Text, r.Header.Get("Idempotency-Key")
			}, "46701234567"},
		"get": {mail.GatewaySettings{Method: http.MethodGet, Kind: mail.FormBody, URL: "/send/{to}?text={text}&id={id}"},
			func(r *http.Request, _ []byte) (string, string, string) {
				return strings.TrimPrefix(r.URL.Path, "/send/"), r.URL.Query().Get("text"), r.URL.Query().Get("id")
			}, sms.To},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked++
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				if to, text, id := c.read(r, body); to != c.to || text != sms.Text || id != sms.ID {
					t.Errorf("%q, %q, %q", to, text, id)
				}
				w.WriteHeader(http.StatusAccepted)
			}))
			defer server.Close()
			c.settings.URL = server.URL + c.settings.URL
			c.settings.Roots = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
			o := gateway(t, c.settings).SendSMS(t.Context(), now, sms)
			if o.State != mail.HandedOver || o.Code != 202 || asked != 1 {
				t.Errorf("%+v, asked %d times", o, asked)
			}
		})
	}
}

func TestOutcomesOfSMS(t *testing.T) {
	answer := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
		}
	}
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		state   mail.State
		why     mail.Reason
		retry   bool
		said    string
	}{
		"yes":           {answer(200, `{"status":"queued"}`), mail.HandedOver, mail.Sent, false, `{"status":"queued"}`},
		"a no in a 200": {answer(200, `{"status":"failed","to":"+46701234567"}`), mail.Refused, mail.Never, false, `{"status":"failed","to":"…"}`},
		"bad number":    {answer(422, "0046 70 123 45 67 is no number: "+sms.Text), mail.Refused, mail.Never, false, "… is no number: …"},
		"key":           {answer(401, "who are you"), mail.Deferred, mail.Password, true, "who are you"},
		"busy": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "90")
			answer(429, "")(w, r)
		}, mail.Deferred, mail.Busy, true, ""},
		"wrong place": {answer(404, ""), mail.Deferred, mail.Protocol, true, ""},
		"broke down":  {answer(502, ""), mail.Ambiguous, mail.NoReply, true, ""},
		"redirects": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		}, mail.Deferred, mail.Protocol, true, ""},
		"hangs up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, mail.Ambiguous, mail.NoReply, true, ""},
		"silent": {func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			select {
			case <-r.Context().Done():
			case <-time.After(2 * time.Second):
			}
		}, mail.Ambiguous, mail.NoReply, true, ""},
		"endless": {func(w http.ResponseWriter, _ *http.Request) {
			for range 1 << 10 {
				if _, err := io.WriteString(w, "queued "+strings.Repeat("x", 1<<10)); err != nil {
					return
				}
			}
		}, mail.HandedOver, mail.Sent, false, "*"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.handler)
			defer server.Close()
			timeout := 20 * time.Second
			if name == "silent" {
				timeout = 500 * time.Millisecond
			}
			g := gateway(t, mail.GatewaySettings{URL: server.URL, Kind: mail.JSONBody, Body: `{"to":"{to}","text":"{text}"}`, Says: "queued", Timeout: timeout})
			o := g.SendSMS(t.Context(), now, sms)
			if o.State != c.state || o.Reason != c.why || o.Retry != c.retry || c.said != "*" && o.Said != c.said || len(o.Said) > 400 {
				t.Errorf("%+v", o)
			}
			if name == "busy" && o.Wait != 90*time.Second {
				t.Errorf("come again in %s", o.Wait)
			}
		})
	}
	if elsewhere.Load() != 0 {
		t.Error("the number and the text were sent to another place")
	}
	server := httptest.NewServer(answer(200, ""))
	g := gateway(t, mail.GatewaySettings{URL: server.URL + "/{to}/{text}", Kind: mail.FormBody})
	for _, to := range []string{"0701234567", "+46 70", "", "+4670123456789012", "+46701234567\r\nX: y"} {
		if o := g.SendSMS(t.Context(), now, mail.SMS{ID: "1", To: to, Text: "x"}); o.State != mail.Refused || o.Reason != mail.Address {
			t.Errorf("%q: %+v", to, o)
		}
	}
	server.Close()
	if o := g.SendSMS(t.Context(), now, sms); o.State != mail.Deferred || o.Reason != mail.NoAnswer || strings.Contains(o.Said, "4670") {
		t.Errorf("nobody there: %+v", o)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if o := g.SendSMS(ctx, now, sms); o.State != mail.Deferred || o.Reason != mail.Stopped {
		t.Errorf("stopped: %+v", o)
	}
}

func TestGatewaySettings(t *testing.T) {
	good := mail.GatewaySettings{URL: "https://sms.example.org/send", Kind: mail.JSONBody, Body: `{"to":"{to}","text":"{text}"}`}
	for name, c := range map[string]struct {
		change func(*mail.GatewaySettings)
		want   []string
	}{
		"good":            {func(*mail.GatewaySettings) {}, nil},
		"loopback":        {func(s *mail.GatewaySettings) { s.URL = "http://127.0.0.1:8000/" }, nil},
		"http":            {func(s *mail.GatewaySettings) { s.URL = "http://sms.example.org/" }, []string{"sms_https"}},
		"file":            {func(s *mail.GatewaySettings) { s.URL = "file:///etc/passwd" }, []string{"sms_url"}},
		"no address":      {func(s *mail.GatewaySettings) { s.URL = "sms.example.org" }, []string{"sms_url"}},
		"host of a field": {func(s *mail.GatewaySettings) { s.URL = "https://{id}.example.org/" }, []string{"sms_host"}},
		"no JSON":         {func(s *mail.GatewaySettings) { s.Body = `{"to":{to},"text":"{text}"` }, []string{"sms_json"}},
		"unknown field":   {func(s *mail.GatewaySettings) { s.Body = `{"to":"{to}","text":"{text}","x":"{txt}"}` }, []string{"mail_unknown_field"}},
		"fields missing":  {func(s *mail.GatewaySettings) { s.Body = `{}` }, []string{"sms_text", "sms_to"}},
		"headers":         {func(s *mail.GatewaySettings) { s.Headers = map[string]string{"X\n": "y"} }, []string{"sms_header"}},
		"a header's text": {func(s *mail.GatewaySettings) { s.Headers = map[string]string{"X": "{text}"} }, []string{"sms_header_text"}},
		"much": {func(s *mail.GatewaySettings) {
			s.Method, s.Kind, s.Says, s.Success, s.PerHour = "BREW", "xml", "(", []int{404}, -1
		}, []string{"mail_limit", "sms_kind", "sms_method", "sms_regexp", "sms_success"}},
	} {
		s := good
		c.change(&s)
		_, err := mail.NewGateway(s)
		var got []string
		if err != nil {
			for _, p := range fault.Of(err).Problems {
				got = append(got, p.Code)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, not %v", name, got, c.want)
		}
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out", "mail")
	f := mail.Folder{Dir: dir, Letterhead: letterhead}
	for range 2 {
		if o := f.Send(t.Context(), now, envelope(1)); o.State != mail.HandedOver {
			t.Errorf("%+v", o)
		}
	}
	text := sms
	text.ID = "../../x/y@z"
	if o := f.SendSMS(t.Context(), now, text); o.State != mail.HandedOver {
		t.Errorf("%+v", o)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s can be read by others: %v", e.Name(), err)
		}
	}
	if want := []string{"_.._x_y@z.sms.txt", "m1@enkat.example.org.2.eml", "m1@enkat.example.org.eml"}; !slices.Equal(names, want) {
		t.Fatalf("%v, not %v", names, want)
	}
	first, err := os.ReadFile(filepath.Join(dir, names[2]))
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(filepath.Join(dir, names[1]))
	if err != nil || string(first) != string(second) {
		t.Errorf("the same message at the same time is not the same: %v", err)
	}
	read := python(t, first)
	if read.Headers[0] != [2]string{"Return-Path", "<bounces+token00001@example.org>"} || read.Defects != 0 || !strings.Contains(read.Parts[0].Text, "Hej Åsa!") {
		t.Errorf("%+v", read)
	}
	if o := (mail.Folder{Dir: filepath.Join(dir, names[0]), Letterhead: letterhead}).Send(t.Context(), now, envelope(1)); o.State != mail.Deferred || o.Reason != mail.Disk || !o.Retry {
		t.Errorf("a folder that is a file: %+v", o)
	}
}
