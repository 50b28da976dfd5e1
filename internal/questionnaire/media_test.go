package questionnaire

import (
	"bytes"
	"strings"
	"testing"
)

const aPNG = "\x89PNG\r\n\x1a\n and so on"

func TestAttachedMedia(t *testing.T) {
	for name, c := range map[string]struct {
		column, file, data, want string
	}{
		"a picture":                 {"image", "a.png", aPNG, ""},
		"a photo":                   {"image", "a.JPG", "\xFF\xD8\xFF\xE0 and so on", ""},
		"sound":                     {"audio", "a.mp3", "ID3\x04 and so on", ""},
		"sound without a head":      {"audio", "a.mp3", "\xFF\xFB\x90\x44", ""},
		"film":                      {"video", "a.mp4", "\x00\x00\x00\x18ftypmp42\x00\x00", ""},
		"WebM":                      {"video", "a.webm", "\x1A\x45\xDF\xA3 and so on", ""},
		"SVG":                       {"image", "a.svg", "<svg><script>alert(1)</script></svg>", "bad_media"},
		"a page":                    {"image", "a.html", "<script>alert(1)</script>", "bad_media"},
		"a page as a picture":       {"image", "a.png", "<script>alert(1)</script>", "bad_media"},
		"sound as a picture":        {"image", "a.mp3", "ID3\x04", "bad_media"},
		"a picture as sound":        {"audio", "a.png", aPNG, "bad_media"},
		"nothing":                   {"image", "a.png", "", "bad_media"},
		"more than a network bears": {"image", "a.png", aPNG + strings.Repeat("x", 5_000_000), "media_size"},
	} {
		book, _ := ReadMarkdown("| survey |\n| | type | name | label | " + c.column + " |\n| | note | n | N | " + c.file + " |\n")
		book.Attach(c.file, []byte(c.data))
		q, ps := Compile(book)
		if codes(ps) != c.want {
			t.Errorf("%s: %v", name, ps)
		}
		if c.want != "" {
			if len(ps) != 1 || ps[0].Row != 2 || ps[0].Column != c.column || q != nil {
				t.Errorf("%s: %v", name, ps)
			}
			continue
		}
		other, _ := ReadMarkdown(book.Markdown())
		if len(other.Lacks()) != 1 || other.Hash() != q.Hash || !other.Agrees(c.file, []byte(c.data)) || other.Agrees(c.file, []byte(c.data+"!")) {
			t.Errorf("%s: a book that was written and read again lacks %v", name, other.Lacks())
		}
		if _, ps := Compile(other); codes(Demand(ps)) != "missing_file" || len(ps.Errors()) != 1 {
			t.Errorf("%s: without its bytes: %v", name, ps)
		}
	}
}

func TestLacks(t *testing.T) {
	book, _ := ReadMarkdown("| survey |\n| | type | name | label | image |\n| | select_one_from_file towns.csv | n | N | a.png |\n")
	if got := strings.Join(book.Lacks(), " "); got != "a.png towns.csv" {
		t.Error(got)
	}
	book.Attach("towns.csv", []byte("name,label\ngbg,Göteborg\n"))
	other, _ := ReadMarkdown(book.Markdown())
	if got := strings.Join(other.Lacks(), " "); got != "a.png" {
		t.Error(got)
	}
}

func TestPrintedPictures(t *testing.T) {
	book, _ := ReadMarkdown(`
| survey |
| | type | name | label | image | big-image | audio |
| | select_one c | q | Which? | a.png | big.png | s.mp3 |
| choices |
| | list_name | name | label | image |
| | c | x | X <y> | a.png |
`)
	files := map[string][]byte{"a.png": []byte(aPNG), "big.png": []byte(aPNG + "big"), "s.mp3": []byte("ID3\x04")}
	for name, data := range files {
		book.Attach(name, data)
	}
	q, ps := Compile(book)
	if q == nil {
		t.Fatal(ps)
	}
	var out bytes.Buffer
	if err := q.Print(&out, "x", files); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, want := range []string{`<img src="data:image/png;base64,`, `alt="Which?"`, `alt="X &lt;y&gt;"`, "Shown: s.mp3"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Count(page, "<img") != 2 {
		t.Errorf("%d pictures", strings.Count(page, "<img"))
	}
}
