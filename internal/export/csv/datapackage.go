package csv

import (
	"encoding/json"
	"io"
	"strconv"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
)

// File is a CSV file that a description tells of.
type File struct {
	Path   string // beside the description
	Table  *export.Table
	SHA256 string // of its bytes, in hex; "" leaves it out
	Bytes  int64
}

// The parts of a Data Package, version 2.0 (datapackage.org/standard).
type (
	dataPackage struct {
		Schema      string     `json:"$schema"`
		Name        string     `json:"name"`
		Title       string     `json:"title,omitempty"`
		Description string     `json:"description,omitempty"`
		Created     string     `json:"created"`
		Resources   []resource `json:"resources"`
	}
	resource struct {
		Name      string      `json:"name"`
		Title     string      `json:"title,omitempty"`
		Path      string      `json:"path"`
		Type      string      `json:"type"`
		Format    string      `json:"format"`
		MediaType string      `json:"mediatype"`
		Encoding  string      `json:"encoding"`
		Bytes     int64       `json:"bytes,omitempty"`
		Hash      string      `json:"hash,omitempty"`
		Dialect   dialect     `json:"dialect"`
		Schema    tableSchema `json:"schema"`
	}
	dialect struct {
		Delimiter      string `json:"delimiter"`
		LineTerminator string `json:"lineTerminator"`
		QuoteChar      string `json:"quoteChar"`
		DoubleQuote    bool   `json:"doubleQuote"`
		Header         bool   `json:"header"`
	}
	tableSchema struct {
		Fields        []field  `json:"fields"`
		PrimaryKey    []string `json:"primaryKey,omitempty"`
		MissingValues []string `json:"missingValues"`
	}
	field struct {
		Name          string    `json:"name"`
		Title         string    `json:"title,omitempty"`
		Type          string    `json:"type"`
		Format        string    `json:"format,omitempty"`
		Categories    []labeled `json:"categories,omitempty"`
		MissingValues []labeled `json:"missingValues,omitempty"`
		Ordered       bool      `json:"categoriesOrdered,omitempty"`
	}
	labeled struct {
		Value any    `json:"value"`
		Label string `json:"label"`
	}
)

// Describe writes datapackage.json: a Data Package 2.0 with a Table Schema for
// each file. Categories are the value labels; the missing values of a field are
// its missing codes with what they mean.
func Describe(w io.Writer, about *export.About, files []File) error {
	tag := about.Language()
	p := dataPackage{Schema: "https://datapackage.org/profiles/2.0/datapackage.json", Name: about.Study,
		Title: about.In(tag, about.Title), Created: about.Now.UTC().Format(time.RFC3339), Resources: []resource{}}
	for i, remark := range about.Remarks {
		if i > 0 {
			p.Description += "\n\n"
		}
		p.Description += remark
	}
	for _, f := range files {
		r := resource{Name: f.Table.Name, Title: about.In(tag, f.Table.Label), Path: f.Path, Type: "table", Format: "csv",
			MediaType: "text/csv", Encoding: "utf-8", Bytes: f.Bytes, Dialect: dialect{",", "\r\n", `"`, true, true},
			Schema: tableSchema{Fields: []field{}, MissingValues: []string{""}}}
		if f.SHA256 != "" {
			r.Hash = "sha256:" + f.SHA256
		}
		for i, c := range f.Table.Columns {
			r.Schema.Fields = append(r.Schema.Fields, describe(about, f.Table, i))
			if i < f.Table.Keys {
				r.Schema.PrimaryKey = append(r.Schema.PrimaryKey, c.Name)
			}
		}
		p.Resources = append(p.Resources, r)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(p)
}

func describe(about *export.About, t *export.Table, i int) field {
	c := t.Columns[i]
	v := c.Variable
	f := field{Name: c.Name, Title: about.Label(about.Language(), c)}
	switch v.Kind {
	case dataset.Text:
		f.Type = "string"
	case dataset.Date:
		f.Type, f.Format = "date", "default"
	case dataset.DateTime:
		f.Type, f.Format = "datetime", "any" // without a zone: the wall clock
	case dataset.Number:
		f.Type = "number"
		if whole(t, i) {
			f.Type = "integer"
		}
		for _, value := range about.Values(about.Language(), v) {
			if value.Missing != 0 {
				f.MissingValues = append(f.MissingValues, labeled{strconv.FormatFloat(value.Code, 'f', -1, 64), value.Label})
			} else if f.Type == "integer" {
				f.Categories = append(f.Categories, labeled{int64(value.Code), value.Label})
			}
		}
		f.Ordered = f.Categories != nil && export.MeasureOf(v) == export.Ordinal
	}
	return f
}

// whole tells whether a column holds integers alone.
func whole(t *export.Table, i int) bool {
	return t.Columns[i].Variable.Integer || t.Extents != nil && t.Extents[i].Whole
}
