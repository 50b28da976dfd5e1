package store

import (
	"time"

	"panelverk/internal/interview"
)

// PIN is a number that a participant chose on a device.
type PIN struct {
	PID    string
	Device string // secret.Ring.Device of its cookie
	Digest string // secret.Ring.PIN
	SetAt  time.Time
}

// PutPIN stores the number of a device, in place of the one it had.
func (tx *Tx) PutPIN(p PIN) error {
	_, err := tx.exec(`INSERT INTO pins (pid, device, digest, set_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (pid, device) DO UPDATE SET digest = excluded.digest, set_at = excluded.set_at`, p.PID, p.Device, p.Digest, millis(p.SetAt))
	return err
}

// samePerson holds of the pid of a participant and of the rows that turned out
// to be the same person.
const samePerson = `(pid = $1 OR pid IN (SELECT pid FROM participants WHERE merged_into = $1))`

// PINs gives the numbers of a participant, those chosen before two rows became
// one among them, by device.
func (tx *Tx) PINs(pid string) ([]PIN, error) {
	return list(tx, func(row scanner) (PIN, error) {
		var (
			p  PIN
			at int64
		)
		err := row.Scan(&p.PID, &p.Device, &p.Digest, &at)
		p.SetAt = moment(at)
		return p, err
	}, `SELECT pid, device, digest, set_at FROM pins WHERE `+samePerson+` ORDER BY device, pid`, pid)
}

// CountPINs counts the participants of a study who have chosen a number.
func (tx *Tx) CountPINs(study string) (int, error) {
	return tx.count(`SELECT COUNT(DISTINCT pid) FROM pins WHERE pid IN (SELECT pid FROM participants WHERE study = $1)`, study)
}

// ResetPINs removes the numbers of a participant, what was proved by whichever
// way, and what was tried.
func (tx *Tx) ResetPINs(pid string) error {
	for _, table := range []string{"pins", "proofs", "attempts"} {
		if _, err := tx.exec(`DELETE FROM `+table+` WHERE `+samePerson, pid); err != nil {
			return err
		}
	}
	return nil
}

// AddProofCode notes that a device has asked for a code, and gives its number.
func (tx *Tx) AddProofCode(pid, device string, now, until time.Time) (number int, err error) {
	return one(tx, missing("participant"), func(row scanner) (n int, err error) { err = row.Scan(&n); return n, err },
		`INSERT INTO proof_codes (pid, number, device, created_at, until_at, tries, used_at)
		SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, 0, 0 FROM proof_codes WHERE pid = $1 RETURNING number`,
		pid, device, millis(now), millis(until))
}

// TryProofCodes counts a try at each code of a device that still holds, and
// gives their numbers; none where all are used, too old, or tried too often.
func (tx *Tx) TryProofCodes(pid, device string, now time.Time, mostTries int) ([]int, error) {
	return list(tx, func(row scanner) (n int, err error) { err = row.Scan(&n); return n, err },
		`UPDATE proof_codes SET tries = tries + 1 WHERE pid = $1 AND device = $2 AND used_at = 0 AND until_at > $3 AND tries < $4
		RETURNING number`, pid, device, millis(now), mostTries)
}

// UseProofCodes uses every code of a device up.
func (tx *Tx) UseProofCodes(pid, device string, now time.Time) error {
	_, err := tx.exec(`UPDATE proof_codes SET used_at = $3 WHERE pid = $1 AND device = $2 AND used_at = 0`, pid, device, millis(now))
	return err
}

// Proved is a device that has proved itself in a wave.
type Proved struct {
	PID    string
	Wave   int
	Device string
	Way    interview.Way
	Digest string // of the number, "" for a code
	At     time.Time
}

// AddProved stores it, in place of what the device proved before in that way.
func (tx *Tx) AddProved(p Proved) error {
	_, err := tx.exec(`INSERT INTO proofs (pid, wave, device, way, digest, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (pid, wave, device, way) DO UPDATE SET digest = excluded.digest, at = excluded.at`,
		p.PID, p.Wave, p.Device, string(p.Way), p.Digest, millis(p.At))
	return err
}

// ProvedBy gives what a device has proved in a wave.
func (tx *Tx) ProvedBy(pid string, wave int, device string) ([]Proved, error) {
	return list(tx, func(row scanner) (Proved, error) {
		var (
			p  Proved
			at int64
		)
		err := row.Scan(&p.PID, &p.Wave, &p.Device, &p.Way, &p.Digest, &at)
		p.At = moment(at)
		return p, err
	}, `SELECT pid, wave, device, way, digest, at FROM proofs WHERE pid = $1 AND wave = $2 AND device = $3 ORDER BY way`, pid, wave, device)
}

// Sharing gives the devices of a participant on which a number was chosen or typed.
func (tx *Tx) Sharing(pid, digest string) ([]string, error) {
	return list(tx, scanString, `SELECT device FROM pins WHERE digest = $2 AND `+samePerson+`
		UNION SELECT device FROM proofs WHERE digest = $2 AND `+samePerson+` ORDER BY device`, pid, digest)
}
