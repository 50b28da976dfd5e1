package staff

import (
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/account"
	"panelverk/internal/store"
)

// tokenList is somebody's own tokens, and the form for one more. It is empty
// for who may not have any.
type tokenList struct {
	*view
	Form    *form
	Rows    []store.Token
	Studies []option // in which the actor may have one
	Days    []option
	titles  map[string]string
}

// tokenDays are the lives of a token to choose from.
var tokenDays = []int{7, 30, account.TokenDays, 180, account.MaxTokenDays}

// May tells whether there is anything to show.
func (l tokenList) May() bool { return len(l.Studies) > 0 || len(l.Rows) > 0 }

// StudyName names a token's study.
func (l tokenList) StudyName(key string) string { return studyName(l.view, l.titles, key) }

// tokens gives the list for the account's page.
func (r *request) tokens(v *view, f *form) (tokenList, error) {
	l := tokenList{view: v, Form: f}
	rows, err := r.Accounts.Tokens(r.ctx(), r.now, r.actor)
	if err != nil {
		return l, err
	}
	l.Rows = rows
	if l.titles, _, err = r.titles(v); err != nil {
		return l, err
	}
	for key, title := range l.titles {
		if r.actor.Can(access.TokenCreate, key) {
			l.Studies = append(l.Studies, option{Value: key, Text: title})
		}
	}
	slices.SortFunc(l.Studies, func(a, b option) int { return strings.Compare(a.Text, b.Text) })
	for _, days := range tokenDays {
		l.Days = append(l.Days, option{Value: strconv.Itoa(days), Text: r.t.T("staff.tokens.days_n", "count", days)})
	}
	if f.Value("token_days") == "" {
		f.values.Set("token_days", strconv.Itoa(account.TokenDays))
	}
	return l, nil
}

// tokenPage shows a new token, once.
type tokenPage struct {
	*view
	Token   string
	Made    store.Token
	Address string // of data that it opens
}

func (r *request) createToken() error {
	f := r.posted()
	days, _ := strconv.Atoi(f.Value("token_days")) // what is no number is refused as 0
	token, made, err := r.Accounts.CreateToken(r.ctx(), r.now, r.actor, account.NewToken{Study: f.Value("token_study"), Name: f.Value("token_name"), Days: days})
	if f.take(err) {
		return r.ownPage(r.fresh(), f)
	}
	if err != nil {
		return err
	}
	return r.show("token", nil, tokenPage{view: r.view("account"), Token: token, Made: made,
		Address: r.BaseURL + "/api/v1/studies/" + made.Study + "/releases/1/data.csv"})
}

func (r *request) revokeToken() error {
	if err := r.Accounts.RevokeToken(r.ctx(), r.now, r.actor, r.PostForm("token")); err != nil {
		return err
	}
	return r.done(root+"/account", "staff.done.token_revoked")
}
