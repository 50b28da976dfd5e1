package release_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/db/dbtest"
	"panelverk/internal/fault"
	"panelverk/internal/release"
	"panelverk/internal/secret"
	"panelverk/internal/store"
)

// approved asks for a release and approves it; nobody has made it yet.
func (o *office) approved(t *testing.T, profile string, at time.Time) int {
	t.Helper()
	n, err := o.Request(ctx, at, researcher, asked(profile))
	if err == nil {
		err = o.Approve(ctx, at, owner, "union-wage", n, "", "")
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (o *office) release(t *testing.T, number int) store.Release {
	t.Helper()
	r, err := o.Release(ctx, researcher, "union-wage", number)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// claim takes a release as a worker that is killed at once.
func (o *office) claim(t *testing.T, worker string, at time.Time) bool {
	t.Helper()
	var ok bool
	if err := o.store.Write(ctx, func(tx *store.Tx) (err error) {
		_, _, ok, err = tx.ClaimFreezing(worker, at, at.Add(30*time.Second))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return ok
}

// nothingHalf fails where anything of a release is stored.
func (o *office) nothingHalf(t *testing.T, number int) {
	t.Helper()
	if err := o.store.Read(ctx, func(tx *store.Tx) error {
		part, err := tx.ReleasePart("union-wage", number, 1)
		people, err2 := tx.ReleasePeople("union-wage", number)
		if part != nil || len(people) > 0 {
			t.Errorf("half of release %d is stored: %d bytes, %d persons", number, len(part), len(people))
		}
		return errors.Join(err, err2)
	}); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(o.tmp)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		if f.Name() != "keyfile.db" && f.Name() != "keyfile.db-wal" && f.Name() != "keyfile.db-shm" {
			t.Errorf("%s is left behind", f.Name())
		}
	}
}

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func TestAReleaseIsMadeByWhoeverIsLeft(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, dsn string) {
		o := openOn(t, dsn, 80)
		o.profiles(t)
		n := o.approved(t, "early", now)
		if r := o.release(t, n); r.State != store.ReleaseMaking || !r.DecidedAt.Equal(now) {
			t.Fatalf("%s, %s", r.State, r.DecidedAt)
		}
		if err := o.Refuse(ctx, now, owner, "union-wage", n, "Too late"); fault.Of(err).Code != "release_decided" {
			t.Errorf("refused while it is made: %v", err)
		}
		if !o.claim(t, "killed", now) {
			t.Fatal("nothing to claim")
		}
		if did, err := o.Freeze(ctx, clock, "other", nil); did || err != nil {
			t.Fatalf("taken from a worker that holds it: %v", err)
		}
		o.nothingHalf(t, n)
		if did, err := o.Freeze(ctx, at(now.Add(time.Minute)), "other", nil); !did || err != nil {
			t.Fatalf("not taken up: %v, %v", did, err)
		}
		r := o.release(t, n)
		if v, err := o.Verify(ctx, r, nil); err != nil || r.State != store.ReleaseFrozen || !r.DecidedAt.Equal(now) || !v.Same {
			t.Errorf("%s, %s, %+v, %v", r.State, r.DecidedAt, v, err)
		}
		var steps []string
		for _, row := range o.audit(t) {
			if row.Object == "release 1" {
				steps = append(steps, row.Account+" "+row.Detail)
			}
		}
		if want := []string{"O frozen", "O approved", "R early"}; !slices.Equal(steps, want) {
			t.Errorf("audit %q, want %q", steps, want)
		}
	})
}

// A release that ends the server each time is not tried for ever.
func TestAReleaseIsGivenUp(t *testing.T) {
	o := open(t, 80)
	o.profiles(t)
	n := o.approved(t, "early", now)
	for i := range 3 {
		if !o.claim(t, "killed", now.Add(time.Duration(i)*time.Minute)) {
			t.Fatal(i)
		}
	}
	if did, err := o.Freeze(ctx, at(now.Add(time.Hour)), "w", nil); !did || err == nil {
		t.Errorf("%v, %v", did, err)
	}
	if r := o.release(t, n); r.State != store.ReleaseRequested || r.Freezing.Failure != "release_gave_up" || !r.DecidedAt.IsZero() || r.Report != "" {
		t.Errorf("%+v", r)
	}
	if err := o.Approve(ctx, now.Add(time.Hour), owner, "union-wage", n, "", ""); err != nil {
		t.Fatal(err)
	}
	o.freeze(t)
	if r := o.release(t, n); r.State != store.ReleaseFrozen || r.Freezing.Failure != "" {
		t.Errorf("%+v", r)
	}
}

// While the package is made anything may happen.
func TestWhatHappensInTheMiddle(t *testing.T) {
	for _, c := range []struct {
		name    string
		happens func(*office, context.CancelFunc)
		failure string
		state   store.ReleaseState // after one more worker has looked
	}{
		{"somebody is erased", func(o *office, _ context.CancelFunc) {
			_ = o.store.Write(ctx, func(tx *store.Tx) error {
				people, err := tx.Participants("union-wage")
				if err == nil {
					_, err = tx.Erase(people[0].PID, now)
				}
				return err
			})
		}, "release_moved", store.ReleaseRequested},
		{"the server is stopped", func(_ *office, stop context.CancelFunc) { stop() }, "", store.ReleaseFrozen},
		{"another server takes it", func(o *office, _ context.CancelFunc) {
			_ = o.store.Write(ctx, func(tx *store.Tx) error {
				_, _, _, err := tx.ClaimFreezing("thief", now.Add(time.Hour), now.Add(-time.Hour))
				return err
			})
		}, "", store.ReleaseFrozen},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, 80)
			o.profiles(t)
			n := o.approved(t, "early", now)
			stoppable, stop := context.WithCancel(ctx)
			defer stop()
			var once sync.Once
			_, err := o.Freeze(stoppable, clock, "w", func(step string, _, _ int) {
				if step != release.StepReading {
					once.Do(func() { c.happens(o, stop) })
				}
			})
			if stoppable.Err() == nil && err != nil {
				t.Error(err)
			}
			r := o.release(t, n)
			if r.State == store.ReleaseFrozen || r.Freezing.Failure != c.failure {
				t.Errorf("%s, %q", r.State, r.Freezing.Failure)
			}
			o.nothingHalf(t, n)
			o.freeze(t)
			if r := o.release(t, n); r.State != c.state {
				t.Errorf("in the end %s", r.State)
			}
		})
	}
}

