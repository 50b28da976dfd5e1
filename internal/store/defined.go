package store

import (
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// Defined gives a study as its file describes it, with its waves as they stand
// now: field periods may have been moved since the file was applied.
func (tx *Tx) Defined(key string) (*study.Study, error) {
	row, err := tx.Study(key)
	if err != nil {
		return nil, err
	}
	st, problems := study.Parse([]byte(row.Source), row.Consents)
	if err := problems.Err("study_stored_broken", "The stored study cannot be read."); err != nil {
		return nil, err
	}
	waves, err := tx.Waves(key)
	if err != nil {
		return nil, err
	}
	st = st.Clone()
	for _, row := range waves {
		if w := st.Wave(row.Key); w != nil {
			w.Opens, w.Closes, w.Questionnaire, w.Version = row.Opens, row.Closes, row.Questionnaire, row.Version
		}
	}
	return st, nil
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
