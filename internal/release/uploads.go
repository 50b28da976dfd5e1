package release

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/dataset"
	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/store"
)

var errNoUploads = fault.New(fault.NotFound, "no_uploads", "Nobody has handed in a file in this wave.")

// uploadsReadme lies beside the files.
const uploadsReadme = `Files that respondents handed in: %s, wave %d.

The name of a file is the id of the person as in the workbook, the question (with
the number of the instance where it was asked several times), and the word that
stands in the data as the answer.

The files are pseudonymous, not anonymous. A picture can show who somebody is, and
a document can name its author inside. Of pictures, what cameras note about place
and time was removed; other files are as they were handed in.
`

// UploadCounts gives how many files stand in the interviews of each wave.
func (s *Service) UploadCounts(ctx context.Context, actor access.Actor, studyKey string) (map[int]int, error) {
	if err := actor.May(access.DataDownload, studyKey); err != nil {
		return nil, err
	}
	var out map[int]int
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		var err error
		out, err = tx.UploadCounts(studyKey)
		return err
	})
	return out, err
}

// handedIn is one file that goes out.
type handedIn struct{ name, token, id string }

// Uploads writes the files of a wave as a ZIP archive, named by export id and
// question; what they were called on people's devices does not leave. Files of
// questions that are no longer asked are left out, as in the workbook. It is
// audited before the first byte, and fails with NotFound "no_uploads" where there
// is nothing. One piece of a file is in memory at a time.
func (s *Service) Uploads(ctx context.Context, now time.Time, actor access.Actor, studyKey string, wave int, w io.Writer) error {
	if err := actor.May(access.DataDownload, studyKey); err != nil {
		return err
	}
	var files []handedIn
	if err := s.store.Read(ctx, func(tx *store.Tx) error {
		var err error
		files, err = s.handedIn(tx, now, studyKey, wave)
		return err
	}); err != nil {
		return err
	}
	if len(files) == 0 {
		return errNoUploads
	}
	if err := s.noted(ctx, now, actor, studyKey, Recipient, fmt.Sprintf("uploads of wave %d, %d files", wave, len(files)), func(*store.Tx) ([]string, error) {
		ids := make([]string, len(files))
		for i, f := range files {
			ids[i] = f.id
		}
		return ids, nil
	}); err != nil {
		return err
	}
	archive := zip.NewWriter(w)
	entry := func(name string, method uint16) (io.Writer, error) {
		return archive.CreateHeader(&zip.FileHeader{Name: name, Method: method}) // without a time: that would tell when somebody answered
	}
	readme, err := entry("README.txt", zip.Deflate)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(readme, uploadsReadme, studyKey, wave); err != nil {
		return err
	}
	for _, f := range files {
		out, err := entry(f.name, zip.Store) // pictures and documents are compressed already
		if err != nil {
			return err
		}
		// Not in the snapshot: who downloads slowly would keep others from reading.
		if err := s.store.Glance(ctx, func(tx *store.Tx) error { return tx.WriteUpload(f.token, out) }); err != nil {
			return err
		}
	}
	return archive.Close()
}

// handedIn gives the files of a wave that go out, by name.
func (s *Service) handedIn(tx *store.Tx, now time.Time, studyKey string, wave int) ([]handedIn, error) {
	st, err := tx.Defined(studyKey)
	if err != nil {
		return nil, err
	}
	versions, err := tx.CompiledVersions(st, now)
	if err != nil {
		return nil, err
	}
	stored, err := tx.UploadsOf(studyKey, wave)
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for _, u := range stored {
		there[u.Token] = true
	}
	interviews, err := tx.Interviews(studyKey, wave)
	if err != nil {
		return nil, err
	}
	people := map[string]bool{}
	if _, err := s.counted(tx, studyKey, Recipient, people); err != nil {
		return nil, err
	}
	var out []handedIn
	for _, row := range interviews {
		if !people[row.PID] {
			continue
		}
		q := versions[dataset.Ref{Key: row.Questionnaire, Number: row.Version}]
		doc, err := row.Decoded()
		if err != nil {
			return nil, err
		}
		corrections, err := tx.CorrectionsOf(row.ID)
		if err != nil {
			return nil, err
		}
		for _, c := range corrections { // the last one counts
			doc.Answers[c.Question] = c.New
		}
		id, view := s.keys.ExportID(studyKey, Recipient, row.PID), interview.New(q, st.TimeZone).Look(doc.Answers, row.LastAt)
		for _, it := range q.Questions {
			if !it.TakesFile() {
				continue
			}
			for in := range view.Everywhere(it) {
				if token := in.Answer(it.Name); there[token] {
					key := strings.ReplaceAll(in.Key(it.Name), "@", "-")
					out = append(out, handedIn{name: id + "_" + key + "_" + token, token: token, id: id})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b handedIn) int { return strings.Compare(a.name, b.name) })
	return out, nil
}
