// Package ddi writes the description of a study and its data files as
// DDI-Codebook 2.5 (ddialliance.org), with the elements that CESSDA's profile for
// its data catalogue calls mandatory or recommended (DDI CDC 2.5 profile 3.0).
package ddi

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/lang"
)

// Study is what is told of a study beside its variables. What is empty is left
// out, but for what the profile wants.
type Study struct {
	ID          string // of this edition, unique for the agency
	Agency      string // who gives the id
	DOI         string // of the study
	URI         string // where the study is found or asked about
	Title       lang.Text
	Languages   []string // the first is the one of what stands in one language
	Authors     []Author
	Producer    lang.Text // who made the data
	Funding     []Grant
	Distributor lang.Text // who gives them out
	Ethics      lang.Text // who approved the study
	Contact     Contact
	Abstract    lang.Text
	Keywords    []lang.Text
	Citation    string // how to cite, one line
	Version     string
	Made        time.Time

	Waves     []Wave
	Nations   []Nation
	Universe  lang.Text
	Sampling  Sampling
	Modes     []Mode
	Rates     []lang.Text // a line for each outcome rate
	Weighting lang.Text   // how weights are made
	Cleaning  lang.Text   // corrections, what was made coarser or left out

	Restriction lang.Text // who may have it
	Conditions  lang.Text // what they promise
	Files       []File
	// Asked gives in words, for each of a variable's sources, who was asked, ""
	// for everybody; Worked how a variable is worked out. Where they are nil the
	// conditions stand as they were written, in the questionnaire's own language.
	Asked  func(v *dataset.Variable, tag string) []string
	Worked func(v *dataset.Variable, tag string) string
	// Hide says which of the counts of a variable's categories are not given,
	// because they would tell of single persons; nil gives all.
	Hide func(counts []int) []bool
}

// Author is a person or organisation that answers for the study; ID is an address
// that stands for them, such as that of an ORCID.
type Author struct{ Name, Affiliation, ID string }

// Grant is money that the study was paid with.
type Grant struct{ Funder, Number string }

// Contact is whom to ask for the data.
type Contact struct {
	Role  lang.Text
	Email string
}

// Wave is a time at which data were collected.
type Wave struct {
	Title    lang.Text
	From, To time.Time
}

// Nation is a country that the people are of.
type Nation struct {
	Code string // ISO 3166-1, two letters
	Name lang.Text
}

// Sampling is how the people were found, with its term in the DDI Alliance's
// vocabulary SamplingProcedure.
type Sampling struct {
	Term string
	Text lang.Text
}

// Mode is how answers were given, with its term in ModeOfCollection.
type Mode struct {
	Term string
	Text lang.Text
}

// File is a data file.
type File struct {
	Name  string // of the file
	Table *export.Table
}

// vocabulary is where the DDI Alliance keeps its vocabularies.
const vocabulary = "http://rdf-vocabulary.ddialliance.org/cv/"

