package exporttest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/interview"
	"panelverk/internal/lang"
	"panelverk/internal/need"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// Form is a questionnaire that somebody else wrote, as a study of two waves
// that a few people answered.
type Form struct {
	Name string
	Data *dataset.Dataset
}

// FormNow is when the studies of Corpus are over.
var FormNow = time.Date(2018, 1, 1, 12, 0, 0, 0, time.UTC)

// Corpus gives every form that is accepted of the tests of XLSForm's own
// converter, in the folder shared, with answers that are drawn by chance, the
// same ones each time: whatever a type can hold, no matter whether a page would
// take it.
func Corpus(t testing.TB, shared string) []Form {
	t.Helper()
	if own := os.Getenv("PANELVERK_SHARED"); own != "" {
		shared = own
	}
	data, err := os.ReadFile(filepath.Join(shared, "corpus", "xlsform-cases.jsonl")) //nolint:gosec // the tests' own material
	if errors.Is(err, fs.ErrNotExist) {
		need.Missing(t, "shared/corpus", "put the folder shared beside the checkout, or name it in PANELVERK_SHARED")
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<24)
	var forms []Form
	for lines.Scan() {
		var c struct{ Case, MD string }
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		book, _ := questionnaire.ReadMarkdown(c.MD)
		if q, _ := questionnaire.Compile(book); q != nil {
			d, err := dataset.Build(studyOf(q, uint64(len(forms))))
			if err != nil {
				t.Fatalf("%s: %v", c.Case, err)
			}
			forms = append(forms, Form{c.Case, d})
		}
	}
	if lines.Err() != nil {
		t.Fatal(lines.Err())
	}
	return forms
}

// studyOf makes a study of two waves that both ask the questionnaire.
func studyOf(q *questionnaire.Questionnaire, seed uint64) dataset.Input {
	ref := dataset.Ref{Key: "core", Number: 1}
	s := &study.Study{Key: "form", Title: lang.Text{"en": "A form of others", "sv": "Andras formulär"}, Languages: q.Languages, TimeZone: time.UTC, Frame: study.Members, Partial: .5,
		Weighting:  &study.Weighting{By: []string{"region"}},
		Attributes: []study.Attribute{{Name: "site", Label: lang.Text{"en": "Site"}}, {Name: "region", Label: lang.Text{"en": "Region"}, Choices: []study.Choice{{Name: "west", Code: 1, Label: lang.Text{"en": "West"}}}}}}
	for n := 1; n <= 2; n++ {
		opens := time.Date(2017, time.Month(n), 1, 6, 0, 0, 0, time.UTC)
		s.Waves = append(s.Waves, study.Wave{Key: fmt.Sprint("w", n), Number: n, Opens: opens, Closes: opens.AddDate(0, 0, 20), Questionnaire: ref.Key, Version: ref.Number})
	}
	var people []dataset.Member
	for i := range 6 {
		m := dataset.Member{ExportID: fmt.Sprintf("p%03d", i), Cohort: 1 + i/5, Status: dataset.Active, Attributes: map[string]string{"site": texts[i], "region": "west"}}
		if i == 4 {
			m.Status, m.LeftAt = dataset.Left, s.Waves[1].Opens
		}
		for _, w := range s.Waves {
			if w.Number < m.Cohort || i == 3 && w.Number == 2 || m.Status == dataset.Left && w.Number == 2 {
				continue
			}
			d := &drawn{r: rand.New(rand.NewPCG(seed, uint64(10*i+w.Number))), doc: &interview.Document{Answers: map[string]string{}, Devices: map[string]string{}, Pages: map[string]interview.Visit{}}, at: w.Opens} //nolint:gosec // chance for tests
			d.fill(q.Items, "")
			begun := dataset.Interview{Wave: w.Number, Ref: ref, Mode: "web", Language: q.Languages[0], Document: d.doc.Encode(), StartedAt: w.Opens, LastAt: w.Opens.Add(9 * time.Minute)}
			if i != 2 {
				begun.SubmittedAt = begun.LastAt
			}
			m.Invited, m.Interviews = append(m.Invited, w.Number), append(m.Interviews, begun)
		}
		people = append(people, m)
	}
	return dataset.Input{Study: s, Versions: map[dataset.Ref]*questionnaire.Questionnaire{ref: q}, Now: FormNow, Total: len(people),
		Members: func(yield func(dataset.Member, error) bool) {
			for _, m := range people {
				if !yield(m, nil) {
					return
				}
			}
		}}
}

