package release_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/db/dbtest"
	"panelverk/internal/fault"
	"panelverk/internal/need"
	"panelverk/internal/release"
	"panelverk/internal/store"
)

// TestTheLifeOfAReleaseOnEveryEngine asks for releases, refuses one and freezes the
// others, hands one out, and erases somebody in it.
func TestTheLifeOfAReleaseOnEveryEngine(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, dsn string) {
		o := openOn(t, dsn, 160)
		o.profiles(t)
		r := o.frozen(t, "early")
		files, data := o.unpacked(t, r.Number)
		if int64(len(data)) != r.Size || !strings.Contains(string(files["bag-info.txt"]), "Content-SHA256: "+r.Content) {
			t.Errorf("%d bytes, want %d\n%s", len(data), r.Size, files["bag-info.txt"])
		}
		before := ids(t, files["data/union-wage_wide.csv"])
		n, err := o.Request(ctx, now, researcher, asked("late"))
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Refuse(ctx, now, owner, "union-wage", n, "Too many waves"); err != nil {
			t.Fatal(err)
		}
		if r := o.release(t, n); r.State != store.ReleaseRefused || r.Reason != "Too many waves" || r.DecidedBy != "O" {
			t.Errorf("%+v", r)
		}
		other := o.frozen(t, "other")
		if v, err := o.Verify(ctx, other, nil); err != nil || !v.Same {
			t.Errorf("same %t, %q, %v", v.Same, v.Why, err)
		}
		var pid string
		if err := o.store.Write(ctx, func(tx *store.Tx) error {
			people, err := tx.ReleasePeople("union-wage", r.Number)
			if err != nil {
				return err
			}
			pid = people[3].PID
			_, err = tx.Erase(pid, now.Add(time.Hour))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for _, one := range []struct {
			r         store.Release
			recipient string
		}{{r, "lund"}, {other, "oslo"}} {
			id := o.keys.ExportID("union-wage", one.recipient, pid)
			purge, err := o.Purge(ctx, researcher, "union-wage", one.r.Number)
			if err != nil || !slices.Equal(purge, []string{id}) {
				t.Errorf("%v, %v, want %s", purge, err, id)
			}
			if e := fault.Of(o.Download(ctx, now, researcher, "union-wage", one.r.Number, io.Discard)); e == nil || e.Code != "release_taken" {
				t.Errorf("still handed out: %v", e)
			}
		}
		if !slices.Contains(before, o.keys.ExportID("union-wage", "lund", pid)) {
			t.Error("who is to be purged was not in the file")
		}
		o.nothingLeftOf(t, r.Number)
		var did []string
		for _, row := range o.audit(t) {
			if strings.HasPrefix(row.Object, "release ") {
				did = append(did, row.Account+" "+row.Action+" "+row.Object[8:]+" "+row.Detail)
			}
		}
		slices.Reverse(did)
		if want := []string{"R release.request 1 early", "O release.decide 1 approved", "O release.decide 1 frozen", "R release.download 1 ", "R release.request 2 late",
			"O release.decide 2 refused", "R release.request 3 other", "O release.decide 3 approved", "O release.decide 3 frozen"}; !slices.Equal(did, want) {
			t.Errorf("audit %q\nwant %q", did, want)
		}
	})
}

