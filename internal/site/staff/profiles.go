package staff

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/lang"
	"panelverk/internal/release"
	"panelverk/internal/site/page"
	"panelverk/internal/study"
)

func profileRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	inStudy := (*site).inStudy
	return []route{
		{get, "/s/:study/releases/profiles/new", inStudy, (*request).newProfile},
		{get, "/s/:study/releases/profiles/p/:profile", inStudy, (*request).showProfile},
		{get, "/s/:study/releases/profiles/p/:profile/file", inStudy, (*request).profileFile},
		{post, "/s/:study/releases/profiles", inStudy, (*request).changeProfile},
		{post, "/s/:study/releases/profiles/p/:profile/remove", inStudy, (*request).takeProfile},
	}
}

// profilePage is the form by which a profile is made or changed.
type profilePage struct {
	*view
	Form     *form
	all      candidates
	Base     string // the key of the profile that is changed, "" for a new one
	Proposed bool   // it is what we propose to begin with
	From     string // the key of the profile that a new one begins with
	Waves    []option
	Parts    []profilePart
	Cards    []quasiCard
	Trial    *trialView
	YAML     string   // what the form says, where nothing is wrong with it
	Offences []string // of a pasted text, each with its row
	Versions []profileVersion
}

// profilePart is a part of the questionnaire with its variables.
type profilePart struct {
	Name   string
	Rows   []profileVariable
	Chosen int
}

// profileVariable is one variable with how it was asked.
type profileVariable struct {
	Name, Label, Tag, Type, Note string
	Chosen                       bool
}

type profileVersion struct {
	Number   int
	When     string
	Taken    bool
	Mine     bool
	Download string
}

// newProfile shows the form with what another profile says (?from=), or with what is
// proposed to begin with.
func (r *request) newProfile() error {
	if err := r.may(access.ProfileChange); err != nil {
		return err
	}
	all, err := r.Release.Candidates(r.ctx(), r.now, r.actor, r.study.Key)
	if err != nil {
		return err
	}
	if from := r.Query("from"); from != "" {
		one, err := r.Release.Profile(r.ctx(), r.actor, r.study.Key, from)
		if err != nil {
			return err
		}
		p := &profilePage{Form: r.fieldsOf(one.Profile, all), all: all, From: from}
		p.Form.values.Set("profile", "")
		return r.begun(p, one)
	}
	p, err := r.Release.ProposeProfile(r.ctx(), r.now, r.actor, r.study, r.t.Tag)
	if err != nil {
		return err
	}
	return r.profilePage(&profilePage{Form: r.fieldsOf(p, all), all: all, Proposed: true})
}

// showProfile shows the form with a profile that was made here.
func (r *request) showProfile() error {
	if err := r.may(access.ProfileChange); err != nil {
		return err
	}
	one, err := r.Release.Profile(r.ctx(), r.actor, r.study.Key, r.Param("profile"))
	if err != nil {
		return err
	}
	if one.Version == 0 { // a file of the server is a start for another
		return r.done(r.at("/releases/profiles/new?from="+one.Key), "")
	}
	all, err := r.Release.Candidates(r.ctx(), r.now, r.actor, r.study.Key)
	if err != nil {
		return err
	}
	f := r.fieldsOf(one.Profile, all)
	f.values.Set("base", one.Key)
	f.values.Set("at", itoa(one.Version))
	return r.begun(&profilePage{Form: f, all: all, Base: one.Key}, one)
}

// begun shows the form with a profile, or with a proposal for it (?take=).
func (r *request) begun(p *profilePage, one *release.Profile) error {
	n, err := strconv.Atoi(r.Query("take"))
	if err != nil {
		return r.profilePage(p)
	}
	trial, err := r.Release.Try(r.ctx(), r.now, r.actor, r.study.Key, one.Source)
	if err != nil {
		return err
	}
	if n >= 1 && n <= len(trial.Proposals) {
		p.taken(trial.Proposals[n-1].Apply(*one.Profile))
	}
	return r.profilePage(p)
}

