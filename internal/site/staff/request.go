package staff

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"panelverk/internal/access"
	"panelverk/internal/account"
	"panelverk/internal/fault"
	"panelverk/internal/lang"
	"panelverk/internal/site/page"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// What a session holds.
const (
	sessionAccount = "account"
	sessionStamp   = "stamp" // see account.Service.Stamp
	sessionDone    = "done"  // the key of a sentence to show once: never personal data
)

const root = "/staff"

// request is one request with who asks, when, and in which study.
type request struct {
	*gin.Context
	*site
	now     time.Time
	account *store.Account // nil for nobody
	actor   access.Actor
	t       *lang.Texts
	study   *study.Study // nil outside of a study
}

// handler does one page action. An error it returns is shown as a page of its own.
type handler func(*request) error

var (
	errNoPage = fault.New(fault.NotFound, "page_unknown", "There is no such page.")
	errBody   = fault.New(fault.Invalid, "form_too_large", "The form is larger than the server takes.")
)

// ctx is the context of the request; *gin.Context is not it.
func (r *request) ctx() context.Context { return r.Request.Context() }

func (s *site) begin(c *gin.Context) (*request, error) {
	r := &request{Context: c, site: s, now: s.Now()}
	r.t = lang.For(lang.Choose(c.GetHeader("Accept-Language"), lang.Tags))
	a, err := s.Accounts.Session(r.ctx(), s.Sessions.GetString(r.ctx(), sessionAccount), s.Sessions.GetString(r.ctx(), sessionStamp))
	switch {
	case err == nil:
		r.account, r.actor, r.t = a, account.Actor(a), lang.For(a.Language)
	case fault.Of(err).Kind != fault.Unauthenticated:
		return r, err
	}
	return r, r.readForm()
}

// readForm reads the posted form, within bounds.
func (r *request) readForm() error {
	if r.Request.Method != http.MethodPost {
		return nil
	}
	limit := int64(maxForm)
	switch at := r.FullPath(); {
	case r.account == nil:
	case strings.Contains(at, "/panel/file"):
		limit = maxUpload
	case strings.Contains(at, "/texts/"):
		limit = maxRead
	case strings.Contains(at, "/:key/next"):
		limit = maxHandedIn
	}
	r.Request.Body = http.MaxBytesReader(r.Writer, r.Request.Body, limit)
	// ParseMultipartForm alone would keep to itself that another form is too large.
	err := r.Request.ParseForm()
	if err == nil {
		err = r.Request.ParseMultipartForm(limit)
	}
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return errBody.Because(err)
	}
	return nil
}

func (s *site) run(h handler, allow func(*request) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		r, err := s.begin(c)
		if err == nil {
			err = allow(r)
		}
		if err == nil {
			err = h(r)
		}
		if err != nil {
			r.fail(err)
		}
	}
}

// anybody lets everybody in.
func (s *site) anybody(h handler) gin.HandlerFunc {
	return s.run(h, func(*request) error { return nil })
}

// member lets in who is logged in.
func (s *site) member(h handler) gin.HandlerFunc { return s.run(h, (*request).loggedIn) }

// inStudy lets in who may view the study of the path.
func (s *site) inStudy(h handler) gin.HandlerFunc {
	return s.run(h, func(r *request) error {
		if err := r.loggedIn(); err != nil {
			return err
		}
		st, err := r.Fieldwork.Study(r.ctx(), r.actor, r.Param("study"))
		r.study = st
		return err
	})
}

func (r *request) loggedIn() error {
	if r.account == nil {
		return fault.New(fault.Unauthenticated, "not_logged_in", "Log in first.")
	}
	return nil
}

// fail shows an error as a page; who is not logged in is sent to the log-in
// and from there back.
func (r *request) fail(err error) {
	r.Page.Log(r.Context, err)
	if r.Writer.Written() {
		panic(http.ErrAbortHandler) // a download broke off: an end would make it look whole
	}
	if fault.Of(err).Code == "not_logged_in" {
		to := root + "/login"
		if r.Request.Method == http.MethodGet && r.Request.URL.Path != root+"/" {
			to += "?next=" + url.QueryEscape(r.Request.URL.RequestURI())
		}
		r.Redirect(http.StatusSeeOther, to)
		return
	}
	v := r.view("")
	r.Page.Show(r.Context, page.Status(err), "staff/problem", problemPage{
		view: v, Sentence: page.Sentence(r.t, err), Status: page.Status(err), Problems: fault.Of(err).Problems,
	})
}

// unknown answers what is no page: a reload of a form's address, a typing error.
func (r *request) unknown() error {
	status := r.Writer.Status()
	r.Page.Show(r.Context, status, "staff/problem", problemPage{view: r.view(""), Sentence: page.Sentence(r.t, errNoPage), Status: http.StatusNotFound})
	return nil
}

// problemPage tells of an error that belongs to no form.
type problemPage struct {
	*view
	Sentence string
	Status   int
	Problems fault.Problems
}

// show renders a page; a form with faults gives the status of its error.
func (r *request) show(name string, f *form, data any) error {
	status := http.StatusOK
	if f != nil && f.err != nil {
		status = page.Status(f.err)
		if framed, ok := data.(interface{ frame() *view }); ok {
			framed.frame().Wrong = true
		}
	}
	r.Page.Show(r.Context, status, "staff/"+name, data)
	return nil
}

// done redirects after an action; the sentence of the key is shown there once.
func (r *request) done(to, key string) error {
	if key != "" {
		r.Sessions.Put(r.ctx(), sessionDone, key)
	}
	r.Redirect(http.StatusSeeOther, to)
	return nil
}

// at gives a path in the request's study.
func (r *request) at(path string) string { return root + "/s/" + r.study.Key + path }

// may refuses what the actor may not do in the request's study, for pages
// that show a form before any operation is called.
func (r *request) may(do access.Action) error { return r.actor.May(do, r.study.Key) }

// wave gives the wave of the path.
func (r *request) wave() (study.Wave, error) { return r.waveOf(r.Param("wave")) }

func (r *request) waveOf(number string) (study.Wave, error) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(r.study.Waves) {
		return study.Wave{}, errNoPage
	}
	return r.study.Waves[n-1], nil
}

// logIn begins a session of the account under a new token.
func (r *request) logIn(a *store.Account) error {
	if err := r.Sessions.RenewToken(r.ctx()); err != nil {
		return err
	}
	r.Sessions.Put(r.ctx(), sessionAccount, a.ID)
	r.Sessions.Put(r.ctx(), sessionStamp, r.Accounts.Stamp(a))
	return nil
}
