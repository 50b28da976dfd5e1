package lang

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
)

// complete lists the areas that say everything in every language. What the
// others lack is said in English until it is translated, but never in sv, en and de.
var complete = strings.Fields("dataset dates explore fault form join lift mail outcomes paper people plan post preview print proof recruit releases respond rights routing saving staff texts tokens versions workbook")

var placeholder = regexp.MustCompile(`\{[a-z0-9_]+(/[a-z]+)?\}`)

// names gives what a text has to be filled with, sorted.
func names(texts ...string) []string {
	var out []string
	for _, text := range texts {
		for _, p := range placeholder.FindAllString(text, -1) {
			name, _, _ := strings.Cut(strings.Trim(p, "{}"), "/")
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// inflections are words that only languages with cases have.
var inflections = regexp.MustCompile(`^date\.(weekdays|months)_[a-z]+$`)

// Every language must say everything that it has to, with the same values in it.
func TestEveryLanguageSaysEverything(t *testing.T) {
	areas := areasOfKeys(t)
	english := catalogue(Fallback)
	for _, tag := range Tags {
		l := catalogue(tag)
		for key := range l.messages {
			if !english.Has(key) && !inflections.MatchString(key) {
				t.Errorf("%s: %s is not there in English", tag, key)
			}
		}
		for key, m := range english.messages {
			own, ok := l.messages[key]
			switch demanded := slices.Contains(complete, areas[key]) || slices.Contains([]string{"sv", "de"}, tag); {
			case !ok && demanded:
				t.Errorf("%s: %s is missing in %s.%s.yaml", tag, key, areas[key], tag)
			case ok:
				if want, got := names(m.all()...), names(own.all()...); !slices.Equal(want, got) {
					t.Errorf("%s: %s has %v, English has %v", tag, key, got, want)
				}
			}
		}
	}
}

// areasOfKeys gives for every key the file that it stands in.
func areasOfKeys(t *testing.T) map[string]string {
	t.Helper()
	entries, err := files.ReadDir("texts")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	line := regexp.MustCompile(`(?m)^([A-Za-z0-9_.-]+):`)
	for _, e := range entries {
		area, rest, _ := strings.Cut(e.Name(), ".")
		if tag := strings.TrimSuffix(rest, ".yaml"); !slices.Contains(Tags, tag) || tag == worked {
			t.Errorf("%s is of no language that is read", e.Name())
		}
		if rest != Fallback+".yaml" {
			continue
		}
		data, err := files.ReadFile("texts/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range line.FindAllStringSubmatch(string(data), -1) {
			out[key[1]] = area
		}
	}
	return out
}

// A text with plurals must have each form that a count of things can ask for.
// Where a form holds of more than one number (Ukrainian says 21 as it says 1)
// it must tell the number.
func TestNoPluralIsMissing(t *testing.T) {
	categories := map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other"}
	for _, tag := range Tags {
		l, asked := catalogue(tag), map[string]int{}
		for n := range 1000 {
			asked[categories[plural.Cardinal.MatchPlural(l.tag, n, 0, 0, 0, 0)]]++
		}
		for key, m := range l.messages {
			if m.forms == nil {
				if catalogue(Fallback).messages[key].forms != nil {
					t.Errorf("%s: %s has no plurals", tag, key)
				}
				continue
			}
			for category, numbers := range asked {
				switch text, ok := m.forms[category]; {
				case !ok:
					t.Errorf("%s: %s has no form %q", tag, key, category)
				case numbers > 1 && strings.Contains(m.forms["other"], "{count}") && !strings.Contains(text, "{count}"):
					t.Errorf("%s: %s says %q of more than one number: %q", tag, key, category, text)
				}
			}
			for category := range m.forms {
				if category != "other" && asked[category] == 0 {
					t.Errorf("%s: %s has a form %q that the language lacks", tag, key, category)
				}
			}
		}
	}
}

// What awaits a speaker is listed, so that nobody takes it for read.
func TestReviews(t *testing.T) {
	signed := regexp.MustCompile(`^\S.*, \d{4}-\d{2}-\d{2}$`)
	of := map[string]int{}
	for _, r := range Reviews() {
		of[r.Tag]++
		if !r.Awaits() && !signed.MatchString(r.By) {
			t.Errorf("%s is signed %q: write a name and a date, \"Milica Petrović, 2026-12-01\"", r.File, r.By)
		}
		if r.Awaits() {
			t.Logf("%s awaits the review of a speaker", r.File)
		}
	}
	entries, err := files.ReadDir("texts")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		tag := strings.Split(e.Name(), ".")[1]
		if slices.Contains([]string{"sr-Latn", "uk", "sw"}, tag) {
			of[tag]--
		}
	}
	for tag, missing := range of {
		if missing != 0 {
			t.Errorf("%s: %d files carry no review", tag, -missing)
		}
	}
}
