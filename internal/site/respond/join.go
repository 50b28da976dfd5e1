package respond

import (
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
	"panelverk/internal/site/page"
	"panelverk/internal/study"
)

// joinView is the page on which somebody asks to take part, with an address or
// with a code.
type joinView struct {
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
	Consent    template.HTML
	Version    int
	Contact    joinContact
	Waiting    bool // all places are taken, and there is a waiting list
	Code       bool // a code holds the place, and no address is asked for
	Email      *joinField
	Phone      *joinField
	Either     bool // one of the two is enough
	Name       *joinField
	Attributes []joinField
	Agreed     bool
	ConsentBad string
	Faults     []joinFault
	Notice     string // why it has to be sent once more
	Stamp      string
}

// joinContact is whom one can ask.
type joinContact struct{ Role, Email, Phone, Tel string }

// joinField is something to fill in.
type joinField struct {
	ID, Name, Label, Value, Wrong string
	Optional                      bool
	Choices                       []joinChoice
}

type joinChoice struct {
	Value, Text string
	Chosen      bool
}

// joinFault is one thing to put right.
type joinFault struct{ ID, Text string }

// joining is the frame of a page about a study to somebody who has no link yet.
func (s *site) joining(c *gin.Context, st *study.Study, own, path, tab string) frame {
	tag := own
	if want := c.Query("lang"); slices.Contains(st.Languages, want) {
		tag = want
	}
	if tag == "" {
		if tag = lang.Choose(c.GetHeader("Accept-Language"), st.Languages); !slices.Contains(st.Languages, tag) {
			tag = st.DefaultLanguage()
		}
	}
	l := lang.For(tag)
	role, _ := st.Contact.Role.In(tag, st.DefaultLanguage())
	return frame{L: l, Lang: tag, Tab: l.T(tab), Public: fieldwork.PublicTitle(st, tag), Path: path, Role: role}
}

func contactOf(f frame, st *study.Study) joinContact {
	return joinContact{Role: f.Role, Email: st.Contact.Email, Phone: st.Contact.Phone, Tel: dialled.Replace(st.Contact.Phone)}
}

// joinPage gives the page of the request, and false after it has answered the
// request itself: an unknown address, an enrolment that is not open.
func (s *site) joinPage(c *gin.Context) (*fieldwork.EnrolmentPage, bool) {
	p, err := s.Fieldwork.EnrolmentPage(c.Request.Context(), s.Now(), c.Param("key"))
	if err != nil {
		s.fail(c, nil, err)
		return nil, false
	}
	if p.Gate == fieldwork.EnrolOpen || p.Gate == fieldwork.EnrolWaiting {
		return p, true
	}
	d := state{frame: s.joining(c, p.Study, "", "/join/"+p.Key, "join.tab")}
	l := d.L
	d.Title, d.Text = l.T("join."+string(p.Gate)+"_title"), l.T("join."+string(p.Gate)+"_text")
	status := http.StatusConflict
	switch p.Gate {
	case fieldwork.EnrolPlanned:
		at := p.Study.Enrolment.Opens.In(p.Study.TimeZone)
		d.Text = l.T("join.planned_text", "date", l.DateYear(at), "clock", l.Clock(at))
	case fieldwork.EnrolClosed:
		status = http.StatusGone
	}
	d.More = l.T("join.ask", "role", d.Role, "email", p.Study.Contact.Email)
	s.Page.Show(c, status, "respond/state", d)
	return nil, false
}

func (s *site) joinForm(c *gin.Context) {
	if p, ok := s.joinPage(c); ok {
		s.Page.Show(c, http.StatusOK, "respond/join", s.joinView(c, p, "/join/"+p.Key, nil))
	}
}

// asking reads the form.
func asking(c *gin.Context, st *study.Study) fieldwork.Asking {
	f := c.Request.PostForm
	in := fieldwork.Asking{Name: f.Get("name"), Email: f.Get("email"), Phone: f.Get("phone"), Language: f.Get("lang"),
		Attributes: map[string]string{}, Consent: f.Has("consent"), Stamp: f.Get("stamp"), Trap: f.Get("website")}
	for _, name := range st.Enrolment.Attributes {
		in.Attributes[name] = f.Get("attribute." + name)
	}
	return in
}

// joinPost answers every form that is filled in as it should be with the same
// page, whoever's address was typed.
func (s *site) joinPost(c *gin.Context) {
	p, ok := s.joinPage(c)
	if !ok || !s.form(c, nil) {
		return
	}
	in := asking(c, p.Study)
	err := s.Fieldwork.Enrol(c.Request.Context(), s.Now(), p.Key, in)
	if err == nil {
		by := "email"
		if strings.TrimSpace(in.Email) == "" {
			by = "sms"
		}
		c.Redirect(http.StatusSeeOther, "/join/"+p.Key+"/sent?by="+by+"&lang="+s.joining(c, p.Study, in.Language, "", "join.tab").Lang)
		return
	}
	if !s.joinAgain(c, p, "/join/"+p.Key, err) {
		s.fail(c, nil, err)
	}
}

