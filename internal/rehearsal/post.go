package rehearsal

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/mail"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Where the messages of a rehearsal come from.
const (
	returned = "returned@example.org"
	Domain   = "panel.example.org" // of Message-IDs
)

// Letterhead is who they come from.
var Letterhead = mail.Letterhead{FromName: "Panelverk", From: "enkat@example.org", Bounce: returned}

// How long things take on their way.
const (
	bounceTime = 5 * time.Minute    // until a message comes back
	letterTime = 2 * 24 * time.Hour // of a letter on paper
)

// post is the way of messages: the plan's are written down when they are due
// and handed over into a folder; from there they come to people, or back.
type post struct {
	stage   *stage
	way     Way
	maildir mail.Maildir
	people  map[string]*person
	back    time.Time // when something that came back is read next, zero for never
	coming  []coming
	ahead   *forecast
}

func newPost(s *stage) *post {
	p := &post{stage: s, way: s.Way, people: map[string]*person{}, ahead: newForecast(s),
		maildir: mail.Maildir{Dir: filepath.Join(s.Mail, "returned")}}
	if p.way == nil {
		p.way = &intoFolder{stage: s, read: map[string]bool{}, folder: mail.Folder{Dir: s.Mail, Letterhead: Letterhead}}
	}
	for _, who := range s.people {
		p.people[who.new.Email] = who
		if number, ok := mail.Number(who.new.Phone, "SE"); ok { // whoever has one has a Swedish one
			p.people[number] = who
		}
	}
	return p
}

// work is the postman's script: from one moment at which something is due to
// the next, and whenever somebody has done something.
func (p *post) work(ctx context.Context, yield func(time.Time) bool) error {
	if err := os.MkdirAll(filepath.Join(p.maildir.Dir, "new"), 0o700); err != nil {
		return err
	}
	for {
		next, err := p.round(ctx)
		if err != nil {
			return err
		}
		now := p.stage.Clock.Now()
		if next.IsZero() || next.After(p.stage.Until) {
			next = p.stage.Until
		}
		if !next.After(now) && !now.Before(p.stage.Until) {
			return nil
		}
		if !yield(next) {
			return nil
		}
	}
}

