package staff

import (
	"net/http"
	"strings"
)

// loginPage is a page with one form and nothing else.
type loginPage struct {
	*view
	Form *form
	Next string
}

func (r *request) showLogin() error {
	if r.account != nil {
		r.Redirect(http.StatusSeeOther, root+"/")
		return nil
	}
	return r.loginForm(r.fresh())
}

func (r *request) loginForm(f *form) error {
	next := r.Query("next")
	if next == "" {
		next = f.Value("next")
	}
	p := loginPage{view: r.view(""), Form: f, Next: next}
	if key := r.Query("done"); key == "reset" {
		p.Done = r.t.T("staff.done.reset")
	}
	return r.show("login", f, p)
}

func (r *request) login() error {
	f := r.posted()
	a, err := r.Accounts.Login(r.ctx(), r.now, r.PostForm("email"), r.PostForm("password"))
	if f.take(err) {
		return r.loginForm(f)
	}
	if err != nil {
		return err
	}
	if err := r.logIn(a); err != nil {
		return err
	}
	to := root + "/"
	if next := f.Value("next"); ours(next) {
		to = next
	}
	r.Redirect(http.StatusSeeOther, to)
	return nil
}

// ours tells whether an address is a page of the staff on this server, so
// that the log-in leads nowhere else.
func ours(next string) bool {
	return strings.HasPrefix(next, root+"/") && !strings.ContainsAny(next, "\\\r\n") && !strings.Contains(next, "//")
}

func (r *request) logout() error {
	if err := r.Accounts.Logout(r.ctx(), r.now, r.actor); err != nil {
		return err
	}
	if err := r.Sessions.Destroy(r.ctx()); err != nil {
		return err
	}
	r.Redirect(http.StatusSeeOther, root+"/login")
	return nil
}

// forgotPage asks for an address, and answers the same whoever has it.
type forgotPage struct {
	*view
	Form *form
	Sent bool
}

func (r *request) showForgot() error {
	return r.show("forgot", nil, forgotPage{view: r.view(""), Form: r.fresh()})
}

func (r *request) forgot() error {
	f := r.posted()
	if strings.TrimSpace(f.Value("email")) == "" {
		f.add("email", "email_missing", nil)
		return r.show("forgot", f, forgotPage{view: r.view(""), Form: f})
	}
	err := r.Accounts.Forgot(r.ctx(), r.now, f.Value("email"))
	if f.take(err) {
		return r.show("forgot", f, forgotPage{view: r.view(""), Form: f})
	}
	if err != nil {
		return err
	}
	return r.show("forgot", nil, forgotPage{view: r.view(""), Form: f, Sent: true})
}
