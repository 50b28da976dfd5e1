package xlsx_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/dataset"
	"panelverk/internal/export/xlsx"
	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/lang"
	"panelverk/internal/need"
	"panelverk/internal/panel"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// Two versions as people write them: a wording changed, a choice and a question
// added, one question removed.
const first = `
| survey |
| | type | name | label::Svenska (sv) | label::English (en) | relevant | constraint | appearance |
| | begin group | work | Ditt arbete | Your work | | | field-list |
| | select_one agree | robot | Arbetar du med en **robot**? | Do you work with a robot? | | | |
| | integer | hours | Timmar per dag | Hours a day | \${robot} = 'yes' | . >= 0 and . <= 24 | |
| | select_multiple tool | tools | Vilka verktyg? | Which tools? | | | |
| | end group | | | | | | |
| | text | comment | Något mer? | Anything else? | | | multiline |
| | date | since | Sedan när? | Since when? | | | |
| | decimal | balance | Hur mycket mer eller mindre än förut? | How much more or less than before? | | | |
| | dateTime | moment | Senaste larmet | The last alarm | | | |
| | rank aim | aims | Vad är viktigast? | What matters most? | | | |
| choices |
| | list_name | name | label::Svenska (sv) | label::English (en) | missing |
| | agree | no | Nej | No | |
| | agree | yes | Ja | Yes | |
| | agree | dk | Vet inte | Don't know | dk |
| | agree | ref | Vill inte svara | Prefer not to say | refused |
| | tool | robot | Robot | Robot | |
| | tool | tablet | Platta | Tablet | |
| | aim | pay | Lön | Pay | |
| | aim | time | Tid | Time | |
| settings |
| | form_title | form_id | default_language |
| | Arbetet | core | Svenska (sv) |
`

func second() string {
	s := strings.Replace(first, "Arbetar du med en **robot**?", "Arbetar du bredvid en **robot**?", 1)
	s = strings.Replace(s, "| | tool | tablet | Platta | Tablet | |", "| | tool | tablet | Platta | Tablet | |\n| | tool | glasses | Glasögon | Glasses | |", 1)
	s = strings.Replace(s, "| | date | since | Sedan när? | Since when? | | | |", "| | integer | colleagues | Hur många är ni? | How many are you? | | . >= 0 | |", 1)
	return s
}

func compile(t testing.TB, md string) *questionnaire.Questionnaire {
	t.Helper()
	book, problems := questionnaire.ReadMarkdown(strings.ReplaceAll(md, `\$`, "$"))
	q, more := questionnaire.Compile(book)
	if q == nil {
		t.Fatal(problems, more)
	}
	return q
}

// nasty are the texts that workbooks and spreadsheets get wrong.
var nasty = []string{
	"=1+1", "+46 31 123 45 67", "-1", "@x", "=HYPERLINK(\"http://example.org\",\"x\")", "\tindented", " spaces ", "007", "1E5", "TRUE",
	"say \"no\", twice", "two\nlines", "åäö ÅÄÖ – € Ђурђевдан 工場", "👷🏽‍♀️ 🤖", "<b>&amp;</b>", "_x0041_ is not A", "#N/A", "'quoted", "2016-02-29", ";,|",
	"a]]>b", "ends in backslash \\",
}

var now = time.Date(2017, 12, 1, 9, 30, 0, 0, time.UTC)

func aStudy() *study.Study {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		panic(err)
	}
	s := &study.Study{Key: "smart", Title: lang.Text{"sv": "Den smarta fabriken & arbetet", "en": "The Smart Factory & work"},
		Languages: []string{"sv", "en"}, TimeZone: zone, Frame: study.OpenLink, Partial: .5,
		Contact:    study.Contact{Role: lang.Text{"sv": "Projektets samordnare", "en": "The project's co-ordinator"}, Email: "smart@example.org"},
		Attributes: []study.Attribute{{Name: "region", Label: lang.Text{"sv": "Region"}, Choices: []study.Choice{{Name: "west", Code: 1, Label: lang.Text{"sv": "Väst"}}}}},
	}
	for i := range 3 {
		opens := time.Date(2017, time.Month(2+3*i), 6, 6, 0, 0, 0, time.UTC)
		s.Waves = append(s.Waves, study.Wave{Key: fmt.Sprint("w", i+1), Number: i + 1, Title: lang.Text{"sv": fmt.Sprint("Omgång ", i+1)},
			Opens: opens, Closes: opens.AddDate(0, 0, 21), Questionnaire: "core", Version: 1 + i/2})
	}
	return s
}

