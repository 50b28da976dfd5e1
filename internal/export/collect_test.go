package export_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/export/exporttest"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// aDataset has two waves, a repeat and three people.
func aDataset(t *testing.T) *dataset.Dataset {
	t.Helper()
	book, problems := questionnaire.ReadMarkdown(`
| survey |
| | type | name | label::English (en) | constraint |
| | select_multiple tools | tools | Which tools? | |
| | text | why | Why? | |
| | begin_repeat | child | Child | |
| | integer | age | Age | . >= 0 |
| | end_repeat | | | |
| choices |
| | list_name | name | label::English (en) |
| | tools | robot | Robot |
| | tools | screen | Screen |
| settings |
| | form_title | form_id | default_language |
| | Work | core | English (en) |
`)
	q, more := questionnaire.Compile(book)
	if problems = append(problems, more...); len(problems.Errors()) > 0 {
		t.Fatal(problems)
	}
	at := time.Date(2016, 5, 2, 8, 0, 0, 0, time.UTC)
	s := &study.Study{Key: "s", Title: lang.Text{"en": "S"}, Languages: []string{"en"}, TimeZone: time.UTC, Frame: study.NamedList}
	for i := range 2 {
		s.Waves = append(s.Waves, study.Wave{Key: fmt.Sprintf("w%d", i+1), Number: i + 1, Questionnaire: "core", Version: 1,
			Opens: at.AddDate(0, i, 0), Closes: at.AddDate(0, i, 20)})
	}
	d, err := dataset.Build(dataset.Input{Study: s, Now: at.AddDate(1, 0, 0), Total: 3,
		Versions: map[dataset.Ref]*questionnaire.Questionnaire{{Key: "core", Number: 1}: q},
		Members: func(yield func(dataset.Member, error) bool) {
			for i := range 3 {
				m := dataset.Member{ExportID: fmt.Sprintf("p%d", i), Cohort: 1, Status: dataset.Active}
				if !yield(m, nil) {
					return
				}
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCollect(t *testing.T) {
	d, dir := aDataset(t), t.TempDir()
	var told []int
	c, err := export.Collect(t.Context(), d, dir, func(done, total int) { told = append(told, done, total) },
		append([]export.Source{export.Long(d), export.Wide(d)}, export.Repeats(d)...)...)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Tables) != 3 || c.Tables[0].Count != 6 || c.Tables[1].Count != 3 || c.Tables[2].Count != 0 || c.Tally.Members != 3 {
		t.Errorf("tables %+v", c.Tables)
	}
	if keys := c.Tables[0].Keys; c.Tables[0].Columns[keys-1].Name != "wave" || c.Tables[2].Columns[c.Tables[2].Keys-1].Name != "child_no" {
		t.Errorf("keys %d and %d of %+v", keys, c.Tables[2].Keys, c.Tables[2].Columns)
	}
	if !slices.Equal(told, []int{3, 3}) {
		t.Errorf("told %v", told)
	}
	i := 0
	long := exporttest.Rows(t, c.Tables[0])
	for r, err := range d.Rows(nil) {
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range r.Long {
			if !slices.Equal(row, long[i]) {
				t.Errorf("row %d: %v, want %v", i, long[i], row)
			}
			i++
		}
	}
	if sets := export.Sets(d.Wide()); len(sets) != 2 || sets[1].Name != "tools_w2" || len(sets[1].Columns) != 2 {
		t.Errorf("sets %+v", sets)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := export.Collect(ctx, d, dir, nil, export.Long(d)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// What a study gives can stand in every file: its names, its labels, its codes.
func TestAStudyIsWritten(t *testing.T) {
	d := aDataset(t)
	c, err := export.Collect(t.Context(), d, t.TempDir(), nil, append([]export.Source{export.Long(d), export.Wide(d)}, export.Repeats(d)...)...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	about := &export.About{Study: d.Study.Key, Title: d.Study.Title, Languages: d.Study.Languages, Now: d.Now}
	for _, table := range c.Tables {
		for _, f := range formats {
			var out bytes.Buffer
			if err := f.write(&out, table, about); err != nil || out.Len() == 0 {
				t.Errorf("%s as %s: %v", table.Name, f.name, err)
			}
		}
	}
}
