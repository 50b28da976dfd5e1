package store

// VersionUse counts the interviews that one wave has of one version.
type VersionUse struct {
	Key        string
	Number     int
	Wave       int
	Interviews int
	Submitted  int
}

// VersionUses counts the interviews of a study by questionnaire, version and wave.
func (tx *Tx) VersionUses(study string) ([]VersionUse, error) {
	return list(tx, func(row scanner) (VersionUse, error) {
		var u VersionUse
		err := row.Scan(&u.Key, &u.Number, &u.Wave, &u.Interviews, &u.Submitted)
		return u, err
	}, `SELECT questionnaire, version, wave, COUNT(*), SUM(CASE WHEN submitted_at > 0 THEN 1 ELSE 0 END)
		FROM interviews WHERE study = $1 GROUP BY questionnaire, version, wave ORDER BY questionnaire, version, wave`, study)
}
