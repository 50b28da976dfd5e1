package respond_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/release"
	"panelverk/internal/secret"
	"panelverk/internal/site/browsertest"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

const fileStudy = `study: smart-factory
title: {sv: Filer, en: Files}
public_title: {sv: Enkät, en: Survey}
headline: {sv: Hur ser det ut hos dig?, en: What does it look like?}
languages: [sv, en]
time_zone: Europe/Stockholm
panel: {min: 1, max: 9}
frame: named_list
minutes: 2
about:
  who: {sv: Vi, en: We}
  why: {sv: Därför, en: Because}
  answers: {sv: Sparas, en: Kept}
contact: {role: {sv: Samordnaren, en: The co-ordinator}, email: a@example.org}
controller: {sv: Vi, en: We}
waves:
  - {key: w1, title: {sv: Ett, en: One}, opens: 2017-01-01 08:00, closes: 2017-12-31 23:59, questionnaire: core, version: 1}
`

const fileForm = `
| survey |
| | type | name | label::Svenska (sv) | label::English (en) | required | parameters | body::accept | appearance |
| | begin group | g | | | | | | field-list |
| | image | photo | Ta en bild av din arbetsplats. | Take a picture of your workplace. | yes | max-pixels=64 | | |
| | integer | age | Hur gammal är du? | How old are you? | | | | |
| | end group | | | | | | | |
| | file | cv | Lämna ett dokument. | Hand in a document. | | max-size=20kB | .pdf,.txt | |
| | note | n | Du lämnade ${cv}. | You handed in ${cv}. | | | | |

| settings |
| | form_title | default_language |
| | Filer | Svenska (sv) |
`

// filesWorld is the site with a study that asks for files.
func filesWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, study: smartFactory, now: wave3, dir: t.TempDir(), server: httptest.NewServer(nil)}
	t.Cleanup(w.server.Close)
	w.open()
	w.apply(fstest.MapFS{"study.yaml": {Data: []byte(fileStudy)}, "core.v1.md": {Data: []byte(fileForm)}})
	return w
}

func (w *world) apply(files fstest.MapFS) {
	w.t.Helper()
	folder, problems := study.Load(files, ".")
	if err := problems.Err("broken", "The study of the test is broken"); err != nil {
		w.t.Fatal(err, problems)
	}
	if _, err := w.field.Apply(context.Background(), w.now, access.CommandLine(), folder, fieldwork.ApplyOptions{}); err != nil {
		w.t.Fatal(err)
	}
}

// gps is a photo that tells where it was taken.
func gps(t testing.TB, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 7)
	}
	img.Set(0, 0, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	body := []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00 GPSLatitude 57.7089")
	segment := binary.BigEndian.AppendUint16([]byte{0xFF, 0xD8, 0xFF, 0xE1}, uint16(len(body)+2))
	return append(append(segment, body...), b.Bytes()[2:]...)
}

