package store

import (
	"fmt"

	"panelverk/internal/fault"
)

const versionColumns = `study, questionnaire, number, hash, sheets, file_name, file, published_at`

func scanVersion(row scanner) (Version, error) {
	var (
		v         Version
		published int64
	)
	err := row.Scan(&v.Study, &v.Key, &v.Number, &v.Hash, &v.Sheets, &v.FileName, &v.File, &published)
	v.PublishedAt = moment(published)
	return v, err
}

// AddVersion publishes a questionnaire version with its attached files. The same content once more
// changes nothing; other content under a number that is taken gives the
// Conflict "version_published", for a published version is never changed.
func (tx *Tx) AddVersion(v Version) error {
	var file any // an empty file is NULL on both engines
	if len(v.File) > 0 {
		file = v.File
	}
	n, err := tx.exec(`INSERT INTO versions (`+versionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (study, questionnaire, number) DO NOTHING`,
		v.Study, v.Key, v.Number, v.Hash, v.Sheets, v.FileName, file, millis(v.PublishedAt))
	if err == nil && n == 1 {
		return tx.addFiles(v)
	}
	if err != nil {
		return err
	}
	there, err := tx.Version(v.Study, v.Key, v.Number)
	if err != nil || there.Hash == v.Hash {
		return err
	}
	name := fmt.Sprintf("%s v%d", v.Key, v.Number)
	return fault.New(fault.Conflict, "version_published", fmt.Sprintf(
		"%s is published with other content. A published version is never changed: publish v%d instead.", name, v.Number+1)).
		With("version", name).With("next", v.Number+1)
}

// Version gives a published version.
func (tx *Tx) Version(study, key string, number int) (Version, error) {
	return one(tx, missing("version"), scanVersion,
		`SELECT `+versionColumns+` FROM versions WHERE study = $1 AND questionnaire = $2 AND number = $3`, study, key, number)
}

// Versions gives the published versions of a study by questionnaire and number.
func (tx *Tx) Versions(study string) ([]Version, error) {
	return list(tx, scanVersion,
		`SELECT `+versionColumns+` FROM versions WHERE study = $1 ORDER BY questionnaire, number`, study)
}