// drawn is an interview while its answers are drawn.
type drawn struct {
	r   *rand.Rand
	doc *interview.Document
	at  time.Time
}

// texts are answers in people's own words that programs stumble over.
var texts = []string{"Ja", "Щодня", "=1+1", `said "so", twice`, "two\nlines", "NA", "-3", ".", "😀 👩‍🏭", "e\u0301 ѓ", "שלום עולם", "O'Brien; `x' $y \\ %s", "tab\there", " in front",
	"1,5", "null", "a\x00b", "<b>&amp;</b>", strings.Repeat("Långt svar om arbetet. ", 40), "#N/A", "\u2028", "2016-02-29", "\"", "\ufeffmark"}

func (d *drawn) fill(items []*questionnaire.Item, instance string) {
	for _, it := range items {
		switch key := interview.At(it.Name, instance); {
		case it.Repeat:
			d.give(key, "1 2")
			for n := 1; n <= 2; n++ {
				inside := strconv.Itoa(n)
				if instance != "" {
					inside = instance + "." + inside
				}
				d.fill(it.Children, inside)
			}
		case it.Group:
			d.fill(it.Children, instance)
		case it.Asks() && d.r.IntN(6) > 0:
			d.give(key, d.answer(it))
		}
	}
}

func (d *drawn) give(key, value string) {
	d.doc.Apply(interview.Change{Answers: map[string]string{key: value}, Page: key, Done: true}, d.at)
}

// answer gives an answer that a question's type can have.
func (d *drawn) answer(it *questionnaire.Item) string {
	pick := func(from ...string) string { return from[d.r.IntN(len(from))] }
	switch it.Type {
	case questionnaire.Integer:
		return pick("0", "7", "100", "101", "-4000", "2147483621", "-20", "9007199254740993", strconv.Itoa(d.r.IntN(100)))
	case questionnaire.Decimal:
		return pick("0.1", "-0.5", "1234567.891234", "1e21", "3", "-0", "0.30000000000000004", strconv.FormatFloat(d.r.Float64(), 'g', -1, 64))
	case questionnaire.Range:
		return strconv.FormatFloat(it.RangeStart, 'f', -1, 64)
	case questionnaire.Date:
		return pick("2016-02-29", "1899-12-31", "1583-01-01", "9999-12-31", "1960-01-01")
	case questionnaire.DateTime:
		return pick("2017-03-01T08:15:00.000+01:00", "1955-12-31T23:59:59.250Z", "2016-02-29T00:00:00.000Z")
	case questionnaire.Time:
		return pick("08:15:00.000+01:00", "00:00", "23:59")
	case questionnaire.Acknowledge:
		return "OK"
	case questionnaire.SelectOne, questionnaire.SelectMultiple, questionnaire.Rank:
		if it.ListFrom != nil {
			return pick("1", "2")
		}
		return d.choose(it)
	case questionnaire.Geopoint:
		return "57.7 11.97 0 0"
	}
	return pick(texts...)
}

// choose gives one choice, several, or all in some order.
func (d *drawn) choose(it *questionnaire.Item) string {
	var names []string
	for _, i := range d.r.Perm(len(it.List.Choices)) {
		if c := it.List.Choices[i]; it.Type != questionnaire.SelectMultiple || c.Missing == questionnaire.Substantive {
			names = append(names, c.Name)
		}
	}
	switch {
	case len(names) == 0:
		return ""
	case it.Type == questionnaire.SelectOne:
		return names[0]
	case it.Type == questionnaire.SelectMultiple:
		return strings.Join(names[:1+d.r.IntN(len(names))], " ")
	}
	return strings.Join(names, " ")
}
