package respond

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
)

// Whoever loses the network goes on all the same: web/static/lift.js asks, once
// the first page can be used, for all pages of the interview and draws the next
// one itself when we cannot be reached. The pages are those that we would draw,
// by the same templates, with every question that may be asked waiting in a
// template, and without answers: the browser puts in what this device has given.
//
// They are handed to a device that gave every answer there is; for any other
// the way on hangs on answers that it may not know. And they are not handed out
// while the way hangs on chance: see interview.View.Foreseeable.

// whereMark stands, on a page for any instance of a repeat, where it says which one it is.
const whereMark = "\uE103"

// mostCounted is up to which number texts come ready made, in the right plural.
const mostCounted = 30

// Whole is all that a browser needs to go on without us.
type Whole struct {
	Legs    []*interview.Leg           `json:"legs"`
	Data    json.RawMessage            `json:"data"`  // PageData of the whole questionnaire
	Saved   map[string]string          `json:"saved"` // earlier answers that this device may see, by question
	Pages   map[string]interview.Visit `json:"pages"` // those that were posted
	Review  string                     `json:"review"`
	Seeds   map[string]float64         `json:"seeds,omitempty"`   // of questions whose choices are shuffled
	Parts   []string                   `json:"parts"`             // how each is headed in the review
	Texts   map[string]string          `json:"texts"`             // by key of the page texts
	Counts  map[string][]string        `json:"counts"`            // texts for one, two, three …
	Repeats map[string]string          `json:"repeats,omitempty"` // what an instance of each is called
	Own     bool                       `json:"own"`               // the owner has said that the device is: it may keep what waits
	Until   int64                      `json:"until"`             // when the wave closes: unix milliseconds
}

func (s *site) whole(c *gin.Context) {
	v, ok := s.begun(c)
	if !ok {
		return
	}
	device, tag := s.device(c, v), v.Language()
	pen := newWholePaper(v, device, tag, s)
	if v.Submitted() || !pen.allOurs() && (len(v.Doc.Answers) > 0 || len(v.Doc.Earlier) > 0) || !pen.view.Foreseeable() {
		c.Status(http.StatusNoContent)
		return
	}
	w, err := s.wholeOf(c, v, pen)
	if err != nil {
		s.fail(c, v, err)
		return
	}
	c.PureJSON(http.StatusOK, w)
}

// newWholePaper gives what draws the pages of an interview for whoever goes on
// without us: as if nothing were answered.
func newWholePaper(v *fieldwork.Visit, device, tag string, s *site) *paper {
	pen := &paper{view: v.Logic.Current(v.Doc, s.Now()), logic: v.Logic, doc: v.Doc, device: device, tag: tag, whole: true, texts: lang.For(tag), uploads: v.Uploads, zone: v.Study.TimeZone}
	pen.script = &interview.PageScript{Script: *v.Logic.Script(), Live: map[string]bool{}, Shown: quotedNames(v.Logic.Questionnaire), Answers: v.Doc.Answers}
	for _, r := range pen.script.Items {
		pen.script.Live[r.Name] = true
		if it := v.Logic.Questionnaire.Question(r.Name); it.InRepeat() != nil {
			pen.script.Shown[r.Name] = true // an instance is named after its answers
		}
	}
	return pen
}

func (s *site) wholeOf(c *gin.Context, v *fieldwork.Visit, pen *paper) (*Whole, error) {
	w := &Whole{Legs: v.Logic.Legs(), Data: json.RawMessage(pen.data()), Pages: v.Doc.Pages, Saved: map[string]string{}, Repeats: map[string]string{}, Texts: map[string]string{}, Counts: map[string][]string{}, Until: v.Wave.Closes.UnixMilli()}
	for name, e := range pen.doc.Earlier {
		w.Saved[name] = e.Value
	}
	w.Seeds = pen.seeds(v)
	kept, _ := s.cookies(c, v)
	w.Own = kept != ""
	// Nothing of the answers is drawn: the pages are the same before and after.
	blank := *v
	blank.Doc = &interview.Document{Earlier: v.Doc.Earlier, Proof: v.Doc.Proof}
	pen.doc, pen.view = blank.Doc, v.Logic.Current(blank.Doc, s.Now())
	if err := s.drawLegs(c, &blank, pen, w.Legs); err != nil {
		return nil, err
	}
	r := reviewView{frame: s.frame(c, v, pen.tag, "review.tab"), Review: blankReview(&blank, pen)}
	r.After = r.L.T("review.after", "date", r.L.Date(lastDay(v)))
	var b bytes.Buffer
	if err := s.Page.Part(&b, "respond/review", "main", r); err != nil {
		return nil, err
	}
	w.Review = b.String()
	pen.says(w)
	return w, nil
}

