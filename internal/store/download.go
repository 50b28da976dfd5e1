package store

import "time"

// Download is a file of data that was handed out.
type Download struct {
	ID        string
	Study     string
	Recipient string // whose ids it carries
	What      string // "workbook"
	Account   string
	At        time.Time
}

// AddDownload notes a file that is about to be handed out, with the ids of
// those whose data it holds.
func (tx *Tx) AddDownload(d Download, exportIDs []string) error {
	if _, err := tx.exec(`INSERT INTO downloads (id, study, recipient, what, account, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		d.ID, d.Study, d.Recipient, d.What, d.Account, millis(d.At)); err != nil {
		return err
	}
	for _, id := range exportIDs {
		if _, err := tx.exec(`INSERT INTO download_people (download, export_id) VALUES ($1, $2)`, d.ID, id); err != nil {
			return err
		}
	}
	return nil
}

// DownloadsWith gives the files that held the person of an id, the newest first.
func (tx *Tx) DownloadsWith(study, recipient, exportID string) ([]Download, error) {
	return list(tx, scanDownload, `SELECT d.id, d.study, d.recipient, d.what, d.account, d.at FROM downloads d
		JOIN download_people p ON p.download = d.id
		WHERE d.study = $1 AND d.recipient = $2 AND p.export_id = $3 ORDER BY d.at DESC, d.id`, study, recipient, exportID)
}

// DownloadedSince tells whether an account has downloaded something since a moment.
func (tx *Tx) DownloadedSince(study, account, what string, since time.Time) (bool, error) {
	n, err := tx.count(`SELECT COUNT(*) FROM downloads WHERE study = $1 AND account = $2 AND what = $3 AND at >= $4`, study, account, what, millis(since))
	return n > 0, err
}

// Recipients gives the recipients of a study's files, sorted.
func (tx *Tx) Recipients(study string) ([]string, error) {
	return list(tx, scanString, `SELECT DISTINCT recipient FROM downloads WHERE study = $1 ORDER BY recipient`, study)
}

func scanDownload(row scanner) (Download, error) {
	var (
		d  Download
		at int64
	)
	err := row.Scan(&d.ID, &d.Study, &d.Recipient, &d.What, &d.Account, &at)
	d.At = moment(at)
	return d, err
}
