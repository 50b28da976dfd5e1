package respond

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
	"panelverk/internal/upload"
)

// mostDrained is how much of a file that is too large is read and thrown away.
// A browser that is cut off while it sends shows an error of its own instead of
// our page.
const mostDrained = 200_000_000

// mostParts is how many fields a page may send.
const mostParts = 5000

// Stored is a file that this device has handed in, as its question shows it.
type Stored struct {
	Name, Size, When string
	Address          string // relative to the page
}

// sheetForm reads a posted page of questions, with the files in it; false
// after it has answered that it cannot be read. Without files it is a plain form.
func (s *site) sheetForm(c *gin.Context, v *fieldwork.Visit) (map[string]upload.File, bool) {
	if !strings.HasPrefix(c.GetHeader("Content-Type"), "multipart/") {
		return nil, s.form(c, v)
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, mostDrained)
	parts, err := c.Request.MultipartReader()
	if err != nil {
		s.fail(c, v, errUnreadable.Because(err))
		return nil, false
	}
	values, files := url.Values{}, map[string]upload.File{}
	if err := readParts(parts, v, values, files); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			err = errHuge.Because(err)
		} else {
			err = errUnreadable.Because(err)
		}
		s.fail(c, v, err)
		return nil, false
	}
	c.Request.PostForm = values
	return files, true
}

var (
	errParts = errors.New("too many fields")
	errHuge  = fault.New(fault.Invalid, "form_huge", "What was sent is far too large. Choose a smaller file.")
)

// keyed gives the files of a page, which come by question, by the keys of the answers.
func keyed(page string, files map[string]upload.File) map[string]upload.File {
	_, instance := interview.Split(page)
	if instance == "" {
		return files
	}
	out := make(map[string]upload.File, len(files))
	for name, f := range files {
		out[interview.At(name, instance)] = f
	}
	return out
}

// readParts reads the fields into values and the files of the questions that
// ask for one into files, each up to what its question takes.
func readParts(parts *multipart.Reader, v *fieldwork.Visit, values url.Values, files map[string]upload.File) error {
	left := int64(maxForm)
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n >= mostParts {
			return errParts
		}
		field := part.FormName()
		if part.FileName() == "" {
			text, err := io.ReadAll(io.LimitReader(part, left+1))
			if left -= int64(len(text) + len(field)); err != nil || left < 0 {
				return errors.Join(err, errParts)
			}
			values.Add(field, string(text))
			continue
		}
		key, ours := strings.CutPrefix(field, fieldValue)
		it := v.Asked(key)
		if _, twice := files[key]; !ours || it == nil || twice {
			if _, err := io.Copy(io.Discard, part); err != nil {
				return err
			}
			continue
		}
		if files[key], err = readFile(part, fieldwork.UploadRule(it).Reads()); err != nil {
			return err
		}
	}
}

// readFile reads a file up to so many bytes. What is larger is read to its end
// all the same and not kept.
func readFile(part *multipart.Part, most int64) (upload.File, error) {
	f := upload.File{Name: part.FileName()}
	data, err := io.ReadAll(io.LimitReader(part, most+1))
	if err != nil {
		return f, err
	}
	if f.Data = data; int64(len(data)) > most {
		f.Data, f.Large = nil, true
		_, err = io.Copy(io.Discard, part)
	}
	return f, err
}

// file gives the question that asks for a file.
func (p *paper) file(it *questionnaire.Item, q *Question) {
	q.Kind = "file"
	if p.blank { // staff
		q.Kind, q.Help = "nofile", p.texts.T("file.paper")
		return
	}
	rule := fieldwork.UploadRule(it)
	q.Accept, q.Here = rule.Attribute(), p.handed == it.Name
	q.Help = p.texts.T("file.help", "kinds", rule.Endings(), "most", p.size(rule.Bytes()))
	if it.Type == questionnaire.Image {
		q.Help = p.texts.T("file.picture_help", "most", p.size(rule.Bytes()))
		switch { // as ODK has it: a new picture is wanted, not one from the album
		case it.Appears("new-front"):
			q.Capture = "user"
		case it.Appears("new"):
			q.Capture = "environment"
		}
	}
	u, ok := p.uploads[p.shown(it.Name)]
	if !ok {
		return
	}
	at := u.At.In(p.zone)
	q.Stored = &Stored{Name: u.Name, Size: p.size(u.Size), When: p.texts.T("file.when", "date", p.texts.Date(at), "clock", p.texts.Clock(at)),
		Address: "../file/" + url.PathEscape(p.view.Key(it.Name))}
}

// size writes a number of bytes as people do.
func (p *paper) size(n int64) string {
	switch {
	case n >= 10_000_000 || n >= 1_000_000 && n%1_000_000 == 0:
		return p.texts.Number(float64(n)/1e6, 0) + " MB"
	case n >= 1_000_000:
		return p.texts.Number(float64(n)/1e6, 1) + " MB"
	case n >= 1000:
		return p.texts.Number(float64(n)/1e3, 0) + " kB"
	}
	return strconv.FormatInt(n, 10) + " byte"
}

// ownFile sends a file back to the device that handed it in, to be saved and
// never to be shown: whatever it holds, it is no page of this site.
func (s *site) ownFile(c *gin.Context) {
	v, ok := s.begun(c)
	if !ok {
		return
	}
	key := c.Param("question")
	err := s.Fieldwork.WriteUpload(c.Request.Context(), v, s.device(c, v), key, func(u fieldwork.Upload) io.Writer {
		ending := path.Ext(v.Doc.Answers[key])
		c.Header("Content-Disposition", `attachment; filename="file`+ending+`"; filename*=UTF-8''`+url.PathEscape(strings.TrimSuffix(u.Name, path.Ext(u.Name))+ending))
		c.Header("Content-Type", "application/octet-stream")
		c.Header("Content-Length", strconv.FormatInt(u.Size, 10))
		c.Header("Content-Security-Policy", "default-src 'none'; sandbox")
		c.Status(http.StatusOK)
		return c.Writer
	})
	if err != nil && !c.Writer.Written() {
		s.fail(c, v, err)
	}
}
