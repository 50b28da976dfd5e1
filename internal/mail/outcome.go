package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/textproto"
	"os"
	"regexp"
	"strings"
	"syscall"
	"time"

	"panelverk/internal/lang"
)

// State says how an attempt to hand a message over ended.
type State string

// The states. After Ambiguous nobody knows: the whole message was under way
// and no answer came. It is sent again with the same id, so that the person
// may get it twice, which the ledger shows.
const (
	HandedOver State = "handed_over" // the server has taken it on
	Deferred   State = "deferred"    // not now; it is tried again
	Refused    State = "refused"     // never to this address
	Ambiguous  State = "ambiguous"
)

// Reason says why, for programs; Outcome.Words says it to people.
type Reason string

// The reasons. Those of the first group lie with the settings or the server,
// and would meet every message alike (Reason.Ours).
const (
	NoHost       Reason = "no_host"       // the server's name is not found
	NoAnswer     Reason = "no_answer"     // nobody listens at that port, or no way there
	Timeout      Reason = "timeout"       // it took too long
	TLSName      Reason = "tls_name"      // the certificate is for another name
	TLSUntrusted Reason = "tls_untrusted" // the certificate is not to be trusted, or too old
	TLSMissing   Reason = "tls_missing"   // the server offers no encryption
	Password     Reason = "password"      // user and password were refused
	NoLogin      Reason = "no_login"      // the server wants a log-in, or offers none that is known
	Relay        Reason = "relay"         // the server does not take mail from us, or for others
	Sender       Reason = "sender"        // the server refuses the sender's address
	Busy         Reason = "busy"          // the server is busy or shuts down
	Lost         Reason = "lost"          // the connection was lost
	Protocol     Reason = "protocol"      // the server says what no mail server says
	Pace         Reason = "pace"          // our own limit for each second or hour is reached
	Stopped      Reason = "stopped"       // we stopped in the middle
	Disk         Reason = "disk"          // the message could not be written
	Incomplete   Reason = "incomplete"    // we gave an envelope that cannot be sent: a defect of ours

	Sent        Reason = "sent"
	Mailbox     Reason = "mailbox" // there is no such address
	MailboxFull Reason = "mailbox_full"
	Greylisted  Reason = "greylisted" // asked to come again later, as unknown senders are
	Blocked     Reason = "blocked"    // taken for spam or against a rule
	TooLarge    Reason = "too_large"
	Address     Reason = "address"  // the address is none
	Never       Reason = "never"    // refused for another reason
	Later       Reason = "later"    // put off for another reason
	NoReply     Reason = "no_reply" // the connection was lost before the answer to a whole message
)

// Ours tells that the reason is not this recipient: the settings, the server
// or the way there. Who sends stops and tells staff, and counts nothing
// against the participant.
func (r Reason) Ours() bool {
	switch r {
	case Sent, Mailbox, MailboxFull, Greylisted, Blocked, TooLarge, Address, Never, Later, NoReply:
		return false
	}
	return true
}

// Outcome says how an attempt to hand a message over ended.
type Outcome struct {
	State          State
	Reason         Reason
	Code           int           // of SMTP or HTTP, 0 where no answer came
	EnhancedStatus string        // "5.1.1", RFC 3463
	Said           string        // the server's words, without addresses and numbers
	Retry          bool          // trying again makes sense
	Wait           time.Duration // not before; 0 where Backoff decides
	// Conversation is what was said, line by line, the recipient's address
	// among it: to be shown to who asked for it and never stored.
	Conversation []string
}

// Words says the outcome to people, in one of the languages of our pages.
// server is the host that was spoken to.
func (o Outcome) Words(tag, server string) string {
	return lang.For(tag).T("mail.outcome."+string(o.Reason), "server", server, "code", o.Code)
}

// Reasons lists every reason, for tests of the texts and for filters.
func Reasons() []Reason {
	return []Reason{NoHost, NoAnswer, Timeout, TLSName, TLSUntrusted, TLSMissing, Password, NoLogin, Relay, Sender, Busy, Lost, Protocol, Pace, Stopped, Disk, Incomplete,
		Sent, Mailbox, MailboxFull, Greylisted, Blocked, TooLarge, Address, Never, Later, NoReply}
}

// stage is how far a conversation had come.
type stage int

const (
	connecting stage = iota
	greeting
	encrypting
	loggingIn
	naming   // MAIL FROM
	ringing  // RCPT TO
	offering // DATA
	writing  // before the end of the message was sent
	ending   // the end was sent, the answer is due
)

// outcomeOf says what an error at a stage means.
func outcomeOf(ctx context.Context, at stage, err error) Outcome {
	var answer *textproto.Error
	if errors.As(err, &answer) && answer.Code >= 400 {
		return outcomeOfAnswer(at, answer.Code, answer.Msg)
	}
	o := Outcome{State: Deferred, Reason: trouble(ctx, at, err), Retry: true}
	if at == ending {
		o.State, o.Reason = Ambiguous, NoReply
	}
	return o
}

