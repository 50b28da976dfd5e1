package expr_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"panelverk/internal/expr"
	"panelverk/internal/need"
	"panelverk/internal/site/browsertest"
	"panelverk/internal/site/page"
)

// static is where the browser's files lie; page has all functions.
const (
	static = "../../web/static/"
	core   = static + "expr.js"
	more   = static + "expr-more.js"
)

// job is one evaluation for the browser's engine.
type job struct {
	World  string     `json:"world"`
	Tree   *expr.Node `json:"tree"`
	Rounds int        `json:"rounds,omitempty"`
}

// engine is a Node process that evaluates one job after another.
type engine struct {
	in  *json.Encoder
	out *bufio.Scanner
}

// start starts Node with the worlds and the sources; what else is said to the
// harness is mode.
func start(t testing.TB, worlds map[string]*world, mode string) *engine {
	t.Helper()
	return startWith(t, more, worlds, mode)
}

func startWith(t testing.TB, script string, worlds map[string]*world, mode string) *engine {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		need.Missing(t, "Node.js", "install it (Debian: apt-get install nodejs)")
	}
	program, err := filepath.Abs(script)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "testdata/harness.js", program, mode)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	e := &engine{in: json.NewEncoder(in), out: bufio.NewScanner(out)}
	e.out.Buffer(nil, 1<<24)
	t.Cleanup(func() {
		in.Close()
		for e.out.Scan() { // what nobody waited for after a failure
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("Node: %v", err)
		}
	})
	e.send(t, worlds)
	return e
}

func (e *engine) send(t testing.TB, message any) {
	t.Helper()
	if err := e.in.Encode(message); err != nil {
		t.Fatal(err)
	}
}

func (e *engine) receive(t testing.TB, into any) {
	t.Helper()
	if !e.out.Scan() {
		t.Fatalf("Node said no more: %v", e.out.Err())
	}
	if err := json.Unmarshal(e.out.Bytes(), into); err != nil {
		t.Fatal(err)
	}
}

func TestCasesInNode(t *testing.T) {
	worlds, tests := table(t)
	casesIn(t, start(t, worlds, ""), tests)
}

// TestCasesInTheBundle runs the table by what respondents' browsers get: put
// together with the other scripts and minified.
func TestCasesInTheBundle(t *testing.T) {
	worlds, tests := table(t)
	file := filepath.Join(t.TempDir(), page.Script)
	if err := os.WriteFile(file, bundle(t), 0o600); err != nil {
		t.Fatal(err)
	}
	casesIn(t, startWith(t, file, worlds, "bundle"), tests)
}

// bundle gives both scripts that the server has for expressions.
func bundle(t testing.TB) []byte {
	t.Helper()
	var all []byte
	for _, name := range []string{page.Script, "expr-more.js"} {
		data, err := page.Served(os.DirFS("../../web"), name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(append(all, data...), ";\n"...)
	}
	return all
}

func casesIn(t *testing.T, e *engine, tests []test) {
	t.Helper()
	for _, c := range tests {
		e.send(t, job{World: c.world, Tree: c.tree.Root})
		var got outcome
		if e.receive(t, &got); !got.equal(c.want) {
			t.Errorf("%s: %s\n got %+v\nwant %+v", c.world, c.source, got, c.want)
		}
	}
}

// TestCasesInChromium runs the table by what respondents' browsers get, in a
// page whose security policy allows nothing but its own script files.
func TestCasesInChromium(t *testing.T) {
	worlds, tests := table(t)
	var jobs []job
	for _, c := range tests {
		jobs = append(jobs, job{World: c.world, Tree: c.tree.Root})
	}
	script := bundle(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:")
		switch r.URL.Path {
		case "/harness.js":
			http.ServeFile(w, r, "testdata/harness.js")
		case "/enkat.js":
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = w.Write(script)
		case "/jobs.json":
			if err := json.NewEncoder(w).Encode(map[string]any{"worlds": worlds, "jobs": jobs}); err != nil {
				t.Error(err)
			}
		case "/run.js":
			_, _ = io.WriteString(w, `fetch("/jobs.json").then((r) => r.json()).then((m) => { window.done = JSON.stringify(runAll(m.worlds, m.jobs)); document.title = "done"; });`)
		default:
			_, _ = io.WriteString(w, `<!doctype html><title>cases</title><link rel="icon" href="data:,"><script src="/enkat.js"></script><script src="/harness.js"></script><script src="/run.js"></script>`)
		}
	}))
	defer server.Close()
	b := browsertest.Start(t)
	b.Goto(server.URL + "/")
	b.WaitUntil("all cases are computed", func() bool { return b.Title() == "done" })
	var got []outcome
	if err := json.Unmarshal([]byte(b.Evaluate("window.done")), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(tests) {
		t.Fatalf("%d results for %d cases", len(got), len(tests))
	}
	for i, c := range tests {
		if !got[i].equal(c.want) {
			t.Errorf("%s: %s\n got %+v\nwant %+v", c.world, c.source, got[i], c.want)
		}
	}
}
