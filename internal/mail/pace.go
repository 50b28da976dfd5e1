package mail

import (
	"sync"
	"time"
)

// pace counts what was sent, so that no second and no hour holds more than may
// be. It counts for this process alone: where several send through one server,
// each is given its share.
type pace struct {
	mu      sync.Mutex
	windows []*window
}

// window holds the times of the last messages, oldest first, as many as may be sent in it.
type window struct {
	length time.Duration
	most   int
	sent   []time.Time
}

func newPace(perSecond, perHour int) *pace {
	p := &pace{}
	for _, w := range []window{{time.Second, perSecond, nil}, {time.Hour, perHour, nil}} {
		if w.most > 0 {
			p.windows = append(p.windows, &w)
		}
	}
	return p
}

// wait gives how long it is until one more may be sent.
func (p *pace) wait(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.left(now)
}

func (p *pace) left(now time.Time) time.Duration {
	var longest time.Duration
	for _, w := range p.windows {
		if len(w.sent) == w.most {
			longest = max(longest, w.sent[0].Add(w.length).Sub(now))
		}
	}
	return longest
}

// take counts one more, or gives how long it has to wait.
func (p *pace) take(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if wait := p.left(now); wait > 0 {
		return wait
	}
	for _, w := range p.windows {
		if len(w.sent) == w.most {
			w.sent = append(w.sent[:0], w.sent[1:]...)
		}
		w.sent = append(w.sent, now)
	}
	return 0
}
