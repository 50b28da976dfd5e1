package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
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
	errWaiting  = fault.New(fault.Conflict, "release_decided", "The release has been decided already.")
	errTaken    = fault.New(fault.NotFound, "release_taken", "Somebody in this release was erased, so its files were taken away. The purge list says whom its recipient has to delete.")
	errNotReady = fault.New(fault.NotFound, "release_not_frozen", "The release has not been approved, so it holds nothing.")
	errMoved    = fault.New(fault.Conflict, "release_moved", "Somebody was erased while the package was made. Try again.")
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
// what was filled in, and of the profile, with its place.
func (s *Service) Request(ctx context.Context, now time.Time, actor access.Actor, in NewRelease) (number int, err error) {
	if err := actor.May(access.ReleaseRequest, in.Study); err != nil {
		return 0, err
	}
	problems := in.check()
	p, source, unfit, err := s.asked(ctx, now, in)
	if err != nil {
		return 0, err
	}
	problems = append(problems, unfit...)
	if err := problems.Err("release", "The request is not complete."); err != nil {
		return 0, err
	}
	return number, s.store.Write(ctx, func(tx *store.Tx) error {
		if number, err = tx.AddRelease(store.Release{Study: in.Study, Profile: p.Key, Source: string(source), Recipient: p.Recipient, Who: in.Who,
			Country: in.Country, Basis: in.Basis, Purpose: in.Purpose, RequestedBy: actor.Account, RequestedAt: now}); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.ReleaseRequest), Study: in.Study,
			Object: fmt.Sprintf("release %d", number), Detail: p.Key})
	})
}

// asked gives the profile that a request names, or brings, with every offence of
// its text and against the study.
func (s *Service) asked(ctx context.Context, now time.Time, in NewRelease) (p *study.Profile, source []byte, problems fault.Problems, err error) {
	if source = []byte(in.Source); strings.TrimSpace(in.Source) == "" {
		one, err := s.Profile(ctx, in.Study, in.Profile)
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
		p, problems, err = s.checked(tx, now, in.Study, source)
		return err
	})
}

// Releases gives the releases of a study, the newest first.
func (s *Service) Releases(ctx context.Context, actor access.Actor, studyKey string) (out []store.Release, err error) {
	if err := actor.May(access.ReleaseView, studyKey); err != nil {
		return nil, err
	}
	return out, s.store.Read(ctx, func(tx *store.Tx) error {
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
		if report != nil && !actor.Can(access.ReleaseDecide, studyKey) {
			report.AtRisk = nil
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
	return report, s.cut(ctx, now, studyKey, p, nil, 0, func(_ *store.Tx, c *cutting, before []earlier) error {
		report = c.assess(before)
		return nil
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

// Approve freezes a release: its package is made, stored and never changed. Where
// the tier is missed it fails as Files does; a restricted one the owner can let
// out all the same, with a reason in writing. progress is told how many members
// were read.
func (s *Service) Approve(ctx context.Context, now time.Time, actor access.Actor, studyKey string, number int, reason string, progress Progress) error {
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
	file, err := os.CreateTemp(s.tmp, "release-*.tmp")
	if err != nil {
		return err
	}
	defer func() { _ = errors.Join(file.Close(), os.Remove(file.Name())) }()
	r.State, r.DecidedBy, r.DecidedAt, r.Reason, r.Build = store.ReleaseFrozen, actor.Account, now.Truncate(time.Millisecond).UTC(), strings.TrimSpace(reason), s.build
	people, err := s.freeze(ctx, &r, file, progress)
	if err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		if _, err := waiting(tx, studyKey, number); err != nil {
			return err
		}
		known, err := s.stillThere(tx, &r, people)
		if err != nil {
			return err
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		return errors.Join(tx.DecideRelease(r), tx.AddReleaseBytes(studyKey, number, file), tx.AddReleasePeople(studyKey, number, known),
			s.auditRelease(tx, now, actor, access.ReleaseDecide, r, "approved"))
	})
}

// freeze makes the package of a release as its profile, and the moment of its
// decision, say. It fills what is stored of it and gives what it tells of whom, by
// the recipient's ids.
func (s *Service) freeze(ctx context.Context, r *store.Release, file io.Writer, progress Progress) (map[string][]string, error) {
	p, err := ReadProfile(r.Profile+".yaml", []byte(r.Source))
	if err != nil {
		return nil, err
	}
	people := map[string][]string{}
	return people, s.cut(ctx, r.DecidedAt, r.Study, p, nil, r.Number, func(tx *store.Tx, c *cutting, before []earlier) error {
		report := c.measure(before)
		if !report.Passes() && (r.Reason == "" || report.Tier == study.OpenTier) {
			return c.missed(report, before)
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

// Download writes the package of a release. Who is in it is noted, and audited,
// before the first byte. It fails with NotFound where it is not frozen, and where
// its bytes were taken away.
func (s *Service) Download(ctx context.Context, now time.Time, actor access.Actor, studyKey string, number int, w io.Writer) error {
	if err := actor.May(access.ReleaseDownload, studyKey); err != nil {
		return err
	}
	if err := s.handedOut(ctx, now, actor, studyKey, number, "", true); err != nil {
		return err
	}
	return s.bytes(ctx, studyKey, number, w)
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

// bytes writes the stored package, a piece at a time and each in a look of its own:
// who downloads slowly would keep others from reading.
func (s *Service) bytes(ctx context.Context, studyKey string, number int, w io.Writer) error {
	for part := 1; ; part++ {
		var data []byte
		if err := s.store.Glance(ctx, func(tx *store.Tx) (err error) {
			data, err = tx.ReleasePart(studyKey, number, part)
			return err
		}); err != nil || data == nil {
			return err
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
	}
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
