package store

import (
	"strconv"
	"time"
)

const studyColumns = `study, source, consents, hash, applied_at, edited_at, plan, mail`

func scanStudy(row scanner) (Study, error) {
	var (
		s               Study
		consents, mail  string
		applied, edited int64
	)
	if err := row.Scan(&s.Key, &s.Source, &consents, &s.Hash, &applied, &edited, &s.Plan, &mail); err != nil {
		return Study{}, err
	}
	s.AppliedAt, s.EditedAt = moment(applied), moment(edited)
	var err error
	if s.Consents, err = decode(consents); err == nil {
		s.Mail, err = decode(mail)
	}
	return s, err
}

// PutStudy stores a study, in place of the one with its key if there is one.
func (tx *Tx) PutStudy(s Study) error {
	consents, err := encode(s.Consents)
	if err != nil {
		return err
	}
	mail, err := encode(s.Mail)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO studies (`+studyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (study) DO UPDATE SET source = excluded.source, consents = excluded.consents,
			hash = excluded.hash, applied_at = excluded.applied_at, edited_at = excluded.edited_at, plan = excluded.plan, mail = excluded.mail`,
		s.Key, s.Source, consents, s.Hash, millis(s.AppliedAt), millis(s.EditedAt), s.Plan, mail)
	return err
}

// Study gives a study by its key.
func (tx *Tx) Study(key string) (Study, error) {
	return one(tx, missing("study"), scanStudy, `SELECT `+studyColumns+` FROM studies WHERE study = $1`, key)
}

// Studies gives all studies by key.
func (tx *Tx) Studies() ([]Study, error) {
	return list(tx, scanStudy, `SELECT `+studyColumns+` FROM studies ORDER BY study`)
}

// PutPlan stores the plan of messages as it was edited on the pages; "" takes
// that of the study's file again.
func (tx *Tx) PutPlan(key, plan string, at time.Time) error {
	return tx.change(missing("study"), `UPDATE studies SET plan = $2, edited_at = CASE WHEN edited_at >= $3 THEN edited_at + 1 ELSE $3 END WHERE study = $1`, key, plan, millis(at))
}

// Edition names a study as it stands: it is another one after each change.
func (s Study) Edition() string { return edition(s.Hash, millis(s.EditedAt)) }

func edition(hash string, edited int64) string { return hash + "@" + strconv.FormatInt(edited, 36) }

// TouchStudy notes that the study was edited on the pages. The time moves on
// with each edit, also within a millisecond, so that editions differ.
func (tx *Tx) TouchStudy(key string, at time.Time) error {
	return tx.change(missing("study"), `UPDATE studies SET edited_at = CASE WHEN edited_at >= $2 THEN edited_at + 1 ELSE $2 END WHERE study = $1`, key, millis(at))
}

// Edition gives the edition of a study as it stands.
func (tx *Tx) Edition(key string) (string, error) {
	return one(tx, missing("study"), func(row scanner) (string, error) {
		var (
			hash   string
			edited int64
		)
		err := row.Scan(&hash, &edited)
		return edition(hash, edited), err
	}, `SELECT hash, edited_at FROM studies WHERE study = $1`, key)
}

// Calendar gives the number from which the address of a study's feed of field
// periods is derived, 0 where it has none.
func (tx *Tx) Calendar(key string) (int, error) {
	return one(tx, missing("study"), func(row scanner) (n int, err error) {
		err = row.Scan(&n)
		return n, err
	}, `SELECT calendar FROM studies WHERE study = $1`, key)
}

// RenewCalendar gives the feed of a study another address, or its first.
func (tx *Tx) RenewCalendar(key string) error {
	return tx.change(missing("study"), `UPDATE studies SET calendar = calendar + 1 WHERE study = $1`, key)
}

// Held gives since when the messages of a study are held, zero where they are not.
func (tx *Tx) Held(key string) (time.Time, error) {
	return one(tx, missing("study"), func(row scanner) (time.Time, error) {
		var at int64
		err := row.Scan(&at)
		return moment(at), err
	}, `SELECT held_at FROM studies WHERE study = $1`, key)
}

// Hold holds the messages of a study from a moment on; the zero time lets them go.
func (tx *Tx) Hold(key string, since time.Time) error {
	return tx.change(missing("study"), `UPDATE studies SET held_at = $2 WHERE study = $1`, key, millis(since))
}
