package upload

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// What is wrong with a file. The codes are keys of the page texts
// ("problem.<code>").
const (
	Empty    = "file_empty"     // it has no bytes
	TooLarge = "file_too_large" // more bytes than the rule lets through
	Type     = "file_type"      // a kind that the question does not take
	Broken   = "file_broken"    // it is not what its name says, or cannot be read
	Format   = "picture_format" // a picture in a format that is not read: HEIC, WebP, TIFF …
	Pixels   = "picture_pixels" // a picture with more pixels than are decoded
)

// Faults lists the codes.
var Faults = []string{Empty, TooLarge, Type, Broken, Format, Pixels}

// File is a file as it was handed in.
type File struct {
	Name  string
	Data  []byte
	Large bool // it had more bytes than Rule.Reads; Data is not all of it
}

// Kept is a file as it is kept.
type Kept struct {
	Kind Kind
	Data []byte
}

// Check gives a file as it is to be kept, or the code of what is wrong with it.
func Check(f File, rule Rule) (Kept, string) {
	allowed := rule.Kinds()
	pictures := slices.ContainsFunc(allowed, func(k Kind) bool { return k.Picture })
	switch {
	case f.Large || rule.MaxPixels == 0 && int64(len(f.Data)) > rule.Bytes():
		return Kept{}, TooLarge
	case len(f.Data) == 0:
		return Kept{}, Empty
	}
	kind, known := sniff(f.Name, f.Data)
	if !known {
		_, named := byEnding(path.Ext(f.Name))
		switch {
		case pictures && foreignPicture(f.Name, f.Data):
			return Kept{}, Format
		case named:
			return Kept{}, Broken
		}
		return Kept{}, Type
	}
	if !fitsName(kind, f.Name) {
		return Kept{}, Broken
	}
	if !slices.ContainsFunc(allowed, func(k Kind) bool { return k.Ending == kind.Ending }) {
		return Kept{}, Type
	}
	kept := Kept{Kind: kind, Data: f.Data}
	if kind.Picture {
		var fault string
		if kept, fault = redraw(f.Data, rule.MaxPixels); fault != "" {
			return Kept{}, fault
		}
	}
	if rule.MaxPixels > 0 && int64(len(kept.Data)) > rule.Bytes() {
		return Kept{}, TooLarge
	}
	return kept, ""
}

// fitsName tells whether a name may belong to a kind: it has no ending, one of
// the kind, or that of another picture, as programs often name pictures.
func fitsName(kind Kind, name string) bool {
	ending := path.Ext(name)
	if ending == "" {
		return true
	}
	named, known := byEnding(ending)
	return known && (named.Ending == kind.Ending || named.Picture && kind.Picture)
}

// sniff knows a kind by the content. Plain text has no mark of its own: it is
// what its name says, as long as it is text at all.
func sniff(name string, data []byte) (Kind, bool) {
	var ending string
	switch {
	case bytes.HasPrefix(data, []byte("\xFF\xD8\xFF")):
		ending = ".jpg"
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		ending = ".png"
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		ending = ".gif"
	case bytes.HasPrefix(data, []byte("%PDF-")):
		ending = ".pdf"
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		ending = office(data)
	default:
		if ending = strings.ToLower(path.Ext(name)); ending != ".txt" && ending != ".csv" || !isText(data) {
			return Kind{}, false
		}
	}
	return byEnding(ending)
}

// office knows the documents that are ZIP archives by what their directory
// lists; "" for any other archive, and for a document with macros.
func office(data []byte) string {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(archive.File) == 0 {
		return ""
	}
	names := map[string]bool{}
	for _, f := range archive.File {
		if strings.HasSuffix(strings.ToLower(f.Name), "vbaproject.bin") || strings.HasPrefix(f.Name, "Basic/") || strings.HasPrefix(f.Name, "Scripts/") {
			return ""
		}
		names[f.Name] = true
	}
	if first := archive.File[0]; first.Name == "mimetype" && first.Method == zip.Store && first.UncompressedSize64 < 100 {
		r, err := first.Open()
		if err != nil {
			return ""
		}
		defer func() { _ = r.Close() }() // it was read
		text, err := io.ReadAll(io.LimitReader(r, 100))
		if err != nil {
			return ""
		}
		for _, k := range Kinds {
			if k.Types[0] == string(text) {
				return k.Ending
			}
		}
		return ""
	}
	if !names["[Content_Types].xml"] {
		return ""
	}
	for ending, part := range map[string]string{".docx": "word/document.xml", ".xlsx": "xl/workbook.xml", ".pptx": "ppt/presentation.xml"} {
		if names[part] {
			return ending
		}
	}
	return ""
}

// isText tells whether bytes are a text: UTF-8, UTF-16 with its mark, or an
// older encoding of one byte a letter, without control characters.
func isText(data []byte) bool {
	if bytes.HasPrefix(data, []byte("\xFF\xFE")) || bytes.HasPrefix(data, []byte("\xFE\xFF")) {
		return len(data)%2 == 0
	}
	if !utf8.Valid(data) && bytes.IndexByte(data, 0x7f) >= 0 {
		return false
	}
	return !bytes.ContainsFunc(data, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' })
}

// foreignPicture tells pictures in formats that are not read.
func foreignPicture(name string, data []byte) bool {
	switch {
	case len(data) >= 12 && string(data[4:8]) == "ftyp" && slices.Contains([]string{"heic", "heix", "hevc", "heim", "heis", "mif1", "msf1", "avif", "avis"}, string(data[8:12])):
		return true
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return true
	case bytes.HasPrefix(data, []byte("II*\x00")), bytes.HasPrefix(data, []byte("MM\x00*")):
		return true
	case bytes.HasPrefix(data, []byte("BM")) && strings.EqualFold(path.Ext(name), ".bmp"):
		return true
	}
	return strings.EqualFold(path.Ext(name), ".svg")
}
