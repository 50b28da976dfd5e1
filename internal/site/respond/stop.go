package respond

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
	"panelverk/internal/study"
)

type stopView struct {
	frame
	Action string
	Done   bool
	Email  string
	Phone  string
}

// stopPage is where the link of a message leads by which its reader gets no
// more of them. Mail programs and what guards them follow links by themselves,
// so that looking at it changes nothing.
func (s *site) stopPage(c *gin.Context) {
	st, tag, err := s.Fieldwork.Stopping(c.Request.Context(), c.Param("token"))
	if err != nil {
		s.fail(c, nil, err)
		return
	}
	s.showStop(c, st, tag, false)
}

// stopPost takes the button of that page, and that of a mail program, which
// posts without showing anything (RFC 8058).
func (s *site) stopPost(c *gin.Context) {
	ctx, token := c.Request.Context(), c.Param("token")
	st, tag, err := s.Fieldwork.Stopping(ctx, token)
	if err == nil {
		err = s.Fieldwork.StopMessages(ctx, s.Now(), token)
	}
	if err != nil {
		s.fail(c, nil, err)
		return
	}
	s.showStop(c, st, tag, true)
}

func (s *site) showStop(c *gin.Context, st *study.Study, tag string, done bool) {
	l := lang.For(tag)
	role, _ := st.Contact.Role.In(tag, st.DefaultLanguage())
	s.Page.Show(c, http.StatusOK, "respond/stop", stopView{Action: "/u/" + c.Param("token"), Done: done, Email: st.Contact.Email, Phone: st.Contact.Phone,
		frame: frame{L: l, Lang: tag, Tab: l.T("stop.title"), Public: fieldwork.PublicTitle(st, tag), Role: role}})
}
