package respond

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
	"panelverk/internal/site/page"
)

// renewView is the page for who has lost a link. What it answers to an address
// does not depend on whose it is.
type renewView struct {
	frame
	Languages []language
	Sends     bool // this server can send a link
	Sent      bool
	Typed     string
	Error     string
}

func (s *site) renewPage(c *gin.Context) { s.showRenew(c, http.StatusOK, "", "") }

func (s *site) showRenew(c *gin.Context, status int, typed, sentence string) {
	l := codeTexts(c)
	d := renewView{frame: frame{L: l, Lang: l.Tag, Tab: l.T("renew.tab"), Public: l.T("respond.tab"), Path: "/link", Wrong: sentence != ""},
		Sends: s.Fieldwork.Sends(), Sent: c.Query("sent") != "", Typed: typed, Error: sentence}
	for _, t := range lang.Tags {
		d.Languages = append(d.Languages, language{Tag: t, Name: lang.Name(t), Current: t == l.Tag})
	}
	s.Page.Show(c, status, "respond/renew", d)
}

func (s *site) renewPost(c *gin.Context) {
	if !s.form(c, nil) {
		return
	}
	typed := c.Request.PostForm.Get("address")
	err := s.Fieldwork.Renew(c.Request.Context(), s.Now(), typed)
	switch e := fault.Of(err); {
	case err == nil:
		c.Redirect(http.StatusSeeOther, "/link?sent=1&lang="+codeTexts(c).Tag)
	case e.Kind == fault.Invalid || e.Kind == fault.TooMany:
		if len(typed) > 200 {
			typed = ""
		}
		s.showRenew(c, page.Status(err), typed, page.Sentence(codeTexts(c), err))
	default:
		s.fail(c, nil, err)
	}
}
