package staff

import (
	"encoding/base64"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/questionnaire"
)

// nextPage is where the file of the next version is handed in.
type nextPage struct {
	*view
	Form   *form
	Name   string // of the next version
	Key    string
	Number int
}

// draftPage says what a file would become. The file goes along in the page:
// nothing is stored before it is published.
type draftPage struct {
	nextPage
	Problems []problemSheet // of the file: those keep it from being published
	Warnings []problemSheet
	Advice   []problemSheet
	Wrong    int // how many problems there are
	Warned   int
	Advised  int
	File     string
	Data     string // the file, base64
	C        *comparison
}

// next gives the number of the next version of the path's questionnaire, to
// who may publish it.
func (r *request) next() (int, error) {
	if err := r.may(access.QuestionnairePublish); err != nil {
		return 0, err
	}
	versions, err := r.Fieldwork.Versions(r.ctx(), r.actor, r.study.Key)
	if err != nil {
		return 0, err
	}
	number := 0
	for _, v := range versions {
		if v.Key == r.Param("key") {
			number = max(number, v.Number)
		}
	}
	if number == 0 {
		return 0, errNoPage
	}
	return number + 1, nil
}

func (r *request) nextPage(number int, f *form) nextPage {
	return nextPage{view: r.view("questionnaires"), Form: f, Key: r.Param("key"), Number: number,
		Name: r.t.T("staff.version", "key", r.Param("key"), "number", number)}
}

func (r *request) showNext() error {
	number, err := r.next()
	if err != nil {
		return err
	}
	f := r.fresh()
	return r.show("next", f, r.nextPage(number, f))
}

// readNext reads a file and shows what is wrong with it or what differs.
func (r *request) readNext() error {
	number, err := r.next()
	if err != nil {
		return err
	}
	f := r.posted()
	file, header, err := r.Request.FormFile("file")
	if err != nil {
		f.add("file", "file_missing", nil)
		return r.show("next", f, r.nextPage(number, f))
	}
	defer func() { _ = file.Close() }() // it was read
	data, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	p := fieldwork.Publication{Study: r.study.Key, Key: r.Param("key"), Number: number, FileName: path.Base(header.Filename), Data: data, DryRun: true}
	review, err := r.Fieldwork.Publish(r.ctx(), r.now, r.actor, p)
	return r.draft(p, review, err, r.fresh())
}

// publish publishes a file that was shown before, with what was decided.
func (r *request) publish() error {
	if _, err := r.next(); err != nil {
		return err
	}
	data, err := base64.StdEncoding.DecodeString(r.PostForm("data"))
	if err != nil {
		return errBody.Because(err)
	}
	number, err := strconv.Atoi(r.PostForm("number"))
	if err != nil {
		return errNoPage.Because(err)
	}
	f := r.posted()
	p := fieldwork.Publication{Study: r.study.Key, Key: r.Param("key"), Number: number, FileName: r.PostForm("name"), Data: data, Decisions: f.decisions()}
	review, err := r.Fieldwork.Publish(r.ctx(), r.now, r.actor, p)
	if err == nil {
		return r.done(r.at("/questionnaires/"+p.Key+"/"+itoa(number)), "staff.done.published")
	}
	f.take(atReasons(err))
	return r.draft(p, review, err, f)
}

// draft shows a file with its problems, or else with what differs. What is
// not decided yet is no fault before somebody has pressed "publish".
func (r *request) draft(p fieldwork.Publication, review *fieldwork.Review, err error, f *form) error {
	if err != nil && (review == nil || fault.Of(err).Kind != fault.Invalid) {
		return err
	}
	d := draftPage{nextPage: r.nextPage(p.Number, f), File: p.FileName}
	ofFile := slices.DeleteFunc(slices.Clone(review.Problems), func(p fault.Problem) bool { return strings.HasPrefix(p.Field, "decisions.") })
	wrong, warnings, advice := partProblems(ofFile)
	d.Wrong, d.Warned, d.Advised = len(wrong), len(warnings), len(advice)
	d.Problems = problemSheets(r.t, review.Book, "p", wrong)
	d.Warnings, d.Advice = problemSheets(r.t, review.Book, "w", warnings), problemSheets(r.t, review.Book, "a", advice)
	if d.Wrong > 0 {
		f.take(err)
		return r.show("draft", f, d)
	}
	d.Data = base64.StdEncoding.EncodeToString(p.Data)
	d.C = d.comparison(review, f)
	return r.show("draft", f, d)
}

// Heading says what the page is about.
func (p draftPage) Heading() string {
	if p.C == nil {
		return p.T.T("staff.draft.wrong_head", "count", p.Wrong)
	}
	return p.C.Title()
}

// decisions gives what was decided in the form, by question. A reason alone
// decides nothing.
func (f *form) decisions() []questionnaire.Decision {
	var out []questionnaire.Decision
	for name := range f.values {
		question, ok := strings.CutPrefix(name, "decisions.")
		if !ok || f.Value(name) == "" {
			continue
		}
		out = append(out, questionnaire.Decision{Question: question, Verdict: questionnaire.Verdict(f.Value(name)),
			Reason: f.Value("reason." + question), Confirmed: f.values["confirmed."+question]})
	}
	slices.SortFunc(out, func(a, b questionnaire.Decision) int { return strings.Compare(a.Question, b.Question) })
	return out
}

// atReasons moves what is wrong with a reason to the field of the reason.
func atReasons(err error) error {
	e := *fault.Of(err)
	e.Problems = slices.Clone(e.Problems)
	for i, p := range e.Problems {
		if p.Code == "decision_reason" {
			e.Problems[i].Field = "reason." + strings.TrimPrefix(p.Field, "decisions.")
		}
	}
	return &e
}
