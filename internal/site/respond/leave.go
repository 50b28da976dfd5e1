package respond

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
)

type leaveView struct {
	frame
	Missing bool
	Open    bool // the wave can be skipped
}

// leavePage works also when the wave is closed: one may leave at any time.
func (s *site) leavePage(c *gin.Context) {
	v, ok := s.visit(c)
	if !ok {
		return
	}
	if v.Gate == fieldwork.GateLeft || v.Gate == fieldwork.GateResting {
		s.shut(c, v)
		return
	}
	s.showLeave(c, v, http.StatusOK, false)
}

func (s *site) showLeave(c *gin.Context, v *fieldwork.Visit, status int, missing bool) {
	d := leaveView{frame: s.frame(c, v, s.tag(c, v), "leave.tab"), Missing: missing, Open: v.Gate == fieldwork.GateOpen}
	d.Wrong = missing
	s.Page.Show(c, status, "respond/leave", d)
}

func (s *site) leavePost(c *gin.Context) {
	v, ok := s.visit(c)
	if !ok || !s.form(c, v) {
		return
	}
	how := fieldwork.Leaving(c.Request.PostForm.Get("how"))
	s.handoff.take(c.Param("token"), s.Now()) // nothing of before is shown any more
	_, err := s.proof(c, v)
	if err == nil {
		err = s.Fieldwork.Leave(c.Request.Context(), s.Now(), v, how)
	}
	if e := fault.Of(err); e != nil && e.Code == "leaving_unknown" {
		s.showLeave(c, v, http.StatusUnprocessableEntity, true)
		return
	} else if e != nil && e.Code == "proof_needed" {
		c.Redirect(http.StatusSeeOther, "/s/"+c.Param("token")+"/prove?to="+toLeave+"&lang="+s.tag(c, v))
		return
	} else if err != nil {
		s.fail(c, v, err)
		return
	}
	if how != fieldwork.SkipWave {
		s.forget(c, v)
	}
	d := state{frame: s.frame(c, v, s.tag(c, v), "leave.tab")}
	d.Footer = false
	d.Title, d.Text = d.L.T("leave.done_"+string(how)+"_title"), d.L.T("leave.done_"+string(how)+"_text")
	s.Page.Show(c, http.StatusOK, "respond/state", d)
}
