package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/mail"
	"panelverk/internal/secret"
)

// poster does what falls due while the server runs: it writes down what the
// plans want, hands it over in several workers, takes in what comes back, and
// tidies up enrolments.
type poster struct {
	*sending
	fieldwork *fieldwork.Service
	name      string // of this process's workers: no other process has it
	every     time.Duration
	now       func() time.Time
	log       *slog.Logger
}

// handBatch is how many messages a worker takes at a time: what a killed one held
// waits until its lease is over.
const handBatch = 5

// soon is how long a worker waits for the limits itself; when they let nothing
// go for longer, the messages stay in the ledger.
const soon = 2 * time.Second

func newPoster(s *sending, f *fieldwork.Service, every time.Duration, now func() time.Time, log *slog.Logger) *poster {
	p := &poster{sending: s, fieldwork: f, name: secret.NewID()[:10], every: every, now: now, log: log}
	if s.post.Mail != nil {
		p.post.Mail = patient{s.post.Mail, now}
	}
	return p
}

// run works until ctx ends and what is in the workers' hands is written down.
func (p *poster) run(ctx context.Context) {
	defer p.close()
	if p.silence != "" {
		p.log.Warn("no messages are sent", "why", p.silence)
	} else {
		p.log.Info("sending messages", "server", p.server, "gateway", p.gateway)
	}
	tick := time.NewTicker(p.every)
	defer tick.Stop()
	for {
		p.round(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-p.fieldwork.Urgent(): // somebody waits at a page
		}
	}
}

// round does once what is to be done. An error of one part keeps no other from
// its work; the next round tries again.
func (p *poster) round(ctx context.Context) {
	_, err := p.fieldwork.Tidy(ctx, p.now())
	p.failed(ctx, "enrolments could not be tidied up", err)
	_, err = p.fieldwork.FreezeFeedback(ctx, p.now())
	p.failed(ctx, "the panel's answers could not be frozen for the participants", err)
	p.failed(ctx, "links could not be sent again", p.fieldwork.SendLinks(ctx, p.now()))
	if p.silence != "" {
		return
	}
	p.returned(ctx)
	if _, err := p.fieldwork.Schedule(ctx, p.now()); p.failed(ctx, "messages could not be written down", err) {
		return
	}
	var all sync.WaitGroup
	for n := range p.workers {
		all.Go(func() { p.worker(ctx, fmt.Sprintf("%s-%d", p.name, n)) })
	}
	all.Wait()
}

// worker hands over until nothing is due, the limits are reached, or something
// is wrong that the next message would meet as well.
func (p *poster) worker(ctx context.Context, name string) {
	for ctx.Err() == nil {
		post := p.ready()
		if post.Mail == nil && post.SMS == nil {
			return
		}
		done, err := p.fieldwork.HandOver(ctx, p.now, post, name, handBatch)
		if p.failed(ctx, "messages could not be handed over", err) {
			return
		}
		if done.Trouble != "" {
			p.log.Error("messages do not get through", "why", string(done.Trouble), "server", p.server)
			return
		}
		if done.Claimed < handBatch {
			return
		}
	}
}

// ready gives the ways that the limits leave open.
func (p *poster) ready() fieldwork.Post {
	post := p.post
	wait := func(way any) bool {
		limited, ok := way.(interface{ Ready(time.Time) time.Duration })
		return ok && limited.Ready(p.now()) > soon
	}
	if wait(post.Mail) {
		post.Mail = nil
	}
	if wait(post.SMS) {
		post.SMS = nil
	}
	return post
}

// returned takes in what was delivered into the folder for returned messages.
func (p *poster) returned(ctx context.Context) {
	if p.maildir.Dir == "" {
		return
	}
	err := p.maildir.Each(func(r io.Reader) error {
		b, err := mail.ReadBounce(r, p.bounce)
		if err != nil {
			return err
		}
		_, err = p.fieldwork.Returned(ctx, p.now(), b)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("the folder %s is no Maildir: it has no folder new", p.maildir.Dir)
	}
	p.failed(ctx, "returned messages could not be read", err)
}

// failed logs an error, unless it comes of the end of the server.
func (p *poster) failed(ctx context.Context, what string, err error) bool {
	if err == nil {
		return false
	}
	if ctx.Err() == nil {
		p.log.Error(what, "code", fault.Of(err).Code, "error", err)
	}
	return true
}

// lastWords is how long a hand-over that is under way when the server stops may
// take: cut off at the end it would be ambiguous.
const lastWords = 10 * time.Second

// patient is a way to a mail server that waits a moment where its own limit for
// a second is reached, rather than putting the message off, and that is not cut
// off in the middle of a message.
type patient struct {
	fieldwork.Mailer
	now func() time.Time
}

// Send hands over one message.
func (w patient) Send(ctx context.Context, now time.Time, e mail.Envelope) mail.Outcome {
	sending, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastWords, end) })()
	for {
		o := w.Mailer.Send(sending, now, e)
		if o.Reason != mail.Pace || o.Wait > soon {
			return o
		}
		select {
		case <-ctx.Done():
			return o
		case <-time.After(o.Wait):
			now = w.now()
		}
	}
}

// Ready gives how long the limits let nothing go.
func (w patient) Ready(now time.Time) time.Duration {
	if limited, ok := w.Mailer.(interface{ Ready(time.Time) time.Duration }); ok {
		return limited.Ready(now)
	}
	return 0
}
