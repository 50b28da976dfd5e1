package respond_test

import (
	"strings"
	"testing"

	"panelverk/internal/site/browsertest"
)

// TestPagesOfProofAndRightsInTheirStates opens the pages of a lost link, of
// showing who one is, of one's answers and of the panel's with something on
// them, on the narrowest screen there is, in Swedish and English.
func TestPagesOfProofAndRightsInTheirStates(t *testing.T) {
	w := newWorld(t, wave4)
	w.field.Reaches(true, true)
	links, _ := panelOf(w)
	over := w.now
	w.now = wave4
	link := w.invite(4)
	mine := w.browser(true).get(link.URL)
	mine.press("go", "start", "consent", "1", "pin", "8305").next("q.job_kind", "assembly", "q.year_started", "2006")
	for _, tag := range []string{"sv", "en"} {
		b := browsertest.Start(t, browsertest.Phone(320, 640), browsertest.Language(tag))
		b.Expect("422")
		n := 0
		look := func(page string) {
			t.Helper()
			if b.Width() > 320 {
				t.Errorf("%s in %s is %d px wide on a screen of 320", page, tag, b.Width())
			}
			shoot(b, "states-"+tag, &n, strings.ReplaceAll(page, " ", "-"))
		}
		w.now = wave4
		b.Goto(w.server.URL + "/link?lang=" + tag)
		look("link asked for")
		b.Fill("[name=address]", "nobody")
		b.Follow("main .btn")
		look("link to no address")
		b.Fill("[name=address]", "nobody@example.org")
		b.Follow("main .btn")
		look("link on its way")

		b.Goto(link.URL + "?lang=" + tag)
		b.Follow(".acts .btn")
		b.Goto(link.URL + "/prove?lang=" + tag)
		look("prove")
		b.Follow("main button[value=send]")
		look("code on its way")
		b.Fill("[name=code]", "918345")
		b.Follow("main form:has([name=code]) .btn")
		look("code that is wrong")
		b.Goto(link.URL + "/answers?lang=" + tag)
		look("answers not opened")
		b.Goto(link.URL + "/prove?lang=" + tag)
		b.Fill("[name=code]", "8305")
		b.Follow("main form:has([name=code]) .btn")
		look("proved")
		b.Goto(link.URL + "/answers?lang=" + tag)
		look("answers")

		leaves := w.invite(4)
		w.start(leaves, true).next("q.job_kind", "assembly", "q.year_started", "2006")
		b.Goto(leaves.URL + "/leave/erase?lang=" + tag)
		b.Follow("main .btn")
		look("erasing not confirmed")
		b.Goto(leaves.URL + "/leave?lang=" + tag)
		b.Check("[name=how][value=pause]")
		b.Follow("main .btn")
		look("paused")

		w.now = over
		b.Goto(links[0].URL + "/feedback?lang=" + tag)
		look("feedback")
	}
}
