package release

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"panelverk/internal/store"
)

// Verdict is what Verify found.
type Verdict struct {
	Release store.Release
	Taken   bool     // the bytes were taken away after an erasure
	Stored  bool     // the stored bytes have the checksum they were frozen with
	Same    bool     // made anew, the package has the same bytes
	Content bool     // made anew, the tables have the same content
	Build   string   // the build that looked
	Why     string   // made anew it failed: the reason
	Erased  int      // persons of the study who were erased since: they cannot be brought back
	Merged  int      // participants who turned out since to be others
	Purge   []string // those of the release who were erased since, by the recipient's ids
}

// OK tells whether the release is as it was frozen, as far as can be told: to the
// byte by the build that made it, in its content by another. Where something was done
// since that cannot be taken back, the stored bytes are all that can be held against
// anything.
func (v Verdict) OK() bool {
	return v.Taken || v.Stored && (v.Same || v.Content && v.Build != v.Release.Build || v.Erased+v.Merged > 0)
}

// Verify holds a release against its checksum and makes it anew: of the data as they
// were at the moment of its decision, whatever was answered, corrected, redacted or
// changed since. Of a release that holds somebody who was erased it says so, and whom
// its recipient has to delete.
func (s *Service) Verify(ctx context.Context, r store.Release, progress Progress) (Verdict, error) {
	v := Verdict{Release: r, Build: s.build, Taken: !r.TakenAt.IsZero()}
	if r.State != store.ReleaseFrozen {
		return v, errNotReady
	}
	if err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		if v.Purge, err = s.released(tx, r, true); err == nil {
			v.Erased, v.Merged, err = tx.Unwindable(r.Study, r.DecidedAt)
		}
		return err
	}); err != nil || v.Taken {
		return v, err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, s.packageOf(ctx, r)); err != nil && !errors.Is(err, errBadBytes) {
		return v, err
	}
	v.Stored = hex.EncodeToString(sum.Sum(nil)) == r.Digest
	again := r
	if _, err := s.freeze(ctx, &again, io.Discard, progress); err != nil {
		if ctx.Err() != nil {
			return v, ctx.Err()
		}
		v.Why = err.Error()
		return v, nil
	}
	v.Same, v.Content = again.Digest == r.Digest, again.Content == r.Content
	return v, nil
}
