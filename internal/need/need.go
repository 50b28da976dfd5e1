// Package need is for tests alone: it says what a test needs and this machine
// does not have. On somebody's desk that test is left out, and says so; where
// CI=true is set nothing may be left out, so there it fails.
package need

import (
	"os"
	"testing"
)

// Missing ends the test: what is the thing it needs ("Chromium"), how is what
// to do about it ("apt-get install chromium").
func Missing(t testing.TB, what, how string) {
	t.Helper()
	if InCI() {
		t.Fatalf("%s is missing, and nothing may be left out here: %s", what, how)
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
