package mail

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/mail"
	"regexp"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"panelverk/internal/fault"
)

// Security says how a connection to a mail server is encrypted.
type Security string

// The ways. None is for a server on this machine alone.
const (
	StartTLS Security = "starttls" // begun in the clear, then encrypted, usually port 587
	Implicit Security = "tls"      // encrypted from the start, usually port 465
	None     Security = "none"
)

// Letterhead says who the messages come from.
type Letterhead struct {
	FromName string // neutral: it is shown before a message is opened
	From     string // an address
	ReplyTo  string // an address, "" for From
	Bounce   string // where what cannot be delivered returns to; the token is put in before the @
}

// Settings say which mail server takes the messages, and who they come from.
type Settings struct {
	Host     string
	Port     int
	Security Security
	User     string // "" for a server that wants no log-in
	Password string
	Hello    string // the name we greet with; "" for the domain of From

	Letterhead

	PerSecond   int           // the most messages in a second, 0 for no limit
	PerHour     int           // and in an hour
	Connections int           // at a time, 0 for one
	Timeout     time.Duration // for each step, 0 for a minute

	Roots *x509.CertPool // who may vouch for the server; nil for those that this machine trusts
}

// Check lists everything that is wrong with the settings, each with the name
// of its field.
func (s Settings) Check() fault.Problems {
	var ps fault.Problems
	bad := func(field, code, format string, args ...any) {
		ps.Add(fault.Place{Field: field}, code, format, args...)
	}
	if !hostName(s.Host) {
		bad("host", "mail_host", "Give the name of the mail server, such as mail.example.org.")
	}
	if s.Port < 1 || s.Port > 65535 {
		bad("port", "mail_port", "Give the port of the mail server: 587 or 465, as a rule.")
	}
	switch s.Security {
	case StartTLS, Implicit:
	case None:
		if !loopback(s.Host) {
			bad("security", "mail_in_the_clear", "Without encryption a mail server is used on this machine alone.")
		}
	default:
		bad("security", "mail_security", "The encryption is starttls or tls; none for a server on this machine.")
	}
	if (s.User == "") != (s.Password == "") {
		bad("user", "mail_login", "A log-in takes a user and a password.")
	}
	s.check(bad)
	if s.Hello != "" && !hostName(s.Hello) {
		bad("hello", "mail_hello", "The name to greet with is a name of a machine.")
	}
	if s.PerSecond < 0 {
		bad("per_second", "mail_limit", "A limit is a number from 1, or 0 for none.")
	}
	if s.PerHour < 0 {
		bad("per_hour", "mail_limit", "A limit is a number from 1, or 0 for none.")
	}
	if s.Connections < 0 || s.Connections > 20 {
		bad("connections", "mail_connections", "Up to 20 connections can be used at a time.")
	}
	if s.Timeout < 0 {
		bad("timeout", "mail_timeout", "The time to wait is not negative.")
	}
	ps.Sort()
	return ps
}

// check tells bad what is wrong with the addresses.
func (h Letterhead) check(bad func(field, code, format string, args ...any)) {
	for _, f := range []struct{ field, address string }{{"from", h.From}, {"reply_to", h.ReplyTo}, {"bounce", h.Bounce}} {
		if f.address == "" && f.field == "reply_to" {
			continue
		}
		if _, err := bareAddress(f.address); err != nil {
			bad(f.field, "mail_address", "Give an e-mail address, such as enkat@example.org.")
		}
	}
	if local, _, _ := strings.Cut(h.Bounce, "@"); strings.Contains(local, "+") {
		bad("bounce", "mail_bounce", "The address for what comes back has no plus sign: one is put in, with a token after it.")
	}
	if h.FromName != oneLine(h.FromName) {
		bad("from_name", "mail_name", "The sender's name holds signs that cannot stand there.")
	}
}

// ascii gives the letterhead with its domains in the letters that mail servers know.
func (h Letterhead) ascii() Letterhead {
	for _, a := range []*string{&h.From, &h.ReplyTo, &h.Bounce} {
		if plain, err := bareAddress(*a); err == nil {
			*a = plain
		}
	}
	return h
}

func (s Settings) addr() string { return net.JoinHostPort(s.Host, fmt.Sprint(s.Port)) }

// hello gives the name to greet the server with.
func (s Settings) hello() string {
	if s.Hello != "" {
		return s.Hello
	}
	_, domain, _ := strings.Cut(s.From, "@")
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		return ascii
	}
	return "localhost"
}

// returnPath gives the address that a message returns to.
func (h Letterhead) returnPath(token string) string {
	local, domain, _ := strings.Cut(h.Bounce, "@")
	if token == "" {
		return h.Bounce
	}
	return local + "+" + token + "@" + domain
}

var (
	hostPattern  = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`)
	tokenPattern = regexp.MustCompile(`^[A-Za-z0-9]{8,64}$`)
	idPattern    = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~.-]{1,120}@[A-Za-z0-9]([A-Za-z0-9.-]{0,120}[A-Za-z0-9])?$`)
)

func hostName(s string) bool { return hostPattern.MatchString(s) || net.ParseIP(s) != nil }

// loopback tells whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// bareAddress reads an e-mail address that stands alone, and gives it with its
// domain in the letters that mail servers know.
func bareAddress(s string) (string, error) {
	read, err := mail.ParseAddress(s)
	if err != nil {
		return "", err
	}
	if read.Name != "" || read.Address != s || len(s) > 254 || strings.ContainsAny(s, "\r\n\x00 <>\"") {
		return "", fmt.Errorf("not an address alone")
	}
	at := strings.LastIndexByte(s, '@')
	domain, err := idna.Lookup.ToASCII(s[at+1:])
	if err != nil {
		return "", err
	}
	if !strings.Contains(domain, ".") && !loopback(domain) {
		return "", fmt.Errorf("the domain has no dot")
	}
	return s[:at+1] + domain, nil
}
