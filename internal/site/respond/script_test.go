package respond_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chromedp/chromedp/kb"

	"panelverk/internal/site/browsertest"
)

const liveForm = `
| survey |
| | type | name | label::Svenska (sv) | label::English (en) | relevant | constraint | constraint_message::Svenska (sv) | constraint_message::English (en) | calculation | choice_filter | read_only | appearance |
| | begin group | work | Ditt arbete | Your work | | | | | | | | field-list |
| | select_one yn | job | Har du ett arbete? | Do you have a job? | | | | | | | | |
| | decimal | hours | Hur många timmar i veckan? | How many hours a week? | ${job} = 'yes' | . <= 80 | Skriv högst 80 timmar. | Write 80 hours at most. | | | | |
| | calculate | daily | | | | | | | round(${hours} div 5, 1) | | | |
| | note | sum | Det blir **${daily}** timmar om dagen. | That is **${daily}** hours a day. | ${daily} > 0 | | | | | | | |
| | select_one county | county | I vilket län? | In which county? | | | | | | | | |
| | select_one town | town | I vilken kommun? | In which town? | | | | | | in = ${county} | | |
| | begin group | way | Vägen dit | The way there | ${town} = 'gbg' | | | | | | | |
| | text | bus | Vilken buss? | Which bus? | | | | | | | | |
| | end group | | | | | | | | | | | |
| | text | boss | Vem är din chef? | Who is your boss? | | | | | | | ${job} = 'no' | |
| | end group | | | | | | | | | | | |
| | begin group | where | Var? | Where? | | | | | | | | field-list |
| | geopoint | spot | Var arbetar du? | Where do you work? | | | | | | | | |
| | integer | late | Hur många timmar för mycket? | How many hours too many? | ${hours} > 30 | . < ${hours} | | | | | | |
| | text | why | Varför? | Why? | ${late} > 3 | | | | | | | |
| | end group | | | | | | | | | | | |
| choices |
| | list_name | name | label::Svenska (sv) | label::English (en) | in |
| | yn | yes | Ja | Yes | |
| | yn | no | Nej | No | |
| | county | vg | Västra Götaland | Västra Götaland | |
| | county | sk | Skåne | Scania | |
| | county | no | Inget av dem | Neither | |
| | town | gbg | Göteborg | Gothenburg | vg |
| | town | bor | Borås | Borås | vg |
| | town | mmo | Malmö | Malmö | sk |
| settings |
| | form_title | default_language |
| | Levande | Svenska (sv) |
`

func liveWorld(t *testing.T) *world {
	t.Helper()
	return newWorldOf(t, wave3, fstest.MapFS{smartFactory + "/study.yaml": {Data: []byte(fileStudy)}, smartFactory + "/core.v1.md": {Data: []byte(liveForm)}}, smartFactory)
}

const quoteForm = `
| survey |
| | type | name | label::sv | label::en | relevant | constraint | constraint_message::sv | constraint_message::en | appearance |
| | begin group | home | Hemma | At home | | | | | field-list |
| | text | who | Vem bor här? | Who lives here? | | | | | |
| | integer | age | Hur gammal är ${who}? | How old is ${who}? | | | | | |
| | select_one yn | works | Arbetar ${who}? | Does ${who} work? | ${age} >= 16 | | | | |
| | integer | years | Hur många år? | How many years? | ${works} = 'yes' | . < ${age} | ${who} är bara **${age}** år. | ${who} is only **${age}**. | |
| | end group | | | | | | | | |
| choices |
| | list_name | name | label::sv | label::en |
| | yn | yes | Ja | Yes |
| | yn | no | Nej | No |
| settings |
| | form_title | default_language |
| | Hemma | sv |
`

// What names an answer on the page says it: in a question that was not there
// when the answer was given, and in the message of a broken rule.
func TestQuotedAnswersAreKeptUpToDate(t *testing.T) {
	w := newWorldOf(t, wave3, fstest.MapFS{smartFactory + "/study.yaml": {Data: []byte(fileStudy)}, smartFactory + "/core.v1.md": {Data: []byte(quoteForm)}}, smartFactory)
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"))
	b.Goto(w.invite(1).URL)
	b.Follow(".acts .btn")
	b.Fill("[name='q.who']", "Åsa <i>")
	b.Fill("[name='q.age']", "44")
	b.Press(kb.Tab)
	if label := b.Evaluate(`document.querySelector("#q-works legend").textContent`); label != "Arbetar Åsa <i>?" {
		t.Errorf("the label is %q", label)
	}
	if said := b.Evaluate(`document.querySelector("#sheet > .vh[role=status]").textContent`); said != "Ny fråga: Arbetar Åsa <i>?" {
		t.Errorf("%q is announced", said)
	}
	b.Check("input[name='q.works'][value=yes]")
	b.Fill("[name='q.years']", "50")
	b.Press(kb.Tab)
	if said := b.Text("#q-years .msg"); !strings.HasSuffix(said, "Åsa <i> är bara 44 år.") {
		t.Errorf("the message is %q", said)
	}
}

