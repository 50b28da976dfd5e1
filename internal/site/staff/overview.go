package staff

import (
	"net/http"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/study"
)

// smallCell is the count under which a cell is not shown to who may not see
// the participants one by one.
const smallCell = 5

// studiesPage is the studies that somebody may see.
type studiesPage struct {
	*view
	Studies []*fieldwork.Overview
}

// Answer tells how a study stands, in one sentence.
func (p studiesPage) Answer(o *fieldwork.Overview) string {
	v := *p.view
	v.Study = o.Study
	return overviewPage{view: &v, O: o}.Answer()
}

// TitleOf gives a study's title.
func (p studiesPage) TitleOf(o *fieldwork.Overview) string { return p.titleOf(o.Study) }

// RoleIn names the role in a study.
func (p studiesPage) RoleIn(o *fieldwork.Overview) string {
	return p.RoleName(p.actor.Role(o.Study.Key))
}

// home leads to the only study, or lists them.
func (r *request) home() error {
	studies, err := r.Fieldwork.Studies(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	if len(studies) == 1 {
		r.Redirect(http.StatusSeeOther, root+"/s/"+studies[0].Key)
		return nil
	}
	p := studiesPage{view: r.view("studies")}
	for _, st := range studies {
		o, err := r.Fieldwork.Overview(r.ctx(), r.now, r.actor, st.Key)
		if err != nil {
			return err
		}
		p.Studies = append(p.Studies, o)
	}
	return r.show("studies", nil, p)
}

// overviewPage is a study at a glance.
type overviewPage struct {
	*view
	O     *fieldwork.Overview
	Hand  []errand
	Chart *chart
}

// errand is something that waits for somebody.
type errand struct {
	What, Of, When string
	Urgent         bool
	URL, Do        string
}

func (r *request) showOverview() error {
	o, err := r.Fieldwork.Overview(r.ctx(), r.now, r.actor, r.study.Key)
	if err != nil {
		return err
	}
	p := overviewPage{view: r.view("overview"), O: o}
	if p.Hand, err = r.errands(p); err != nil {
		return err
	}
	p.Chart = p.chart()
	return r.show("overview", nil, p)
}

// Answer is the heading: what one comes to this page to know.
func (p overviewPage) Answer() string {
	switch {
	case p.O.Now != nil && p.hides(p.O.Now.Answered):
		return p.T.T("staff.overview.few", "wave", p.O.Now.Number)
	case p.O.Now != nil:
		return p.T.T("staff.overview.answered", "answered", p.O.Now.Answered, "count", p.O.Now.Invited)
	case p.O.Next != nil:
		return p.T.T("staff.overview.next", "wave", p.O.Next.Number, "day", p.Day(p.O.Next.Opens))
	case len(p.O.Waves) == 0:
		return p.T.T("staff.overview.no_waves")
	default:
		return p.T.T("staff.overview.all_done", "count", len(p.O.Waves))
	}
}

// Lede is the sentence under the heading, "" for none.
func (p overviewPage) Lede() string {
	switch {
	case p.O.Now != nil:
		last := p.lastDay(p.O.Now.Wave)
		return p.T.T("staff.overview.closes", "wave", p.O.Now.Number, "day", p.Day(last), "when", p.When(last))
	case p.O.Next != nil:
		return p.T.T("staff.overview.opens", "when", p.When(p.O.Next.Opens), "count", p.O.Next.Invited)
	}
	return ""
}

// hides tells whether a count is too small for the actor: who sees the
// participants one by one learns nothing new from it.
func (v *view) hides(n int) bool {
	return n < smallCell && !v.actor.Can(access.ParticipantList, v.Study.Key)
}

// WaveLine tells of a wave under its name.
func (p overviewPage) WaveLine(w fieldwork.WaveCount) string {
	switch {
	case w.State == study.Planned:
		return p.T.T("staff.overview.wave_planned", "version", p.Version(w.Wave), "count", w.Invited)
	case p.hides(w.Answered):
		return p.T.T("staff.overview.wave_few")
	case w.State == study.Open:
		return p.T.T("staff.overview.wave_open", "answered", w.Answered, "count", w.Invited)
	default:
		return p.T.T("staff.overview.wave_closed", "answered", w.Answered, "count", w.Invited)
	}
}

// Version names the questionnaire of a wave: "core v2".
func (v *view) Version(w study.Wave) string {
	return v.T.T("staff.version", "key", w.Questionnaire, "number", w.Version)
}

// Class gives the class of a wave's stop on the line.
func (v *view) Class(s study.State) string {
	switch s {
	case study.Closed:
		return "done"
	case study.Open:
		return "now"
	}
	return ""
}

// TagClass gives the class of a wave's tag.
func (v *view) TagClass(s study.State) string {
	switch s {
	case study.Open:
		return "tag todo"
	case study.Planned:
		return "tag plan"
	}
	return "tag"
}

// moment is one thing that happens, past, now or to come.
type moment struct {
	When, What string
	Now        bool
}

// Moments lists what happens now and next.
func (p overviewPage) Moments() []moment {
	var out []moment
	if w := p.O.Now; w != nil {
		text := p.T.T("staff.overview.now_open", "wave", w.Number)
		if !p.hides(w.Answered) && !p.hides(w.Started-w.Answered) {
			text = p.T.T("staff.overview.now_counts", "answered", w.Answered, "waiting", w.Silent)
			if w.Begun > 0 {
				text += " " + p.T.T("staff.overview.now_begun", "count", w.Begun)
			}
		}
		out = append(out, moment{p.T.T("staff.overview.now"), text, true})
		out = append(out, moment{p.Heading(w.Closes), p.T.T("staff.overview.closes_then", "wave", w.Number), false})
	}
	for _, w := range p.O.Waves {
		if w.State == study.Planned {
			out = append(out, moment{p.Heading(w.Opens), p.T.T("staff.overview.opens_then", "wave", w.Number, "count", w.Invited), p.O.Now == nil && len(out) == 0})
			if p.O.Now == nil && len(out) == 1 {
				out = append(out, moment{p.Heading(w.Closes), p.T.T("staff.overview.closes_then", "wave", w.Number), false})
			}
		}
	}
	return out
}

// Days before a wave opens or closes in which it is mentioned.
const (
	closesSoon   = 7
	closesUrgent = 2
	opensSoon    = 14
)

// errands gives what waits for the actor, the most urgent first.
func (r *request) errands(p overviewPage) ([]errand, error) {
	t, v := r.t, p.view
	var out []errand
	if r.actor.Can(access.StaffInvite, r.study.Key) {
		waiting, err := r.Accounts.Requests(r.ctx(), r.actor)
		if err != nil {
			return nil, err
		}
		for _, w := range waiting {
			out = append(out, errand{What: t.T("staff.hand.forgot"), Of: w.Account.Name, When: v.waited(w.At), Urgent: true,
				URL: root + "/people/" + w.Account.ID, Do: t.T("staff.hand.forgot_do")})
		}
	}
	if !r.actor.Can(access.ParticipantList, r.study.Key) {
		return out, nil
	}
	if w := p.O.Now; w != nil && v.days(v.lastDay(w.Wave)) <= closesSoon {
		missing, err := r.Fieldwork.Missing(r.ctx(), r.now, r.actor, r.study.Key, w.Number)
		if err != nil {
			return nil, err
		}
		if len(missing) > 0 {
			out = append(out, errand{What: t.T("staff.hand.missing"), Of: t.T("staff.hand.missing_of", "wave", w.Number, "count", len(missing)),
				When: t.T("staff.hand.closes", "when", v.When(v.lastDay(w.Wave))), Urgent: v.days(v.lastDay(w.Wave)) <= closesUrgent,
				URL: r.at("/missing/" + itoa(w.Number)), Do: t.T("staff.hand.missing_do")})
		}
	}
	if w := p.O.Next; w != nil && r.actor.Can(access.LinkCopy, r.study.Key) && w.Invited > 0 && v.days(w.Opens) <= opensSoon {
		out = append(out, errand{What: t.T("staff.hand.links"), Of: t.T("staff.hand.links_of", "wave", w.Number, "count", w.Invited),
			When: t.T("staff.hand.opens", "when", v.When(w.Opens)), URL: r.at("/links?wave=" + itoa(w.Number)), Do: t.T("staff.hand.links_do")})
	}
	if min := r.study.Panel.Min; p.O.Active < min && (p.O.Now != nil || p.O.Next != nil) {
		out = append(out, errand{What: t.T("staff.hand.small"), Of: t.T("staff.hand.small_of", "count", p.O.Active, "min", min),
			URL: r.at("/panel/add"), Do: t.T("staff.hand.small_do")})
	}
	return out, nil
}

// waited tells how long somebody has waited.
func (v *view) waited(since time.Time) string {
	if d := v.now.Sub(since); d < 24*time.Hour {
		return v.T.T("staff.when.hours", "count", max(1, int(d/time.Hour)))
	}
	return v.T.T("staff.when.days", "count", int(v.now.Sub(since)/(24*time.Hour)))
}
