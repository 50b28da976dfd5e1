package store

import (
	"io"
	"time"
)

// Upload is a file that a respondent handed in. Its token is the answer to the
// question; a file is stored as long as that answer stands.
type Upload struct {
	Token     string
	Interview string
	Question  string // the key of the answer
	Name      []byte // what the file was called, sealed
	Size      int64
	At        time.Time
}

// partBytes is how many bytes of a file are in one row: what a dump, or a
// download, holds in memory of it.
const partBytes = 256 << 10

const uploadColumns = `token, interview, question, name, size, at`

func scanUpload(row scanner) (Upload, error) {
	var (
		u  Upload
		at int64
	)
	err := row.Scan(&u.Token, &u.Interview, &u.Question, &u.Name, &u.Size, &at)
	u.At = moment(at)
	return u, err
}

// AddUpload stores a file with its bytes. One that is there already, which has
// the same bytes, stays as it is.
func (tx *Tx) AddUpload(u Upload, data []byte) error {
	n, err := tx.exec(`INSERT INTO uploads (`+uploadColumns+`) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (token) DO NOTHING`,
		u.Token, u.Interview, u.Question, u.Name, int64(len(data)), millis(u.At))
	if err != nil || n == 0 {
		return err
	}
	for number := 1; len(data) > 0; number++ {
		part := data[:min(partBytes, len(data))]
		data = data[len(part):]
		if _, err := tx.exec(`INSERT INTO upload_parts (token, number, data) VALUES ($1, $2, $3)`, u.Token, number, part); err != nil {
			return err
		}
	}
	return nil
}

// KeepUpload removes the files of a question of an interview, all but the one
// of the token: those that were replaced or taken back.
func (tx *Tx) KeepUpload(interview, question, token string) error {
	for _, statement := range []string{
		`DELETE FROM upload_parts WHERE token IN (SELECT token FROM uploads WHERE interview = $1 AND question = $2 AND token <> $3)`,
		`DELETE FROM uploads WHERE interview = $1 AND question = $2 AND token <> $3`,
	} {
		if _, err := tx.exec(statement, interview, question, token); err != nil {
			return err
		}
	}
	return nil
}

// Uploads gives the files of an interview, without their bytes.
func (tx *Tx) Uploads(interview string) ([]Upload, error) {
	return list(tx, scanUpload, `SELECT `+uploadColumns+` FROM uploads WHERE interview = $1 ORDER BY question, token`, interview)
}

// UploadsOf gives the files of a wave, without their bytes.
func (tx *Tx) UploadsOf(study string, wave int) ([]Upload, error) {
	return list(tx, scanUpload, `SELECT u.token, u.interview, u.question, u.name, u.size, u.at FROM uploads u
		JOIN interviews i ON i.id = u.interview WHERE i.study = $1 AND i.wave = $2 ORDER BY u.interview, u.question, u.token`, study, wave)
}

// UploadCounts counts the files of a study by wave, of those who count.
func (tx *Tx) UploadCounts(study string) (map[int]int, error) {
	type count struct{ wave, files int }
	rows, err := list(tx, func(row scanner) (c count, err error) { err = row.Scan(&c.wave, &c.files); return c, err },
		`SELECT i.wave, COUNT(*) FROM uploads u JOIN interviews i ON i.id = u.interview
			JOIN participants p ON p.pid = i.pid WHERE i.study = $1 AND p.pilot = 0 AND p.merged_into = '' GROUP BY i.wave`, study)
	out := make(map[int]int, len(rows))
	for _, c := range rows {
		out[c.wave] = c.files
	}
	return out, err
}

// WriteUpload writes the bytes of a file, one row of them in memory at a time.
func (tx *Tx) WriteUpload(token string, w io.Writer) error {
	for number := 1; ; number++ {
		part, err := list(tx, scanBytes, `SELECT data FROM upload_parts WHERE token = $1 AND number = $2`, token, number)
		if err != nil {
			return err
		}
		if len(part) == 0 {
			if number == 1 {
				return missing("upload")
			}
			return nil
		}
		if _, err := w.Write(part[0]); err != nil {
			return err
		}
	}
}

func scanBytes(row scanner) ([]byte, error) {
	var b []byte
	err := row.Scan(&b)
	return b, err
}
