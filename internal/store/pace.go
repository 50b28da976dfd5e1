package store

import "panelverk/internal/interview"

// mostSittings is how many interviews a pace is made of: those sent in last.
const mostSittings = 500

// Sittings gives the times of the interviews with a version that were sent in
// on the web by participants who count, the last ones first. An interview that
// was imported or typed in tells nothing of how long it took.
func (tx *Tx) Sittings(study, questionnaire string, version int) ([]interview.Sitting, error) {
	return list(tx, scanSitting, `SELECT i.pid, i.started_at, i.submitted_at, i.document
		FROM interviews i JOIN participants p ON p.pid = i.pid
		WHERE i.study = $1 AND i.questionnaire = $2 AND i.version = $3 AND i.submitted_at > 0 AND i.mode = 'web'
			AND p.pilot = 0 AND p.merged_into = ''
		ORDER BY i.submitted_at DESC, i.id LIMIT $4`, study, questionnaire, version, mostSittings)
}

func scanSitting(row scanner) (interview.Sitting, error) {
	var (
		s                  interview.Sitting
		started, submitted int64
		document           string
	)
	if err := row.Scan(&s.Person, &started, &submitted, &document); err != nil {
		return s, err
	}
	s.Started, s.Submitted = moment(started), moment(submitted)
	if doc, err := interview.Decode(document); err == nil { // a broken one is nobody's pace, and whoever answers must not fall over it
		s.Pages = doc.Pages
	}
	return s, nil
}
