package mail

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"regexp"
	"strings"
)

// Return says what a message is that came back to a return address.
type Return string

// What comes back. Only the first two say that a message did not arrive.
const (
	Permanent Return = "permanent" // it will not arrive at this address
	Temporary Return = "temporary" // it did not arrive this time: a full mailbox, a server that gave up
	Delayed   Return = "delayed"   // a server still tries
	Delivered Return = "delivered" // it arrived, or went on to where nothing is told
	Complaint Return = "complaint" // the reader called it spam (RFC 5965): write no more
	AutoReply Return = "auto_reply"
	Letter    Return = "letter" // somebody wrote: it is for people to read
)

// Bounce is what a message that came back says. It holds no address.
type Bounce struct {
	Return    Return
	Token     string // of our return address, in small letters; "" where it was not found
	MessageID string // of our message, without brackets; "" where it was not found
	Reason    Reason // Mailbox, MailboxFull, Blocked, … ; "" where it does not apply
	Status    string // "5.1.1", RFC 3463; "" where it was not found
	Said      string // the words of the server that refused it, without addresses
}

// maxBounce is how much of a message is read, in bytes. What tells why it came
// back stands first; after it comes a copy of what was sent.
const maxBounce = 1 << 20

// ReadBounce reads one message that came back: a delivery status notification
// (RFC 3464), what servers write that do not know these, a complaint, or an
// automatic reply. address is our return address without a token. Whatever it
// reads, it gives what could be found; the error is one of reading alone.
//
// Anybody can write such a message. It counts for the message whose token or
// Message-ID it holds, which only those know who have seen the message.
func ReadBounce(r io.Reader, address string) (Bounce, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxBounce))
	if err != nil {
		return Bounce{}, err
	}
	if _, err := io.Copy(io.Discard, r); err != nil { // a pipe wants to be read to its end
		return Bounce{}, err
	}
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	head, body := splitMessage(raw)
	n := &notice{head: head}
	n.walk(head, body, 0)
	b := n.judge(string(body))
	b.Token = findToken(address, head, n, raw)
	b.MessageID = n.messageID(string(body))
	b.Said = withoutAddresses(b.Said, n.recipients...)
	return b, nil
}

// notice is what was found in the parts of a message.
type notice struct {
	head       header
	reports    []header // the fields of message/delivery-status, one header a block
	feedback   header   // of message/feedback-report
	original   header   // of our message, as it was returned
	text       strings.Builder
	recipients []string
	parts      int
}

// header holds the fields of a header by their names in small letters.
type header map[string][]string

func (h header) get(name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// maxField is from where on a field of a header is not read further, in bytes.
const maxField = 8 << 10

// splitMessage parts a header from what follows it. It takes lines that are
// none as they come: a program that stumbles there would lose the bounce.
func splitMessage(raw []byte) (header, []byte) {
	head := header{}
	last := ""
	for len(raw) > 0 {
		line, rest, _ := bytes.Cut(raw, []byte("\n"))
		if len(bytes.TrimSpace(line)) == 0 {
			return head, rest
		}
		if (line[0] == ' ' || line[0] == '\t') && last != "" {
			values := head[last]
			if end := len(values) - 1; len(values[end]) < maxField {
				values[end] += " " + strings.TrimSpace(string(line))
			}
		} else if name, value, found := strings.Cut(string(line), ":"); found && !strings.ContainsAny(name, " \t") {
			last = strings.ToLower(name)
			head[last] = append(head[last], strings.TrimSpace(value))
		}
		raw = rest
	}
	return head, nil
}

const (
	maxDepth      = 8
	maxParts      = 200
	maxRecipients = 20 // ours has one; each is looked for in the words that are kept
)

// walk goes through the parts of a message and keeps what tells something.
func (n *notice) walk(head header, body []byte, depth int) {
	n.parts++
	if depth > maxDepth || n.parts > maxParts {
		return
	}
	kind, params, err := mime.ParseMediaType(head.get("content-type"))
	if err != nil {
		kind = strings.ToLower(strings.TrimSpace(strings.Split(head.get("content-type"), ";")[0]))
	}
	switch {
	case strings.HasPrefix(kind, "multipart/") && params["boundary"] != "":
		parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err != nil {
				return // the end, or nothing more that can be read
			}
			content, _ := io.ReadAll(part) // of a part that is cut off, what is there
			n.walk(lower(part.Header), content, depth+1)
			if n.parts > maxParts {
				return
			}
		}
	case kind == "message/delivery-status", kind == "message/global-delivery-status":
		n.report(decode(head, body))
	case kind == "message/feedback-report":
		n.feedback, _ = splitMessage(decode(head, body))
	case kind == "message/rfc822", kind == "text/rfc822-headers", kind == "message/global", kind == "message/global-headers":
		if n.original == nil {
			n.original, _ = splitMessage(bytes.TrimLeft(decode(head, body), "\n"))
		}
	case kind == "" || strings.HasPrefix(kind, "text/plain"):
		n.text.Write(decode(head, body))
		n.text.WriteByte('\n')
	}
}

func lower(h textproto.MIMEHeader) header {
	out := header{}
	for name, values := range h {
		out[strings.ToLower(name)] = values
	}
	return out
}

