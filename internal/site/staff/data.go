package staff

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
	"panelverk/internal/release"
	"panelverk/internal/study"
)

// dataPage is where the data is taken out.
type dataPage struct {
	*view
	O          *fieldwork.Overview
	Form       *form
	Languages  []option
	Versions   []string
	Interviews int
}

// languageName names a language in itself, a tag that is not ours as it is.
func languageName(tag string) string {
	if slices.Contains(lang.Tags, tag) {
		return lang.For(tag).T("language.name")
	}
	return tag
}

func (r *request) showData() error { return r.dataPage(r.fresh("language", r.t.Tag)) }

func (r *request) dataPage(f *form) error {
	if err := r.may(access.DataDownload); err != nil {
		return err
	}
	o, err := r.Fieldwork.Overview(r.ctx(), r.now, r.actor, r.study.Key)
	if err != nil {
		return err
	}
	p := dataPage{view: r.view("data"), O: o, Form: f}
	for _, tag := range r.study.Languages {
		p.Languages = append(p.Languages, option{Value: tag, Text: languageName(tag)})
	}
	if !slices.Contains(r.study.Languages, f.Value("language")) {
		f.values.Set("language", r.study.DefaultLanguage())
	}
	for _, w := range o.Waves {
		p.Interviews += w.Answered
		if name := p.Version(w.Wave); !slices.Contains(p.Versions, name) {
			p.Versions = append(p.Versions, name)
		}
	}
	return r.show("data", f, p)
}

// Heading tells how much there is.
func (p dataPage) Heading() string {
	if p.Begun() < 2 {
		return p.T.T("staff.data.head_first", "count", p.Interviews)
	}
	return p.T.T("staff.data.head", "count", p.Interviews, "waves", p.number(p.Begun()))
}

// Begun counts the waves that have opened.
func (p dataPage) Begun() int {
	n := 0
	for _, w := range p.O.Waves {
		if w.State != study.Planned {
			n++
		}
	}
	return n
}

// attachment holds the headers of a download back until its first byte, so
// that what fails before is still shown as a page.
type attachment struct {
	r    *request
	name string
}

func (a attachment) Write(b []byte) (int, error) {
	if !a.r.Writer.Written() {
		h := a.r.Writer.Header()
		h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		h.Set("Content-Disposition", `attachment; filename="`+a.name+`"`)
		a.r.Status(http.StatusOK)
	}
	return a.r.Writer.Write(b)
}

// workbook streams the workbook to who has promised not to look for people.
func (r *request) workbook() error {
	if err := r.may(access.DataDownload); err != nil {
		return err
	}
	f := r.posted()
	if !f.Is("promise", "1") {
		f.add("promise", "promise_missing", nil)
		return r.dataPage(f)
	}
	language := f.Value("language")
	if !slices.Contains(r.study.Languages, language) {
		language = r.study.DefaultLanguage()
	}
	name := r.study.Key + "-" + r.now.In(r.study.TimeZone).Format(time.DateOnly) + ".xlsx"
	return r.Release.Workbook(r.ctx(), r.now, r.actor, r.study.Key, language, attachment{r, name}, nil)
}

// variable is a question as a column of the data, over the waves.
type variable struct {
	Name, Question, Type string
	Label, Tag           string // the label and its language
	Waves                string
}

type variablesPage struct {
	*view
	Rows []variable
}

