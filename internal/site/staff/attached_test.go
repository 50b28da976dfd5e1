package staff_test

import (
	"archive/zip"
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
)

func png1(t *testing.T, w int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, 4))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, data := range files {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// submit posts a form with fields (name, value) and files (field, name, content).
func (c *client) submit(path string, fields []string, files ...any) answered {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			c.t.Fatal(err)
		}
	}
	for i := 0; i+2 < len(files); i += 3 {
		part, err := form.CreateFormFile(files[i].(string), files[i+1].(string))
		if err == nil {
			_, err = part.Write(files[i+2].([]byte))
		}
		if err != nil {
			c.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		c.t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, c.server.URL+"/staff"+path, &body)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	return c.do(r)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(name|number|data|pack)" value="([^"]*)">`)

// carriedFields gives the fields that a page carries.
func carriedFields(a answered) []string {
	var out []string
	for _, m := range hiddenField.FindAllStringSubmatch(a.body, -1) {
		out = append(out, m[1], strings.ReplaceAll(m[2], "&#43;", "+"))
	}
	return out
}

func TestPublishWithAttachedFiles(t *testing.T) {
	w := newWorld(t)
	c := w.as(access.Owner)
	form := []byte("| survey |\n| | type | name | label::Svenska (sv) | label::English (en) | label::Deutsch (de) | label::Srpski (sr-Latn) | label::Српски (sr-Cyrl) | label::Українська (uk) | label::Kiswahili (sw) | image |\n" +
		"| | select_one_from_file towns.csv | town | Var? | Where? | Wo? | Gde? | Где? | Де? | Wapi? | map.png |\n| | image | photo | Bild | Picture | Bild | Slika | Слика | Малюнок | Picha | logo.png |\n")
	other := "/s/" + key + "/questionnaires/extra/next"
	if _, err := w.field.Publish(ctx, w.now, access.CommandLine(), fieldwork.Publication{Study: key, Key: "extra", Number: 1, FileName: "extra.md", Data: form,
		Files: map[string][]byte{"map.png": png1(t, 4), "logo.png": png1(t, 5), "towns.csv": []byte("name,label\ngbg,Göteborg\n")}}); err != nil {
		t.Fatal(err)
	}
	c.get(other).has(t, "Lämna in extra v2", "behöver inte lämnas in igen", "logo.png", "map.png", "towns.csv")

	// The next version wants one more file; the others are taken from the first.
	more := append(bytes.Clone(form), "| | note | n | N | N | N | N | N | N | N | new.png |\n"...)
	a := c.submit(other, nil, "file", "extra.md", more)
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("a file is missing: %d", a.status)
	}
	a.has(t, "survey!J4", "new.png", "saknas", "som i extra v1", "Lägg till filerna")
	a = c.submit(other, carriedFields(a), "files", "extra.v2.new.png", []byte("<script>alert(1)</script>"))
	a.has(t, "måste rättas först", "survey!J4")
	a = c.submit(other, nil, "file", "extra.md", more, "files", "all.zip", []byte("PK no archive"))
	a.has(t, "Zip-filen går inte att läsa")
	a = c.submit(other, nil, "file", "extra.md", more, "files", "all.zip", zipped(t, map[string][]byte{"media/new.png": png1(t, 6), "map.png": png1(t, 7)}))
	a.has(t, "inlämnad nu", "som i extra v1")
	if a = c.submit(other+"/publish", carriedFields(a)); a.status != http.StatusSeeOther {
		t.Fatalf("publish: %d %s", a.status, text(a.body))
	}
	files, err := w.field.VersionFiles(ctx, access.CommandLine(), key, "extra", 2)
	if err != nil || len(files) != 4 || !bytes.Equal(files["new.png"], png1(t, 6)) || !bytes.Equal(files["map.png"], png1(t, 7)) || !bytes.Equal(files["logo.png"], png1(t, 5)) {
		t.Errorf("%d files are stored, %v", len(files), err)
	}
	if page := c.get("/s/" + key + "/questionnaires/extra/2/print"); strings.Count(page.body, `<img src="data:image/png;base64,`) != 21 {
		t.Errorf("%d pictures are printed", strings.Count(page.body, "<img"))
	}

	// A whole archive in place of the form.
	c.submit(other, nil, "file", "extra.zip", zipped(t, map[string][]byte{"extra.v3/extra.md": more, "extra.v3/map.png": png1(t, 8)})).has(t, "inlämnad nu", "som i extra v2")
	c.submit(other, nil, "file", "extra.md", more, "files", "huge.png", make([]byte, 20_000_001)).has(t, "Filerna är för stora")
}

func TestNobodyHandedInAFile(t *testing.T) {
	w := newWorld(t)
	c := w.as(access.Researcher)
	c.get("/s/"+key+"/data").lacks(t, "Filer från deltagarna")
	c.submit("/s/"+key+"/data/uploads", []string{"wave", "3"}).has(t, "Kryssa i rutan")
	c.submit("/s/"+key+"/data/uploads", []string{"wave", "3", "agreed", "1"}).has(t, "Ingen har lämnat någon fil i den omgången.")
}