func members(list []dataset.Member) func(func(dataset.Member, error) bool) {
	return func(yield func(dataset.Member, error) bool) {
		for _, m := range list {
			if !yield(m, nil) {
				return
			}
		}
	}
}

func document(answers map[string]string) string {
	d, err := interview.Decode("")
	if err != nil {
		panic(err)
	}
	for name, value := range answers {
		d.Apply(interview.Change{Answers: map[string]string{name: value}, Page: name}, now)
	}
	d.Apply(interview.Change{Page: "work"}, now)
	return d.Encode()
}

// aDataset has people who answer with nasty texts, skip waves, leave, and enter late.
func aDataset(t testing.TB, extra ...string) *dataset.Dataset {
	t.Helper()
	s := aStudy()
	var people []dataset.Member
	for i, text := range append(append([]string{}, nasty...), extra...) {
		m := dataset.Member{ExportID: fmt.Sprintf("%04d", i), Cohort: 1 + i%7/6, Status: dataset.Active, Attributes: map[string]string{"region": "west"}}
		if i%9 == 4 {
			m.Status, m.LeftAt = dataset.Left, s.Waves[1].Opens.Add(time.Hour)
			m.Events = []panel.Event{{Kind: panel.Left, At: m.LeftAt}}
		}
		for _, w := range s.Waves {
			if w.Number < m.Cohort || (i+w.Number)%5 == 0 || m.Status == dataset.Left && w.Number > 1 {
				continue
			}
			m.Invited = append(m.Invited, w.Number)
			at := dataset.Interview{Wave: w.Number, Ref: dataset.Ref{Key: "core", Number: w.Version}, Mode: "web", Language: "sv",
				StartedAt: w.Opens.Add(time.Hour), LastAt: w.Opens.Add(time.Hour + 12*time.Minute)}
			if i%6 != 5 {
				at.SubmittedAt = at.LastAt
			}
			at.Document = document(map[string]string{"robot": []string{"yes", "no", "dk", "ref"}[i%4], "hours": strconv.Itoa(i % 9), "comment": text,
				"since": "2016-02-" + fmt.Sprintf("%02d", 1+i%29), "balance": []string{"-1.5", "0.1", "1234567.891234", "-9903.5"}[i%4],
				"moment": "2017-03-01T08:15:00.000+01:00", "tools": []string{"robot", "robot tablet", ""}[i%3], "aims": []string{"time pay", ""}[i%2]})
			m.Interviews = append(m.Interviews, at)
		}
		people = append(people, m)
	}
	return build(t, s, people)
}

