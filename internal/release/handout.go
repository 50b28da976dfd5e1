package release

import (
	"archive/zip"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/secret"
	"panelverk/internal/store"
)

// metadataName is where a package holds what WriteMetadata wrote.
const metadataName = "docs/metadata.json"

// goingOn is for how long whoever has begun to fetch a file may fetch the rest of
// it, and parts of it, as the same download.
const goingOn = time.Hour

var (
	errNoFile   = fault.New(fault.NotFound, "release_file_not_found", "The release holds no such file.")
	errBadBytes = errors.New("the stored release ends before its end")
)

// Handout is a frozen release with the data files of its package.
type Handout struct {
	store.Release
	Files []HandoutFile // sorted by their names
}

// HandoutFile is a file of data in a package.
type HandoutFile struct {
	Name   string // its path in the bag: "data/study_long.csv"
	Table  string // "long", "wide", the name of a repeat; "" where it holds them all, or describes them
	Format string // its ending: "csv"
	Size   int64
	SHA256 string // hex
}

// Handouts gives the releases of a study that can be fetched, the newest first:
// frozen, and not taken away.
func (s *Service) Handouts(ctx context.Context, actor access.Actor, studyKey string) ([]store.Release, error) {
	all, err := s.Releases(ctx, actor, studyKey)
	return slices.DeleteFunc(all, func(r store.Release) bool { return r.State != store.ReleaseFrozen || !r.TakenAt.IsZero() }), err
}

// Handout gives one of Handouts with its files. Others, and those that are not
// there, give NotFound.
func (s *Service) Handout(ctx context.Context, actor access.Actor, studyKey string, number int) (*Handout, error) {
	h, _, err := s.handout(ctx, actor, studyKey, number)
	return h, err
}

func (s *Service) handout(ctx context.Context, actor access.Actor, studyKey string, number int) (*Handout, *zip.Reader, error) {
	if err := actor.May(access.ReleaseView, studyKey); err != nil {
		return nil, nil, err
	}
	h := &Handout{}
	if err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		h.Release, err = stored(tx, studyKey, number)
		return err
	}); err != nil {
		return nil, nil, err
	}
	archive, err := zip.NewReader(&storedBytes{ctx: ctx, service: s, release: h.Release}, h.Size)
	if err != nil {
		return nil, nil, err
	}
	sizes := map[string]int64{}
	for _, f := range archive.File {
		_, name, _ := strings.Cut(f.Name, "/")
		sizes[name] = int64(f.UncompressedSize64)
	}
	for lines := bufio.NewScanner(strings.NewReader(h.Manifest)); lines.Scan(); {
		sum, name, _ := strings.Cut(lines.Text(), "  ")
		f := HandoutFile{Name: name, Format: strings.TrimPrefix(path.Ext(name), "."), Size: sizes[name], SHA256: sum}
		if stem := strings.TrimSuffix(path.Base(name), path.Ext(name)); f.Format != "json" {
			f.Table, _ = strings.CutPrefix(stem, studyKey+"_")
			if f.Table == stem {
				f.Table = "" // the workbook
			}
		}
		h.Files = append(h.Files, f)
	}
	return h, archive, nil
}

