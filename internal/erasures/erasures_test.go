package erasures_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"panelverk/internal/erasures"
)

var monday = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func TestTheListGrowsAndOutlivesACrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "erasures.log")
	if _, err := erasures.Open(path, false); !errors.Is(err, erasures.ErrMissing) {
		t.Fatalf("a list that is not there: %v", err)
	}
	l, err := erasures.Open(path, true)
	if err != nil {
		t.Fatal(err)
	}
	want := []erasures.Erasure{{PID: "P1", At: monday}, {PID: "P2", At: monday.Add(time.Hour)}}
	if err := l.Add(want...); err != nil {
		t.Fatal(err)
	}
	if err := l.Add(want[0]); err != nil { // pressed again
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		if got, err := l.All(); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v, %v", got, err)
		}
	}
	check()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("P3 2026-03"); err != nil { // the power went
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	check()
	want = append(want, erasures.Erasure{PID: "P4", At: monday.Add(2 * time.Hour)})
	if err := l.Add(want[2]); err != nil {
		t.Fatal(err)
	}
	check()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
