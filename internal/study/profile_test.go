package study_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"panelverk/internal/study"
)

const partner = `
profile: gothenburg
title: {en: For the partner in Gothenburg, sv: Till partnern i Göteborg}
study: smart-factory
recipient: gothenburg
languages: [en, sv]
waves: all
drop: [employer, "*_other"]
formats: [xlsx, sav, csv]
tier: restricted
identifiers: [email]
quasi:
  - country
  - {variable: age, bands: 10}
  - variable: children
    top: yes
    tail: 6
  - variable: sector
    map: {1: 1, 2: 1, "*": 9}
sensitive: [role]
dates: month
weights: yes
`

func TestReadProfile(t *testing.T) {
	p, problems := study.ReadProfile("gothenburg.yaml", []byte(partner))
	if p == nil || len(problems) > 0 {
		t.Fatal(problems)
	}
	if p.Shape != study.BothShape || p.Naming != study.Suffix || p.FreeText != study.DropText || p.Waves != nil || !p.Weights || p.Paradata {
		t.Errorf("%+v", p)
	}
	if len(p.Quasi) != 4 || p.Quasi[1].Width != 10 || p.Quasi[1].Tail != 5 || p.Quasi[2].Tail != 6 || p.Quasi[3].Map["*"] != "9" || p.Quasi[0].How != study.Given {
		t.Errorf("%+v", p.Quasi)
	}
	for name, want := range map[string]bool{"age": true, "employer": false, "job_other": false, "email": false} {
		if p.Wants(name) != want {
			t.Errorf("wants %s: %v", name, !want)
		}
	}
}

// Each change to the profile above offends in its own way, at its own place.
func TestProfileProblems(t *testing.T) {
	for _, c := range []struct{ old, with, want string }{
		{"profile: gothenburg", "profile: Göteborg", "2 key"},
		{"tier: restricted", "tier: secret", "10 unknown_value"},
		{"tier: restricted", "", "0 missing_key"},
		{"formats: [xlsx, sav, csv]", "formats: [xlsx, spss, xlsx]", "9 unknown_format · 9 duplicate"},
		{"{variable: age, bands: 10}", "{variable: age, bands: wide}", "14 width"},
		{"{variable: age, bands: 10}", "{variable: age, bands: 10, top: yes}", "14 several_ways"},
		{"{variable: age, bands: 10}", "{variable: country}", "14 duplicate"},
		{"tail: 6", "tail: 2", "17 number"},
		{"dates: month", "dates: exact", "21 unknown_value"},
		{"weights: yes", "weights: perhaps", "22 unknown_value"},
		{`drop: [employer, "*_other"]`, `drop: ["[a-z"]`, "8 pattern"},
		{"tier: restricted", "tier: open\nparadata: yes\nfree_text: redacted", "11 open_paradata · 12 open_text"},
		{"dates: month", "when: month", "21 unknown_key"},
	} {
		t.Run(c.with, func(t *testing.T) {
			p, problems := study.ReadProfile("x.yaml", []byte(strings.Replace(partner, c.old, c.with, 1)))
			if p != nil {
				t.Fatal("it is taken")
			}
			var got []string
			for _, problem := range problems {
				got = append(got, fmt.Sprint(problem.Row, " ", problem.Code))
			}
			slices.Sort(got)
			want := strings.Split(c.want, " · ")
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
}

func TestProfileAgainstItsStudy(t *testing.T) {
	p, problems := study.ReadProfile("x.yaml", []byte(strings.NewReplacer("waves: all", "waves: [w1, w9]", "languages: [en, sv]", "languages: [en, sv, fi]").Replace(partner)))
	if p == nil {
		t.Fatal(problems)
	}
	s := &study.Study{Key: "smart-factory", Languages: []string{"sv", "en"}, Waves: []study.Wave{{Key: "w1"}, {Key: "w2"}}}
	var got []string
	for _, problem := range p.Against(s, []string{"country", "age", "sector", "role", "email", "employer", "children"}) {
		got = append(got, fmt.Sprintf("%d %s", problem.Row, problem.Code))
	}
	if want := []string{"6 unknown_language", "7 unknown_wave", "8 unknown_variable"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	s.Key = "other"
	if got := p.Against(s, nil); len(got) != 1 || got[0].Code != "other_study" {
		t.Error(got)
	}
}

// What people write: taken where it is plain what they mean, else told once, with
// its place.
func TestProfilesAsPeopleWriteThem(t *testing.T) {
	swap := func(old, with string) string { return strings.Replace(strings.TrimSpace(partner)+"\n", old, with, 1) }
	for name, c := range map[string]struct{ text, want string }{
		"a mark of byte order":  {"\ufeff" + swap("", ""), ""},
		"rows of Windows":       {strings.ReplaceAll(swap("", ""), "\n", "\r\n"), ""},
		"a word for a list":     {swap("[xlsx, sav, csv]", "csv"), ""},
		"commas for a list":     {swap("[xlsx, sav, csv]", "CSV, sav"), ""},
		"capital letters":       {swap("tier: restricted", "tier: Restricted"), ""},
		"a list of all waves":   {swap("waves: all", "waves: [All]"), ""},
		"nothing dropped":       {swap(`drop: [employer, "*_other"]`, "drop: []"), ""},
		"a way that is no":      {swap("top: yes", "top: no"), ""},
		"nothing":               {"", "0: empty"},
		"remarks alone":         {"# later\n", "0: empty"},
		"words":                 {"the usual one, please", "0: not_a_mapping"},
		"a tab":                 {swap("  - country", "\t- country"), "12:1 yaml_tab"},
		"a star without quotes": {swap(`"*_other"`, "*_other"), "7:18 pattern_quotes"},
		"a key in capitals":     {swap("tier:", "Tier:"), "9:1 unknown_key tier"},
		"a key misspelt":        {swap("naming", "x") + "namming: prefix\n", "22:1 unknown_key naming"},
		"a key twice":           {swap("", "") + "dates: month\n", "22:1 duplicate_key"},
		"a value that is left":  {swap("tier: restricted", "tier:"), "9:1 missing_key"},
		"a list for a word":     {swap("tier: restricted", "tier: [open]"), "9:1 not_a_text"},
		"no wave":               {swap("waves: all", "waves: []"), "6:1 empty"},
		"UTF-16":                {"\xff\xfep\x00", "0: encoding"},
	} {
		t.Run(name, func(t *testing.T) {
			p, problems := study.ReadProfile("x.yaml", []byte(c.text))
			var got []string
			for _, one := range problems {
				near, _ := one.Args["near"].(string)
				got = append(got, strings.TrimSpace(fmt.Sprintf("%d:%s %s %s", one.Row, one.Column, one.Code, near)))
			}
			if all := strings.Join(got, " · "); all != c.want || (p == nil) != (c.want != "") {
				t.Errorf("%q, want %q", all, c.want)
			}
		})
	}
}
