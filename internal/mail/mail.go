// Package mail writes one message to one person and hands it over.
//
// # Templates
//
// What a message says stands in Markdown files, one for each kind and
// language: mail/invitation.sv.md in the folder of a study. The file begins
// with its subject, and the text follows after an empty line:
//
//	Subject: Dags för enkäten
//	SMS: Hej {name}! Svara till och med {closes}: {link}
//
//	Hej {name}!
//
//	Nu är omgången öppen: {link}
//
// Names in braces are fields (Fields). The line SMS is for kinds that may be
// sent as a text message. Texts in sv, en and de are built in for every kind; a
// study that has a file of a kind has it in all its languages, and then it is
// used instead. Load reads and checks them all, Template.Render makes a Message of one.
//
// The Markdown is small: paragraphs, **bold**, [text](address), lists with "- "
// or "1. ". The end of a line is the end of a line. Values of fields are put
// in as they are and never read as Markdown or HTML.
//
// # Handing over
//
// SMTP hands a message to a mail server, Gateway a short text to an SMS
// gateway, Folder writes either into a directory. Each gives an Outcome, never
// an error: whatever went wrong is something that the ledger keeps and that
// staff are told (Outcome.Words). Who sends has the message's id ready and in
// the ledger before it sends, and takes the same id when it tries again.
//
// What an Outcome says holds no address and no telephone number, so that it
// may be kept beside the messages, where there are no identities. Its
// Conversation does hold them: it is for the person who sends a test message,
// and is not to be stored.
//
// # What comes back
//
// Each message has a return address of its own (bounces+TOKEN@host). ReadBounce
// reads one message that came back, from a pipe or from a folder of the
// Maildir kind (Maildir). Reading a mailbox over POP3 or IMAP is left out:
// every mail server can deliver into a pipe or a folder.
package mail

import (
	"strings"
	"unicode"
)

// Message is a message that is ready to be put into an envelope.
type Message struct {
	Tag     string // the language it is in, BCP 47
	Subject string
	Text    string // plain text, lines end in \n
	HTML    string // a whole document
	Body    string // of the document, the text alone: for a page of our own
}

// Envelope is one message to one person.
type Envelope struct {
	ID          string // the Message-ID without its angle brackets, "x@host": the same at every attempt
	To          string // the address alone
	Token       string // for the return address: letters and digits, case does not count
	Unsubscribe string // where one click leaves; "" for messages that nobody can leave, such as a code
	Message     Message
}

// oneLine makes one line of a value: control characters and letters that turn
// the direction of a text are left out, and white space becomes one space.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f':
			return ' '
		case unicode.IsControl(r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\ufeff':
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
}
