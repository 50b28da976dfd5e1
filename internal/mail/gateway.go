package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/http/httpguts"

	"panelverk/internal/fault"
)

// SMS is one text message to one telephone.
type SMS struct {
	ID   string // the same at every attempt; gateways that know such ids send it once
	To   string // as +46701234567
	Text string
}

var phonePattern = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// BodyKind says how the body of a request is written, and so how values are
// escaped in it.
type BodyKind string

// The kinds of bodies.
const (
	FormBody BodyKind = "form" // a=1&b=2
	JSONBody BodyKind = "json"
)

// GatewaySettings describe a request to a gateway that sends text messages.
// {to}, {to_digits} (without the plus sign), {text} and {id} stand for the
// values, in the address, the headers and the body; each is escaped as its
// place wants it. In JSON they stand within quotation marks.
type GatewaySettings struct {
	Method  string // POST where it is empty
	URL     string
	Headers map[string]string
	Kind    BodyKind
	Body    string
	Success []int  // the statuses that mean yes; 200, 201 and 202 where it is empty
	Says    string // a regular expression that the answer has to match then, "" for any

	PerSecond, PerHour int           // the most messages, 0 for no limit
	Timeout            time.Duration // 0 for half a minute
	Roots              *x509.CertPool
}

var (
	gatewayFields = []string{"to", "to_digits", "text", "id"}
	gatewayField  = regexp.MustCompile(`\{([a-z_]+)\}`)
)

// Check lists everything that is wrong with the settings, each with the name
// of its field.
func (s GatewaySettings) Check() fault.Problems {
	var ps fault.Problems
	bad := func(field, code, format string, args ...any) {
		ps.Add(fault.Place{Field: field}, code, format, args...)
	}
	sample := SMS{ID: "a1@example.org", To: "+46701234567", Text: "\"Hej\" & \\ {text}\nå?"}
	u, err := url.Parse(s.url(sample))
	_, host, _ := strings.Cut(s.URL, "://")
	host, _, _ = strings.Cut(host, "/")
	switch {
	case strings.Contains(host, "{"):
		bad("url", "sms_host", "The name of the gateway's host holds no fields.")
	case err != nil || u.Host == "":
		bad("url", "sms_url", "Give the address of the gateway, such as https://sms.example.org/send.")
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		bad("url", "sms_https", "The address of the gateway begins with https://.")
	}
	switch s.Method {
	case "", http.MethodPost, http.MethodPut, http.MethodGet:
	default:
		bad("method", "sms_method", "The method is POST, PUT or GET.")
	}
	all := s.URL + s.Body
	for name, value := range s.Headers {
		all += value
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			bad("headers", "sms_header", "A header cannot be sent as it is written: %q.", oneLine(name))
		}
		if strings.Contains(value, "{text}") {
			bad("headers", "sms_header_text", "The text does not fit into a header.")
		}
	}
	if s.Kind != FormBody && s.Kind != JSONBody {
		bad("kind", "sms_kind", "The body is form or json.")
	}
	if s.Kind == JSONBody && s.Body != "" && !json.Valid([]byte(s.body(sample))) {
		bad("body", "sms_json", "The body is no JSON. Fields stand within quotation marks: \"{text}\".")
	}
	for _, m := range gatewayField.FindAllStringSubmatch(all, -1) {
		if !slices.Contains(gatewayFields, m[1]) {
			ps.Add(fault.Place{Field: "body"}, "mail_unknown_field", "There is no field {%s}.%s", m[1], didYouMean(m[1], gatewayFields)).
				With("field", m[0]).With("near", nearest(m[1], gatewayFields))
		}
	}
	if !strings.Contains(all, "{to}") && !strings.Contains(all, "{to_digits}") {
		bad("body", "sms_to", "The field {to} is missing: to whom.")
	}
	if !strings.Contains(all, "{text}") {
		bad("body", "sms_text", "The field {text} is missing.")
	}
	if _, err := regexp.Compile(s.Says); err != nil {
		bad("says", "sms_regexp", "What the answer has to match is no regular expression.")
	}
	for _, code := range s.Success {
		if code < 200 || code > 299 {
			bad("success", "sms_success", "A status that means yes is one from 200 to 299.")
		}
	}
	if s.PerSecond < 0 || s.PerHour < 0 {
		bad("per_hour", "mail_limit", "A limit is a number from 1, or 0 for none.")
	}
	ps.Sort()
	return ps
}

func (s GatewaySettings) url(m SMS) string { return fillIn(s.URL, m, urlEscape) }

// urlEscape escapes for a path and for a query alike: %20 for a space.
func urlEscape(v string) string { return strings.ReplaceAll(url.QueryEscape(v), "+", "%20") }

func (s GatewaySettings) body(m SMS) string {
	if s.Kind == JSONBody {
		return fillIn(s.Body, m, func(v string) string {
			quoted, err := json.Marshal(v)
			if err != nil {
				return "" // a string can always be written
			}
			return string(quoted[1 : len(quoted)-1])
		})
	}
	return fillIn(s.Body, m, url.QueryEscape)
}

// fillIn puts the values in, in one pass: a value that looks like a field stays as it is.
func fillIn(text string, m SMS, escape func(string) string) string {
	return strings.NewReplacer("{to}", escape(m.To), "{to_digits}", escape(strings.TrimPrefix(m.To, "+")),
		"{text}", escape(m.Text), "{id}", escape(m.ID)).Replace(text)
}

