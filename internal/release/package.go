package release

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"panelverk/internal/store"
)

// A package is a bag (BagIt 1.0, RFC 8493) in a ZIP archive: data/ is the payload;
// syntax/, docs/, ddi.xml, README.md and CITATION.cff are tag files, whose
// checksums are in the tag manifest. Nothing in it depends on when it is made but
// for the moment of the release, so that the same release gives the same bytes.
//
// Who has a package can hold it against its manifests without Panelverk: sha256sum -c
// manifest-sha256.txt, or any program that reads bags. Beside the checksums of the files
// there is one of the content (dataset.Checksum): bag-info.txt, README.md, CITATION.cff
// and the workbook tell it, and it is the same by whichever build the files are made.
type packing struct {
	archive *zip.Writer
	root    string // the bag's folder, with a slash at the end
	sums    map[string]string
	sizes   map[string]int64
}

// put adds a file of the bag.
func (p *packing) put(name string, write func(io.Writer) error) error {
	method := zip.Deflate
	if strings.HasSuffix(name, ".xlsx") || strings.HasSuffix(name, ".parquet") {
		method = zip.Store // compressed already
	}
	w, err := p.archive.CreateHeader(&zip.FileHeader{Name: p.root + name, Method: method})
	if err != nil {
		return err
	}
	sum, size := sha256.New(), counter(0)
	if err := write(io.MultiWriter(w, sum, &size)); err != nil {
		return err
	}
	p.sums[name], p.sizes[name] = hex.EncodeToString(sum.Sum(nil)), int64(size)
	return nil
}

func (p *packing) text(name, text string) error {
	return p.put(name, func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
}

// manifest lists the checksums of the payload, or of the tag files.
func (p *packing) manifest(payload bool) string {
	var names []string
	for name := range p.sums {
		if strings.HasPrefix(name, "data/") == payload {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "%s  %s\n", p.sums[name], name)
	}
	return b.String()
}

// bag adds what makes a bag of the files.
func (p *packing) bag(r *store.Release) error {
	var total, count int64
	for name, size := range p.sizes {
		if strings.HasPrefix(name, "data/") {
			total, count = total+size, count+1
		}
	}
	r.Manifest = p.manifest(true)
	info := fmt.Sprintf("Bagging-Date: %s\nExternal-Identifier: %s release %d\nPayload-Oxum: %d.%d\n%s: %s\n", r.DecidedAt.Format("2006-01-02"), r.Study, r.Number, total, count,
		contentLabel, r.Content)
	return errors.Join(
		p.text("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
		p.text("bag-info.txt", info),
		p.text("manifest-sha256.txt", r.Manifest),
		p.text("tagmanifest-sha256.txt", p.manifest(false)))
}

// pack writes the package of a release, and fills in what is stored of it.
func (s *Service) pack(ctx context.Context, tx *store.Tx, c *cutting, report *Report, r *store.Release, file io.Writer, progress Progress) (err error) {
	sum, size := sha256.New(), counter(0)
	p := &packing{archive: zip.NewWriter(io.MultiWriter(file, sum, &size)), root: fmt.Sprintf("%s-release-%d/", r.Study, r.Number),
		sums: map[string]string{}, sizes: map[string]int64{}}
	d := c.dataset()
	set := &fileSet{data: d, formats: c.profile.Formats, shape: c.profile.Shape, about: about(d, c.profile.Languages[0], r.DecidedAt), tmp: s.tmp,
		stem: r.Study + "_", folder: "data/", syntax: "syntax/"}
	set.about.Languages, set.risk, set.citation = c.profile.Languages, disclosed(c, report, r.Reason, c.profile.Languages[0]), citation(d, r, c.profile.Languages[0])
	set.about.Remarks = append([]string{citation(d, r, c.profile.Languages[0])}, set.about.Remarks...)
	if err := set.collect(ctx, progress); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, set.close()) }()
	if err := set.write(ctx, p.put, progress); err != nil {
		return err
	}
	r.Content = set.collected.Checksum
	if err := p.put(metadataName, func(w io.Writer) error { return WriteMetadata(w, d, set.about, set.sources()) }); err != nil {
		return err
	}
	progress.within(StepDocuments, written, whole)(0, 1)
	docs := &documents{tx: tx, cut: c, data: d, set: set, release: r, report: report, put: p.put,
		exportID: func(pid string) string { return s.keys.ExportID(r.Study, r.Recipient, pid) }}
	if err := docs.write(ctx); err != nil {
		return err
	}
	if err := errors.Join(p.bag(r), p.archive.Close()); err != nil {
		return err
	}
	r.Digest, r.Size = hex.EncodeToString(sum.Sum(nil)), int64(size)
	return nil
}