// showVariables lists the questions of all waves. The workbook's own sheet
// has the columns that each of them becomes.
func (r *request) showVariables() error {
	if err := r.may(access.DataDownload); err != nil {
		return err
	}
	p := variablesPage{view: r.view("data")}
	waves := map[string][]string{}
	for _, w := range r.study.Waves {
		logic, err := r.Fieldwork.Questionnaire(r.ctx(), r.actor, r.study.Key, w.Questionnaire, w.Version)
		if err != nil {
			return err
		}
		for _, it := range logic.Questionnaire.Questions {
			if it.Type == questionnaire.Note {
				continue
			}
			if waves[it.Name] == nil {
				row := variable{Name: it.Variable, Question: it.Name, Type: p.TypeName(it)}
				row.Label, row.Tag = it.Label.In(r.t.Tag, "en", logic.Questionnaire.Default)
				if row.Name == "" {
					row.Name = it.Name
				}
				p.Rows = append(p.Rows, row)
			}
			waves[it.Name] = append(waves[it.Name], itoa(w.Number))
		}
	}
	for i := range p.Rows {
		p.Rows[i].Waves = strings.Join(waves[p.Rows[i].Question], ", ")
	}
	return r.show("variables", nil, p)
}

// TypeName names the type of a question.
func (v *view) TypeName(it *questionnaire.Item) string { return v.T.T("staff.type." + string(it.Type)) }

// correctionsPage is the values that were set right, and where one sets another.
type correctionsPage struct {
	*view
	Form    *form
	Rows    []release.Correction
	Waves   []option
	Example string // the name of a question
}

func (r *request) showCorrections() error { return r.correctionsPage(r.fresh()) }

func (r *request) correctionsPage(f *form) error {
	rows, err := r.Release.Corrections(r.ctx(), r.actor, r.study.Key)
	if err != nil {
		return err
	}
	p := correctionsPage{view: r.view("data"), Form: f, Rows: rows}
	for _, w := range r.study.Waves {
		if w.State(r.now) != study.Planned {
			p.Waves = append(p.Waves, option{Value: itoa(w.Number), Text: p.WaveName(w.Number)})
		}
	}
	if len(r.study.Waves) > 0 {
		w := r.study.Waves[0]
		logic, err := r.Fieldwork.Questionnaire(r.ctx(), r.actor, r.study.Key, w.Questionnaire, w.Version)
		if err != nil {
			return err
		}
		for _, it := range logic.Questionnaire.Questions {
			if it.Asks() && p.Example == "" {
				p.Example = it.Name
			}
		}
	}
	return r.show("corrections", f, p)
}