// taken puts a proposal into the form; what it has nothing to do with stays.
func (p *profilePage) taken(one *study.Profile) {
	values := profileValues(one, p.all)
	for _, name := range []string{"base", "at", "profile", "from"} {
		values[name] = p.Form.values[name]
	}
	p.Form.values = values
}

func (r *request) fieldsOf(p *study.Profile, all candidates) *form {
	return &form{t: r.t, values: profileValues(p, all)}
}

// profileFile sends the text of a profile as it stands in exports/; of one that was
// made here, of the version ?v= too.
func (r *request) profileFile() error {
	if err := r.may(access.ReleaseView); err != nil {
		return err
	}
	key := r.Param("profile")
	if v := r.Query("v"); v != "" {
		versions, err := r.Release.ProfileVersions(r.ctx(), r.actor, r.study.Key, key)
		if err != nil {
			return err
		}
		for _, one := range versions {
			if itoa(one.Version) == v && one.Source != "" {
				return r.yamlFile(key, []byte(one.Source))
			}
		}
		return errNoPage
	}
	one, err := r.Release.Profile(r.ctx(), r.actor, r.study.Key, key)
	if err != nil {
		return err
	}
	return r.yamlFile(one.Key, one.Source)
}

func (r *request) yamlFile(key string, source []byte) error {
	_, err := attachment{r, key + ".yaml", "application/yaml; charset=utf-8"}.Write(source)
	return err
}

// changeProfile does what a button of the form asks for. Only "save" stores
// anything.
func (r *request) changeProfile() error {
	if err := r.may(access.ProfileChange); err != nil {
		return err
	}
	all, err := r.Release.Candidates(r.ctx(), r.now, r.actor, r.study.Key)
	if err != nil {
		return err
	}
	f := r.posted()
	p := &profilePage{view: r.view("releases"), Form: f, all: all, Base: f.Value("base"), From: f.Value("from")}
	do, which, _ := strings.Cut(f.Value("do"), ":")
	n, _ := strconv.Atoi(which)
	switch do {
	case "quasi", "identifiers", "sensitive":
		p.add(do)
	case "remove":
		f.removeQuasi(n)
	case "paste":
		return r.pasteProfile(p)
	case "save", "ask":
		return r.saveProfile(p, do)
	case "file":
		one, err := r.readProfile(p)
		if err != nil || one == nil {
			return r.shown(p, err)
		}
		return r.yamlFile(one.Key, one.YAML())
	case "take":
		return r.takeOver(p, n)
	default:
		return r.tryProfile(p)
	}
	return r.profilePage(p)
}

// shown shows the form, or gives an error that is no fault of what was typed.
func (r *request) shown(p *profilePage, err error) error {
	if err != nil {
		return err
	}
	return r.profilePage(p)
}

// add puts the variable that was chosen into a list of the form.
func (p *profilePage) add(list string) {
	c := p.all.of(p.Form.Value("add"))
	switch {
	case c == nil:
		p.Form.add("add", "profile_choose", nil)
	case list != "quasi":
		p.Form.values[list] = distinct(append(p.Form.values[list], c.Name))
	case c.Ways == nil:
		p.Form.add("add", "profile_no_quasi", nil)
	case p.hasQuasi(c.Name):
	default:
		p.Form.addQuasi(release.UsualQuasi(*c), c)
		p.Form.values.Set("open", itoa(p.Form.quasis()))
	}
	if list == "quasi" || p.Form.Bad() {
		return
	}
	p.Form.values.Set("open", list)
}

func (p *profilePage) hasQuasi(name string) bool {
	for i := 1; i <= p.Form.quasis(); i++ {
		if p.Form.Value(fmt.Sprintf("quasi[%d].variable", i)) == name {
			return true
		}
	}
	return false
}

