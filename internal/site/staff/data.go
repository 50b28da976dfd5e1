package staff

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// dataPage is where the data is taken out.
type dataPage struct {
	*view
	O          *fieldwork.Overview
	Form       *form
	Languages  []option
	Versions   []string
	Interviews int      // 0 where some wave's are hidden: the sum would tell them
	Few        bool     // some wave's are hidden
	Uploads    []option // the waves in which files were handed in
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
	counts, err := r.Release.UploadCounts(r.ctx(), r.actor, r.study.Key)
	if err != nil {
		return err
	}
	p := dataPage{view: r.view("data"), O: o, Form: f}
	for _, tag := range r.study.Languages {
		p.Languages = append(p.Languages, option{Value: tag, Text: lang.Name(tag)})
	}
	if !slices.Contains(r.study.Languages, f.Value("language")) {
		f.values.Set("language", r.study.DefaultLanguage())
	}
	for _, w := range o.Waves {
		if n := counts[w.Number]; n > 0 {
			p.Uploads = append(p.Uploads, option{Value: itoa(w.Number), Text: p.WaveName(w.Number), More: r.t.T("staff.data.uploads_count", "count", n)})
		}
		p.Interviews += w.Answered
		p.Few = p.Few || w.State != study.Planned && p.hides(w.Answered)
		if name := p.Version(w.Wave); !slices.Contains(p.Versions, name) {
			p.Versions = append(p.Versions, name)
		}
	}
	if p.Few {
		p.Interviews = 0
	}
	return r.show("data", f, p)
}

// Interviewed tells how many interviews of a wave were sent in. As on the overview,
// few are told to those alone who may see the participants one by one.
func (p dataPage) Interviewed(w fieldwork.WaveCount) string {
	if p.hides(w.Answered) {
		return p.T.T("staff.overview.wave_few")
	}
	return p.T.T("staff.data.interviews", "count", w.Answered)
}

// Heading tells how much there is.
func (p dataPage) Heading() string {
	if p.Few {
		return p.T.T("staff.nav.data")
	}
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
	r          *request
	name, kind string
}

func (a attachment) Write(b []byte) (int, error) {
	if !a.r.Writer.Written() {
		h := a.r.Writer.Header()
		h.Set("Content-Type", a.kind)
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
	return r.sendWorkbook(language, name)
}

// uploads sends the files of a wave to who has promised not to look for people.
func (r *request) uploads() error {
	if err := r.may(access.DataDownload); err != nil {
		return err
	}
	f := r.posted()
	wave, err := strconv.Atoi(f.Value("wave"))
	if err != nil {
		f.add("wave", "wave_missing", nil)
	}
	if !f.Is("agreed", "1") {
		f.add("agreed", "promise_missing", nil)
	}
	if f.Bad() {
		return r.dataPage(f)
	}
	return r.Release.Uploads(r.ctx(), r.now, r.actor, r.study.Key, wave, attachment{r, r.study.Key + "-wave-" + itoa(wave) + "-files.zip", "application/zip"})
}

// TypeName names the type of a question.
func (v *view) TypeName(it *questionnaire.Item) string { return v.T.T("staff.type." + string(it.Type)) }
