package rehearsal

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"panelverk/internal/expr"
	"panelverk/internal/questionnaire"
)

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		constraint string
		want       bounds
	}{
		{". >= 0 and . <= 100", bounds{low: 0, high: 100, hasLow: true, hasHigh: true}},
		{". > 0 and . <= 500", bounds{low: 0, high: 500, hasLow: true, hasHigh: true, above: 1}},
		{"0 <= . and 10 > .", bounds{low: 0, high: 10, hasLow: true, hasHigh: true, below: 1}},
		{". >= -20", bounds{low: -20, hasLow: true}},
		{". >= 1960 and . <= number(format-date(today(), '%Y'))", bounds{low: 1960, hasLow: true}},
		{". >= 5 and . >= 3 and . <= 9 and . <= 7", bounds{low: 5, high: 7, hasLow: true, hasHigh: true}},
		{". <= today()", bounds{}},
		{". >= 5 or . = 0", bounds{}},
		{"${age} >= 18", bounds{}},
	} {
		e, err := expr.Parse(c.constraint)
		if err != nil {
			t.Fatal(err)
		}
		if got := limits(&questionnaire.Item{Type: questionnaire.Integer, Constraint: e}); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.constraint, got, c.want)
		}
	}
	if got := limits(&questionnaire.Item{Type: questionnaire.Range, RangeStart: 10, RangeEnd: 0}); got.low != 0 || got.high != 10 {
		t.Errorf("a range that falls: %+v", got)
	}
}

const markup = `<!doctype html><title>Part 1</title><a href="/elsewhere">x</a>
<form method="post" action="/logout"><button>Log out</button></form>
<main><form method="post" action="/s/x/p/one">
<input type="hidden" name="key" value="k"><input type="hidden" name="was.a" value="">
<div class="card bad" id="q-a"><input type="radio" name="q.a" value="1"><input type="radio" name="q.a" value="2" checked></div>
<input type="hidden" name="was.b" value="d"><input type="checkbox" name="q.b" value="x" checked><input type="checkbox" name="q.b" value="y" checked>
<textarea name="q.c">
two
lines</textarea>
<select name="q.d"><option value=""></option><option value="s" selected>S</option></select>
<input type="hidden" name="q.r" value="m n">
<button name="rank" value="r up m" disabled>Up</button><button name="rank" value="r add o">Add</button>
<button name="go" value="next">Next</button></form></main>`

func TestFormIsReadAsABrowserDoes(t *testing.T) {
	at, err := url.Parse("http://example.org/s/x/p/one")
	if err != nil {
		t.Fatal(err)
	}
	s, err := read(&http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(markup)), Request: &http.Request{URL: at}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.form.values().Encode(), "key=k&q.a=2&q.b=x&q.b=y&q.c=two%0Alines&q.d=s&q.r=m+n&was.a=&was.b=d"; got != want {
		t.Errorf("untouched it sends\n%s, want\n%s", got, want)
	}
	s.form.fill("q.a", "1")
	s.form.fill("q.b")
	s.form.fill("q.c", "new")
	s.form.fill("q.d", "")
	s.form.fill("q.r", "o")
	if got, want := s.form.values().Encode(), "key=k&q.a=1&q.c=new&q.d=&q.r=m+n&was.a=&was.b=d"; got != want {
		t.Errorf("filled in it sends\n%s, want\n%s", got, want)
	}
	if s.form.has(fieldRank, "r up m") || !s.form.has(fieldRank, "r add o") || s.form.has(fieldGo, "back") {
		t.Error("a button that is disabled or absent can be pressed, or one that is there cannot")
	}
	if strings.Join(s.form.picks("r"), " ") != "o" || strings.Join(s.form.asked, " ") != "a b" || !s.wrong["a"] || s.title != "Part 1" || s.form.action != "/s/x/p/one" {
		t.Errorf("the page was read as %+v with the form %+v", s, s.form)
	}
	if pageOf(s.url) != "one" {
		t.Errorf("the page is %q", pageOf(s.url))
	}
}
