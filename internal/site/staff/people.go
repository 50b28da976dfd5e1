package staff

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"panelverk/internal/access"
	"panelverk/internal/account"
	"panelverk/internal/store"
)

// peoplePage is the colleagues and the invitations, for owners.
type peoplePage struct {
	*view
	Form     *form
	Requests []account.Request
	People   []store.Account
	Pending  []store.OneTime
	Studies  []option
	Roles    []option
	titles   map[string]string
}

// Heading counts the people.
func (p peoplePage) Heading() string {
	s := p.number(len(p.People))
	first, size := utf8.DecodeRuneInString(s)
	return p.T.T("staff.people.head", "count", len(p.People), "number", string(unicode.ToUpper(first))+s[size:])
}

// RolesOf gives the roles of an account as sentences.
func (p peoplePage) RolesOf(a store.Account) []string { return rolesOf(p.view, p.titles, a) }

// StudyName names a study, or all of them.
func (p peoplePage) StudyName(key string) string { return studyName(p.view, p.titles, key) }

func rolesOf(v *view, titles map[string]string, a store.Account) []string {
	var out []string
	for study, role := range a.Roles {
		out = append(out, v.T.T("staff.people.role_in", "role", v.RoleName(role), "study", studyName(v, titles, study)))
	}
	slices.Sort(out)
	return out
}

func studyName(v *view, titles map[string]string, key string) string {
	if key == access.AllStudies {
		return v.T.T("staff.people.all_studies")
	}
	if t := titles[key]; t != "" {
		return t
	}
	return key
}

// titles gives the titles of the studies that the actor sees, and the studies
// that the actor owns to choose from. It sets the clocks of the page.
func (r *request) titles(v *view) (map[string]string, []option, error) {
	studies, err := r.Fieldwork.Studies(r.ctx(), r.actor)
	if err != nil {
		return nil, nil, err
	}
	if len(studies) > 0 {
		v.zone = studies[0].TimeZone
	}
	titles := map[string]string{}
	var owned []option
	for _, st := range studies {
		titles[st.Key] = v.titleOf(st)
		if r.actor.Can(access.StaffInvite, st.Key) {
			owned = append(owned, option{Value: st.Key, Text: titles[st.Key]})
		}
	}
	if r.actor.Can(access.StaffInvite, access.AllStudies) {
		owned = append(owned, option{Value: access.AllStudies, Text: v.T.T("staff.people.all_studies")})
	}
	return titles, owned, nil
}

func roleOptions(v *view) []option {
	var out []option
	for _, role := range []access.Role{access.Admin, access.Researcher, access.Owner} {
		out = append(out, option{Value: string(role), Text: v.RoleName(role), More: v.T.T("staff.people.what." + string(role))})
	}
	return out
}

func (r *request) showPeople() error { return r.peoplePage(r.fresh()) }

func (r *request) peoplePage(f *form) error {
	people, err := r.Accounts.Colleagues(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	pending, err := r.Accounts.Pending(r.ctx(), r.now, r.actor)
	if err != nil {
		return err
	}
	requests, err := r.Accounts.Requests(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	p := peoplePage{view: r.view("people"), Form: f, People: people, Pending: pending, Requests: requests}
	if p.titles, p.Studies, err = r.titles(p.view); err != nil {
		return err
	}
	p.Roles = roleOptions(p.view)
	if len(p.Studies) > 0 && f.Value("study") == "" {
		f.values.Set("study", p.Studies[0].Value)
	}
	return r.show("people", f, p)
}

// oneLinkPage shows a one-time link, once.
type oneLinkPage struct {
	*view
	Reset bool // a reset link, not an invitation
	Who   string
	URL   string
	Days  int
}

func (r *request) invite() error {
	f := r.posted()
	token, err := r.Accounts.Invite(r.ctx(), r.now, r.actor, f.Value("study"), access.Role(f.Value("role")), f.Value("email"))
	if f.take(err) {
		return r.peoplePage(f)
	}
	if err != nil {
		return err
	}
	v := r.view("people")
	return r.show("onelink", nil, oneLinkPage{view: v, Who: strings.TrimSpace(f.Value("email")), URL: r.BaseURL + root + "/invite/" + token, Days: 7})
}

func (r *request) withdrawInvite() error {
	if err := r.Accounts.Withdraw(r.ctx(), r.now, r.actor, r.PostForm("invite")); err != nil {
		return err
	}
	return r.done(root+"/people", "staff.done.withdrawn")
}

// personPage is one colleague.
type personPage struct {
	*view
	Form    *form
	Person  store.Account
	Studies []option
	Roles   []option
	titles  map[string]string
}

// RoleList gives the person's roles as sentences.
func (p personPage) RoleList() []string { return rolesOf(p.view, p.titles, p.Person) }

// Self tells whether it is one's own account.
func (p personPage) Self() bool { return p.Person.ID == p.Account.ID }

func (r *request) showPerson() error { return r.personPage(r.fresh()) }

func (r *request) personPage(f *form) error {
	people, err := r.Accounts.Colleagues(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(people, func(a store.Account) bool { return a.ID == r.Param("id") })
	if i < 0 {
		return errNoPage
	}
	p := personPage{view: r.view("people"), Form: f, Person: people[i]}
	if p.titles, p.Studies, err = r.titles(p.view); err != nil {
		return err
	}
	p.Roles = append(roleOptions(p.view), option{Value: "none", Text: p.T.T("staff.person.no_role"), More: p.T.T("staff.person.no_role_more")})
	if len(p.Studies) > 0 && f.Value("study") == "" {
		f.values.Set("study", p.Studies[0].Value)
	}
	return r.show("person", f, p)
}

// changePerson does one thing to a colleague and shows the person again.
func (r *request) changePerson(done string, change func(id string) error) error {
	f := r.posted()
	id := r.Param("id")
	err := change(id)
	if f.take(err) {
		return r.personPage(f)
	}
	if err != nil {
		return err
	}
	return r.done(root+"/people/"+id, done)
}

func (r *request) setRole() error {
	return r.changePerson("staff.done.role", func(id string) error {
		role := access.Role(r.PostForm("role"))
		switch role {
		case "none":
			role = ""
		case "":
			role = "?" // nothing was chosen: the operation tells so
		}
		return r.Accounts.SetRole(r.ctx(), r.now, r.actor, id, r.PostForm("study"), role)
	})
}

func (r *request) disable() error {
	return r.changePerson("staff.done.disabled", func(id string) error { return r.Accounts.Disable(r.ctx(), r.now, r.actor, id) })
}

func (r *request) enable() error {
	return r.changePerson("staff.done.enabled", func(id string) error { return r.Accounts.Enable(r.ctx(), r.now, r.actor, id) })
}

func (r *request) resetLink() error {
	f := r.posted()
	token, err := r.Accounts.ResetLink(r.ctx(), r.now, r.actor, r.Param("id"))
	if f.take(err) {
		return r.personPage(f)
	}
	if err != nil {
		return err
	}
	return r.show("onelink", nil, oneLinkPage{view: r.view("people"), Reset: true, URL: r.BaseURL + root + "/reset/" + token})
}
