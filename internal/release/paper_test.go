package release_test

import (
	"strings"
	"testing"

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
