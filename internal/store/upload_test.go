package store_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"panelverk/internal/db/dbtest"
	"panelverk/internal/fault"
	"panelverk/internal/store"
)

// photo is longer than a row of its bytes.
var photo = bytes.Repeat([]byte("photo\x00\xff\r\n"), 90_000)

func read(t *testing.T, s *store.Store, token string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Glance(context.Background(), func(tx *store.Tx) error { return tx.WriteUpload(token, &b) }); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestUploads(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		panel(t, s, 2)
		one, two := begin(t, s, invitation(1, 1)).ID, begin(t, s, invitation(2, 1)).ID
		u := store.Upload{Token: "A.jpg", Interview: one, Question: "photo", Name: []byte{0, 1, 2}, At: later(3)}
		write(t, s,
			func(tx *store.Tx) error { return tx.AddUpload(u, photo) },
			func(tx *store.Tx) error { return tx.AddUpload(u, photo) }, // once more changes nothing
			func(tx *store.Tx) error {
				return tx.AddUpload(store.Upload{Token: "B.pdf", Interview: one, Question: "cv", Name: []byte("b"), At: later(4)}, []byte("%PDF"))
			},
			func(tx *store.Tx) error {
				return tx.AddUpload(store.Upload{Token: "C.jpg", Interview: two, Question: "photo", Name: []byte("c"), At: later(5)}, photo)
			})
		u.Size = int64(len(photo))
		same(t, "the files of an interview", get(t, s, func(tx *store.Tx) ([]store.Upload, error) { return tx.Uploads(one) }),
			[]store.Upload{{Token: "B.pdf", Interview: one, Question: "cv", Name: []byte("b"), Size: 4, At: later(4)}, u})
		if got := get(t, s, func(tx *store.Tx) ([]store.Upload, error) { return tx.UploadsOf(smart, 1) }); len(got) != 3 {
			t.Errorf("the files of a wave: %+v", got)
		}
		if !bytes.Equal(read(t, s, "A.jpg"), photo) {
			t.Error("the bytes are others than those that were stored")
		}

		same(t, "the counts", get(t, s, func(tx *store.Tx) (map[int]int, error) { return tx.UploadCounts(smart) }), map[int]int{1: 3})

		// Replaced, the old one is gone; others stay.
		write(t, s, func(tx *store.Tx) error { return tx.KeepUpload(one, "photo", "D.jpg") })
		if got := get(t, s, func(tx *store.Tx) ([]store.Upload, error) { return tx.UploadsOf(smart, 1) }); len(got) != 2 {
			t.Errorf("after one was replaced: %+v", got)
		}
		err := s.Glance(context.Background(), func(tx *store.Tx) error { return tx.WriteUpload("A.jpg", &bytes.Buffer{}) })
		wantFault(t, err, fault.NotFound, "upload_not_found")

		// A backup carries all of it, to the other engine too.
		var dump bytes.Buffer
		if err := s.DB().Dump(context.Background(), &dump, time.Time{}); err != nil {
			t.Fatal(err)
		}
		restored, err := store.Open(context.Background(), dbtest.SQLite(t))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = restored.Close() }()
		if err := restored.DB().Load(context.Background(), bytes.NewReader(dump.Bytes())); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(read(t, restored, "C.jpg"), photo) {
			t.Error("the restored bytes are others")
		}

		// Erased, nothing of the person's files is left, not even a piece.
		write(t, s, func(tx *store.Tx) error { return tx.EraseAnswers(participant(1).PID) })
		if got := get(t, s, func(tx *store.Tx) ([]store.Upload, error) { return tx.UploadsOf(smart, 1) }); len(got) != 1 || got[0].Token != "C.jpg" {
			t.Errorf("after one person was erased: %+v", got)
		}
		write(t, s, func(tx *store.Tx) error { return tx.EraseAnswers(participant(2).PID) })
		dump.Reset()
		if err := s.DB().Dump(context.Background(), &dump, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(dump.Bytes(), []byte(`"upload_parts":0`)) || !bytes.Contains(dump.Bytes(), []byte(`"uploads":0`)) {
			t.Error("pieces of files are left after everybody was erased")
		}
	})
}

func TestVersionFiles(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		panel(t, s, 1)
		v := store.Version{Study: smart, Key: "core", Number: 2, Hash: "v2", PublishedAt: monday, Files: map[string][]byte{"logo.png": photo, "empty.csv": nil}}
		write(t, s, func(tx *store.Tx) error { return tx.AddVersion(v) }, func(tx *store.Tx) error { return tx.AddVersion(v) })
		files := get(t, s, func(tx *store.Tx) (map[string][]byte, error) { return tx.VersionFiles(smart, "core", 2) })
		if len(files) != 2 || !bytes.Equal(files["logo.png"], photo) || len(files["empty.csv"]) != 0 {
			t.Errorf("%d files", len(files))
		}
		one := get(t, s, func(tx *store.Tx) ([]byte, error) { return tx.VersionFile(smart, "core", 2, "logo.png") })
		if !bytes.Equal(one, photo) {
			t.Error("the bytes are others than those that were stored")
		}
		_, err := try(s, func(tx *store.Tx) ([]byte, error) { return tx.VersionFile(smart, "core", 1, "logo.png") })
		wantFault(t, err, fault.NotFound, "file_not_found")
	})
}
