package staff

// ownPage is somebody's own account.
type ownPage struct {
	*view
	Form      *form // of the password
	Language  *form
	Languages []option
}

func (r *request) showAccount() error { return r.ownPage(r.fresh()) }

func (r *request) ownPage(f *form) error {
	return r.show("account", f, ownPage{view: r.view("account"), Form: f,
		Language: r.fresh("language", r.account.Language), Languages: languages()})
}

func (r *request) changeLanguage() error {
	if err := r.Accounts.ChangeLanguage(r.ctx(), r.now, r.actor, r.PostForm("language")); err != nil {
		return err
	}
	return r.done(root+"/account", "staff.done.language")
}

func (r *request) changePassword() error {
	f := r.posted()
	a, err := r.Accounts.ChangePassword(r.ctx(), r.now, r.actor, r.PostForm("old"), r.PostForm("password"))
	if f.take(err) {
		return r.ownPage(f)
	}
	if err != nil {
		return err
	}
	if err := r.logIn(a); err != nil {
		return err
	}
	return r.done(root+"/account", "staff.done.password")
}
