package store

import "time"

// Profile is a version of a profile that somebody made on the pages.
type Profile struct {
	Study   string
	Key     string
	Version int    // from 1
	Source  string // its text; "" where it was taken away
	Account string // whose version it is
	At      time.Time
}

const profileColumns = `study, profile, version, source, account, at`

func scanProfile(row scanner) (Profile, error) {
	var (
		p  Profile
		at int64
	)
	err := row.Scan(&p.Study, &p.Key, &p.Version, &p.Source, &p.Account, &at)
	p.At = moment(at)
	return p, err
}

// AddProfile stores a version of a profile.
func (tx *Tx) AddProfile(p Profile) error {
	_, err := tx.exec(`INSERT INTO profiles (`+profileColumns+`) VALUES ($1, $2, $3, $4, $5, $6)`, p.Study, p.Key, p.Version, p.Source, p.Account, millis(p.At))
	return err
}

// Profiles gives the latest version of each profile of a study, by their keys;
// those that were taken away too.
func (tx *Tx) Profiles(study string) ([]Profile, error) {
	return list(tx, scanProfile, `SELECT `+profileColumns+` FROM profiles p WHERE study = $1
		AND version = (SELECT MAX(version) FROM profiles q WHERE q.study = p.study AND q.profile = p.profile) ORDER BY profile`, study)
}

// ProfileVersions gives every version of a profile, the latest first; none where
// there never was one of the name.
func (tx *Tx) ProfileVersions(study, key string) ([]Profile, error) {
	return list(tx, scanProfile, `SELECT `+profileColumns+` FROM profiles WHERE study = $1 AND profile = $2 ORDER BY version DESC`, study, key)
}
