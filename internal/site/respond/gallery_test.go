package respond_test

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"panelverk/internal/site/browsertest"
)

// TestGallery makes the pictures of .github/screenshots: every page of wave 4 in
// Swedish on a phone, light and dark. Where PANELVERK_SCREENSHOTS names a folder,
// its folder gallery gets them; else they are thrown away.
func TestGallery(t *testing.T) {
	to := shots
	if to == "" {
		to = t.TempDir()
	}
	w := newWorld(t, wave4)
	b := browsertest.Start(t, browsertest.Phone(390, 844), browsertest.Language("sv"))
	n := 0
	take := func(page string) {
		n++
		b.Evaluate(`(document.activeElement.blur(), scrollTo(0, 0), "")`)
		for theme, dark := range map[string]bool{"light": false, "dark": true} {
			b.Theme(dark)
			path := filepath.Join(to, "gallery", fmt.Sprintf("%02d-%s-%s.png", n, strings.TrimPrefix(page, "p_"), theme))
			b.Screenshot(path)
			shrink(t, path)
		}
	}
	b.Goto(w.invite(4).URL)
	take("start")
	b.Check("#consent")
	b.Follow(".acts .btn")
	for !strings.Contains(b.URL(), "/review") {
		if n > 40 {
			t.Fatalf("no review after %d pages; at %s", n, b.URL())
		}
		for before := ""; before != questions(b); {
			before = questions(b)
			answerPage(b)
		}
		take(b.URL()[strings.LastIndex(b.URL(), "/")+1:])
		b.Evaluate(`document.getElementById("sheet").dataset.old = "1"`)
		b.Click(".acts button[value=next]")
		b.WaitUntil("another page", func() bool { return b.Count("#sheet[data-old]") == 0 && b.Count("footer") == 1 })
	}
	take("review")
	b.Click(".acts .btn")
	b.WaitText("Tack! Dina svar är inskickade.")
	take("thanks")
}

// shrink writes a picture again in the 64 colours that it has most of: a page
// has few, and what lies between them is the edges of letters.
func shrink(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := png.Decode(f)
	f.Close()
	if err != nil {
		t.Fatal(err)
	}
	often, box := map[color.Color]int{}, whole.Bounds()
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			often[whole.At(x, y)]++
		}
	}
	palette := slices.SortedFunc(maps.Keys(often), func(a, b color.Color) int { return cmp.Compare(often[b], often[a]) })
	small := image.NewPaletted(box, palette[:min(64, len(palette))])
	draw.Draw(small, box, whole, box.Min, draw.Src)
	f, err = os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, small); err != nil {
		t.Fatal(err)
	}
}
