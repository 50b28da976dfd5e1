package dataset

import (
	"maps"
	"testing"
	"time"

	"pgregory.net/rapid"

	"panelverk/internal/interview"
)

func TestDocumentsAreReadAsTheyWereWritten(t *testing.T) {
	var s stored
	rapid.Check(t, func(t *rapid.T) {
		d, err := interview.Decode("")
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 5).Draw(t, "saves") {
			d.Apply(interview.Change{Page: rapid.String().Draw(t, "page"), Device: rapid.String().Draw(t, "device"), Asked: rapid.Bool().Draw(t, "asked"),
				Answers: rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "answers")}, time.UnixMilli(1480000000000))
		}
		text := d.Encode()
		if c := (scan{text: text}); !c.document(&stored{answers: map[string]string{}, pages: map[string]bool{}}) {
			t.Fatalf("the quick way does not know %s", text)
		}
		if err := s.read(text); err != nil {
			t.Fatal(err)
		}
		again, err := interview.Decode(text)
		if err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(s.answers, again.Answers) || len(s.pages) != len(again.Pages) {
			t.Fatalf("%s gives %v %v", text, s.answers, s.pages)
		}
	})
}

func TestDocumentsInAnotherForm(t *testing.T) {
	var s stored
	for text, ok := range map[string]bool{
		"":                            true,
		`{}`:                          true,
		"{ \"a\": {\"q\": \"1\"} }\n": true,
		`{"x":[1,2],"a":{"q":"1"}}`:   true,
		`{"a":{"q":"1"}`:              false,
		`{"a":{"q":1}}`:               false,
		`{"a":{"q":"1"}} trailing`:    false,
		`{"a":{"q":"\`:                false,
		`{"p":{"page":{"f":1,"l":2}},"a":{"q` + `":"\u00e5"}}`: true,
	} {
		if err := s.read(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}
