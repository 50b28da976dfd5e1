package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/lang"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// NewRelease is what a researcher asks for.
type NewRelease struct {
	Study   string
	Profile string // the key of a profile; or
	Source  string // the text of one of one's own
	Who     string // who will have the data, in words
	Country string // where they will be, ISO 3166-1
	Basis   string // one of Bases, where the country is outside the EEA
	Purpose string
	Promise bool // nobody is looked for, and nothing is handed on

	// Approve decides at once, by who may: where the tier is missed nothing is asked for.
	Approve bool
	Reason  string // why it is let out all the same
}

// Bases are the grounds on which personal data may go to a country outside the
// European Economic Area (GDPR, chapter V).
var Bases = []string{"adequacy", "clauses", "consent", "other"}

// eea are the countries of the European Economic Area.
const eea = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"

// Inside tells whether a country is in the European Economic Area.
func Inside(country string) bool { return slices.Contains(strings.Fields(eea), country) }

const maxWords = 1000

var (
	errWaiting   = fault.New(fault.Conflict, "release_decided", "The release has been decided already.")
	errTaken     = fault.New(fault.NotFound, "release_taken", "Somebody in this release was erased, so its files were taken away. The purge list says whom its recipient has to delete.")
	errNotReady  = fault.New(fault.NotFound, "release_not_frozen", "The release has not been approved, so it holds nothing.")
	errMoved     = fault.New(fault.Conflict, "release_moved", "Somebody was erased after the decision, or another release changed the risk. Look at it again and decide anew.")
	errOtherRisk = fault.New(fault.Conflict, errMoved.Code, "The risk is another than the one that was looked at. Look at it again and decide anew.")
)

// check finds every offence in what was asked.
func (in *NewRelease) check() fault.Problems {
	var problems fault.Problems
	words := func(field, text, ask string) {
		switch {
		case text == "":
			problems.Add(fault.Place{Field: field}, "release_"+field, "%s", ask)
		case len([]rune(text)) > maxWords:
			problems.Add(fault.Place{Field: field}, "release_long", "Write %d characters at most.", maxWords)
		}
	}
	in.Who, in.Purpose = strings.TrimSpace(in.Who), strings.TrimSpace(in.Purpose)
	in.Country = strings.ToUpper(strings.TrimSpace(in.Country))
	words("who", in.Who, "Write who will have the data.")
	words("purpose", in.Purpose, "Write what the data will be used for.")
	switch {
	case !lang.IsCountry(in.Country):
		problems.Add(fault.Place{Field: "country"}, "release_country", "Write the two letters of the country where the data will be, such as SE or DE.")
	case !Inside(in.Country) && !slices.Contains(Bases, in.Basis):
		problems.Add(fault.Place{Field: "basis"}, "release_basis", "The country is outside the European Economic Area. Say what the transfer rests on.")
	case Inside(in.Country):
		in.Basis = ""
	}
	if !in.Promise {
		problems.Add(fault.Place{Field: "promise"}, "release_promise", "Promise that nobody will be looked for and nothing handed on.")
	}
	return problems
}

// Request asks for a release and gives its number. It fails with every offence of
// what was filled in, and of the profile, with its place; one that is approved at once
// fails as Approve does too.
func (s *Service) Request(ctx context.Context, now time.Time, actor access.Actor, in NewRelease) (number int, err error) {
	if err := actor.May(access.ReleaseRequest, in.Study); err != nil {
		return 0, err
	}
	if in.Approve {
		if err := actor.May(access.ReleaseDecide, in.Study); err != nil {
			return 0, err
		}
	}
	problems := in.check()
	p, text, unfit, err := s.asked(ctx, now, actor, in)
	if err != nil {
		return 0, err
	}
	problems = append(problems, unfit...)
	if err := problems.Err("release", "The request is not complete."); err != nil {
		return 0, err
	}
	r := store.Release{Study: in.Study, Profile: p.Key, Source: string(text), Recipient: p.Recipient, Who: in.Who, Country: in.Country, Basis: in.Basis,
		Purpose: in.Purpose, RequestedBy: actor.Account, RequestedAt: now}
	if in.Approve {
		if err := s.decided(ctx, now, actor, &r, "", in.Reason); err != nil {
			return 0, err
		}
	}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		if number, err = tx.AddRelease(r); err != nil {
			return err
		}
		r := r
		r.Number = number
		if err := s.auditRelease(tx, now, actor, access.ReleaseRequest, r, p.Key); err != nil || !in.Approve {
			return err
		}
		return s.begin(tx, now, actor, r)
	})
	if err == nil && in.Approve {
		s.hurry()
	}
	return number, err
}

