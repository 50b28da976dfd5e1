package account

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"panelverk/internal/fault"
)

// How often someone may try. A person who mistypes never meets them; a
// guessing machine gets a handful of tries an hour for one address.
const (
	addressBurst = 10
	addressEvery = time.Minute
	globalBurst  = 60
	globalEvery  = time.Second
	maxAddresses = 10_000 // remembered at once
)

var errTooMany = fault.New(fault.TooMany, "too_many_attempts", "Too many attempts. Wait a minute and try again.")

// limits bounds attempts per address and over all. It keeps them in memory and
// knows addresses only by their lookup value; no IP address is seen here.
type limits struct {
	mu        sync.Mutex
	all       *rate.Limiter
	addresses map[string]*rate.Limiter
}

func newLimits() *limits {
	return &limits{all: rate.NewLimiter(rate.Every(globalEvery), globalBurst), addresses: map[string]*rate.Limiter{}}
}

// take counts one attempt for an address and gives a TooMany error where it
// is one too many. An attempt refused for its address does not use up the
// others' share.
func (l *limits) take(now time.Time, address string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	one, ok := l.addresses[address]
	if !ok {
		l.makeRoom(now)
		one = rate.NewLimiter(rate.Every(addressEvery), addressBurst)
		l.addresses[address] = one
	}
	if !one.AllowN(now, 1) || !l.all.AllowN(now, 1) {
		return errTooMany
	}
	return nil
}

// forget clears the count of an address: its owner has shown the password.
func (l *limits) forget(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.addresses, address)
}

// makeRoom drops addresses that have all their attempts again, and where
// none has, all of them: the limit over all still holds.
func (l *limits) makeRoom(now time.Time) {
	if len(l.addresses) < maxAddresses {
		return
	}
	for a, one := range l.addresses {
		if one.TokensAt(now) >= addressBurst {
			delete(l.addresses, a)
		}
	}
	if len(l.addresses) >= maxAddresses {
		clear(l.addresses)
	}
}