// round does everything that is due, and gives when something is next.
func (p *post) round(ctx context.Context) (next time.Time, err error) {
	now := p.stage.Clock.Now()
	if !p.back.IsZero() && !now.Before(p.back) {
		p.back = time.Time{}
		if err := p.takeBack(ctx); err != nil {
			return next, err
		}
	}
	written, err := p.way.Work(ctx, now)
	if err != nil {
		return next, err
	}
	arrived, err := p.way.Arrived()
	if err != nil {
		return next, err
	}
	for _, a := range arrived {
		if err := p.deliver(a, now); err != nil {
			return next, err
		}
	}
	if written > 0 {
		if err := p.onPaper(ctx, now); err != nil {
			return next, err
		}
	}
	if next, err = p.stage.Field.NextDue(ctx, now, p.stage.Study); err != nil {
		return next, err
	}
	for _, at := range []time.Time{p.back, p.arrive(now)} {
		if !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next, nil
}

// deliver brings a message to whom it is for.
func (p *post) deliver(a Arrival, now time.Time) error {
	read := readMail
	if a.SMS {
		read = readSMS
	}
	l, err := read(a.Raw)
	if err != nil {
		p.stage.report.problem("a message cannot be read as it should: " + err.Error())
	}
	return p.bring(l, now)
}

// bring puts a message into its reader's hands, or sends it back.
func (p *post) bring(l letter, now time.Time) error {
	who := p.people[l.to]
	if who == nil {
		p.stage.report.problem("a message went to an address that nobody has")
		return nil
	}
	if l.from != "" && (who.lot.bounces || who.lot.full && len(who.letters) == 0 && l.answer() != "") {
		full := !who.lot.bounces
		if full {
			who.lot.full = false // it is emptied
		}
		p.back = now.Add(bounceTime)
		return p.notify(l, full)
	}
	if l.from != "" && l.tag != who.language {
		p.stage.report.problem(fmt.Sprintf("a message came in %s to somebody who answers in %s", l.tag, who.language))
	}
	for _, link := range l.links {
		if !strings.HasPrefix(link, p.stage.BaseURL+"/") {
			p.stage.report.problem("a link in a message leads elsewhere: " + link)
		}
	}
	l.at = now
	who.letters = append(who.letters, l)
	who.wake(now)
	return nil
}

// notify writes what a mail server sends back of a message (RFC 3464).
func (p *post) notify(l letter, full bool) error {
	status, said := "5.1.1", "550 5.1.1 No such user here"
	if full {
		status, said = "5.2.2", "552 5.2.2 The mailbox is over its quota"
	}
	const edge = "rehearsal-of-a-returned-message"
	text := strings.Join([]string{
		"From: MAILER-DAEMON@mx.example.org", "To: " + l.from, "Subject: Undelivered Mail Returned to Sender", "Auto-Submitted: auto-replied", "MIME-Version: 1.0",
		`Content-Type: multipart/report; report-type=delivery-status; boundary="` + edge + `"`, "",
		"--" + edge, "Content-Type: text/plain; charset=us-ascii", "", "Your message could not be delivered.", "",
		"--" + edge, "Content-Type: message/delivery-status", "",
		"Reporting-MTA: dns; mx.example.org", "", "Final-Recipient: rfc822; " + l.to, "Action: failed", "Status: " + status, "Diagnostic-Code: smtp; " + said, "",
		"--" + edge, "Content-Type: text/rfc822-headers", "", string(l.head), "",
		"--" + edge + "--", ""}, "\r\n")
	p.stage.report.Returned++
	return os.WriteFile(filepath.Join(p.maildir.Dir, "new", fmt.Sprintf("%06d.mx.example.org", p.stage.report.Returned)), []byte(text), 0o600)
}

// takeBack reads what came back.
func (p *post) takeBack(ctx context.Context) error {
	return p.maildir.Each(func(r io.Reader) error {
		b, err := mail.ReadBounce(r, returned)
		if err != nil {
			return err
		}
		known, err := p.stage.Field.Returned(ctx, p.stage.Clock.Now(), b)
		if err != nil || known {
			return err
		}
		// A message that is known and still to be sent again, since nobody knew that
		// it had arrived, or whose second copy this is, is left as it is.
		err = p.stage.Store.Read(ctx, func(tx *store.Tx) error { _, err := tx.Message(strings.ToUpper(b.Token)); return err })
		if f := fault.Of(err); f != nil && f.Kind == fault.NotFound {
			err = nil
			p.stage.report.problem(fmt.Sprintf("a message that came back (%s, %s) was not known again", b.Return, b.Status))
		}
		return err
	})
}

// wake lets somebody who waits for a message have a look.
func (p *person) wake(now time.Time) {
	if !p.asleep {
		return
	}
	p.asleep = false
	t := p.stage.turns[p.index+1]
	// Not everybody looks at once.
	t.at = now.Add(time.Duration(5+60*p.draw("looks", now.UTC().Format(time.RFC3339)).ExpFloat64()) * time.Minute)
}

// newest gives the last letter since a time that leads to the questionnaire,
// nil for none.
func (p *person) newest(since time.Time) *letter {
	for i := range slices.Backward(p.letters) {
		if l := &p.letters[i]; l.answer() != "" && !l.at.Before(since) {
			return l
		}
	}
	return nil
}

// await gives the link of a wave out of the newest message that has one, and
// waits for one to come. It gives none where none comes in time.
func (p *person) await(wave int) (fieldwork.Link, error) {
	w := p.stage.plan.waves[wave]
	last := w.Closes
	if p.stage.Until.Before(last) {
		last = p.stage.Until
	}
	last = last.Add(-latest)
	for {
		if l := p.newest(w.Opens); l != nil && p.now.Before(last) {
			return fieldwork.Link{Label: p.label, URL: l.answer(), Code: l.code}, nil
		}
		if !p.now.Before(last) {
			p.stage.report.Waves[wave].Unreached++
			return fieldwork.Link{}, nil
		}
		p.asleep = true
		if !p.yield(last) {
			return fieldwork.Link{}, errStopped
		}
		p.asleep = false
		p.now = p.stage.Clock.Now()
	}
}

// optOut waits for a message of a wave and asks for no more of them, as a mail
// program does at the press of its button (RFC 8058), or on the page that the
// message names.
func (p *person) optOut(ctx context.Context, wave int) error {
	link, err := p.await(wave)
	if err != nil || link.URL == "" {
		return err
	}
	if err := p.until(p.now.Add(p.seconds("opts out", 20, 600))); err != nil {
		return err
	}
	l := p.newest(p.stage.plan.waves[wave].Opens)
	if l.leave == "" {
		return nil // of a text message: there is no such button
	}
	b := newBrowser(p.stage.Handler, &p.stage.report.Requests, p.language, false)
	if l.press {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.leave, strings.NewReader("List-Unsubscribe=One-Click"))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if s, err := b.do(req); err != nil || s.status >= http.StatusMultipleChoices {
			return fmt.Errorf("the button to get no more messages: %w", orStatus(err, s))
		}
	} else {
		s, err := b.get(ctx, l.leave)
		if err != nil {
			return fmt.Errorf("the page to get no more messages: %w", err)
		}
		if s, err = b.send(ctx, s, "", ""); err != nil || s.status != http.StatusOK {
			return fmt.Errorf("the page to get no more messages: %w", orStatus(err, s))
		}
	}
	p.stage.report.OptedOut++
	p.stage.rung = true
	return nil
}

