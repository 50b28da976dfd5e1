package ddi_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/export/ddi"
	"panelverk/internal/export/exporttest"
	"panelverk/internal/lang"
	"panelverk/internal/need"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

var about = &export.About{Study: "smart-factory", Title: lang.Text{"en": "Smart <Factory>", "sv": "Smarta fabriken"}, Languages: []string{"en", "sv", "uk"}, Now: time.Date(2018, 1, 2, 0, 0, 0, 0, time.UTC)}

func described(files ...ddi.File) *ddi.Study {
	return &ddi.Study{ID: "smart-factory.2", Agency: "panel.example.org", URI: "https://panel.example.org", Title: about.Title, Languages: about.Languages,
		Authors: []ddi.Author{{"Researchers & others", "A university", "https://orcid.org/0000-0002-1825-0097"}}, Producer: lang.Text{"en": "The union", "sv": "Facket"}, Funding: []ddi.Grant{{"A fund", "7"}}, Distributor: lang.Text{"en": "The union"}, Abstract: lang.Text{"en": "What robots do to work.", "sv": "Vad robotar gör med arbetet."},
		Keywords: []lang.Text{{"en": "automation", "sv": "automatisering"}}, Ethics: lang.Text{"en": "A board, 7"}, Contact: ddi.Contact{Role: lang.Text{"en": "The co-ordinator"}, Email: "enkat@example.org"}, Citation: "Researchers (2018): Smart Factory.", Version: "2", Made: about.Now,
		Waves:    []ddi.Wave{{lang.Text{"en": "Wave 1"}, time.Date(2016, 5, 9, 0, 0, 0, 0, time.UTC), time.Date(2016, 5, 29, 0, 0, 0, 0, time.UTC)}},
		Nations:  []ddi.Nation{{"SE", lang.Text{"en": "Sweden", "sv": "Sverige"}}},
		Universe: lang.Text{"en": "Union activists"}, Sampling: ddi.Sampling{Term: "Nonprobability.Availability", Text: lang.Text{"en": "They joined by a link."}},
		Modes: []ddi.Mode{{"SelfAdministeredQuestionnaire.WebBased", lang.Text{"en": "Web questionnaire"}}}, Rates: []lang.Text{{"en": "Wave 1: RR1 .81", "sv": "Omgång 1: RR1 0,81"}},
		Weighting: lang.Text{"en": "n/r"}, Restriction: lang.Text{"en": "Researchers", "sv": "Forskare"}, Conditions: lang.Text{"en": "They do not look for anybody."}, Files: files,
		Hide: func(counts []int) []bool {
			out := make([]bool, len(counts))
			for i, n := range counts {
				out[i] = n > 0 && n < 5
			}
			return out
		}}
}

// wide is a file with a question in two waves, a question with two answers in
// each, a scale and a weight.
func wide() *exporttest.Memory {
	item := &questionnaire.Item{Name: "trust", Type: questionnaire.SelectOne, Concept: "Trust in persons", Label: lang.Text{"en": "Do you **trust** it?", "uk": "Чи довіряєте?"}, Hint: lang.Text{"en": "All things considered"}}
	whole := &dataset.Variable{Name: "seen", Label: lang.Text{"en": "What have you seen?"}}
	source := []dataset.Source{{Ref: dataset.Ref{Key: "core", Number: 1}, Item: item, Universe: "those who work"}}
	trust := &dataset.Variable{Name: "trust", Kind: dataset.Number, Integer: true, Varying: true, Question: "trust", Label: item.Label, Sources: source,
		Values: []dataset.Value{{Code: 1, Label: lang.Text{"en": "Yes", "sv": "Ja"}}, {Code: 2, Label: lang.Text{"en": "No"}}}}
	columns := []dataset.Column{{Name: "id", Variable: &dataset.Variable{Name: "id", Kind: dataset.Text, Label: lang.Text{"en": "Id"}}},
		{Name: "trust_w1", Variable: trust, Wave: 1}, {Name: "trust_w2", Variable: trust, Wave: 2}}
	for _, name := range []string{"seen_1", "seen_2"} {
		columns = append(columns, dataset.Column{Name: name, Variable: &dataset.Variable{Name: name, Kind: dataset.Number, Integer: true, Varying: true, Role: dataset.Indicator, Of: whole, Label: lang.Text{"en": name}}})
	}
	columns = append(columns, dataset.Column{Name: "auto", Variable: &dataset.Variable{Name: "auto", Kind: dataset.Number, Varying: true, Role: dataset.Derived,
		Scale: &study.Scale{Items: []study.ScaleItem{{Question: "a"}, {Question: "b", Reversed: true}}, Low: 1, High: 5, Score: study.Mean, Least: 2}}},
		dataset.Column{Name: "weight", Variable: &dataset.Variable{Name: "weight", Kind: dataset.Number, Varying: true, Role: dataset.Weight}})
	m := exporttest.Of(columns)
	one, two := dataset.Cell{Kind: dataset.Number, Number: 1}, dataset.Cell{Kind: dataset.Number, Number: 2}
	gone := dataset.Cell{Missing: dataset.NoInterview}
	for i := range 9 {
		second := gone
		if i < 3 {
			second = two
		}
		m.Add(dataset.Cell{Kind: dataset.Text, Text: "p"}, one, second, one, one, one, one)
	}
	return m
}

func spooled(t *testing.T, m *exporttest.Memory) *export.Table {
	t.Helper()
	table, done, err := exporttest.Spool(t.TempDir(), m.Table())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(done)
	return table
}

