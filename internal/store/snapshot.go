package store

import "time"

// Snapshot is the panel's distributions of one wave as they were frozen.
type Snapshot struct {
	Study   string
	Wave    int
	MadeAt  time.Time
	Content string // JSON of a disclosure.Shares for each question
}

// FreezeSnapshot keeps the snapshot of a wave; where there is one already it
// stays, and fresh is false.
func (tx *Tx) FreezeSnapshot(s Snapshot) (fresh bool, err error) {
	done, err := tx.exec(`INSERT INTO snapshots (study, wave, made_at, content) VALUES ($1, $2, $3, $4) ON CONFLICT (study, wave) DO NOTHING`,
		s.Study, s.Wave, millis(s.MadeAt), s.Content)
	return done > 0, err
}

// Snapshots gives the snapshots of a study by wave.
func (tx *Tx) Snapshots(study string) ([]Snapshot, error) {
	return list(tx, func(row scanner) (Snapshot, error) {
		var (
			s  Snapshot
			at int64
		)
		err := row.Scan(&s.Study, &s.Wave, &at, &s.Content)
		s.MadeAt = moment(at)
		return s, err
	}, `SELECT study, wave, made_at, content FROM snapshots WHERE study = $1 ORDER BY wave`, study)
}
