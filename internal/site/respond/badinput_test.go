package respond_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"panelverk/internal/interview"
	"panelverk/internal/store"
)

const oddForm = `
| survey |
| | type | name | label::Svenska (sv) | label::English (en) | appearance |
| | begin group | all | Allt möjligt | Allt möjligt | field-list |
| | text | words | Vad tycker du? | Vad tycker du? | multiline |
| | decimal | pay | Vad tjänar du i timmen? | Vad tjänar du i timmen? |  |
| | integer | staff | Hur många är ni? | Hur många är ni? |  |
| | date | day | Vilken dag? | Vilken dag? |  |
| | date | month | Vilken månad? | Vilken månad? | month-year |
| | date | year | Vilket år? | Vilket år? | year |
| | select_one yn | yes | Trivs du? | Trivs du? |  |
| | select_multiple yn | some | Vad stämmer? | Vad stämmer? |  |
| | end group | | | | |
| choices |
| | list_name | name | label::Svenska (sv) | label::English (en) |
| | yn | yes | Ja | Yes |
| | yn | no | Nej | No |
| settings |
| | form_title | default_language |
| | Allt | Svenska (sv) |
`

func oddWorld(t testing.TB) *world {
	t.Helper()
	return newWorldOf(t, wave3, fstest.MapFS{smartFactory + "/study.yaml": {Data: []byte(fileStudy)}, smartFactory + "/core.v1.md": {Data: []byte(oddForm)}}, smartFactory)
}

