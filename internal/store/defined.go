package store

import (
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// Defined gives a study as its file describes it, with its waves and its plan
// as they stand now: both may have been changed since the file was applied.
func (tx *Tx) Defined(key string) (*study.Study, error) {
	row, err := tx.Study(key)
	if err != nil {
		return nil, err
	}
	st, err := row.Parsed()
	if err != nil {
		return nil, err
	}
	return tx.WithPeriods(st)
}

// Parsed gives the study as its file described it, with the plan as it stands now.
func (s Study) Parsed() (*study.Study, error) {
	st, problems := study.Parse([]byte(s.Source), s.Consents)
	if err := problems.Err("study_stored_broken", "The stored study cannot be read."); err != nil || s.Plan == "" {
		return st, err
	}
	st.Plan, problems = st.ParsePlan([]byte(s.Plan))
	return st, problems.Err("plan_stored_broken", "The stored plan cannot be read.")
}

// WithPeriods gives a copy of the study with its waves as they stand now.
func (tx *Tx) WithPeriods(st *study.Study) (*study.Study, error) {
	waves, err := tx.Waves(st.Key)
	if err != nil {
		return nil, err
	}
	return withPeriods(st, waves), nil
}

func withPeriods(st *study.Study, waves []Wave) *study.Study {
	st = st.Clone()
	for _, row := range waves {
		if w := st.Wave(row.Key); w != nil {
			w.Opens, w.Closes, w.Questionnaire, w.Version = row.Opens, row.Closes, row.Questionnaire, row.Version
		}
	}
	return st
}

// Belongs tells whether a participant belongs to a wave: entered at it or
// before, and had not left when it opened.
func (p Participant) Belongs(w study.Wave) bool {
	return p.Cohort <= w.Number && (p.LeftAt.IsZero() || p.LeftAt.After(w.Opens))
}

// Compiled gives the questionnaire of a published version.
func (v Version) Compiled() (*questionnaire.Questionnaire, error) {
	book, problems := questionnaire.Read(v.Key+".md", []byte(v.Sheets))
	if err := problems.Err("version_stored_broken", "The stored questionnaire cannot be read."); err != nil {
		return nil, err
	}
	q, problems := questionnaire.Compile(book)
	return q, problems.Err("version_stored_broken", "The stored questionnaire cannot be compiled.")
}