func (r *request) correct() error {
	if err := r.may(access.DataCorrect); err != nil {
		return err
	}
	f := r.posted()
	w, err := r.waveOf(f.Value("wave"))
	if err != nil {
		f.add("wave", "wave_missing", nil)
		return r.correctionsPage(f)
	}
	logic, err := r.Fieldwork.Questionnaire(r.ctx(), r.actor, r.study.Key, w.Questionnaire, w.Version)
	if err != nil {
		return err
	}
	err = r.Release.Correct(r.ctx(), r.now, r.actor, release.NewCorrection{
		Study: r.study.Key, ExportID: f.Value("id"), Wave: w.Number, Question: strings.TrimSpace(f.Value("question")),
		Values: typedValues(logic.Questionnaire.Question(strings.TrimSpace(f.Value("question"))), f.Value("value")), Reason: f.Value("reason"),
	})
	if e := fault.Of(err); e != nil && (e.Code == "interview_unknown" || e.Code == "answers_erased") {
		f.add("id", e.Code, nil)
		return r.correctionsPage(f)
	}
	if f.take(err) {
		return r.correctionsPage(f)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/data/corrections"), "staff.done.corrected")
}

// typedValues gives a typed value as a form would post it. A choice may be
// written by its name or by the code that it has in data files.
func typedValues(it *questionnaire.Item, typed string) []string {
	typed = strings.TrimSpace(typed)
	if it == nil || it.List == nil {
		return []string{typed}
	}
	words := []string{typed}
	if it.Type == questionnaire.SelectMultiple || it.Type == questionnaire.Rank {
		words = strings.FieldsFunc(typed, func(c rune) bool { return c == ' ' || c == ',' || c == ';' })
	}
	for i, word := range words {
		if code, err := strconv.Atoi(word); err == nil && it.List.Choice(word) == nil {
			for _, c := range it.List.Choices {
				if c.Code != nil && *c.Code == code {
					words[i] = c.Name
				}
			}
		}
	}
	return words
}

// questionnairesPage lists the versions that the waves field.
type questionnairesPage struct {
	*view
	Rows []versionRow
}

type versionRow struct {
	Key     string
	Number  int
	Waves   string
	Count   int // questions
	Hash    string
	Name    string
	Address string
}

func (r *request) showQuestionnaires() error {
	if err := r.may(access.QuestionnaireView); err != nil {
		return err
	}
	p := questionnairesPage{view: r.view("questionnaires")}
	for _, w := range r.study.Waves {
		i := slices.IndexFunc(p.Rows, func(v versionRow) bool { return v.Key == w.Questionnaire && v.Number == w.Version })
		if i >= 0 {
			p.Rows[i].Waves += ", " + itoa(w.Number)
			continue
		}
		logic, err := r.Fieldwork.Questionnaire(r.ctx(), r.actor, r.study.Key, w.Questionnaire, w.Version)
		if err != nil {
			return err
		}
		row := versionRow{Key: w.Questionnaire, Number: w.Version, Waves: itoa(w.Number), Hash: logic.Questionnaire.Hash, Name: p.Version(w),
			Address: r.at("/questionnaires/" + w.Questionnaire + "/" + itoa(w.Version))}
		for _, it := range logic.Questionnaire.Questions {
			if it.Asks() {
				row.Count++
			}
		}
		p.Rows = append(p.Rows, row)
	}
	return r.show("questionnaires", nil, p)
}

// questionnairePage is one version to read.
type questionnairePage struct {
	*view
	Q         *questionnaire.Questionnaire
	Name      string
	Lang      string // of the texts
	Languages []link
}

var errNoVersion = errors.New("no wave fields this version")

func (r *request) showQuestionnaire() error {
	number, err := strconv.Atoi(r.Param("version"))
	if err != nil {
		return errNoPage.Because(err)
	}
	if !slices.ContainsFunc(r.study.Waves, func(w study.Wave) bool { return w.Questionnaire == r.Param("key") && w.Version == number }) {
		return errNoPage.Because(errNoVersion)
	}
	logic, err := r.Fieldwork.Questionnaire(r.ctx(), r.actor, r.study.Key, r.Param("key"), number)
	if err != nil {
		return err
	}
	q := logic.Questionnaire
	p := questionnairePage{view: r.view("questionnaires"), Q: q, Lang: r.Query("lang"),
		Name: r.t.T("staff.version", "key", r.Param("key"), "number", number)}
	if !slices.Contains(q.Languages, p.Lang) {
		p.Lang = q.Default
		if slices.Contains(q.Languages, r.t.Tag) {
			p.Lang = r.t.Tag
		}
	}
	for _, tag := range q.Languages {
		p.Languages = append(p.Languages, link{URL: "?lang=" + tag, Text: languageName(tag), Here: tag == p.Lang})
	}
	return r.show("questionnaire", nil, p)
}

// Text gives a text of the questionnaire in the chosen language.
func (p questionnairePage) Text(t lang.Text) string {
	s, _ := t.In(p.Lang, p.Q.Default)
	return s
}

// Code gives the number of a choice in data files, "" where it is assigned later.
func (p questionnairePage) Code(c *questionnaire.Choice) string {
	switch {
	case c.Missing == questionnaire.DontKnow:
		return "−1"
	case c.Missing == questionnaire.Refused:
		return "−2"
	case c.Code != nil:
		return itoa(*c.Code)
	}
	return ""
}

// Asked gives the condition under which an item is asked, "" for always.
func (p questionnairePage) Asked(it *questionnaire.Item) string {
	var out []string
	for ; it != nil; it = it.Parent {
		if it.Relevant != nil {
			out = append(out, it.Relevant.Source)
		}
	}
	slices.Reverse(out)
	return strings.Join(out, " and ")
}
