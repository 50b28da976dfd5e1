package store

import "time"

// former is how a participant stood until staff changed it.
type former struct {
	pid        string
	cohort     int
	attributes map[string]string
	pilot      bool
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

// formers gives by pid how those stood at a moment whom staff has changed since.
func (tx *Tx) formers(study string, at time.Time) (map[string]former, error) {
	rows, err := list(tx, func(row scanner) (former, error) {
		var (
			f          former
			attributes string
			pilot      int64
		)
		if err := row.Scan(&f.pid, &f.cohort, &attributes, &pilot); err != nil {
			return f, err
		}
		f.pilot = pilot != 0
		var err error
		f.attributes, err = decode(attributes)
		return f, err
	}, `SELECT f.pid, f.cohort, f.attributes, f.pilot FROM former_participants f JOIN participants p ON p.pid = f.pid
		WHERE p.study = $1 AND f.until_at > $2 ORDER BY f.until_at DESC`, study, millis(at))
	out := make(map[string]former, len(rows))
	for _, f := range rows { // the change that came first after the moment is the last here
		out[f.pid] = f
	}
	return out, err
}
