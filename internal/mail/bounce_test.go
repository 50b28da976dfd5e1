package mail_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"panelverk/internal/mail"
)

func TestReadBounce(t *testing.T) {
	const token, id = "k7q2m4x9z1", "m17@panel.example.org"
	for file, want := range map[string]mail.Bounce{
		"postfix-unknown": {Return: mail.Permanent, Token: token, MessageID: id, Reason: mail.Mailbox, Status: "5.1.1", Said: "550 5.1.1 <…>: Recipient address rejected: nobody called … here"},
		"postfix-full":    {Return: mail.Temporary, Token: token, MessageID: id, Reason: mail.MailboxFull, Status: "5.2.2", Said: "552 5.2.2 The mailbox of … is over its quota"},
		"postfix-delayed": {Return: mail.Delayed, Token: token, Reason: mail.Later, Status: "4.4.1", Said: "connect to mx.firma.example[192.0.2.7]:25: Connection timed out"},
		"postfix-expired": {Return: mail.Temporary, Token: token, Reason: mail.Later, Status: "4.4.1", Said: "connect to mx.firma.example[192.0.2.7]:25: Connection timed out"},
		"exim-report":     {Return: mail.Permanent, Token: token, MessageID: id, Reason: mail.Mailbox, Status: "5.0.0", Said: "550 No such user"},
		"exim-old":        {Return: mail.Permanent, Token: token, MessageID: id, Reason: mail.Mailbox, Status: "5.1.1", Said: "host mx.firma.example [192.0.2.7]: 550 5.1.1 …: User unknown"},
		"exchange":        {Return: mail.Permanent, Token: token, MessageID: id, Reason: mail.Mailbox, Status: "5.1.10", Said: "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address lookup"},
		"gmail": {Return: mail.Permanent, Token: token, MessageID: id, Reason: mail.Mailbox, Status: "5.1.1",
			Said: "550-5.1.1 There is no account of that name. Look for 550-5.1.1 typing errors. More: 550 5.1.1 https://support.example.com/?p=NoSuchUser x13si123 - gsmtp"},
		"qmail":         {Return: mail.Permanent, Token: token, MessageID: id, Reason: mail.Mailbox, Said: "Remote host said: 550 sorry, no mailbox here by that name Giving up on 192.0.2.7."},
		"qmail-full":    {Return: mail.Temporary, Token: token, MessageID: id, Reason: mail.MailboxFull, Status: "5.2.2", Said: "…'s mailbox is full. (#5.2.2)"},
		"blocked":       {Return: mail.Permanent, Token: token, MessageID: id, Reason: mail.Blocked, Status: "5.7.1", Said: "554 5.7.1 Service unavailable; client host blocked by a list"},
		"cut-off":       {Return: mail.Permanent, Token: token, MessageID: id, Reason: mail.Mailbox, Status: "5.1.1", Said: "550 5.1.1 User unknown"},
		"relayed":       {Return: mail.Delivered, Token: token, Status: "2.0.0"},
		"complaint":     {Return: mail.Complaint, Token: token, MessageID: id},
		"away-exchange": {Return: mail.AutoReply, Token: token, MessageID: id},
		"away-vacation": {Return: mail.AutoReply, MessageID: id},
		"letter":        {Return: mail.Letter, MessageID: id},
	} {
		raw, err := os.ReadFile(filepath.Join("testdata", "bounces", file+".eml"))
		if err != nil {
			t.Fatal(err)
		}
		for ending, text := range map[string][]byte{"lf": raw, "crlf": bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))} {
			got, err := mail.ReadBounce(bytes.NewReader(text), "bounces@example.org")
			if err != nil || got != want {
				t.Errorf("%s (%s):\n%+v, %v, not\n%+v", file, ending, got, err, want)
			}
			if strings.Contains(strings.ToLower(got.Said), "lena") {
				t.Errorf("%s names the person: %q", file, got.Said)
			}
		}
	}
	files, err := filepath.Glob(filepath.Join("testdata", "bounces", "*.eml"))
	if err != nil || len(files) != 17 {
		t.Errorf("%d files, of which 17 are in the table (%v)", len(files), err)
	}
}

