package store

import "time"

// erasing removes what hangs on a participant. Who takes part in a table with a
// pid of their own adds to it.
var erasing = []string{
	`DELETE FROM handovers WHERE message IN (SELECT id FROM messages WHERE pid = $1)`,
	`DELETE FROM messages WHERE pid = $1`,
	`DELETE FROM joiners WHERE pid = $1`,
	`DELETE FROM contacts WHERE pid = $1`,
	`DELETE FROM pins WHERE pid = $1`,
	`DELETE FROM proof_codes WHERE pid = $1`,
	`DELETE FROM proofs WHERE pid = $1`,
	`DELETE FROM attempts WHERE pid = $1`,
	`DELETE FROM agreements WHERE pid = $1`,
	`DELETE FROM former_participants WHERE pid = $1`,
	`DELETE FROM upload_parts WHERE token IN (SELECT u.token FROM uploads u JOIN interviews i ON i.id = u.interview WHERE i.pid = $1)`,
	`DELETE FROM uploads WHERE interview IN (SELECT id FROM interviews WHERE pid = $1)`,
	`DELETE FROM saves WHERE interview IN (SELECT id FROM interviews WHERE pid = $1)`,
	`DELETE FROM redactions WHERE interview IN (SELECT id FROM interviews WHERE pid = $1)`,
	`DELETE FROM corrections WHERE interview IN (SELECT id FROM interviews WHERE pid = $1)`,
	`UPDATE interviews SET document = '', language = '', revision = revision + 1 WHERE pid = $1`,
	`UPDATE events SET detail = '' WHERE pid = $1`,
}

// EraseAnswers removes every answer of a participant: the saves, the files, the
// corrections, what is to leave in place of answers, and what the documents hold,
// told answers of earlier waves among it; the messages, the contacts, and whatever was noted with an event.
// Erasure on request is the one thing that removes rows.
func (tx *Tx) EraseAnswers(pid string) error {
	for _, statement := range erasing {
		if _, err := tx.exec(statement, pid); err != nil {
			return err
		}
	}
	return nil
}

// Erase removes all that the panel holds on a participant, and leaves a
// tombstone: pid, label, cohort and what happened when, without a word of what
// was said. It tells whether there was anything to erase; what was erased
// before stays as it is.
func (tx *Tx) Erase(pid string, at time.Time) (done bool, err error) {
	p, err := tx.Participant(pid)
	if err != nil {
		return false, err
	}
	if err := tx.EraseAnswers(pid); err != nil {
		return false, err
	}
	if err := tx.takeReleases(pid, at); err != nil {
		return false, err
	}
	if _, err := tx.exec(`INSERT INTO erasures (pid, at, swept_at) VALUES ($1, $2, 0)
		ON CONFLICT (pid) DO UPDATE SET swept_at = 0`, pid, millis(at)); err != nil {
		return false, err
	}
	done = p.Status != Erased
	p.Status, p.Language, p.Attributes, p.Channels = Erased, "", nil, nil
	p.ConsentLanguage, p.PausedUntil, p.OptedOutAt, p.CodesFrom = "", time.Time{}, time.Time{}, time.Time{}
	if p.LeftAt.IsZero() {
		p.LeftAt = at
	}
	return done, tx.UpdateParticipant(p)
}

// Unswept gives those who were erased, and whose bytes may still lie in free
// pages or in the log of the database files.
func (tx *Tx) Unswept() ([]string, error) {
	return list(tx, scanString, `SELECT pid FROM erasures WHERE swept_at = 0 ORDER BY pid`)
}

// Swept notes that nothing is left of those who were erased.
func (tx *Tx) Swept(pids []string, now time.Time) error {
	for _, pid := range pids {
		if _, err := tx.exec(`UPDATE erasures SET swept_at = $2 WHERE pid = $1`, pid, millis(now)); err != nil {
			return err
		}
	}
	return nil
}

// Erasure is one person who was erased.
type Erasure struct {
	PID string
	At  time.Time
}

// Erasures gives everybody who was erased, by pid.
func (tx *Tx) Erasures() ([]Erasure, error) {
	return list(tx, func(row scanner) (Erasure, error) {
		var (
			e  Erasure
			at int64
		)
		err := row.Scan(&e.PID, &at)
		e.At = moment(at)
		return e, err
	}, `SELECT pid, left_at FROM participants WHERE status = 'erased' ORDER BY pid`)
}

func scanString(row scanner) (string, error) {
	var s string
	err := row.Scan(&s)
	return s, err
}
