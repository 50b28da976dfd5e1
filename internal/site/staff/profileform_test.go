package staff

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"panelverk/internal/dataset"
	"panelverk/internal/lang"
	"panelverk/internal/release"
	"panelverk/internal/study"
)

// A profile in the form gives the same text again, and the text the same form.
func TestAFormOfAProfileLosesNothing(t *testing.T) {
	st := &study.Study{Key: "s", Languages: []string{"sv", "en"}}
	var all candidates
	for _, name := range []string{"country", "age", "job", "words"} {
		v := &dataset.Variable{Name: name, Kind: dataset.Number}
		if name == "country" {
			v.Values = []dataset.Value{{Code: 1, Name: "SE"}, {Code: 2, Name: "DE"}, {Code: 3, Name: "2"}}
		}
		all = append(all, release.Candidate{ExploredVariable: &release.ExploredVariable{Variable: v}})
	}
	rapid.Check(t, func(t *rapid.T) {
		some := func(label string, least int, of ...string) []string {
			out := rapid.SliceOfNDistinct(rapid.SampledFrom(of), least, len(of), rapid.ID[string]).Draw(t, label)
			if len(out) == 0 {
				return nil
			}
			return out
		}
		p := &study.Profile{Key: "a", Recipient: "b", Study: "s", Languages: some("languages", 1, "sv", "en"), Title: lang.Text{}, Waves: some("waves", 0, "w1", "w2"),
			Keep: some("keep", 0, "country", "age", "job", "*_x", "words"), Drop: some("drop", 0, "age", "words", "*_other"), Identifiers: some("identifiers", 0, "words"),
			Sensitive: some("sensitive", 0, "job", "age"), Formats: []study.Format{study.CSV}, Tier: study.RestrictedTier,
			Shape:    rapid.SampledFrom([]study.Shape{study.BothShape, study.LongShape}).Draw(t, "shape"),
			Naming:   rapid.SampledFrom([]study.Naming{study.Suffix, study.Prefix}).Draw(t, "naming"),
			Suppress: rapid.SampledFrom([]study.Suppression{study.NoSuppression, study.SuppressCells}).Draw(t, "suppress"),
			FreeText: study.DropText, Dates: rapid.SampledFrom([]study.Dates{study.NoDates, study.ShiftDates}).Draw(t, "dates"), Weights: rapid.Bool().Draw(t, "weights")}
		for _, tag := range p.Languages {
			p.Title[tag] = "Till " + tag
		}
		for _, name := range some("quasi", 0, "country", "age", "gone") {
			q := study.Quasi{Variable: name, Tail: study.LeastTail, How: rapid.SampledFrom([]study.Generalisation{study.Given, study.Banded, study.TopCoded, study.Mapped}).Draw(t, "how")}
			switch q.How {
			case study.Banded:
				q.Width = float64(rapid.IntRange(1, 50).Draw(t, "width")) / 2
			case study.Mapped:
				q.Map = rapid.MapOfN(rapid.SampledFrom([]string{"SE", "DE", "3", "*", "9", "x"}), rapid.SampledFrom([]string{"1", "2", "Norden"}), 1, 4).Draw(t, "map")
			case study.Given, study.TopCoded, study.BottomTop:
			}
			p.Quasi = append(p.Quasi, q)
		}
		values := profileValues(p, all)
		text := profileYAML(&form{values: values}, st, all)
		back, problems := study.ReadProfile("x", text)
		if back == nil {
			t.Fatalf("%v\n%s", problems, text)
		}
		if got, want := sorted(back), sorted(p); got != want {
			t.Fatalf("%s\nis\n%s\nby\n%s", want, got, text)
		}
		if again := profileValues(back, all); !reflect.DeepEqual(profileYAML(&form{values: again}, st, all), text) {
			t.Fatalf("the form of\n%s\nis another", text)
		}
	})
}

// sorted writes a profile with its lists in order, where the order says nothing.
func sorted(p *study.Profile) string {
	c := *p
	for _, list := range []*[]string{&c.Keep, &c.Drop} {
		*list = slices.Sorted(slices.Values(*list))
	}
	return strings.TrimSpace(string(c.YAML()))
}