// newest gives what the database holds for the interview that nobody has asked
// for yet.
func (o *oddly) newest() *interview.Document {
	o.t.Helper()
	var found *interview.Document
	err := o.store.Read(context.Background(), func(tx *store.Tx) error {
		all, err := tx.Interviews(o.study, 1)
		for _, one := range all {
			if o.seen[one.ID] {
				continue
			}
			o.seen[one.ID] = true
			if found != nil {
				o.t.Error("two interviews are new")
			}
			if found, err = one.Decoded(); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil || found == nil {
		o.t.Fatalf("no new interview (%v)", err)
	}
	return found
}

// oddly is a world with many interviews.
type oddly struct {
	*world
	seen map[string]bool
}

// oddAnswers are what people and their programs put into fields. Either it is
// stored, and then as it says, or a sentence stands beside the question and what
// was typed is kept.
var oddAnswers = []struct {
	what, question, typed string
	stored                string // "" with a sentence
	says                  string
}{
	{"a megabyte of text", "words", strings.Repeat("Vi får aldrig veta något. ", 40000), "", "Texten är för lång"},
	{"ten thousand emoji", "words", strings.Repeat("🙂", 10000), strings.Repeat("🙂", 10000), ""},
	{"one emoji too many", "words", strings.Repeat("🙂", 10001), "", "Texten är för lång"},
	{"emoji of several parts", "words", "👩🏽‍🏭 🇸🇪 👨‍👩‍👧", "👩🏽‍🏭 🇸🇪 👨‍👩‍👧", ""},
	{"a NUL byte", "words", "bra\x00dåligt", "", "tecken som inte går att spara"},
	{"no UTF-8", "words", "b\xe4ttre", "", "tecken som inte går att spara"},
	{"marks of direction", "words", "\u202eשלום\u202c och \u200fمرحبا", "\u202eשלום\u202c och \u200fمرحبا", ""},
	{"tags", "words", `</textarea><script>alert("x")</script>`, `</textarea><script>alert("x")</script>`, ""},
	{"lines of Windows", "words", "ett\r\ntvå\r\n", "ett\ntvå\n", ""},
	{"decomposed letters", "words", "A\u030angest", "A\u030angest", ""},
	{"a template's braces", "words", "{{.Secret}} ${pay} {typed}", "{{.Secret}} ${pay} {typed}", ""},
	{"a space between thousands", "pay", "1 234,5", "1234.5", ""},
	{"one that does not break", "pay", "1\u00a0234,5", "1234.5", ""},
	{"a narrow one", "pay", "1\u202f234,5", "1234.5", ""},
	{"a Swiss apostrophe", "pay", "1’234.50", "1234.5", ""},
	{"German thousands", "pay", "1.234,5", "1234.5", ""},
	{"English thousands", "pay", "1,234.5", "1234.5", ""},
	{"a point that may be either", "pay", "1.234", "", "Det kan läsas på två sätt"},
	{"a comma that may be either", "pay", "12,345", "", "Det kan läsas på två sätt"},
	{"no order of marks", "pay", "1.2,3.4", "", "Skriv ett tal med siffror"},
	{"a unit", "pay", "185 kr", "", "Skriv ett tal med siffror"},
	{"infinity", "pay", "Infinity", "", "Skriv ett tal med siffror"},
	{"too many digits", "staff", "99999999999999999999", "", "Talet är för stort"},
	{"a million in groups", "staff", "1.000.000", "1000000", ""},
	{"half a person", "staff", "12,5", "", "Skriv ett helt tal"},
	{"digits of another script", "staff", "١٢", "", "Skriv ett tal med siffror"},
	{"31 February", "day", "2017-02-31", "", "Skriv datumet som"},
	{"31 February as Swedes say it", "day", "31/2 2017", "", "Skriv datumet som"},
	{"29 February of another year", "day", "29.2.2017", "", "Skriv datumet som"},
	{"a thirteenth month", "month", "2017-13", "", "månad"},
	{"31 February for a month", "month", "2017-02-31", "", "månad"},
	{"31 February for a year", "year", "2017-02-31", "", "år"},
	{"a year too long", "year", "20177", "", "år"},
}

// Through the real handlers, both as a posted form and as a queue's save.
func TestOddAnswersAreStoredExactlyOrTold(t *testing.T) {
	w := &oddly{oddWorld(t), map[string]bool{}}
	for _, c := range oddAnswers {
		t.Run(c.what, func(t *testing.T) {
			w.t = t
			link := w.invite(1)
			b := w.start(link, true).open(link, "all")
			b.next("q."+c.question, strings.ReplaceAll(c.typed, "|", ""), "q.yes", "yes")
			check := func(how string) {
				t.Helper()
				d := w.newest()
				if got := d.Answers[c.question]; got != c.stored {
					t.Errorf("%s: stored is %.60q, not %.60q", how, got, c.stored)
				}
				if d.Answers["yes"] != "yes" {
					t.Errorf("%s: an answer beside it was lost: %v", how, d.Answers["yes"])
				}
			}
			check("the form")
			if c.stored == "" {
				b.isAt(http.StatusUnprocessableEntity, "/p/all").says(c.says)
				if got, want := b.form.Get("q."+c.question), c.typed; len(want) < 2000 && utf8.ValidString(want) && !strings.Contains(want, "\x00") && got != want {
					t.Errorf("of %q there is left %q", want, got)
				}
			} else if b.open(link, "all"); b.form.Get("q."+c.question) == "" {
				t.Error("the page does not show it again")
			}
			if strings.Contains(b.source, "<script>alert") {
				t.Error("the page runs what was typed")
			}
			if !utf8.ValidString(c.typed) {
				return // JSON is UTF-8
			}
			link = w.invite(1)
			r := w.start(link, true).queue(link, w.now, one{"q7-1", w.now.UnixMilli(), "all", append(touched(c.question, c.typed), touched("yes", "yes")...), ""})
			if r.Status != http.StatusOK {
				t.Fatalf("%+v", r)
			}
			check("the queue")
			if told := r.Told[c.question]; (c.stored == "") != (told != "") || !strings.Contains(told, c.says) {
				t.Errorf("the queue is told %q", told)
			}
		})
	}
}

// What no page of ours sends is refused, is logged without a word of what it
// said, and costs nobody an honest answer of the same form.
func TestWhatNoPageOfOursSends(t *testing.T) {
	many := func(n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprintf("q.hemlig%d", i), "x", fmt.Sprintf("was.hemlig%d", i), "")
		}
		return out
	}
	w := &oddly{oddWorld(t), map[string]bool{}}
	for _, c := range []struct {
		what, page string
		fields     []string
		status     int
		honest     bool // the honest answer is stored
	}{
		{"an unknown question", "all", []string{"q.hemlig", "1", "was.hemlig", ""}, 422, true},
		{"a choice that does not exist", "all", []string{"q.yes", "hemlig"}, 422, true},
		{"one of several that does not exist", "all", []string{"q.some", "yes|hemlig"}, 422, true},
		{"two answers to one question", "all", []string{"q.yes", "yes|no"}, 303, true},
		{"four thousand fields", "all", many(2000), 422, true},
		{"more fields than are read at all", "all", many(5000), 422, false},
		{"a very long field name", "all", []string{"q." + strings.Repeat("hemlig", 20000), "1", "was." + strings.Repeat("hemlig", 20000), ""}, 422, true},
		{"fields of no kind", "all", []string{"hemlig", "1", "", "hemlig", "q.", "hemlig", "__proto__", "hemlig"}, 303, true},
		{"a page of another version", "hemlig", nil, 422, false},
		{"a page with an instance of nothing", "all@9", nil, 422, false},
		{"three megabytes", "all", []string{"q.words", strings.Repeat("hemlig", 500_000)}, 422, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			w.t = t
			w.log.Reset()
			link := w.invite(1)
			b := w.start(link, true).open(link, "all")
			b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			f := url.Values{}
			for k, v := range b.form {
				f[k] = v
			}
			f.Set("q.staff", "12")
			for i := 0; i < len(c.fields); i += 2 {
				f[c.fields[i]] = strings.Split(c.fields[i+1], "|")
			}
			f.Set("go", "next")
			b.take(b.client.PostForm(link.URL+"/p/"+c.page, f))
			if b.status != c.status {
				t.Errorf("answered with %d, not %d:\n%.600s", b.status, c.status, b.body)
			}
			d := w.newest()
			if got := d.Answers["staff"] == "12"; got != c.honest {
				t.Errorf("the honest answer: %q", d.Answers["staff"])
			}
			for name, value := range d.Answers {
				if strings.Contains(name+value, "hemlig") {
					t.Errorf("stored: %.40s = %.40s", name, value)
				}
			}
			if log := w.log.String(); strings.Contains(log, "hemlig") || strings.Contains(log, link.URL[len(link.URL)-22:]) {
				t.Errorf("the log says: %.600s", log)
			}
			if refused := strings.Contains(w.log.String(), "a form of ours cannot have sent this"); c.status == 422 && c.honest && !refused {
				t.Error("it is not logged")
			}
		})
	}
}

