package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	maillog "github.com/wneessen/go-mail/log"
	"github.com/wneessen/go-mail/smtp"
)

var (
	errNoTLS   = errors.New("the server offers no encryption")
	errNoLogin = errors.New("the server offers no log-in that is known here")
)

// line is a connection to a mail server, logged in.
type line struct {
	conn    net.Conn
	client  *smtp.Client
	talk    *talk
	timeout time.Duration
	wide    bool // the server takes addresses in all letters (SMTPUTF8)
	sent    int
	broken  bool
	timer   *time.Timer // ends it while it waits
}

// dial connects, encrypts and logs in. Without a connection the Outcome says why.
func dial(ctx context.Context, s Settings) (*line, Outcome) {
	l := &line{talk: &talk{}, timeout: s.Timeout}
	at, err := l.open(ctx, s)
	if err == nil {
		return l, Outcome{}
	}
	if l.conn != nil {
		_ = l.conn.Close() // what went wrong is known
	}
	o := outcomeOf(ctx, at, err)
	l.talk.note("! " + err.Error())
	o.Conversation = l.talk.lines
	return nil, o
}

// open does it, and tells how far it came.
func (l *line) open(ctx context.Context, s Settings) (at stage, err error) {
	l.talk.note("connect " + s.addr() + " " + string(s.Security))
	within, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	defer func() {
		if err != nil && within.Err() != nil {
			err = fmt.Errorf("%w: %w", within.Err(), err) // closed by us, because of the time
		}
	}()
	config := &tls.Config{ServerName: s.Host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12}
	conn, err := (&net.Dialer{}).DialContext(within, "tcp", s.addr())
	if err != nil {
		return connecting, err
	}
	l.conn = conn
	// Whatever waits for the server ends when ctx does.
	defer context.AfterFunc(within, func() { _ = conn.Close() })()
	if s.Security == Implicit {
		secure := tls.Client(conn, config)
		if err := secure.HandshakeContext(within); err != nil {
			return encrypting, err
		}
		l.conn = secure
	}
	if l.client, err = smtp.NewClient(l.conn, s.Host); err != nil {
		return greeting, err
	}
	l.client.SetLogger(l.talk)
	l.client.SetDebugLog(true)
	if err := l.client.Hello(s.hello()); err != nil {
		return greeting, err
	}
	if s.Security == StartTLS {
		if has, _ := l.client.Extension("STARTTLS"); !has {
			return encrypting, errNoTLS
		}
		if err := l.client.StartTLS(config); err != nil {
			return encrypting, err
		}
	}
	l.wide, _ = l.client.Extension("SMTPUTF8")
	return l.login(s)
}

// login proves who we are, in the best way that the server knows.
func (l *line) login(s Settings) (stage, error) {
	if s.User == "" {
		return loggingIn, nil
	}
	_, offered := l.client.Extension("AUTH")
	clear := s.Security == None // on this machine alone
	ways := strings.Fields(strings.ToUpper(offered))
	for _, way := range []struct {
		name string
		auth smtp.Auth
	}{
		{"SCRAM-SHA-256", smtp.ScramSHA256Auth(s.User, s.Password)},
		{"PLAIN", smtp.PlainAuth("", s.User, s.Password, s.Host, clear)},
		{"LOGIN", smtp.LoginAuth(s.User, s.Password, s.Host, clear)},
	} {
		for _, w := range ways {
			if w == way.name {
				return loggingIn, l.client.Auth(way.auth)
			}
		}
	}
	return loggingIn, errNoLogin
}

// send hands over one message. stale tells that the connection was lost
// before the server had heard of the message.
func (l *line) send(ctx context.Context, from, to string, raw []byte) (o Outcome, stale bool) {
	stop := context.AfterFunc(ctx, func() { _ = l.conn.Close() })
	defer func() {
		if !stop() {
			l.broken = true
		}
	}()
	begin := len(l.talk.lines)
	if l.sent == 0 {
		begin = 0 // with how the connection was made
	}
	l.sent++
	if !isASCII(to) && !l.wide {
		return Outcome{State: Refused, Reason: Address}, false
	}
	at, said, err := l.converse(from, to, raw)
	if err != nil {
		o = outcomeOf(ctx, at, err)
		l.talk.note(fmt.Sprintf("! %v", err))
		// After a refusal at RCPT the server waits for the next message; after
		// anything else the connection is not used again. It is closed without
		// a word: QUIT in the middle of a message would end the message.
		l.broken = at != ringing || o.Code == 0 || o.Code == 421 || l.client.Reset() != nil
		stale = at == naming && (o.Code == 0 || o.Code == 421) && ctx.Err() == nil
	} else {
		o = Outcome{State: HandedOver, Reason: Sent, Code: 250, Said: withoutAddresses(oneLine(said))}
		if m := enhanced.FindStringSubmatch(said); m != nil {
			o.EnhancedStatus = m[1]
		}
		l.talk.note("< 250 " + oneLine(said))
	}
	o.Conversation = append([]string(nil), l.talk.lines[begin:]...)
	return o, stale
}

// converse says what is to be said for one message, and tells how far it came.
func (l *line) converse(from, to string, raw []byte) (stage, string, error) {
	l.client.SkipSMTPUTF8(isASCII(to))
	if err := l.client.UpdateDeadline(l.timeout); err != nil {
		return naming, "", err
	}
	if err := l.client.Mail("<" + from + ">"); err != nil {
		return naming, "", err
	}
	if err := l.client.UpdateDeadline(l.timeout); err != nil {
		return ringing, "", err
	}
	if err := l.client.Rcpt("<" + to + ">"); err != nil {
		return ringing, "", err
	}
	if err := l.client.UpdateDeadline(l.timeout); err != nil {
		return offering, "", err
	}
	w, err := l.client.Data()
	if err != nil {
		return offering, "", err
	}
	if err := l.client.UpdateDeadline(l.timeout); err != nil {
		return writing, "", err
	}
	if _, err := w.Write(raw); err != nil {
		return writing, "", err
	}
	// From here on the end may be on its way, whatever comes back.
	if err := l.client.UpdateDeadline(l.timeout); err != nil {
		return writing, "", err
	}
	if err := w.Close(); err != nil {
		return ending, "", err
	}
	said := ""
	if d, ok := w.(*smtp.DataCloser); ok {
		said = d.ServerResponse()
	}
	return ending, said, nil
}

func isASCII(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return r > 127 }) < 0 }

// end takes leave of the server.
func (l *line) end() {
	if !l.broken {
		if l.client.UpdateDeadline(time.Second) == nil {
			_ = l.client.Quit() // the server has its messages; its farewell does not matter
		}
	}
	_ = l.conn.Close()
}

// talk keeps what is said on a connection. It is go-mail's Logger, which is
// never given user and password.
type talk struct{ lines []string }

func (t *talk) note(line string) { t.lines = append(t.lines, line) }

// Debugf takes a line of the conversation.
func (t *talk) Debugf(l maillog.Log) {
	sign := "< "
	if l.Direction == maillog.DirClientToServer {
		sign = "> "
	}
	for _, line := range strings.Split(fmt.Sprintf(l.Format, l.Messages...), "\n") {
		t.note(sign + strings.TrimRight(line, "\r"))
	}
}

// Infof, Warnf and Errorf take nothing: go-mail says nothing by them here.
func (t *talk) Infof(maillog.Log)  {}
func (t *talk) Warnf(maillog.Log)  {}
func (t *talk) Errorf(maillog.Log) {}
