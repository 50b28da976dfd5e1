package xlsx

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"compress/flate"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"slices"
)

// pack takes the parts of a workbook in any order and writes them as a zip in
// one order. The workbook library hands over the sheets in the order of a map,
// and would hold the whole file in memory: here every part is compressed into
// a temporary file first, so that the same input gives the same bytes and
// memory stays flat.
type pack struct {
	out     io.Writer
	file    *os.File
	buffer  *bufio.Writer
	at      int64
	deflate *flate.Writer
	open    *entry
	entries []*entry
	rows    map[string]*rows // of sheets, by the part that the sheet is
	held    []byte           // of such a part
}

type entry struct {
	name         string
	start        int64
	packed, size int64
	crc          uint32
}

func newPack(out io.Writer, tempDir string) (*pack, error) {
	file, err := os.CreateTemp(tempDir, "workbook-")
	if err != nil {
		return nil, err
	}
	p := &pack{out: out, file: file, rows: map[string]*rows{}}
	p.buffer = bufio.NewWriterSize(file, 1<<16)
	// Fast compression: a sheet is long and repeats itself, and a slower level
	// would take more time than all the rest for a tenth of the size.
	if p.deflate, err = flate.NewWriter(counter{p}, flate.BestSpeed); err != nil {
		return nil, errors.Join(err, p.remove())
	}
	return p, nil
}

// remove deletes the temporary files.
func (p *pack) remove() error {
	err := errors.Join(p.file.Close(), os.Remove(p.file.Name()))
	for _, r := range p.rows {
		err = errors.Join(err, r.remove())
	}
	return err
}

// counter is where compressed bytes go.
type counter struct{ p *pack }

func (c counter) Write(b []byte) (int, error) {
	n, err := c.p.buffer.Write(b)
	c.p.at += int64(n)
	return n, err
}

// compressor adds to the part that is open, past what is held.
type compressor struct{ p *pack }

func (c compressor) Write(b []byte) (int, error) { return c.p.compress(b) }

// Write adds to the part that is open. A sheet whose rows lie elsewhere is held
// until it is whole; it has its header alone.
func (p *pack) Write(b []byte) (int, error) {
	if p.rows[p.open.name] != nil {
		p.held = append(p.held, b...)
		return len(b), nil
	}
	return p.compress(b)
}

func (p *pack) compress(b []byte) (int, error) {
	n, err := p.deflate.Write(b)
	p.open.crc = crc32.Update(p.open.crc, crc32.IEEETable, b[:n])
	p.open.size += int64(n)
	return n, err
}

// Create ends the part that is open and begins the next.
func (p *pack) Create(name string) (io.Writer, error) {
	if err := p.finish(); err != nil {
		return nil, err
	}
	p.open = &entry{name: name, start: p.at}
	p.deflate.Reset(counter{p})
	return p, nil
}

func (p *pack) finish() error {
	if p.open == nil {
		return nil
	}
	if r := p.rows[p.open.name]; r != nil {
		head, tail, found := bytes.Cut(p.held, []byte("</sheetData>"))
		if !found {
			return errors.New("xlsx: a sheet has no rows")
		}
		w := compressor{p}
		_, first := w.Write(head)
		middle := r.copy(w)
		_, last := w.Write(append([]byte("</sheetData>"), tail...))
		if err := errors.Join(first, middle, last); err != nil {
			return err
		}
		p.held = p.held[:0]
	}
	if err := p.deflate.Close(); err != nil {
		return err
	}
	p.open.packed = p.at - p.open.start
	p.entries = append(p.entries, p.open)
	p.open = nil
	return nil
}

// AddFS belongs to the library's interface; nothing of ours comes from a file system.
func (p *pack) AddFS(fs.FS) error { return errors.ErrUnsupported }

// Close writes the zip: the list of content types first, as readers expect,
// then the rest by name.
func (p *pack) Close() error {
	if err := p.finish(); err != nil {
		return err
	}
	if err := p.buffer.Flush(); err != nil {
		return err
	}
	first := func(name string) int {
		switch name {
		case "[Content_Types].xml":
			return 0
		case "_rels/.rels":
			return 1
		}
		return 2
	}
	slices.SortFunc(p.entries, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(first(a.name), first(b.name)), cmp.Compare(a.name, b.name))
	})
	z := zip.NewWriter(p.out)
	for _, e := range p.entries {
		w, err := z.CreateRaw(&zip.FileHeader{
			Name: e.name, Method: zip.Deflate, CRC32: e.crc,
			CompressedSize64: uint64(e.packed), UncompressedSize64: uint64(e.size), //nolint:gosec // sizes are not negative
		})
		if err != nil {
			return err
		}
		if _, err := io.Copy(w, io.NewSectionReader(p.file, e.start, e.packed)); err != nil {
			return err
		}
	}
	return z.Close()
}
