package fieldwork

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
	"panelverk/internal/store"
	"panelverk/internal/upload"
)

// Upload is a file that stands in an interview, as the device that handed it
// in may see it.
type Upload struct {
	Name string // what the file was called there
	Size int64  // in bytes, as it is stored
	At   time.Time
}

var errNoFile = fault.New(fault.NotFound, "file_unknown", "There is no such file.")

// UploadRule gives what a question takes, with the server's own limits.
func UploadRule(it *questionnaire.Item) upload.Rule {
	return upload.Rule{Accept: it.Upload.Accept, MostBytes: it.Upload.MostBytes, MaxPixels: it.Upload.MaxPixels}
}

// Asked gives the question of an answer's key, nil where there is none that
// asks for a file.
func (v *Visit) Asked(key string) *questionnaire.Item {
	name, _, _ := strings.Cut(key, "@") // in a repeat the instance follows
	it := v.Logic.Questionnaire.Question(name)
	if it == nil || !it.TakesFile() {
		return nil
	}
	return it
}

// Take judges files that were handed in with a page, by the key of the answer,
// for SavePage to store. What no question asks for is left out. A picture is
// decoded and written anew, which takes a moment.
func (s *Service) Take(v *Visit, files map[string]upload.File) map[string]interview.File {
	out := make(map[string]interview.File, len(files))
	for key, f := range files {
		it := v.Asked(key)
		if it == nil {
			continue
		}
		taken := interview.File{Name: upload.CleanName(f.Name)}
		if taken.Kept, taken.Fault = upload.Check(f, UploadRule(it)); taken.Fault == "" {
			taken.Token = s.keys.Upload(v.Interview.ID, key, taken.Kept.Data) + taken.Kept.Kind.Ending
		}
		out[key] = taken
	}
	return out
}

// filesKey makes the key of a save another one where other files come with the
// same form.
func filesKey(files map[string]interview.File) string {
	var tokens []string
	for _, key := range slices.Sorted(maps.Keys(files)) {
		tokens = append(tokens, key, files[key].Token)
	}
	if tokens == nil {
		return ""
	}
	return "." + interview.Digest(strings.Join(tokens, " "))
}

// storeFiles stores the files that a save brings, and removes those that no
// answer stands for any more: whoever takes a file back means it.
func (s *Service) storeFiles(tx *store.Tx, v *Visit, now time.Time, files map[string]interview.File, changed map[string]string) error {
	if !v.Logic.Files {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(changed)) {
		if v.Asked(key) == nil {
			continue
		}
		token := changed[key]
		if err := tx.KeepUpload(v.Interview.ID, key, token); err != nil {
			return err
		}
		if f := files[key]; token != "" && f.Token == token {
			u := store.Upload{Token: token, Interview: v.Interview.ID, Question: key, Name: s.keys.Seal(token, []byte(f.Name)), At: now}
			if err := tx.AddUpload(u, f.Kept.Data); err != nil {
				return err
			}
		}
	}
	return nil
}

// show adds files that were just stored to what the visit knows.
func (v *Visit) show(now time.Time, files map[string]interview.File) {
	for _, f := range files {
		if f.Token == "" {
			continue
		}
		if v.Uploads == nil {
			v.Uploads = map[string]Upload{}
		}
		v.Uploads[f.Token] = Upload{Name: f.Name, Size: int64(len(f.Kept.Data)), At: now}
	}
}

// uploads gives the files that are stored for an interview.
func (s *Service) uploads(tx *store.Tx, id string) (map[string]Upload, error) {
	rows, err := tx.Uploads(id)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Upload, len(rows))
	for _, row := range rows {
		name, err := s.keys.Open(row.Token, row.Name)
		if err != nil {
			return nil, err
		}
		out[row.Token] = Upload{Name: string(name), Size: row.Size, At: row.At}
	}
	return out, nil
}

// WriteUpload writes the file of an answer to the device that handed it in;
// begin is called with the file before its first byte. For another device, and
// where there is none, it gives the NotFound fault "file_unknown".
func (s *Service) WriteUpload(ctx context.Context, v *Visit, device, key string, begin func(Upload) io.Writer) error {
	token := v.Doc.Answers[key]
	u, known := v.Uploads[token]
	if !known || !v.Doc.Opens(key, device) || v.Asked(key) == nil {
		return errNoFile
	}
	// Not in a snapshot: a slow telephone would keep others from reading.
	return s.store.Glance(ctx, func(tx *store.Tx) error { return tx.WriteUpload(token, begin(u)) })
}