// joinAgain shows the form again with what is wrong; false where the error is
// none that can be put right there.
func (s *site) joinAgain(c *gin.Context, p *fieldwork.EnrolmentPage, path string, err error) bool {
	switch e := fault.Of(err); e.Kind {
	case fault.Invalid, fault.Conflict, fault.TooMany:
		s.Page.Log(c, err)
		s.Page.Show(c, page.Status(err), "respond/join", s.joinView(c, p, path, e))
		return true
	}
	return false
}

// joinView fills the page; wrong is what a posted form came to, nil for a fresh one.
func (s *site) joinView(c *gin.Context, p *fieldwork.EnrolmentPage, path string, wrong *fault.Error) joinView {
	st := p.Study
	own := ""
	if wrong != nil && slices.Contains(st.Languages, c.Request.PostForm.Get("lang")) {
		own = c.Request.PostForm.Get("lang")
	}
	d := joinView{frame: s.joining(c, st, own, path, "join.tab"), Stamp: p.Stamp, Waiting: p.Gate == fieldwork.EnrolWaiting,
		Code: !p.Email && !p.Phone, Either: p.Email && p.Phone, Agreed: c.Request.PostForm.Has("consent"), Version: st.Consent.Version}
	l := d.L
	in := func(t lang.Text) string {
		text, _ := t.In(d.Lang, st.DefaultLanguage())
		return text
	}
	d.Headline, d.Lede, d.Controller = in(st.Headline), in(st.Lede), in(st.Controller)
	d.Who, d.Why, d.Answers = in(st.About.Who), in(st.About.Why), in(st.About.Answers)
	d.Contact = contactOf(d.frame, st)
	minutes := "start.minutes"
	if len(st.Waves) > 1 {
		minutes = "start.minutes_panel"
	}
	d.Minutes, d.Until = l.T(minutes, "count", st.Minutes), l.DateYear(st.Enrolment.Closes.Add(-1).In(st.TimeZone))
	// The page has its own headings: those of the text stand below them.
	d.Consent = template.HTML(strings.NewReplacer("<h1>", "<h3>", "</h1>", "</h3>", "<h2>", "<h3>", "</h2>", "</h3>").Replace(string(prose(in(st.Consent.Texts))))) //nolint:gosec // prose escapes
	for _, t := range st.Languages {
		d.Languages = append(d.Languages, language{Tag: t, Name: lang.For(t).T("language.name"), Current: t == d.Lang})
	}
	said := map[string]string{}
	if wrong != nil {
		for _, problem := range fault.Problems(wrong.Problems).Errors() {
			said[problem.Field] = page.ProblemSentence(l, problem)
		}
		if len(said) == 0 {
			d.Notice = page.Sentence(l, wrong)
		}
	}
	field := func(name, label string) *joinField {
		return &joinField{ID: "f-" + strings.ReplaceAll(name, ".", "-"), Name: name, Label: label, Value: c.Request.PostForm.Get(name), Wrong: said[name]}
	}
	if p.Email {
		d.Email = field("email", l.T("join.email"))
	}
	if p.Phone {
		d.Phone = field("phone", l.T("join.phone"))
	}
	if st.Enrolment.Name {
		d.Name = field("name", l.T("join.name"))
	}
	for _, name := range st.Enrolment.Attributes {
		d.Attributes = append(d.Attributes, attributeField(field, st, name, in))
	}
	d.ConsentBad = said["consent"]
	d.note()
	return d
}

// attributeField gives the field of an attribute as a list to choose from.
func attributeField(field func(name, label string) *joinField, st *study.Study, name string, in func(lang.Text) string) joinField {
	a := st.Attribute(name)
	f := field("attribute."+name, in(a.Label))
	f.Optional = !st.Enrolment.Required(name)
	for _, choice := range a.Choices {
		f.Choices = append(f.Choices, joinChoice{Value: choice.Name, Text: in(choice.Label), Chosen: f.Value == choice.Name})
	}
	return *f
}

// note lists what is wrong in the order of the page.
func (d *joinView) note() {
	all := slices.DeleteFunc([]*joinField{d.Email, d.Phone, d.Name}, func(f *joinField) bool { return f == nil })
	for i := range d.Attributes {
		all = append(all, &d.Attributes[i])
	}
	for _, f := range all {
		if f.Wrong != "" {
			text := f.Wrong
			if f.Choices != nil {
				text = f.Label + ": " + f.Wrong
			}
			d.Faults = append(d.Faults, joinFault{f.ID, text})
		}
	}
	if d.ConsentBad != "" {
		d.Faults = append(d.Faults, joinFault{"consent", d.ConsentBad})
	}
	d.Wrong = len(d.Faults) > 0 || d.Notice != ""
}

// joinSent tells everybody the same: where to look for the message.
func (s *site) joinSent(c *gin.Context) {
	p, err := s.Fieldwork.EnrolmentPage(c.Request.Context(), s.Now(), c.Param("key"))
	if err != nil {
		s.fail(c, nil, err)
		return
	}
	by := "email"
	if c.Query("by") == "sms" {
		by = "sms"
	}
	d := state{frame: s.joining(c, p.Study, "", "/join/"+p.Key, "join.sent_tab")}
	d.Title, d.Text = d.L.T("join.sent_"+by+"_title"), d.L.T("join.sent_"+by+"_text")
	d.More = d.L.T("join.sent_"+by+"_more", "role", d.Role, "email", p.Study.Contact.Email)
	s.Page.Show(c, http.StatusOK, "respond/state", d)
}
