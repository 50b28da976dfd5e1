package release

import (
	"archive/zip"
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"panelverk/internal/fault"
)

// contentLabel is the name in bag-info.txt under which the checksum of the content stands.
const contentLabel = "Content-SHA256"

// Bag is a package that somebody has, as it says itself.
type Bag struct {
	Name    string // of its folder
	Info    map[string]string
	Files   int
	Content string // the checksum of the content, "" where it says none
}

// the tag files of a bag (RFC 8493, 2.1 and 2.2).
const (
	bagFile     = "bagit.txt"
	infoFile    = "bag-info.txt"
	payloadFile = "manifest-sha256.txt"
	tagFile     = "tagmanifest-sha256.txt"
)

// CheckBag holds a package in a ZIP archive against its manifests, without a database.
// It fails with every file that is missing, that is another than the manifests say, and
// that they do not name: Invalid "bag_broken".
func CheckBag(r io.ReaderAt, size int64) (*Bag, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fault.New(fault.Invalid, "bag_no_zip", "The file is no ZIP archive, or it is cut off.").Because(err)
	}
	bag, problems := &Bag{Info: map[string]string{}}, fault.Problems{}
	files := map[string]*zip.File{}
	for _, f := range archive.File {
		root, name, inside := strings.Cut(f.Name, "/")
		if bag.Name == "" {
			bag.Name = root
		}
		if !inside || root != bag.Name || files[name] != nil {
			problems.Add(fault.Place{Field: f.Name}, "bag_stray", "This does not belong to the bag %s, or is in it twice.", bag.Name)
			continue
		}
		if !strings.HasSuffix(name, "/") {
			files[name] = f
		}
	}
	if declaration, err := bagText(files, bagFile); err != nil || !strings.HasPrefix(declaration, "BagIt-Version: ") {
		problems.Add(fault.Place{Field: bagFile}, "bag_no_bag", "This file is missing, so the archive is no bag (BagIt).")
	}
	for label, value := range lines(files, infoFile, ": ") {
		bag.Info[label] = value
	}
	bag.Content = bag.Info[contentLabel]
	named := map[string]bool{tagFile: true}
	var total, payload int64
	for _, manifest := range []string{payloadFile, tagFile} {
		if files[manifest] == nil {
			problems.Add(fault.Place{Field: manifest}, "bag_no_manifest", "This file is missing: nothing tells what the others have to be.")
		}
		for sum, name := range lines(files, manifest, "  ") {
			named[name] = true
			switch got, n, err := digest(files[name]); {
			case err != nil:
				problems.Add(fault.Place{Field: name}, "bag_file_missing", "%s names this file, and it is missing or damaged.", manifest)
			case got != sum:
				problems.Add(fault.Place{Field: name}, "bag_file_changed", "It has the checksum %s; %s says %s.", got, manifest, sum)
			case manifest == payloadFile:
				total, payload = total+n, payload+1
			}
			bag.Files++
		}
	}
	for name := range files {
		if !named[name] {
			problems.Add(fault.Place{Field: name}, "bag_file_unnamed", "No manifest names this file.")
		}
	}
	if oxum := bag.Info["Payload-Oxum"]; len(problems) == 0 && oxum != "" && oxum != fmt.Sprintf("%d.%d", total, payload) {
		problems.Add(fault.Place{Field: infoFile}, "bag_oxum", "It says %s bytes and files of data; there are %d.%d.", oxum, total, payload)
	}
	slices.SortFunc(problems, func(a, b fault.Problem) int { return strings.Compare(a.Field+a.Code, b.Field+b.Code) })
	return bag, problems.Err("bag_broken", "The package is not as it was made.")
}

// lines gives the lines of a file of the bag, parted in two.
func lines(files map[string]*zip.File, name, between string) func(yield func(string, string) bool) {
	return func(yield func(string, string) bool) {
		text, err := bagText(files, name)
		if err != nil {
			return // the manifest that names it says so
		}
		for s := bufio.NewScanner(strings.NewReader(text)); s.Scan(); {
			if a, b, ok := strings.Cut(s.Text(), between); ok && !yield(a, b) {
				return
			}
		}
	}
}

// mostTag is the most bytes that are read of a tag file.
const mostTag = 1 << 22

func bagText(files map[string]*zip.File, name string) (string, error) {
	f := files[name]
	if f == nil {
		return "", errNoFile
	}
	r, err := f.Open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, mostTag))
	return string(text), err
}

// digest gives the checksum and the size of a file, which may not be there.
func digest(f *zip.File) (sum string, size int64, err error) {
	if f == nil {
		return "", 0, errNoFile
	}
	r, err := f.Open()
	if err != nil {
		return "", 0, err
	}
	defer r.Close()
	h := sha256.New()
	size, err = io.Copy(h, r) //nolint:gosec // G110: it takes time and no room, on the machine of whoever asked
	return hex.EncodeToString(h.Sum(nil)), size, err
}
