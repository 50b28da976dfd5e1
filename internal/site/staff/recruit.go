package staff

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	qrcode "github.com/skip2/go-qrcode"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
	"panelverk/internal/store"
)

// recruitRoutes lists the actions of the enrolment of a study.
func recruitRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	inStudy := (*site).inStudy
	return []route{
		{get, "/s/:study/enrolment", inStudy, (*request).showRecruit},
		{post, "/s/:study/enrolment/publish", inStudy, (*request).publishEnrolment},
		{get, "/s/:study/enrolment/close", inStudy, (*request).askCloseEnrolment},
		{post, "/s/:study/enrolment/close", inStudy, (*request).closeEnrolment},
		{get, "/s/:study/enrolment/poster", inStudy, (*request).showPoster},
		{post, "/s/:study/enrolment/in/:label", inStudy, (*request).letIn},
		{get, "/s/:study/enrolment/out/:label", inStudy, (*request).askRemoveJoiner},
		{post, "/s/:study/enrolment/out/:label", inStudy, (*request).removeJoiner},
		{post, "/s/:study/enrolment/codes", inStudy, (*request).makeJoinCodes},
		{post, "/s/:study/enrolment/codes/print", inStudy, (*request).showJoinCodes},
		{post, "/s/:study/enrolment/codes/end", inStudy, (*request).endJoinCodes},
	}
}

// recruitPage is where the enrolment of a study stands.
type recruitPage struct {
	*view
	Form *form
	R    *fieldwork.Recruitment // nil where the study has none
	QR   *qr                    // of the address; nil before it has one
}

// posterPage is a sheet for the wall: it says nothing of the study but what the
// page says that it leads to.
type posterPage struct {
	*view
	L        *lang.Texts
	Headline string
	Lede     string
	Until    string
	URL      string // without https://
	QR       *qr
	Tags     []link
}

// slipsPage is the codes for a meeting, to print and cut.
type slipsPage struct {
	*view
	Slips []slip
	Tags  []link
	Lang  string
}

type slip struct {
	L     *lang.Texts
	Title string
	Site  string
	Code  string
	Until string
	QR    *qr
}

// qr is a QR code as a path of an SVG, Size modules wide with its quiet zone.
type qr struct {
	Size int
	Path string
}

func drawQR(text string) (*qr, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil, err
	}
	bits := code.Bitmap()
	var path strings.Builder
	for y, row := range bits {
		for x := 0; x < len(row); x++ {
			if !row[x] {
				continue
			}
			from := x
			for x < len(row) && row[x] {
				x++
			}
			fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
		}
	}
	return &qr{Size: len(bits), Path: path.String()}, nil
}

func (r *request) showRecruit() error { return r.recruitPage(r.fresh("codes", "20")) }

func (r *request) recruitPage(f *form) error {
	if err := r.may(access.EnrolmentChange); err != nil {
		return err
	}
	p := recruitPage{view: r.view("enrolment"), Form: f}
	if r.study.Enrolment == nil {
		return r.show("recruit", f, p)
	}
	var err error
	if p.R, err = r.Fieldwork.Recruitment(r.ctx(), r.now, r.actor, r.study.Key); err != nil {
		return err
	}
	if p.R.URL != "" {
		if p.QR, err = drawQR(p.R.URL); err != nil {
			return err
		}
	}
	return r.show("recruit", f, p)
}

// State names where the enrolment stands: published or not, and by its dates.
func (p recruitPage) State() string {
	switch {
	case p.R.Open:
		return "open"
	case p.R.Published:
		return string(p.R.Rules.State(p.now))
	}
	return "unpublished"
}

// Count gives how many joiners are in a state.
func (p recruitPage) Count(state string) int { return p.R.Counts[store.JoinerState(state)] }

// QuotaName names a quota: "Land: Sverige".
func (p recruitPage) QuotaName(q fieldwork.QuotaCount) string {
	a := p.Study.Attribute(q.Attribute)
	return p.In(a.Label) + ": " + p.In(a.Choice(q.Value).Label)
}

// WaitingAttributes gives what is known of somebody on the waiting list.
func (p recruitPage) WaitingAttributes(w fieldwork.WaitingRow) string {
	return p.Attributes(fieldwork.Row{Attributes: w.Attributes})
}

// Flooded tells whether people were turned away during the last day.
func (p recruitPage) Flooded() bool { return p.now.Sub(p.R.Flooded) < 24*time.Hour }

