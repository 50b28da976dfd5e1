package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
	"panelverk/internal/release"
	"panelverk/internal/store"
)

type studyEntry struct {
	Key      string    `json:"key"`
	Title    lang.Text `json:"title"`
	Releases string    `json:"releases"` // their address
}

type releaseEntry struct {
	Study     string    `json:"study"`
	Number    int       `json:"number"`
	FrozenAt  time.Time `json:"frozen_at"`
	Profile   string    `json:"profile"`
	Recipient string    `json:"recipient"` // whose ids the files carry
	Size      int64     `json:"size"`      // of the whole package
	SHA256    string    `json:"sha256"`
	Content   string    `json:"content_sha256"` // of the tables, whatever format they are in
	Href      string    `json:"href"`
}

type fileEntry struct {
	Name   string `json:"name"` // its path in the package
	Table  string `json:"table,omitempty"`
	Format string `json:"format"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	Href   string `json:"href,omitempty"`
}

// formats are the kinds of files of data, by their endings.
var formats = map[string]string{
	"csv":     "text/csv; charset=utf-8",
	"parquet": "application/vnd.apache.parquet",
	"sav":     "application/x-spss-sav",
	"dta":     "application/x-stata-dta",
	"xlsx":    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

var (
	errFormat   = fault.New(fault.NotFound, "release_format_not_found", "The release has no data in this format. Its metadata list its files.")
	errTable    = fault.New(fault.NotFound, "release_table_not_found", "The release has no such table in this format. Its metadata list its files.")
	errOneTable = fault.New(fault.Invalid, "release_table_unwanted", "A workbook holds all tables. Leave table out.")
)

func (r *request) studies() error {
	all, err := r.Fieldwork.Studies(r.Request.Context(), r.actor)
	if err != nil {
		return err
	}
	out := []studyEntry{}
	for _, st := range all {
		out = append(out, studyEntry{st.Key, st.Title, Root + "/v1/studies/" + st.Key + "/releases"})
	}
	return r.json(map[string]any{"studies": out})
}

func entry(rel store.Release) releaseEntry {
	return releaseEntry{Study: rel.Study, Number: rel.Number, FrozenAt: rel.DecidedAt, Profile: rel.Profile, Recipient: rel.Recipient,
		Size: rel.Size, SHA256: rel.Digest, Content: rel.Content, Href: Root + "/v1/studies/" + rel.Study + "/releases/" + strconv.Itoa(rel.Number)}
}

func (r *request) releases() error {
	all, err := r.Release.Handouts(r.Request.Context(), r.actor, r.Param("study"))
	if err != nil {
		return err
	}
	out := []releaseEntry{}
	for _, rel := range all {
		out = append(out, entry(rel))
	}
	return r.json(map[string]any{"releases": out})
}

func (r *request) release() error {
	number, err := r.number()
	if err != nil {
		return err
	}
	h, err := r.Release.Handout(r.Request.Context(), r.actor, r.Param("study"), number)
	if err != nil {
		return err
	}
	described, err := r.Release.Description(r.Request.Context(), r.actor, h.Study, number)
	if err != nil {
		return err
	}
	out := struct {
		releaseEntry
		Files    []fileEntry     `json:"files"`
		Metadata json.RawMessage `json:"metadata"`
	}{entry(h.Release), []fileEntry{}, described}
	for _, f := range h.Files {
		one := fileEntry{Name: f.Name, Table: f.Table, Format: f.Format, Size: f.Size, SHA256: f.SHA256}
		if formats[f.Format] != "" {
			one.Href = out.Href + "/data." + f.Format
			if f.Table != "" {
				one.Href += "?table=" + f.Table
			}
		}
		out.Files = append(out.Files, one)
	}
	return r.json(out)
}

// data hands out a file of data, or a part of it.
func (r *request) data() error {
	format, ok := strings.CutPrefix(r.Param("file"), "data.")
	if !ok || formats[format] == "" {
		return errNoAddress
	}
	number, err := r.number()
	if err != nil {
		return err
	}
	h, err := r.Release.Handout(r.Request.Context(), r.actor, r.Param("study"), number)
	if err != nil {
		return err
	}
	f, err := pick(h.Files, format, r.Query("table"))
	if err != nil {
		return err
	}
	content, err := r.Release.Open(r.Request.Context(), r.now, r.actor, h.Study, number, f.Name)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // it was only read
	r.Header("Content-Type", formats[format])
	r.Header("Content-Disposition", `attachment; filename="`+h.Study+"-release-"+strconv.Itoa(number)+strings.TrimPrefix(f.Name, "data/"+h.Study)+`"`)
	r.Header("ETag", `"`+f.SHA256+`"`)
	r.Request.Header.Del("If-Match")
	if strings.Contains(r.GetHeader("Range"), ",") {
		r.Request.Header.Del("Range") // several parts at once: the whole, as RFC 9110 allows
	}
	watched := &watched{ReadSeeker: content}
	http.ServeContent(r.Writer, r.Request, "", time.Time{}, watched)
	if watched.err != nil && !r.Writer.Written() {
		for _, name := range []string{"ETag", "Content-Length", "Content-Range", "Content-Disposition", "Accept-Ranges"} {
			r.Writer.Header().Del(name)
		}
	}
	return watched.err
}

// watched remembers why reading ended, which http.ServeContent keeps to itself.
type watched struct {
	io.ReadSeeker
	err error
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.ReadSeeker.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// pick gives the file of a format that holds a table; without a name the long
// one, else the wide one, else the first.
func pick(files []release.HandoutFile, format, table string) (release.HandoutFile, error) {
	files = slices.DeleteFunc(slices.Clone(files), func(f release.HandoutFile) bool { return f.Format != format })
	if len(files) == 0 {
		return release.HandoutFile{}, errFormat
	}
	if table != "" && files[0].Table == "" {
		return release.HandoutFile{}, errOneTable
	}
	wanted := []string{table}
	if table == "" {
		wanted = []string{"long", "wide", files[0].Table}
	}
	for _, name := range wanted {
		if i := slices.IndexFunc(files, func(f release.HandoutFile) bool { return f.Table == name }); i >= 0 {
			return files[i], nil
		}
	}
	return release.HandoutFile{}, errTable
}
