package study_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"panelverk/internal/study"
)

// What is wrong with scales and weights is told where it stands. The lines are
// put at the end of a study that is right.
func TestScalesAreRead(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("..", "..", "surveys", "smart-factory", "study.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	label := "\n    label: {" + strings.Join(everyLanguage(t, source), ", ") + "}\n"
	base := strings.Split(string(source), "\nscales:")[0]
	base = strings.Split(base, "\nweights:")[0]
	for _, c := range []struct{ name, text, want string }{
		{"right", "scales:\n  - name: autonomy" + label + "    items: [a, -b]\n    range: [1, 5]\n    least: 1\nweights: {by: [country]}\n", ""},
		{"everything wrong", "scales:\n  - name: country" + label + "    items: [a, a]\n    range: [5, 1]\n    score: median\nweights: {by: [age]}\n",
			"duplicate duplicate scale_items scale_range unknown_attribute unknown_value"},
		{"too few", "scales:\n  - name: x" + label + "    items: [a, b]\n    range: [1, 5]\n    least: 3\n", "number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, problems := study.Parse([]byte(base+"\n"+c.text), nil)
			var got []string
			for _, p := range problems {
				if !strings.HasPrefix(p.Code, "missing_") {
					got = append(got, p.Code)
				}
			}
			slices.Sort(got)
			if strings.Join(got, " ") != c.want {
				t.Errorf("%v, want %s", problems, c.want)
			}
		})
	}
}

// everyLanguage gives "sv: x" for each language of a study.
func everyLanguage(t *testing.T, source []byte) []string {
	for line := range strings.Lines(string(source)) {
		if rest, ok := strings.CutPrefix(line, "languages: ["); ok {
			var out []string
			for tag := range strings.SplitSeq(strings.TrimRight(rest, "]\n"), ", ") {
				out = append(out, fmt.Sprintf("%s: x", tag))
			}
			return out
		}
	}
	t.Fatal("no languages")
	return nil
}
