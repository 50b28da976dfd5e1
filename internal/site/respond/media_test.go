package respond_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"panelverk/internal/site/browsertest"
)

const mediaForm = `
| survey |
| | type | name | label::Svenska (sv) | label::English (en) | image | big-image | audio | video::Svenska (sv) | appearance |
| | select_one fruit | best | Vilken frukt är godast? | Which fruit is best? | bowl.png | bowl-big.png | sound.mp3 | | |
| | select_one fruit | mini | Och i en lista? | And in a list? | | | | | minimal |
| | note | film | Se filmen. | See the film. | | | | film.mp4 | |

| choices |
| | list_name | name | label::Svenska (sv) | label::English (en) | image |
| | fruit | apple | Äpple | Apple | apple.png |
| | fruit | pear | | | pear.png |

| settings |
| | form_title | default_language |
| | Frukt | Svenska (sv) |
`

// drawn is a picture of one colour.
func drawn(t *testing.T, w, h int, c color.Color) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func mediaWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, study: smartFactory, now: wave3, dir: t.TempDir(), server: httptest.NewServer(nil)}
	t.Cleanup(w.server.Close)
	w.open()
	red, green := color.RGBA{R: 200, A: 255}, color.RGBA{G: 160, A: 255}
	w.apply(fstest.MapFS{"study.yaml": {Data: []byte(fileStudy)}, "core.v1.md": {Data: []byte(mediaForm)},
		"core.v1.bowl.png": {Data: drawn(t, 1600, 800, red)}, "core.v1.bowl-big.png": {Data: drawn(t, 2400, 1200, red)},
		"core.v1.sound.mp3": {Data: []byte("ID3\x04\x00 sound")}, "core.v1.film.mp4": {Data: []byte("\x00\x00\x00\x18ftypmp42\x00\x00 film")},
		"core.v1.apple.png": {Data: drawn(t, 300, 300, red)}, "core.v1.pear.png": {Data: drawn(t, 300, 300, green)}})
	return w
}

func TestMediaUnderALink(t *testing.T) {
	w := mediaWorld(t)
	link := w.invite(1)
	b := w.browser(true).get(link.URL).press("go", "start").isAt(200, "/p/best")
	at := regexp.MustCompile(`src="(\.\./media/[0-9a-f]{16}/bowl\.png)" alt="Vilken frukt är godast\?"`).FindStringSubmatch(b.body)
	if at == nil || !strings.Contains(b.body, `bowl-big.png" target="_blank"`) || !strings.Contains(b.body, `<audio controls preload="none"`) ||
		!strings.Contains(b.body, `apple.png" alt=""`) || !strings.Contains(b.body, `pear.png" alt="pear"`) {
		t.Fatalf("the page:\n%s", b.body)
	}
	address, _ := b.url.Parse(at[1])
	resp, err := b.client.Get(address.String())
	if err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if !bytes.Equal(got, drawn(t, 1600, 800, color.RGBA{R: 200, A: 255})) || resp.Header.Get("Content-Type") != "image/png" ||
		resp.Header.Get("Cache-Control") != "private, max-age=31536000, immutable" || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%d bytes, %v", len(got), resp.Header)
	}
	r, _ := http.NewRequest(http.MethodGet, strings.Replace(address.String(), "bowl.png", "film.mp4", 1), nil)
	r.Header.Set("Range", "bytes=4-7")
	if resp, err = b.client.Do(r); err != nil {
		t.Fatal(err)
	}
	got, _ = io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusPartialContent || string(got) != "ftyp" || resp.Header.Get("Content-Type") != "video/mp4" {
		t.Errorf("a part of the film: %d %q %v", resp.StatusCode, got, resp.Header)
	}
	for _, wrong := range []string{
		strings.Replace(address.String(), "bowl.png", "study.yaml", 1), strings.Replace(address.String(), "bowl.png", "core.v1.md", 1),
		regexp.MustCompile(`media/[0-9a-f]{16}`).ReplaceAllString(address.String(), "media/0123456789abcdef"),
		strings.Replace(address.String(), "/s/", "/s/x", 1),
	} {
		if b.get(wrong); b.status != http.StatusNotFound {
			t.Errorf("%s: %d", wrong, b.status)
		}
	}
	b.get(link.URL+"/p/best").next("q.best", "pear").isAt(200, "/p/mini")
	if strings.Contains(b.body, "<select") {
		t.Error("pictures in a drop-down list")
	}
	b.next("q.mini", "apple").isAt(200, "/p/film")
	b.get(link.URL + "/p/film?lang=en")
	if !strings.Contains(b.body, `<video controls playsinline preload="none" src="../media/`) {
		t.Errorf("no film of the default language:\n%s", b.body)
	}
}

func TestPicturesOnAPhone(t *testing.T) {
	for width, name := range map[int]string{390: "phone", 1280: "desk"} {
		w := mediaWorld(t)
		link := w.invite(1)
		b := browsertest.Start(t, browsertest.Phone(width, 844), browsertest.Language("sv"))
		n := 0
		b.Goto(link.URL)
		b.Follow(".acts .btn")
		b.WaitUntil("the pictures are there", func() bool {
			return b.Evaluate(`String([...document.images].every((i) => i.complete && i.naturalWidth > 0))`) == "true"
		})
		shoot(b, "media-"+name, &n, "choices")
		if b.Width() > width {
			t.Errorf("%s: the page is %d px wide", name, b.Width())
		}
		b.Check("input[value=pear]")
		b.Follow(".acts button[value=next]")
		b.Check("input[value=apple]")
		b.Follow(".acts button[value=next]")
		shoot(b, "media-"+name, &n, "film")
		if b.Width() > width {
			t.Errorf("%s: the film's page is %d px wide", name, b.Width())
		}
	}
}
