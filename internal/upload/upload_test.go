package upload

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// picture is red at its left and blue at its right.
func picture(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{R: 255, A: 255}
			if x >= w/2 {
				c = color.NRGBA{B: 255, A: 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func asJPEG(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// photographed adds an Exif segment with an orientation and a place.
func photographed(data []byte, orientation uint16) []byte {
	tiff := []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	tiff = binary.BigEndian.AppendUint16(tiff, orientation)
	tiff = append(tiff, "\x00\x00\x00\x00\x00\x00GPSLatitude 57.7089 Canon"...)
	body := append([]byte("Exif\x00\x00"), tiff...)
	segment := binary.BigEndian.AppendUint16([]byte{0xFF, 0xE1}, uint16(len(body)+2))
	segment = append(segment, body...)
	comment := append([]byte{0xFF, 0xFE, 0, 18}, "taken by Astrid!"...)
	return append(append(append([]byte{0xFF, 0xD8}, segment...), comment...), data[2:]...)
}

func archive(t *testing.T, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.CreateHeader(&zip.FileHeader{Name: files[i], Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb is a PNG of some bytes that claims to be a picture of any size.
func bomb(w, h uint32) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h)
	head = append(head, 8, 6, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
}

func TestCheck(t *testing.T) {
	photo := asJPEG(t, picture(40, 20))
	program := []byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00 This program cannot be run in DOS mode.")
	var moving bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{color.Black, color.White})
	if err := gif.EncodeAll(&moving, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	heic := []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic and so on")
	word := archive(t, "[Content_Types].xml", "<x/>", "word/document.xml", "<x/>")
	pictures, documents := Rule{Accept: []string{"image/*"}}, Rule{Accept: []string{".pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}}
	for name, c := range map[string]struct {
		file  File
		rule  Rule
		fault string
		kind  string
	}{
		"a photo":                      {File{Name: "bild.jpg", Data: photo}, pictures, "", ".jpg"},
		"a photo named in capitals":    {File{Name: "IMG_0001.JPEG", Data: photo}, pictures, "", ".jpg"},
		"a photo without an ending":    {File{Name: "1000012345", Data: photo}, pictures, "", ".jpg"},
		"a JPEG that is named .png":    {File{Name: "skarmbild.png", Data: photo}, pictures, "", ".jpg"},
		"a screenshot":                 {File{Name: "s.png", Data: asPNG(t, picture(9, 9))}, pictures, "", ".png"},
		"a moving picture":             {File{Name: "a.gif", Data: moving.Bytes()}, pictures, "", ".png"},
		"nothing":                      {File{Name: "bild.jpg"}, pictures, Empty, ""},
		"a program as a picture":       {File{Name: "bild.jpg", Data: program}, pictures, Broken, ""},
		"a program as a document":      {File{Name: "cv.pdf", Data: program}, documents, Broken, ""},
		"a program as a text":          {File{Name: "cv.txt", Data: program}, Rule{}, Broken, ""},
		"a program by its own name":    {File{Name: "setup.exe", Data: program}, Rule{}, Type, ""},
		"a photo as a program":         {File{Name: "bild.exe", Data: photo}, pictures, Broken, ""},
		"a photo for a document":       {File{Name: "bild.jpg", Data: photo}, documents, Type, ""},
		"half a photo":                 {File{Name: "bild.jpg", Data: photo[:len(photo)/2]}, pictures, Broken, ""},
		"an iPhone's picture":          {File{Name: "IMG_1.HEIC", Data: heic}, pictures, Format, ""},
		"the same under another name":  {File{Name: "IMG_1.jpg", Data: heic}, pictures, Format, ""},
		"WebP":                         {File{Name: "a.webp", Data: []byte("RIFF\x00\x00\x00\x00WEBPVP8 ")}, pictures, Format, ""},
		"SVG with a script":            {File{Name: "a.svg", Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)}, pictures, Format, ""},
		"SVG as a photo":               {File{Name: "a.png", Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)}, pictures, Broken, ""},
		"HTML":                         {File{Name: "a.html", Data: []byte(`<script>alert(1)</script>`)}, Rule{}, Type, ""},
		"HTML as a PDF":                {File{Name: "a.pdf", Data: []byte(`<script>alert(1)</script>`)}, Rule{}, Broken, ""},
		"a bomb":                       {File{Name: "a.png", Data: bomb(60000, 60000)}, pictures, Pixels, ""},
		"PDF":                          {File{Name: "cv.pdf", Data: []byte("%PDF-1.7\n…")}, documents, "", ".pdf"},
		"Word":                         {File{Name: "cv.docx", Data: word}, documents, "", ".docx"},
		"Word with macros":             {File{Name: "cv.docx", Data: archive(t, "[Content_Types].xml", "", "word/document.xml", "", "word/vbaProject.bin", "x")}, documents, Broken, ""},
		"Excel as Word":                {File{Name: "cv.docx", Data: archive(t, "[Content_Types].xml", "", "xl/workbook.xml", "")}, documents, Broken, ""},
		"an archive":                   {File{Name: "a.zip", Data: archive(t, "a.exe", "MZ")}, Rule{}, Type, ""},
		"an archive as Word":           {File{Name: "a.docx", Data: archive(t, "a.exe", "MZ")}, documents, Broken, ""},
		"OpenDocument":                 {File{Name: "a.odt", Data: archive(t, "mimetype", "application/vnd.oasis.opendocument.text", "content.xml", "")}, Rule{}, "", ".odt"},
		"a text in Swedish":            {File{Name: "a.txt", Data: []byte("Hej på dig\r\n")}, Rule{}, "", ".txt"},
		"a text in an older encoding":  {File{Name: "a.csv", Data: []byte("n;\xe5\xe4\xf6\n")}, Rule{}, "", ".csv"},
		"too large":                    {File{Name: "a.txt", Data: bytes.Repeat([]byte("a"), 501)}, Rule{MostBytes: 500}, TooLarge, ""},
		"just not too large":           {File{Name: "a.txt", Data: bytes.Repeat([]byte("a"), 500)}, Rule{MostBytes: 500}, "", ".txt"},
		"too large to have been read":  {File{Name: "a.txt", Large: true}, Rule{}, TooLarge, ""},
		"large before it is scaled":    {File{Name: "a.jpg", Data: asJPEG(t, picture(900, 900))}, Rule{MostBytes: 2000, MaxPixels: 50}, "", ".jpg"},
		"too large after it is scaled": {File{Name: "a.jpg", Data: asJPEG(t, picture(900, 900))}, Rule{MostBytes: 300, MaxPixels: 50}, TooLarge, ""},
	} {
		kept, fault := Check(c.file, c.rule)
		if fault != c.fault || kept.Kind.Ending != c.kind {
			t.Errorf("%s: %q %q, want %q %q", name, kept.Kind.Ending, fault, c.kind, c.fault)
		}
		if fault != "" && kept.Data != nil {
			t.Errorf("%s: bytes of a refused file", name)
		}
	}
}

func TestPicturesTellNothingButThePicture(t *testing.T) {
	for orientation, want := range map[uint16]struct {
		w, h   int
		redAt  image.Point
		blueAt image.Point
	}{
		1: {40, 20, image.Pt(2, 10), image.Pt(37, 10)}, 2: {40, 20, image.Pt(37, 10), image.Pt(2, 10)},
		3: {40, 20, image.Pt(37, 10), image.Pt(2, 10)}, 4: {40, 20, image.Pt(2, 10), image.Pt(37, 10)},
		5: {20, 40, image.Pt(10, 2), image.Pt(10, 37)}, 6: {20, 40, image.Pt(10, 2), image.Pt(10, 37)},
		7: {20, 40, image.Pt(10, 37), image.Pt(10, 2)}, 8: {20, 40, image.Pt(10, 37), image.Pt(10, 2)},
	} {
		in := photographed(asJPEG(t, picture(40, 20)), orientation)
		if !bytes.Contains(in, []byte("GPSLatitude")) {
			t.Fatal("the picture of the test has no place")
		}
		kept, fault := Check(File{Name: "a.jpg", Data: in}, Rule{})
		if fault != "" {
			t.Fatalf("orientation %d: %s", orientation, fault)
		}
		for _, word := range []string{"Exif", "GPS", "57.7089", "Canon", "Astrid"} {
			if bytes.Contains(kept.Data, []byte(word)) {
				t.Errorf("orientation %d: %s is still in it", orientation, word)
			}
		}
		img, err := jpeg.Decode(bytes.NewReader(kept.Data))
		if err != nil {
			t.Fatal(err)
		}
		if b := img.Bounds(); b.Dx() != want.w || b.Dy() != want.h {
			t.Errorf("orientation %d: %v", orientation, b)
			continue
		}
		if r, _, blue, _ := img.At(want.redAt.X, want.redAt.Y).RGBA(); r < 0xC000 || blue > 0x4000 {
			t.Errorf("orientation %d: no red at %v", orientation, want.redAt)
		}
		if r, _, blue, _ := img.At(want.blueAt.X, want.blueAt.Y).RGBA(); r > 0x4000 || blue < 0xC000 {
			t.Errorf("orientation %d: no blue at %v", orientation, want.blueAt)
		}
	}
	in := asPNG(t, picture(8, 8))
	text := append([]byte("\x00\x00\x00\x0etEXtAuthor\x00Astrid!"), 0, 0, 0, 0)
	binary.BigEndian.PutUint32(text[len(text)-4:], crc32.ChecksumIEEE(text[4:len(text)-4]))
	kept, fault := Check(File{Name: "a.png", Data: append(append(append([]byte{}, in[:33]...), text...), in[33:]...)}, Rule{})
	if fault != "" || bytes.Contains(kept.Data, []byte("Astrid")) {
		t.Errorf("a PNG keeps its author: %q", fault)
	}
}

func TestScaling(t *testing.T) {
	for _, c := range []struct{ w, h, most, wantW, wantH int }{
		{4000, 3000, 1024, 1024, 768}, {300, 400, 1024, 300, 400}, {1000, 1, 100, 100, 1}, {7, 13, 5, 2, 5},
	} {
		for kind, data := range map[string][]byte{".jpg": asJPEG(t, picture(c.w, c.h)), ".png": asPNG(t, picture(c.w, c.h))} {
			kept, fault := Check(File{Name: "a" + kind, Data: data}, Rule{MaxPixels: c.most})
			size, _, err := image.DecodeConfig(bytes.NewReader(kept.Data))
			if fault != "" || err != nil || size.Width != c.wantW || size.Height != c.wantH {
				t.Errorf("%d×%d to %d: %d×%d %s %v", c.w, c.h, c.most, size.Width, size.Height, fault, err)
			}
		}
	}
	small := shrink(picture(1000, 500), 10)
	if r, g, b, a := small.At(0, 0).RGBA(); r>>8 != 255 || g != 0 || b != 0 || a>>8 != 255 {
		t.Errorf("the colours have changed: %d %d %d %d", r>>8, g>>8, b>>8, a>>8)
	}
}

func TestOrientationOfBrokenSegments(t *testing.T) {
	whole := photographed(asJPEG(t, picture(4, 4)), 6)
	for n := range whole {
		if got := orientation(whole[:n]); got != 1 && got != 6 {
			t.Errorf("cut after %d bytes: %d", n, got)
		}
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{
		`C:\pictures\bild.jpg`: "bild.jpg", "../../etc/passwd": "passwd", "a\x00b\r\n.jpg": "ab.jpg", "bild\u202Egpj.exe": "bildgpj.exe",
		strings.Repeat("å", 300) + ".jpg": strings.Repeat("å", 115) + "….jpg", "/": "", "": "",
	} {
		if got := CleanName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	if got := (Rule{Accept: []string{"image/*"}}).Attribute(); got != "image/jpeg,image/png,image/gif" {
		t.Error(got)
	}
	if got := (Rule{Accept: []string{".pdf", "text/plain"}}).Endings(); got != "pdf, txt" {
		t.Error(got)
	}
	if got := (Rule{Accept: []string{".exe", "video/*"}}).Kinds(); got != nil {
		t.Error(got)
	}
}