func orStatus(err error, s *sheet) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("%q (%d)", s.title, s.status)
}

// onPaper posts the letters that wait, as the co-ordinator does: printed with
// link and code. They take some days.
func (p *post) onPaper(ctx context.Context, now time.Time) error {
	type addressed struct {
		label string
		wave  int
	}
	var letters []addressed
	err := p.stage.Store.Write(ctx, func(tx *store.Tx) error {
		letters = letters[:0]
		return tx.EachMessage(p.stage.Study, func(m store.Message) error {
			if m.Channel != string(study.Paper) || m.State != store.Due {
				return nil
			}
			who, err := tx.Participant(m.PID)
			if err != nil {
				return err
			}
			letters = append(letters, addressed{who.Label, m.Wave})
			_, err = tx.SetMessageState(m.ID, store.HandedOver, "", now, store.Due)
			return err
		})
	})
	if err != nil {
		return err
	}
	for _, l := range letters {
		if l.wave == 0 || now.Before(p.stage.plan.waves[l.wave-1].Opens) {
			continue // nothing to answer yet
		}
		if err := p.stage.handOut(ctx, l.wave-1); err != nil {
			return err
		}
		link := p.stage.links[l.wave-1][l.label]
		for _, who := range p.stage.people {
			if who.label == l.label {
				p.coming = append(p.coming, coming{now.Add(letterTime), who, letter{links: []string{link.URL}, code: link.Code}})
			}
		}
	}
	return nil
}

// coming is a letter on its way.
type coming struct {
	at  time.Time
	who *person
	letter
}

// arrive brings the letters that have been long enough on their way, and gives
// when the next will have been, zero for none.
func (p *post) arrive(now time.Time) (next time.Time) {
	p.coming = slices.DeleteFunc(p.coming, func(c coming) bool {
		if now.Before(c.at) {
			if next.IsZero() || c.at.Before(next) {
				next = c.at
			}
			return false
		}
		c.letter.at = now
		c.who.letters = append(c.who.letters, c.letter)
		c.who.wake(now)
		return true
	})
	return next
}