// asked gives the profile that a request names, or brings, with every offence of
// its text and against the study.
func (s *Service) asked(ctx context.Context, now time.Time, actor access.Actor, in NewRelease) (p *study.Profile, source []byte, problems fault.Problems, err error) {
	if source = []byte(in.Source); strings.TrimSpace(in.Source) == "" {
		one, err := s.Profile(ctx, actor, in.Study, in.Profile)
		if errors.Is(err, errNoProfile) {
			problems.Add(fault.Place{Field: "profile"}, "release_profile", "Choose a profile.")
			return nil, nil, problems, nil
		}
		if err != nil {
			return nil, nil, nil, err
		}
		source = one.Source
	}
	return p, source, problems, s.store.Read(ctx, func(tx *store.Tx) error {
		p, problems, err = fitting(tx, now, in.Study, pasted, source)
		return err
	})
}

// Releases gives the releases of a study, the newest first, without their Source,
// Report, Manifest and Definition.
func (s *Service) Releases(ctx context.Context, actor access.Actor, studyKey string) (out []store.Release, err error) {
	if err := actor.May(access.ReleaseView, studyKey); err != nil {
		return nil, err
	}
	return out, s.store.Read(ctx, func(tx *store.Tx) error {
		if _, err := tx.Study(studyKey); err != nil {
			return err
		}
		out, err = tx.Releases(studyKey)
		return err
	})
}

// Release gives one.
func (s *Service) Release(ctx context.Context, actor access.Actor, studyKey string, number int) (out store.Release, err error) {
	if err := actor.May(access.ReleaseView, studyKey); err != nil {
		return out, err
	}
	return out, s.store.Read(ctx, func(tx *store.Tx) error {
		out, err = tx.Release(studyKey, number)
		return err
	})
}

// Review says what risk a request has, and what would help, for whoever decides
// about it; of a release that is decided, what was known then.
func (s *Service) Review(ctx context.Context, now time.Time, actor access.Actor, studyKey string, number int) (*Report, error) {
	r, err := s.Release(ctx, actor, studyKey, number)
	if err != nil {
		return nil, err
	}
	if r.State != store.ReleaseRequested {
		var report *Report
		if r.Report != "" {
			err = json.Unmarshal([]byte(r.Report), &report)
		}
		return report, err
	}
	if err := actor.May(access.ReleaseDecide, studyKey); err != nil {
		return nil, err
	}
	p, err := ReadProfile(r.Profile+".yaml", []byte(r.Source))
	if err != nil {
		return nil, err
	}
	var report *Report
	return report, s.tried(ctx, func() error {
		return s.cut(ctx, source{study: studyKey, at: now}, p, nil, func(_ *store.Tx, c *cutting, before []earlier) error {
			report = c.assess(before)
			return nil
		})
	})
}

// Refuse says no to a request, with the reason.
func (s *Service) Refuse(ctx context.Context, now time.Time, actor access.Actor, studyKey string, number int, reason string) error {
	if err := actor.May(access.ReleaseDecide, studyKey); err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" || len([]rune(reason)) > maxWords {
		var problems fault.Problems
		problems.Add(fault.Place{Field: "reason"}, "release_reason", "Write why, in %d characters at most.", maxWords)
		return problems.Err("release", "The refusal has no reason.")
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		r, err := waiting(tx, studyKey, number)
		if err != nil {
			return err
		}
		r.State, r.DecidedBy, r.DecidedAt, r.Reason = store.ReleaseRefused, actor.Account, now, reason
		if err := tx.DecideRelease(r); err != nil {
			return err
		}
		return s.auditRelease(tx, now, actor, access.ReleaseDecide, r, "refused")
	})
}

