package mail

import (
	"context"
	"errors"
	"sync"
	"time"
)

// SMTP hands messages to a mail server. It keeps its connections for the next
// message and is safe for concurrent use.
//
// The messages and the commands are go-mail's; the order of the commands is
// ours, one recipient a message. go-mail's own Client.Send cannot be used: its
// error holds neither the server's answer as a value nor whether the end of
// the message had been sent; it reports a message that was taken as failed when the RSET after
// it fails; and when the connection breaks while a message is written, the QUIT that
// follows ends the message with a dot, so that a server may take half of it.
type SMTP struct {
	settings Settings
	pace     *pace
	slots    chan struct{} // one for each connection in use

	mu     sync.Mutex
	idle   []*line
	closed bool
}

// idleFor is how long a connection is kept without a message. Servers hang up
// after five minutes at the earliest (RFC 5321 section 4.5.3.2.7), many sooner.
const idleFor = 30 * time.Second

// perLine is how many messages a connection carries before a new one is made;
// many servers allow about so many.
const perLine = 50

// NewSMTP takes settings that are right; else the error lists what is not.
// Nothing is connected before the first message.
func NewSMTP(s Settings) (*SMTP, error) {
	problems := s.Check()
	if err := problems.Err("mail_settings", "The settings for e-mail have problems."); err != nil {
		return nil, err
	}
	if s.Timeout == 0 {
		s.Timeout = time.Minute
	}
	s.Letterhead = s.ascii()
	return &SMTP{settings: s, pace: newPace(s.PerSecond, s.PerHour), slots: make(chan struct{}, max(s.Connections, 1))}, nil
}

// Host gives the server's name, for Outcome.Words.
func (p *SMTP) Host() string { return p.settings.Host }

// Ready gives how long it is until the limits let one more message go: a
// worker takes no message before.
func (p *SMTP) Ready(now time.Time) time.Duration { return p.pace.wait(now) }

// Send hands over one message. It waits for a free connection and for the
// server, each step up to the settings' Timeout, and ends when ctx does. Over
// the limits it does not wait but defers the message with the reason Pace.
func (p *SMTP) Send(ctx context.Context, now time.Time, e Envelope) Outcome {
	from, to, raw, err := p.settings.compose(now, e)
	if err != nil {
		return unsendable(err)
	}
	if wait := p.pace.take(now); wait > 0 {
		return Outcome{State: Deferred, Reason: Pace, Retry: true, Wait: wait}
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return Outcome{State: Deferred, Reason: Stopped, Retry: true}
	}
	for {
		l := p.take()
		fresh := l == nil
		if fresh {
			var o Outcome
			if l, o = dial(ctx, p.settings); l == nil {
				return o
			}
		}
		o, stale := l.send(ctx, from, to, raw)
		p.give(l)
		if stale && !fresh {
			continue // the server had hung up in the meantime: nothing was sent, a new connection is made
		}
		o.Said = withoutAddresses(o.Said, to, e.To)
		return o
	}
}

// unsendable says that a message cannot be sent to this address at all. An
// envelope that is not complete is our own fault; it is not blamed on the address.
func unsendable(err error) Outcome {
	if errors.Is(err, errEnvelope) {
		return Outcome{State: Refused, Reason: Incomplete, Said: withoutAddresses(err.Error())}
	}
	return Outcome{State: Refused, Reason: Address}
}

// take gives a connection that waits for work, nil where there is none.
func (p *SMTP) take() *line {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.idle) > 0 {
		l := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if l.timer.Stop() {
			return l
		}
	}
	return nil
}

// give keeps a connection for the next message, or ends it.
func (p *SMTP) give(l *line) {
	p.mu.Lock()
	if l.broken || l.sent >= perLine || p.closed {
		p.mu.Unlock()
		l.end()
		return
	}
	defer p.mu.Unlock()
	p.idle = append(p.idle, l)
	l.timer = time.AfterFunc(idleFor, func() {
		p.drop(l)
		l.end()
	})
}

// drop forgets a connection that waited too long.
func (p *SMTP) drop(l *line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.idle {
		if p.idle[i] == l {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			return
		}
	}
}

// Close ends the connections that wait. Those in use end after their message.
func (p *SMTP) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	for l := p.take(); l != nil; l = p.take() {
		l.end()
	}
}
