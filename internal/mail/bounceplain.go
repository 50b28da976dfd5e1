package mail

import (
	"bytes"
	"regexp"
	"strings"
)

// subjects of replies that programs write, for those that do not say so in
// their header as RFC 3834 wants it.
var autoSubject = regexp.MustCompile(`(?i)^\s*(re:|sv:|aw:)?\s*(automatic reply|auto(matic)?[ -]?(reply|response)|autoreply|out of (the )?office|autosvar|automatiskt svar|frånvaro|frånvarande|semester|abwesenheit|abwesend|automatische antwort)`)

// autoReply tells that a program answered for somebody.
func (n *notice) autoReply() bool {
	auto := strings.ToLower(firstWord(n.head.get("auto-submitted")))
	switch {
	case auto == "auto-replied",
		n.head.get("x-autoreply") != "", n.head.get("x-autorespond") != "", n.head.get("x-auto-response") != "",
		strings.EqualFold(n.head.get("precedence"), "auto_reply"):
		return true
	}
	return autoSubject.MatchString(decodeWords(n.head.get("subject")))
}

// fromDaemon tells that a mail server wrote the message: the sender is empty,
// or goes by one of the old names.
func (n *notice) fromDaemon() bool {
	from := strings.ToLower(n.head.get("from"))
	return strings.TrimSpace(n.head.get("return-path")) == "<>" ||
		strings.Contains(from, "mailer-daemon") || strings.Contains(from, "postmaster") || strings.Contains(from, "mail delivery")
}

// surely tells that a server sent the message back, by what only Exim and
// qmail write. Exim calls it an automatic reply all the same.
func (n *notice) surely() bool {
	return n.head.get("x-failed-recipients") != "" || strings.Contains(n.text.String(), "This is the qmail-send program")
}

// plain reads what servers write that send no report: qmail since ever, older
// ones of Exim. The words of the other server are quoted in it.
func (n *notice) plain() (Bounce, bool) {
	text := n.text.String()
	if !n.surely() && !n.fromDaemon() {
		return Bounce{}, false
	}
	for _, a := range strings.Split(n.head.get("x-failed-recipients"), ",") {
		if a = strings.TrimSpace(a); a != "" && len(n.recipients) < maxRecipients {
			n.recipients = append(n.recipients, a)
		}
	}
	own, _, _ := strings.Cut(text, "--- Below this line is a copy of the message.") // qmail's
	own, _, _ = strings.Cut(own, "------ This is a copy of the message")            // Exim's
	n.recipients = append(n.recipients, anAddress.FindAllString(own, maxRecipients)...)
	said := quoted(own)
	if said == "" {
		return Bounce{}, false
	}
	code, words := smtpAnswer(said)
	b := Bounce{Status: statusPattern.FindString(said), Said: said}
	return b.failed(code, words), true
}

var quotedAnswer = regexp.MustCompile(`(?:^|[^0-9.])[45][0-9]{2}[ \-][^0-9]?|\b[45]\.[0-9]{1,3}\.[0-9]{1,3}\b`)

// quoted finds the line in which a refusal is quoted, with the one that goes
// on with it.
func quoted(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if !quotedAnswer.MatchString(line) {
			continue
		}
		said := strings.TrimSpace(line)
		if i+1 < len(lines) && strings.TrimSpace(lines[i+1]) != "" {
			said += " " + strings.TrimSpace(lines[i+1])
		}
		return oneLine(strings.ToValidUTF8(said[:min(len(said), maxField)], ""))
	}
	return ""
}

// findToken looks for our return address with a token, first where it was
// delivered to, then in the copy of our message, then anywhere.
func findToken(address string, head header, n *notice, raw []byte) string {
	local, domain, found := strings.Cut(address, "@")
	if !found {
		return ""
	}
	pattern, err := regexp.Compile(`(?i)` + regexp.QuoteMeta(local) + `\+([a-z0-9]{8,64})@` + regexp.QuoteMeta(domain) + `(?:$|[^a-z0-9.-])`)
	if err != nil {
		return ""
	}
	for _, h := range []header{head, n.original} {
		for _, field := range []string{"delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "return-path"} {
			for _, value := range h[field] {
				if m := pattern.FindStringSubmatch(value); m != nil {
					return strings.ToLower(m[1])
				}
			}
		}
	}
	if m := pattern.FindSubmatch(raw); m != nil {
		return string(bytes.ToLower(m[1]))
	}
	return ""
}

var idField = regexp.MustCompile(`(?im)^[ \t>]*message-id:\s*<([^<>\s]{3,250})>`)

// messageID finds the id of our message: in its copy, in what the notice says
// it answers, else in the text.
func (n *notice) messageID(body string) string {
	for _, value := range []string{n.original.get("message-id"), n.head.get("in-reply-to"), n.head.get("x-original-message-id")} {
		if begin := strings.IndexByte(value, '<'); begin >= 0 {
			if id, _, closed := strings.Cut(value[begin+1:], ">"); closed && idPattern.MatchString(id) {
				return id
			}
		}
	}
	if m := idField.FindStringSubmatch(body); m != nil && idPattern.MatchString(m[1]) {
		return m[1]
	}
	return ""
}
