package mail

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Maildir is a folder that a mail server delivers into, one file a message:
// new/ holds those that nobody has read, cur/ the others.
type Maildir struct{ Dir string }

// Each gives every new message to read, oldest first by the name of its file,
// and moves it to cur/ when read gave no error. A message that cannot be read stays, and the
// others are read all the same; the errors are joined. A crash in between
// gives a message twice, so reading it twice has to change nothing.
func (m Maildir) Each(read func(io.Reader) error) error {
	entries, err := os.ReadDir(filepath.Join(m.Dir, "new"))
	if err != nil {
		return err
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	var failed error
	for _, name := range names {
		failed = errors.Join(failed, m.one(name, read))
	}
	return failed
}

func (m Maildir) one(name string, read func(io.Reader) error) error {
	from := filepath.Join(m.Dir, "new", name)
	file, err := os.Open(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil // another process was faster
	}
	if err != nil {
		return err
	}
	err = errors.Join(read(file), file.Close())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(m.Dir, "cur"), 0o700); err != nil {
		return err
	}
	err = os.Rename(from, filepath.Join(m.Dir, "cur", name+":2,S")) // S: seen
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// decodeWords undoes the encoding of a header's value (RFC 2047), as far as it goes.
func decodeWords(s string) string {
	words := mime.WordDecoder{CharsetReader: func(_ string, r io.Reader) (io.Reader, error) {
		data, err := io.ReadAll(r)
		// Letters of another set are looked at byte by byte, as Latin-1, in
		// which the words that are looked for stand.
		var b strings.Builder
		for _, c := range data {
			b.WriteRune(rune(c))
		}
		return bytes.NewReader([]byte(b.String())), err
	}}
	if out, err := words.DecodeHeader(s); err == nil {
		return out
	}
	return s
}