// hand sends the page's form as a browser does that has files in it: field,
// name and content in turn.
func (b *browser) hand(name, value string, fields []string, files ...any) *browser {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	values := url.Values{}
	for k, v := range b.form {
		values[k] = v
	}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	values.Set(name, value)
	for k, vs := range values {
		for _, v := range vs {
			if err := form.WriteField(k, v); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	for i := 0; i+2 < len(files); i += 3 {
		part, err := form.CreateFormFile(files[i].(string), files[i+1].(string))
		if err == nil {
			_, err = part.Write(files[i+2].([]byte))
		}
		if err != nil {
			b.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		b.t.Fatal(err)
	}
	action, err := b.url.Parse(b.action)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.take(b.client.Post(action.String(), form.FormDataContentType(), &body))
}

// stored gives the bytes of every stored file by its token.
func (w *world) stored() map[string][]byte {
	w.t.Helper()
	out := map[string][]byte{}
	err := w.store.Read(context.Background(), func(tx *store.Tx) error {
		rows, err := tx.UploadsOf(smartFactory, 1)
		for _, u := range rows {
			var b bytes.Buffer
			if err := tx.WriteUpload(u.Token, &b); err != nil {
				return err
			}
			if int64(b.Len()) != u.Size {
				w.t.Errorf("%s has %d bytes, not %d", u.Token, b.Len(), u.Size)
			}
			if bytes.Contains(u.Name, []byte("bild")) {
				w.t.Error("the name of a file stands readable in the database")
			}
			out[u.Token] = b.Bytes()
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) startFiles(cookies bool) *browser {
	link := w.invite(1)
	return w.browser(cookies).get(link.URL).press("go", "start").isAt(200, "/p/g")
}

func TestAPhotoIsHandedInReplacedAndTakenBack(t *testing.T) {
	w := filesWorld(t)
	b := w.startFiles(true).says("En bild, högst 10 MB.")
	if !strings.Contains(b.body, `accept="image/jpeg,image/png,image/gif"`) || !strings.Contains(b.body, "multipart/form-data") {
		t.Error("the form cannot send pictures")
	}
	b.hand("upload", "photo", nil, "q.photo", `C:\bilder\bild.jpg`, gps(t, 640, 480)).isAt(200, "/p/g").says("bild.jpg, ", "uppladdad onsdag 22 mars kl. 18.42", "Ta bort", "Byt fil")
	files := w.stored()
	token := w.document(1).Answers["photo"]
	if len(files) != 1 || files[token] == nil || !strings.HasSuffix(token, ".jpg") {
		t.Fatalf("the answer is %q, and %d files are stored", token, len(files))
	}
	if bytes.Contains(files[token], []byte("GPS")) || bytes.Contains(files[token], []byte("Exif")) {
		t.Error("the photo still tells where it was taken")
	}
	if size, err := jpeg.DecodeConfig(bytes.NewReader(files[token])); err != nil || size.Width != 64 || size.Height != 48 {
		t.Errorf("the photo is %d×%d, %v", size.Width, size.Height, err)
	}

	// The same form sent again is the same save; the same photo the same answer.
	again := *b
	again.hand("go", "next", []string{"q.age", "44"}).isAt(200, "/p/cv")
	b.get(b.url.String()).hand("upload", "photo", nil, "q.photo", "bild.jpg", gps(t, 640, 480))
	if files := w.stored(); len(files) != 1 || files[token] == nil {
		t.Errorf("the same photo twice is stored as %d", len(files))
	}

	// The device gets it back as a file to save, never as a page.
	resp, err := b.client.Get(w.server.URL + strings.TrimSuffix(b.url.Path, "/p/g") + "/file/photo")
	if err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if !bytes.Equal(got, files[token]) || !strings.HasPrefix(resp.Header.Get("Content-Disposition"), "attachment;") || resp.Header.Get("Content-Type") != "application/octet-stream" ||
		!strings.Contains(resp.Header.Get("Content-Disposition"), "bild.jpg") {
		t.Errorf("the file comes as %v", resp.Header)
	}

	b.hand("upload", "photo", nil, "q.photo", "bild2.png", gps(t, 300, 300)).says("bild2.png")
	if files := w.stored(); len(files) != 1 || files[token] != nil {
		t.Error("the photo that was replaced is still stored")
	}
	b.hand("remove", "photo", nil).isAt(200, "/p/g").says("Ladda upp")
	if files := w.stored(); len(files) != 0 {
		t.Error("the photo that was taken back is still stored")
	}
	if d := w.document(1); d.Answers["photo"] != "" || d.Answers["age"] != "44" {
		t.Errorf("answers: %v", d.Answers)
	}
	b.hand("go", "next", nil).isAt(422, "/p/g").says("En fråga saknar svar")
	b.hand("go", "next", nil).isAt(200, "/p/cv")
}

func TestFilesThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		field, file string
		data        []byte
		says        string
	}{
		"nothing":             {"photo", "bild.jpg", nil, "Filen ”bild.jpg” är tom."},
		"a renamed program":   {"photo", "bild.jpg", []byte("MZ\x90\x00 This program"), "Filen ”bild.jpg” går inte att läsa."},
		"a picture of HTML":   {"photo", "<script>.png", []byte("<script>alert(1)</script>"), "Filen ”<script>.png” går inte att läsa."},
		"an iPhone's picture": {"photo", "IMG.heic", []byte("\x00\x00\x00\x18ftypheic\x00\x00"), "Spara den som JPEG"},
		"a bomb":              {"photo", "bild.png", append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\xff\xff\x00\x00\xff\xff\x08\x06\x00\x00\x00"), 0xb6, 0x05, 0xd9, 0x50), "Bilden ”bild.png” har för många bildpunkter."},
		"too large a picture": {"photo", "bild.jpg", make([]byte, 10_000_001), "Filen ”bild.jpg” är för stor. Välj en som är högst 10 MB."},
		"far too large":       {"photo", "film.jpg", make([]byte, 60_000_000), "Filen ”film.jpg” är för stor."},
	} {
		t.Run(name, func(t *testing.T) {
			w := filesWorld(t)
			b := w.startFiles(true)
			b.hand("go", "next", []string{"q.age", "44"}, "q."+c.field, c.file, c.data).isAt(422, "/p/g").says("Rätta en sak", c.says)
			if strings.Contains(b.body, "<script>") {
				t.Error("the name of the file is part of the page")
			}
			// What else was on the page is saved, and the page can be left.
			if d := w.document(1); d.Answers["age"] != "44" || d.Answers["photo"] != "" || len(w.stored()) != 0 {
				t.Errorf("answers: %v", d.Answers)
			}
			b.hand("upload", "photo", nil, "q.photo", c.file, c.data).isAt(422, "/p/g").says(c.says)
			b.hand("upload", "photo", nil, "q.photo", "bild.jpg", gps(t, 30, 30)).isAt(200, "/p/g").says("bild.jpg")
		})
	}
	w := filesWorld(t)
	b := w.startFiles(true)
	b.hand("go", "next", nil).hand("go", "next", nil).isAt(200, "/p/cv").says("Filtyper: pdf, txt. Högst 20 kB.")
	b.hand("go", "next", nil, "q.cv", "cv.jpg", gps(t, 9, 9)).isAt(422, "/p/cv").says("Välj en av de här filtyperna: pdf, txt.")
	b.hand("go", "next", nil, "q.cv", "cv.txt", make([]byte, 20_001)).isAt(422, "/p/cv").says("Välj en som är högst 20 kB.")
	b.hand("go", "next", nil, "q.cv", "cv.txt", []byte("Hej")).isAt(200, "/p/n").says("Du lämnade cv.txt.")
}

// What a link shows to somebody else, and what a forged form does.
func TestFilesOfAnotherDevice(t *testing.T) {
	w := filesWorld(t)
	link := w.invite(1)
	mine := w.browser(true).get(link.URL).press("go", "start")
	mine.hand("upload", "photo", nil, "q.photo", "bild.jpg", gps(t, 30, 30)).says("bild.jpg")
	token := w.document(1).Answers["photo"]
	for _, cookies := range []bool{true, false} {
		other := w.browser(cookies).get(link.URL).press("go", "start")
		other.get(link.URL + "/p/g")
		if strings.Contains(other.body, "bild.jpg") || strings.Contains(other.body, token) {
			t.Error("another device sees the file")
		}
		if other.get(link.URL + "/file/photo"); other.status != http.StatusNotFound {
			t.Errorf("another device gets the file: %d", other.status)
		}
		other.get(link.URL+"/p/g").hand("remove", "photo", nil).isAt(200, "/p/g")
		other.hand("go", "next", []string{"q.photo", "FORGED.jpg"})
		if got := w.document(1).Answers["photo"]; got != token {
			t.Errorf("another device changed the answer to %q", got)
		}
		if other.get(link.URL + "/review"); strings.Contains(other.body, "bild.jpg") {
			t.Error("the review shows the file to another device")
		}
	}
	mine.get(link.URL + "/review").says("bild.jpg, ")
}

func TestResearchersGetTheFiles(t *testing.T) {
	w := filesWorld(t)
	b := w.startFiles(true)
	b.hand("upload", "photo", nil, "q.photo", "Astrid Exempel.jpg", gps(t, 30, 30))
	b.hand("go", "next", nil).hand("go", "next", nil, "q.cv", "cv.txt", []byte("Hej"))
	keys, err := secret.Load(filepath.Join(w.dir, "key"), false)
	if err != nil {
		t.Fatal(err)
	}
	out := release.New(w.store, keys, w.dir)
	ctx, researcher := context.Background(), access.Actor{Account: "R", Roles: map[string]access.Role{smartFactory: access.Researcher}}
	var archive bytes.Buffer
	if err := out.Uploads(ctx, w.now, researcher, smartFactory, 1, &archive); err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	if err != nil {
		t.Fatal(err)
	}
	answers := w.document(1).Answers
	var names []string
	for _, f := range r.File[1:] {
		names = append(names, f.Name)
		if !f.Modified.IsZero() && f.Modified.Year() > 1980 {
			t.Errorf("%s tells when it was handed in", f.Name)
		}
	}
	if r.File[0].Name != "README.txt" || len(names) != 2 || !strings.HasSuffix(names[0], "_cv_"+answers["cv"]) || !strings.HasSuffix(names[1], "_photo_"+answers["photo"]) {
		t.Errorf("the archive holds %v", names)
	}
	if bytes.Contains(archive.Bytes(), []byte("Astrid")) {
		t.Error("the archive has the name that the file had")
	}
	if err := out.Uploads(ctx, w.now, access.Actor{Account: "A", Roles: map[string]access.Role{smartFactory: access.Admin}}, smartFactory, 1, io.Discard); err == nil {
		t.Error("an admin got the files")
	}
	if err := w.store.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.AuditRows(smartFactory, 1)
		if len(rows) != 1 || rows[0].Action != "data.download" || rows[0].Object != "uploads of wave 1, 2 files" {
			t.Errorf("the audit has %+v", rows)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var book bytes.Buffer
	if err := out.Workbook(ctx, w.now, researcher, smartFactory, "sv", &book, nil); err != nil {
		t.Fatal(err)
	}
}

func TestErasureTakesTheFiles(t *testing.T) {
	w := filesWorld(t)
	b := w.startFiles(true)
	b.hand("upload", "photo", nil, "q.photo", "bild.jpg", gps(t, 30, 30))
	v, err := w.field.Visit(context.Background(), w.now, strings.Split(b.url.Path, "/")[2])
	if err != nil {
		t.Fatal(err)
	}
	if err := w.field.Leave(context.Background(), w.now, v, fieldwork.LeaveErased); err != nil {
		t.Fatal(err)
	}
	if len(w.stored()) != 0 {
		t.Error("the file is still there")
	}
	b.hand("upload", "photo", nil, "q.photo", "bild.jpg", gps(t, 30, 30))
	if len(w.stored()) != 0 {
		t.Error("a page that was still open brought it back")
	}
}

func TestAFormFarTooLargeIsAnsweredWithAPage(t *testing.T) {
	w := filesWorld(t)
	b := w.startFiles(true)
	b.hand("go", "next", []string{"q.age", strings.Repeat("1", 3<<20)}).isAt(422, "/p/g").says("Svaret är inte sparat.")
}

func TestUploadOnAPhone(t *testing.T) {
	for name, options := range map[string][]browsertest.Option{"with scripts": {}, "without scripts": {browsertest.NoScript()}} {
		t.Run(name, func(t *testing.T) {
			w := filesWorld(t)
			link := w.invite(1)
			b := browsertest.Start(t, append(options, browsertest.Phone(390, 844), browsertest.Language("sv"))...)
			set, n := "file-"+strings.ReplaceAll(name, " ", "-"), 0
			file := filepath.Join(t.TempDir(), "bild.jpg")
			write(t, file, gps(t, 640, 480))
			b.Goto(link.URL)
			b.Follow(".acts .btn")
			shoot(b, set, &n, "empty")
			b.Files("#q-photo-i", file)
			b.Follow("button[name=upload]")
			b.WaitText("bild.jpg")
			shoot(b, set, &n, "stored")
			if b.Width() > 390 {
				t.Errorf("the page is %d px wide", b.Width())
			}
			program := filepath.Join(t.TempDir(), "semesterbild-fran-sommaren-i-Goteborg-med-hela-familjen.jpg")
			write(t, program, []byte("MZ\x90\x00 program"))
			b.Expect("422")
			b.Files("#q-photo-i", program)
			b.Fill("[name='q.age']", "44")
			b.Follow(".acts button[value=next]")
			b.WaitText("går inte att läsa")
			shoot(b, set, &n, "refused")
			if b.Width() > 390 {
				t.Errorf("the page with an error is %d px wide", b.Width())
			}
			b.Follow(".acts button[value=next]")
			b.Follow(".acts button[value=next]")
			b.Follow(".acts button[value=next]")
			shoot(b, set, &n, "review")
			if !strings.Contains(b.VisibleText(), "bild.jpg, ") {
				t.Errorf("the review lacks the file:\n%s", b.VisibleText())
			}
			b.Goto(link.URL + "/p/g")
			b.Follow("button[name=remove]")
			if len(w.stored()) != 0 || strings.Contains(b.VisibleText(), "bild.jpg") {
				t.Error("the file was not taken back")
			}
		})
	}
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
