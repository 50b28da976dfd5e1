package store_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"panelverk/internal/db"
	"panelverk/internal/db/dbtest"
	"panelverk/internal/store"
)

// moved gives a copy of the store on the other engine.
func moved(t *testing.T, s *store.Store) *store.Store {
	t.Helper()
	var dump bytes.Buffer
	if err := s.DB().Dump(context.Background(), &dump, time.Time{}); err != nil {
		t.Fatal(err)
	}
	to := dbtest.SQLite
	if s.DB().Engine() == db.SQLite {
		to = dbtest.Postgres
	}
	copied := open(t, to(t))
	if err := copied.DB().Load(context.Background(), &dump); err != nil {
		t.Fatal(err)
	}
	return copied
}

// How somebody stood before is kept once there is a release that may hold it, comes
// over in a backup, and goes with the person.
func TestFormerParticipants(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		panel(t, s, 2)
		stood := func(n int, region string) store.Participant {
			p := participant(n)
			p.Attributes = map[string]string{"region": region}
			return p
		}
		keep := func(p store.Participant, until int) {
			write(t, s, func(tx *store.Tx) error { return tx.KeepFormer(p, later(until)) })
		}
		keep(stood(1, "nowhere"), 1) // no release: nothing needs it
		write(t, s, func(tx *store.Tx) error {
			r := store.Release{Study: smart, State: store.ReleaseRequested, Profile: "p", Source: "profile: p\n", Recipient: "r", RequestedBy: "A1", RequestedAt: later(2)}
			var err error
			if r.Number, err = tx.AddRelease(r); err != nil {
				return err
			}
			r.State, r.DecidedAt = store.ReleaseFrozen, later(3)
			return tx.DecideRelease(r)
		})
		keep(stood(1, "west"), 4)
		keep(stood(1, "again"), 4) // the same moment: the first stands
		keep(stood(1, "east"), 6)
		keep(stood(2, "north"), 5)
		regions := func(s *store.Store, n int) (out []string) {
			for _, f := range get(t, s, func(tx *store.Tx) ([]store.Former, error) { return tx.FormersOf(participant(n).PID) }) {
				out = append(out, f.Attributes["region"]+f.Until.Sub(monday).String())
			}
			return out
		}
		for _, one := range []*store.Store{s, moved(t, s)} {
			if got := regions(one, 1); !slices.Equal(got, []string{"west4m0s", "east6m0s"}) {
				t.Errorf("%s: %v", one.DB().Engine(), got)
			}
			write(t, one, func(tx *store.Tx) error { return tx.EraseAnswers(participant(1).PID) })
			if got := regions(one, 1); got != nil {
				t.Errorf("%s: after the erasure %v", one.DB().Engine(), got)
			}
			if got := regions(one, 2); !slices.Equal(got, []string{"north5m0s"}) {
				t.Errorf("%s: somebody else's: %v", one.DB().Engine(), got)
			}
		}
	})
}

// Of a profile every version is kept, and the latest is the profile.
func TestProfiles(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		panel(t, s, 1)
		version := func(key string, n int, source string) store.Profile {
			return store.Profile{Study: smart, Key: key, Version: n, Source: source, Account: "A1", At: later(n)}
		}
		one, two, gone, other := version("nairobi", 1, "profile: nairobi\n# å\n"), version("nairobi", 2, "profile: nairobi\n"), version("belgrade", 2, ""), version("belgrade", 1, "profile: belgrade\n")
		for _, p := range []store.Profile{one, two, other, gone} {
			write(t, s, func(tx *store.Tx) error { return tx.AddProfile(p) })
		}
		if err := s.Write(context.Background(), func(tx *store.Tx) error { return tx.AddProfile(version("nairobi", 2, "another")) }); err == nil {
			t.Error("a version was written twice")
		}
		for _, at := range []*store.Store{s, moved(t, s)} {
			same(t, "the latest", get(t, at, func(tx *store.Tx) ([]store.Profile, error) { return tx.Profiles(smart) }), []store.Profile{gone, two})
			same(t, "the versions", get(t, at, func(tx *store.Tx) ([]store.Profile, error) { return tx.ProfileVersions(smart, "nairobi") }), []store.Profile{two, one})
			same(t, "of no profile", get(t, at, func(tx *store.Tx) ([]store.Profile, error) { return tx.ProfileVersions(smart, "none") }), nil)
		}
	})
}