// A tap brings a question up and takes it away without a request; choices,
// labels, locks and broken rules follow what is typed; what is sent is what is
// seen.
func TestAPageFollowsItsAnswers(t *testing.T) {
	w := liveWorld(t)
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"))
	n := 0
	b.Goto(w.invite(1).URL)
	b.Follow(".acts .btn")
	b.Evaluate(`window.mark = performance.getEntriesByType("resource").filter((r) => !/(\/saves|\/whole|\/offline\.js)$/.test(r.name)).length`)
	gone := func(names ...string) {
		t.Helper()
		for _, name := range names {
			if b.Count("#q-"+name) != 0 {
				t.Errorf("%s is on the page", name)
			}
		}
	}
	gone("hours", "sum", "town", "bus")
	if b.Visible("h2[data-of]") {
		t.Error("a heading stands without its questions")
	}
	b.Check("input[name='q.job'][value=yes]")
	if !b.Visible("#q-hours") || b.Evaluate(`document.activeElement.value`) != "yes" {
		t.Error("the question does not come up at the tap, or takes the focus")
	}
	if said := b.Evaluate(`document.querySelector("#sheet > .vh[role=status]").textContent`); said != "Ny fråga: Hur många timmar i veckan?" {
		t.Errorf("%q is announced", said)
	}
	b.Fill("[name='q.hours']", "200")
	if b.Count("#q-hours .msg") != 0 {
		t.Error("a rule is told while one types")
	}
	b.Press(kb.Tab)
	if text := b.Text("#q-hours .msg"); !strings.HasSuffix(text, "Skriv högst 80 timmar.") || b.Attribute("[name='q.hours']", "aria-invalid") != "true" || !strings.Contains(b.Attribute("[name='q.hours']", "aria-describedby"), "q-hours-e") {
		t.Errorf("told is %q", text)
	}
	shoot(b, "live", &n, "broken")
	gone("sum") // nothing is worked out from it
	b.Fill("[name='q.hours']", "37,5")
	if b.Count("#q-hours .msg") != 0 || b.Attribute("[name='q.hours']", "aria-invalid") != "" {
		t.Error("the mended rule is still told")
	}
	if text := b.Text("#q-sum"); text != "Det blir 7,5 timmar om dagen." {
		t.Errorf("the note says %q", text)
	}
	b.Check("input[name='q.county'][value=vg]")
	if b.Count("#q-town label") != 2 || !b.Visible("#q-town input[value=gbg]") {
		t.Error("the choices are not those of the county")
	}
	b.Check("input[name='q.town'][value=gbg]")
	if !b.Visible("#q-bus") || !b.Visible("h2[data-of]") {
		t.Error("the group does not come up")
	}
	b.Fill("[name='q.bus']", "Röd express")
	shoot(b, "live", &n, "filled")
	b.Check("input[name='q.county'][value=sk]")
	gone("bus")
	if b.Visible("#q-town input[value=gbg]") || b.Count("#q-town input:checked") != 0 {
		t.Error("a choice of the other county stays")
	}
	b.Check("input[name='q.county'][value=vg]")
	b.Check("input[name='q.town'][value=gbg]")
	if b.Value("[name='q.bus']") != "Röd express" {
		t.Error("what was typed is lost")
	}
	b.Check("input[name='q.job'][value=no]")
	gone("hours", "sum")
	if b.Evaluate(`document.querySelector("[name='q.boss']").readOnly`) != "true" {
		t.Error("the question is not locked")
	}
	b.Check("input[name='q.job'][value=yes]")
	b.Fill("[name='q.boss']", "Åsa")
	if b.Width() > 390 {
		t.Errorf("the page is %d px wide", b.Width())
	}
	if more := b.Evaluate(`performance.getEntriesByType("resource").filter((r) => !/(\/saves|\/whole|\/offline\.js)$/.test(r.name)).length - window.mark`); more != "0" {
		t.Errorf("%s requests while answering, beside those that save and that get ready for no network", more)
	}
	b.Follow(".acts button[value=next]")
	if !strings.HasSuffix(b.URL(), "/p/where") {
		t.Fatalf("the next page is %s, which shows %s", b.URL(), b.VisibleText())
	}
	got := w.document(1).Answers
	for name, want := range map[string]string{"job": "yes", "hours": "37.5", "daily": "7.5", "county": "vg", "town": "gbg", "bus": "Röd express", "boss": "Åsa"} {
		if got[name] != want {
			t.Errorf("%s is stored as %q, not %q", name, got[name], want)
		}
	}
	b.Fill("[name='q.late']", "38")
	b.Press(kb.Tab)
	b.WaitUntil("a rule about an answer of the page before is told", func() bool { return b.Visible("#q-late .msg") })
	b.Fill("[name='q.late']", "5")
	b.Fill("[name='q.why']", "Skiftet")
	b.Back()
	b.WaitText("Har du ett arbete?")
	if b.Value("[name='q.hours']") != "37,5" || !b.Visible("#q-bus") || !b.Checked("input[name='q.town'][value=gbg]") {
		t.Errorf("coming back the page shows\n%s", b.VisibleText())
	}
}

