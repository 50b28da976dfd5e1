package questionnaire

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"panelverk/internal/fault"
	"panelverk/internal/need"
)

// corpusCase is a small form that somebody else wrote, with what the tools of
// XLSForm say of it.
type corpusCase struct {
	Case   string   `json:"case"`
	Valid  bool     `json:"valid"`
	MD     string   `json:"md"`
	Errors []string `json:"error_contains"`
}

// shared finds a file of the material beside the checkout.
func shared(t testing.TB, name string) []byte {
	t.Helper()
	dir := os.Getenv("PANELVERK_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	data, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		need.Missing(t, "shared/"+name, "put the folder shared beside the checkout, or name it in PANELVERK_SHARED")
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestCorpus reads 481 forms of the tests of XLSForm's own converter (BSD
// 2-clause). Valid ones are accepted, or refused for a feature that is out of
// scope; invalid ones are refused, with the row where one is at fault.
func TestCorpus(t *testing.T) {
	var valid, accepted, scope, invalid, refused, placed, rowed int
	lines := bufio.NewScanner(strings.NewReader(string(shared(t, "corpus/xlsform-cases.jsonl"))))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var c corpusCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		q, ps := read(t, c.MD)
		errs := ps.Errors()
		if q != nil {
			again, more := read(t, mustRead(t, c.MD).Markdown())
			if again == nil || again.Hash != q.Hash {
				t.Errorf("%s: written as Markdown and read again it is another: %v\n%s", c.Case, more.Errors(), c.MD)
			}
		}
		if c.Valid {
			valid++
			switch {
			case len(errs) == 0:
				accepted++
			case onlyUnsupported(errs):
				scope++
				t.Logf("out of scope: %s: %v", c.Case, errs)
			default:
				t.Logf("valid, and refused: %s: %v\n%s", c.Case, errs, c.MD)
			}
			continue
		}
		invalid++
		if len(errs) == 0 {
			t.Logf("invalid, and accepted: %s: %q\n%s", c.Case, c.Errors, c.MD)
			continue
		}
		refused++
		if strings.Contains(strings.Join(c.Errors, " "), "[row : ") && !strings.Contains(strings.Join(c.Errors, " "), "[row : unknown") {
			rowed++
			if slices.ContainsFunc(errs, func(p fault.Problem) bool { return p.Row > 0 }) {
				placed++
			} else {
				t.Logf("no row: %s: %v", c.Case, errs)
			}
		}
	}
	t.Logf("%d valid: %d accepted, %d out of scope; %d invalid: %d refused, %d of %d with the row", valid, accepted, scope, invalid, refused, placed, rowed)
	if accepted*100 < valid*80 {
		t.Errorf("%d of %d valid forms are accepted, fewer than 80 %%", accepted, valid)
	}
	if (accepted+scope)*100 < valid*98 {
		t.Errorf("%d of %d valid forms are accepted or out of scope, fewer than 98 %%", accepted+scope, valid)
	}
	if refused*100 < invalid*98 {
		t.Errorf("%d of %d invalid forms are refused, fewer than 98 %%", refused, invalid)
	}
	if placed < rowed {
		t.Errorf("%d of %d refusals name the row", placed, rowed)
	}
}

func onlyUnsupported(ps fault.Problems) bool {
	for _, p := range ps {
		if p.Code != "unsupported" || p.Row == 0 {
			return false
		}
	}
	return true
}

func mustRead(t testing.TB, md string) *Book {
	t.Helper()
	book, _ := ReadMarkdown(md)
	return book
}
