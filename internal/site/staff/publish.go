package staff

import (
	"encoding/base64"
	"maps"
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
	Before []string // the files that the version before has
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
	Pack     string // those attached to it, an archive in base64
	Files    []fieldwork.Attached
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
	return r.askNext(number, r.fresh())
}

// askNext shows the form with what was typed before.
func (r *request) askNext(number int, f *form) error {
	p := r.nextPage(number, f)
	var err error
	if p.Before, err = r.before(number); err != nil {
		return err
	}
	return r.show("next", f, p)
}

// before gives the names of the files of the version before.
func (r *request) before(number int) ([]string, error) {
	if number < 2 {
		return nil, nil
	}
	files, err := r.Fieldwork.VersionFiles(r.ctx(), r.actor, r.study.Key, r.Param("key"), number-1)
	return slices.Sorted(maps.Keys(files)), err
}

// readNext reads a file and shows what is wrong with it or what differs.
func (r *request) readNext() error {
	number, err := r.next()
	if err != nil {
		return err
	}
	f := r.posted()
	h := r.handedIn(f)
	if f.Bad() {
		return r.askNext(number, f)
	}
	p := fieldwork.Publication{Study: r.study.Key, Key: r.Param("key"), Number: number, FileName: h.name, Data: h.data, Files: h.files, DryRun: true}
	review, err := r.Fieldwork.Publish(r.ctx(), r.now, r.actor, p)
	return r.draft(p, h, review, err, r.fresh())
}

// publish publishes a file that was shown before, with what was decided.
func (r *request) publish() error {
	if _, err := r.next(); err != nil {
		return err
	}
	number, err := strconv.Atoi(r.PostForm("number"))
	if err != nil {
		return errNoPage.Because(err)
	}
	f := r.posted()
	h := r.handedIn(f)
	if f.Bad() {
		return r.askNext(number, f)
	}
	p := fieldwork.Publication{Study: r.study.Key, Key: r.Param("key"), Number: number, FileName: h.name, Data: h.data, Files: h.files, Decisions: f.decisions()}
	review, err := r.Fieldwork.Publish(r.ctx(), r.now, r.actor, p)
	if err == nil {
		return r.done(r.at("/questionnaires/"+p.Key+"/"+itoa(number)), "staff.done.published")
	}
	f.take(atReasons(err))
	return r.draft(p, h, review, err, f)
}

// draft shows a file with its problems, or else with what differs. What is
// not decided yet is no fault before somebody has pressed "publish".
func (r *request) draft(p fieldwork.Publication, h handedIn, review *fieldwork.Review, err error, f *form) error {
	if err != nil && (review == nil || fault.Of(err).Kind != fault.Invalid) {
		return err
	}
	pack, packing := h.pack()
	if packing != nil {
		return packing
	}
	d := draftPage{nextPage: r.nextPage(p.Number, f), File: p.FileName, Files: review.Files, Data: base64.StdEncoding.EncodeToString(p.Data), Pack: pack}
	ofFile := slices.DeleteFunc(slices.Clone(review.Problems), func(p fault.Problem) bool { return strings.HasPrefix(p.Field, "decisions.") })
	wrong, warnings, advice := partProblems(ofFile)
	d.Wrong, d.Warned, d.Advised = len(wrong), len(warnings), len(advice)
	d.Problems = problemSheets(r.t, review.Book, "p", wrong)
	d.Warnings, d.Advice = problemSheets(r.t, review.Book, "w", warnings), problemSheets(r.t, review.Book, "a", advice)
	if d.Wrong > 0 {
		f.take(err)
		return r.show("draft", f, d)
	}
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

// Lacking tells whether the questionnaire refers to a file that nobody has
// handed in.
func (p draftPage) Lacking() bool {
	return slices.ContainsFunc(p.Files, func(a fieldwork.Attached) bool { return a.Gone })
}

// Origin says where an attached file comes from.
func (p draftPage) Origin(a fieldwork.Attached) string {
	switch {
	case a.Gone:
		return p.T.T("staff.files.gone")
	case a.From > 0:
		return p.T.T("staff.files.from", "version", p.T.T("staff.version", "key", p.Key, "number", a.From))
	}
	return p.T.T("staff.files.given")
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