func TestWhyAReleaseIsNotMade(t *testing.T) {
	o := open(t, 80)
	o.profiles(t)
	n := o.approved(t, "early", now)
	if err := os.RemoveAll(o.tmp); err != nil { // the disk is gone
		t.Fatal(err)
	}
	if did, err := o.Freeze(ctx, clock, "w", nil); !did || err == nil {
		t.Errorf("%v, %v", did, err)
	}
	if r := o.release(t, n); r.Freezing.Failure != "release_failed" || r.State != store.ReleaseRequested {
		t.Errorf("%+v", r.Freezing)
	}
	full := &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	if code := release.Failure(fmt.Errorf("the file: %w", full)); code != "storage_full" {
		t.Errorf("a full disk is called %s", code)
	}
}

// Two servers on one database make each release once, and in the order of the
// decisions: the second is held against the first.
func TestTwoServersMakeAReleaseOnce(t *testing.T) {
	dsn := dbtest.Postgres(t)
	o := openOn(t, dsn, 80)
	o.profiles(t)
	other, err := store.Open(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	second := release.New(other, o.keys, t.TempDir())
	first := o.approved(t, "late", now)
	n, err := o.Request(ctx, now, researcher, asked("early"))
	if err != nil {
		t.Fatal(err)
	}
	early := o.approved(t, "early", now.Add(time.Second)) // a higher number, decided before
	if err := o.Approve(ctx, now.Add(2*time.Second), owner, "union-wage", n, "", ""); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i, s := range []*release.Service{o.Service, second, o.Service, second} {
		all.Go(func() {
			for range 40 {
				if _, err := s.Freeze(ctx, at(now.Add(time.Minute)), fmt.Sprint(i, secret.NewID()), nil); err != nil {
					t.Error(err)
				}
				if o.release(t, n).State == store.ReleaseFrozen {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	all.Wait()
	var frozen []string
	for _, row := range o.audit(t) {
		if row.Detail == "frozen" {
			frozen = append(frozen, row.Object)
		}
	}
	if want := []string{fmt.Sprint("release ", n), fmt.Sprint("release ", early), fmt.Sprint("release ", first)}; !slices.Equal(frozen, want) {
		t.Errorf("frozen %v, want %v, the latest first", frozen, want)
	}
	for _, c := range []struct {
		number int
		before []int
	}{{first, nil}, {early, []int{first}}, {n, []int{early, first}}} {
		report, err := o.Review(ctx, now, access.CommandLine(), "union-wage", c.number)
		if err != nil {
			t.Fatal(err)
		}
		var before []int
		for _, e := range report.Earlier {
			before = append(before, e.Number)
		}
		if !slices.Equal(before, c.before) {
			t.Errorf("release %d was held against %v, want %v", c.number, before, c.before)
		}
		if v, err := o.Verify(ctx, o.release(t, c.number), nil); err != nil || !v.Same {
			t.Errorf("release %d: %+v, %v", c.number, v, err)
		}
	}
}

// Where the tier is missed a release that is approved at once is not asked for at all.
func TestNothingIsAskedForWhereTheTierIsMissed(t *testing.T) {
	o := open(t, 80)
	o.profiles(t)
	in := asked("")
	in.Source, in.Approve = fmt.Sprintf(partner, "own", "lund", `["1980"]`), true
	in.Source = replace(in.Source, "suppress: cells", "suppress: none", "quasi: [ethn]", "quasi: [ethn, school, married]")
	_, err := o.Request(ctx, now, access.CommandLine(), in)
	if e := fault.Of(err); e == nil || e.Code != "tier_missed" || len(e.Problems) == 0 {
		t.Fatalf("%v", err)
	}
	if all, err := o.Releases(ctx, owner, "union-wage"); err != nil || len(all) > 0 {
		t.Errorf("%d releases wait, %v", len(all), err)
	}
	in.Reason = "They are known by name"
	n, failed := o.Request(ctx, now, access.CommandLine(), in)
	if failed != nil {
		t.Fatal(failed)
	}
	o.freeze(t)
	r := o.release(t, n)
	if r.State != store.ReleaseFrozen || r.Reason != in.Reason {
		t.Errorf("%+v", r)
	}
	for _, one := range fault.Of(err).Problems {
		if one.Code == "at_risk" && strings.Contains(r.Report, one.Field) {
			t.Errorf("the release keeps what was known of %s, where no erasure finds it", one.Field)
		}
	}
}
