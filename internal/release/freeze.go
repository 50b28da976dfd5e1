package release

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// A release is frozen in two parts. Approve decides: it looks at the risk, and keeps
// the moment and the study as it stood then. Freeze makes the package of that moment,
// in the background and on any server; what ends before the package is stored leaves
// nothing, and is begun anew.

const (
	lease      = 30 * time.Second // a worker that is killed holds a release no longer
	beat       = time.Second      // how often a worker says how far it is
	storing    = 2 * time.Minute  // the lease while the package is stored
	mostTries  = 3                // by workers that did not live to say why they ended
	gaveUp     = "release_gave_up"
	notMade    = "release_failed"
	diskIsFull = "storage_full"
)

// Approve decides that a release is frozen; Freeze makes it. Where the tier is missed
// it fails as Files does; a restricted one the owner can let out all the same, with a
// reason in writing. seen is the mark of the report that was in view: where the report
// is another by now, it fails with Conflict "release_moved". "" is for who saw none.
func (s *Service) Approve(ctx context.Context, now time.Time, actor access.Actor, studyKey string, number int, seen, reason string) error {
	if err := actor.May(access.ReleaseDecide, studyKey); err != nil {
		return err
	}
	var r store.Release
	if err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		r, err = waiting(tx, studyKey, number)
		return err
	}); err != nil {
		return err
	}
	if err := s.decided(ctx, now, actor, &r, seen, reason); err != nil {
		return err
	}
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		if _, err := waiting(tx, studyKey, number); err != nil {
			return err
		}
		return s.begin(tx, now, actor, r)
	})
	if err == nil {
		s.hurry()
	}
	return err
}

// decided fills in the decision to freeze a release: its moment, the study as it
// stands, and the risk that is taken.
func (s *Service) decided(ctx context.Context, now time.Time, actor access.Actor, r *store.Release, seen, reason string) error {
	if reason = strings.TrimSpace(reason); len([]rune(reason)) > maxWords {
		var problems fault.Problems
		problems.Add(fault.Place{Field: "reason"}, "release_long", "Write %d characters at most.", maxWords)
		return problems.Err("release", "The reason is too long.")
	}
	p, err := ReadProfile(r.Profile+".yaml", []byte(r.Source))
	if err != nil {
		return err
	}
	r.DecidedBy, r.DecidedAt, r.Reason = actor.Account, now.Truncate(time.Millisecond).UTC(), reason
	return s.cut(ctx, source{study: r.Study, at: r.DecidedAt}, p, nil, func(tx *store.Tx, c *cutting, before []earlier) error {
		report, err := c.allowed(r, before)
		if err != nil {
			return err
		}
		if seen != "" && seen != report.Mark() {
			return errOtherRisk
		}
		text, err := json.Marshal(report)
		if err != nil {
			return err
		}
		as, err := tx.Definition(r.Study)
		if err != nil {
			return err
		}
		r.Report = string(text)
		r.Definition, err = as.Encode()
		return err
	})
}

// allowed gives the report on what leaves, and fails where the tier is missed and no
// reason helps.
func (c *cutting) allowed(r *store.Release, before []earlier) (*Report, error) {
	report := c.measure(before)
	if !report.Passes() && (r.Reason == "" || report.Tier == study.OpenTier) {
		return nil, c.missed(report, before)
	}
	return report, nil
}

// begin stores a decision to freeze a release.
func (s *Service) begin(tx *store.Tx, now time.Time, actor access.Actor, r store.Release) error {
	detail := "approved"
	if r.Reason != "" {
		detail = "approved, with a reason"
	}
	return errors.Join(tx.BeginFreezing(r), s.auditRelease(tx, now, actor, access.ReleaseDecide, r, detail))
}

// hurry tells whoever freezes that there is something to freeze.
func (s *Service) hurry() {
	select {
	case s.wanted <- struct{}{}:
	default: // it has been told
	}
}

// Wanted gives a value whenever this server approved a release.
func (s *Service) Wanted() <-chan struct{} { return s.wanted }

// Freeze makes the release that was approved first of those that no worker holds; did
// is false where there is none. worker names this one, as no other is named. Where
// making it fails, the release waits for a decision again and says why, and err is the
// reason where it is none that can be expected. Where ctx ends it lets go, for another
// to begin anew. progress may be nil.
func (s *Service) Freeze(ctx context.Context, clock func() time.Time, worker string, progress Progress) (did bool, err error) {
	var (
		r     store.Release
		tries int
	)
	if err := s.store.Glance(ctx, func(tx *store.Tx) (err error) {
		did, err = tx.FreezingsWait(clock())
		return err
	}); err != nil || !did {
		return false, err
	}
	if err := s.store.Write(ctx, func(tx *store.Tx) (err error) {
		now := clock()
		r, tries, did, err = tx.ClaimFreezing(worker, now, now.Add(lease))
		return err
	}); err != nil || !did {
		return false, err
	}
	err = fault.New(fault.Internal, gaveUp, "The package was begun several times, and the server ended each time.")
	if tries <= mostTries {
		err = s.freezeHeld(ctx, clock, worker, r, progress)
	}
	aside := context.WithoutCancel(ctx)
	switch {
	case err == nil, errors.Is(err, store.ErrFreezingLost):
		return true, nil
	case ctx.Err() != nil:
		return true, errors.Join(ctx.Err(), s.store.Write(aside, func(tx *store.Tx) error { return tx.LeaveFreezing(r, worker) }))
	}
	code := failure(err)
	failed := s.store.Write(aside, func(tx *store.Tx) error {
		by := access.Actor{Account: r.DecidedBy}
		return errors.Join(tx.FailFreezing(r, worker, code), s.auditRelease(tx, clock(), by, access.ReleaseDecide, r, "not frozen: "+code))
	})
	if code != notMade && code != gaveUp && code != diskIsFull {
		err = nil
	}
	return true, errors.Join(err, failed)
}

