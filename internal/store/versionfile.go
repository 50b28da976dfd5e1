package store

import (
	"maps"
	"slices"
)

// addFiles stores the files attached to a version.
func (tx *Tx) addFiles(v Version) error {
	for _, name := range slices.Sorted(maps.Keys(v.Files)) {
		var data any // an empty file is NULL on both engines
		if len(v.Files[name]) > 0 {
			data = v.Files[name]
		}
		if _, err := tx.exec(`INSERT INTO version_files (study, questionnaire, number, name, data) VALUES ($1, $2, $3, $4, $5)`,
			v.Study, v.Key, v.Number, name, data); err != nil {
			return err
		}
	}
	return nil
}

// VersionFile gives a file that is attached to a version.
func (tx *Tx) VersionFile(study, key string, number int, name string) ([]byte, error) {
	return one(tx, missing("file"), scanBytes, `SELECT data FROM version_files
		WHERE study = $1 AND questionnaire = $2 AND number = $3 AND name = $4`, study, key, number, name)
}

// VersionFiles gives the files attached to a version, by name. A version has
// few, and each is small.
func (tx *Tx) VersionFiles(study, key string, number int) (map[string][]byte, error) {
	type file struct {
		name string
		data []byte
	}
	rows, err := list(tx, func(row scanner) (f file, err error) { err = row.Scan(&f.name, &f.data); return f, err },
		`SELECT name, data FROM version_files WHERE study = $1 AND questionnaire = $2 AND number = $3 ORDER BY name`, study, key, number)
	out := make(map[string][]byte, len(rows))
	for _, f := range rows {
		out[f.name] = f.data
	}
	return out, err
}
