package staff

import (
	"cmp"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/disclosure"
	"panelverk/internal/fault"
	"panelverk/internal/release"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// releasesPage lists the releases of a study, and the profiles that they can be
// cut by.
type releasesPage struct {
	*view
	Rows     []store.Release
	Profiles []release.Profile
}

func (r *request) showReleases() error {
	rows, err := r.Release.Releases(r.ctx(), r.actor, r.study.Key)
	if err != nil {
		return err
	}
	profiles, err := r.Release.Profiles(r.ctx(), r.actor, r.study.Key)
	if err != nil {
		return err
	}
	return r.show("releases", nil, releasesPage{view: r.view("releases"), Rows: rows, Profiles: profiles})
}

// State says in words how far a release has come.
func (v *view) State(r store.Release) string {
	if !r.TakenAt.IsZero() {
		return v.T.T("staff.releases.state.taken")
	}
	if r.State == store.ReleaseRequested && r.Freezing.Failure != "" {
		return v.T.T("staff.releases.state.failed")
	}
	return v.T.T("staff.releases.state." + string(r.State))
}

// releasePage is one release with what is known of its risk.
type releasePage struct {
	*view
	Form   *form
	R      store.Release
	Report *release.Report
	Figure []figure
	Purge  []string
}

// figure is a row of the table of risks.
type figure struct {
	Name, Before, After, Limit, State string
	Missed                            bool // the figure is beyond its limit
}

func (r *request) showRelease() error { return r.releasePage(r.fresh()) }

func (r *request) releasePage(f *form) error {
	one, err := r.release()
	if err != nil {
		return err
	}
	p := releasePage{view: r.view("releases"), Form: f, R: one}
	if one.State != store.ReleaseRequested || p.Can(string(access.ReleaseDecide)) {
		if p.Report, err = r.Release.Review(r.ctx(), r.now, r.actor, r.study.Key, one.Number); err != nil {
			return err
		}
	}
	if p.Report != nil {
		p.Figure = p.figures(p.Report)
	}
	if p.Purge, err = r.Release.Purge(r.ctx(), r.actor, r.study.Key, one.Number); err != nil {
		return err
	}
	return r.show("release", f, p)
}

// release gives the release of the path.
func (r *request) release() (store.Release, error) {
	number, err := strconv.Atoi(r.Param("number"))
	if err != nil {
		return store.Release{}, errNoPage.Because(err)
	}
	return r.Release.Release(r.ctx(), r.actor, r.study.Key, number)
}

// figures are the figures of a risk report, before and after suppression.
func (v *view) figures(r *release.Report) []figure {
	t := v.T
	whole := strconv.Itoa
	share := func(x float64) string {
		return t.T("staff.outcomes.percent", "number", strconv.Itoa(int(math.Round(x*100))))
	}
	state := func(ok bool) string {
		if ok {
			return t.T("staff.releases.passes")
		}
		return t.T("staff.releases.fails")
	}
	row := func(name string, of func(disclosure.Risk) string) figure {
		return figure{Name: t.T("staff.releases.risk." + name), Before: of(r.Before), After: of(r.After), Limit: "–"}
	}
	k := row("k", func(x disclosure.Risk) string { return whole(x.K) })
	k.Limit, k.State, k.Missed = t.T("staff.releases.at_least", "count", r.K), state(r.Passes()), !r.Passes()
	out := []figure{k,
		row("unique", func(x disclosure.Risk) string { return whole(x.Unique) }),
		row("violations", func(x disclosure.Risk) string { return whole(x.Violations) }),
		row("max", func(x disclosure.Risk) string { return share(x.Max) }),
		row("expected", func(x disclosure.Risk) string { return strconv.FormatFloat(x.Expected, 'f', -1, 64) }),
		row("global", func(x disclosure.Risk) string { return share(x.Global) }),
		row("at_risk", func(x disclosure.Risk) string { return share(x.AtRisk) }),
	}
	for _, d := range r.Diversity {
		out = append(out, figure{Name: t.T("staff.releases.risk.diversity", "variable", d.Variable), Before: "–", After: whole(d.Least), Limit: "–"})
	}
	return out
}

// Steps says a proposal in words, one step each.
func (p releasePage) Steps(of release.Proposal) []string { return p.proposed(of) }

// proposed says a proposal in words, one step each.
func (v *view) proposed(of release.Proposal) (out []string) {
	t := v.T
	for _, s := range of.Steps {
		switch {
		case s.Variable == "":
			var numbers []string
			for _, w := range v.Study.Waves {
				for _, key := range s.Waves {
					if key == w.Key {
						numbers = append(numbers, itoa(w.Number))
					}
				}
			}
			out = append(out, t.T("staff.releases.step.waves", "waves", strings.Join(numbers, ", ")))
		case s.Way == study.Banded:
			out = append(out, t.T("staff.releases.step.bands", "variable", s.Variable, "width", strconv.FormatFloat(s.Width, 'f', -1, 64)))
		case s.Way == study.Mapped:
			out = append(out, t.T("staff.releases.step.map", "variable", s.Variable))
		default:
			out = append(out, t.T("staff.releases.step.drop", "variable", s.Variable))
		}
	}
	if of.Suppressed > 0 {
		out = append(out, t.T("staff.releases.step.suppress", "count", of.Suppressed))
	}
	return out
}

// Making tells whether the package is being made.
func (p releasePage) Making() bool { return p.R.State == store.ReleaseMaking }

// Doing says what is being done about the package.
func (p releasePage) Doing() string {
	switch step := p.R.Freezing.Step; step {
	case "":
		return p.T.T("staff.releases.making.queued")
	case release.StepReading, release.StepDocuments:
		return p.T.T("staff.releases.making." + step)
	default:
		return p.T.T("staff.releases.making.file", "file", step)
	}
}

// Percent gives how much of the package is made.
func (p releasePage) Percent() string {
	return itoa(100 * p.R.Freezing.Done / max(p.R.Freezing.Total, 1))
}

// Failure says why the package was not made, "" where nothing failed.
func (p releasePage) Failure() string {
	if p.R.State != store.ReleaseRequested || p.R.Freezing.Failure == "" {
		return ""
	}
	return p.T.T("staff.releases.failure." + p.R.Freezing.Failure)
}

// Open tells whether the release waits for this actor's decision.
func (p releasePage) Open() bool {
	return p.R.State == store.ReleaseRequested && p.Can(string(access.ReleaseDecide))
}

// Override tells whether the owner may let the release out in spite of the risk.
func (p releasePage) Override() bool { return p.Report.Tier == study.RestrictedTier }

func (r *request) approveRelease() error {
	one, err := r.release()
	if err != nil {
		return err
	}
	f := r.posted()
	err = r.Release.Approve(r.ctx(), r.now, r.actor, r.study.Key, one.Number, cmp.Or(f.Value("seen"), "nothing"), f.Value("reason"))
	if e := fault.Of(err); e != nil && e.Code == "tier_missed" {
		f.add("reason", "tier_missed", nil)
		return r.releasePage(f)
	}
	if f.take(err) {
		return r.releasePage(f)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/releases/"+itoa(one.Number)), "staff.releases.done.approved")
}

func (r *request) refuseRelease() error {
	one, err := r.release()
	if err != nil {
		return err
	}
	f := r.posted()
	err = r.Release.Refuse(r.ctx(), r.now, r.actor, r.study.Key, one.Number, f.Value("why"))
	if e := fault.Of(err); e != nil && e.Kind == fault.Invalid {
		f.add("why", "release_reason", nil)
		return r.releasePage(f)
	}
	if f.take(err) {
		return r.releasePage(f)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/releases/"+itoa(one.Number)), "staff.releases.done.refused")
}

// askReleaseFile notes that the package is fetched, and leads to it.
func (r *request) askReleaseFile() error {
	one, err := r.release()
	if err != nil {
		return err
	}
	if err := r.Release.HandOut(r.ctx(), r.now, r.actor, r.study.Key, one.Number); err != nil {
		return err
	}
	r.Redirect(http.StatusSeeOther, r.at("/releases/"+itoa(one.Number)+"/file"))
	return nil
}

// releaseFile sends the package, or the part of it that a browser still wants after
// a download has broken off.
func (r *request) releaseFile() error {
	one, err := r.release()
	if err != nil {
		return err
	}
	one, file, err := r.Release.Package(r.ctx(), r.now, r.actor, r.study.Key, one.Number)
	if err != nil {
		return err
	}
	r.Header("Content-Type", "application/zip")
	r.Header("Content-Disposition", `attachment; filename="`+r.study.Key+"-release-"+itoa(one.Number)+`.zip"`)
	r.Header("ETag", `"`+one.Digest+`"`)
	http.ServeContent(r.Writer, r.Request, "", time.Time{}, file)
	return nil
}

// Kilobytes gives the size of a package.
func (p releasePage) Kilobytes() string { return strconv.FormatInt((p.R.Size+1023)/1024, 10) }
