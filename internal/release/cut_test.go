package release_test

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"testing"

	"panelverk/internal/release"
	"panelverk/internal/study"
)

// TestACutHoldsWhatTheProfileSays reads what leaves: fewer waves, names with the
// wave in front, coarser values, and no more than is kept.
func TestACutHoldsWhatTheProfileSays(t *testing.T) {
	o := open(t, 800)
	p, err := release.ReadProfile("own.yaml", []byte(`
profile: own
title: Own
study: union-wage
recipient: own
languages: [en]
waves: ["1980", "1982"]
keep: [id, pattern, union, ethn, school, exper, wage]
drop: [wage]
formats: [csv]
naming: prefix
tier: restricted
quasi:
  - {variable: ethn, map: {black: 1, "*": 2}}
  - {variable: school, bands: 4}
suppress: persons
`))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	report, err := o.Files(ctx, now, researcher, release.Order{Study: "union-wage", Profile: p}, func(name string, write func(io.Writer) error) error {
		var b bytes.Buffer
		err := write(&b)
		files[name] = b.Bytes()
		return err
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := readCSV(t, files["union-wage_wide.csv"])
	if want := []string{"id", "pattern", "w1_school", "w3_school", "w1_exper", "w3_exper", "w1_union", "w3_union", "w1_ethn", "w3_ethn"}; !slices.Equal(rows[0], want) {
		t.Fatalf("columns %v, want %v", rows[0], want)
	}
	classes, suppressed := map[string]int{}, 0
	for _, row := range rows[1:] {
		if row[1] != "1.1....." {
			t.Errorf("pattern %s", row[1])
		}
		key := ""
		for _, at := range []int{2, 3, 8, 9} {
			n, err := strconv.Atoi(row[at])
			if err != nil || n != -10 && (n < 1 || n > 5) {
				t.Errorf("%s is %s", rows[0][at], row[at])
			}
			if n == -10 {
				suppressed++
			}
			key += row[at] + " "
		}
		classes[key]++
	}
	for key, n := range classes {
		if n < 3 {
			t.Errorf("%d persons have %s", n, key)
		}
	}
	if report.K != study.RestrictedTier.K() || suppressed != report.Suppressed || len(rows)-1 != report.Persons || report.Persons+report.LeftOut != 100 {
		t.Errorf("%d suppressed, %d rows; the report says %+v", suppressed, len(rows)-1, report)
	}
}
