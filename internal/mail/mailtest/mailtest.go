// Package mailtest is for tests alone: a real mail server on this machine that
// takes messages and keeps a record of them. It can be told to be slow, to
// refuse, to put off and to hang up at every step, and to ask for encryption
// and a log-in.
//
//	server := mailtest.Start(t, mailtest.Options{})
//	server.Rule(func(e mailtest.Event) mailtest.Fault {
//		if e.Stage == mailtest.Rcpt && e.Number == 1 {
//			return mailtest.Fault{Code: 450, Status: "4.2.0", Text: "Greylisted, come again"}
//		}
//		return mailtest.Fault{}
//	})
//	… server.Accepted() …
package mailtest

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Options say how the server is set up.
type Options struct {
	StartTLS bool   // offers encryption
	Implicit bool   // is encrypted from the start
	CertFor  string // the name in the certificate; 127.0.0.1 where it is empty
	User     string // asks for a log-in
	Password string
	Addr     string // where to listen; any free port of 127.0.0.1 where it is empty
}

// Stage is a step of a conversation.
type Stage string

// The steps at which a Rule is asked.
const (
	Hello Stage = "hello" // the client has greeted
	From  Stage = "mail"  // MAIL FROM
	Rcpt  Stage = "rcpt"  // RCPT TO
	Data  Stage = "data"  // the message begins to come
	End   Stage = "end"   // the message has come and is in the record; only the answer is missing
)

// Event is what a Rule is asked about.
type Event struct {
	Stage  Stage
	From   string // from the stage From on
	To     string // from the stage Rcpt on
	Number int    // how many messages to this address came as far as Rcpt, this one included
}

// Fault is what the server does instead of going on. The zero Fault goes on.
type Fault struct {
	Slow   time.Duration // waits first
	Drop   bool          // hangs up without an answer
	Code   int           // refuses (5xx) or puts off (4xx)
	Status string        // "5.1.1"
	Text   string
}

// Message is a message that the server took on.
type Message struct {
	From, To string
	ID       string // the Message-ID without its brackets
	At       time.Time
	Data     []byte
	Secure   bool   // came over TLS
	User     string // who was logged in
}

// Server is a running mail server. It is safe for concurrent use.
type Server struct {
	Host  string
	Port  int
	Roots *x509.CertPool // vouches for its certificate

	options  Options
	server   *smtp.Server
	mu       sync.Mutex
	rule     func(Event) Fault
	accepted []Message
	numbers  map[string]int
	sessions int
}

// Start runs a server until the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", o.Addr)
	if err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Host: host, options: o, numbers: map[string]int{}}
	if s.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	s.server = smtp.NewServer(smtp.BackendFunc(s.session))
	s.server.Domain = "mail.test"
	s.server.AllowInsecureAuth = !o.StartTLS && !o.Implicit
	s.server.EnableSMTPUTF8 = true
	s.server.ErrorLog = log.New(io.Discard, "", 0) // clients that hang up are what the tests are about
	if o.StartTLS || o.Implicit {
		name := o.CertFor
		if name == "" {
			name = host
		}
		certificate, roots, err := certificateFor(name)
		if err != nil {
			t.Fatal(err)
		}
		s.Roots = roots
		s.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	}
	if o.Implicit {
		listener = tls.NewListener(listener, s.server.TLSConfig)
	}
	done := make(chan error, 1)
	go func() { done <- s.server.Serve(listener) }()
	t.Cleanup(func() {
		s.Stop()
		if err := <-done; err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error("the mail server: ", err)
		}
	})
	return s
}

// Stop ends the server and all its connections. Another can be started with
// its Addr.
func (s *Server) Stop() { _ = s.server.Close() } // the second time it is closed already

// Addr gives host and port.
func (s *Server) Addr() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// Rule sets what the server does at each step from now on; nil takes
// everything. It is asked by one conversation at a time.
func (s *Server) Rule(rule func(Event) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rule = rule
}

// Accepted gives the record of what the server took on, in order.
func (s *Server) Accepted() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.accepted)
}

// Sessions gives how many conversations there were.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions
}

func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	s.sessions++
	s.mu.Unlock()
	v := &session{server: s, conn: c}
	if err := v.ask(Hello); err != nil {
		return nil, err
	}
	if s.options.User != "" {
		return &loginSession{session: v}, nil
	}
	return v, nil
}

// session is one conversation.
type session struct {
	server   *Server
	conn     *smtp.Conn
	from, to string
	number   int
	user     string
}

// errDropped is never heard: the connection is closed before it is said.
var errDropped = &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 4, 2}, Message: "gone"}

// ask asks the rule and does what it says.
func (v *session) ask(stage Stage) error {
	v.server.mu.Lock()
	var f Fault
	if v.server.rule != nil {
		f = v.server.rule(Event{Stage: stage, From: v.from, To: v.to, Number: v.number})
	}
	v.server.mu.Unlock()
	time.Sleep(f.Slow)
	if f.Drop {
		_ = v.conn.Conn().Close() // it is to be gone
		return errDropped
	}
	if f.Code == 0 {
		return nil
	}
	return &smtp.SMTPError{Code: f.Code, EnhancedCode: status(f.Status), Message: f.Text}
}

// status reads "5.1.1"; without one the server says none.
func status(s string) smtp.EnhancedCode {
	out := smtp.NoEnhancedCode
	for i, part := range strings.SplitN(s, ".", 3) {
		n, err := strconv.Atoi(part)
		if err != nil {
			return smtp.NoEnhancedCode
		}
		out[i] = n
	}
	return out
}

func (v *session) Reset()        { v.from, v.to, v.number = "", "", 0 }
func (v *session) Logout() error { return nil }

func (v *session) Mail(from string, _ *smtp.MailOptions) error {
	if v.server.options.User != "" && v.user == "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	v.from = from
	return v.ask(From)
}

func (v *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.server.mu.Lock()
	v.server.numbers[to]++
	v.to, v.number = to, v.server.numbers[to]
	v.server.mu.Unlock()
	return v.ask(Rcpt)
}

func (v *session) Data(r io.Reader) error {
	if err := v.ask(Data); err != nil {
		return err
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return err // cut off: not taken
	}
	m := Message{From: v.from, To: v.to, At: time.Now(), Data: data, User: v.user}
	_, m.Secure = v.conn.TLSConnectionState()
	if read, err := mail.ReadMessage(bytes.NewReader(data)); err == nil {
		m.ID = strings.Trim(read.Header.Get("Message-Id"), "<> ")
	}
	v.server.mu.Lock()
	v.server.accepted = append(v.server.accepted, m)
	v.server.mu.Unlock()
	return v.ask(End)
}

// loginSession is a conversation that wants a log-in.
type loginSession struct{ *session }

func (v *loginSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (v *loginSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != v.server.options.User || password != v.server.options.Password {
			return smtp.ErrAuthFailed
		}
		v.user = user
		return nil
	}), nil
}
