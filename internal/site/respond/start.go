package respond

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/lang"
	"panelverk/internal/site/page"
)

type startView struct {
	frame
	Languages  []language
	Headline   string
	Lede       string
	Minutes    string
	Until      string
	Who        string
	Why        string
	Answers    string
	Controller string
	Consent    bool   // the box is needed
	Read       string // the hash of the text that it is about
	Changed    bool   // the text has changed while the page was open
	Again      bool   // an earlier version was agreed to
	Missing    bool   // and was not ticked
	Begun      bool
	Elsewhere  bool   // there are answers that this device may not see
	Before     bool   // earlier answers can be seen once one has shown who one is
	Proved     bool   // that was done just now
	Choose     bool   // a number of one's own can be chosen
	PIN        string // what was typed for it, where it has to be put right
	PINWrong   string
	Wrongs     int // things to put right
	Submitted  bool
	Paused     bool
	Remember   remembering // whether this is one's own device
}

type language struct {
	Tag, Name string
	Current   bool
}

func (s *site) startPage(c *gin.Context) {
	v, ok := s.open(c)
	if !ok {
		return
	}
	s.showStart(c, v, http.StatusOK, s.tag(c, v), false)
}

func (s *site) startPost(c *gin.Context) {
	v, ok := s.open(c)
	if !ok || !s.form(c, v) {
		return
	}
	f := c.Request.PostForm
	tag := f.Get("lang")
	if !slices.Contains(v.Study.Languages, tag) {
		tag = s.tag(c, v)
	}
	if f.Get("go") == "decline" {
		c.Redirect(http.StatusSeeOther, "/s/"+c.Param("token")+"/leave?lang="+tag)
		return
	}
	pin := strings.TrimSpace(f.Get("pin"))
	if pin != "" && fieldwork.CheckPIN(pin) != nil {
		s.showStart(c, v, http.StatusUnprocessableEntity, tag, v.ConsentNeeded() && !f.Has("consent"))
		return
	}
	err := s.Fieldwork.Start(c.Request.Context(), s.Now(), c.Param("token"),
		fieldwork.Beginning{Language: tag, Consent: f.Has("consent"), Read: f.Get("read"), Proof: s.proof(c, v)})
	if fault.Of(err) != nil && fault.Of(err).Code == "consent_missing" {
		s.showStart(c, v, http.StatusUnprocessableEntity, tag, true)
		return
	}
	if fault.Of(err) != nil && fault.Of(err).Code == "consent_changed" {
		s.showStart(c, v, http.StatusConflict, tag, false)
		return
	}
	device := ""
	if err == nil {
		device, err = s.prove(c, v, f.Has("own"))
	}
	if err == nil && pin != "" {
		err = s.Fieldwork.ChoosePIN(c.Request.Context(), s.Now(), v, device, pin)
	}
	if err != nil {
		s.fail(c, v, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/s/"+c.Param("token")+s.place(v))
}

// place gives where an interview goes on: the first page not posted yet, else the review.
func (s *site) place(v *fieldwork.Visit) string {
	if p := v.Logic.Current(v.Doc, s.Now()).Resume(v.Doc.Pages); p != nil {
		return "/p/" + url.PathEscape(p.Key)
	}
	return "/review"
}

// showStart shows the start page; missing tells that the box for the consent
// was not ticked. What was posted as a number of one's own is judged here.
func (s *site) showStart(c *gin.Context, v *fieldwork.Visit, status int, tag string, missing bool) {
	d := s.startView(c, v, tag)
	d.Missing, d.Changed = missing, status == http.StatusConflict
	if missing {
		d.Wrongs++
	}
	if c.Request.Method == http.MethodPost {
		d.PIN = strings.TrimSpace(c.Request.PostForm.Get("pin"))
	}
	if err := fieldwork.CheckPIN(d.PIN); d.PIN != "" && err != nil {
		d.PIN, d.PINWrong = "", page.Sentence(d.L, err) // nobody beside it need read it
		d.Wrongs++
	}
	d.Wrong = d.Wrongs > 0
	var err error
	if d.Remember, err = s.remembering(c, v); err != nil {
		s.fail(c, v, err)
		return
	}
	if c.Request.Method == http.MethodPost {
		d.Remember.Kept = c.Request.PostForm.Has("own")
	}
	s.Page.Show(c, status, "respond/start", d)
}

func (s *site) startView(c *gin.Context, v *fieldwork.Visit, tag string) startView {
	st := v.Study
	in := func(t lang.Text) string {
		text, _ := t.In(tag, st.DefaultLanguage())
		return text
	}
	d := startView{frame: s.frame(c, v, tag, "start.tab"), Headline: in(st.Headline), Lede: in(st.Lede),
		Who: in(st.About.Who), Why: in(st.About.Why), Answers: in(st.About.Answers), Controller: in(st.Controller),
		Consent: v.ConsentNeeded(), Begun: v.Begun(), Submitted: v.Submitted(), Paused: c.Query("paused") != "" && v.Begun()}
	if d.Consent {
		d.Read, d.Again = v.Study.Consent.Hash(tag), v.Participant.ConsentVersion > 0
	}
	if d.Headline == "" {
		d.Headline = d.Public
	}
	minutes := "start.minutes"
	if len(st.Waves) > 1 {
		minutes = "start.minutes_panel"
	}
	count := st.Minutes
	if others, known := v.Pace.Whole(); known && others > 0 {
		count = others
	}
	d.Minutes = d.L.T(minutes, "count", count)
	d.Until = d.L.DateYear(lastDay(v))
	d.Elsewhere = s.hidden(c, v)
	d.Proved = c.Query("proved") != "" && v.Proof.Way != "" && v.Proof.Way != interview.ByDevice
	d.Before = !d.Elsewhere && offerable(v)
	d.Choose = !d.Submitted && !d.Elsewhere
	for _, t := range st.Languages {
		d.Languages = append(d.Languages, language{Tag: t, Name: lang.Name(t), Current: t == tag})
	}
	return d
}

type textView struct {
	frame
	Body   template.HTML
	Titled bool // the text has a heading of its own
	Email  string
	Phone  string
	Tel    string // the number as a telephone dials it
	Back   string // where the questionnaire goes on, "" where it cannot
}

var dialled = strings.NewReplacer(" ", "", "-", "", "\u00a0", "", "–", "", "(", "", ")", "", "/", "")

// aside is what the pages beside the questionnaire have in common. They lead
// back to the page of questions that one came from.
func (s *site) aside(c *gin.Context, v *fieldwork.Visit, tag, tab string) textView {
	d := textView{frame: s.frame(c, v, tag, tab), Email: v.Study.Contact.Email, Phone: v.Study.Contact.Phone}
	d.Tel = dialled.Replace(d.Phone)
	if v.Gate != fieldwork.GateOpen {
		return d
	}
	d.Back = d.Path + d.Ask
	if p := v.Logic.Current(v.Doc, s.Now()).Screen(c.Query("from")); p != nil && v.Begun() && !v.ConsentNeeded() {
		d.Back = d.Path + "/p/" + url.PathEscape(p.Key)
	}
	return d
}

// titled tells whether a text has a heading of its own.
func titled(body template.HTML) bool { return strings.Contains(string(body), "<h1>") }

func (s *site) helpPage(c *gin.Context) {
	v, ok := s.visit(c)
	if !ok {
		return
	}
	s.Page.Show(c, http.StatusOK, "respond/help", s.aside(c, v, s.tag(c, v), "help.tab"))
}
