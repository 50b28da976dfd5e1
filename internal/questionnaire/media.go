package questionnaire

import (
	"bytes"
	"net/http"
	"path"
	"slices"
	"strings"

	"panelverk/internal/fault"
	"panelverk/internal/lang"
)

// mostMediaBytes bounds a file that pages show: it is loaded over a telephone's
// network, as often as a respondent opens the page on a new device.
const mostMediaBytes = 5_000_000

// mediaTypes gives the content type of what pages show, by the ending of the
// name. SVG is not among them: it can hold scripts and links to elsewhere.
var mediaTypes = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
	".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".wav": "audio/wav",
	".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm",
}

// MediaType gives the content type of a file that pages show, by its name; ""
// for one that they do not show.
func MediaType(name string) string { return mediaTypes[strings.ToLower(path.Ext(name))] }

// shownBy says what each column shows, and which files can do it.
var shownBy = map[string]struct{ kind, what string }{
	"image": {"image/", "a picture (.png, .jpg, .gif or .webp)"}, "big-image": {"image/", "a picture (.png, .jpg, .gif or .webp)"},
	"audio": {"audio/", "sound (.mp3, .m4a, .ogg or .wav)"}, "video": {"video/", "a film (.mp4 or .webm)"},
}

// media reads the columns of files that are shown, and notes the files.
func (c *compiler) media(t *table, r Row) Media {
	get := func(root string) lang.Text {
		text := t.text(r, root)
		for _, tag := range text.Tags() {
			if name := path.Base(strings.TrimPrefix(text[tag], "jr://")); !strings.Contains(name, "${") {
				text[tag] = name
				c.want(name, t.at(r, root), false)
				if file := c.wanted[name]; !file.table {
					file.columns = append(file.columns, root)
					c.wanted[name] = file
				}
			}
		}
		if text != nil {
			free := len(t.tags[root]) == 1 && t.sheet.Header[t.tags[root][0].column] == root
			c.texts = append(c.texts, textUse{text: text, at: t.at(r, root), root: root, free: free})
		}
		return text
	}
	media := Media{Image: get("image"), BigImage: get("big-image"), Audio: get("audio"), Video: get("video")}
	if media.Image.Empty() && !media.BigImage.Empty() {
		c.ps.Add(t.at(r, "big-image"), "missing_image", "A big-image is what a tap on the image opens, and the row has no image. Name it in the column image.")
	}
	return media
}

// checkMedia judges a file that pages show, once its bytes are there.
func (c *compiler) checkMedia(name string, file wantedFile, data []byte) {
	kind := MediaType(name)
	for _, root := range slices.Compact(file.columns) {
		if column := shownBy[root]; !strings.HasPrefix(kind, column.kind) {
			advice := ""
			if strings.EqualFold(path.Ext(name), ".svg") {
				advice = " Save the drawing as .png: an .svg can hold scripts."
			}
			c.ps.Add(file.at, "bad_media", "“%s” cannot be shown. The column %s names %s.%s", name, root, column.what, advice)
			return
		}
	}
	switch {
	case len(data) == 0:
		c.ps.Add(file.at, "bad_media", "The file “%s” is empty.", name)
	case len(data) > mostMediaBytes:
		c.ps.Add(file.at, "media_size", "The file “%s” has %.1f MB. A file on a page can have 5 MB at most.", name, float64(len(data))/1e6)
	case !isMedia(kind, data):
		c.ps.Add(file.at, "bad_media", "The file “%s” is not what its name says. Save it anew in the format of its ending.", name)
	}
}

// isMedia tells whether the content is of a type. Sound and film of one
// container are not told apart, nor are raw frames of MP3 by net/http.
func isMedia(kind string, data []byte) bool {
	got := http.DetectContentType(data)
	switch kind {
	case "audio/mpeg":
		return got == kind || len(data) > 1 && data[0] == 0xFF && data[1]&0xE0 == 0xE0
	case "audio/mp4", "video/mp4":
		return len(data) > 12 && bytes.Equal(data[4:8], []byte("ftyp"))
	case "audio/ogg":
		return got == "application/ogg"
	case "audio/wav":
		return got == "audio/wave"
	}
	return got == kind
}

// Shown gives the name of the file that is shown in a language, "" for none.
func Shown(t lang.Text, tag, fallback string) string {
	name, _ := t.In(tag, fallback)
	if strings.Contains(name, "${") {
		return ""
	}
	return name
}

// computed tells whether a file's name is put together from answers, which
// pages cannot show: it is not known which files there are.
func (m Media) computed() bool {
	for _, t := range []lang.Text{m.Image, m.BigImage, m.Audio, m.Video} {
		for _, name := range t {
			if strings.Contains(name, "${") {
				return true
			}
		}
	}
	return false
}

// Lacks gives the names of the files that a book refers to and does not hold,
// sorted: neither are they attached, nor is the table in its sheets.
func (b *Book) Lacks() []string {
	carried := carriedLines(b.sheetNamed(sheetAttached))
	return slices.DeleteFunc(b.FileNames(), func(name string) bool {
		lines := carried[name]
		return b.Files[name] != nil || len(lines) > 0 && !strings.HasPrefix(lines[0], digestPrefix)
	})
}

// Tables gives the tables that the book's sheets hold and that were attached as
// CSV, as files.
func (b *Book) Tables() map[string][]byte {
	out := make(map[string][]byte)
	for name, lines := range carriedLines(b.sheetNamed(sheetAttached)) {
		if len(lines) > 0 && !strings.HasPrefix(lines[0], digestPrefix) && strings.EqualFold(path.Ext(name), ".csv") {
			out[name] = []byte(strings.Join(lines, "\n") + "\n")
		}
	}
	return out
}

// Agrees tells whether a file may be attached under a name: the book's sheets
// hold no digest of it, or this file's.
func (b *Book) Agrees(name string, data []byte) bool {
	lines := carriedLines(b.sheetNamed(sheetAttached))[name]
	return len(lines) == 0 || lines[0] == digest(data)
}

// Attach hands a file in under the name by which the book refers to it.
func (b *Book) Attach(name string, data []byte) {
	if b.Files == nil {
		b.Files = make(map[string][]byte)
	}
	b.Files[name] = data
}

// sheetNamed finds a sheet as normalising does.
func (b *Book) sheetNamed(name string) *Sheet {
	for _, s := range b.Sheets {
		if strings.EqualFold(strings.TrimSpace(s.Name), name) {
			return s
		}
	}
	return nil
}

// Demand makes errors of the warnings that a file is missing: a form alone is
// correct without its files, and what is asked is not.
func Demand(ps fault.Problems) fault.Problems {
	for i := range ps {
		if ps[i].Code == "missing_file" {
			ps[i].Severity = fault.SeverityError
		}
	}
	return ps
}
