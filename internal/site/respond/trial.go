package respond

import (
	"io"
	"net/url"
	"time"

	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/lang"
	"panelverk/internal/site/page"
)

// TrialDevice is the device that gives all answers of a trial: it is shown
// every one of them.
const TrialDevice = "trial"

// Trial is one page of a questionnaire that staff tries out. It is drawn by the
// templates of the respondents, and stands in a frame of a page of staff, to
// which its forms are sent.
type Trial struct {
	Visit    *fieldwork.Visit    // see fieldwork.Trial
	Tag      string              // the language
	Page     *interview.Screen   // nil for the review
	Pretend  bool                // the page is shown although the answers do not lead to it
	Posted   url.Values          // what was posted just now, nil for a fresh page
	Result   interview.Result    // and what it came to
	Problems []interview.Problem // of the review, after its button was pressed

	Action  string    // where the forms go
	Carried []Carried // what they carry
}

// Carried is a hidden field of a trial's forms.
type Carried struct{ Name, Value string }

// Names of the buttons that only a trial has: to a page, and to the review.
const (
	TrialJump = "jump"
	TrialEnd  = "end"
)

// Write draws the page, or the review where there is none.
func (t *Trial) Write(w io.Writer, pages *page.Renderer, now time.Time) error {
	v, l := t.Visit, lang.For(t.Tag)
	f := frame{L: l, Lang: t.Tag, Public: fieldwork.PublicTitle(v.Study, t.Tag), Trial: t}
	if t.Page == nil {
		f.Tab = l.T("review.tab")
		d := reviewView{frame: f, Review: Summarise(v, TrialDevice, t.Tag, t.Problems, now)}
		d.After = l.T("review.after", "date", l.Date(lastDay(v)))
		return pages.Execute(w, "respond/review", d)
	}
	pen := newPaper(v, t.Page, TrialDevice, t.Tag, now)
	if t.Pretend {
		pen.view.Pretend(t.Page)
	}
	d := sheetView{frame: f, Sheet: draw(v, t.Page, pen, t.Posted, t.Result), Action: t.Action}
	d.Tab = l.T("respond.part", "count", d.Part, "total", d.Parts)
	d.Languages = nil // the page around the frame has them
	return pages.Execute(w, "respond/questions", d)
}
