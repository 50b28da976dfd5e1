package rehearsal

import (
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// What the manual says of behaviour is what is usual.
func TestTheManualTellsWhatIsUsual(t *testing.T) {
	manual, err := os.ReadFile("../../surveys/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(manual), "## Rehearsal")
	_, text, _ = strings.Cut(text, "```yaml\n")
	text, _, _ = strings.Cut(text, "```")
	got, err := ParseBehaviour([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := Usual()
	if !slices.Equal(got.Answers, want.Answers) {
		t.Errorf("answers: %v, and usual is %v", got.Answers, want.Answers)
	}
	usual := want.fields()
	for _, name := range slices.Sorted(maps.Keys(usual)) {
		if !strings.Contains(text, name+":") || math.Abs(*got.fields()[name]-*usual[name]) > 0.0006 {
			t.Errorf("%s: %v, and usual is %v", name, *got.fields()[name], *usual[name])
		}
	}
}
