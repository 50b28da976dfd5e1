package respond

import (
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fieldwork"
)

// A posted page is answered with a redirect to the next, and the browser asks
// for that within milliseconds. What the post has just read and written is
// handed to that one request, so that it need not read it all again: reading a
// visit was a third of what an interview cost. It is handed on once, within
// handoffTime, and for showing a page only; whatever is posted is judged
// against what is stored then.

const (
	handoffTime  = 3 * time.Second
	handoffLimit = 512 // more are in flight only when nobody follows redirects
)

type handoff struct {
	mu   sync.Mutex
	kept map[string]handed // by token
}

type handed struct {
	visit *fieldwork.Visit
	until time.Time
}

func (h *handoff) give(token string, v *fieldwork.Visit, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.kept == nil || len(h.kept) >= handoffLimit {
		h.kept = map[string]handed{}
	}
	h.kept[token] = handed{v, now.Add(handoffTime)}
}

func (h *handoff) take(token string, now time.Time) *fieldwork.Visit {
	h.mu.Lock()
	defer h.mu.Unlock()
	got, ok := h.kept[token]
	delete(h.kept, token)
	if !ok || !now.Before(got.until) {
		return nil
	}
	return got.visit
}

// shown gives the visit for a page that is only shown; false after it has
// answered the request itself.
func (s *site) shown(c *gin.Context) (*fieldwork.Visit, bool) {
	if v := s.handoff.take(c.Param("token"), s.Now()); v != nil {
		return v, s.recognise(c, v)
	}
	return s.begun(c)
}
