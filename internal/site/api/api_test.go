package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/account"
	"panelverk/internal/db"
	"panelverk/internal/fieldwork"
	"panelverk/internal/intake"
	"panelverk/internal/keyfile"
	"panelverk/internal/release"
	"panelverk/internal/secret"
	"panelverk/internal/site"
	"panelverk/internal/store"
	"panelverk/internal/study"
	"panelverk/web"
)

const (
	key      = "union-wage"
	data     = "../../intake/testdata/union-wage"
	password = "en lång promenad"
	at       = "/api/v1/studies/" + key + "/releases"
)

// partner is a profile for the men of the union study.
const partner = `
profile: %s
title: For a partner
study: union-wage
recipient: %s
languages: [en]
waves: ["1980", "1981"]
formats: [%s]
tier: restricted
quasi: [ethn]
suppress: cells
`

var (
	ctx = context.Background()
	now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
)

// world is a whole server with the first men of the union study, one frozen
// release and a researcher with a token.
type world struct {
	t        *testing.T
	now      time.Time
	store    *store.Store
	release  *release.Service
	accounts *account.Service
	server   *httptest.Server
	log      bytes.Buffer
	owner    access.Actor
	actor    access.Actor // the researcher
	token    string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	w := &world{t: t, now: now, server: httptest.NewUnstartedServer(nil)}
	address := "http://" + w.server.Listener.Addr().String()
	t.Cleanup(w.server.Close)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	w.store, err = store.Open(ctx, filepath.Join(dir, "panel.db"))
	must(err)
	t.Cleanup(func() { w.store.Close() })
	names, err := db.Open(ctx, filepath.Join(dir, "keyfile.db"), keyfile.Migrations, keyfile.MigrationsDir)
	must(err)
	t.Cleanup(func() { names.Close() })
	keys, err := secret.NewRing(make([]byte, 32))
	must(err)
	ids := keyfile.Open(names, keys)
	field := fieldwork.New(w.store, keys, ids, address)
	folder, problems := study.Load(os.DirFS(data), ".")
	must(problems.Err("test", "the study"))
	_, err = field.Apply(ctx, now, access.CommandLine(), folder, fieldwork.ApplyOptions{})
	must(err)
	lines, err := os.ReadFile(filepath.Join(data, "males.csv"))
	must(err)
	lines = []byte(strings.Join(strings.SplitAfter(string(lines), "\n")[:161], ""))
	reader := intake.New(w.store, keys, ids)
	_, err = reader.ImportAnswers(ctx, now, access.CommandLine(), intake.AnswersInput{Study: key, FileName: "males.csv", Data: lines, IDColumn: "nr", WaveColumn: "year", NA: []string{"NA"}})
	must(err)

	w.accounts = account.New(w.store, keys)
	for email, into := range map[string]*access.Actor{"owner@example.org": &w.owner, "researcher@example.org": &w.actor} {
		where, role := access.AllStudies, access.Owner
		if into == &w.actor {
			where, role = key, access.Researcher
		}
		a, err := w.accounts.Add(ctx, now, access.CommandLine(), where, role, account.Person{Name: "Kim", Email: email, Password: password, Language: "en"})
		must(err)
		*into = account.Actor(a)
	}
	w.release = release.New(w.store, keys, dir)
	w.release.UseProfiles(fstest.MapFS{
		"lund.yaml": &fstest.MapFile{Data: fmt.Appendf(nil, partner, "lund", "lund", "csv, sav, dta, parquet, xlsx")},
		"oslo.yaml": &fstest.MapFile{Data: fmt.Appendf(nil, partner, "oslo", "oslo", "csv")}})
	w.release.Built("build 1")
	w.frozen("lund")
	w.token = w.made(w.actor)
	w.server.Config.Handler, err = site.New(site.Deps{
		Fieldwork: field, Accounts: w.accounts, Release: w.release, Intake: reader, Sessions: store.NewSessionStore(w.store, func() time.Time { return w.now }),
		Ready: func(context.Context) error { return nil }, Web: web.FS, BaseURL: address, Now: func() time.Time { return w.now },
		Log: slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	must(err)
	w.server.Start()
	return w
}

// frozen asks for a release by a profile and approves it.
func (w *world) frozen(profile string) int {
	w.t.Helper()
	n, err := w.release.Request(ctx, now, w.actor, release.NewRelease{Study: key, Profile: profile, Who: "A university", Country: "SE", Purpose: "Wages", Promise: true})
	if err == nil {
		err = w.release.Approve(ctx, now, w.owner, key, n, "", "")
	}
	if err == nil {
		_, err = w.release.Freeze(ctx, func() time.Time { return now }, "worker", nil)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) made(by access.Actor) string {
	w.t.Helper()
	token, _, err := w.accounts.CreateToken(ctx, now, by, account.NewToken{Study: key, Name: "R", Days: 30})
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// ask sends a request with headers, names and values in turn; the token goes with
// it unless Authorization is among them.
func (w *world) ask(method, path string, headers ...string) answer {
	w.t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, w.server.URL+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+w.token)
	for i := 0; i+1 < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{resp.StatusCode, resp.Header, body}
}

// is fails where the answer has another status, or a problem another code.
func (w *world) is(what string, a answer, status int, code string) {
	w.t.Helper()
	var p struct{ Code string }
	if a.header.Get("Content-Type") == "application/problem+json" && len(a.body) > 0 {
		if err := json.Unmarshal(a.body, &p); err != nil {
			w.t.Errorf("%s: %v", what, err)
		}
	}
	if a.status != status || p.Code != code {
		w.t.Errorf("%s: %d %q, want %d %q: %.300s", what, a.status, p.Code, status, code, a.body)
	}
}

func (w *world) downloads() (n int) {
	w.t.Helper()
	rows, err := w.accounts.Audit(ctx, w.owner, key, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range rows {
		if r.Action == string(access.ReleaseDownload) {
			n++
		}
	}
	return n
}

// releaseJSON is what a test reads of one release.
type releaseJSON struct {
	SHA256 string
	Files  []struct {
		Name, Table, Format, SHA256, Href string
		Size                              int64
	}
	Metadata struct {
		Variables []struct {
			Name  string
			Label map[string]string
			Waves []int
		}
		Tables []struct {
			Name    string
			Columns []struct{ Name, Variable string }
		}
		Missing []struct{ Code int }
	}
}

func (w *world) one(path string) (out releaseJSON) {
	w.t.Helper()
	a := w.ask("GET", path)
	w.is(path, a, 200, "")
	if err := json.Unmarshal(a.body, &out); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// Every file that is listed comes with its size and checksum, and each of its
// downloads is in the audit.
func TestEveryFileComesAsItIsListed(t *testing.T) {
	w := newWorld(t)
	one := w.one(at + "/1")
	fetched := 0
	for _, f := range one.Files {
		if f.Href == "" {
			continue
		}
		fetched++
		a := w.ask("GET", f.Href)
		sum := sha256.Sum256(a.body)
		if w.is(f.Href, a, 200, ""); hex.EncodeToString(sum[:]) != f.SHA256 || int64(len(a.body)) != f.Size {
			t.Errorf("%s: %d bytes, of %d", f.Href, len(a.body), f.Size)
		}
		if got := a.header.Get("ETag"); got != `"`+f.SHA256+`"` {
			t.Errorf("%s: ETag %s", f.Href, got)
		}
		if w.downloads() != fetched {
			t.Errorf("%s: %d downloads in the audit, want %d", f.Href, w.downloads(), fetched)
		}
		head := w.ask("HEAD", f.Href)
		if head.status != 200 || head.header.Get("Content-Length") != fmt.Sprint(f.Size) || head.header.Get("Content-Type") != a.header.Get("Content-Type") {
			t.Errorf("HEAD %s: %d %v", f.Href, head.status, head.header)
		}
		w.is("the copy that one has", w.ask("GET", f.Href, "If-None-Match", a.header.Get("ETag")), 304, "")
		if w.downloads() != fetched {
			t.Errorf("%s: HEAD or 304 counts as a download", f.Href)
		}
		if cache := a.header.Get("Cache-Control"); cache != "no-store" {
			t.Errorf("%s: Cache-Control %s", f.Href, cache)
		}
	}
	if fetched != 9 { // long and wide in four formats, and the workbook
		t.Errorf("%d files of data: %+v", fetched, one.Files)
	}
	columns := 0
	for _, table := range one.Metadata.Tables {
		columns += len(table.Columns)
		for _, c := range table.Columns {
			if c.Name == "" || c.Variable == "" {
				t.Errorf("%s has a column %+v", table.Name, c)
			}
		}
	}
	if columns == 0 || len(one.Metadata.Missing) != 12 || len(one.Metadata.Variables) == 0 {
		t.Errorf("the metadata: %d columns, %+v", columns, one.Metadata.Missing)
	}
	header, _, _ := strings.Cut(string(w.ask("GET", at+"/1/data.csv?table=wide").body), "\r\n")
	for _, table := range one.Metadata.Tables {
		var names []string
		for _, c := range table.Columns {
			names = append(names, c.Name)
		}
		if table.Name == "wide" && strings.Join(names, ",") != header {
			t.Errorf("the file has %s, the metadata %v", header, names)
		}
	}
}

func TestRanges(t *testing.T) {
	w := newWorld(t)
	for _, file := range []string{"/1/data.sav", "/1/data.parquet"} { // one is compressed in the package, the other not
		whole := w.ask("GET", at+file)
		size := len(whole.body)
		before := w.downloads()
		var joined []byte
		for from := 0; from < size; from += size/3 + 1 {
			a := w.ask("GET", at+file, "Range", fmt.Sprintf("bytes=%d-%d", from, from+size/3), "If-Range", whole.header.Get("ETag"))
			w.is(file, a, 206, "")
			joined = append(joined, a.body...)
		}
		if !bytes.Equal(joined, whole.body) {
			t.Errorf("%s: the parts make %d bytes, the whole has %d", file, len(joined), size)
		}
		if n := w.downloads() - before; n != 1 { // the first part begins anew
			t.Errorf("%s: %d downloads in the audit, want 1", file, n)
		}
		if a := w.ask("GET", at+file, "Range", "bytes=-20"); !bytes.Equal(a.body, whole.body[size-20:]) {
			t.Errorf("%s: the last bytes: %d %x", file, a.status, a.body)
		}
		if a := w.ask("GET", at+file, "Range", "bytes=0-1", "If-Range", `"another"`); a.status != 200 || len(a.body) != size {
			t.Errorf("%s: a range of another file: %d", file, a.status)
		}
		if a := w.ask("GET", at+file, "Range", "bytes=0-1,4-5"); a.status != 200 || len(a.body) != size {
			t.Errorf("%s: several parts: %d", file, a.status)
		}
		w.is(file, w.ask("GET", at+file, "Range", fmt.Sprintf("bytes=%d-", size)), 416, "")
	}
	// A part from the middle, and nothing before it, is a download all the same.
	w.now = now.Add(2 * time.Hour)
	before := w.downloads()
	for range 2 {
		w.ask("GET", at+"/1/data.csv", "Range", "bytes=100-200")
	}
	if n := w.downloads() - before; n != 1 {
		t.Errorf("two parts from the middle are %d downloads, want 1", n)
	}
}

func TestWhatATokenDoesNotOpen(t *testing.T) {
	w := newWorld(t)
	waiting, err := w.release.Request(ctx, now, w.actor, release.NewRelease{Study: key, Profile: "oslo", Who: "A university", Country: "NO", Purpose: "Wages", Promise: true})
	if err != nil {
		t.Fatal(err)
	}
	only := w.frozen("oslo")
	for path, want := range map[string]struct {
		status int
		code   string
	}{
		at + "/9":                         {404, "release_not_found"},
		at + "/0":                         {404, "release_not_found"},
		at + "/01":                        {404, "release_not_found"},
		at + "/x":                         {404, "release_not_found"},
		at + "/9/data.csv":                {404, "release_not_found"},
		fmt.Sprintf("%s/%d", at, waiting): {404, "release_not_frozen"},
		fmt.Sprintf("%s/%d/data.csv", at, waiting):    {404, "release_not_frozen"},
		fmt.Sprintf("%s/%d/data.sav", at, only):       {404, "release_format_not_found"},
		at + "/1/data.csv?table=nothing":              {404, "release_table_not_found"},
		at + "/1/data.csv?table=../docs/risk":         {404, "release_table_not_found"},
		at + "/1/data.xlsx?table=long":                {422, "release_table_unwanted"},
		at + "/1/data.exe":                            {404, "address_not_found"},
		at + "/1/metadata.json":                       {404, "address_not_found"},
		"/api":                                        {404, ""}, // no address of the API
		"/api/v2/studies":                             {404, "address_not_found"},
		"/api/v1/studies/another/releases":            {403, "not_allowed"},
		"/api/v1/studies/another/releases/1":          {403, "not_allowed"},
		"/api/v1/studies/another/releases/1/data.csv": {403, "not_allowed"},
	} {
		w.is(path, w.ask("GET", path), want.status, want.code)
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		a := w.ask(method, at)
		if w.is(method, a, 405, "method_not_allowed"); !strings.Contains(a.header.Get("Allow"), "GET") || a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", method, a.header)
		}
	}
	for name, authorization := range map[string]string{"none": "", "no scheme": w.token, "another scheme": "Basic " + w.token} {
		a := w.ask("GET", at, "Authorization", authorization)
		if w.is(name, a, 401, "token_missing"); a.header.Get("WWW-Authenticate") != `Bearer realm="panelverk"` {
			t.Errorf("%s: %v", name, a.header)
		}
	}
	w.is("another token", w.ask("GET", at, "Authorization", "Bearer pv_"+strings.Repeat("a", 32)), 401, "token_wrong")
	w.is("a token in the address", w.ask("GET", at+"?access_token="+w.token, "Authorization", ""), 401, "token_missing")
	w.is("a cookie", w.ask("GET", at, "Authorization", "", "Cookie", "panelverk="+w.token), 401, "token_missing")

	// A role that goes, goes from the token; an account that is disabled takes it along.
	if err := w.accounts.SetRole(ctx, now, w.owner, w.actor.Account, key, access.Admin); err != nil {
		t.Fatal(err)
	}
	w.is("an admin", w.ask("GET", at+"/1/data.csv"), 403, "not_allowed")
	if err := w.accounts.Disable(ctx, now, w.owner, w.actor.Account); err != nil {
		t.Fatal(err)
	}
	w.is("a disabled account", w.ask("GET", at+"/1/data.csv"), 401, "token_wrong")
	if n := w.downloads(); n != 0 {
		t.Errorf("%d downloads in the audit", n)
	}
	if log := w.log.String(); strings.Contains(log, w.token) || strings.Contains(log, "pv_") {
		t.Errorf("the log holds a token:\n%s", log)
	}
}

// Somebody who is erased takes the releases along that they are in.
func TestAnErasureClosesARelease(t *testing.T) {
	w := newWorld(t)
	if err := w.store.Write(ctx, func(tx *store.Tx) error {
		people, err := tx.ReleasePeople(key, 1)
		if err != nil {
			return err
		}
		_, err = tx.Erase(people[0].PID, now)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	w.is("the file", w.ask("GET", at+"/1/data.csv"), 404, "release_taken")
	w.is("what it is", w.ask("GET", at+"/1"), 404, "release_taken")
	if a := w.ask("GET", at); strings.TrimSpace(string(a.body)) != `{"releases":[]}` {
		t.Errorf("the list: %s", a.body)
	}
}
