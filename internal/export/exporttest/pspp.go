package exporttest

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"panelverk/internal/need"
)

// PSPP runs syntax of SPSS, and gives what was said, on either output.
func PSPP(t testing.TB, syntax string) string {
	t.Helper()
	if _, err := exec.LookPath("pspp"); err != nil {
		need.Missing(t, "PSPP", "apt-get install pspp")
	}
	cmd := exec.CommandContext(t.Context(), "pspp", "-O", "format=txt", "-")
	cmd.Stdin = strings.NewReader(syntax)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%.3000s", err, said)
	}
	return string(said)
}

// Complains tells whether PSPP warned of anything.
func Complains(said string) bool {
	return strings.Contains(said, "warning: ") || strings.Contains(said, "error: ")
}
