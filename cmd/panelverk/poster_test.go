package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/mail"
	"panelverk/internal/mail/mailtest"
	"panelverk/internal/need"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// simplePlan sends the invitation as soon as somebody has joined.
const simplePlan = `plan:
  messages:
    - {key: invitation, kind: invitation, channels: [email]}
`

var planPart = regexp.MustCompile(`(?ms)^plan:\n.*?^decisions:`)

// built gives the real program.
func built(t *testing.T) string {
	t.Helper()
	gotool, err := exec.LookPath("go")
	if err != nil {
		need.Missing(t, "the go command", "put it on the PATH")
	}
	binary := filepath.Join(t.TempDir(), "panelverk")
	if out, err := exec.Command(gotool, "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// mailField is Smart Factory with the simple plan, its people, and a mail.yaml
// that leads to a mail server of the test.
func mailField(t *testing.T, mailer *mailtest.Server, people int) *field {
	t.Helper()
	dir := t.TempDir()
	f := &field{t: t, binary: built(t), data: filepath.Join(dir, "data")}
	folder := rollingCopy(t, dir)
	name := filepath.Join(folder, study.FileName)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !planPart.Match(text) {
		t.Fatal("the study has no plan")
	}
	write(t, name, string(planPart.ReplaceAll(text, []byte(simplePlan+"decisions:"))))
	if out, err := exec.Command(f.binary, "study", "apply", "--dir", f.data, "--yes", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f.open(func(s *server) {
		rows := make([]fieldwork.NewParticipant, people)
		for i := range rows {
			rows[i] = fieldwork.NewParticipant{Name: fmt.Sprint("Astrid Exempel ", i), Email: fmt.Sprintf("astrid%d@example.org", i), Language: "sv"}
		}
		if _, err := s.fieldwork.AddParticipants(context.Background(), time.Now(), access.CommandLine(), panelStudy, rows); err != nil {
			t.Fatal(err)
		}
	})
	write(t, filepath.Join(f.data, "mail.yaml"), mailYAML(mailer, filepath.Join(f.data, "returned")))
	return f
}

func mailYAML(mailer *mailtest.Server, maildir string) string {
	return fmt.Sprintf(`smtp: {host: %s, port: %d, security: none, hello: panel.example.org, connections: 3, timeout: 5s}
sender: {name: Enkäten, address: enkat@example.org, bounce: studs@example.org}
bounces: {maildir: %s}
`, mailer.Host, mailer.Port, maildir)
}

const publicBase = "https://panel.example.org"

// until waits for something to be so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if so() {
			return
		}
	}
	t.Fatal("it never came to be: " + what)
}

func (f *field) messages() (out []store.Message, attempts map[string][]store.Handover) {
	f.t.Helper()
	attempts = map[string][]store.Handover{}
	f.open(func(s *server) {
		err := s.store.Read(context.Background(), func(tx *store.Tx) error {
			err := tx.EachMessage(panelStudy, func(m store.Message) error { out = append(out, m); return nil })
			for _, m := range out {
				if err == nil {
					attempts[m.ID], err = tx.HandoversOf(m.ID)
				}
			}
			return err
		})
		if err != nil {
			f.t.Fatal(err)
		}
	})
	return out, attempts
}

// The server is killed again and again while its workers hand messages over.
// In the end everybody has the invitation, once and once more at most for each
// hand-over that a kill left ambiguous, and the ledger and the mail server's
// own record agree.
func TestKilledWhileHandingOver(t *testing.T) {
	const people, kills = 120, 6
	mailer := mailtest.Start(t, mailtest.Options{})
	mailer.Rule(func(e mailtest.Event) mailtest.Fault { // slow enough to be killed in between
		if e.Stage == mailtest.End {
			return mailtest.Fault{Slow: 25 * time.Millisecond}
		}
		return mailtest.Fault{}
	})
	f := mailField(t, mailer, people)
	lot := rand.New(rand.NewPCG(3, 3))
	for range kills {
		p := f.start(nil, "--base-url", publicBase, "--post-every", "1s")
		before := len(mailer.Accepted())
		until(t, "another message arrives", func() bool { return len(mailer.Accepted()) > before || before >= people })
		time.Sleep(time.Duration(lot.IntN(30)) * time.Millisecond)
		p.end(os.Kill)
	}
	// What a killed worker held is taken up when its lease is over.
	later := time.Now().Add(time.Hour)
	f.open(func(s *server) {
		c, _, _, err := mailConfig(mailFlags{}, f.data)
		if err != nil {
			t.Fatal(err)
		}
		way, err := sendingBy(c, true, f.data, publicBase, false)
		if err != nil {
			t.Fatal(err)
		}
		defer way.close()
		for n := range 10 {
			at := later.Add(time.Duration(n) * time.Hour)
			if _, err := s.fieldwork.HandOver(context.Background(), func() time.Time { return at }, way.post, fmt.Sprint("last", n), people); err != nil {
				t.Fatal(err)
			}
		}
	})
	arrived := map[string]int{}
	for _, m := range mailer.Accepted() {
		arrived[strings.TrimSuffix(m.ID, "@panel.example.org")]++
	}
	ledger, attempts := f.messages()
	if len(ledger) != people {
		t.Errorf("the ledger has %d messages, want %d", len(ledger), people)
	}
	unsure, twice := 0, 0
	for _, m := range ledger {
		ambiguous := 0
		for _, h := range attempts[m.ID] {
			if h.Outcome == store.Ambiguous {
				ambiguous++
			}
		}
		unsure += ambiguous
		n := arrived[m.ID]
		if m.State != store.HandedOver || n < 1 || n > 1+ambiguous {
			t.Errorf("message %s is %s (%s), arrived %d times, %d ambiguous hand-overs", m.ID, m.State, m.Reason, n, ambiguous)
		}
		twice += n - 1
		delete(arrived, m.ID)
	}
	if len(arrived) > 0 {
		t.Errorf("the mail server has %d messages that the ledger does not know", len(arrived))
	}
	if unsure == 0 {
		t.Error("no hand-over was ambiguous: nothing was killed in the middle")
	}
	t.Logf("%d ambiguous hand-overs, %d messages arrived twice", unsure, twice)
}

