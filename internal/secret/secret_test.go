package secret

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func ring(t testing.TB) *Ring {
	t.Helper()
	r, err := NewRing(bytes.Repeat([]byte{7}, keyBytes))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestLoadMakesOneKeyAndKeepsIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "data.key")
	if _, err := Load(path, false); err == nil {
		t.Fatal("a key that is not there was loaded")
	}
	first, err := Load(path, true)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Load(path, true)
	if err != nil {
		t.Fatal(err)
	}
	if first.Link("a", 1) != second.Link("a", 1) {
		t.Error("the second load gave another key")
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v)", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	for _, broken := range []string{"", "not base64!", "c2hvcnQ="} {
		if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path, true); err == nil {
			t.Errorf("a key file with %q was loaded", broken)
		}
	}
}

// The same key gives the same links for ever: they stand on paper. The values
// were computed by another implementation of HKDF and HMAC.
func TestLinksStayTheSame(t *testing.T) {
	r := ring(t)
	for _, c := range []struct{ got, want string }{
		{r.Link("INVITATION", 1), "32beI8JOqTMaNEq3Q6ApZg"},
		{r.Code("INVITATION", 1), "01EAT-2DFCN"},
		{r.ExportID("smart-factory", "lund", "PID"), "Z65PKEWP9GM1TJYZ"},
		{r.Lookup("link", "32beI8JOqTMaNEq3Q6ApZg"), "adbb6ec86f03b15464e59fd0ececf660"},
	} {
		if c.got != c.want {
			t.Errorf("%q, not %q", c.got, c.want)
		}
	}
}

func TestGenerationsRecipientsAndKindsPartEverything(t *testing.T) {
	r := ring(t)
	all := []string{r.Link("a", 1), r.Link("a", 2), r.Link("b", 1), r.Code("a", 1), r.Code("a", 2),
		r.ExportID("s", "lund", "p"), r.ExportID("s", "berlin", "p"), r.ExportID("s", "lund", "q"), r.ExportID("sl", "und", "p"),
		r.Lookup("link", "x"), r.Lookup("code", "x"), r.Lookup("lin", "kx"), r.Device("x")}
	seen := map[string]bool{}
	for _, v := range all {
		if seen[v] {
			t.Errorf("%q stands twice", v)
		}
		seen[v] = true
	}
	if r.Device("") != "" {
		t.Error("no cookie is a device")
	}
}

func TestCodesAsPeopleTypeThem(t *testing.T) {
	for typed, want := range map[string]string{
		"7K2M9-4R9TX":    "7K2M9-4R9TX",
		"7k2m9 4r9tx":    "7K2M9-4R9TX",
		" 7K2M94R9TX\n":  "7K2M9-4R9TX",
		"7K2M9–4R9TX":    "7K2M9-4R9TX",
		"OIL00-00000":    "01100-00000",
		"7K2M9-4R9T":     "",
		"7K2M9-4R9TXX":   "",
		"7K2M9-4R9TU":    "",
		"":               "",
		"'; DROP TABLE;": "",
	} {
		got, ok := NormalizeCode(typed)
		if got != want || ok != (want != "") {
			t.Errorf("%q gave %q", typed, got)
		}
	}
	keys := ring(t)
	rapid.Check(t, func(t *rapid.T) {
		code := keys.Code(rapid.String().Draw(t, "invitation"), 1)
		if got, ok := NormalizeCode(strings.ToLower(code)); !ok || got != code {
			t.Fatalf("%q came back as %q", code, got)
		}
	})
}

func TestSealIsBoundToItsRow(t *testing.T) {
	r := ring(t)
	sealed := r.Seal("row", []byte("Astrid"))
	if bytes.Contains(sealed, []byte("Astrid")) {
		t.Fatal("the text can be read")
	}
	if text, err := r.Open("row", sealed); err != nil || string(text) != "Astrid" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := r.Open("other", sealed); err == nil {
		t.Error("it opens in another row")
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := r.Open("row", sealed); err == nil {
		t.Error("it opens though it was changed")
	}
	if _, err := r.Open("row", nil); err == nil {
		t.Error("nothing opens")
	}
}

func TestIDsAreOfTheAlphabet(t *testing.T) {
	if id := NewID(); len(id) != 26 || strings.Trim(id, alphabet) != "" {
		t.Errorf("%q", id)
	}
	if a, b := NewID(), NewID(); a == b {
		t.Error("the same id twice")
	}
	if a, b := NewToken(), NewToken(); a == b {
		t.Error("the same twice")
	}
}

// What is made later sorts after what was made earlier, and nothing is made twice.
func TestOrderedIDs(t *testing.T) {
	at := time.Date(2016, 5, 9, 8, 0, 0, 0, time.UTC)
	last := ""
	for _, moment := range []time.Time{{}, at, at.Add(time.Millisecond), at.AddDate(300, 0, 0)} {
		for _, n := range []int{0, 1, 31, 32, 99_999, 1 << 29} {
			id := NewOrderedID(moment, n)
			if id <= last || len(id) != 26 || strings.Trim(id, alphabet) != "" {
				t.Errorf("%s after %s", id, last)
			}
			if id == NewOrderedID(moment, n) {
				t.Error("the same id twice")
			}
			last = id
		}
	}
}