// A click that leaves a field hits what it was meant for, though the field
// then says what is wrong with it.
func TestAClickHitsWhatItWasMeantFor(t *testing.T) {
	w := liveWorld(t)
	b := browsertest.Start(t, browsertest.Language("en"))
	b.Goto(w.invite(1).URL + "?lang=en")
	b.Follow(".acts .btn")
	b.Check("input[name='q.job'][value=yes]")
	b.Fill("[name='q.hours']", "90,x")
	b.Check("input[name='q.county'][value=vg]")
	if text := b.Text("#q-hours .msg"); !strings.Contains(text, "Write a number in digits.") {
		t.Errorf("told is %q", text)
	}
	n := 0
	shoot(b, "live-desk", &n, "wrong")
}

// Without scripts, and for whoever has no proof, the server shows the page
// again: nothing of an earlier answer stands in what the page carries.
func TestWhatAPageCarries(t *testing.T) {
	w := liveWorld(t)
	link := w.invite(1)
	b := w.browser(true).get(link.URL).press("go", "start").isAt(200, "/p/work")
	if !strings.Contains(b.source, `id="logic"`) || strings.Contains(b.body, "timmar") {
		t.Fatalf("a fresh page:\n%s", b.source)
	}
	b.next("q.job", "yes").isAt(200, "/p/work").says("Följdfråga", "Hur många timmar")
	b.next("q.hours", "61.25", "q.county", "vg").isAt(200, "/p/work").says("Göteborg") // choices came up
	b.next("q.town", "gbg").isAt(200, "/p/work").says("Vilken buss?").next("q.bus", "Hemlig").isAt(200, "/p/where").says("för mycket")
	if !strings.Contains(b.source, `"hours":"61.25"`) {
		t.Errorf("the page lacks what its rules read:\n%s", b.source)
	}
	for _, cookies := range []bool{true, false} {
		other := w.browser(cookies).get(link.URL)
		if cookies {
			other.press("go", "start")
		}
		for _, page := range []string{"work", "where"} {
			other.get(link.URL + "/p/" + page)
			for _, secret := range []string{"61.25", "61,25", "Hemlig", `"job":"yes"`, `"town":"gbg"`} {
				if strings.Contains(other.source, secret) {
					t.Errorf("%s with cookies %v tells %q:\n%s", page, cookies, secret, other.source)
				}
			}
		}
	}
}

// The button that asks the device where it is exists with scripts alone; what
// it finds is typed into the field, and what it does not is said in words.
func TestWhereAmI(t *testing.T) {
	w := liveWorld(t)
	link := w.invite(1)
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"))
	b.Goto(link.URL)
	b.Follow(".acts .btn")
	b.Follow(".acts button[value=next]")
	b.Locate(57.70887, 11.97456)
	b.Click("#q-spot button")
	b.WaitText("Platsen är ifylld.")
	if v := b.Value("[name='q.spot']"); v != "57,70887 11,97456" {
		t.Errorf("the field says %q", v)
	}
	n := 0
	shoot(b, "live", &n, "place")
	b.Follow(".acts button[value=pause]")
	if got := w.document(1).Answers["spot"]; got != "57.70887 11.97456 0 0" {
		t.Errorf("stored is %q", got)
	}
	if h := w.browser(false).header(link.URL + "/p/where"); h.Get("Permissions-Policy") != "camera=(), microphone=(), geolocation=(self)" {
		t.Errorf("the page may %q", h.Get("Permissions-Policy"))
	}
}

func (b *browser) header(address string) http.Header {
	b.t.Helper()
	resp, err := b.client.Get(address)
	if err != nil {
		b.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.Header
}

const powersForm = `
| survey |
| | type | name | label::Svenska (sv) | label::English (en) | calculation | appearance |
| | begin group | body | Din kropp | Your body | | field-list |
| | decimal | kilos | Vad väger du? | What do you weigh? | | |
| | calculate | squared | | | pow(${kilos}, 2) | |
| | note | sum | I kvadrat: **${squared}**. | Squared: **${squared}**. | | |
| | end group | | | | | |
| settings |
| | form_title | default_language |
| | Vikt | Svenska (sv) |
`

// Functions that few forms use lie in a file of their own, which only a page
// that needs them loads; it comes to life once they are there.
func TestPowersAreFetched(t *testing.T) {
	w := newWorldOf(t, wave3, fstest.MapFS{smartFactory + "/study.yaml": {Data: []byte(fileStudy)}, smartFactory + "/core.v1.md": {Data: []byte(powersForm)}}, smartFactory)
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"))
	b.Goto(w.invite(1).URL)
	if got := strings.Join(b.Traffic().Files, " "); strings.Contains(got, "expr-more.js") {
		t.Errorf("the start page loads %s", got)
	}
	b.Follow(".acts .btn")
	b.WaitUntil("the functions are there", func() bool { return b.Evaluate("!!PanelverkExpr.full") == "true" })
	b.Fill("[name='q.kilos']", "12")
	b.WaitText("I kvadrat: 144.")
}