func TestABounceCountsForOurAddressAlone(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "bounces", "postfix-unknown.eml"))
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{"BOUNCES@Example.org": "k7q2m4x9z1", "bounces@example.or": "", "ounces@example.net": "", "": "", "bounces": ""} {
		if got, err := mail.ReadBounce(bytes.NewReader(raw), address); err != nil || got.Token != want {
			t.Errorf("%q: %q, %v", address, got.Token, err)
		}
	}
}

// endless gives the same text again and again.
type endless struct {
	text string
	left int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := copy(p, e.text)
	e.left -= n
	return n, nil
}

func TestBigAndBrokenMessages(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "bounces", "postfix-unknown.eml"))
	if err != nil {
		t.Fatal(err)
	}
	big := io.MultiReader(bytes.NewReader(raw), &endless{"x: y\n", 64 << 20})
	if got, err := mail.ReadBounce(big, "bounces@example.org"); err != nil || got.Return != mail.Permanent {
		t.Errorf("a big one: %+v, %v", got, err)
	}
	nested := strings.Repeat("Content-Type: multipart/mixed; boundary=a\n\n--a\n", 5000)
	if got, err := mail.ReadBounce(strings.NewReader(nested), "bounces@example.org"); err != nil || got.Return != mail.Letter {
		t.Errorf("a deep one: %+v, %v", got, err)
	}
	for name, text := range map[string]string{
		"a folded header":  "Subject: x\n" + strings.Repeat(" x\n", 1<<19),
		"many parts":       "Content-Type: multipart/report; boundary=a\n\n" + strings.Repeat("--a\nContent-Type: message/delivery-status\n\nStatus: 5.1.1\n\n", 1<<14),
		"many recipients":  "Content-Type: message/delivery-status\n\n" + strings.Repeat("Final-Recipient: x; abcdef@example.com\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 "+strings.Repeat("y", 500)+"\n\n", 2000),
		"one long line":    "From: MAILER-DAEMON\n\n550 " + strings.Repeat("a@", 1<<19),
		"only separators":  "Content-Type: multipart/report; boundary=a\n\n" + strings.Repeat("--a\n", 1<<18),
		"words in a field": "Subject: " + strings.Repeat("=?utf-8?q?a?= ", 1<<16),
	} {
		begin := time.Now()
		if _, err := mail.ReadBounce(strings.NewReader(text), "bounces@example.org"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// Each takes a fraction of a second; what grows with the square takes minutes.
		if took := time.Since(begin); took > 20*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
	broken := errors.New("broken")
	if _, err := mail.ReadBounce(io.MultiReader(strings.NewReader("From: x\n"), failing{broken}), "bounces@example.org"); !errors.Is(err, broken) {
		t.Errorf("reading failed and nobody heard: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func FuzzReadBounce(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "bounces", "*.eml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	all := []mail.Return{mail.Permanent, mail.Temporary, mail.Delayed, mail.Delivered, mail.Complaint, mail.AutoReply, mail.Letter}
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := mail.ReadBounce(bytes.NewReader(raw), "bounces@example.org")
		if err != nil || !slices.Contains(all, b.Return) {
			t.Fatalf("%+v, %v", b, err)
		}
		if strings.ContainsAny(b.Said+b.Status+b.Token+b.MessageID, "\r\n@") && !strings.Contains(b.MessageID, "@") {
			t.Errorf("%+v holds a line or an address", b)
		}
		if again, _ := mail.ReadBounce(bytes.NewReader(raw), "bounces@example.org"); again != b {
			t.Errorf("%+v, then %+v", b, again)
		}
	})
}

func TestMaildir(t *testing.T) {
	dir := t.TempDir()
	box := mail.Maildir{Dir: dir}
	if err := box.Each(func(io.Reader) error { return nil }); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "new"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"1.a.host": "one", "2.a.host": "bad", "3.a.host": "three", ".hidden": "no"} {
		if err := os.WriteFile(filepath.Join(dir, "new", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bad := errors.New("bad")
	var seen []string
	read := func(r io.Reader) error {
		data, err := io.ReadAll(r)
		seen = append(seen, string(data))
		if string(data) == "bad" {
			return bad
		}
		return err
	}
	if err := box.Each(read); !errors.Is(err, bad) {
		t.Errorf("the error: %v", err)
	}
	if err := box.Each(read); !errors.Is(err, bad) || strings.Join(seen, " ") != "one bad three bad" {
		t.Errorf("%v, then %v", seen, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "cur", "3.a.host:2,S")); err != nil {
		t.Error(err)
	}
}