// drawLegs draws each page and overview.
func (s *site) drawLegs(c *gin.Context, v *fieldwork.Visit, pen *paper, legs []*interview.Leg) error {
	for _, leg := range legs {
		if leg.Key != "" {
			page := *pen
			page.refs, page.view = nil, pen.view.Pretended(leg.Screen)
			d := s.sheetView(c, v, pen.tag, draw(v, leg.Screen, &page, nil, interview.Result{}))
			d.Script, d.Action, d.First = "", d.Path+"/p/"+leg.Key, false
			var b bytes.Buffer
			if err := s.Page.Part(&b, "respond/questions", "main", d); err != nil {
				return err
			}
			leg.HTML = b.String()
		}
		if err := s.drawLegs(c, v, pen, leg.Legs); err != nil {
			return err
		}
	}
	return nil
}

// blankReview gives a review with one part and one row, which the browser
// fills and repeats.
func blankReview(v *fieldwork.Visit, pen *paper) Review {
	r := Review{Total: len(v.Logic.Questionnaire.Parts) + 1, Change: pen.texts.T("review.change"), Blank: pen.texts.T("review.none"), Unanswered: "–", Back: "-",
		Parts: []ReviewPart{{Heading: "–", Rows: []ReviewRow{{Address: "/p/", Label: "–"}}}}}
	for n := 1; n <= r.Total; n++ {
		r.Ticks = append(r.Ticks, tick(n, r.Total))
	}
	return r
}

// says adds the texts that the browser says by itself.
func (p *paper) says(w *Whole) {
	for _, key := range []string{"roster.add", "roster.another", "roster.none", "roster.no", "roster.nth", "roster.of", "roster.one", "roster.gone",
		"errors.kept", "errors.leaving", "errors.soft_text", "problem.unanswered", "problem.hard_required", "problem.constraint_choice", "review.part_plain", "page.acknowledge",
		"lift.off", "lift.submitted", "lift.later", "lift.lost", "lift.sending"} {
		w.Texts[key] = p.texts.T(key, "label", "{label}", "n", "{n}", "total", "{total}", "count", "{count}")
	}
	for _, key := range []string{"errors.title", "errors.soft_title", "errors.submit_title", "review.unanswered", "roster.full", "roster.count"} {
		for n := 1; n <= mostCounted; n++ {
			w.Counts[key] = append(w.Counts[key], p.texts.T(key, "count", n, "n", n))
		}
	}
	for _, r := range p.script.Items {
		if r.Repeat {
			w.Repeats[r.Name] = cmp.Or(p.plain(p.logic.Questionnaire.Question(r.Name).Label), p.texts.T("roster.one"))
		}
	}
	for _, part := range p.logic.Questionnaire.Parts {
		w.Parts = append(w.Parts, p.partHeading(part))
	}
}

// seeds gives by what the choices of questions are shuffled, by key. Those in a
// repeat of a repeat keep the order of their list where nobody can ask us.
func (p *paper) seeds(v *fieldwork.Visit) map[string]float64 {
	out := map[string]float64{}
	for _, it := range v.Logic.Questionnaire.Questions {
		if !it.Randomize || it.Seed != nil {
			continue
		}
		last := 0
		repeat := it.InRepeat()
		if repeat != nil {
			last = interview.MostInstances(repeat)
		}
		for n := min(1, last); n <= last && (repeat == nil || repeat.InRepeat() == nil); n++ {
			key := it.Name
			if repeat != nil {
				key = interview.At(it.Name, strconv.Itoa(n))
			}
			out[key] = interview.Seed(v.Invitation.ID, key)
		}
	}
	return out
}

// quotedNames gives the names that some text of a questionnaire quotes.
func quotedNames(q *questionnaire.Questionnaire) map[string]bool {
	out := map[string]bool{}
	read := func(texts ...lang.Text) {
		for _, t := range texts {
			for _, s := range t {
				questionnaire.Interpolate(s, func(name string) string {
					out[name] = true
					return ""
				})
			}
		}
	}
	for _, it := range q.Questions {
		for up := it; up != nil; up = up.Parent {
			read(up.Label, up.Hint, up.Guidance, up.ConstraintMessage)
		}
	}
	for _, list := range q.Lists {
		for _, c := range list.Choices {
			read(c.Label)
		}
	}
	for _, part := range q.Parts {
		read(part.Label)
	}
	return out
}

// everyChoice gives the choices of a question whatever its filter says; where
// they are answers, one that stands for any of them.
func everyChoice(it *questionnaire.Item) []*questionnaire.Choice {
	switch {
	case it.ListFrom != nil:
		return []*questionnaire.Choice{{Name: "-"}}
	case it.List == nil:
		return nil
	}
	return it.List.Choices
}
