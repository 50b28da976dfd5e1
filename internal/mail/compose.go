package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// errEnvelope says that an envelope cannot be sent as it is.
var errEnvelope = errors.New("the envelope is not complete")

// compose writes a message as it goes over the wire (RFC 5322, MIME): plain
// text and HTML, both quoted-printable in UTF-8. The same envelope at the same
// time gives the same bytes.
func (h Letterhead) compose(now time.Time, e Envelope) (from, to string, raw []byte, err error) {
	if !idPattern.MatchString(e.ID) {
		return "", "", nil, fmt.Errorf("%w: the Message-ID", errEnvelope)
	}
	if e.Token != "" && !tokenPattern.MatchString(e.Token) {
		return "", "", nil, fmt.Errorf("%w: the token", errEnvelope)
	}
	if e.Unsubscribe != "" && !webAddress(e.Unsubscribe) || e.Unsubscribe != oneLine(e.Unsubscribe) {
		return "", "", nil, fmt.Errorf("%w: the address to leave", errEnvelope)
	}
	to, err = bareAddress(e.To)
	if err != nil {
		return "", "", nil, err
	}
	from = h.returnPath(e.Token)
	sum := sha256.Sum256([]byte(e.ID))
	m := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingQP), gomail.WithNoDefaultUserAgent(),
		gomail.WithBoundary(hex.EncodeToString(sum[:20]))) // letters and digits: go-mail does not quote it
	replyTo := h.ReplyTo
	if replyTo == "" {
		replyTo = h.From
	}
	for _, err := range []error{m.FromFormat(oneLine(h.FromName), h.From), m.ReplyTo(replyTo), m.AddTo(to), m.EnvelopeFrom(from)} {
		if err != nil {
			return "", "", nil, fmt.Errorf("%w: %w", errEnvelope, err)
		}
	}
	m.Subject(oneLine(e.Message.Subject))
	m.SetMessageIDWithValue(e.ID)
	m.SetDateWithValue(now.UTC())
	m.SetGenHeader("Content-Language", oneLine(e.Message.Tag))
	m.SetGenHeader("Auto-Submitted", "auto-generated")           // RFC 3834: programs do not answer it
	m.SetGenHeader("X-Auto-Response-Suppress", "OOF, AutoReply") // the same for Exchange
	if e.Unsubscribe != "" {
		m.SetGenHeaderPreformatted("List-Unsubscribe", "<"+e.Unsubscribe+">") // RFC 2369
		if strings.HasPrefix(e.Unsubscribe, "https://") {
			m.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click") // RFC 8058, which wants https
		}
	}
	m.SetBodyString(gomail.TypeTextPlain, e.Message.Text)
	if e.Message.HTML != "" {
		m.AddAlternativeString(gomail.TypeTextHTML, e.Message.HTML)
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return "", "", nil, err
	}
	return from, to, b.Bytes(), nil
}
