package store

import "time"

// ConsentText is a consent text as it was in force. It never changes.
type ConsentText struct {
	Study    string
	Version  int
	Language string
	Hash     string // study.TextHash
	Body     string // Markdown
	Since    time.Time
}

// Agreement is that a participant agreed to a consent text.
type Agreement struct {
	PID      string
	Version  int
	Language string
	Hash     string // "" where it was given before texts were kept
	At       time.Time
}

// KeepConsent keeps a text for good; once more changes nothing.
func (tx *Tx) KeepConsent(c ConsentText) error {
	_, err := tx.exec(`INSERT INTO consent_texts (study, version, language, hash, body, since) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (study, version, language, hash) DO NOTHING`, c.Study, c.Version, c.Language, c.Hash, c.Body, millis(c.Since))
	return err
}

// ConsentTexts gives every consent text that a study has had, by version and language.
func (tx *Tx) ConsentTexts(study string) ([]ConsentText, error) {
	return list(tx, scanConsent, `SELECT study, version, language, hash, body, since FROM consent_texts
		WHERE study = $1 ORDER BY version, language, since, hash`, study)
}

// ConsentText gives one of them by its hash.
func (tx *Tx) ConsentText(study string, version int, language, hash string) (ConsentText, error) {
	return one(tx, missing("consent_text"), scanConsent, `SELECT study, version, language, hash, body, since FROM consent_texts
		WHERE study = $1 AND version = $2 AND language = $3 AND hash = $4`, study, version, language, hash)
}

func scanConsent(row scanner) (ConsentText, error) {
	var (
		c     ConsentText
		since int64
	)
	err := row.Scan(&c.Study, &c.Version, &c.Language, &c.Hash, &c.Body, &since)
	c.Since = moment(since)
	return c, err
}

// Agreed tells whether anybody has agreed to a version in a language, or has
// ticked it and is yet to confirm an address.
func (tx *Tx) Agreed(study string, version int, language string) (bool, error) {
	n, err := tx.count(`SELECT (SELECT COUNT(*) FROM participants WHERE study = $1 AND consent_version = $2 AND consent_language = $3)
		+ (SELECT COUNT(*) FROM agreements a JOIN participants p ON p.pid = a.pid WHERE p.study = $1 AND a.version = $2 AND a.language = $3)
		+ (SELECT COUNT(*) FROM joiners WHERE study = $1 AND consent_version = $2 AND language = $3 AND address <> '')`, study, version, language)
	return n > 0, err
}

// AddAgreement notes that a participant agreed. The first agreement to a
// version stands.
func (tx *Tx) AddAgreement(a Agreement) error {
	_, err := tx.exec(`INSERT INTO agreements (pid, version, language, hash, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (pid, version) DO NOTHING`,
		a.PID, a.Version, a.Language, a.Hash, millis(a.At))
	return err
}

// AgreementsOf gives what a participant agreed to, the newest first.
func (tx *Tx) AgreementsOf(pid string) ([]Agreement, error) {
	return list(tx, func(row scanner) (Agreement, error) {
		var (
			a  Agreement
			at int64
		)
		err := row.Scan(&a.PID, &a.Version, &a.Language, &a.Hash, &at)
		a.At = moment(at)
		return a, err
	}, `SELECT pid, version, language, hash, at FROM agreements WHERE pid = $1 ORDER BY version DESC, at DESC`, pid)
}

// EachAgreement gives every agreement of a study that was given before a moment to
// do, by participant and version.
func (tx *Tx) EachAgreement(study string, before time.Time, do func(pid string, version int) error) error {
	rows, err := list(tx, func(row scanner) (a Agreement, err error) {
		err = row.Scan(&a.PID, &a.Version)
		return a, err
	}, `SELECT pid, consent_version FROM participants WHERE study = $1 AND consent_version > 0 AND consent_at <= $2
		UNION SELECT a.pid, a.version FROM agreements a JOIN participants p ON p.pid = a.pid WHERE p.study = $1 AND a.at <= $2 ORDER BY 1, 2`, study, millis(before))
	for _, a := range rows {
		if err == nil {
			err = do(a.PID, a.Version)
		}
	}
	return err
}