func build(t testing.TB, s *study.Study, people []dataset.Member) *dataset.Dataset {
	t.Helper()
	d, err := dataset.Build(dataset.Input{Study: s, Now: now, Members: members(people), Total: len(people),
		Versions: map[dataset.Ref]*questionnaire.Questionnaire{
			{Key: "core", Number: 1}: compile(t, first), {Key: "core", Number: 2}: compile(t, second())}})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func write(t testing.TB, d *dataset.Dataset, language string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := xlsx.Write(context.Background(), &out, d, xlsx.Options{TempDir: t.TempDir(), Now: now, Language: language}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// want gives the long sheet as a reader should find it: numbers as float64,
// days and moments as their text, texts as text, nothing as nil.
func want(t testing.TB, d *dataset.Dataset) [][]any {
	t.Helper()
	var head []any
	for _, c := range d.Long() {
		head = append(head, c.Name)
	}
	rows := [][]any{head}
	for r, err := range d.Rows(nil) {
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range r.Long {
			var out []any
			for i, c := range row {
				v := d.Long()[i].Variable
				code, isNumber := c.Code(v)
				switch {
				case isNumber:
					out = append(out, code)
				case c.Missing != 0:
					out = append(out, nil)
				case c.Kind == dataset.DateTime:
					out = append(out, time.UnixMilli(int64(c.Number)).UTC().Format("2006-01-02T15:04:05"))
				default:
					out = append(out, c.Text)
				}
			}
			rows = append(rows, out)
		}
	}
	return rows
}

func TestOpenpyxlReadsEveryValue(t *testing.T) {
	tool(t, "/usr/bin/python3", "-c", "import openpyxl")
	d := aDataset(t)
	file := filepath.Join(t.TempDir(), "panel.xlsx")
	if err := os.WriteFile(file, write(t, d, "sv"), 0o600); err != nil {
		t.Fatal(err)
	}
	script := `
import sys, json, datetime, openpyxl
book = openpyxl.load_workbook(sys.argv[1], read_only=True)
rows = []
for row in book["Data_long"].iter_rows():
    out = []
    for c in row:
        v = c.value
        if c.data_type == "f": v = "FORMULA"
        if isinstance(v, datetime.datetime):
            v = v.strftime("%Y-%m-%dT%H:%M:%S") if "h" in c.number_format else v.strftime("%Y-%m-%d")
        out.append(v)
    rows.append(out)
json.dump(rows, sys.stdout)
`
	out, err := exec.Command("/usr/bin/python3", "-c", script, file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got [][]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	compare(t, got, want(t, d), func(s string) string {
		// openpyxl leaves the escape of a literal _x0041_ as it stands in the file.
		return strings.ReplaceAll(s, "_x005F_", "_")
	})
}

func compare(t *testing.T, got, want [][]any, text func(string) string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	wrong := 0
	for r := range want {
		for c, w := range want[r] {
			var g any
			if c < len(got[r]) {
				g = got[r][c]
			}
			if s, ok := g.(string); ok {
				g = text(s)
			}
			same := g == w
			if f, ok := w.(float64); ok {
				n, isNumber := g.(float64)
				same = isNumber && math.Abs(n-f) <= 1e-12*math.Abs(f)
			}
			if !same && wrong < 20 {
				wrong++
				t.Errorf("row %d, %v: %#v, want %#v", r+1, want[0][c], g, w)
			}
		}
	}
}

func TestLibreOfficeReadsEveryValue(t *testing.T) {
	tool(t, "soffice", "--version")
	d := aDataset(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "panel.xlsx"), write(t, d, "sv"), 0o600); err != nil {
		t.Fatal(err)
	}
	// The sheet number 2; cells as they are, not as they are shown.
	cmd := exec.Command("soffice", "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to",
		"csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,2", "--outdir", dir, filepath.Join(dir, "panel.xlsx"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	found, _ := filepath.Glob(filepath.Join(dir, "*Data_long*.csv"))
	if len(found) != 1 {
		t.Fatalf("LibreOffice wrote %v", found)
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	wanted := want(t, d)
	got := make([][]any, len(records))
	for r, record := range records {
		for c, s := range record {
			var v any = s
			if c < len(wanted[0]) && r < len(wanted) {
				if _, number := wanted[r][c].(float64); number {
					if f, err := strconv.ParseFloat(s, 64); err == nil {
						v = f
					}
				}
				if wanted[r][c] == nil && s == "" {
					v = nil
				}
			}
			got[r] = append(got[r], v)
		}
	}
	compare(t, got, wanted, func(s string) string {
		for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05"} {
			if at, err := time.Parse(layout, s); err == nil {
				return at.Format("2006-01-02T15:04:05")
			}
		}
		return s
	})
}

// tool skips a test that needs a reader which is not there. Under CI that is a failure.
func tool(t *testing.T, name string, arguments ...string) {
	t.Helper()
	if err := exec.Command(name, arguments...).Run(); err != nil {
		need.Missing(t, name, fmt.Sprintf("it does not run (%v)", err))
	}
}

func TestSheets(t *testing.T) {
	d := aDataset(t)
	d.Study.Citation = &study.Citation{Licence: "CC-BY-4.0", Access: lang.Text{"sv": "Forskare"}, Funding: []study.Grant{{Funder: "En fond", Number: "2015-01234"}, {Funder: "En till"}}}
	last := &d.Changes[len(d.Changes)-1]
	last.Decision, last.Reason = questionnaire.SameVariable, "It looks different and says the same."
	f, err := excelize.OpenReader(bytes.NewReader(write(t, d, "sv")))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	wantSheets := "README Data_long Data_wide Wave_w1 Wave_w2 Wave_w3 Variables Values Missing Item_versions Participation Rates Change Paradata Log Disclosure"
	if got := strings.Join(f.GetSheetList(), " "); got != wantSheets {
		t.Errorf("sheets %s", got)
	}
	has := func(sheet string, wants ...string) {
		t.Helper()
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, r := range rows {
			all = append(all, strings.Join(r, "|"))
		}
		text := strings.Join(all, "\n")
		for _, w := range wants {
			if !strings.Contains(text, w) {
				t.Errorf("%s does not hold %q:\n%s", sheet, w, text)
			}
		}
	}
	has("README", "Licens|CC-BY-4.0", "Vem som kan få data|Forskare", "Finansiering|En fond (2015-01234); En till", "Den smarta fabriken & arbetet", "Pseudonyma data", "w1  Omgång 1|2017-02-06 – 2017-02-27", "core v1", "22 personer i panelen, 66 rader",
		"Projektets samordnare|smart@example.org", "2017-12-01 10:30")
	has("Variables", "robot|Arbetar du bredvid en robot?", "core v1: Arbetar du med en **robot**?\ncore v2: Arbetar du bredvid", "|robot är ”Ja”|", "−9912 … −9901", "hours|Timmar per dag|tal|intervall eller kvot|hours|Ditt arbete|integer")
	has("Values", "robot|1|no|Nej|No|4|5|4", "robot|2|yes|Ja|Yes", "tools_3|1|yes", "disposition|110|1.1|Fullständig|Complete", "region|1|west|Väst")
	has("Missing", "-8|-9908|.i|Inte aktuell: frågan ställdes inte|Not applicable: routed past")
	has("Item_versions", "robot|robot|core v1|core v2|frågetext|samma variabel|||sv|Arbetar du med", "tools|tools|core v1|core v2|svarsval|samma variabel", "|glasses",
		"colleagues|colleagues|core v1|core v2|ny", "since|since|core v1|core v2|borttagen")
	has("Log", "Den ser annorlunda ut men säger samma sak.")
	has("Participation", "2.12|Avbröt", "|Summa|19|20|20", "Mönster|Personer")
	has("Rates", "RR1|I / (K + U)|kan ej beräknas: ingen ram", "COOP4", "Deltagande: svarat / inbjudna|w1")

	// Only those who have an interview stand on the sheet of a wave, and only
	// what the wave asked.
	rows, err := f.GetRows("Wave_w3")
	if err != nil {
		t.Fatal(err)
	}
	if head := " " + strings.Join(rows[0], " ") + " "; strings.Contains(head, " since ") || !strings.Contains(head, " colleagues ") || !strings.Contains(head, " wave ") {
		t.Errorf("Wave_w3 has columns%s", head)
	}
	if len(rows) >= 22 || len(rows) < 10 {
		t.Errorf("Wave_w3 has %d rows", len(rows))
	}
	for _, sheet := range []string{"Data_long", "Data_wide", "Wave_w1", "Variables"} {
		p, err := f.GetPanes(sheet)
		if err != nil || !p.Freeze || p.YSplit != 1 || p.XSplit != 1 {
			t.Errorf("%s: panes %+v, %v", sheet, p, err)
		}
	}
	notes, err := f.GetComments("Data_wide")
	if err != nil || len(notes) != len(d.Wide()) {
		t.Fatalf("%d notes on %d columns, %v", len(notes), len(d.Wide()), err)
	}
	for _, n := range notes {
		if strings.Contains(n.Text, "bredvid en robot") && strings.Contains(n.Text, "2  Ja") {
			return
		}
	}
	t.Error("no note holds the question and its choices")
}

func TestEnglishWorkbook(t *testing.T) {
	f, err := excelize.OpenReader(bytes.NewReader(write(t, aDataset(t), "en")))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if s, _ := f.GetCellValue("README", "A1"); s != "The Smart Factory & work" {
		t.Errorf("the title is %q", s)
	}
	if s, _ := f.GetCellValue("Variables", "A1"); s != "Name" {
		t.Errorf("the first head is %q", s)
	}
}

func TestSameInputSameBytes(t *testing.T) {
	d := aDataset(t)
	a := write(t, d, "sv")
	for range 3 {
		if !bytes.Equal(a, write(t, d, "sv")) {
			t.Fatal("the same dataset gives other bytes")
		}
	}
}

func TestTextsThatDoNotFitACell(t *testing.T) {
	long := strings.Repeat("Skift och maskin 🤖. ", 2000) // 40,000 UTF-16 units
	d := aDataset(t, long, "a\x00b\x1fc", "bad \xff byte", "first\r\nsecond\rthird", strings.Repeat("é", 32767))
	f, err := excelize.OpenReader(bytes.NewReader(write(t, d, "sv")))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Data_long")
	if err != nil {
		t.Fatal(err)
	}
	column := -1
	for i, name := range rows[0] {
		if name == "comment" {
			column = i
		}
	}
	found := map[string]bool{}
	for _, r := range rows[1:] {
		if column < len(r) {
			found[r[column]] = true
			if s := r[column]; strings.HasPrefix(s, "Skift") {
				if n := len([]rune(s)) + strings.Count(s, "🤖"); n > 32767 || n < 32760 || !strings.HasSuffix(s, " […42000]") {
					t.Errorf("the long text has %d units and ends in %q", n, s[len(s)-20:])
				}
				found["long"] = true
			}
		}
	}
	for _, w := range []string{"long", "a\ufffdb\ufffdc", "bad \ufffd byte", "first\nsecond\nthird", strings.Repeat("é", 32767)} {
		if !found[w] {
			t.Errorf("%.20q is not there", w)
		}
	}
	page, err := f.GetRows("README")
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprint(page); !strings.Contains(text, "texter var längre än de 32 767 tecken") || !strings.Contains(text, "texter hade styrtecken") {
		t.Error("README does not tell that texts were changed")
	}
}

func TestRowsAreNoHigherThanTheyCanBe(t *testing.T) {
	d := aDataset(t, "")
	for _, v := range d.Variables {
		v.Values = slices.Clone(v.Values) // those of the interview's variables are everybody's
		for i := range v.Values {
			v.Values[i].Label = lang.Text{"sv": strings.Repeat("En mycket lång etikett. ", 200)}
		}
	}
	write(t, d, "sv")
}

func TestTooLargeForAWorkbook(t *testing.T) {
	d := aDataset(t)
	d.Total = 400000
	var out bytes.Buffer
	err := xlsx.Write(context.Background(), &out, d, xlsx.Options{TempDir: t.TempDir(), Now: now})
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Problems) != 1 || f.Problems[0].Code != "too_many_rows" || out.Len() > 0 {
		t.Errorf("got %v, %d bytes", err, out.Len())
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	dir := t.TempDir()
	broken := errors.New("connection lost")
	s := aStudy()
	people := func(yield func(dataset.Member, error) bool) {
		for i := range 2000 {
			if !yield(dataset.Member{ExportID: fmt.Sprint(i), Cohort: 1, Status: dataset.Active}, nil) {
				return
			}
		}
		yield(dataset.Member{}, broken)
	}
	d, err := dataset.Build(dataset.Input{Study: s, Now: now, Members: people, Versions: map[dataset.Ref]*questionnaire.Questionnaire{
		{Key: "core", Number: 1}: compile(t, first), {Key: "core", Number: 2}: compile(t, second())}})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := xlsx.Write(context.Background(), &out, d, xlsx.Options{TempDir: dir, Now: now}); !errors.Is(err, broken) || out.Len() > 0 {
		t.Errorf("got %v, %d bytes", err, out.Len())
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := xlsx.Write(ctx, &out, aDataset(t), xlsx.Options{TempDir: dir, Now: now}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestProgress(t *testing.T) {
	d := aDataset(t)
	last := -1
	err := xlsx.Write(context.Background(), &bytes.Buffer{}, d, xlsx.Options{TempDir: t.TempDir(), Now: now, Progress: func(done, total int) {
		if done <= last || total != d.Total {
			t.Errorf("%d of %d after %d", done, total, last)
		}
		last = done
	}})
	if err != nil || last != d.Total {
		t.Errorf("ended at %d: %v", last, err)
	}
}
