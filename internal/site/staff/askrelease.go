package staff

import (
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/release"
)

// askReleasePage is the form by which a researcher asks for a release.
type askReleasePage struct {
	*view
	Form            *form
	Profiles        []option
	Country         field
	Inside, Outside []option // the countries of the European Economic Area, and all others
	Bases           []option
	Offences        []string // what is wrong with a profile of one's own
	Trial           *trialView
	Tried           string // where a proposal of the trial is taken over, up to its number; "" for a pasted text
}

func (r *request) askRelease() error {
	if err := r.may(access.ReleaseRequest); err != nil {
		return err
	}
	return r.askReleasePage(&askReleasePage{Form: r.fresh("profile", r.Query("profile"))})
}

func (r *request) askReleasePage(p *askReleasePage) error {
	if p.view == nil {
		p.view = r.view("releases")
	}
	profiles, err := r.Release.Profiles(r.ctx(), r.actor, r.study.Key)
	if err != nil {
		return err
	}
	for _, one := range profiles {
		p.Profiles = append(p.Profiles, option{Value: one.Key, Text: p.In(one.Title), More: r.t.T("staff.releases.tier." + string(one.Tier))})
	}
	p.Country = p.Form.Field("country", r.t.T("staff.releases.country"), "hint", r.t.T("staff.releases.country_hint"))
	for _, c := range r.t.Countries() {
		o := option{Value: c.Code, Text: c.Name, Chosen: strings.EqualFold(p.Form.Value("country"), c.Code)}
		if release.Inside(c.Code) {
			p.Inside = append(p.Inside, o)
		} else {
			p.Outside = append(p.Outside, o)
		}
	}
	for _, basis := range release.Bases {
		p.Bases = append(p.Bases, option{Value: basis, Text: r.t.T("staff.releases.basis." + basis), More: r.t.T("staff.releases.basis." + basis + "_more")})
	}
	return r.show("askrelease", p.Form, p)
}

// requestRelease sends the request, or tries the profile: then what was typed stays.
func (r *request) requestRelease() error {
	if err := r.may(access.ReleaseRequest); err != nil {
		return err
	}
	p := &askReleasePage{view: r.view("releases"), Form: r.posted()}
	f := p.Form
	if f.Value("do") == "try" {
		return r.tryAsked(p)
	}
	number, err := r.Release.Request(r.ctx(), r.now, r.actor, release.NewRelease{Study: r.study.Key, Profile: f.Value("profile"), Source: f.Value("source"),
		Who: f.Value("who"), Country: f.Value("country"), Basis: f.Value("basis"), Purpose: f.Value("purpose"), Promise: f.Is("promise", "1")})
	if f.take(err) {
		p.offend(fault.Of(err).Problems)
		return r.askReleasePage(p)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/releases/"+itoa(number)), "staff.releases.done.requested")
}

// tryAsked shows what the profile that was chosen would let out.
func (r *request) tryAsked(p *askReleasePage) error {
	source := []byte(p.Form.Value("source"))
	if strings.TrimSpace(string(source)) == "" {
		one, err := r.Release.Profile(r.ctx(), r.actor, r.study.Key, p.Form.Value("profile"))
		if e := fault.Of(err); e != nil && e.Kind == fault.NotFound {
			p.Form.add("profile", "release_profile", nil)
			return r.askReleasePage(p)
		}
		if err != nil {
			return err
		}
		source = one.Source
		p.Tried = r.at("/releases/profiles/new?from=" + one.Key + "&")
		if one.Version > 0 {
			p.Tried = r.at("/releases/profiles/p/" + one.Key + "?")
		}
	}
	trial, err := r.Release.Try(r.ctx(), r.now, r.actor, r.study.Key, source)
	if p.Form.take(err) {
		p.offend(fault.Of(err).Problems)
		return r.askReleasePage(p)
	}
	if err != nil {
		return err
	}
	p.Trial = p.trialView(trial)
	p.Trial.Own = false
	return r.askReleasePage(p)
}

// offend puts the offences of a profile, each with its row, beside it; in the list
// of faults one stands for all, which leads to the profile.
func (p *askReleasePage) offend(problems fault.Problems) {
	f := p.Form
	field := "source"
	if strings.TrimSpace(f.Value("source")) == "" {
		field = "profile"
	}
	var kept []formFault
	var own fault.Problems
	for i, one := range problems.Errors() {
		if strings.HasPrefix(one.Code, "release_") {
			kept = append(kept, f.Faults[i])
			continue
		}
		if own == nil {
			kept = append(kept, formFault{Field: field, Text: f.t.T("staff.releases.offences"), ID: f.id(field)})
		}
		own = append(own, one)
	}
	f.Faults, p.Offences = kept, p.rows(own)
}
