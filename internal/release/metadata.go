package release

import (
	"encoding/json"
	"io"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/lang"
	"panelverk/internal/lang/rich"
)

// The description of a dataset for programs, in JSON. The schema Metadata of the
// API's description (internal/site/api/openapi.json) is its contract: fields may
// be added, none is taken away and none changes its meaning.
type (
	metadata struct {
		Study     string             `json:"study"`
		Title     lang.Text          `json:"title"`
		Languages []string           `json:"languages"` // the first is that of the labels in files with one language
		Made      string             `json:"made"`
		Remarks   []string           `json:"remarks"`
		Waves     []metadataWave     `json:"waves"`
		Missing   []metadataMissing  `json:"missing"`
		Variables []metadataVariable `json:"variables"`
		Tables    []metadataTable    `json:"tables"`
	}
	metadataWave struct {
		Number        int       `json:"number"`
		Key           string    `json:"key"`
		Title         lang.Text `json:"title"`
		Opens         string    `json:"opens"`
		Closes        string    `json:"closes"` // from here on it is closed
		Questionnaire string    `json:"questionnaire"`
		Version       int       `json:"version"`
	}
	metadataMissing struct {
		Code     int       `json:"code"`
		Negative int       `json:"code_negative"` // of variables that can be negative themselves
		Stata    string    `json:"stata"`
		Label    lang.Text `json:"label"`
	}
	metadataVariable struct {
		Name     string            `json:"name"`
		Label    lang.Text         `json:"label"`
		Kind     string            `json:"kind"`
		Role     string            `json:"role"`
		Measure  string            `json:"measure"`
		Varying  bool              `json:"varying"`
		Negative bool              `json:"negative"` // its missing codes are those of code_negative
		Question string            `json:"question,omitempty"`
		Type     string            `json:"type,omitempty"` // of the question, as XLSForm names it
		Option   string            `json:"option,omitempty"`
		Of       string            `json:"of,omitempty"`
		Status   string            `json:"status,omitempty"` // the variable that says why a cell of this one is empty
		Values   []metadataValue   `json:"values"`
		Wordings []metadataWording `json:"wordings"`
		Waves    []int             `json:"waves"` // in which it can have values; none for a constant
	}
	metadataValue struct {
		Code  int       `json:"code"`
		Name  string    `json:"name,omitempty"`
		Label lang.Text `json:"label"`
	}
	metadataWording struct {
		Questionnaire string    `json:"questionnaire"`
		Version       int       `json:"version"`
		Text          lang.Text `json:"text"`
		Universe      string    `json:"universe,omitempty"` // the condition under which it was asked
	}
	metadataTable struct {
		Name    string           `json:"name"`
		Label   lang.Text        `json:"label"`
		Keys    []string         `json:"keys"` // the columns that tell the rows apart
		Columns []metadataColumn `json:"columns"`
	}
	metadataColumn struct {
		Name     string `json:"name"`
		Variable string `json:"variable"`
		Wave     int    `json:"wave,omitempty"` // of a wide table
	}
)

// roles are the names of what part of a question a variable holds.
var roles = map[dataset.Role]string{
	dataset.Whole: "answer", dataset.Indicator: "option", dataset.List: "options", dataset.Position: "position", dataset.Companion: "status",
	dataset.Offered: "offered", dataset.OfferedWave: "offered_wave", dataset.OfferOutcome: "offer_outcome", dataset.Instance: "instance",
	dataset.Derived: "scale", dataset.Weight: "weight",
}

var measures = map[export.Measure]string{export.Nominal: "nominal", export.Ordinal: "ordinal", export.Scale: "scale"}

// WriteMetadata writes what a program has to know of a dataset and of the tables
// that are made of it: variables with labels and wordings in every language,
// values, missing codes, waves and columns. It holds nothing that anybody answered.
func WriteMetadata(w io.Writer, d *dataset.Dataset, about *export.About, tables []export.Source) error {
	m := metadata{Study: about.Study, Title: untagged(about.Title), Languages: about.Languages, Made: moment(about.Now), Remarks: append([]string{}, about.Remarks...),
		Waves: []metadataWave{}, Variables: []metadataVariable{}, Tables: []metadataTable{}}
	for _, wave := range d.Waves {
		m.Waves = append(m.Waves, metadataWave{wave.Number, wave.Key, untagged(wave.Title), moment(wave.Opens), moment(wave.Closes), wave.Questionnaire, wave.Version})
	}
	for _, code := range dataset.Missings() {
		m.Missing = append(m.Missing, metadataMissing{code.Code(false), code.Code(true), code.Stata(), untagged(code.Label())})
	}
	for _, v := range d.Variables {
		m.Variables = append(m.Variables, metadataOf(d, v))
	}
	for _, t := range tables {
		table := metadataTable{Name: t.Name, Label: untagged(t.Label), Keys: []string{}}
		for i, c := range t.Columns {
			table.Columns = append(table.Columns, metadataColumn{c.Name, c.Variable.Name, c.Wave})
			if i < t.Keys {
				table.Keys = append(table.Keys, c.Name)
			}
		}
		m.Tables = append(m.Tables, table)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(m)
}

func metadataOf(d *dataset.Dataset, v *dataset.Variable) metadataVariable {
	out := metadataVariable{Name: v.Name, Label: untagged(v.Label), Kind: v.Kind.String(), Role: roles[v.Role], Measure: measures[export.MeasureOf(v)],
		Varying: v.Varying, Negative: v.Negative, Question: v.Question, Type: string(v.Type), Option: v.Option,
		Values: []metadataValue{}, Wordings: []metadataWording{}, Waves: []int{}}
	if v.Of != nil {
		out.Of = v.Of.Name
	}
	if v.Status != nil {
		out.Status = v.Status.Name
	}
	for _, value := range v.Values {
		out.Values = append(out.Values, metadataValue{value.Code, value.Name, untagged(value.Label)})
	}
	for _, s := range v.Sources {
		if s.Item != nil {
			out.Wordings = append(out.Wordings, metadataWording{s.Ref.Key, s.Ref.Number, untagged(s.Item.Label), s.Universe})
		}
	}
	if v.Varying {
		for _, wave := range d.Waves {
			if d.In(v, wave.Number) {
				out.Waves = append(out.Waves, wave.Number)
			}
		}
	}
	return out
}

// untagged gives a text without its marks of emphasis, in every language.
func untagged(t lang.Text) lang.Text {
	out := lang.Text{}
	for tag, s := range t {
		out[tag] = rich.Plain(s)
	}
	return out
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }
