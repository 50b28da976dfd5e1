package study

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"panelverk/internal/lang"
)

// Citation is how the study's data are cited and who may have them: the part
// "citation" of study.yaml. What is empty was not said.
type Citation struct {
	Authors   []Author
	Publisher string
	DOI       string // "10.5072/abc"
	URL       string // where the data are described
	Licence   string // one of Licences, an SPDX identifier
	Access    lang.Text
	Ethics    lang.Text // who has approved the study, under which number
	Funding   []Grant
	Keywords  []lang.Text
	Version   string // of the study; a release has its number besides
}

// Author is a person, or with a Name alone an organisation.
type Author struct {
	Given, Family string
	ORCID         string // "0000-0002-1825-0097"
	Affiliation   string
	Name          string
}

// Grant is money that the study was paid with.
type Grant struct{ Funder, Number string }

// String names the funder, and the grant where it has a number.
func (g Grant) String() string {
	if g.Number == "" {
		return g.Funder
	}
	return g.Funder + " (" + g.Number + ")"
}

// Licences are the licences for data that a study may name, as SPDX writes them
// (spdx.org/licenses). Data that are not open have none: they have Access.
var Licences = []string{"CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-4.0", "CC-BY-NC-ND-4.0",
	"ODbL-1.0", "ODC-By-1.0", "PDDL-1.0"}

// String gives the author as a list of references does: "Family, G.", or the
// organisation.
func (a Author) String() string {
	if a.Name != "" {
		return a.Name
	}
	out := a.Family + ","
	for _, part := range strings.Fields(a.Given) {
		first := []rune(part)[0]
		out += " " + string(first) + "."
	}
	return out
}

var (
	orcidPattern = regexp.MustCompile(`^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$`)
	// A DOI as the Citation File Format takes it.
	doiPattern     = regexp.MustCompile(`^10\.\d{4,9}(\.\d+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+$`)
	versionPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.+-]{0,31}$`)
)

// citation reads the key.
func (f fields) citation() *Citation {
	m := f.sub("citation", "authors", "publisher", "doi", "url", "licence", "access", "ethics", "funding", "keywords", "version")
	c := &Citation{}
	for _, v := range f.r.list(m.keys["authors"]) {
		c.Authors = append(c.Authors, f.r.author(v))
	}
	c.Publisher, _, _ = m.optional("publisher")
	c.DOI = m.doi()
	if s, v, ok := m.optional("url"); ok {
		if u, err := url.Parse(s); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			f.r.add(v, "citation_url", "%s is no address. Write it whole, with https://.", s)
		}
		c.URL = s
	}
	if s, v, ok := m.optional("licence"); ok {
		if c.Licence = s; !slices.Contains(Licences, s) {
			f.r.add(v, "citation_licence", "%s is no licence that is known here.%s Where the data are not open, leave it out and write access.", s, didYouMean(s, Licences))
		}
	}
	for key, to := range map[string]*lang.Text{"access": &c.Access, "ethics": &c.Ethics} {
		if m.has(key) {
			*to = m.texts(key)
		}
	}
	for _, v := range f.r.list(m.keys["funding"]) {
		one := f.r.mapping(v, "funder", "grant")
		g := Grant{}
		g.Funder, _, _ = one.text("funder")
		g.Number, _, _ = one.optional("grant")
		c.Funding = append(c.Funding, g)
	}
	for _, v := range f.r.list(m.keys["keywords"]) {
		c.Keywords = append(c.Keywords, f.r.textsOf(v))
	}
	if s, v, ok := m.optional("version"); ok {
		if c.Version = s; !versionPattern.MatchString(s) {
			f.r.add(v, "citation_version", "%s is no version. Write it as 1.0 or 2017-11.", s)
		}
	}
	return c
}

// author reads one of the list: a person by given and family name, or an
// organisation by its name.
func (r *reader) author(v value) Author {
	m := r.mapping(v, "given", "family", "orcid", "affiliation", "name")
	var a Author
	for key, to := range map[string]*string{"given": &a.Given, "family": &a.Family, "orcid": &a.ORCID, "affiliation": &a.Affiliation, "name": &a.Name} {
		*to, _, _ = m.optional(key)
	}
	switch person := m.has("given") || m.has("family"); {
	case m.absent:
	case person && m.has("name"):
		r.add(m.keys["name"], "citation_author", "An author is a person with given and family, or an organisation with name. Keep one of the two.")
	case person:
		for _, key := range []string{"given", "family"} {
			m.get(key)
		}
	case !m.has("name"):
		r.add(v, "citation_author", "Write given and family of a person, or name of an organisation.")
	case m.has("affiliation"):
		r.add(m.keys["affiliation"], "citation_author", "Only persons have an affiliation. Put it into the organisation's name.")
	}
	if a.ORCID != "" {
		a.ORCID = strings.TrimPrefix(a.ORCID, "https://orcid.org/")
		if !orcidPattern.MatchString(a.ORCID) || !checksORCID(a.ORCID) {
			r.add(m.keys["orcid"], "citation_orcid", "%s is no ORCID. It has four groups of four digits, such as 0000-0002-1825-0097, and one of the digits is wrong here.", a.ORCID)
		}
	}
	return a
}

// checksORCID tells whether the last digit is the check digit of the others
// (ISO 7064, mod 11-2).
func checksORCID(id string) bool {
	total := 0
	for _, d := range strings.ReplaceAll(id[:len(id)-1], "-", "") {
		total = (total + int(d-'0')) * 2
	}
	want := (12 - total%11) % 11
	return id[len(id)-1] == "0123456789X"[want]
}

func (f fields) doi() string {
	s, v, ok := f.optional("doi")
	if !ok {
		return ""
	}
	for _, prefix := range []string{"https://doi.org/", "http://doi.org/", "doi:"} {
		s = strings.TrimPrefix(s, prefix)
	}
	if !doiPattern.MatchString(s) {
		f.r.add(v, "citation_doi", "%s is no DOI. It begins with 10. and has a slash, such as 10.5072/smart-factory.", s)
	}
	return s
}
