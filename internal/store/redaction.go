package store

import "time"

// RedactionKind is what was decided about an answer in somebody's own words.
type RedactionKind string

// The kinds.
const (
	LeavesAsIs     RedactionKind = "as_is"
	LeavesRedacted RedactionKind = "redacted" // Words leave in its place
	Withheld       RedactionKind = "withheld"
)

// Redaction is what somebody who read an answer decided about it.
type Redaction struct {
	Interview string
	PID       string // of the interview; not for AddRedaction
	Wave      int    // the same
	Question  string // in a repeat with the instance's numbers: why@2
	Digest    string // secret.Ring.Text of what was read
	Kind      RedactionKind
	Words     string // of LeavesRedacted
	Account   string
	At        time.Time
}

const redactionColumns = `r.interview, i.pid, i.wave, r.question, r.digest, r.decision, r.words, r.account, r.at`

func scanRedaction(row scanner) (Redaction, error) {
	var (
		r  Redaction
		at int64
	)
	err := row.Scan(&r.Interview, &r.PID, &r.Wave, &r.Question, &r.Digest, &r.Kind, &r.Words, &r.Account, &at)
	r.At = moment(at)
	return r, err
}

// AddRedaction stores what was decided beside what was decided before.
func (tx *Tx) AddRedaction(r Redaction) error {
	_, err := tx.exec(`INSERT INTO redactions (interview, number, question, digest, decision, words, account, at)
		VALUES ($1, (SELECT COALESCE(MAX(number), 0) + 1 FROM redactions WHERE interview = $1), $2, $3, $4, $5, $6, $7)`,
		r.Interview, r.Question, r.Digest, string(r.Kind), r.Words, r.Account, millis(r.At))
	return err
}

// Redactions gives what was decided in a study until a moment, by interview in the
// order in which it was: the last one of a digest counts.
func (tx *Tx) Redactions(study string, until time.Time) ([]Redaction, error) {
	return list(tx, scanRedaction, `SELECT `+redactionColumns+` FROM redactions r JOIN interviews i ON i.id = r.interview
		WHERE i.study = $1 AND r.at <= $2 ORDER BY i.pid, i.wave, r.number`, study, millis(until))
}

// RedactionsOf gives what was decided about the answers of an interview, in order.
func (tx *Tx) RedactionsOf(interview string) ([]Redaction, error) {
	return list(tx, scanRedaction, `SELECT `+redactionColumns+` FROM redactions r JOIN interviews i ON i.id = r.interview
		WHERE r.interview = $1 ORDER BY r.number`, interview)
}