// Gateway hands text messages to an SMS gateway over HTTP. It is safe for
// concurrent use.
type Gateway struct {
	settings GatewaySettings
	says     *regexp.Regexp
	pace     *pace
	client   *http.Client
}

// NewGateway takes settings that are right; else the error lists what is not.
func NewGateway(s GatewaySettings) (*Gateway, error) {
	problems := s.Check()
	if err := problems.Err("sms_settings", "The settings for SMS have problems."); err != nil {
		return nil, err
	}
	says, err := regexp.Compile(s.Says)
	if err != nil {
		return nil, err
	}
	if s.Timeout == 0 {
		s.Timeout = 30 * time.Second
	}
	if len(s.Success) == 0 {
		s.Success = []int{http.StatusOK, http.StatusCreated, http.StatusAccepted}
	}
	return &Gateway{settings: s, says: says, pace: newPace(s.PerSecond, s.PerHour), client: &http.Client{
		Timeout: s.Timeout,
		Transport: &http.Transport{
			Proxy:           http.ProxyFromEnvironment,
			TLSClientConfig: &tls.Config{RootCAs: s.Roots, MinVersion: tls.VersionTLS12},
			// On a connection that was kept net/http may send a GET twice by itself.
			DisableKeepAlives: true,
		},
		// Another address would get the number and the text as well.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Host gives the gateway's name, for Outcome.Words.
func (g *Gateway) Host() string {
	u, err := url.Parse(g.settings.url(SMS{}))
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// Ready gives how long it is until the limits let one more message go.
func (g *Gateway) Ready(now time.Time) time.Duration { return g.pace.wait(now) }

// maxAnswer is how much of a gateway's answer is read, in bytes.
const maxAnswer = 64 << 10

// SendSMS hands over one text message, as SMTP.Send does.
func (g *Gateway) SendSMS(ctx context.Context, now time.Time, m SMS) Outcome {
	m.Text = strings.TrimSpace(m.Text)
	if !phonePattern.MatchString(m.To) {
		return Outcome{State: Refused, Reason: Address}
	}
	if wait := g.pace.take(now); wait > 0 {
		return Outcome{State: Deferred, Reason: Pace, Retry: true, Wait: wait}
	}
	var written atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(w httptrace.WroteRequestInfo) { written.Store(true) }})
	req, err := g.request(traced, m)
	if err != nil {
		return Outcome{State: Deferred, Reason: Protocol, Retry: true}
	}
	resp, err := g.client.Do(req)
	if err != nil {
		// The error names the whole address, with whatever keys and numbers
		// stand in it: its words are not kept.
		at := connecting
		if written.Load() {
			at = ending
		}
		return outcomeOf(ctx, at, err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return outcomeOf(ctx, ending, err)
	}
	return g.outcome(resp, said, m)
}

func (g *Gateway) request(ctx context.Context, m SMS) (*http.Request, error) {
	method := g.settings.Method
	if method == "" {
		method = http.MethodPost
	}
	var body io.Reader = http.NoBody
	if method != http.MethodGet && g.settings.Body != "" {
		body = bytes.NewReader([]byte(g.settings.body(m)))
	}
	req, err := http.NewRequestWithContext(ctx, method, g.settings.url(m), body)
	if err != nil {
		return nil, err
	}
	if body != http.NoBody {
		kind := "application/x-www-form-urlencoded"
		if g.settings.Kind == JSONBody {
			kind = "application/json"
		}
		req.Header.Set("Content-Type", kind)
	}
	for name, value := range g.settings.Headers {
		req.Header.Set(name, oneLine(fillIn(value, m, func(v string) string { return v })))
	}
	return req, nil
}

// outcome reads a gateway's answer.
func (g *Gateway) outcome(resp *http.Response, said []byte, m SMS) Outcome {
	o := Outcome{Code: resp.StatusCode, Said: g.words(said, m)}
	seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err == nil && seconds > 0 && seconds <= 86400 {
		o.Wait = time.Duration(seconds) * time.Second
	}
	switch code := resp.StatusCode; {
	case slices.Contains(g.settings.Success, code) && g.says.Match(said):
		o.State, o.Reason = HandedOver, Sent
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		o.State, o.Reason, o.Retry = Deferred, Password, true
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable:
		o.State, o.Reason, o.Retry = Deferred, Busy, true
	case code == http.StatusBadRequest, code == http.StatusUnprocessableEntity, code >= 200 && code < 300:
		o.State, o.Reason = Refused, Never
	case code >= 500 && code != http.StatusNotImplemented:
		// It broke down with the message in its hands.
		o.State, o.Reason, o.Retry = Ambiguous, NoReply, true
	default: // an address that is wrong, a redirection
		o.State, o.Reason, o.Retry = Deferred, Protocol, true
	}
	return o
}

// words gives the gateway's answer without the number and the text.
func (g *Gateway) words(said []byte, m SMS) string {
	s := strings.ToValidUTF8(string(said), "")
	for _, secret := range []string{m.Text, m.To, strings.TrimPrefix(m.To, "+")} {
		if secret != "" {
			s = strings.ReplaceAll(s, secret, "…")
		}
	}
	return withoutAddresses(aNumber.ReplaceAllString(oneLine(s), "…"))
}
