package exporttest

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"panelverk/internal/export"
)

// Write writes a file of a format.
type Write func(io.Writer, *export.Table, *export.About) error

// Bytes gives a table as a file.
func Bytes(t testing.TB, write Write, table *export.Table, about *export.About) []byte {
	t.Helper()
	spooled, done, err := Spool(t.TempDir(), table)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	var out bytes.Buffer
	if err := write(&out, spooled, about); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Files writes every case into a folder, as its name and the extension. The
// cases have their rows on disk.
func Files(t *testing.T, write Write, about *export.About, extension string) (cases []Case, files []string) {
	t.Helper()
	dir := t.TempDir()
	for _, c := range Cases() {
		spooled, done, err := Spool(dir, c.Table)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(done)
		c.Table = spooled
		file := filepath.Join(dir, c.Name+extension)
		var out bytes.Buffer
		if err := write(&out, spooled, about); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		cases, files = append(cases, c), append(files, file)
	}
	return cases, files
}

// ErrFull is what a Disk says that is full.
var ErrFull = errors.New("the disk is full")

// Disk takes a number of bytes and then no more.
type Disk struct{ Room int }

// Write takes bytes while there is room.
func (d *Disk) Write(b []byte) (int, error) {
	if d.Room -= len(b); d.Room < 0 {
		return 0, ErrFull
	}
	return len(b), nil
}

// TenThousand lets rapid draw ten thousand tables in this test; in short mode it
// draws its usual number.
func TenThousand(t *testing.T) {
	t.Helper()
	if testing.Short() {
		return
	}
	checks := flag.Lookup("rapid.checks")
	was := checks.Value.String()
	if err := checks.Value.Set("10000"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := checks.Value.Set(was); err != nil {
			t.Error(err)
		}
	})
}