// decode undoes the transfer encoding, as far as it goes.
func decode(head header, body []byte) []byte {
	var r io.Reader
	switch strings.ToLower(strings.TrimSpace(head.get("content-transfer-encoding"))) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, bytes.NewReader(body))
	case "quoted-printable":
		r = quotedprintable.NewReader(bytes.NewReader(body))
	default:
		return body
	}
	out, _ := io.ReadAll(r) // what can be read of a broken part is enough
	return bytes.ReplaceAll(out, []byte("\r\n"), []byte("\n"))
}

// report reads message/delivery-status: blocks of fields, parted by empty
// lines, the first about the message and each other about one recipient.
func (n *notice) report(body []byte) {
	for len(body) > 0 && len(n.reports) < maxParts {
		var block header
		block, body = splitMessage(body)
		if len(block) > 0 {
			n.reports = append(n.reports, block)
		}
		for _, field := range []string{"final-recipient", "original-recipient"} {
			if _, a, found := strings.Cut(block.get(field), ";"); found && len(n.recipients) < maxRecipients {
				n.recipients = append(n.recipients, strings.Trim(strings.TrimSpace(a), "<>"))
			}
		}
	}
}

// worst orders what happened to a message: of several the first counts.
var worst = []Return{Permanent, Temporary, Delayed, Delivered}

// judge says what the message is.
func (n *notice) judge(body string) Bounce {
	if n.feedback != nil || strings.Contains(strings.ToLower(n.head.get("content-type")), "report-type=feedback-report") {
		return Bounce{Return: Complaint}
	}
	if n.reports == nil && strings.Contains(strings.ToLower(n.head.get("content-type")), "multipart/report") {
		// A report whose parts cannot be told apart: its fields stand in it all the same.
		n.report([]byte(onlyReport(body)))
	}
	var found []Bounce
	for _, block := range n.reports {
		if b, ok := blockReturn(block); ok {
			found = append(found, b)
		}
	}
	for _, kind := range worst {
		for _, b := range found {
			if b.Return == kind {
				return b
			}
		}
	}
	if n.autoReply() && !n.surely() {
		return Bounce{Return: AutoReply}
	}
	if b, ok := n.plain(); ok {
		return b
	}
	return Bounce{Return: Letter}
}

var reportField = regexp.MustCompile(`(?im)^(reporting-mta|final-recipient|original-recipient|action|status|diagnostic-code|remote-mta):`)

// onlyReport gives the lines of a text that are fields of a report.
func onlyReport(body string) string {
	var b strings.Builder
	lines := bufio.NewScanner(strings.NewReader(body))
	lines.Buffer(make([]byte, 0, 4096), maxBounce)
	in := false
	for lines.Scan() {
		line := lines.Text()
		if in = reportField.MatchString(line) || in && (strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")); in {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

var statusPattern = regexp.MustCompile(`\b([245]\.[0-9]{1,3}\.[0-9]{1,3})\b`)

// blockReturn reads what a report says of one recipient; false for the block
// about the message.
func blockReturn(block header) (Bounce, bool) {
	action := strings.ToLower(firstWord(block.get("action")))
	b := Bounce{Status: statusPattern.FindString(block.get("status"))}
	kind, said, found := strings.Cut(block.get("diagnostic-code"), ";")
	if !found {
		kind, said = "", kind
	}
	b.Said = oneLine(strings.ToValidUTF8(said[:min(len(said), maxField)], ""))
	code, words := smtpAnswer(b.Said)
	if strings.EqualFold(strings.TrimSpace(kind), "smtp") && (b.Status == "" || strings.HasSuffix(b.Status, ".0.0")) {
		// Servers that say nothing of their own quote the other one.
		if m := statusPattern.FindString(b.Said); m != "" {
			b.Status = m
		}
	}
	switch {
	case action == "failed", action == "" && b.Status != "" && b.Status[0] != '2':
		return b.failed(code, words), true
	case action == "delayed":
		b.Return = Delayed
		b.Reason = b.failed(code, words).Reason
		return b, true
	case action == "delivered", action == "relayed", action == "expanded":
		b.Return = Delivered
		return b, true
	}
	return Bounce{}, false
}

// failed says whether a failure is for good, and why.
func (b Bounce) failed(code int, words string) Bounce {
	if code == 0 {
		code = 550
		if strings.HasPrefix(b.Status, "4") {
			code = 450
		}
	}
	b.Reason = reasonOf(ringing, code, b.Status, strings.ToLower(words))
	b.Return = Permanent
	// A full mailbox may be emptied. A server that could not be reached, or the
	// way there, is no fault of the address, except where its domain is not there.
	if b.Reason == MailboxFull || b.Reason == Greylisted || b.Reason == Busy || strings.HasPrefix(b.Status, "4") || b.Status == "" && code < 500 {
		b.Return = Temporary
	}
	return b
}

var answerPattern = regexp.MustCompile(`(?:^|[^0-9.])([45][0-9]{2})[ \-](.*)$`)

// smtpAnswer finds the code in the words of a server.
func smtpAnswer(said string) (int, string) {
	m := answerPattern.FindStringSubmatch(said)
	if m == nil {
		return 0, said
	}
	return int(m[1][0]-'0')*100 + int(m[1][1]-'0')*10 + int(m[1][2]-'0'), m[2]
}

func firstWord(s string) string {
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '(' || r == ';' }) {
		return w
	}
	return ""
}
