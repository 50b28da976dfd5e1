package store

import "time"

// Contact is one attempt of staff to reach a participant. Its note is in the key file.
type Contact struct {
	ID      string
	Study   string
	PID     string
	Wave    int    // 0: not for one wave
	Way     string // a panel.ContactWay
	Outcome string // a panel.ContactOutcome
	Account string
	At      time.Time
}

const contactColumns = `id, study, pid, wave, way, outcome, account, at`

func scanContact(row scanner) (Contact, error) {
	var (
		c  Contact
		at int64
	)
	err := row.Scan(&c.ID, &c.Study, &c.PID, &c.Wave, &c.Way, &c.Outcome, &c.Account, &at)
	c.At = moment(at)
	return c, err
}

// AddContact stores a contact.
func (tx *Tx) AddContact(c Contact) error {
	_, err := tx.exec(`INSERT INTO contacts (`+contactColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		c.ID, c.Study, c.PID, c.Wave, c.Way, c.Outcome, c.Account, millis(c.At))
	return err
}

// ContactsOf gives the contacts with a participant, the newest first.
func (tx *Tx) ContactsOf(pid string) ([]Contact, error) {
	return list(tx, scanContact, `SELECT `+contactColumns+` FROM contacts WHERE pid = $1 ORDER BY at DESC, id DESC`, pid)
}
