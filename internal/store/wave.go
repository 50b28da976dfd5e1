package store

const waveColumns = `study, number, wave_key, opens_at, closes_at, questionnaire, version`

func scanWave(row scanner) (Wave, error) {
	var (
		w             Wave
		opens, closes int64
	)
	err := row.Scan(&w.Study, &w.Number, &w.Key, &opens, &closes, &w.Questionnaire, &w.Version)
	w.Opens, w.Closes = moment(opens), moment(closes)
	return w, err
}

// PutWave stores a wave, in place of the one with its number if there is one.
// Its questionnaire version must be published.
func (tx *Tx) PutWave(w Wave) error {
	_, err := tx.exec(`INSERT INTO waves (`+waveColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (study, number) DO UPDATE SET wave_key = excluded.wave_key, opens_at = excluded.opens_at,
			closes_at = excluded.closes_at, questionnaire = excluded.questionnaire, version = excluded.version`,
		w.Study, w.Number, w.Key, millis(w.Opens), millis(w.Closes), w.Questionnaire, w.Version)
	return err
}

// Wave gives a wave by its number.
func (tx *Tx) Wave(study string, number int) (Wave, error) {
	return one(tx, missing("wave"), scanWave, `SELECT `+waveColumns+` FROM waves WHERE study = $1 AND number = $2`, study, number)
}

// Waves gives the waves of a study by number.
func (tx *Tx) Waves(study string) ([]Wave, error) {
	return list(tx, scanWave, `SELECT `+waveColumns+` FROM waves WHERE study = $1 ORDER BY number`, study)
}
