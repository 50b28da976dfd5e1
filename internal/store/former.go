package store

import "time"

// Former is how a participant stood until staff changed it.
type Former struct {
	PID        string
	Until      time.Time
	Cohort     int
	Attributes map[string]string
	Pilot      bool
}

const formerColumns = `f.pid, f.until_at, f.cohort, f.attributes, f.pilot`

func scanFormer(row scanner) (Former, error) {
	var (
		f            Former
		attributes   string
		until, pilot int64
	)
	if err := row.Scan(&f.PID, &until, &f.Cohort, &attributes, &pilot); err != nil {
		return f, err
	}
	f.Until, f.Pilot = moment(until), pilot != 0
	var err error
	f.Attributes, err = decode(attributes)
	return f, err
}

// KeepFormer keeps how a participant stands whom staff is about to change, where
// there are releases: they can be made anew as they were.
func (tx *Tx) KeepFormer(p Participant, until time.Time) error {
	attributes, err := encode(p.Attributes)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO former_participants (pid, until_at, cohort, attributes, pilot) SELECT p.pid, $2, $3, $4, $5 FROM participants p
		WHERE p.pid = $1 AND EXISTS (SELECT 1 FROM releases r WHERE r.study = p.study AND r.decided_at > 0) ON CONFLICT (pid, until_at) DO NOTHING`,
		p.PID, millis(until), p.Cohort, attributes, number(p.Pilot))
	return err
}

// FormersOf gives how a participant stood before, the first first.
func (tx *Tx) FormersOf(pid string) ([]Former, error) {
	return list(tx, scanFormer, `SELECT `+formerColumns+` FROM former_participants f WHERE f.pid = $1 ORDER BY f.until_at`, pid)
}

// formers gives by pid how those stood at a moment whom staff has changed since.
func (tx *Tx) formers(study string, at time.Time) (map[string]Former, error) {
	rows, err := list(tx, scanFormer, `SELECT `+formerColumns+` FROM former_participants f JOIN participants p ON p.pid = f.pid
		WHERE p.study = $1 AND f.until_at > $2 ORDER BY f.until_at DESC`, study, millis(at))
	out := make(map[string]Former, len(rows))
	for _, f := range rows { // the change that came first after the moment is the last here
		out[f.PID] = f
	}
	return out, err
}
