package keyfile_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"panelverk/internal/db"
	"panelverk/internal/db/dbtest"
	"panelverk/internal/fault"
	"panelverk/internal/keyfile"
	"panelverk/internal/secret"
)

var (
	ctx    = context.Background()
	monday = time.Date(2016, 3, 7, 8, 0, 0, 0, time.UTC)
)

func ring(t testing.TB, fill byte) *secret.Ring {
	t.Helper()
	r, err := secret.NewRing(bytes.Repeat([]byte{fill}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func open(t testing.TB, dsn string, r *secret.Ring) *keyfile.File {
	t.Helper()
	d, err := db.Open(ctx, dsn, keyfile.Migrations, keyfile.MigrationsDir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return keyfile.Open(d, r)
}

var (
	asa = keyfile.Identity{PID: "P1", Study: "smart-factory", Name: "Åsa Lindqvist", Email: "Asa.Lindqvist@verkstad.example",
		Phone: "070-123 45 67", Note: "Klubb 12, Skövde"}
	bo    = keyfile.Identity{PID: "P2", Study: "smart-factory", Name: "Bo Ek", Email: "bo@verkstad.example"}
	other = keyfile.Identity{PID: "P3", Study: "males", Name: "Åsa Lindqvist", Email: asa.Email}
)

func TestIdentities(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, dsn string) {
		f := open(t, dsn, ring(t, 1))
		for range 2 { // once more changes nothing
			if err := f.Put(ctx, monday, asa, bo, other); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := f.Get(ctx, "P1"); err != nil || !reflect.DeepEqual(got, asa) {
			t.Errorf("got %v, %v", got, err)
		}
		if got, err := f.List(ctx, "smart-factory"); err != nil || !reflect.DeepEqual(got, []keyfile.Identity{asa, bo}) {
			t.Errorf("listed %v, %v", got, err)
		}
		if got, err := f.PIDs(ctx, "smart-factory"); err != nil || !slices.Equal(got, []string{"P1", "P2"}) {
			t.Errorf("pids %v, %v", got, err)
		}
		if _, err := f.Get(ctx, "P9"); fault.Of(err).Kind != fault.NotFound {
			t.Errorf("a pid that is not there: %v", err)
		}

		moved := bo
		moved.Study = "males"
		if err := f.Put(ctx, monday, asa, moved); fault.Of(err).Code != "identity_of_other_study" {
			t.Errorf("a pid in another study: %v", err)
		}

		find := func(study, address, want string) {
			t.Helper()
			pid, found, err := f.FindAddress(ctx, study, address)
			if err != nil || pid != want || found != (want != "") {
				t.Errorf("%s in %s: %q %v %v, want %q", address, study, pid, found, err, want)
			}
		}
		for _, address := range []string{" asa.lindqvist@VERKSTAD.example", "070-123 45 67", "+46 (0)70 123 45 67", "0046701234567", "0701234567"} {
			find("smart-factory", address, "P1")
		}
		for _, address := range []string{"asa@verkstad.example", "070-123 45 68", "", "@", "12", "Åsa Lindqvist"} {
			find("smart-factory", address, "")
		}
		find("males", asa.Email, "P3")
		find("males", asa.Phone, "")

		bo.Email, bo.Phone = "", "031 711 00 00"
		if err := f.Put(ctx, monday.Add(time.Hour), bo); err != nil {
			t.Fatal(err)
		}
		find("smart-factory", "bo@verkstad.example", "")
		find("smart-factory", "+46317110000", "P2")

		for range 2 {
			if err := f.Delete(ctx, "P1"); err != nil {
				t.Fatal(err)
			}
		}
		find("smart-factory", asa.Email, "")
		if got, err := f.PIDs(ctx, "smart-factory"); err != nil || !slices.Equal(got, []string{"P2"}) {
			t.Errorf("after the removal: %v, %v", got, err)
		}
	})
}

func TestEachStreamsMoreThanAPage(t *testing.T) {
	f := open(t, dbtest.SQLite(t), ring(t, 1))
	var want []keyfile.Identity
	for n := range 1200 {
		want = append(want, keyfile.Identity{PID: fmt.Sprintf("P%05d", n), Study: "s", Name: fmt.Sprint("Person ", n)})
	}
	if err := f.Put(ctx, monday, want...); err != nil {
		t.Fatal(err)
	}
	if got, err := f.List(ctx, "s"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%d of %d, %v", len(got), len(want), err)
	}
	stop := errors.New("enough")
	if err := f.Each(ctx, "s", func(keyfile.Identity) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
}

// No byte of the files tells who takes part, not even after a removal.
func TestTheFilesNameNobody(t *testing.T) {
	path := dbtest.SQLite(t)
	f := open(t, path, ring(t, 1))
	if err := f.Put(ctx, monday, asa, bo, other); err != nil {
		t.Fatal(err)
	}
	var dump bytes.Buffer
	if err := f.DB().Dump(ctx, &dump, monday); err != nil {
		t.Fatal(err)
	}
	all := dump.Bytes()
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 2 {
		t.Fatalf("files: %v, %v", files, err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	if !bytes.Contains(all, []byte("smart-factory")) {
		t.Fatal("the test does not see what is stored")
	}
	lower := bytes.ToLower(all)
	for _, telling := range []string{"Åsa", "Lindqvist", "verkstad", "701234567", "123 45 67", "Klubb", "Skövde", "Bo Ek"} {
		if bytes.Contains(lower, bytes.ToLower([]byte(telling))) {
			t.Errorf("%q can be read", telling)
		}
	}
}

func TestASealHoldsForItsRowAndItsKey(t *testing.T) {
	path := dbtest.SQLite(t)
	f := open(t, path, ring(t, 1))
	if err := f.Put(ctx, monday, asa, bo); err != nil {
		t.Fatal(err)
	}
	stranger := open(t, path, ring(t, 2))
	_, err := stranger.Get(ctx, "P1")
	if err == nil || !strings.Contains(err.Error(), "P1") {
		t.Errorf("opened with another key: %v", err)
	}
	if _, found, err := stranger.FindAddress(ctx, asa.Study, asa.Email); found || err != nil {
		t.Errorf("found with another key: %v", err)
	}
	if err := f.DB().Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`UPDATE identities SET sealed = (SELECT sealed FROM identities WHERE pid = 'P1') WHERE pid = 'P2'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if id, err := f.Get(ctx, "P2"); err == nil {
		t.Errorf("a seal was moved to another row: %q", id.Name)
	}
}

func TestPrintingAnIdentityShowsThePIDAlone(t *testing.T) {
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(format, asa); got != "identity of P1" {
			t.Errorf("%s: %s", format, got)
		}
	}
	if got := asa.LogValue().String(); got != "identity of P1" {
		t.Error(got)
	}
}

// The key file moves between the engines with the addresses that wait to be
// looked up, sealed as they are.
func TestAKeyFileMovesBetweenEngines(t *testing.T) {
	source := open(t, dbtest.SQLite(t), ring(t, 1))
	if err := source.Put(ctx, monday, asa, bo); err != nil {
		t.Fatal(err)
	}
	waits := []keyfile.Renewal{{ID: "R1", Address: asa.Email}, {ID: "R2", Address: "0701234567"}}
	for _, r := range waits {
		if err := source.AddRenewal(ctx, monday, r); err != nil {
			t.Fatal(err)
		}
	}
	dump := func(f *keyfile.File) []byte {
		t.Helper()
		var b bytes.Buffer
		if err := f.DB().Dump(ctx, &b, monday); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	want := dump(source)
	for _, trace := range []string{asa.Email, "verkstad", "0701234567"} {
		if bytes.Contains(want, []byte(trace)) {
			t.Errorf("%s is in the dump", trace)
		}
	}
	for _, dsn := range []string{dbtest.Postgres(t), dbtest.SQLite(t)} {
		f := open(t, dsn, ring(t, 1))
		if err := f.DB().Load(ctx, bytes.NewReader(want)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(dump(f), want) {
			t.Errorf("%s: the dump differs", f.DB().Engine())
		}
		if got, err := f.Renewals(ctx, 9); err != nil || !slices.Equal(got, waits) {
			t.Errorf("what waits: %v, %v", got, err)
		}
		if err := f.RemoveRenewal(ctx, "R1"); err != nil {
			t.Fatal(err)
		}
		if got, err := f.Renewals(ctx, 9); err != nil || !slices.Equal(got, waits[1:]) {
			t.Errorf("what waits after: %v, %v", got, err)
		}
	}
}
