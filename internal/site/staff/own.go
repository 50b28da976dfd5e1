package staff

// ownPage is somebody's own account.
type ownPage struct {
	*view
	Form      *form // of the password
	Language  *form
	Languages []option
	Tokens    tokenList
}

func (r *request) showAccount() error { return r.ownPage(r.fresh(), r.fresh()) }

// ownPage shows the account with the forms of the password and of a new token.
func (r *request) ownPage(password, token *form) error {
	p := ownPage{view: r.view("account"), Form: password, Language: r.fresh("language", r.account.Language), Languages: languages()}
	var err error
	if p.Tokens, err = r.tokens(p.view, token); err != nil {
		return err
	}
	if token.Bad() {
		password = token
	}
	return r.show("account", password, p)
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
		return r.ownPage(f, r.fresh())
	}
	if err != nil {
		return err
	}
	if err := r.logIn(a); err != nil {
		return err
	}
	return r.done(root+"/account", "staff.done.password")
}