// Write writes the codebook. The rows of the files' tables are read once, for the
// counts of categories. It fails with whatever reading or writing fails with.
func Write(w io.Writer, s *Study, about *export.About) error {
	x := &writer{out: w, languages: s.Languages}
	x.raw(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	x.open("codeBook", "xmlns", "ddi:codebook:2_5", "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance",
		"xsi:schemaLocation", "ddi:codebook:2_5 http://www.ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd",
		"version", "2.5", "xml:lang", s.language())
	x.open("docDscr")
	x.open("citation")
	x.titles(s)
	x.open("prodStmt")
	x.leaf("prodDate", day(s.Made), "date", day(s.Made))
	x.leaf("software", "Panelverk")
	x.shut("prodStmt")
	x.shut("citation")
	x.shut("docDscr")
	x.study(s)
	for i, f := range s.Files {
		x.file(i, f)
	}
	x.open("dataDscr")
	for i, f := range s.Files {
		x.groups(i, f, about)
	}
	for i, f := range s.Files {
		if err := x.variables(i, f, s, about); err != nil {
			return err
		}
	}
	x.shut("dataDscr")
	x.shut("codeBook")
	x.raw("\n")
	return x.flush()
}

func (s *Study) language() string {
	if len(s.Languages) == 0 {
		return "en"
	}
	return s.Languages[0]
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

func (x *writer) titles(s *Study) {
	x.open("titlStmt")
	title, _ := s.Title.In(s.language())
	x.leaf("titl", title, "xml:lang", s.language())
	for _, tag := range s.Languages[min(1, len(s.Languages)):] {
		if text := s.Title[tag]; text != "" {
			x.leaf("parTitl", text, "xml:lang", tag)
		}
	}
	x.leaf("IDNo", s.ID, "agency", s.Agency, "xml:lang", s.language())
	x.leaf("IDNo", s.DOI, "agency", "DOI", "xml:lang", s.language())
	x.shut("titlStmt")
}

func (x *writer) study(s *Study) {
	x.open("stdyDscr", "xml:lang", s.language())
	x.open("citation")
	x.titles(s)
	if len(s.Authors) > 0 {
		x.open("rspStmt")
		for _, a := range s.Authors {
			x.open("AuthEnty", "xml:lang", s.language(), "affiliation", a.Affiliation)
			x.escape(a.Name)
			if a.ID != "" {
				x.empty("ExtLink", "URI", a.ID)
			}
			x.shut("AuthEnty")
		}
		x.shut("rspStmt")
	}
	x.produced(s)
	x.open("distStmt")
	x.each("distrbtr", s.Distributor)
	x.leaf("distDate", day(s.Made), "date", day(s.Made))
	x.shut("distStmt")
	if s.Version != "" {
		x.open("verStmt")
		x.leaf("version", s.Version, "date", day(s.Made))
		x.shut("verStmt")
	}
	x.leaf("biblCit", s.Citation, "xml:lang", s.language())
	x.empty("holdings", "URI", s.URI, "xml:lang", s.language())
	x.shut("citation")
	if !s.Ethics.Empty() {
		x.open("studyAuthorization")
		x.each("authorizationStatement", s.Ethics)
		x.shut("studyAuthorization")
	}
	x.open("stdyInfo")
	if len(s.Keywords) > 0 {
		x.open("subject")
		for _, word := range s.Keywords {
			x.each("keyword", word)
		}
		x.shut("subject")
	}
	x.each("abstract", s.Abstract)
	x.summary(s)
	x.shut("stdyInfo")
	x.method(s)
	x.open("dataAccs")
	for _, tag := range s.Languages {
		x.use(s, tag)
	}
	x.shut("dataAccs")
	x.shut("stdyDscr")
}

// use tells in one language who may have the data: the schema takes each of its
// elements once.
func (x *writer) use(s *Study, tag string) {
	text := func(t lang.Text) (string, string) { return t.In(tag, s.language(), "en") }
	x.open("useStmt", "xml:lang", tag)
	restriction, in := text(s.Restriction)
	x.leaf("restrctn", restriction, "xml:lang", in)
	role, in := text(s.Contact.Role)
	x.leaf("contact", role, "xml:lang", in, "email", s.Contact.Email)
	x.leaf("citReq", s.Citation, "xml:lang", s.language())
	conditions, in := text(s.Conditions)
	x.leaf("conditions", conditions, "xml:lang", in)
	x.shut("useStmt")
}

// produced tells who made the data, and who paid.
func (x *writer) produced(s *Study) {
	if s.Producer.Empty() && len(s.Funding) == 0 {
		return
	}
	x.open("prodStmt")
	x.each("producer", s.Producer)
	for _, g := range s.Funding {
		x.leaf("fundAg", g.Funder, "xml:lang", s.language())
	}
	for _, g := range s.Funding {
		x.leaf("grantNo", g.Number, "xml:lang", s.language(), "agency", g.Funder)
	}
	x.shut("prodStmt")
}

func (x *writer) summary(s *Study) {
	x.open("sumDscr")
	for i, w := range s.Waves {
		cycle := "W" + strconv.Itoa(i+1)
		title, _ := w.Title.In(s.language())
		x.leaf("collDate", strings.TrimSpace(title+" "+day(w.From)), "event", "start", "date", day(w.From), "cycle", cycle, "xml:lang", s.language())
		x.leaf("collDate", strings.TrimSpace(title+" "+day(w.To)), "event", "end", "date", day(w.To), "cycle", cycle, "xml:lang", s.language())
	}
	for _, n := range s.Nations {
		x.each("nation", n.Name, "abbr", n.Code)
	}
	x.concept("anlyUnit", "AnalysisUnit", "Individual", lang.All("data.individual"))
	x.each("universe", s.Universe)
	x.leaf("dataKind", "Survey data", "xml:lang", "en")
	x.shut("sumDscr")
}

func (x *writer) method(s *Study) {
	x.open("method")
	x.open("dataColl")
	x.concept("timeMeth", "TimeMethod", "Longitudinal.Panel", lang.All("data.panel"))
	x.concept("sampProc", "SamplingProcedure", s.Sampling.Term, s.Sampling.Text)
	for _, m := range s.Modes {
		x.concept("collMode", "ModeOfCollection", m.Term, m.Text)
	}
	x.each("weight", s.Weighting)
	x.each("cleanOps", s.Cleaning)
	x.shut("dataColl")
	if len(s.Rates) > 0 {
		x.open("anlyInfo")
		for _, line := range s.Rates {
			x.each("respRate", line)
		}
		x.shut("anlyInfo")
	}
	x.shut("method")
}

// file describes a data file: what it is called, and how large it is.
func (x *writer) file(i int, f File) {
	x.open("fileDscr", "ID", fileID(i))
	x.open("fileTxt")
	x.leaf("fileName", f.Name, "xml:lang", x.languages[0])
	label, _ := f.Table.Label.In(x.languages[0], "en")
	x.leaf("fileCont", label)
	x.open("dimensns")
	if f.Table.Count >= 0 {
		x.leaf("caseQnty", strconv.Itoa(f.Table.Count))
	}
	x.leaf("varQnty", strconv.Itoa(len(f.Table.Columns)))
	x.shut("dimensns")
	x.shut("fileTxt")
	x.shut("fileDscr")
}

func fileID(i int) string { return "F" + strconv.Itoa(i+1) }

func varID(file, column int) string { return fmt.Sprintf("F%dV%d", file+1, column+1) }

// groups tells which variables are one question with several answers, and in a
// file with a row for each person which are one variable over the waves.
func (x *writer) groups(i int, f File, about *export.About) {
	n := 0
	group := func(kind, name string, label lang.Text, columns []int) {
		n++
		ids := make([]string, len(columns))
		for j, c := range columns {
			ids[j] = varID(i, c)
		}
		x.open("varGrp", "ID", fmt.Sprintf("F%dG%d", i+1, n), "type", kind, "name", name, "var", strings.Join(ids, " "))
		for _, tag := range about.Languages {
			if label[tag] != "" {
				x.leaf("labl", about.In(tag, label), "xml:lang", tag)
			}
		}
		x.shut("varGrp")
	}
	for _, set := range export.Sets(f.Table.Columns) {
		group("multipleResp", set.Name, set.Label, set.Columns)
	}
	waves := map[*dataset.Variable][]int{}
	var order []*dataset.Variable
	for c, column := range f.Table.Columns {
		if column.Wave > 0 {
			if waves[column.Variable] == nil {
				order = append(order, column.Variable)
			}
			waves[column.Variable] = append(waves[column.Variable], c)
		}
	}
	for _, v := range order {
		if len(waves[v]) > 1 {
			group("iteration", v.Name, v.Label, waves[v])
		}
	}
}