// valid holds a codebook against the schema of the DDI Alliance.
func valid(t *testing.T, codebook []byte) {
	t.Helper()
	shared := os.Getenv("PANELVERK_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "..", "shared")
	}
	schema, err := filepath.Abs(filepath.Join(shared, "ddi-2.5", "codebook.xsd"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(schema); err != nil {
		need.Missing(t, "the schema of DDI-Codebook 2.5", "put it into ../shared/ddi-2.5")
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		need.Missing(t, "xmllint", "apt-get install libxml2-utils")
	}
	cmd := exec.CommandContext(t.Context(), "xmllint", "--nonet", "--noout", "--schema", schema, "-")
	cmd.Stdin = bytes.NewReader(codebook)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%.3000s", err, out)
	}
}

func TestCodebook(t *testing.T) {
	var b bytes.Buffer
	if err := ddi.Write(&b, described(ddi.File{Name: "wide.csv", Table: spooled(t, wide())}), about); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<titl xml:lang="en">Smart &lt;Factory&gt;</titl>`, `<parTitl xml:lang="sv">Smarta fabriken</parTitl>`,
		`<collDate event="start" date="2016-05-09" cycle="W1" xml:lang="en">Wave 1 2016-05-09</collDate>`,
		`<nation xml:lang="sv" abbr="SE">Sverige</nation>`, "<caseQnty>9</caseQnty>",
		`<varGrp ID="F1G1" type="multipleResp" name="seen" var="F1V4 F1V5">`, `<varGrp ID="F1G2" type="iteration" name="trust" var="F1V2 F1V3">`,
		`<qstnLit xml:lang="en">Do you trust it?</qstnLit>`, `<qstnLit xml:lang="uk">Чи довіряєте?</qstnLit>`, `<universe xml:lang="en" clusion="I">core v1: those who work</universe>`, `<concept>Trust in persons</concept>`,
		`<range UNITS="INT" min="-12" max="-1"/>`, `<catStat type="freq">9</catStat>`, `<catgry missing="Y" missType="w">`,
		`<ExtLink URI="https://orcid.org/0000-0002-1825-0097"/>`, `<grantNo xml:lang="en" agency="A fund">7</grantNo>`, `<respRate xml:lang="sv">Omgång 1: RR1 0,81</respRate>`,
		`<restrctn xml:lang="sv">Forskare</restrctn>`, `<authorizationStatement xml:lang="en">A board, 7</authorizationStatement>`,
		`<drvdesc xml:lang="en">mean of a, (6 − b), where at least 2 of them are answered.</drvdesc>`, `name="weight" files="F1" wgt="wgt"`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s is missing in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), `<catStat type="freq">3</catStat>`) {
		t.Error("three persons of a category are told")
	}
	valid(t, b.Bytes())
}

// What CESSDA's catalogue wants of a codebook is there, each with its language.
func TestProfileOfTheCatalogue(t *testing.T) {
	var b bytes.Buffer
	if err := ddi.Write(&b, described(ddi.File{Name: "wide.csv", Table: spooled(t, wide())}), about); err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	var path []string
	d := xml.NewDecoder(&b)
	for {
		token, err := d.Token()
		if err == io.EOF { //nolint:errorlint // xml.Decoder gives it bare
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			path = append(path, e.Name.Local)
			at := strings.Join(path, "/")
			there[at] = true
			for _, a := range e.Attr {
				there[at+"/@"+a.Name.Local] = true
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
	for _, want := range []string{
		"@schemaLocation", "@lang", "stdyDscr/citation/titlStmt/titl/@lang", "stdyDscr/citation/titlStmt/parTitl/@lang", "stdyDscr/citation/titlStmt/IDNo/@agency",
		"stdyDscr/citation/holdings/@URI", "stdyDscr/citation/rspStmt/AuthEnty/@lang", "stdyDscr/citation/distStmt/distrbtr/@lang", "stdyDscr/citation/distStmt/distDate/@date",
		"stdyDscr/stdyInfo/subject/keyword/@lang", "stdyDscr/stdyInfo/abstract/@lang", "stdyDscr/stdyInfo/sumDscr/collDate/@event", "stdyDscr/stdyInfo/sumDscr/collDate/@date",
		"stdyDscr/stdyInfo/sumDscr/nation/@abbr", "stdyDscr/stdyInfo/sumDscr/nation/@lang", "stdyDscr/stdyInfo/sumDscr/anlyUnit/concept/@vocab", "stdyDscr/stdyInfo/sumDscr/universe/@lang",
		"stdyDscr/method/dataColl/timeMeth/concept/@vocab", "stdyDscr/method/dataColl/sampProc/concept/@vocab", "stdyDscr/method/dataColl/collMode/concept/@vocab",
		"stdyDscr/dataAccs/useStmt/restrctn/@lang", "fileDscr/fileTxt/fileName/@lang", "docDscr/citation/titlStmt/titl/@lang",
	} {
		if !there["codeBook/"+want] {
			t.Errorf("%s is missing", want)
		}
	}
}

// Whatever is drawn makes a codebook that the schema takes.
func TestAnyTableIsValid(t *testing.T) {
	draw := rapid.Custom(exporttest.Draw)
	for seed := range 4 {
		table := draw.Example(seed)
		table, done, err := exporttest.Spool(t.TempDir(), table)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		s := described(ddi.File{Name: "long.csv", Table: table})
		s.Hide, s.Authors, s.Rates, s.Languages = nil, nil, nil, slices.Clone(exporttest.Languages)
		err = ddi.Write(&b, s, &export.About{Study: "x", Languages: exporttest.Languages})
		done()
		if err != nil {
			t.Fatal(err)
		}
		valid(t, b.Bytes())
	}
}
