package study_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"panelverk/internal/lang"
	"panelverk/internal/study"
)

// cited gives the Smart Factory study with another citation.
func cited(t *testing.T, citation string) (*study.Study, []string) {
	t.Helper()
	source, err := os.ReadFile("../../surveys/smart-factory/study.yaml")
	if err != nil {
		t.Fatal(err)
	}
	before, after, found := strings.Cut(string(source), "\ncitation:")
	if !found {
		t.Fatal("the study has no citation")
	}
	_, after, _ = strings.Cut(after, "\n# Who is written to")
	text := before + "\n" + citation + "# Who is written to" + after
	s, problems := study.Parse([]byte(text), lang.Text{"sv": "a", "en": "b", "de": "c", "sr-Latn": "d", "sr-Cyrl": "e", "uk": "f", "sw": "g"})
	first := strings.Count(before, "\n") + 2 // the row of "citation:"
	var out []string
	for _, p := range problems {
		out = append(out, fmt.Sprintf("%d %s %s", p.Row-first, p.Code, p.Field))
	}
	return s, out
}

func TestACitationIsRead(t *testing.T) {
	texts := "{sv: a, en: b, de: c, sr-Latn: d, sr-Cyrl: e, uk: f, sw: g}"
	s, problems := cited(t, `citation:
  authors:
    - {given: Josiah Stinkney, family: Carberry, orcid: https://orcid.org/0000-0002-1825-0097, affiliation: Brown University}
    - name: A group
  publisher: An archive
  doi: https://doi.org/10.5072/abc.1
  url: https://example.org/study
  licence: CC-BY-4.0
  access: `+texts+`
  ethics: `+texts+`
  funding:
    - {funder: A fund, grant: 7}
  keywords: [`+texts+`]
  version: 1.0
`)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	c := s.Citation
	if c.Authors[0].String() != "Carberry, J. S." || c.Authors[0].ORCID != "0000-0002-1825-0097" || c.Authors[1].String() != "A group" || c.DOI != "10.5072/abc.1" ||
		c.Funding[0] != (study.Grant{Funder: "A fund", Number: "7"}) || c.Version != "1.0" || c.Access["uk"] != "f" || c.Ethics["sw"] != "g" || c.Keywords[0]["de"] != "c" {
		t.Errorf("%+v", c)
	}
}

// Every offence is told with its place; rows count from that of "citation:".
func TestWhatIsWrongWithACitation(t *testing.T) {
	_, problems := cited(t, `citation:
  authors:
    - {given: Anna, orcid: 0000-0002-1825-0098}
    - {name: A group, affiliation: A university}
    - {given: Anna, family: Ek, name: A group}
    - {affiliation: A university}
  doi: doi.org/abc
  url: example.org
  licence: cc by
  access: {sv: a}
  funding: [{grant: 7}]
  version: the first
  year: 2017
`)
	for _, want := range []string{"2 missing_key citation.authors[1].family", "2 citation_orcid citation.authors[1].orcid", "3 citation_author citation.authors[2].affiliation",
		"4 citation_author citation.authors[3].name", "5 citation_author citation.authors[4]", "6 citation_doi citation.doi", "7 citation_url citation.url",
		"8 citation_licence citation.licence", "9 missing_language citation.access", "10 missing_key citation.funding[1].funder", "11 citation_version citation.version",
		"12 unknown_key citation.year"} {
		if !slices.Contains(problems, want) {
			t.Errorf("%s is not told", want)
		}
	}
	if len(problems) != 12 {
		t.Errorf("%q", problems)
	}
}
