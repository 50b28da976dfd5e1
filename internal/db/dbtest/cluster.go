package dbtest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// script makes a cluster in a directory of its own, prints the directory, runs
// the server for as long as standard input is open, and takes all away. The
// test process holds the other end of standard input: however it ends, the
// server ends with it.
const script = `
set -e
bin=$1
umask 077
cd /
dir="${TMPDIR:-/tmp}/panelverk-pg.$$"
mkdir -m 700 "$dir"
server=
trap 'test -z "$server" || { kill -QUIT $server && wait $server; } || true; rm -rf "$dir"' EXIT
"$bin/initdb" -D "$dir/data" -U panelverk -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
"$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c full_page_writes=off >>"$dir/log" 2>&1 </dev/null &
server=$!
echo "$dir"
cat >/dev/null
`

// held keeps the servers' standard inputs. A server ends when its input is
// closed, with the test process; until then it must not be collected.
var held []io.Closer

// start starts a server of its own and gives its DSN.
func start() (string, error) {
	bin := binaries()
	if bin == "" {
		return "", errNone
	}
	argv := []string{"sh", "-c", script, "panelverk", bin}
	if os.Geteuid() == 0 { // PostgreSQL refuses to run as root
		as, err := asPostgres()
		if err != nil {
			return "", err
		}
		argv = append(as, argv...)
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	if strings.HasPrefix(os.Getenv("TMPDIR"), "/") && os.Geteuid() == 0 {
		cmd.Env = append(os.Environ(), "TMPDIR=/tmp") // root's may be closed to others
	}
	input, err := cmd.StdinPipe()
	if err != nil {
		return "", err
	}
	held = append(held, input)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	// A file, not a pipe: the go command would wait for a pipe to close.
	complaints, err := os.CreateTemp("", "panelverk-pg-*.log")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.Remove(complaints.Name()) }()
	defer complaints.Close()
	cmd.Stderr = complaints
	if err := cmd.Start(); err != nil {
		return "", err
	}
	dir, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		said, _ := os.ReadFile(complaints.Name())
		return "", fmt.Errorf("PostgreSQL in %s did not start: %w: %s", bin, err, said)
	}
	dsn := "postgres:///postgres?user=panelverk&host=" + strings.TrimSpace(dir)
	for range 200 {
		if err = execute(dsn, "SELECT 1"); err == nil {
			return dsn, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return "", fmt.Errorf("PostgreSQL in %s does not answer: %w", bin, err)
}

// binaries gives the folder that holds initdb and postgres, "" for none.
func binaries() string {
	var folders []string
	if found, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(found); err == nil {
			folders = append(folders, filepath.Dir(real))
		}
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is well formed
	slices.Sort(debian)
	slices.Reverse(debian)
	for _, folder := range append(folders, debian...) {
		if isFile(folder, "initdb") && isFile(folder, "postgres") {
			return folder
		}
	}
	return ""
}

func isFile(folder, name string) bool {
	info, err := os.Stat(filepath.Join(folder, name))
	return err == nil && info.Mode().IsRegular()
}

// asPostgres gives the words that run a command as the user postgres.
func asPostgres() ([]string, error) {
	for _, argv := range [][]string{
		{"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"},
		{"runuser", "-u", "postgres", "--"},
	} {
		if _, err := exec.LookPath(argv[0]); err == nil {
			return argv, nil
		}
	}
	return nil, fmt.Errorf("PostgreSQL does not run as root, and neither setpriv nor runuser is there to become another user")
}