// readProfile reads the form; nil where something is wrong, which then stands in it.
func (r *request) readProfile(p *profilePage) (*study.Profile, error) {
	one, err := r.Release.CheckProfile(r.ctx(), r.now, r.actor, r.study.Key, "profile.yaml", profileYAML(p.Form, r.study, p.all))
	if e := fault.Of(err); e != nil {
		if e.Kind != fault.Invalid {
			return nil, err
		}
		p.profileFaults(p.Form, err)
		return nil, nil
	}
	return one, nil
}

// pasteProfile fills the form with a pasted text, as far as it can be read; its
// offences stand beside the text with their rows.
func (r *request) pasteProfile(p *profilePage) error {
	source := []byte(p.Form.Value("source"))
	one, err := r.Release.CheckProfile(r.ctx(), r.now, r.actor, r.study.Key, "profile.yaml", source)
	if err != nil && fault.Of(err).Kind != fault.Invalid {
		return err
	}
	f := p.Form
	if one != nil {
		f = r.fieldsOf(one, p.all)
		f.values["base"], f.values["at"] = p.Form.values["base"], p.Form.values["at"]
		if err != nil {
			f.values.Set("source", string(source))
		}
	}
	p.Form = f
	if err != nil {
		p.Offences = p.rows(fault.Of(err).Problems)
		f.err = err
		f.Faults = []formFault{{Field: "source", Text: r.t.T("staff.releases.offences"), ID: f.id("source")}}
	}
	return r.profilePage(p)
}

// rows says each offence of a text with its row.
func (v *view) rows(problems fault.Problems) (out []string) {
	for _, one := range problems.Errors() {
		text := v.profileSentence(one)
		if one.Row > 0 {
			text = v.T.T("staff.releases.offence", "row", one.Row, "text", text)
		}
		out = append(out, text)
	}
	return out
}

// profileSentence says what is wrong with a profile.
func (v *view) profileSentence(p fault.Problem) string {
	key := "staff.profile.problem." + p.Code
	if !v.T.Has(key) {
		return page.ProblemSentence(v.T, p)
	}
	var args []any
	for name, value := range p.Args {
		args = append(args, name, value)
	}
	text := v.T.T(key, args...)
	if near, ok := p.Args["near"]; ok {
		text += " " + v.T.T("staff.profile.near", "near", near)
	} else if known, ok := p.Args["known"]; ok {
		text += " " + v.T.T("staff.profile.known", "known", known)
	}
	return text
}

// saveProfile keeps what the form says; then it leads to the request, or back.
func (r *request) saveProfile(p *profilePage, do string) error {
	text := profileYAML(p.Form, r.study, p.all)
	if one, problems := study.ReadProfile("profile.yaml", text); one != nil && len(problems) == 0 {
		text = one.YAML()
	}
	at, _ := strconv.Atoi(p.Form.Value("at"))
	key, err := r.Release.SaveProfile(r.ctx(), r.now, r.actor, release.NewProfile{Study: r.study.Key, Source: string(text), Base: p.Base, At: at})
	switch e := fault.Of(err); {
	case err == nil:
	case e.Kind == fault.Invalid:
		p.profileFaults(p.Form, err)
		return r.profilePage(p)
	case p.Form.take(err):
		return r.profilePage(p)
	default:
		return err
	}
	if do == "ask" {
		return r.done(r.at("/releases/new?profile="+key), "staff.profile.done.saved")
	}
	return r.done(r.at("/releases/profiles/p/"+key), "staff.profile.done.saved")
}

// takeProfile takes a profile away that was made here.
func (r *request) takeProfile() error {
	if err := r.Release.TakeProfile(r.ctx(), r.now, r.actor, r.study.Key, r.Param("profile")); err != nil {
		return err
	}
	return r.done(r.at("/releases"), "staff.profile.done.taken")
}