// The same of a queue's saves: the one is refused, the ones about it are taken.
func TestSavesThatNoPageOfOursSends(t *testing.T) {
	w := &oddly{oddWorld(t), map[string]bool{}}
	for _, bad := range []one{
		{Page: "all", Fields: touched("hemlig", "1")},
		{Page: "all", Fields: touched("yes", "hemlig")},
		{Page: "hemlig", Fields: touched("yes", "yes")},
		{Page: "all@9", Fields: touched("yes", "yes")},
		{Page: "", Fields: touched("yes", "yes")},
	} {
		w.log.Reset()
		link := w.invite(1)
		at := w.now.UnixMilli()
		bad.ID, bad.At = "q7-2", at
		r := w.start(link, true).queue(link, w.now, one{"q7-1", at, "all", touched("staff", "12"), ""}, bad, one{"q7-3", at, "all", touched("words", "Bra."), ""})
		if r.Status != http.StatusOK || fmt.Sprint(r.Saved) != "[q7-1 q7-3]" || fmt.Sprint(r.Refused) != "[q7-2]" {
			t.Errorf("%+v: %+v", bad, r)
		}
		if d := w.newest(); d.Answers["staff"] != "12" || d.Answers["words"] != "Bra." || d.Answers["hemlig"] != "" {
			t.Errorf("%+v: stored %v", bad, d.Answers)
		}
		if log := w.log.String(); strings.Contains(log, "hemlig") || !strings.Contains(log, "cannot have sent this") {
			t.Errorf("%+v: the log says %s", bad, log)
		}
	}
	if interview.MaxText != 10000 {
		t.Error("the table above counts on 10,000 characters")
	}
}
