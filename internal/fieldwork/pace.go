package fieldwork

import (
	"sync"
	"time"

	"panelverk/internal/interview"
	"panelverk/internal/store"
)

// How long others took is worked out rarely, and kept by each server: the
// first that asks works it out anew once something has been sent in since and
// paceAge has passed, or after a day, for what other servers took in. It is a
// comfort: whoever comes in between is told what was known before.

const (
	paceAge    = 10 * time.Minute
	paceAtMost = 24 * time.Hour
)

type paces struct {
	mu   sync.Mutex
	kept map[paceKey]*kept
}

type paceKey struct {
	study, questionnaire string
	version              int
}

// kept is the pace of a version.
type kept struct {
	pace *interview.Pace // nil: too few to tell
	at   time.Time       // when it was worked out
	of   int             // how many interviews had been sent in
	sent int             // and how many through this server since
}

// stale tells whether a pace is worth working out anew: more often while there
// are few, so that what it costs does not grow with the panel.
func (k *kept) stale(now time.Time) bool {
	age := now.Sub(k.at)
	return age >= paceAtMost || age >= paceAge && k.sent > 0 && k.sent*10 >= k.of
}

// of gives what is kept of a version, and the caller has to work it out where
// due is true. Others go on with what there is meanwhile.
func (p *paces) of(key paceKey, now time.Time) (k *kept, pace *interview.Pace, due bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil {
		p.kept = map[paceKey]*kept{}
	}
	k = p.kept[key]
	if due = k == nil || k.stale(now); due {
		if k == nil {
			k = &kept{}
			p.kept[key] = k
		}
		k.at = now
	}
	return k, k.pace, due
}

// sent notes that an interview was sent in.
func (p *paces) sent(key paceKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k := p.kept[key]; k != nil {
		k.sent++
	}
}

// pace gives how long the version of a visit takes.
func (s *Service) pace(tx *store.Tx, v *Visit, now time.Time) (*interview.Pace, error) {
	name, number := v.Version()
	k, pace, due := s.paces.of(paceKey{v.Study.Key, name, number}, now)
	if !due {
		return pace, nil
	}
	sittings, err := tx.Sittings(v.Study.Key, name, number)
	pace = v.Logic.Pace(sittings)
	s.paces.mu.Lock()
	defer s.paces.mu.Unlock()
	if err != nil {
		k.at = time.Time{} // the next one tries again
		return nil, err
	}
	k.pace, k.of, k.sent = pace, max(len(sittings), k.of+k.sent), 0
	return pace, nil
}
