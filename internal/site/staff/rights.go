package staff

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
)

// mergePage asks which other participant is the same person.
type mergePage struct {
	*view
	Form  *form
	Label string
}

func (r *request) showMerge() error {
	if err := r.may(access.ParticipantMerge); err != nil {
		return err
	}
	return r.mergePage(r.fresh())
}

func (r *request) mergePage(f *form) error {
	return r.show("merge", f, mergePage{view: r.view("panel"), Form: f, Label: r.Param("label")})
}

func (r *request) merge() error {
	f := r.posted()
	label := r.Param("label")
	err := r.Fieldwork.Merge(r.ctx(), r.now, r.actor, r.study.Key, label, strings.ToUpper(strings.TrimSpace(f.Value("other"))))
	if e := fault.Of(err); e != nil && e.Kind == fault.NotFound {
		f.add("other", "label_unknown", nil)
		return r.mergePage(f)
	}
	if f.take(err) {
		return r.mergePage(f)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/p/"+label), "staff.done.merged")
}

func (r *request) askErase() error {
	if err := r.may(access.ParticipantErase); err != nil {
		return err
	}
	label := r.Param("label")
	return r.show("confirm", nil, confirmPage{view: r.view("panel"), Form: r.fresh(), Head: r.t.T("staff.person.erase_head", "label", label), Text: r.t.T("staff.person.erase_text"),
		Do: r.t.T("staff.person.erase_do"), Action: r.at("/p/" + label + "/erase"), Back: r.at("/p/" + label)})
}

func (r *request) erase() error {
	if err := r.Fieldwork.EraseParticipant(r.ctx(), r.now, r.actor, r.study.Key, r.Param("label")); err != nil {
		return err
	}
	return r.done(r.at("/p/"+r.Param("label")), "staff.done.erased")
}

// FileName names a file that was handed out.
func (p participantPage) FileName(d fieldwork.HandedOut) string {
	what := d.What
	if what == "workbook" {
		what = p.T.T("staff.person.file_workbook")
	}
	return p.T.T("staff.person.file", "what", what, "stamp", p.Stamp(d.At))
}

// extractPage is everything on one person, as a page of a file of its own.
type extractPage struct {
	*view
	H *fieldwork.Holdings
}

// extract sends everything that is held on a participant: a ZIP archive with a
// page to read, the same as JSON, and the files that the person handed in.
func (r *request) extract() error {
	h, err := r.Fieldwork.Extract(r.ctx(), r.now, r.actor, r.study.Key, r.Param("label"))
	if err != nil {
		return err
	}
	var page, out bytes.Buffer
	v := r.view("panel")
	if slices.Contains(lang.Tags, h.Language) { // it is the person who reads it
		v.T = lang.For(h.Language)
	}
	if err := r.Page.Execute(&page, "staff/extract", extractPage{view: v, H: h}); err != nil {
		return err
	}
	data, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return err
	}
	archive := zip.NewWriter(&out)
	add := func(name string, data []byte) error {
		w, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: r.now})
		if err == nil {
			_, err = io.Copy(w, bytes.NewReader(data))
		}
		return err
	}
	for _, file := range []struct {
		name string
		data []byte
	}{{"index.html", page.Bytes()}, {"data.json", data}} {
		if err := add(file.name, file.data); err != nil {
			return err
		}
	}
	for _, token := range slices.Sorted(maps.Keys(h.Uploads)) {
		if err := add("files/"+token, h.Uploads[token]); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return r.download(r.study.Key+"-"+h.Label+".zip", "application/zip", out.Bytes())
}
