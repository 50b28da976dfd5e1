package release_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/release"
	"panelverk/internal/store"
)

// partner is a profile for the men of the union study; the placeholders are its
// name, its recipient, and its waves.
const partner = `
profile: %s
title: For a partner
study: union-wage
recipient: %s
languages: [en]
waves: %s
formats: [csv, sav, dta, parquet]
tier: restricted
quasi: [ethn]
suppress: cells
`

func (o *office) profiles(t *testing.T) {
	t.Helper()
	files := fstest.MapFS{}
	for _, p := range [][3]string{{"early", "lund", `["1980", "1981"]`}, {"late", "lund", `["1980", "1981", "1983"]`}, {"other", "oslo", `["1980", "1981"]`}} {
		files[p[0]+".yaml"] = &fstest.MapFile{Data: fmt.Appendf(nil, partner, p[0], p[1], p[2])}
	}
	o.UseProfiles(files)
	o.Built("build 1")
}

func asked(profile string) release.NewRelease {
	return release.NewRelease{Study: "union-wage", Profile: profile, Who: "Lund University", Country: "SE", Purpose: "Wages", Promise: true}
}

// frozen asks for a release and approves it.
func (o *office) frozen(t *testing.T, profile string) store.Release {
	t.Helper()
	n, err := o.Request(ctx, now, researcher, asked(profile))
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Approve(ctx, now, owner, "union-wage", n, "", ""); err != nil {
		t.Fatal(err)
	}
	o.freeze(t)
	r, err := o.Release(ctx, researcher, "union-wage", n)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// freeze makes what was approved, as a server does in the background.
func (o *office) freeze(t *testing.T) {
	t.Helper()
	for {
		did, err := o.Freeze(ctx, clock, "worker", nil)
		if err != nil {
			t.Fatal(err)
		}
		if !did {
			return
		}
	}
}

func clock() time.Time { return now }

// unpacked downloads a release and gives its files, by their names in the bag.
func (o *office) unpacked(t *testing.T, number int) (map[string][]byte, []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := o.Download(ctx, now, researcher, "union-wage", number, &b); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		_, name, _ := strings.Cut(f.Name, "/")
		out[name] = data
	}
	return out, b.Bytes()
}

func ids(t *testing.T, file []byte) []string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, row := range rows[1:] {
		out = append(out, row[0])
	}
	return slices.Compact(out)
}

func TestAReleaseIsABag(t *testing.T) {
	o := open(t, 160)
	o.profiles(t)
	r := o.frozen(t, "early")
	files, data := o.unpacked(t, r.Number)
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != r.Digest || int64(len(data)) != r.Size {
		t.Error("the checksum is another's")
	}
	listed := map[string]bool{"tagmanifest-sha256.txt": true}
	for _, manifest := range []string{"manifest-sha256.txt", "tagmanifest-sha256.txt"} {
		for lines := bufio.NewScanner(bytes.NewReader(files[manifest])); lines.Scan(); {
			want, name, _ := strings.Cut(lines.Text(), "  ")
			sum := sha256.Sum256(files[name])
			if hex.EncodeToString(sum[:]) != want {
				t.Errorf("%s: the checksum of %s is wrong", manifest, name)
			}
			if (manifest == "manifest-sha256.txt") != strings.HasPrefix(name, "data/") {
				t.Errorf("%s lists %s", manifest, name)
			}
			listed[name] = true
		}
	}
	for name := range files {
		if !listed[name] {
			t.Errorf("%s is in no manifest", name)
		}
	}
	for _, name := range []string{"bagit.txt", "bag-info.txt", "README.md", "CITATION.cff", "ddi.xml", "docs/method.en.md", "docs/method.en.html", "docs/risk.en.md", "docs/codebook.en.md",
		"data/union-wage_long.csv", "data/union-wage_wide.csv", "data/union-wage_long.sav", "data/union-wage_long.dta", "data/union-wage_long.parquet",
		"data/union-wage_datapackage.json", "syntax/union-wage_long.R", "syntax/union-wage_long.do", "syntax/union-wage_long.sps", "syntax/union-wage_long.py"} {
		if len(files[name]) == 0 {
			t.Errorf("there is no %s", name)
		}
	}
	if !slices.ContainsFunc(keys(files), func(name string) bool { ok, _ := path.Match("docs/questionnaires/1980.*.html", name); return ok }) {
		t.Errorf("no questionnaire among %v", keys(files))
	}
	header, _, _ := strings.Cut(string(files["data/union-wage_wide.csv"]), "\r\n")
	if !strings.Contains(header, "union_w2") || strings.Contains(header, "_w3") || strings.Contains(header, "minutes") {
		t.Errorf("columns %s", header)
	}
	if !strings.Contains(string(files["docs/risk.en.md"]), "k is an indicator") {
		t.Error(string(files["docs/risk.en.md"]))
	}
}

