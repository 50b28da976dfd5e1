package respond

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/secret"
	"panelverk/internal/site/page"
)

// proveView is the page on which a device proves that earlier answers are its
// owner's own. It looks the same whether there is an address, a number, or
// neither.
type proveView struct {
	frame
	To    string // the page that comes after, "" for the start page
	Erase bool   // something is to be erased there
	Sends bool   // this server can send a code
	Sent  bool   // one was asked for just now
	Error string
}

// The pages that one comes back to.
const (
	toErase    = "leave/erase"
	toAnswers  = "answers"
	toFeedback = "feedback"
)

// next gives the page that the request wants to come back to, "" for none.
func next(c *gin.Context) string {
	if to := c.Query("to"); to == toErase || to == toAnswers || to == toFeedback {
		return to
	}
	return ""
}

func (s *site) provePage(c *gin.Context) {
	v, ok := s.visit(c)
	if !ok {
		return
	}
	if v.Gate == fieldwork.GateResting {
		s.shut(c, v)
		return
	}
	s.showProve(c, v, http.StatusOK, "")
}

func (s *site) showProve(c *gin.Context, v *fieldwork.Visit, status int, sentence string) {
	d := proveView{frame: s.frame(c, v, s.tag(c, v), "proof.tab"), Sends: s.Fieldwork.Sends(), Sent: c.Query("sent") != "", Error: sentence}
	d.To = next(c)
	d.Erase = d.To == toErase
	d.Wrong = sentence != ""
	s.Page.Show(c, status, "respond/prove", d)
}

func (s *site) provePost(c *gin.Context) {
	v, ok := s.visit(c)
	if !ok || !s.form(c, v) {
		return
	}
	s.handoff.take(c.Param("token"), s.Now()) // what it shows may be more from now on
	f := c.Request.PostForm
	after := "?lang=" + s.tag(c, v)
	to := next(c)
	if to != "" {
		after += "&to=" + url.QueryEscape(to)
	}
	base := "/s/" + c.Param("token")
	var err error
	if f.Get("go") == "send" {
		if err = s.Fieldwork.SendCode(c.Request.Context(), s.Now(), v, s.known(c, v)); err == nil {
			c.Redirect(http.StatusSeeOther, base+"/prove"+after+"&sent=1")
			return
		}
	} else if err = s.Fieldwork.Prove(c.Request.Context(), s.Now(), v, s.device(c, v), f.Get("code")); err == nil {
		if to != "" {
			c.Redirect(http.StatusSeeOther, base+"/"+to+s.ask(c, v))
		} else {
			c.Redirect(http.StatusSeeOther, base+after+"&proved=1")
		}
		return
	}
	switch e := fault.Of(err); e.Kind {
	case fault.Invalid, fault.Conflict, fault.TooMany:
		s.showProve(c, v, page.Status(err), page.Sentence(s.frame(c, v, s.tag(c, v), "proof.tab").L, err))
	default:
		s.fail(c, v, err)
	}
}

// known gives which device asks, after it was given a cookie where it had none:
// one that lasts as long as the browser runs.
func (s *site) known(c *gin.Context, v *fieldwork.Visit) string {
	if device := s.device(c, v); device != "" {
		return device
	}
	value := secret.NewToken()
	s.setCookie(c, cookieName, value, "/s/"+c.Param("token"), 0)
	return s.Fieldwork.Device(value)
}

// proof gives what this request proves about earlier answers. What cannot be
// looked up is not proved.
func (s *site) proof(c *gin.Context, v *fieldwork.Visit) interview.Proof {
	if err := s.Fieldwork.Recognise(c.Request.Context(), v, s.device(c, v)); err != nil {
		s.Page.Log(c, err)
		v.Proof, v.Doc.Proven = interview.Proof{}, interview.Proof{}
	}
	return v.Proof
}

// proveAt gives where one proves that answers of other devices are one's own,
// and comes back from to a page of the link.
func (s *site) proveAt(f frame, back string) string {
	return f.Path + "/prove?to=" + url.QueryEscape(back) + "&lang=" + f.Lang
}

// recognise does the same for a page that is shown or posted, where it matters:
// not where the device gave all the answers itself. False after it has answered
// the request with an error.
func (s *site) recognise(c *gin.Context, v *fieldwork.Visit) bool {
	device := s.device(c, v)
	if device == "" || !v.Doc.Foreign(device) {
		return true
	}
	if err := s.Fieldwork.Recognise(c.Request.Context(), v, device); err != nil {
		s.fail(c, v, err)
		return false
	}
	return true
}

// hidden tells whether the interview holds answers that this device may not see.
func (s *site) hidden(c *gin.Context, v *fieldwork.Visit) bool {
	device := s.device(c, v)
	for key := range v.Doc.Answers {
		name, _ := interview.Split(key)
		if it := v.Logic.Questionnaire.Question(name); it != nil && it.Asks() && !v.Doc.Opens(key, device) {
			return true
		}
	}
	return false
}

// offerable tells whether it is worth proving something before the start: the
// questionnaire reads earlier answers, and was told none. Whether there are any
// is not looked up: the page is the same for everybody.
func offerable(v *fieldwork.Visit) bool {
	return v.Logic.Recalls() && v.Wave.Number > 1 && len(v.Doc.Pages) == 0 && v.Doc.Proof == (interview.Proof{}) &&
		v.Proof.Way != interview.ByCode && v.Proof.Way != interview.ByPIN
}
