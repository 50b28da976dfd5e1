// Package need is for tests alone: it says what a test needs and this machine
// does not have. On somebody's desk that test is left out, and says so; where
// CI=true is set nothing may be left out, so there it fails.
package need

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// told is what this process has said to be missing.
var told sync.Map

// Missing ends the test: what is the thing it needs ("Chromium"), how is what
// to do about it ("apt-get install chromium").
func Missing(t testing.TB, what, how string) {
	t.Helper()
	if InCI() {
		t.Fatalf("%s is missing, and nothing may be left out here: %s", what, how)
	}
	// go test shows nothing of a package that passes, so the terminal is told
	// as well, where there is one.
	if _, twice := told.LoadOrStore(what, true); !twice {
		if terminal, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0); err == nil {
			_, _ = fmt.Fprintf(terminal, "left out: %s is missing; to run its tests: %s\n", what, how)
			_ = terminal.Close() // it was only a notice
		}
	}
	t.Skipf("left out: %s is missing; to run this test: %s", what, how)
}

// InCI tells whether a missing part is a failure: CI is set, and not to
// "false" or "0".
func InCI() bool {
	switch os.Getenv("CI") {
	case "", "false", "0":
		return false
	}
	return true
}
