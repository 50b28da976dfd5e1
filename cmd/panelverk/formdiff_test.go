package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const iceCream = `
| survey |
| | type | name | label::sv | label::en |
| | select_one flavours | flavour | Vilken glass? | Which ice cream? |
| | integer | scoops | Hur många kulor? | How many scoops? |
| choices |
| | list_name | name | label::sv | label::en |
| | flavours | 1 | Choklad | Chocolate |
| | flavours | 3 | Vanilj | Vanilla |
`

func TestFormDiff(t *testing.T) {
	dir := t.TempDir()
	old := write(t, filepath.Join(dir, "core.v1.md"), iceCream)
	same := write(t, filepath.Join(dir, "same.md"), strings.ReplaceAll(iceCream, "Which ice cream?", "Which  ice cream?"))
	worded := write(t, filepath.Join(dir, "core.v2.md"), strings.ReplaceAll(iceCream, "How many scoops?", "How many scoops a day?"))
	reused := write(t, filepath.Join(dir, "core.v3.md"), strings.NewReplacer("Vanilj", "Rocky road", "Vanilla", "Rocky road").Replace(iceCream))
	broken := write(t, filepath.Join(dir, "core.v4.md"), strings.ReplaceAll(iceCream, "integer", "intger"))
	for _, c := range []struct {
		what   string
		new    string
		status int
		says   []string
	}{
		{"itself", old, exitDone, []string{"0 of 2 questions differ"}},
		{"a space more", same, exitDone, []string{"1 of 2 questions differ", "flavour: layout – suggested: same variable"}},
		{"reworded in English", worded, exitDone, []string{"scoops: wording – suggested: same variable", "label (en): “How many scoops?” → “How many scoops a day?”", "not changed in sv"}},
		{"the worst case", reused, exitProblems, []string{"flavour: categories, A CODE IS REUSED – suggested: new variable", "“3 = Vanilj” → “3 = Rocky road”", "core.v3.md, sheet choices, row 3"}},
		{"a file with problems", broken, exitProblems, []string{"intger"}},
		{"no file", filepath.Join(dir, "no.md"), exitProblems, []string{"cannot be read"}},
	} {
		status, out, talk := command("", "form", "diff", old, c.new)
		if status != c.status {
			t.Errorf("%s: status %d, want %d\n%s%s", c.what, status, c.status, out, talk)
		}
		for _, s := range c.says {
			if !strings.Contains(out, s) {
				t.Errorf("%s does not say %q:\n%s", c.what, s, out)
			}
		}
	}
	if status, _, _ := command("", "form", "diff", old); status != exitUsage {
		t.Errorf("one file: status %d", status)
	}
	status, out, _ := command("", "form", "diff", "--json", old, reused)
	var got struct {
		OK        bool
		OldHash   string `json:"old_hash"`
		Questions []struct {
			Question   string
			Kinds      []string
			CodeReused bool `json:"code_reused"`
			Languages  []string
			Suggested  string
			Details    []struct{ Aspect, Language, Choice, Before, After string }
		}
		Problems []struct {
			Code string
			Row  int
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if status != exitProblems || got.OK || got.OldHash == "" || len(got.Questions) != 2 || len(got.Problems) != 2 || got.Problems[0].Code != "code_reused" {
		t.Errorf("status %d, %+v", status, got)
	}
	if q := got.Questions[0]; q.Question != "flavour" || !q.CodeReused || !slices.Equal(q.Languages, []string{"sv", "en"}) || q.Suggested != "new" || len(q.Details) == 0 {
		t.Errorf("%+v", q)
	}
}