// A server sends by itself, takes in what comes back into its folder and
// through the pipe, and stops without leaving anything in between.
func TestServeSendsAndTakesBack(t *testing.T) {
	mailer := mailtest.Start(t, mailtest.Options{})
	f := mailField(t, mailer, 3)
	returned := filepath.Join(f.data, "returned", "new")
	if err := os.MkdirAll(returned, 0o700); err != nil {
		t.Fatal(err)
	}
	p := f.start(nil, "--base-url", publicBase, "--post-every", "1s")
	until(t, "three messages arrive", func() bool { return len(mailer.Accepted()) == 3 })
	first, second := mailer.Accepted()[0], mailer.Accepted()[1]
	write(t, filepath.Join(returned, "1.host"), bounceOf(first))
	until(t, "the returned message is taken in", func() bool {
		ledger, _ := f.messages()
		for _, m := range ledger {
			if strings.HasPrefix(first.ID, m.ID) {
				return m.State == store.Bounced
			}
		}
		return false
	})
	p.end(os.Interrupt)
	if strings.Contains(p.talk.String(), "example.org/s/") || strings.Contains(p.talk.String(), "astrid") {
		t.Errorf("the log tells too much: %s", &p.talk)
	}
	status, _, talk := command(bounceOf(second), "bounce", "--dir", f.data)
	if status != exitDone || !strings.Contains(talk, "permanent") {
		t.Errorf("bounce: status %d: %s", status, talk)
	}
	status, _, talk = command("Subject: Hej\n\nHur går det?\n", "bounce", "--dir", f.data)
	if status != exitDone || !strings.Contains(talk, "Nothing to do") {
		t.Errorf("a letter: status %d: %s", status, talk)
	}
	if status, _, _ := command("", "bounce", "--dir", filepath.Join(f.data, "nowhere")); status != exitAgain {
		t.Errorf("without a panel: status %d, want %d", status, exitAgain)
	}
	ledger, _ := f.messages()
	states := map[store.MessageState]int{}
	for _, m := range ledger {
		states[m.State]++
	}
	if states[store.Bounced] != 2 || states[store.HandedOver] != 1 {
		t.Errorf("the ledger has %v", states)
	}
	if out := must(t, "doctor", "--dir", f.data); !strings.Contains(out, "e-mail through 127.0.0.1") {
		t.Error(out)
	}
}

// bounceOf writes what a mail server sends back of a message.
func bounceOf(m mailtest.Message) string {
	return "Return-Path: <>\nDelivered-To: " + m.From + "\nFrom: MAILER-DAEMON@mail.test\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
		"--b\nContent-Type: text/plain\n\nIt did not arrive.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.test\n\n" +
		"Final-Recipient: rfc822; " + m.To + "\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n--b--\n"
}

func TestWhenNothingIsSent(t *testing.T) {
	mailer := mailtest.Start(t, mailtest.Options{})
	dir := t.TempDir()
	c, problems := mail.ReadConfig("mail.yaml", []byte(mailYAML(mailer, "returned")), os.ReadFile)
	if err := problems.Err("wrong", "wrong"); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		base       string
		found, dev bool
		silence    string
		folder     bool
	}{
		{publicBase, true, false, "", false},
		{publicBase, false, false, silentNoFile, false},
		{publicBase, false, true, "", true},
		{"http://127.0.0.1:8080", true, false, silentLocal, false},
		{"http://localhost:8080", true, false, silentLocal, false},
		{"http://127.0.0.1:8080", true, true, "", false},
		{"http://127.0.0.1:8080", false, true, "", true},
	} {
		s, err := sendingBy(c, x.found, dir, x.base, x.dev)
		if err != nil {
			t.Fatal(err)
		}
		_, folder := s.post.Mail.(mail.Folder)
		if s.silence != x.silence || folder != x.folder {
			t.Errorf("%+v: silence %q, folder %v", x, s.silence, folder)
		}
	}
}