// nothingLeftOf fails where bytes of a release that were taken away are still there.
func (o *office) nothingLeftOf(t *testing.T, number int) {
	t.Helper()
	if err := o.store.Read(ctx, func(tx *store.Tx) error {
		part, err := tx.ReleasePart("union-wage", number, 1)
		if part != nil {
			t.Errorf("%d bytes are left", len(part))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// A second release may be harmless by itself, and single somebody out beside what
// the same recipient has.
func TestADifferenceIsCaught(t *testing.T) {
	o := open(t, 240) // 30 men
	const source = "profile: own\ntitle: Own\nstudy: union-wage\nrecipient: %s\nlanguages: [en]\nwaves: [\"1980\"]\nformats: [csv]\ntier: %s\nquasi: [%s]\nsuppress: none\nkeep: [union, married]\n"
	ask := func(recipient, tier, quasi, reason string) error {
		in := asked("")
		in.Source, in.Approve, in.Reason = fmt.Sprintf(source, recipient, tier, quasi), true, reason
		_, err := o.Request(ctx, now, access.CommandLine(), in)
		if err == nil {
			o.freeze(t)
		}
		return err
	}
	if err := ask("lund", "restricted", "union", ""); err != nil {
		t.Fatal(err)
	}
	if err := ask("oslo", "restricted", "married", ""); err != nil {
		t.Fatalf("harmless for somebody who has nothing: %v", err)
	}
	err := ask("lund", "restricted", "married", "")
	if e := fault.Of(err); e == nil || e.Code != "tier_missed" {
		t.Fatalf("beside the first it singles out: %v", err)
	}
	report, err := o.Review(ctx, now, owner, "union-wage", 2)
	if err != nil || len(report.Earlier) != 1 || report.Earlier[0].Same || report.Earlier[0].Risk.K >= 3 {
		t.Errorf("two recipients who put their files together are not told of: %+v, %v", report, err)
	}
	if err := ask("lund", "restricted", "married", "Lund knows them by name"); err != nil {
		t.Errorf("with a reason: %v", err)
	}
	if e := fault.Of(ask("lund", "open", "married", "Whatever")); e == nil || e.Code != "tier_missed" {
		t.Errorf("the open tier was let out with a reason: %v", e)
	}
}

// TestAPackageIsHeldAgainstItsOwnManifests damages a package in every way and looks
// at it with our own reader, and with sha256sum.
func TestAPackageIsHeldAgainstItsOwnManifests(t *testing.T) {
	o := open(t, 80)
	o.profiles(t)
	r := o.frozen(t, "early")
	files, data := o.unpacked(t, r.Number)
	bag, err := release.CheckBag(bytes.NewReader(data), int64(len(data)))
	if err != nil || bag.Name != "union-wage-release-1" || bag.Content != r.Content || bag.Files != len(files)-1 {
		t.Errorf("%+v, %v, %d files", bag, err, len(files))
	}
	for _, name := range []string{"README.txt", "CITATION.cff"} {
		if !strings.Contains(string(files[name]), r.Content) {
			t.Errorf("%s does not tell the checksum of the content", name)
		}
	}
	for _, c := range []struct {
		name   string
		change func(files map[string][]byte)
		codes  string
	}{
		{"a cell", func(f map[string][]byte) { f["data/union-wage_long.csv"][400]++ }, "bag_file_changed"},
		{"a document", func(f map[string][]byte) { f["CITATION.cff"] = nil }, "bag_file_changed"},
		{"a file less", func(f map[string][]byte) { delete(f, "data/union-wage_long.sav") }, "bag_file_missing"},
		{"a file more", func(f map[string][]byte) { f["data/more.csv"] = []byte("id\n") }, "bag_file_unnamed"},
		{"no manifest", func(f map[string][]byte) { delete(f, "manifest-sha256.txt") }, "bag_no_manifest"},
		{"no bag", func(f map[string][]byte) { delete(f, "bagit.txt") }, "bag_no_bag"},
	} {
		changed := map[string][]byte{}
		for name, b := range files {
			changed[name] = bytes.Clone(b)
		}
		c.change(changed)
		var z bytes.Buffer
		w := zip.NewWriter(&z)
		for _, name := range keys(changed) {
			out, err := w.Create("union-wage-release-1/" + name)
			if err == nil {
				_, err = out.Write(changed[name])
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := release.CheckBag(bytes.NewReader(z.Bytes()), int64(z.Len()))
		if err == nil || !slices.ContainsFunc(fault.Of(err).Problems, func(p fault.Problem) bool { return p.Code == c.codes }) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, cut := range []int{0, 100, len(data) / 2} {
		if _, err := release.CheckBag(bytes.NewReader(data[:cut]), int64(cut)); err == nil {
			t.Errorf("cut off after %d bytes it is whole", cut)
		}
	}
	dir := t.TempDir()
	for name, b := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(need func(), program string, args ...string) {
		path, err := exec.LookPath(program)
		if err != nil {
			need()
			return
		}
		cmd := exec.Command(path, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", program, err, out)
		}
	}
	for _, manifest := range []string{"manifest-sha256.txt", "tagmanifest-sha256.txt"} {
		run(func() { need.Missing(t, "sha256sum", "apt-get install coreutils") }, "sha256sum", "--strict", "-c", manifest)
	}
}