// trouble names what kept a conversation from going on.
func trouble(ctx context.Context, at stage, err error) Reason {
	var dns *net.DNSError
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var network net.Error
	var odd textproto.ProtocolError
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return Stopped
	case errors.Is(err, errNoTLS), errors.As(err, &record):
		return TLSMissing
	case errors.Is(err, errNoLogin):
		return NoLogin
	case errors.As(err, &name):
		return TLSName
	case errors.As(err, &authority), errors.As(err, &invalid), errors.As(err, &verify):
		return TLSUntrusted
	case errors.As(err, &dns) && !dns.IsTimeout:
		return NoHost
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.Is(ctx.Err(), context.DeadlineExceeded),
		errors.As(err, &network) && network.Timeout():
		return Timeout
	case errors.Is(err, syscall.ECONNREFUSED), at == connecting:
		return NoAnswer
	case errors.As(err, &odd), errors.As(err, new(*textproto.Error)):
		return Protocol
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.As(err, &network):
		return Lost
	case at == encrypting:
		return TLSUntrusted
	case at == loggingIn:
		return NoLogin
	}
	return Lost
}

var enhanced = regexp.MustCompile(`^([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:\s|$)`)

// outcomeOfAnswer says what a server's refusal means: by its enhanced status
// (RFC 3463), else by its code, and by its words where servers agree on no code.
func outcomeOfAnswer(at stage, code int, said string) Outcome {
	said = oneLine(said)
	o := Outcome{Code: code, State: Deferred, Retry: true}
	if m := enhanced.FindStringSubmatch(said); m != nil {
		o.EnhancedStatus = m[1]
	}
	o.Said = withoutAddresses(said)
	o.Reason = reasonOf(at, code, o.EnhancedStatus, strings.ToLower(said))
	// What is wrong with the settings is put right and the message goes then;
	// a full mailbox is emptied.
	if code >= 500 && !o.Reason.Ours() && o.Reason != MailboxFull {
		o.State, o.Retry = Refused, false
	}
	return o
}

func reasonOf(at stage, code int, status, said string) Reason {
	_, detail, _ := strings.Cut(status, ".")
	switch at {
	case connecting, greeting, encrypting:
		if code >= 500 {
			return Relay
		}
		return Busy
	case loggingIn:
		if code == 535 || code == 534 || code == 530 || code == 538 || detail == "7.8" {
			return Password
		}
		if code < 500 {
			return Busy
		}
		return NoLogin
	}
	switch {
	case code == 421, detail == "3.2":
		return Busy
	case code == 530:
		return NoLogin
	case has(said, "greylist", "graylist", "grey-list", "gray-list"), code < 500 && has(said, "try again in", "please retry later"):
		return Greylisted
	case detail == "2.2", code == 452 && has(said, "full", "quota"), code == 552 && detail != "3.4" && has(said, "quota", "full"):
		return MailboxFull
	case detail == "3.4", code == 552:
		return TooLarge
	case has(said, "relay"), detail == "7.1" && has(said, "not permitted to", "not allowed to send"):
		return Relay
	case code == 502 && at == naming, detail == "7.0" && has(said, "authenticat"):
		return NoLogin
	case at == naming && code >= 500:
		return Sender
	case detail == "1.8", detail == "1.7":
		return Sender
	case code >= 500 && (detail == "1.1" || detail == "1.2" || detail == "1.3" || detail == "1.6" || detail == "1.10" || detail == "2.1" || detail == "4.1" ||
		at == ringing && has(said, "unknown", "no such", "not exist", "does not exist", "no mailbox", "invalid recipient", "not found")):
		return Mailbox
	case strings.HasPrefix(detail, "7.") && code >= 500, code >= 500 && has(said, "spam", "blocked", "blacklist", "blocklist", "policy", "reputation"):
		return Blocked
	case code == 550 && at == ringing && status == "":
		return Mailbox // what 550 means at this place, RFC 5321 section 4.2.3
	case code >= 500:
		return Never
	}
	return Later
}

func has(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

var (
	anAddress = regexp.MustCompile(`(?:"[^"]{1,64}"|[^\s<>()\[\]:;,"]*)@[^\s<>()\[\]:;,"']*`)
	aNumber   = regexp.MustCompile(`\+?[0-9][0-9 ()\-]{6,}[0-9]`)
)

// maxSaid is how many letters of a server's words are kept.
const maxSaid = 300

// withoutAddresses gives a server's words without what tells who they are
// about: e-mail addresses, and the local parts of those given.
func withoutAddresses(said string, addresses ...string) string {
	said = anAddress.ReplaceAllString(said, "…")
	for _, a := range addresses {
		local, _, _ := strings.Cut(a, "@")
		if len(local) < 3 {
			continue
		}
		word, err := regexp.Compile(`(?i)(^|[^\pL\pN])` + regexp.QuoteMeta(local) + `($|[^\pL\pN])`)
		for n := 0; err == nil && n < 2; n++ { // two that stand side by side share the sign between them
			said = word.ReplaceAllString(said, "${1}…${2}")
		}
	}
	if r := []rune(said); len(r) > maxSaid {
		said = string(r[:maxSaid]) + "…"
	}
	return said
}
