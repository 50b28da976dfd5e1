package store

import "time"

// Confirmation says that somebody has looked at the words of a question in a
// language that stayed while another changed, and keeps them.
type Confirmation struct {
	Study    string
	Key      string // the questionnaire
	Number   int    // the version whose words were looked at
	Question string
	Language string
	Account  string
	At       time.Time
}

const confirmationColumns = `study, questionnaire, number, question, language, account, at`

func scanConfirmation(row scanner) (Confirmation, error) {
	var (
		c  Confirmation
		at int64
	)
	err := row.Scan(&c.Study, &c.Key, &c.Number, &c.Question, &c.Language, &c.Account, &at)
	c.At = moment(at)
	return c, err
}

// AddConfirmation stores a confirmation. One that is there already stays as it is.
func (tx *Tx) AddConfirmation(c Confirmation) error {
	_, err := tx.exec(`INSERT INTO confirmations (`+confirmationColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (study, questionnaire, number, question, language) DO NOTHING`,
		c.Study, c.Key, c.Number, c.Question, c.Language, c.Account, millis(c.At))
	return err
}

// Confirmations gives the confirmations of a study by questionnaire, version,
// question and language. Those that were ticked when a version was published
// are in its decisions.
func (tx *Tx) Confirmations(study string) ([]Confirmation, error) {
	return list(tx, scanConfirmation, `SELECT `+confirmationColumns+` FROM confirmations WHERE study = $1
		ORDER BY questionnaire, number, question, language`, study)
}
