package staff_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/access"
	"panelverk/internal/site/browsertest"
)

// TestTheWorkbookTellsHowFarItIs reads what a script is told, and the file after it.
func TestTheWorkbookTellsHowFarItIs(t *testing.T) {
	w := released(t)
	c := w.as(access.Researcher)
	ask := func(form url.Values) answered {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address("/s/"+key+"/data/workbook"), strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Accept", "application/vnd.panelverk.told")
		return c.do(r)
	}
	if a := ask(url.Values{"language": {"sv"}}); a.status != http.StatusUnprocessableEntity || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		t.Errorf("without the promise: %d %s", a.status, a.header.Get("Content-Type"))
	}
	a := ask(url.Values{"language": {"sv"}, "promise": {"1"}})
	if got := a.header.Get("Content-Type"); a.status != http.StatusOK || got != "application/vnd.panelverk.told" {
		t.Fatalf("%d %s", a.status, got)
	}
	body := []byte(a.body)
	told := 0
	for {
		line, rest, ok := bytes.Cut(body, []byte("\n"))
		var is struct {
			Done, Total int
			Name, Type  string
		}
		if err := json.Unmarshal(line, &is); err != nil || !ok {
			t.Fatalf("%.80q: %v", line, err)
		}
		if body = rest; is.Name != "" {
			if !strings.HasSuffix(is.Name, ".xlsx") || !strings.Contains(is.Type, "spreadsheetml") {
				t.Error(is)
			}
			break
		}
		if told++; is.Total != 36 || is.Done > 36 {
			t.Error(is)
		}
	}
	if told == 0 {
		t.Error("nothing was told before the file")
	}
	if _, err := excelize.OpenReader(bytes.NewReader(body)); err != nil {
		t.Error(err)
	}
}

// TestTheWorkbookIsFetchedByScript fetches it in a browser: without the promise the
// page says what is missing, with it the file comes and the page stays.
func TestTheWorkbookIsFetchedByScript(t *testing.T) {
	w := released(t)
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"))
	b.Goto(w.server.URL + "/staff/login")
	b.Fill("#f-email", "researcher@example.org")
	b.Fill("#f-password", password)
	b.Follow("main .btn")
	b.Goto(w.server.URL + "/staff/s/" + key + "/data")
	b.Expect("422")
	b.Click("form[data-told] .btn")
	b.WaitText("Kryssa i rutan om du vill hämta filen.")
	b.Check("#f-promise")
	b.Click("form[data-told] .btn")
	b.WaitText("Filen är klar.")
	b.AccessibleNow("the page after the file")
}
