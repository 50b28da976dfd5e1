package respond

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
	"panelverk/internal/site/page"
)

type codeView struct {
	frame
	Languages []language
	Title, Go string
	Typed     string
	Error     string
}

// codePage is the front page: somebody with a letter types its code.
func (s *site) codePage(c *gin.Context) { s.showCode(c, http.StatusOK, "", "") }

func (s *site) showCode(c *gin.Context, status int, typed, sentence string) {
	l := codeTexts(c)
	tag := l.Tag
	d := codeView{frame: frame{L: l, Lang: tag, Tab: l.T("code.tab"), Public: l.T("respond.tab"), Path: "/", Wrong: sentence != ""},
		Title: l.T("code.title"), Go: l.T("code.go"), Typed: typed, Error: sentence}
	for _, t := range lang.Tags {
		d.Languages = append(d.Languages, language{Tag: t, Name: lang.Name(t), Current: t == tag})
	}
	s.Page.Show(c, status, "respond/code", d)
}

// codeTexts gives the language chosen on the front page, else the browser's.
func codeTexts(c *gin.Context) *lang.Texts {
	if want := c.Query("lang"); slices.Contains(lang.Tags, want) {
		return lang.For(want)
	}
	return lang.For(lang.Choose(c.GetHeader("Accept-Language"), lang.Tags))
}

func (s *site) codePost(c *gin.Context) {
	if !s.form(c, nil) {
		return
	}
	l := codeTexts(c)
	typed := c.Request.PostForm.Get("code")
	if strings.TrimSpace(typed) == "" {
		s.showCode(c, http.StatusUnprocessableEntity, "", l.T("code.missing"))
		return
	}
	token, err := s.Fieldwork.ByCode(c.Request.Context(), s.Now(), typed)
	if k := fault.Of(err); k != nil && k.Kind == fault.NotFound { // the code of a meeting, typed here
		if join, err := s.Fieldwork.ByJoinCode(c.Request.Context(), s.Now(), typed); err == nil {
			c.Redirect(http.StatusSeeOther, "/join/code/"+join)
			return
		}
	}
	if k := fault.Of(err); k != nil && (k.Kind == fault.NotFound || k.Kind == fault.TooMany) {
		s.showCode(c, page.Status(err), typed, page.Sentence(l, err))
		return
	} else if err != nil {
		s.fail(c, nil, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/s/"+token)
}