// tryProfile shows what the profile would let out.
func (r *request) tryProfile(p *profilePage) error {
	one, err := r.readProfile(p)
	if err != nil || one == nil {
		return r.shown(p, err)
	}
	trial, err := r.Release.Try(r.ctx(), r.now, r.actor, r.study.Key, one.YAML())
	if err != nil {
		return err
	}
	p.Trial = p.trialView(trial)
	p.Proposed = false
	return r.profilePage(p)
}

// takeOver puts the nth proposal of the trial into the form, and tries that.
func (r *request) takeOver(p *profilePage, n int) error {
	one, err := r.readProfile(p)
	if err != nil || one == nil {
		return r.shown(p, err)
	}
	trial, err := r.Release.Try(r.ctx(), r.now, r.actor, r.study.Key, one.YAML())
	if err != nil {
		return err
	}
	if n >= 1 && n <= len(trial.Proposals) {
		p.taken(trial.Proposals[n-1].Apply(*one))
	}
	return r.tryProfile(p)
}

// profilePage shows the form with all that it asks.
func (r *request) profilePage(p *profilePage) error {
	if p.view == nil {
		p.view = r.view("releases")
	}
	p.waves()
	p.parts()
	for i := 1; i <= p.Form.quasis(); i++ {
		p.Cards = append(p.Cards, p.card(i))
	}
	if one, problems := study.ReadProfile("profile.yaml", profileYAML(p.Form, r.study, p.all)); one != nil && len(problems) == 0 {
		p.YAML = string(one.YAML())
	}
	if p.Base != "" {
		versions, err := r.Release.ProfileVersions(r.ctx(), r.actor, r.study.Key, p.Base)
		if err != nil {
			return err
		}
		for _, one := range versions {
			p.Versions = append(p.Versions, profileVersion{Number: one.Version, When: p.Stamp(one.At), Taken: one.Source == "", Mine: one.Account == r.account.ID,
				Download: r.at("/releases/profiles/p/" + one.Key + "/file?v=" + itoa(one.Version))})
		}
	}
	return r.show("profile", p.Form, p)
}

func (p *profilePage) waves() {
	p.Waves = []option{{Value: "all", Text: p.T.T("staff.profile.waves_all"), Chosen: p.Form.Is("waves", "all")}}
	for _, w := range p.Study.Waves {
		o := option{Value: w.Key, Text: p.WaveName(w.Number), Chosen: p.Form.Is("waves", w.Key)}
		if w.State(p.now) != study.Closed {
			o.Text += " (" + p.T.T("staff.profile.not_closed") + ")"
		}
		p.Waves = append(p.Waves, o)
	}
}

func (p *profilePage) parts() {
	for i := range p.all {
		c := &p.all[i]
		if !ticked(c) {
			continue
		}
		name := p.partName(c.ExploredVariable)
		at := slices.IndexFunc(p.Parts, func(part profilePart) bool { return part.Name == name })
		if at < 0 {
			at = len(p.Parts)
			p.Parts = append(p.Parts, profilePart{Name: name})
		}
		row := profileVariable{Name: c.Name, Type: p.typeOf(c.ExploredVariable), Chosen: p.Form.Is("leave", c.Name)}
		row.Label, row.Tag = p.tagged(c.Label)
		if c.Text {
			row.Note = p.T.T("staff.profile.own_words")
		}
		if row.Chosen {
			p.Parts[at].Chosen++
		}
		p.Parts[at].Rows = append(p.Parts[at].Rows, row)
	}
}

// label names a variable as people read it: its wording, and its name.
func (p *profilePage) label(c *release.Candidate) string {
	return p.shortened(c.Label) + " (" + c.Name + ")"
}

// shortened gives a label that fits into a list.
func (p *profilePage) shortened(t lang.Text) string {
	const most = 60
	text := []rune(p.In(t))
	if len(text) > most {
		return strings.TrimSpace(string(text[:most-1])) + "…"
	}
	return string(text)
}
