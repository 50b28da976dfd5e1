package release

import (
	"context"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/dataset"
	"panelverk/internal/disclosure"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Trial is what a profile would let out, for whoever thinks of asking for it. The
// risk is the one that the owner will see; but anybody may try as often as they
// like, so numbers of persons under disclosure.Least are not told, and those who
// are at risk only to whoever decides about releases.
type Trial struct {
	Profile   *study.Profile
	K         int // how many persons are to be alike at least
	Passes    bool
	Could     int   // persons who could be in the file
	LeftOut   Few   // of them, because too few others are like them
	Waves     []int // the numbers of those that leave
	Leaving   []*dataset.Variable
	Staying   []*dataset.Variable
	Before    TrialRisk // without suppression
	After     TrialRisk
	Cells     int    // values of quasi-identifiers in the file
	Gone      int    // of them, taken away (−10)
	Texts     *Texts // of those who could be in the file; nil where no text leaves
	Diversity []Diversity
	Earlier   []TrialEarlier
	AtRisk    []AtRisk // nil for who does not decide
	Proposals []Proposal
}

// Few is a number of persons; N is 0 where it is not told.
type Few struct {
	N      int
	Hidden bool
}

// TrialRisk is what is told of a risk.
type TrialRisk struct {
	K                  int // the smallest group of persons who are alike
	Unique, Violations Few
	Classes            int
	Global             float64
}

// TrialEarlier is the risk beside an earlier release.
type TrialEarlier struct {
	Number     int
	Recipient  string
	K          int
	Violations Few
}

// Try says what a profile would let out. It fails with every offence of its text
// and against the study, and writes nothing: no file is made.
func (s *Service) Try(ctx context.Context, now time.Time, actor access.Actor, studyKey string, text []byte) (*Trial, error) {
	if err := actor.May(access.ProfileChange, studyKey); err != nil {
		return nil, err
	}
	p, err := s.CheckProfile(ctx, now, actor, studyKey, pasted, text)
	if err != nil {
		return nil, err
	}
	var out *Trial
	return out, s.tried(ctx, func() error {
		return s.cut(ctx, source{study: studyKey, at: now}, p, nil, func(_ *store.Tx, c *cutting, before []earlier) error {
			out = c.trial(c.assess(before), actor.Can(access.ReleaseDecide, studyKey))
			return nil
		})
	})
}

// atOnce is how many risks are worked out at the same time: each takes a processor for
// seconds, and holds what the quasi-identifiers of everybody say.
const atOnce = 2

// tried works a risk out when its turn comes, if ctx has not ended by then.
func (s *Service) tried(ctx context.Context, do func() error) error {
	select {
	case s.trying <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.trying }()
	return do()
}

// trial gives what may be told of a report.
func (c *cutting) trial(r *Report, whole bool) *Trial {
	few := func(n int) Few {
		if n > 0 && n < disclosure.Least && !whole {
			return Few{Hidden: true}
		}
		return Few{N: n}
	}
	risk := func(x disclosure.Risk) TrialRisk {
		return TrialRisk{K: x.K, Unique: few(x.Unique), Violations: few(x.Violations), Classes: x.Classes, Global: x.Global}
	}
	out := &Trial{Profile: c.profile, K: r.K, Passes: r.Passes(), Could: len(c.people), LeftOut: few(r.LeftOut), Waves: c.waves,
		Before: risk(r.Before), After: risk(r.After), Gone: r.Suppressed, Diversity: r.Diversity}
	if out.Cells = r.Cells; out.LeftOut.Hidden { // it would tell how many stay
		out.Cells = 0
	}
	if r.Texts != nil {
		out.Texts = textsOf(c.people)
	}
	out.Leaving, out.Staying = c.parted()
	for _, e := range r.Earlier {
		out.Earlier = append(out.Earlier, TrialEarlier{e.Number, e.Recipient, e.Risk.K, few(e.Risk.Violations)})
	}
	for _, p := range r.Proposals {
		p.Risk = disclosure.Risk{}
		out.Proposals = append(out.Proposals, p)
	}
	if whole {
		out.AtRisk = r.AtRisk
	}
	return out
}

// parted gives the variables that leave and those that stay, each question once.
func (c *cutting) parted() (leaving, staying []*dataset.Variable) {
	leaves, told := map[string]bool{}, map[string]bool{}
	for _, v := range c.dataset().Variables {
		leaves[root(v)] = true
	}
	for _, v := range c.whole.Variables {
		for v.Of != nil {
			v = v.Of
		}
		switch {
		case told[v.Name]:
		case leaves[v.Name]:
			leaving = append(leaving, v)
		default:
			staying = append(staying, v)
		}
		told[v.Name] = true
	}
	return leaving, staying
}
