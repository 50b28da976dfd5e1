package staff

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"io"
	"maps"
	"mime/multipart"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Bounds on the files that are handed in with a questionnaire, unpacked.
const (
	maxAttached   = 20_000_000
	maxAttachedIn = 200
)

// handedIn is a questionnaire's file with those that are attached to it.
type handedIn struct {
	name  string // "" where no questionnaire was handed in
	data  []byte
	files map[string][]byte
	size  int64
}

// versionPrefix is what stands before the name of an attached file in a
// study's folder: core.v3.logo.png.
var versionPrefix = regexp.MustCompile(`^[a-z][a-z0-9_-]*\.v[1-9][0-9]*\.(.+\..+)$`)

// handedIn reads what was handed in: the questionnaire from its field or from
// the page that carries it, attached files one by one or in a ZIP archive, and
// those that the page carries. What is wrong is noted in the form.
func (r *request) handedIn(f *form) handedIn {
	h := handedIn{files: map[string][]byte{}}
	if pack, err := base64.StdEncoding.DecodeString(r.PostForm("pack")); err != nil || len(pack) > 0 && !h.unpack(pack) {
		f.add("files", "archive_broken", nil)
	}
	if data, err := base64.StdEncoding.DecodeString(r.PostForm("data")); err == nil && len(data) > 0 {
		h.name, h.data = path.Base(r.PostForm("name")), data
	}
	if r.Request.MultipartForm != nil {
		for _, field := range []string{"file", "files"} {
			for _, header := range r.Request.MultipartForm.File[field] {
				if code := h.take(field, header); code != "" {
					f.add(field, code, nil)
				}
			}
		}
	}
	switch {
	case h.size > maxAttached || len(h.files) > maxAttachedIn:
		f.add("files", "files_too_large", nil)
	case h.name == "":
		f.add("file", "file_missing", nil)
	}
	return h
}

// take reads one file of the form; it gives the code of what is wrong with it.
func (h *handedIn) take(field string, header *multipart.FileHeader) string {
	file, err := header.Open()
	if err != nil {
		return "file_missing"
	}
	defer func() { _ = file.Close() }() // it was read
	data, err := io.ReadAll(file)
	if err != nil {
		return "file_missing"
	}
	name := path.Base(header.Filename)
	switch {
	case strings.EqualFold(path.Ext(name), ".zip"):
		if !h.unpack(data) {
			return "archive_broken"
		}
		if field == "file" {
			h.pickForm()
		}
	case field == "file":
		h.name, h.data = name, data
	default:
		h.attach(name, data)
	}
	return ""
}

func (h *handedIn) attach(name string, data []byte) {
	if m := versionPrefix.FindStringSubmatch(name); m != nil {
		name = m[1]
	}
	h.files[name] = data
	h.size += int64(len(data))
}

// unpack reads an archive, without its folders, as far as the bound allows.
func (h *handedIn) unpack(data []byte) bool {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return false
	}
	for _, f := range archive.File {
		name := path.Base(strings.ReplaceAll(f.Name, `\`, "/"))
		if f.FileInfo().IsDir() || strings.HasPrefix(name, ".") || strings.HasPrefix(f.Name, "__MACOSX/") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return false
		}
		content, err := io.ReadAll(io.LimitReader(r, maxAttached+1))
		if err := r.Close(); err != nil {
			return false
		}
		if h.attach(name, content); err != nil {
			return false
		}
		if h.size > maxAttached || len(h.files) > maxAttachedIn {
			return true // the caller tells it
		}
	}
	return true
}

// pickForm takes the questionnaire out of an archive that holds one.
func (h *handedIn) pickForm() {
	for _, ending := range []string{".xlsx", ".xlsm", ".md"} {
		var found []string
		for name := range h.files {
			if strings.EqualFold(path.Ext(name), ending) {
				found = append(found, name)
			}
		}
		if len(found) == 1 {
			h.name, h.data = found[0], h.files[found[0]]
			delete(h.files, found[0])
			return
		}
	}
}

// pack gives the attached files as a page carries them on: an archive in
// base64, "" for none.
func (h *handedIn) pack() (string, error) {
	if len(h.files) == 0 {
		return "", nil
	}
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(h.files)) {
		w, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			return "", err
		}
		if _, err := w.Write(h.files[name]); err != nil {
			return "", err
		}
	}
	if err := archive.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}
