package rehearsal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// letter is a message as it came to somebody.
type letter struct {
	at      time.Time
	to      string // an address or a telephone number
	from    string // where it returns to
	id      string // its Message-ID
	subject string
	tag     string // the language that it says it is in
	text    string
	links   []string // of the text
	leave   string   // List-Unsubscribe
	press   bool     // one press is enough (RFC 8058)
	code    string   // of a letter on paper
	head    []byte   // its header as it came
}

// readMail reads a message as a mail program does. It fails with everything
// about it that a reader would stumble on.
func readMail(raw []byte) (letter, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return letter{}, err
	}
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	words := mime.WordDecoder{}
	var l letter
	var wrong []error
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	to, err := mail.ParseAddress(m.Header.Get("To"))
	if err != nil {
		return l, fmt.Errorf("its reader: %w", err)
	}
	l = letter{to: to.Address, from: strings.Trim(m.Header.Get("Return-Path"), "<> "), id: strings.Trim(m.Header.Get("Message-Id"), "<> "),
		tag: m.Header.Get("Content-Language"), leave: strings.Trim(m.Header.Get("List-Unsubscribe"), "<> "),
		press: m.Header.Get("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click", head: head}
	if l.subject, err = words.DecodeHeader(m.Header.Get("Subject")); err != nil || strings.TrimSpace(l.subject) == "" {
		bad("its subject %q: %v", m.Header.Get("Subject"), err)
	}
	if _, err := mail.ParseAddress(m.Header.Get("From")); err != nil {
		bad("its sender: %w", err)
	}
	plain, rich, err := bodies(m)
	if err != nil {
		bad("its body: %w", err)
	}
	l.text = plain
	l.links = linksOf(plain)
	shown, targets := readHTML(rich)
	for _, part := range []string{l.subject, plain, shown} {
		if i := strings.IndexAny(part, "{}"); i >= 0 {
			bad("a field was left in it: %q", part[max(0, i-20):min(len(part), i+20)])
		}
	}
	for _, to := range targets {
		if strings.HasPrefix(to, "http") && !slices.Contains(l.links, to) {
			bad("a link of its HTML is not in its text")
		}
	}
	for _, to := range l.links {
		if rich != "" && !slices.Contains(targets, to) {
			bad("a link of its text is not in its HTML")
		}
	}
	return l, errors.Join(wrong...)
}

// bodies gives the plain text and the HTML of a message, decoded.
func bodies(m *mail.Message) (plain, rich string, err error) {
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return "", "", err
	}
	if kind == "text/plain" {
		plain, err = decoded(m.Body, m.Header.Get("Content-Transfer-Encoding"))
		return plain, "", err
	}
	if kind != "multipart/alternative" {
		return "", "", fmt.Errorf("it is of the type %s", kind)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) && strings.TrimSpace(plain) == "" {
			return plain, rich, errors.New("it has no text")
		}
		if errors.Is(err, io.EOF) {
			return plain, rich, nil
		}
		if err != nil {
			return plain, rich, err
		}
		text, err := decoded(part, part.Header.Get("Content-Transfer-Encoding"))
		if err != nil {
			return plain, rich, err
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			rich = text
		} else {
			plain = text
		}
	}
}

func decoded(r io.Reader, encoding string) (string, error) {
	if strings.EqualFold(encoding, "quoted-printable") {
		r = quotedprintable.NewReader(r)
	}
	b, err := io.ReadAll(r)
	return strings.ReplaceAll(string(b), "\r\n", "\n"), err
}

var webAddress = regexp.MustCompile(`https?://[^\s<>"]+`)

// linksOf finds addresses as mail programs do, which leave the full stop of the
// sentence out.
func linksOf(text string) []string {
	var out []string
	for _, a := range webAddress.FindAllString(text, -1) {
		out = append(out, strings.TrimRight(a, ".,;:!?)'"))
	}
	return out
}

// readHTML gives what a reader sees of HTML, and where its links lead.
func readHTML(rich string) (shown string, targets []string) {
	doc, err := html.Parse(strings.NewReader(rich))
	if err != nil {
		return "", nil // of a string it never fails
	}
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.DataAtom == atom.Style || n.DataAtom == atom.Head:
			return
		case n.DataAtom == atom.A:
			targets = append(targets, attributes(n)["href"])
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	return b.String(), targets
}

// readSMS reads a text message: the number, then the text.
func readSMS(raw []byte) (letter, error) {
	lines := bufio.NewReader(bytes.NewReader(raw))
	to, err := lines.ReadString('\n')
	if err != nil {
		return letter{}, err
	}
	text, err := io.ReadAll(lines)
	l := letter{to: strings.TrimSpace(to), text: string(text), links: linksOf(string(text))}
	if err == nil && strings.ContainsAny(l.text, "{}") {
		err = errors.New("a field was left in it")
	}
	return l, err
}

// answer gives the link to the questionnaire, "" where the letter has none.
func (l *letter) answer() string {
	for _, link := range l.links {
		if strings.Contains(link, "/s/") {
			return link
		}
	}
	return ""
}
