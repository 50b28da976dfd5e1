package store_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"panelverk/internal/db/dbtest"
	"panelverk/internal/need"
)

// TestTheSyncComesBeforeTheAnswer watches the system calls of a process that
// saves one answer after the other: before each answer is said, and after the
// one before, the write-ahead log was synced to the disk.
func TestTheSyncComesBeforeTheAnswer(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		need.Missing(t, "strace", "apt-get install strace")
	}
	path := dbtest.SQLite(t)
	s := open(t, path)
	panel(t, s, 1)
	begin(t, s, invitation(1, 1))

	trace := filepath.Join(t.TempDir(), "trace")
	cmd := exec.Command(strace, "-f", "-y", "-e", "trace=fsync,fdatasync,write", "-e", "signal=none", "-o", trace,
		os.Args[0], "-test.run=^TestKillLosesNoAcknowledgedSave$", "-test.count=1")
	cmd.Env = append(os.Environ(), killedDSN+"="+path, "CLIENTS=1", "SAVES=20", "ROUND=sync")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := os.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var (
		syncing = map[string]bool{} // threads in the middle of a sync of the log
		synced  bool                // since the last answer
		answers int
	)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		thread, call, _ := strings.Cut(lines.Text(), " ")
		call = strings.TrimSpace(call)
		isSync := strings.HasPrefix(call, "fsync(") || strings.HasPrefix(call, "fdatasync(")
		switch {
		case isSync && strings.Contains(call, "test.db-wal>") && strings.HasSuffix(call, "<unfinished ...>"):
			syncing[thread] = true
		case isSync && strings.Contains(call, "test.db-wal>") && strings.HasSuffix(call, "= 0"),
			syncing[thread] && strings.Contains(call, "sync resumed") && strings.HasSuffix(call, "= 0"):
			syncing[thread], synced = false, true
		case strings.HasPrefix(call, "write(1<") && strings.Contains(call, fmt.Sprintf(`"saved sync-0-%d\n"`, answers)):
			if !synced {
				t.Errorf("answer %d was said before the log was synced", answers)
			}
			answers, synced = answers+1, false
		}
	}
	if answers != 20 {
		t.Errorf("%d answers were seen, want 20", answers)
	}
}
