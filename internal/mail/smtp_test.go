package mail_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/mail"
	"panelverk/internal/mail/mailtest"
	"panelverk/internal/need"
)

var now = time.Date(2017, 3, 13, 8, 0, 0, 0, time.UTC)

var letterhead = mail.Letterhead{FromName: "Enkäten", From: "enkat@example.org", Bounce: "bounces@example.org"}

// settingsFor gives settings that suit a server.
func settingsFor(s *mailtest.Server, security mail.Security) mail.Settings {
	return mail.Settings{Host: s.Host, Port: s.Port, Security: security, Letterhead: letterhead, Roots: s.Roots, Timeout: 20 * time.Second}
}

func sender(t *testing.T, s mail.Settings) *mail.SMTP {
	t.Helper()
	p, err := mail.NewSMTP(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func envelope(n int) mail.Envelope {
	return mail.Envelope{
		ID: fmt.Sprintf("m%d@enkat.example.org", n), To: fmt.Sprintf("anna.svensson%d@example.com", n), Token: fmt.Sprintf("token%05d", n),
		Unsubscribe: "https://enkat.example.org/l/fedcba9876543210",
		Message:     mail.Message{Tag: "sv", Subject: "Dags för enkäten", Text: "Hej Åsa!\n.\nen punkt\n", HTML: "<p>Hej Åsa!</p>"},
	}
}

func TestOutcomes(t *testing.T) {
	at := func(stage mailtest.Stage, f mailtest.Fault) func(mailtest.Event) mailtest.Fault {
		return func(e mailtest.Event) mailtest.Fault {
			if e.Stage == stage {
				return f
			}
			return mailtest.Fault{}
		}
	}
	for name, c := range map[string]struct {
		rule  func(mailtest.Event) mailtest.Fault
		state mail.State
		why   mail.Reason
		code  int
		plus  string // enhanced status
		retry bool
		taken int // messages in the server's record
	}{
		"taken":            {nil, mail.HandedOver, mail.Sent, 250, "2.0.0", false, 1},
		"slow":             {at(mailtest.Rcpt, mailtest.Fault{Slow: 100 * time.Millisecond}), mail.HandedOver, mail.Sent, 250, "2.0.0", false, 1},
		"unknown":          {at(mailtest.Rcpt, mailtest.Fault{Code: 550, Status: "5.1.1", Text: "<anna.svensson1@example.com>: no such user anna.svensson1"}), mail.Refused, mail.Mailbox, 550, "5.1.1", false, 0},
		"unknown, old":     {at(mailtest.Rcpt, mailtest.Fault{Code: 550, Text: "go away"}), mail.Refused, mail.Mailbox, 550, "", false, 0},
		"full":             {at(mailtest.Rcpt, mailtest.Fault{Code: 552, Status: "5.2.2", Text: "Over quota"}), mail.Deferred, mail.MailboxFull, 552, "5.2.2", true, 0},
		"greylisted":       {at(mailtest.Rcpt, mailtest.Fault{Code: 450, Status: "4.2.0", Text: "Greylisted, try again in 300 seconds"}), mail.Deferred, mail.Greylisted, 450, "4.2.0", true, 0},
		"later":            {at(mailtest.Rcpt, mailtest.Fault{Code: 451, Status: "4.3.0", Text: "Local trouble"}), mail.Deferred, mail.Later, 451, "4.3.0", true, 0},
		"no relaying":      {at(mailtest.Rcpt, mailtest.Fault{Code: 554, Status: "5.7.1", Text: "Relay access denied"}), mail.Deferred, mail.Relay, 554, "5.7.1", true, 0},
		"wrong sender":     {at(mailtest.From, mailtest.Fault{Code: 553, Status: "5.7.1", Text: "Sender address rejected"}), mail.Deferred, mail.Sender, 553, "5.7.1", true, 0},
		"sender put off":   {at(mailtest.From, mailtest.Fault{Code: 451, Text: "not now"}), mail.Deferred, mail.Later, 451, "", true, 0},
		"going down":       {at(mailtest.Hello, mailtest.Fault{Code: 421, Status: "4.3.2", Text: "shutting down"}), mail.Deferred, mail.Busy, 421, "4.3.2", true, 0},
		"not you":          {at(mailtest.Hello, mailtest.Fault{Code: 554, Status: "5.7.1", Text: "not you"}), mail.Deferred, mail.Relay, 554, "5.7.1", true, 0},
		"spam":             {at(mailtest.Data, mailtest.Fault{Code: 554, Status: "5.7.1", Text: "looks like spam"}), mail.Refused, mail.Blocked, 554, "5.7.1", false, 0},
		"too large":        {at(mailtest.Data, mailtest.Fault{Code: 552, Status: "5.3.4", Text: "too big"}), mail.Refused, mail.TooLarge, 552, "5.3.4", false, 0},
		"put off at data":  {at(mailtest.Data, mailtest.Fault{Code: 452, Status: "4.3.1", Text: "no room on the disk"}), mail.Deferred, mail.Later, 452, "4.3.1", true, 0},
		"hangs up at RCPT": {at(mailtest.Rcpt, mailtest.Fault{Drop: true}), mail.Deferred, mail.Lost, 0, "", true, 0},
		"hangs up at MAIL": {at(mailtest.From, mailtest.Fault{Drop: true}), mail.Deferred, mail.Lost, 0, "", true, 0},
		"silent at RCPT":   {at(mailtest.Rcpt, mailtest.Fault{Slow: 1500 * time.Millisecond}), mail.Deferred, mail.Timeout, 0, "", true, 0},
		// The three that nobody can tell apart from here.
		"hangs up while it comes": {at(mailtest.Data, mailtest.Fault{Drop: true}), mail.Ambiguous, mail.NoReply, 0, "", true, 0},
		"hangs up after the end":  {at(mailtest.End, mailtest.Fault{Drop: true}), mail.Ambiguous, mail.NoReply, 0, "", true, 1},
		"silent after the end":    {at(mailtest.End, mailtest.Fault{Slow: 1500 * time.Millisecond}), mail.Ambiguous, mail.NoReply, 0, "", true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.Start(t, mailtest.Options{})
			server.Rule(c.rule)
			settings := settingsFor(server, mail.None)
			if strings.HasPrefix(name, "silent") {
				settings.Timeout = time.Second
			}
			o := sender(t, settings).Send(t.Context(), now, envelope(1))
			if o.State != c.state || o.Reason != c.why || o.Code != c.code || o.EnhancedStatus != c.plus || o.Retry != c.retry {
				t.Errorf("%+v", o)
			}
			if strings.Contains(o.Said, "svensson") {
				t.Errorf("the outcome names the person: %q", o.Said)
			}
			if len(o.Conversation) == 0 {
				t.Error("nothing of the conversation was kept")
			}
			if got := server.Accepted(); len(got) != c.taken {
				t.Errorf("the server took %d messages, not %d", len(got), c.taken)
			}
		})
	}
}

func TestABreakInTheMiddleOfALongMessageIsNotAmbiguous(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	server.Rule(func(e mailtest.Event) mailtest.Fault { return mailtest.Fault{Drop: e.Stage == mailtest.Data} })
	e := envelope(1)
	e.Message.Text = strings.Repeat("en lång rad\n", 2<<20)
	o := sender(t, settingsFor(server, mail.None)).Send(t.Context(), now, e)
	if o.State != mail.Deferred || o.Reason != mail.Lost || len(server.Accepted()) != 0 {
		t.Errorf("%v %v, %d taken", o.State, o.Reason, len(server.Accepted()))
	}
}

func TestEncryptionAndLogin(t *testing.T) {
	for name, c := range map[string]struct {
		options  mailtest.Options
		security mail.Security
		change   func(*mail.Settings)
		state    mail.State
		why      mail.Reason
	}{
		"starttls":        {mailtest.Options{StartTLS: true}, mail.StartTLS, nil, mail.HandedOver, mail.Sent},
		"implicit":        {mailtest.Options{Implicit: true}, mail.Implicit, nil, mail.HandedOver, mail.Sent},
		"login":           {mailtest.Options{StartTLS: true, User: "panel", Password: "hemligt"}, mail.StartTLS, func(s *mail.Settings) { s.User, s.Password = "panel", "hemligt" }, mail.HandedOver, mail.Sent},
		"login, loopback": {mailtest.Options{User: "panel", Password: "hemligt"}, mail.None, func(s *mail.Settings) { s.User, s.Password = "panel", "hemligt" }, mail.HandedOver, mail.Sent},
		"bad password":    {mailtest.Options{Implicit: true, User: "panel", Password: "hemligt"}, mail.Implicit, func(s *mail.Settings) { s.User, s.Password = "panel", "fel" }, mail.Deferred, mail.Password},
		"no password":     {mailtest.Options{Implicit: true, User: "panel", Password: "hemligt"}, mail.Implicit, nil, mail.Deferred, mail.NoLogin},
		"no login there":  {mailtest.Options{Implicit: true}, mail.Implicit, func(s *mail.Settings) { s.User, s.Password = "panel", "hemligt" }, mail.Deferred, mail.NoLogin},
		"other name":      {mailtest.Options{StartTLS: true, CertFor: "mail.example.org"}, mail.StartTLS, nil, mail.Deferred, mail.TLSName},
		"other name too":  {mailtest.Options{Implicit: true, CertFor: "mail.example.org"}, mail.Implicit, nil, mail.Deferred, mail.TLSName},
		"untrusted":       {mailtest.Options{StartTLS: true}, mail.StartTLS, func(s *mail.Settings) { s.Roots = nil }, mail.Deferred, mail.TLSUntrusted},
		"no starttls":     {mailtest.Options{}, mail.StartTLS, nil, mail.Deferred, mail.TLSMissing},
		"no tls":          {mailtest.Options{}, mail.Implicit, nil, mail.Deferred, mail.TLSMissing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.Start(t, c.options)
			settings := settingsFor(server, c.security)
			if c.change != nil {
				c.change(&settings)
			}
			o := sender(t, settings).Send(t.Context(), now, envelope(1))
			if o.State != c.state || o.Reason != c.why {
				t.Fatalf("%+v", o)
			}
			talk := strings.Join(o.Conversation, "\n")
			for _, secret := range []string{"hemligt", "AHBhbmVsAGhlbWxpZ3Q"} {
				if strings.Contains(talk, secret) {
					t.Errorf("the conversation tells the password:\n%s", talk)
				}
			}
			if o.State != mail.HandedOver {
				if !o.Reason.Ours() || !o.Retry || len(server.Accepted()) > 0 {
					t.Errorf("blamed on the recipient: %+v", o)
				}
				return
			}
			got := server.Accepted()[0]
			if got.Secure != (c.security != mail.None) || got.User != c.options.User {
				t.Errorf("secure %v, user %q", got.Secure, got.User)
			}
		})
	}
}

