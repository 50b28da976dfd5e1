// Package erasures keeps the list of erased persons: a file outside the
// databases and their backups. A backup still holds whoever was erased after it
// was made; after it was restored the list says whom to erase again.
//
// The file is text, one line a person, and never holds anything but
//
//	7Q3M…K2 2026-11-22T04:40:26Z
//
// the pid and the time. It only grows. A line is on the disk before the erasure
// is acknowledged; one that was cut off by a crash was not, and is passed over.
package erasures

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Erasure is one line.
type Erasure struct {
	PID string
	At  time.Time
}

// List is the file. It is safe for concurrent use, also by several processes.
type List struct {
	path string
	mu   sync.Mutex
}

// ErrMissing says that there is no list where one must be.
var ErrMissing = errors.New("the list of erasures is missing")

// Open gives the list at a path. Where there is none it makes an empty one if
// create is set, and fails with ErrMissing otherwise.
func Open(path string, create bool) (*List, error) {
	_, err := os.Stat(path)
	switch {
	case err == nil:
		return &List{path: path}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	case !create:
		return nil, fmt.Errorf("%w: %s", ErrMissing, path)
	}
	l := &List{path: path}
	return l, l.Add()
}

// Path tells where the list is.
func (l *List) Path() string { return l.path }

// Add appends lines and returns after they are on the disk.
func (l *List) Add(erased ...Erasure) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, err := os.OpenFile(l.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	var lines strings.Builder
	if torn, err := endsTorn(f); err != nil {
		return errors.Join(err, f.Close())
	} else if torn {
		lines.WriteByte('\n')
	}
	for _, e := range erased {
		fmt.Fprintf(&lines, "%s %s\n", e.PID, e.At.UTC().Format(time.RFC3339))
	}
	_, err = f.WriteString(lines.String())
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(l.path)) // the name of a new file has to last as well
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// endsTorn tells whether a crash has left half a line at the end.
func endsTorn(f *os.File) (bool, error) {
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil || end == 0 {
		return false, err
	}
	last := make([]byte, 1)
	_, err = f.ReadAt(last, end-1)
	return last[0] != '\n', err
}

// All gives everybody on the list, in its order, once each.
func (l *List) All() ([]Erasure, error) {
	f, err := os.Open(l.path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	var out []Erasure
	seen := map[string]bool{}
	in := bufio.NewReader(f)
	for {
		line, err := in.ReadString('\n')
		if errors.Is(err, io.EOF) { // what is left has no end: it was never acknowledged
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		pid, at, _ := strings.Cut(strings.TrimSpace(line), " ")
		when, err := time.Parse(time.RFC3339, at)
		if err != nil || pid == "" || seen[pid] {
			continue // half a line, with a whole one after it
		}
		seen[pid] = true
		out = append(out, Erasure{pid, when})
	}
}