func (r *request) publishEnrolment() error {
	f := r.posted()
	err := r.Fieldwork.PublishEnrolment(r.ctx(), r.now, r.actor, r.study.Key, true)
	if f.take(err) {
		return r.recruitPage(f)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/enrolment"), "staff.done.enrolment_published")
}

// askRecruit asks before something on the enrolment that people will notice.
func (r *request) askRecruit(what, path string, f *form, pairs ...any) error {
	if err := r.may(access.EnrolmentChange); err != nil {
		return err
	}
	text := func(part string) string { return r.t.T("staff.recruit."+what+"_"+part, pairs...) }
	return r.show("confirm", f, confirmPage{view: r.view("enrolment"), Form: f, Head: text("head"), Text: text("text"), Do: text("do"),
		Action: r.at(path), Back: r.at("/enrolment")})
}

func (r *request) askCloseEnrolment() error {
	return r.askRecruit("close", "/enrolment/close", r.fresh())
}

func (r *request) closeEnrolment() error {
	if err := r.Fieldwork.PublishEnrolment(r.ctx(), r.now, r.actor, r.study.Key, false); err != nil {
		return err
	}
	return r.done(r.at("/enrolment"), "staff.done.enrolment_closed")
}

func (r *request) letIn() error {
	f := r.posted()
	err := r.Fieldwork.LetIn(r.ctx(), r.now, r.actor, r.study.Key, r.Param("label"))
	if f.take(err) {
		return r.recruitPage(f)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/enrolment"), "staff.done.let_in")
}

func (r *request) askRemoveJoiner() error {
	return r.askRecruit("remove", "/enrolment/out/"+r.Param("label"), r.fresh(), "label", r.Param("label"))
}

func (r *request) removeJoiner() error {
	if err := r.Fieldwork.RemoveJoiner(r.ctx(), r.now, r.actor, r.study.Key, r.Param("label")); err != nil {
		return err
	}
	return r.done(r.at("/enrolment"), "staff.done.joiner_removed")
}

func (r *request) makeJoinCodes() error {
	f := r.posted()
	n, err := strconv.Atoi(strings.TrimSpace(f.Value("codes")))
	if err != nil {
		n = 0 // is no number that the operation takes, and it says so
	}
	err = r.Fieldwork.MakeJoinCodes(r.ctx(), r.now, r.actor, r.study.Key, n)
	if f.take(err) {
		return r.recruitPage(f)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/enrolment"), "staff.done.codes_made")
}

func (r *request) endJoinCodes() error {
	if err := r.Fieldwork.EndJoinCodes(r.ctx(), r.now, r.actor, r.study.Key); err != nil {
		return err
	}
	return r.done(r.at("/enrolment"), "staff.done.codes_ended")
}

// printed gives the language of a sheet, and the links to it in the others.
func (r *request) printed(path string) (string, []link) {
	tag := r.study.DefaultLanguage()
	if want := r.Request.FormValue("lang"); slices.Contains(r.study.Languages, want) {
		tag = want
	}
	var others []link
	for _, t := range r.study.Languages {
		others = append(others, link{URL: r.at(path + "?lang=" + t), Text: lang.Name(t), Here: t == tag})
	}
	return tag, others
}

func (r *request) showPoster() error {
	if err := r.may(access.EnrolmentChange); err != nil {
		return err
	}
	got, err := r.Fieldwork.Recruitment(r.ctx(), r.now, r.actor, r.study.Key)
	if err != nil {
		return err
	}
	if got.URL == "" {
		return errNoPage
	}
	p := posterPage{view: r.view("enrolment")}
	tag, others := r.printed("/enrolment/poster")
	p.L, p.Tags = lang.For(tag), others
	p.Headline, _ = r.study.Headline.In(tag, r.study.DefaultLanguage())
	p.Lede, _ = r.study.Lede.In(tag, r.study.DefaultLanguage())
	p.Until = p.L.DateYear(p.local(got.Rules.Closes.Add(-time.Second)))
	_, p.URL, _ = strings.Cut(got.URL, "://")
	if p.QR, err = drawQR(got.URL + "?lang=" + tag); err != nil {
		return err
	}
	return r.show("poster", nil, p)
}

// showJoinCodes shows the codes to print: each look is audited, so it is a post.
func (r *request) showJoinCodes() error {
	codes, err := r.Fieldwork.JoinCodes(r.ctx(), r.now, r.actor, r.study.Key)
	if err != nil {
		return err
	}
	p := slipsPage{view: r.view("enrolment")}
	p.Lang, p.Tags = r.printed("/enrolment/codes/print")
	l := lang.For(p.Lang)
	title, _ := r.study.PublicTitle.In(p.Lang, r.study.DefaultLanguage())
	_, site, _ := strings.Cut(r.BaseURL, "://")
	for _, c := range codes {
		code, err := drawQR(c.URL)
		if err != nil {
			return err
		}
		p.Slips = append(p.Slips, slip{L: l, Title: title, Site: site + "/join", Code: c.Code, Until: l.DateYear(p.local(c.Until.Add(-time.Second))), QR: code})
	}
	return r.show("slips", nil, p)
}
