package study_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"panelverk/internal/lang"
	"panelverk/internal/study"
)

// anyProfile draws a profile that reads without a problem.
func anyProfile(t *rapid.T) *study.Profile {
	name := rapid.StringMatching(`[A-Za-z][A-Za-z0-9_]{0,12}`)
	word := rapid.OneOf(name, rapid.StringMatching(`[0-9]{1,4}`), rapid.SampledFrom([]string{"null", "yes", "no", "~", "1.5", "-3", "*", "Fordon & maskiner", `"`, "a: b", "#x", "åäö", "all"}))
	names := func(label string, of *rapid.Generator[string], least int) []string {
		out := rapid.SliceOfNDistinct(of, least, 5, rapid.ID[string]).Draw(t, label)
		if len(out) == 0 {
			return nil
		}
		return out
	}
	key := rapid.StringMatching(`[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,9}){0,2}`)
	p := &study.Profile{Key: key.Draw(t, "key"), Recipient: key.Draw(t, "recipient"), Study: key.Draw(t, "study"),
		Languages: names("languages", rapid.SampledFrom([]string{"sv", "en", "de", "sr-Latn", "no"}), 1), Title: lang.Text{},
		Formats: rapid.SliceOfNDistinct(rapid.SampledFrom(study.Formats), 1, 5, rapid.ID[study.Format]).Draw(t, "formats"),
		Shape:   rapid.SampledFrom([]study.Shape{study.BothShape, study.LongShape, study.WideShape}).Draw(t, "shape"),
		Naming:  rapid.SampledFrom([]study.Naming{study.Suffix, study.Prefix}).Draw(t, "naming"),
		Tier:    study.RestrictedTier, Identifiers: names("identifiers", name, 0), Sensitive: names("sensitive", name, 0),
		Keep: names("keep", rapid.OneOf(name, rapid.Just("*_other"), rapid.Just("a?b*")), 0), Drop: names("drop", rapid.OneOf(name, rapid.Just("*")), 0),
		Suppress: rapid.SampledFrom([]study.Suppression{study.NoSuppression, study.SuppressCells, study.SuppressPersons}).Draw(t, "suppress"),
		FreeText: rapid.SampledFrom([]study.FreeText{study.DropText, study.RedactedText}).Draw(t, "text"),
		Dates:    rapid.SampledFrom([]study.Dates{study.NoDates, study.MonthDates, study.ShiftDates, study.GivenDates}).Draw(t, "dates"),
		Weights:  rapid.Bool().Draw(t, "weights"), Paradata: rapid.Bool().Draw(t, "paradata")}
	for _, tag := range p.Languages {
		p.Title[tag] = strings.TrimSpace("T" + rapid.StringMatching(`[a-zåäö :#"'\\{}\[\]0-9-]{0,20}`).Draw(t, "title"))
	}
	if p.Waves = names("waves", word, 0); len(p.Waves) == 1 && strings.EqualFold(p.Waves[0], "all") {
		p.Waves = nil
	}
	for _, variable := range rapid.SliceOfNDistinct(name, 0, 5, rapid.ID[string]).Draw(t, "quasi") {
		q := study.Quasi{Variable: variable, How: rapid.SampledFrom([]study.Generalisation{study.Given, study.Banded, study.TopCoded, study.BottomTop, study.Mapped}).Draw(t, "how"), Tail: 5}
		switch q.How {
		case study.Banded, study.TopCoded, study.BottomTop:
			q.Tail = rapid.IntRange(5, 9).Draw(t, "tail")
			if q.How == study.Banded {
				q.Width = float64(rapid.IntRange(1, 100).Draw(t, "width")) / 4
			}
		case study.Mapped:
			q.Map = rapid.MapOfN(word, word, 1, 5).Draw(t, "map")
		case study.Given:
		}
		p.Quasi = append(p.Quasi, q)
	}
	return p
}

// A profile that is written reads as the same profile, and is written the same.
func TestAProfileIsWrittenAsItIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProfile(t)
		text := p.YAML()
		back, problems := study.ReadProfile("x.yaml", text)
		if back == nil {
			t.Fatalf("%v\n%s", problems, text)
		}
		if again := back.YAML(); !bytes.Equal(again, text) {
			t.Fatalf("%s\nbecomes\n%s", text, again)
		}
		a, b := *p, *back
		study.Unplaced(&b)
		study.Unplaced(&a)
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("%+v\nis read as\n%+v\n%s", a, b, text)
		}
	})
}
