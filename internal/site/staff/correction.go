package staff

import (
	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/release"
	"panelverk/internal/study"
)

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
	err = r.Release.Correct(r.ctx(), r.now, r.actor, release.NewCorrection{
		Study: r.study.Key, ExportID: f.Value("id"), Wave: w.Number, Question: f.Value("question"),
		Values: []string{f.Value("value")}, Reason: f.Value("reason"),
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
