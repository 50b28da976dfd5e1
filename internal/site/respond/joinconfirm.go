package respond

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
	"panelverk/internal/site/page"
)

// confirmView is what the link of a message to confirm leads to.
type confirmView struct {
	frame
	State   fieldwork.ConfirmState
	Title   string
	Text    string
	Until   string
	Again   string // where one can ask again
	URL     string // the way on to the questionnaire
	Open    bool   // and it can be answered now
	Code    string
	Keep    bool // there is no message to come back by: link and code are to be kept
	Contact joinContact
}

// confirmPage shows a button. Mail scanners that open links come as far as
// this, and change nothing.
func (s *site) confirmPage(c *gin.Context) {
	got, err := s.Fieldwork.Confirmation(c.Request.Context(), s.Now(), c.Param("token"))
	if err != nil {
		s.fail(c, nil, err)
		return
	}
	s.showConfirmation(c, got, "/join/confirm/"+c.Param("token"), false)
}

func (s *site) confirmPost(c *gin.Context) {
	if !s.form(c, nil) {
		return
	}
	got, err := s.Fieldwork.Confirm(c.Request.Context(), s.Now(), c.Param("token"))
	if err != nil {
		s.fail(c, nil, err)
		return
	}
	if got.State == fieldwork.ConfirmFull { // nothing has changed: there is nothing to look at again
		s.showConfirmation(c, got, "/join/confirm/"+c.Param("token"), false)
		return
	}
	to := "/join/confirm/" + c.Param("token")
	if want := c.Query("lang"); want != "" {
		to += "?lang=" + s.joining(c, got.Study, got.Language, "", "join.tab").Lang
	}
	c.Redirect(http.StatusSeeOther, to)
}

// showConfirmation shows where somebody stands. keep says that the link and the
// code are shown here and nowhere else.
func (s *site) showConfirmation(c *gin.Context, got *fieldwork.Confirmation, path string, keep bool) {
	d := confirmView{frame: s.joining(c, got.Study, got.Language, path, "join.tab"), State: got.State, Open: got.Open, Keep: keep}
	l, zone := d.L, got.Study.TimeZone
	d.Contact = contactOf(d.frame, got.Study)
	d.Title, d.Text = l.T("joined."+string(got.State)+"_title"), l.T("joined."+string(got.State)+"_text")
	switch got.State {
	case fieldwork.ConfirmAsk:
		if until := got.Until.In(zone); got.Offered {
			d.Text = l.T("joined.offered_text", "date", l.Date(until), "clock", l.Clock(until))
		}
	case fieldwork.ConfirmExpired:
		d.Again = "/join/" + got.Key
	case fieldwork.ConfirmJoined:
		d.URL, d.Code = got.URL, got.Code
		switch {
		case got.URL == "":
			d.Text = l.T("joined.since_text")
		case got.Open:
			d.Text = l.T("joined.open_text", "count", got.Study.Minutes)
		case keep:
			d.Text = l.T("joined.planned_keep", "date", l.DateYear(got.Wave.Opens.In(zone)))
		default:
			d.Text = l.T("joined.planned_text", "date", l.DateYear(got.Wave.Opens.In(zone)))
		}
	}
	s.Page.Show(c, http.StatusOK, "respond/joined", d)
}

// joinCodePage is where somebody types the code from a meeting.
func (s *site) joinCodePage(c *gin.Context) { s.showJoinCode(c, http.StatusOK, "", "") }

func (s *site) showJoinCode(c *gin.Context, status int, typed, sentence string) {
	l := codeTexts(c)
	d := codeView{frame: frame{L: l, Lang: l.Tag, Tab: l.T("join.tab"), Public: l.T("respond.tab"), Path: "/join", Wrong: sentence != ""},
		Title: l.T("join.code_title"), Go: l.T("join.code_go"), Typed: typed, Error: sentence}
	for _, t := range lang.Tags {
		d.Languages = append(d.Languages, language{Tag: t, Name: lang.For(t).T("language.name"), Current: t == l.Tag})
	}
	s.Page.Show(c, status, "respond/code", d)
}

func (s *site) joinCodePost(c *gin.Context) {
	if !s.form(c, nil) {
		return
	}
	l := codeTexts(c)
	typed := c.Request.PostForm.Get("code")
	if strings.TrimSpace(typed) == "" {
		s.showJoinCode(c, http.StatusUnprocessableEntity, "", l.T("join.code_missing"))
		return
	}
	token, err := s.Fieldwork.ByJoinCode(c.Request.Context(), s.Now(), typed)
	if k := fault.Of(err); k != nil && k.Kind == fault.NotFound {
		s.showJoinCode(c, page.Status(err), typed, l.T("join.code_wrong"))
		return
	} else if k != nil && k.Kind == fault.TooMany {
		s.showJoinCode(c, page.Status(err), typed, page.Sentence(l, err))
		return
	} else if err != nil {
		s.fail(c, nil, err)
		return
	}
	to := "/join/code/" + token
	if c.Query("lang") != "" {
		to += "?lang=" + l.Tag
	}
	c.Redirect(http.StatusSeeOther, to)
}

// withCode is the page on which somebody with a code enrols.
func (s *site) withCode(c *gin.Context) {
	p, err := s.Fieldwork.CodePage(c.Request.Context(), s.Now(), c.Param("token"))
	if err != nil {
		s.fail(c, nil, err)
		return
	}
	s.Page.Show(c, http.StatusOK, "respond/join", s.joinView(c, p, "/join/code/"+c.Param("token"), nil))
}

func (s *site) withCodePost(c *gin.Context) {
	if !s.form(c, nil) {
		return
	}
	p, err := s.Fieldwork.CodePage(c.Request.Context(), s.Now(), c.Param("token"))
	if err != nil {
		s.fail(c, nil, err)
		return
	}
	path := "/join/code/" + c.Param("token")
	got, err := s.Fieldwork.EnrolByCode(c.Request.Context(), s.Now(), c.Param("token"), asking(c, p.Study))
	switch {
	case err == nil:
		s.showConfirmation(c, got, path, true)
	case !s.joinAgain(c, p, path, err):
		s.fail(c, nil, err)
	}
}
