package store

const correctionColumns = `c.id, c.interview, c.question, c.old_value, c.new_value, c.reason, c.account, c.at`

func scanCorrection(row scanner) (Correction, error) {
	var (
		c  Correction
		at int64
	)
	err := row.Scan(&c.ID, &c.Interview, &c.Question, &c.Old, &c.New, &c.Reason, &c.Account, &at)
	c.At = moment(at)
	return c, err
}

// AddCorrection stores a correction beside the original.
func (tx *Tx) AddCorrection(c Correction) error {
	_, err := tx.exec(`INSERT INTO corrections (id, interview, number, question, old_value, new_value, reason, account, at)
		VALUES ($1, $2, (SELECT COALESCE(MAX(number), 0) + 1 FROM corrections WHERE interview = $2), $3, $4, $5, $6, $7, $8)`,
		c.ID, c.Interview, c.Question, c.Old, c.New, c.Reason, c.Account, millis(c.At))
	return err
}

// Corrections gives the corrections in a study by interview, in the order they
// were made: the last one of a question counts.
func (tx *Tx) Corrections(study string) ([]Correction, error) {
	return list(tx, scanCorrection, `SELECT `+correctionColumns+` FROM corrections c JOIN interviews i ON i.id = c.interview
		WHERE i.study = $1 ORDER BY i.pid, i.wave, c.number`, study)
}

// CorrectionsOf gives the corrections of an interview in the order they were made.
func (tx *Tx) CorrectionsOf(interview string) ([]Correction, error) {
	return list(tx, scanCorrection, `SELECT `+correctionColumns+` FROM corrections c WHERE c.interview = $1 ORDER BY c.number`, interview)
}
