package staff

import (
	"encoding/base64"
	"io"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/intake"
	"panelverk/internal/site/page"
)

// uploadPage is where a list of people is handed in.
type uploadPage struct {
	*view
	Form    *form
	Columns []string // attributes of the study that a column may be
}

// planPage says what a list would do. The file goes along in the page, so that
// names and addresses are stored nowhere before they are in the key file.
type planPage struct {
	*view
	Plan     *intake.ParticipantPlan
	Sentence string // why nothing can be added, "" where it can
	Name     string
	Data     string // the file, base64
	Shown    []intake.Person
	More     int
}

// planRows is how many people of a list are shown before they are added.
const planRows = 50

func (r *request) showUpload() error { return r.uploadPage(r.fresh()) }

func (r *request) uploadPage(f *form) error {
	if err := r.may(access.ParticipantAdd); err != nil {
		return err
	}
	p := uploadPage{view: r.view("panel"), Form: f}
	for _, a := range r.study.Attributes {
		p.Columns = append(p.Columns, p.In(a.Label))
	}
	return r.show("upload", f, p)
}

func (r *request) upload() error {
	if err := r.may(access.ParticipantAdd); err != nil {
		return err
	}
	f := r.posted()
	file, header, err := r.Request.FormFile("file")
	if err != nil {
		f.add("file", "file_missing", nil)
		return r.uploadPage(f)
	}
	defer func() { _ = file.Close() }() // it was read
	data, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	return r.plan(header.Filename, data)
}

// plan shows what a list would do, or why it cannot be used.
func (r *request) plan(name string, data []byte) error {
	plan, err := r.Intake.PlanParticipants(r.ctx(), r.actor, r.study.Key, name, data)
	if err != nil && (fault.Of(err).Kind != fault.Invalid || plan == nil) {
		return err
	}
	p := planPage{view: r.view("panel"), Plan: plan, Name: name}
	f := r.fresh()
	if f.take(err) {
		p.Sentence = page.Sentence(r.t, err)
	} else {
		p.Data = base64.StdEncoding.EncodeToString(data)
	}
	p.Shown = plan.Rows[:min(planRows, len(plan.Rows))]
	p.More = len(plan.Rows) - len(p.Shown)
	return r.show("plan", f, p)
}

// Heading says what will happen.
func (p planPage) Heading() string {
	switch {
	case p.Sentence != "":
		return p.T.T("staff.plan.wrong_head", "count", len(p.Plan.Problems.Errors()))
	case p.Plan.Add == 0:
		return p.T.T("staff.plan.nobody_head")
	default:
		return p.T.T("staff.plan.head", "count", p.Plan.Add)
	}
}

// Say gives the sentence of a problem in the language of the page.
func (v *view) Say(problem fault.Problem) string { return page.ProblemSentence(v.T, problem) }

// Where gives the place of a problem in a file: "Rad 12, kolumn E-post".
func (v *view) Where(problem fault.Problem) string {
	switch {
	case problem.Row > 0 && problem.Column != "":
		return v.T.T("staff.plan.row_column", "row", problem.Row, "column", problem.Column)
	case problem.Row > 0:
		return v.T.T("staff.plan.row", "row", problem.Row)
	case problem.Column != "":
		return v.T.T("staff.plan.column", "column", problem.Column)
	}
	return v.T.T("staff.plan.file")
}

// Errors and Warnings part the problems of the plan.
func (p planPage) Errors() fault.Problems { return p.Plan.Problems.Errors() }

// Warnings gives the rows that are left out, and the like.
func (p planPage) Warnings() fault.Problems {
	var out fault.Problems
	for _, problem := range p.Plan.Problems {
		if problem.Severity == fault.SeverityWarning {
			out = append(out, problem)
		}
	}
	return out
}

// addUploaded adds the people of a list that was shown before. The list is
// read anew: meanwhile somebody may have been added.
func (r *request) addUploaded() error {
	data, err := base64.StdEncoding.DecodeString(r.PostForm("data"))
	if err != nil {
		return errBody.Because(err)
	}
	name := r.PostForm("name")
	plan, err := r.Intake.PlanParticipants(r.ctx(), r.actor, r.study.Key, name, data)
	if err != nil && (fault.Of(err).Kind != fault.Invalid || plan == nil) {
		return err
	}
	if err != nil || plan.Add == 0 {
		return r.plan(name, data)
	}
	rows := make([]fieldwork.NewParticipant, len(plan.Rows))
	for i, p := range plan.Rows {
		rows[i] = fieldwork.NewParticipant{Name: p.Name, Email: p.Email, Phone: p.Phone, Note: p.Note, Language: p.Language, Attributes: p.Attributes}
	}
	if _, err := r.Fieldwork.AddParticipants(r.ctx(), r.now, r.actor, r.study.Key, rows); err != nil {
		return err
	}
	return r.done(r.at("/panel"), "staff.done.list_added")
}
