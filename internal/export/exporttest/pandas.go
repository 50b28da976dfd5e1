package exporttest

import (
	"bytes"
	_ "embed"
	"os/exec"
	"testing"

	"panelverk/internal/need"
)

//go:embed pandas.py
var pandasScript string

// Pandas reads files of Stata with Python's pandas. A column's class is the
// name of its value labels, "-" for none.
func Pandas(t *testing.T, files ...string) []Read {
	t.Helper()
	python := "/usr/bin/python3" // where the package is installed to; else the one of the path
	if exec.CommandContext(t.Context(), python, "-c", "import pandas").Run() != nil {
		python = "python3"
		if exec.CommandContext(t.Context(), python, "-c", "import pandas").Run() != nil {
			need.Missing(t, "pandas (Python)", "apt-get install python3-pandas")
		}
	}
	cmd := exec.CommandContext(t.Context(), python, append([]string{"-c", pandasScript}, files...)...) //nolint:gosec // the test's own files
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil || said.Len() > 0 {
		t.Fatalf("pandas: %v\n%.2000s", err, said.String())
	}
	return parse(t, string(out))
}