func TestServersThatAreNotThere(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := closed.Addr().(*net.TCPAddr).Port
	closed.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	odd, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer odd.Close()
	go func() {
		if c, err := odd.Accept(); err == nil {
			_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
			c.Close()
		}
	}()
	for name, c := range map[string]struct {
		host     string
		port     int
		security mail.Security
		why      mail.Reason
	}{
		"no such name":  {"mail.invalid", 587, mail.StartTLS, mail.NoHost},
		"nobody there":  {"127.0.0.1", port, mail.None, mail.NoAnswer},
		"says nothing":  {"127.0.0.1", silent.Addr().(*net.TCPAddr).Port, mail.None, mail.Timeout},
		"TLS, silent":   {"127.0.0.1", silent.Addr().(*net.TCPAddr).Port, mail.Implicit, mail.Timeout},
		"no mailserver": {"127.0.0.1", odd.Addr().(*net.TCPAddr).Port, mail.None, mail.Protocol},
	} {
		s := mail.Settings{Host: c.host, Port: c.port, Security: c.security, Letterhead: letterhead, Timeout: 20 * time.Second}
		if c.why == mail.Timeout || c.why == mail.NoHost {
			s.Timeout = time.Second
		}
		o := sender(t, s).Send(t.Context(), now, envelope(1))
		why := o.Reason
		if c.why == mail.NoHost && why == mail.Timeout {
			why = mail.NoHost // a machine without a name server waits for one
		}
		if o.State != mail.Deferred || why != c.why || !o.Retry || !o.Reason.Ours() {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func TestWhoStopsInTheMiddleIsTold(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	for stage, want := range map[mailtest.Stage]mail.State{mailtest.Rcpt: mail.Deferred, mailtest.End: mail.Ambiguous} {
		ctx, cancel := context.WithCancel(t.Context())
		server.Rule(func(e mailtest.Event) mailtest.Fault {
			if e.Stage == stage {
				cancel()
				return mailtest.Fault{Slow: 100 * time.Millisecond}
			}
			return mailtest.Fault{}
		})
		o := sender(t, settingsFor(server, mail.None)).Send(ctx, now, envelope(1))
		if o.State != want || !o.Retry {
			t.Errorf("%s: %+v", stage, o)
		}
		cancel()
	}
}

func TestConnectionsAreKeptAndMadeAnew(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	p := sender(t, settingsFor(server, mail.None))
	send := func(n int) mail.Outcome { return p.Send(t.Context(), now, envelope(n)) }
	server.Rule(func(e mailtest.Event) mailtest.Fault {
		if e.Stage == mailtest.Rcpt && strings.HasPrefix(e.To, "anna.svensson2@") {
			return mailtest.Fault{Code: 550, Status: "5.1.1", Text: "unknown"}
		}
		return mailtest.Fault{}
	})
	for n := 1; n <= 3; n++ { // a refusal does not end the connection
		send(n)
	}
	if got, sessions := len(server.Accepted()), server.Sessions(); got != 2 || sessions != 1 {
		t.Errorf("%d messages over %d connections", got, sessions)
	}
	if got := server.Accepted()[1]; got.From != "bounces+token00003@example.org" || got.ID != "m3@enkat.example.org" {
		t.Errorf("%s, %s", got.From, got.ID)
	}
	// The server hangs up while the connection waits: nothing was sent, so
	// nothing is ambiguous.
	hungUp := false
	server.Rule(func(e mailtest.Event) mailtest.Fault {
		if e.Stage == mailtest.From && !hungUp {
			hungUp = true
			return mailtest.Fault{Drop: true}
		}
		return mailtest.Fault{}
	})
	if o := send(4); o.State != mail.HandedOver || server.Sessions() != 2 {
		t.Errorf("%+v over %d connections", o, server.Sessions())
	}
}

func TestManyAtOnce(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	settings := settingsFor(server, mail.None)
	settings.Connections = 3
	p := sender(t, settings)
	var all sync.WaitGroup
	for n := range 40 {
		all.Go(func() {
			if o := p.Send(t.Context(), now, envelope(n)); o.State != mail.HandedOver {
				t.Errorf("%+v", o)
			}
		})
	}
	all.Wait()
	ids := map[string]bool{}
	for _, m := range server.Accepted() {
		ids[m.ID] = true
	}
	if len(ids) != 40 || server.Sessions() > 3 {
		t.Errorf("%d messages over %d connections", len(ids), server.Sessions())
	}
}

func TestLimits(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	settings := settingsFor(server, mail.None)
	settings.PerSecond, settings.PerHour = 2, 3
	p := sender(t, settings)
	at := now
	for n, c := range []struct {
		after time.Duration
		wait  time.Duration
	}{{0, 0}, {0, 0}, {0, time.Second}, {400 * time.Millisecond, 600 * time.Millisecond}, {600 * time.Millisecond, 0}, {time.Second, time.Hour - 2*time.Second}, {time.Hour, 0}, {0, 0}, {0, time.Second}} {
		at = at.Add(c.after)
		if got := p.Ready(at); got != c.wait {
			t.Errorf("%d: ready in %s, not %s", n, got, c.wait)
		}
		o := p.Send(t.Context(), at, envelope(n))
		if o.Wait != c.wait || (o.State == mail.HandedOver) != (c.wait == 0) || c.wait > 0 && o.Reason != mail.Pace {
			t.Errorf("%d: %+v", n, o)
		}
	}
	if got := len(server.Accepted()); got != 5 {
		t.Errorf("%d were sent", got)
	}
}

// readByPython reads a message with Python's email package.
type readByPython struct {
	Headers [][2]string
	Type    string
	Parts   []struct{ Type, Charset, Transfer, Text string }
	Defects int
}

func python(t *testing.T, raw []byte) readByPython {
	t.Helper()
	program, err := exec.LookPath("python3")
	if err != nil {
		need.Missing(t, "python3", "apt-get install python3")
	}
	cmd := exec.CommandContext(t.Context(), program, "-c", `
import sys, json, email, email.policy
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
print(json.dumps({
  "headers": [[k, str(v)] for k, v in m.items()], "type": m.get_content_type(),
  "defects": len(m.defects) + sum(len(p.defects) for p in m.walk()) + sum(len(v.defects) for v in m.values()),
  "parts": [{"type": p.get_content_type(), "charset": p.get_content_charset(), "transfer": p["Content-Transfer-Encoding"], "text": p.get_content()}
            for p in m.walk() if not p.is_multipart()]}))`)
	cmd.Stdin = strings.NewReader(string(raw))
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("%v: %s\n%s", err, exit.Stderr, raw)
		}
		t.Fatal(err)
	}
	var read readByPython
	if err := json.Unmarshal(out, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

func TestAnIndependentReaderUnderstandsTheMessages(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	p := sender(t, settingsFor(server, mail.None))
	set, problems := mail.Load(fstest.MapFS{
		"s/mail/invitation.sr-Cyrl.md": {Data: []byte("Subject: Време је за анкету о раду и новој технологији, драга колегинице\n\nЗдраво {name}!\n\n**[Одговорите]({link})** до {closes}. {leave}\n.\nкрај\n")},
		"s/mail/invitation.uk.md":      {Data: []byte("Subject: Опитування відкрито\n\nВітаємо, {name}!\n\n- {link}\n- {leave}\n")},
		"s/mail/invitation.sv.md":      {Data: []byte("Subject: Öppet – svara ”nu”\n\nHej {name}! " + strings.Repeat("En väldigt lång rad. ", 80) + "\n{link} {leave}\nFrom här\n=3D\n")},
	}, "s", []string{"sr-Cyrl", "uk", "sv"})
	if set == nil {
		t.Fatal(problems)
	}
	for i, tag := range []string{"sr-Cyrl", "uk", "sv"} {
		m, err := set.Template(mail.Invitation, tag).Render(mail.Fields{
			Name: "Žarko Ђорђевић\r\nBcc: eve@example.com", Link: "https://enkat.example.org/s/0123456789abcdef0123456789abcdef0123456789abcdef?x=1&y=2",
			Leave: "https://enkat.example.org/l/1", Closes: time.Date(2017, 4, 2, 23, 59, 0, 0, time.UTC),
		})
		if err != nil {
			t.Fatal(err)
		}
		e := envelope(i)
		e.Message = m
		if o := p.Send(t.Context(), now, e); o.State != mail.HandedOver {
			t.Fatalf("%+v", o)
		}
		raw := server.Accepted()[i].Data
		for n, line := range strings.Split(string(raw), "\r\n") {
			if len(line) > 998 || strings.ContainsAny(line, "\r\n") || strings.IndexFunc(line, func(r rune) bool { return r > 126 }) >= 0 {
				t.Errorf("%s: line %d is not fit for every server: %q", tag, n+1, line)
			}
		}
		read := python(t, raw)
		want := [][2]string{
			{"Auto-Submitted", "auto-generated"}, {"Content-Language", tag}, {"Date", "Mon, 13 Mar 2017 08:00:00 +0000"}, {"From", "Enkäten <enkat@example.org>"},
			{"List-Unsubscribe", "<https://enkat.example.org/l/fedcba9876543210>"}, {"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"}, {"MIME-Version", "1.0"},
			{"Message-ID", "<" + e.ID + ">"}, {"Reply-To", "enkat@example.org"}, {"Subject", m.Subject}, {"To", e.To}, {"X-Auto-Response-Suppress", "OOF, AutoReply"},
		}
		var got [][2]string
		for _, h := range read.Headers {
			if h[0] != "Content-Type" {
				got = append(got, [2]string{h[0], strings.Trim(h[1], " ")})
			}
		}
		slices.SortFunc(got, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
		for j := range got {
			if strings.EqualFold(got[j][0], "mime-version") {
				got[j][0] = "MIME-Version"
			}
			if got[j][0] == "From" {
				got[j][1] = strings.ReplaceAll(got[j][1], `"`, "")
			}
			if strings.Contains(got[j][1], "<anna") {
				got[j][1] = strings.Trim(got[j][1], "<>")
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: the header\n%q\nnot\n%q", tag, got, want)
		}
		if read.Type != "multipart/alternative" || read.Defects != 0 || len(read.Parts) != 2 {
			t.Fatalf("%s: %s with %d parts and %d defects", tag, read.Type, len(read.Parts), read.Defects)
		}
		for j, want := range []struct{ kind, text string }{{"text/plain", m.Text}, {"text/html", m.HTML}} {
			part := read.Parts[j]
			text := strings.ReplaceAll(part.Text, "\r\n", "\n")
			if part.Type != want.kind || part.Charset != "utf-8" || part.Transfer != "quoted-printable" || strings.TrimRight(text, "\n") != strings.TrimRight(want.text, "\n") {
				t.Errorf("%s: %s %s %s\n%q\nnot\n%q", tag, part.Type, part.Charset, part.Transfer, text, want.text)
			}
		}
	}
}

func TestEnvelopesThatAreRefused(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	p := sender(t, settingsFor(server, mail.None))
	folder := mail.Folder{Dir: filepath.Join(t.TempDir(), "out"), Letterhead: letterhead}
	for name, change := range map[string]func(*mail.Envelope){
		"a header in the address": func(e *mail.Envelope) { e.To = "a@example.com\r\nBcc: b@example.com" },
		"a command":               func(e *mail.Envelope) { e.To = "a@example.com>\r\nRCPT TO:<b@example.com" },
		"two addresses":           func(e *mail.Envelope) { e.To = "a@example.com, b@example.com" },
		"a name":                  func(e *mail.Envelope) { e.To = "Anna <a@example.com>" },
		"no domain":               func(e *mail.Envelope) { e.To = "anna" },
		"no dot":                  func(e *mail.Envelope) { e.To = "anna@example" },
		"nothing":                 func(e *mail.Envelope) { e.To = "" },
		"an id with a line":       func(e *mail.Envelope) { e.ID = "x@y\r\nBcc: b@example.com" },
		"no id":                   func(e *mail.Envelope) { e.ID = "" },
		"a token with a line":     func(e *mail.Envelope) { e.Token = "abcdefgh\r\nX: y" },
		"a link with a line":      func(e *mail.Envelope) { e.Unsubscribe = "https://x.example/\r\nBcc: b@example.com" },
		"a link of a script":      func(e *mail.Envelope) { e.Unsubscribe = "javascript:alert(1)" },
	} {
		e := envelope(1)
		change(&e)
		for _, o := range []mail.Outcome{p.Send(t.Context(), now, e), folder.Send(t.Context(), now, e)} {
			if o.State != mail.Refused || o.Retry || o.Reason != mail.Address && o.Reason != mail.Incomplete || strings.Contains(o.Said, "@") {
				t.Errorf("%s: %+v", name, o)
			}
		}
	}
	if n := server.Sessions(); n != 0 {
		t.Errorf("%d connections were made for them", n)
	}
	e := envelope(1)
	e.Message.Subject, e.Message.Tag = "Hej\r\nBcc: b@example.com", "sv\r\nX: y"
	if o := p.Send(t.Context(), now, e); o.State != mail.HandedOver {
		t.Fatalf("%+v", o)
	}
	for _, h := range python(t, server.Accepted()[0].Data).Headers {
		if h[0] == "Bcc" || h[0] == "X" {
			t.Errorf("a header was put in: %q", h)
		}
	}
}

func TestAddressesInOtherLetters(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	p := sender(t, settingsFor(server, mail.None))
	for to, want := range map[string]string{"anna@räksmörgås.se": "anna@xn--rksmrgs-5wao1o.se", "åsa@example.com": "åsa@example.com"} {
		e := envelope(1)
		e.To = to
		o := p.Send(t.Context(), now, e)
		got := server.Accepted()
		if o.State != mail.HandedOver || got[len(got)-1].To != want {
			t.Errorf("%s: %+v", to, o)
		}
	}
}

func TestSettingsNameAllTheirProblems(t *testing.T) {
	_, err := mail.NewSMTP(mail.Settings{Host: "mail example", Port: 0, Security: "ssl", User: "x", Letterhead: mail.Letterhead{From: "nobody", Bounce: "a+b@example.org", FromName: "A\nB"},
		PerHour: -1, Connections: 99, Hello: "x y"})
	var got []string
	for _, p := range fault.Of(err).Problems {
		got = append(got, p.Field)
	}
	slices.Sort(got)
	if want := []string{"bounce", "connections", "from", "from_name", "hello", "host", "per_hour", "port", "security", "user"}; !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	for host, ok := range map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true, "192.168.1.5": false, "mail.example.org": false} {
		_, err := mail.NewSMTP(mail.Settings{Host: host, Port: 25, Security: mail.None, Letterhead: letterhead})
		if (err == nil) != ok {
			t.Errorf("without encryption to %s: %v", host, err)
		}
	}
}

func TestBackoff(t *testing.T) {
	at, tries := now, 1
	var waits []time.Duration
	for {
		next, again := mail.Backoff(tries, now, at, time.Time{})
		if !again {
			break
		}
		waits = append(waits, next.Sub(at))
		at, tries = next, tries+1
	}
	if waits[0] != 5*time.Minute || waits[1] != 15*time.Minute || waits[len(waits)-1] != 4*time.Hour || at.Sub(now) > mail.GiveUp || at.Sub(now) < mail.GiveUp-4*time.Hour {
		t.Errorf("%v, the last after %s", waits, at.Sub(now))
	}
	if _, again := mail.Backoff(1, now, now, now.Add(5*time.Minute)); again {
		t.Error("tried again when the wave has closed")
	}
	if next, again := mail.Backoff(1, now, now, now.Add(5*time.Minute+1)); !again || !next.Equal(now.Add(5*time.Minute)) {
		t.Error("not tried again although the wave is open")
	}
}