func (s *Service) auditRelease(tx *store.Tx, now time.Time, actor access.Actor, did access.Action, r store.Release, detail string) error {
	return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(did), Study: r.Study, Object: fmt.Sprintf("release %d", r.Number), Detail: detail})
}

// waiting gives a release that nobody has decided about.
func waiting(tx *store.Tx, studyKey string, number int) (store.Release, error) {
	r, err := tx.Release(studyKey, number)
	if err == nil && r.State != store.ReleaseRequested {
		err = errWaiting
	}
	return r, err
}

// HandOut notes, and audits, that the package of a release is handed out: Package gives
// it. It fails with NotFound where it is not frozen, and where its bytes were taken away.
func (s *Service) HandOut(ctx context.Context, now time.Time, actor access.Actor, studyKey string, number int) error {
	if err := actor.May(access.ReleaseDownload, studyKey); err != nil {
		return err
	}
	return s.handedOut(ctx, now, actor, studyKey, number, "", true)
}

// Package gives the package of a release, to be read from anywhere: who fetches the
// rest of one that broke off, within an hour of HandOut, makes no other download. It
// fails as HandOut does.
func (s *Service) Package(ctx context.Context, now time.Time, actor access.Actor, studyKey string, number int) (store.Release, *io.SectionReader, error) {
	if err := actor.May(access.ReleaseDownload, studyKey); err != nil {
		return store.Release{}, nil, err
	}
	if err := s.handedOut(ctx, now, actor, studyKey, number, "", false); err != nil {
		return store.Release{}, nil, err
	}
	var r store.Release
	err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		r, err = stored(tx, studyKey, number)
		return err
	})
	return r, s.packageOf(ctx, r), err
}

func (s *Service) packageOf(ctx context.Context, r store.Release) *io.SectionReader {
	return io.NewSectionReader(&storedBytes{ctx: ctx, service: s, release: r}, 0, r.Size)
}

// Download writes the package of a release: HandOut and Package in one.
func (s *Service) Download(ctx context.Context, now time.Time, actor access.Actor, studyKey string, number int, w io.Writer) error {
	if err := s.HandOut(ctx, now, actor, studyKey, number); err != nil {
		return err
	}
	_, file, err := s.Package(ctx, now, actor, studyKey, number)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, file)
	return err
}

// stored gives a release whose bytes are there.
func stored(tx *store.Tx, studyKey string, number int) (store.Release, error) {
	r, err := tx.Release(studyKey, number)
	switch {
	case err != nil:
	case r.State != store.ReleaseFrozen:
		err = errNotReady
	case !r.TakenAt.IsZero():
		err = errTaken
	}
	return r, err
}

// released gives those in a release by the recipient's ids, sorted: everybody, or
// those alone who were erased since.
func (s *Service) released(tx *store.Tx, r store.Release, erased bool) ([]string, error) {
	people, err := tx.ReleasePeople(r.Study, r.Number)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, p := range people {
		if gone := p.Keys == nil; gone == erased {
			ids = append(ids, s.keys.ExportID(r.Study, r.Recipient, p.PID))
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// Purge gives those in a release who were erased since, by the ids that its
// recipient knows them by: whoever holds a copy has to delete them.
func (s *Service) Purge(ctx context.Context, actor access.Actor, studyKey string, number int) (ids []string, err error) {
	if err := actor.May(access.ReleaseView, studyKey); err != nil {
		return nil, err
	}
	return ids, s.store.Read(ctx, func(tx *store.Tx) error {
		r, err := tx.Release(studyKey, number)
		if err != nil {
			return err
		}
		ids, err = s.released(tx, r, true)
		return err
	})
}
