package staff

import (
	"net/http"

	"panelverk/internal/access"
	"panelverk/internal/account"
	"panelverk/internal/lang"
)

// entryPage is where somebody makes an account: the first owner, or who was invited.
type entryPage struct {
	*view
	Form      *form
	First     bool // the first owner
	RoleText  string
	Languages []option
}

// languages gives the languages of the pages to choose from.
func languages() []option {
	out := make([]option, len(lang.Tags))
	for i, tag := range lang.Tags {
		out[i] = option{Value: tag, Text: lang.Name(tag)}
	}
	return out
}

func (r *request) person() account.Person {
	return account.Person{Name: r.PostForm("name"), Email: r.PostForm("email"), Password: r.PostForm("password"), Language: r.PostForm("language")}
}

func (r *request) showSetup() error {
	if err := r.Accounts.CheckSetup(r.ctx(), r.now, r.Param("token")); err != nil {
		return err
	}
	return r.setupForm(r.fresh("language", r.t.Tag))
}

func (r *request) setupForm(f *form) error {
	v := r.view("")
	return r.show("entry", f, entryPage{view: v, Form: f, First: true, Languages: languages()})
}

func (r *request) setup() error {
	f := r.posted()
	a, err := r.Accounts.CompleteSetup(r.ctx(), r.now, r.Param("token"), r.person())
	if f.take(err) {
		return r.setupForm(f)
	}
	if err != nil {
		return err
	}
	if err := r.logIn(a); err != nil {
		return err
	}
	return r.done(root+"/", "staff.done.setup")
}

func (r *request) showInvite() error {
	o, err := r.Accounts.Invitation(r.ctx(), r.now, r.Param("token"))
	if err != nil {
		return err
	}
	return r.inviteForm(r.fresh("language", r.t.Tag, "email", o.Email), o.Role)
}

func (r *request) inviteForm(f *form, role access.Role) error {
	v := r.view("")
	return r.show("entry", f, entryPage{view: v, Form: f, RoleText: v.T.T("staff.entry.role." + string(role)), Languages: languages()})
}

func (r *request) acceptInvite() error {
	o, err := r.Accounts.Invitation(r.ctx(), r.now, r.Param("token"))
	if err != nil {
		return err
	}
	f := r.posted()
	a, err := r.Accounts.AcceptInvite(r.ctx(), r.now, r.Param("token"), r.person())
	if f.take(err) {
		return r.inviteForm(f, o.Role)
	}
	if err != nil {
		return err
	}
	if err := r.logIn(a); err != nil {
		return err
	}
	return r.done(root+"/", "staff.done.joined")
}

func (r *request) showReset() error {
	if err := r.Accounts.CheckReset(r.ctx(), r.now, r.Param("token")); err != nil {
		return err
	}
	return r.show("reset", nil, loginPage{view: r.view(""), Form: r.fresh()})
}

func (r *request) reset() error {
	f := r.posted()
	_, err := r.Accounts.Reset(r.ctx(), r.now, r.Param("token"), r.PostForm("password"))
	if f.take(err) {
		return r.show("reset", f, loginPage{view: r.view(""), Form: f})
	}
	if err != nil {
		return err
	}
	r.Redirect(http.StatusSeeOther, root+"/login?done=reset")
	return nil
}
