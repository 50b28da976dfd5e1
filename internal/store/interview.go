package store

import (
	"time"

	"panelverk/internal/interview"
)

const interviewColumns = `id, study, pid, wave, questionnaire, version, mode, language, document, revision,
	started_at, last_at, submitted_at, imported_at`

func scanInterview(row scanner) (Interview, error) {
	var (
		i                                  Interview
		started, last, submitted, imported int64
	)
	err := row.Scan(&i.ID, &i.Study, &i.PID, &i.Wave, &i.Questionnaire, &i.Version, &i.Mode, &i.Language,
		&i.Document, &i.Revision, &started, &last, &submitted, &imported)
	i.StartedAt, i.LastAt, i.SubmittedAt, i.ImportedAt = moment(started), moment(last), moment(submitted), moment(imported)
	return i, err
}

// StartInterview stores a new interview, with an empty document, where the
// invitation has none yet, and gives the one that is there.
func (tx *Tx) StartInterview(i Interview) (Interview, error) {
	last := i.LastAt
	if last.IsZero() {
		last = i.StartedAt
	}
	if _, err := tx.exec(`INSERT INTO interviews (`+interviewColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 0, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING`,
		i.ID, i.Study, i.PID, i.Wave, i.Questionnaire, i.Version, string(i.Mode), i.Language,
		millis(i.StartedAt), millis(last), millis(i.SubmittedAt), millis(i.ImportedAt)); err != nil {
		return Interview{}, err
	}
	return tx.Interview(i.ID)
}

// Interview gives an interview by its id, which is its invitation's.
func (tx *Tx) Interview(id string) (Interview, error) {
	return one(tx, missing("interview"), scanInterview, `SELECT `+interviewColumns+` FROM interviews WHERE id = $1`, id)
}

// Interviews gives the interviews of a wave by pid.
func (tx *Tx) Interviews(study string, wave int) ([]Interview, error) {
	return list(tx, scanInterview,
		`SELECT `+interviewColumns+` FROM interviews WHERE study = $1 AND wave = $2 ORDER BY pid`, study, wave)
}

// InterviewsBefore gives the interviews of the same participant with the same
// questionnaire in earlier waves, the latest first.
func (tx *Tx) InterviewsBefore(i Interview) ([]Interview, error) {
	return list(tx, scanInterview, `SELECT `+interviewColumns+` FROM interviews
		WHERE study = $1 AND pid = $2 AND wave < $3 AND questionnaire = $4 ORDER BY wave DESC`, i.Study, i.PID, i.Wave, i.Questionnaire)
}

// InterviewsOf gives the interviews of a participant, the latest first.
func (tx *Tx) InterviewsOf(pid string) ([]Interview, error) {
	return list(tx, scanInterview, `SELECT `+interviewColumns+` FROM interviews WHERE pid = $1 ORDER BY wave DESC`, pid)
}

// EachInterview streams the interviews of a study by pid and wave.
func (tx *Tx) EachInterview(study string, do func(Interview) error) error {
	return stream(func(last *Interview) ([]Interview, error) {
		var from Interview
		if last != nil {
			from = *last
		}
		return list(tx, scanInterview, `SELECT `+interviewColumns+` FROM interviews
			WHERE study = $1 AND (pid, wave) > ($2, $3) ORDER BY pid, wave LIMIT $4`, study, from.PID, from.Wave, pageRows)
	}, do)
}

// SubmitInterview notes that the interview was submitted; LastAt moves with it.
func (tx *Tx) SubmitInterview(id string, at time.Time) error {
	return tx.change(missing("interview"),
		`UPDATE interviews SET submitted_at = $2, last_at = $2 WHERE id = $1`, id, millis(at))
}

// ReopenInterview takes the submission back.
func (tx *Tx) ReopenInterview(id string, at time.Time) error {
	return tx.change(missing("interview"),
		`UPDATE interviews SET submitted_at = 0, last_at = $2 WHERE id = $1`, id, millis(at))
}

// SetInterviewLanguage notes the language that the interview goes on in.
func (tx *Tx) SetInterviewLanguage(id, lang string) error {
	return tx.change(missing("interview"), `UPDATE interviews SET language = $2 WHERE id = $1`, id, lang)
}

// Decoded gives the document of the interview.
func (i Interview) Decoded() (*interview.Document, error) { return interview.Decode(i.Document) }