func keys(of map[string][]byte) (out []string) {
	for name := range of {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func TestIDsJoinForOneRecipientAlone(t *testing.T) {
	o := open(t, 160)
	o.profiles(t)
	of := func(profile string) []string {
		files, _ := o.unpacked(t, o.frozen(t, profile).Number)
		return ids(t, files["data/union-wage_wide.csv"])
	}
	early, late, other := of("early"), of("late"), of("other")
	if len(early) != 20 || !slices.Equal(early, late) {
		t.Errorf("a recipient's releases do not join: %v, %v", early, late)
	}
	for _, id := range other {
		if slices.Contains(early, id) {
			t.Errorf("two recipients' files share the id %s", id)
		}
	}
	report, err := o.Review(ctx, now, owner, "union-wage", 2)
	if err != nil || len(report.Earlier) != 1 || !report.Earlier[0].Same || report.Earlier[0].Number != 1 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestVerifySaysWhatHolds(t *testing.T) {
	o := open(t, 160)
	o.profiles(t)
	r := o.frozen(t, "early")
	verify := func() release.Verdict {
		t.Helper()
		v, err := o.Verify(ctx, r, nil)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := verify(); !v.OK() || !v.Stored || !v.Same || !v.Content {
		t.Errorf("at once: %+v", v)
	}
	o.frozen(t, "late") // a later one changes nothing
	if v := verify(); !v.Same {
		t.Errorf("after another: %+v", v)
	}
	o.Built("build 2")
	if v := verify(); !v.OK() || !v.Content {
		t.Errorf("another build: %+v", v)
	}
	o.Built("build 1")
	var pid string
	if err := o.store.Read(ctx, func(tx *store.Tx) error {
		people, err := tx.ReleasePeople("union-wage", r.Number)
		pid = people[0].PID
		return err
	}); err != nil {
		t.Fatal(err)
	}
	files, _ := o.unpacked(t, r.Number)
	before := ids(t, files["data/union-wage_wide.csv"])
	if err := o.store.Write(ctx, func(tx *store.Tx) error { _, err := tx.Erase(pid, now); return err }); err != nil {
		t.Fatal(err)
	}
	var err error
	if r, err = o.Release(ctx, owner, "union-wage", r.Number); err != nil {
		t.Fatal(err)
	}
	v := verify()
	if id := o.keys.ExportID("union-wage", "lund", pid); !v.Taken || !slices.Equal(v.Purge, []string{id}) || !slices.Contains(before, id) {
		t.Errorf("after an erasure: %+v", v)
	}
	var b bytes.Buffer
	if e := fault.Of(o.Download(ctx, now, researcher, "union-wage", r.Number, &b)); e == nil || e.Code != "release_taken" || b.Len() > 0 {
		t.Errorf("the bytes are still handed out: %v, %d", e, b.Len())
	}
	if r.Manifest == "" || r.Digest == "" {
		t.Error("the record is gone")
	}
}

func TestWhoMayDoWhatWithReleases(t *testing.T) {
	o := open(t, 80)
	o.profiles(t)
	for _, one := range []access.Actor{owner, admin} {
		if _, err := o.Request(ctx, now, one, asked("early")); fault.Of(err).Kind != fault.Forbidden {
			t.Errorf("%s asked: %v", one.Account, err)
		}
	}
	n, err := o.Request(ctx, now, researcher, asked("early"))
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Approve(ctx, now, researcher, "union-wage", n, "", ""); fault.Of(err).Kind != fault.Forbidden {
		t.Errorf("a researcher approved: %v", err)
	}
	if err := o.Download(ctx, now, researcher, "union-wage", n, io.Discard); fault.Of(err).Code != "release_not_frozen" {
		t.Error(err)
	}
	if err := o.Refuse(ctx, now, owner, "union-wage", n, " "); fault.Of(err).Kind != fault.Invalid {
		t.Error(err)
	}
	if err := o.Refuse(ctx, now, owner, "union-wage", n, "Too early"); err != nil {
		t.Fatal(err)
	}
	if err := o.Approve(ctx, now, owner, "union-wage", n, "", ""); fault.Of(err).Code != "release_decided" {
		t.Error(err)
	}
	if rows := o.audit(t); rows[0].Action != string(access.ReleaseDecide) || rows[0].Object != "release 1" || rows[0].Detail != "refused" {
		t.Errorf("%+v", rows[0])
	}
}

// What is approved is what was looked at: not what became of it meanwhile.
func TestTheOwnerApprovesWhatWasSeen(t *testing.T) {
	o := open(t, 80)
	o.profiles(t)
	n, err := o.Request(ctx, now, researcher, asked("late"))
	if err != nil {
		t.Fatal(err)
	}
	seen := func() string {
		report, err := o.Review(ctx, now, owner, "union-wage", n)
		if err != nil {
			t.Fatal(err)
		}
		return report.Mark()
	}
	before := seen()
	o.frozen(t, "early") // the recipient has somewhat of the same people by now
	if err := o.Approve(ctx, now, owner, "union-wage", n, before, "Known by name"); fault.Of(err).Code != "release_moved" {
		t.Fatalf("approved with another risk in view: %v", err)
	}
	if r := o.release(t, n); r.State != store.ReleaseRequested {
		t.Errorf("it is %s", r.State)
	}
	if err := o.Approve(ctx, now, owner, "union-wage", n, seen(), "Known by name"); err != nil {
		t.Errorf("looked at anew: %v", err)
	}
}

// A profile of the server tells of its study: what it has and what could tell who
// somebody is. It is for that study's staff.
func TestProfilesAreOfTheirStudy(t *testing.T) {
	o := open(t, 8)
	o.profiles(t)
	if _, err := o.Profile(ctx, researcher, "union-wage", "early"); err != nil {
		t.Error(err)
	}
	elsewhere := access.Actor{Account: "R", Roles: map[string]access.Role{"words": access.Researcher}}
	if _, err := o.Profile(ctx, elsewhere, "words", "early"); fault.Of(err).Code != "profile_unknown" {
		t.Errorf("another study's: %v", err)
	}
	if _, err := o.Profile(ctx, elsewhere, "union-wage", "early"); fault.Of(err).Kind != fault.Forbidden {
		t.Errorf("by somebody of another study: %v", err)
	}
}

// Every offence of a request is told at once, those of the profile among them.
func TestARequestTellsEveryOffence(t *testing.T) {
	o := open(t, 8)
	o.profiles(t)
	in := asked("early")
	in.Who, in.Country, in.Promise = "", "rs", false
	in.Source = strings.NewReplacer("quasi: [ethn]", "quasi: [blck, {variable: union, bands: 10}]").Replace(fmt.Sprintf(partner, "own", "lund", `["1980", w99]`))
	_, err := o.Request(ctx, now, researcher, in)
	var got []string
	for _, p := range fault.Of(err).Problems {
		got = append(got, p.Code)
	}
	for _, code := range []string{"release_who", "release_basis", "release_promise", "unknown_wave", "unknown_variable", "quasi_kind"} {
		if !slices.Contains(got, code) {
			t.Errorf("%s is not among %v", code, got)
		}
	}
}