// Description gives what WriteMetadata wrote of a release when it was frozen.
func (s *Service) Description(ctx context.Context, actor access.Actor, studyKey string, number int) ([]byte, error) {
	_, archive, err := s.handout(ctx, actor, studyKey, number)
	if err != nil {
		return nil, err
	}
	f, err := within(archive, metadataName)
	if err != nil {
		return nil, err
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(r)
	return text, errors.Join(err, r.Close())
}

// Open gives a data file of a release, by its path in the bag. Nothing is handed
// out before the first Read: it notes the download, and audits it, and fails where
// that fails. Who reads on, from another place than the beginning, within an hour
// of a download by the same account, makes no other one.
func (s *Service) Open(ctx context.Context, now time.Time, actor access.Actor, studyKey string, number int, name string) (io.ReadSeekCloser, error) {
	if err := actor.May(access.ReleaseDownload, studyKey); err != nil {
		return nil, err
	}
	h, archive, err := s.handout(ctx, actor, studyKey, number)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(h.Files, func(f HandoutFile) bool { return f.Name == name }) {
		return nil, errNoFile
	}
	f, err := within(archive, name)
	if err != nil {
		return nil, err
	}
	note := func(fromStart bool) error {
		return s.handedOut(ctx, now, actor, studyKey, number, path.Base(name), fromStart)
	}
	return &handedFile{file: f, size: int64(f.UncompressedSize64), note: note}, nil
}

// within finds a file of a bag.
func within(archive *zip.Reader, name string) (*zip.File, error) {
	for _, f := range archive.File {
		if _, inBag, _ := strings.Cut(f.Name, "/"); inBag == name {
			return f, nil
		}
	}
	return nil, errNoFile
}

// handedOut notes who is in a release that is about to be handed out, whole ("")
// or one file of it, and audits it. anew tells that it is no going on.
func (s *Service) handedOut(ctx context.Context, now time.Time, actor access.Actor, studyKey string, number int, file string, anew bool) error {
	return s.store.Write(ctx, func(tx *store.Tx) error {
		r, err := stored(tx, studyKey, number)
		if err != nil {
			return err
		}
		what := fmt.Sprintf("release %d", number)
		if file != "" {
			what += ", " + file
		}
		if !anew {
			begun, err := tx.DownloadedSince(studyKey, actor.Account, what, now.Add(-goingOn))
			if err != nil || begun {
				return err
			}
		}
		ids, err := s.released(tx, r, false)
		if err != nil {
			return err
		}
		if err := tx.AddDownload(store.Download{ID: secret.NewID(), Study: studyKey, Recipient: r.Recipient, What: what, Account: actor.Account, At: now}, ids); err != nil {
			return err
		}
		return s.auditRelease(tx, now, actor, access.ReleaseDownload, r, file)
	})
}

// storedBytes reads the stored package from anywhere, holding one piece of it.
type storedBytes struct {
	ctx     context.Context
	service *Service
	release store.Release
	part    int // of data; from 1
	data    []byte
}

// ReadAt reads the pieces that hold len(b) bytes from an offset.
func (p *storedBytes) ReadAt(b []byte, offset int64) (n int, err error) {
	for n < len(b) && offset+int64(n) < p.release.Size {
		at := offset + int64(n)
		part := int(at/store.ReleasePartBytes) + 1
		if part != p.part {
			if err := p.service.store.Glance(p.ctx, func(tx *store.Tx) (err error) {
				p.data, err = tx.ReleasePart(p.release.Study, p.release.Number, part)
				return err
			}); err != nil {
				return n, err
			}
			p.part = part
		}
		from := at % store.ReleasePartBytes
		if from >= int64(len(p.data)) {
			return n, errBadBytes
		}
		n += copy(b[n:], p.data[from:])
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// handedFile reads a file of the package from anywhere. What is compressed is read
// from its beginning up to the place that is asked for.
type handedFile struct {
	file  *zip.File
	size  int64
	at    int64 // where the next Read begins
	inner io.ReadCloser
	inAt  int64 // where inner stands
	note  func(fromStart bool) error
	noted bool
}

// Seek says where the next Read begins.
func (h *handedFile) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += h.at
	case io.SeekEnd:
		offset += h.size
	}
	if offset < 0 {
		return 0, errors.New("before the beginning")
	}
	h.at = offset
	return offset, nil
}

// Read notes the download, the first time, and reads on.
func (h *handedFile) Read(b []byte) (int, error) {
	if h.at >= h.size {
		return 0, io.EOF
	}
	if !h.noted {
		if err := h.note(h.at == 0); err != nil {
			return 0, err
		}
		h.noted = true
	}
	if h.inner == nil || h.inAt > h.at {
		if err := h.Close(); err != nil {
			return 0, err
		}
		var err error
		if h.inner, err = h.file.Open(); err != nil {
			return 0, err
		}
		h.inAt = 0
	}
	if h.inAt < h.at {
		n, err := io.CopyN(io.Discard, h.inner, h.at-h.inAt)
		if h.inAt += n; err != nil {
			return 0, err
		}
	}
	n, err := h.inner.Read(b)
	h.inAt, h.at = h.inAt+int64(n), h.at+int64(n)
	return n, err
}

// Close ends the reading.
func (h *handedFile) Close() error {
	if h.inner == nil {
		return nil
	}
	err := h.inner.Close()
	h.inner = nil
	return err
}
