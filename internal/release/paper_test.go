package release_test

import (
	"strings"
	"testing"

	"panelverk/internal/disclosure"
	"panelverk/internal/release"
)

// What others wrote stays what it is: it makes no list, no table, no markup.
func TestAPaperIsWhatItSays(t *testing.T) {
	markdown, page, err := release.Markdown("1. Först <b>*fet*</b> a|b och my_name", "- minus", "`infl_tech`: _x_")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# Titel\n\n## Rubrik\n", "\n1\\. Först \\<b\\>\\*fet\\*\\</b\\> a\\|b och my_name\n", "> 1\\. Först", "| 1. Först \\<b\\>", "\n\\- minus\n", "| - minus | 1 |", "`infl_tech`: \\_x\\_", "|---|---:|"} {
		if !strings.Contains(markdown, want) {
			t.Errorf("no %q in\n%s", want, markdown)
		}
	}
	for _, want := range []string{"<p>1. Först &lt;b&gt;*fet*&lt;/b&gt;", "<code>infl_tech</code>: _x_", `<a href="#s0">Rubrik</a>`, `<h2 id="s0">Rubrik</h2>`, `<td class="figure">1</td>`, `<html lang="sv" dir="ltr">`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "//") {
		t.Error("the page asks for something from elsewhere")
	}
}

// No figure of the risk lets a count be worked out that is hidden.
func TestHiddenCountsCannotBeWorkedOut(t *testing.T) {
	before := disclosure.Risk{N: 36, Classes: 25, K: 1, Unique: 22, Violations: 22, Max: 1, Expected: 25, Global: 25. / 36, AtRisk: 22. / 36}
	after := disclosure.Risk{N: 33, Classes: 9, K: 1, Unique: 1, Violations: 3, Max: 1, Expected: 9, Global: 9. / 33, AtRisk: 3. / 33}
	got, err := release.Figures(&release.Report{Before: before, After: after, LeftOut: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| Average risk | · | 0.273 |", "| Share of records at risk | · | · |", "| Persons in the file | · | 33 |"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if got, err = release.Figures(&release.Report{Before: before, After: disclosure.Risk{N: 31, K: 3}, LeftOut: 5}); err != nil || !strings.Contains(got, "| Average risk | 0.694 |") {
		t.Errorf("what five were left out of is no secret: %v\n%s", err, got)
	}
}
