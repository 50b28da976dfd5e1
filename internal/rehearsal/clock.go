package rehearsal

import (
	"sync"
	"time"
)

// Clock is a clock that stands still until it is set. It is safe for
// concurrent use.
type Clock struct {
	mu  sync.RWMutex
	now time.Time
}

// NewClock gives a clock that shows a time.
func NewClock(at time.Time) *Clock { return &Clock{now: at} }

// Now gives the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.now
}

// Set makes the clock show another time.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
}
