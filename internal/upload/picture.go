package upload

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif" // the format is read
	"image/jpeg"
	"image/png"
)

// Decoding a picture takes four bytes a pixel and more, and a file of some
// kilobytes can claim any size. So the size is read first, and few pictures are
// decoded at a time.
const (
	mostPixels  = 50_000_000 // what the largest telephones of 2025 take
	jpegQuality = 90
)

var decoding = make(chan struct{}, 2)

// redraw decodes a picture, turns it as its camera was held, scales it so that
// the longer edge has at most so many pixels (0: as it is) and writes it anew:
// JPEG as JPEG, others as PNG. Of an animation the first frame stays.
func redraw(data []byte, maxPixels int) (Kept, string) {
	size, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || size.Width < 1 || size.Height < 1 {
		return Kept{}, Broken
	}
	most := int64(mostPixels)
	switch size.ColorModel {
	case color.NRGBA64Model, color.RGBA64Model, color.Gray16Model:
		most /= 2
	}
	if int64(size.Width)*int64(size.Height) > most {
		return Kept{}, Pixels
	}
	decoding <- struct{}{}
	defer func() { <-decoding }()
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return Kept{}, Broken
	}
	if maxPixels > 0 {
		img = shrink(img, maxPixels)
	}
	var out bytes.Buffer
	if format == "jpeg" {
		err = jpeg.Encode(&out, turn(img, orientation(data)), &jpeg.Options{Quality: jpegQuality})
	} else {
		format, err = "png", png.Encode(&out, img)
	}
	if err != nil {
		return Kept{}, Broken
	}
	kind, _ := byEnding("." + map[string]string{"jpeg": "jpg", "png": "png"}[format])
	return Kept{Kind: kind, Data: out.Bytes()}, ""
}

// shrink scales a picture down so that its longer edge has at most so many
// pixels; each pixel is the mean of those that it stands for. It holds a few
// rows of the large picture at a time.
func shrink(img image.Image, most int) image.Image {
	from := img.Bounds()
	w, h := from.Dx(), from.Dy()
	longer := max(w, h)
	if longer <= most {
		return img
	}
	out := image.NewNRGBA(image.Rect(0, 0, max(1, w*most/longer), max(1, h*most/longer)))
	width, height := out.Bounds().Dx(), out.Bounds().Dy()
	band := image.NewRGBA(image.Rect(0, 0, w, h/height+2))
	for y := range height {
		top, bottom := y*h/height, max((y+1)*h/height, y*h/height+1)
		rows := image.Rect(0, 0, w, bottom-top)
		draw.Draw(band, rows, img, image.Pt(from.Min.X, from.Min.Y+top), draw.Src)
		for x := range width {
			left, right := x*w/width, max((x+1)*w/width, x*w/width+1)
			out.Set(x, y, mean(band, left, right, bottom-top))
		}
	}
	return out
}

// mean gives the mean colour of the pixels in columns [left, right) of the
// first rows.
func mean(band *image.RGBA, left, right, rows int) color.RGBA {
	var sum [4]int
	for y := range rows {
		at := band.PixOffset(left, y)
		for p := at; p < at+4*(right-left); p += 4 {
			sum[0] += int(band.Pix[p])
			sum[1] += int(band.Pix[p+1])
			sum[2] += int(band.Pix[p+2])
			sum[3] += int(band.Pix[p+3])
		}
	}
	n := rows * (right - left)
	return color.RGBA{R: uint8(sum[0] / n), G: uint8(sum[1] / n), B: uint8(sum[2] / n), A: uint8(sum[3] / n)} //nolint:gosec // means of bytes are bytes
}

// turn gives the picture as it is to be looked at. The orientations are those
// of Exif 2.3, tag 0x0112: 1 upright, 2 mirrored, 3 on its head, 4 both, 5 to 8
// the same lying on the side.
func turn(img image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return img
	}
	from := img.Bounds()
	w, h := from.Dx(), from.Dy()
	upright := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(upright, upright.Bounds(), img, from.Min, draw.Src)
	to := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		to = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(to)
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch orientation {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			a, b := out.PixOffset(tx, ty), upright.PixOffset(x, y)
			copy(out.Pix[a:a+4], upright.Pix[b:b+4])
		}
	}
	return out
}

// orientation reads how the camera was held from a JPEG's Exif segment: 1 to
// 8, 1 where it does not say. The segments of JPEG: a marker FF xx, two bytes of
// length that count themselves.
func orientation(data []byte) int {
	for at := 2; at+4 <= len(data) && data[at] == 0xFF && data[at+1] != 0xDA; {
		length := int(binary.BigEndian.Uint16(data[at+2:]))
		if length < 2 || at+2+length > len(data) {
			return 1
		}
		segment := data[at+4 : at+2+length]
		if tiff, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00")); ok && data[at+1] == 0xE1 {
			return orientationIn(tiff)
		}
		at += 2 + length
	}
	return 1
}

// orientationIn reads the tag from the first directory of a TIFF header.
func orientationIn(tiff []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(tiff) < 8:
		return 1
	case string(tiff[:2]) == "MM":
		order = binary.BigEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := int64(order.Uint16(tiff[at:]))
	for i := range entries {
		entry := at + 2 + 12*i
		if entry+12 > int64(len(tiff)) {
			return 1
		}
		if order.Uint16(tiff[entry:]) == 0x0112 {
			return int(order.Uint16(tiff[entry+8:]))
		}
	}
	return 1
}
