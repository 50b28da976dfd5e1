package sav

import (
	"bufio"
	"encoding/binary"
	"math"
	"strconv"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
)

// The codes of the compression: one byte for each element of eight, in blocks
// of eight codes, which are followed by the elements that have no code of
// their own. 1 … 251 are the whole numbers −99 … 151.
const (
	codeFill    = 0 // nothing: the last block is filled up with it
	codeBias    = 100
	codeMost    = 251
	codeEnd     = 252
	codeLiteral = 253
	codeBlank   = 254
	codeMissing = 255
)

// number is a number as it is packed: a code, and where that is codeLiteral its bytes.
type number struct {
	code byte
	bits uint64
}

func encode(n float64) number {
	if n == systemMissing {
		return number{code: codeMissing}
	}
	if n >= 1-codeBias && n <= codeMost-codeBias {
		if i := int(n); float64(i) == n {
			return number{code: byte(i + codeBias)} //nolint:gosec // 1 … 251
		}
	}
	return number{codeLiteral, math.Float64bits(n)}
}

// packer packs cases. The writer below keeps the first error.
type packer struct {
	w     *bufio.Writer
	codes [8]byte
	n     int // of the codes
	block []byte
}

func (p *packer) put(code byte) {
	p.codes[p.n] = code
	if p.n++; p.n == len(p.codes) {
		_, _ = p.w.Write(p.codes[:]) // Flush gives the error
		_, _ = p.w.Write(p.block)
		p.n, p.block = 0, p.block[:0]
	}
}

func (p *packer) number(n number) {
	if n.code == codeLiteral {
		p.block = binary.LittleEndian.AppendUint64(p.block, n.bits)
	}
	p.put(n.code)
}

// end fills the last block.
func (p *packer) end() {
	for p.n > 0 {
		p.put(codeFill)
	}
}

// The calendar of SPSS counts seconds from 1582-10-14.
const (
	daySeconds = 24 * 60 * 60
	epoch      = 141428 * daySeconds // of 1970-01-01
)

func (p *packer) row(l *layout, cells []dataset.Cell) {
	for i := range cells {
		cell, c := &cells[i], &l.columns[i]
		switch {
		case c.width > 0:
			p.text(c, cell.Text)
		case cell.Missing != 0:
			p.number(c.missing[-cell.Missing])
		case cell.Kind == dataset.Date:
			p.number(encode(cell.Number*daySeconds + epoch))
		case cell.Kind == dataset.DateTime:
			p.number(encode(cell.Number/1000 + epoch))
		default:
			p.number(encode(cell.Number))
		}
	}
}

const blanks = "        "

// text packs a text into the segments of its variable, 255 bytes into each.
func (p *packer) text(c *column, s string) {
	if len(s) > maxText {
		s = cut(s)
	}
	for _, segment := range c.segments {
		part := s[:min(len(s), maxSegment)]
		s = s[len(part):]
		for range elements(segment.width) {
			eight := part[:min(len(part), 8)]
			part = part[len(eight):]
			if eight == blanks[:len(eight)] {
				p.put(codeBlank)
				continue
			}
			p.block = append(append(p.block, eight...), blanks[len(eight):]...)
			p.put(codeLiteral)
		}
	}
}

// cut makes a text fit that is longer than any variable: it says at its end how
// long it was.
func cut(s string) string {
	tail := " [" + strconv.Itoa(len(s)) + "]"
	return export.Fit(s, maxText-len(tail), export.Bytes) + tail
}