// failure gives the code that tells the owner why a release was not made.
func failure(err error) string {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EROFS) {
		return diskIsFull
	}
	switch code := fault.Of(err).Code; code {
	case "tier_missed", errMoved.Code, diskIsFull, gaveUp, "profile_unfit":
		return code
	}
	return notMade
}

// freezeHeld makes and stores the package of a release that the worker holds.
func (s *Service) freezeHeld(ctx context.Context, clock func() time.Time, worker string, r store.Release, progress Progress) error {
	file, err := os.CreateTemp(s.tmp, "release-*.tmp")
	if err != nil {
		return err
	}
	defer func() { _ = errors.Join(file.Close(), os.Remove(file.Name())) }()
	k := &keeper{service: s, release: r, worker: worker, clock: clock}
	making, end := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); k.run(making, end) }()
	people, err := s.freeze(making, &r, file, func(step string, done, total int) {
		k.set(store.Freezing{Step: step, Done: done, Total: total})
		if progress != nil {
			progress(step, done, total)
		}
	})
	lost := context.Cause(making)
	end(nil)
	<-ended
	if err != nil {
		if ctx.Err() == nil && lost != nil {
			return lost
		}
		return err
	}
	if err := k.keep(ctx, storing); err != nil {
		return err
	}
	r.State, r.Build = store.ReleaseFrozen, s.build
	by := access.Actor{Account: r.DecidedBy}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.EndFreezing(r, worker); err != nil {
			return err
		}
		known, err := s.stillThere(tx, &r, people)
		if err != nil {
			return err
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		return errors.Join(tx.DecideRelease(r), tx.AddReleaseBytes(r.Study, r.Number, file), tx.AddReleasePeople(r.Study, r.Number, known),
			s.auditRelease(tx, clock(), by, access.ReleaseDecide, r, "frozen"))
	})
}

// keeper holds a release for a worker, and writes down how far it is.
type keeper struct {
	service *Service
	release store.Release
	worker  string
	clock   func() time.Time

	mu sync.Mutex
	at store.Freezing
}

func (k *keeper) set(at store.Freezing) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at = at
}

func (k *keeper) get() store.Freezing {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.at
}

func (k *keeper) keep(ctx context.Context, lease time.Duration) error {
	return k.service.store.Write(ctx, func(tx *store.Tx) error { return tx.KeepFreezing(k.release, k.worker, k.get(), k.clock().Add(lease)) })
}

// run keeps the release until ctx ends. A database that does not answer for a while
// is no reason to stop; that another worker has the release is.
func (k *keeper) run(ctx context.Context, end context.CancelCauseFunc) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := k.keep(ctx, lease); errors.Is(err, store.ErrFreezingLost) {
			end(err)
			return
		}
	}
}

// freeze makes the package of a release as its profile, and the moment of its
// decision, say. It fills what is stored of it and gives what it tells of whom, by
// the recipient's ids. It fails where the risk is more than was decided about.
func (s *Service) freeze(ctx context.Context, r *store.Release, file io.Writer, progress Progress) (map[string][]string, error) {
	p, err := ReadProfile(r.Profile+".yaml", []byte(r.Source))
	if err != nil {
		return nil, err
	}
	people := map[string][]string{}
	from := source{study: r.Study, at: r.DecidedAt, first: progress.within(StepReading, 0, measured)}
	return people, s.cut(ctx, from, p, r, func(tx *store.Tx, c *cutting, before []earlier) error {
		report, err := c.allowed(r, before)
		if err != nil {
			return err
		}
		var then Report
		if err := json.Unmarshal([]byte(r.Report), &then); err != nil {
			return err
		}
		if report.riskier(&then) {
			return errMoved
		}
		for _, one := range c.staying() {
			people[one.id] = append(c.keys(one), one.pattern, one.weights)
		}
		text, err := json.Marshal(report)
		if err != nil {
			return err
		}
		r.Report = string(text)
		return s.pack(ctx, tx, c, report, r, file, progress)
	})
}

// riskier tells whether this is more than was decided about, or of others.
func (r *Report) riskier(then *Report) bool {
	return r.Persons != then.Persons || r.After.K < then.After.K || r.After.Violations > then.After.Violations
}

// stillThere gives the people of a release by their pids, if they all are there.
func (s *Service) stillThere(tx *store.Tx, r *store.Release, people map[string][]string) ([]store.Known, error) {
	var known []store.Known
	err := tx.EachParticipant(r.Study, func(p store.Participant) error {
		if keys, ok := people[s.keys.ExportID(r.Study, r.Recipient, p.PID)]; ok && p.Status != store.Erased {
			known = append(known, store.Known{PID: p.PID, Keys: keys})
		}
		return nil
	})
	if err == nil && len(known) < len(people) {
		err = errMoved
	}
	return known, err
}
