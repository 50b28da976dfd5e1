package interview_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"panelverk/internal/interview"
	"panelverk/internal/site/browsertest"
)

// dense gives a questionnaire of some rows in which nearly every row hangs on
// others: pages of ten questions, chains of relevance, sums over all pages,
// filtered choices and constraints.
func dense(rows int) string {
	var b strings.Builder
	b.WriteString("| survey |\n| | type | name | label | relevant | constraint | calculation | choice_filter | appearance |\n")
	row := func(cells ...string) { b.WriteString("| | " + strings.Join(cells, " | ") + " |\n") }
	for n, page := 0, 0; n < rows; page++ {
		relevant := ""
		if page > 0 {
			relevant = fmt.Sprintf("${total%d} >= 0 and ${yes%d} != 'never'", page-1, page-1)
		}
		row("begin group", fmt.Sprintf("page%d", page), fmt.Sprintf("Page %d", page), relevant, "", "", "", "field-list")
		row("select_one yn", fmt.Sprintf("yes%d", page), "Do you?", "", "", "", "", "")
		row("integer", fmt.Sprintf("a%d", page), "How many?", fmt.Sprintf("${yes%d} = 'yes'", page), ". >= 0 and . < 1000", "", "", "")
		row("integer", fmt.Sprintf("b%d", page), "And of these?", fmt.Sprintf("${a%d} > 1", page), fmt.Sprintf(". <= ${a%d}", page), "", "", "")
		row("calculate", fmt.Sprintf("sum%d", page), "", "", "", fmt.Sprintf("coalesce(${a%d}, 0) + coalesce(${b%d}, 0)", page, page), "", "")
		total := fmt.Sprintf("${sum%d}", page)
		if page > 0 {
			total = fmt.Sprintf("${total%d} + ${sum%d}", page-1, page)
		}
		row("calculate", fmt.Sprintf("total%d", page), "", "", "", total, "", "")
		row("select_one county", fmt.Sprintf("county%d", page), "Where?", fmt.Sprintf("${total%d} > 10", page), "", "", "", "")
		row("select_one town", fmt.Sprintf("town%d", page), "Which town?", "", "", "", fmt.Sprintf("in = ${county%d}", page), "")
		row("text", fmt.Sprintf("why%d", page), "Why?", fmt.Sprintf("selected(${town%d}, 't1') or ${b%d} = 3", page, page), "string-length(.) < 200", "", "", "")
		row("note", fmt.Sprintf("note%d", page), fmt.Sprintf("So far ${total%d}.", page), "", "", "", "", "")
		row("end group", "", "", "", "", "", "", "")
		n += 11
	}
	b.WriteString("| choices |\n| | list_name | name | label | in |\n| | yn | yes | Yes | |\n| | yn | no | No | |\n")
	for i := range 5 {
		fmt.Fprintf(&b, "| | county | c%d | County | |\n", i)
	}
	for i := range 20 {
		fmt.Fprintf(&b, "| | town | t%d | Town | c%d |\n", i, i%5)
	}
	return b.String()
}

// answered gives the answers of somebody who has come through all of it.
func answered(l *interview.Logic) *interview.Document {
	doc := empty()
	for page := range len(l.Questionnaire.Pages) {
		n := strconv.Itoa(page)
		for name, value := range map[string]string{"yes": "yes", "a": "7", "b": "3", "county": "c1", "town": "t1", "why": "Because"} {
			doc.Answers[name+n] = value
		}
	}
	for name, value := range l.Look(doc.Answers, now).Calculations() {
		doc.Answers[name] = value
	}
	return doc
}

// BenchmarkStep600 measures one step of an interview on a dense form of 600
// rows: a page in the middle is posted with a change that concerns all the
// pages after it, and the page that comes next is looked at. The goal is 1 ms.
func BenchmarkStep600(b *testing.B) {
	l := compiled(b, dense(600))
	doc := answered(l)
	in := interview.Post{Page: "page20", Go: interview.Forward, Values: map[string][]string{}, Shown: map[string]string{}}
	for _, name := range []string{"yes20", "a20", "b20", "county20", "town20", "why20"} {
		in.Values[name], in.Shown[name] = []string{doc.Answers[name]}, interview.Digest(doc.Answers[name])
	}
	known := func(string) bool { return true }
	b.ReportAllocs()
	before := cpu(b)
	n := 0
	for ; b.Loop(); n++ {
		in.Values["a20"] = []string{strconv.Itoa(8 + n%2)}
		res := l.Post(doc, in, now)
		if res.Next == nil || res.Next.Key != "page21" || res.Change.Answers["total50"] == "" {
			b.Fatalf("%+v", res)
		}
		view := l.Look(doc.Answers, now).In(res.Next)
		for _, it := range res.Next.Page.Items {
			view.Relevant(it.Name)
		}
		view.Previous(res.Next.Key)
		if view.PageScript(res.Next, known) == nil {
			b.Fatal("the page has nothing to do")
		}
	}
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(n), "cpu-ms/step")
}

// cpu gives the processor time that this process has used.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkBrowser600 measures one change in the same form as a whole, in
// Chromium with its processor slowed down to a quarter, and the same of a bare
// loop: ms-change is at most 8 on a phone of today, and the ratio to a million
// rounds of the loop does not hang on the machine.
func BenchmarkBrowser600(b *testing.B) {
	l := compiled(b, dense(600))
	doc := answered(l)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/expr.js", "/form.js":
			http.ServeFile(w, r, "../../web/static"+r.URL.Path)
		case "/data.json":
			_ = json.NewEncoder(w).Encode(message{"logic": json.RawMessage(l.Script().JSON()), "given": message{"answers": doc.Answers, "zone": "UTC", "now": now.UnixMilli()}})
		case "/run.js":
			_, _ = w.Write([]byte(`fetch("/data.json").then((r) => r.json()).then((m) => { window.form = PanelverkForm.create(m.logic, m.given); document.title = "ready"; });
window.measure = (rounds) => {
	for (let i = 0; i < 30; i++) form.offer("a20", String(8 + (i % 2)));
	let began = performance.now(), keys = 0;
	for (let i = 0; i < rounds; i++) keys = form.offer("a20", String(8 + (i % 2))).size;
	const change = (performance.now() - began) / rounds;
	began = performance.now();
	let sum = 0;
	for (let i = 0; i < 1e6; i++) sum = (sum * 31 + i) % 1000003;
	return [change, performance.now() - began, keys, sum].join(" ");
};`))
		default:
			_, _ = w.Write([]byte(`<!doctype html><title>form</title><link rel="icon" href="data:,"><script src="/expr.js"></script><script src="/form.js"></script><script src="/run.js"></script>`))
		}
	}))
	defer server.Close()
	c := browsertest.Start(b)
	c.Goto(server.URL + "/")
	c.WaitUntil("the form is there", func() bool { return c.Title() == "ready" })
	c.Throttle(4)
	var change, loop float64
	var keys, sum int
	rounds := max(20, b.N)
	if _, err := fmt.Sscan(c.Evaluate(fmt.Sprintf("measure(%d)", rounds)), &change, &loop, &keys, &sum); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(change, "ms-change")
	b.ReportMetric(loop, "ms-loop")
	b.ReportMetric(change/loop, "ratio")
	b.ReportMetric(float64(keys), "keys")
}
