package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/need"
	"panelverk/internal/panel"
	"panelverk/internal/store"
)

// victim is everything that one person leaves behind, each piece so that it is
// found again in the bytes of a file.
type victim struct {
	label, token, pid string
	markers           map[string][]byte
}

// populate fills the panel with people who have all kinds of data, one person's
// between others' so that pages of the databases are split and joined, and gives
// those who will be erased.
func populate(t *testing.T, s *server, victims int) []victim {
	t.Helper()
	ctx, now, boss := context.Background(), time.Now(), access.CommandLine()
	st, err := s.fieldwork.Study(ctx, boss, panelStudy)
	if err != nil {
		t.Fatal(err)
	}
	wave := len(st.Waves)
	const fillers = 60
	var out []victim
	for n := range fillers + victims {
		person := fieldwork.NewParticipant{Name: fmt.Sprint("Filler ", n), Language: "sv"}
		isVictim := n%((fillers+victims)/victims) == 3 && len(out) < victims
		if isVictim {
			person = fieldwork.NewParticipant{Name: fmt.Sprint("Zacharias Xylofon ", n), Email: fmt.Sprintf("zx%d@quirk.example", n), Phone: fmt.Sprint("070-55511", n+10), Note: fmt.Sprint("Qwertyklubben ", n), Language: "sv"}
		}
		labels, err := s.fieldwork.AddParticipants(ctx, now, boss, panelStudy, []fieldwork.NewParticipant{person})
		if err != nil {
			t.Fatal(err)
		}
		words := fmt.Sprintf("Utfyllnad %d ", n)
		if isVictim {
			words = fmt.Sprintf("HEMLIGT%dORD ", n)
		}
		v := fill(t, s, labels[0], wave, words, n)
		if isVictim {
			v.markers["name"], v.markers["email"], v.markers["phone"], v.markers["note"] = []byte(person.Name), []byte(person.Email), []byte(person.Phone), []byte(person.Note)
			out = append(out, v)
		}
	}
	for i := range out {
		out[i].seal(t, s)
	}
	return out
}

// fill gives a participant answers, some typed over, a file, a correction, a
// contact, a message with the server's words, and a former address.
func fill(t *testing.T, s *server, label string, wave int, words string, n int) victim {
	t.Helper()
	ctx, now, boss := context.Background(), time.Now(), access.CommandLine()
	links, err := s.fieldwork.Links(ctx, now, boss, panelStudy, wave, false)
	if err != nil {
		t.Fatal(err)
	}
	v := victim{label: label, markers: map[string][]byte{"answers": []byte(words)}}
	for _, l := range links {
		if l.Label == label {
			_, v.token, _ = strings.Cut(l.URL, "/s/")
		}
	}
	if err := s.fieldwork.Start(ctx, now, v.token, fieldwork.Beginning{Language: "sv", Consent: true}); err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		visit, err := s.fieldwork.Visit(ctx, now, v.token)
		if err != nil {
			t.Fatal(err)
		}
		v.pid = visit.Participant.PID
		text := strings.TrimSpace(strings.Repeat(words, 12*(1+(n+i)%5)))
		if _, err := s.fieldwork.SavePage(ctx, now, visit, interview.Post{Page: wordsPage, Go: interview.Forward,
			Values: map[string][]string{wordsAsked: {text}}, Shown: map[string]string{wordsAsked: visit.Doc.Answers[wordsAsked]}}, fmt.Sprint("k", i), store.Web, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.fieldwork.RecordContact(ctx, now, boss, panelStudy, label, fieldwork.NewContact{Wave: wave, Way: panel.ByTelephone, Outcome: panel.Promised, Note: "Ringde: " + words}); err != nil {
		t.Fatal(err)
	}
	if err := s.store.Write(ctx, func(tx *store.Tx) error {
		inv, err := tx.InvitationOf(v.pid, wave)
		if err != nil {
			return err
		}
		if err := tx.AddUpload(store.Upload{Token: "T" + inv.ID, Interview: inv.ID, Question: "q", Name: []byte(words), At: now}, bytes.Repeat([]byte(words), 40<<10/len(words)*10)); err != nil {
			return err
		}
		if err := tx.AddCorrection(store.Correction{ID: "C" + inv.ID, Interview: inv.ID, Question: wordsAsked, Old: words, New: words, Reason: words, At: now}); err != nil {
			return err
		}
		if err := tx.AddRedaction(store.Redaction{Interview: inv.ID, Question: wordsAsked, Digest: "D" + inv.ID, Kind: store.LeavesRedacted, Words: "[…] " + words, At: now}); err != nil {
			return err
		}
		if err := tx.AddEvent(store.Event{ID: "E" + inv.ID, Study: panelStudy, PID: v.pid, Wave: wave, Kind: string(panel.Reopened), At: now, Detail: words}); err != nil {
			return err
		}
		m := store.Message{ID: "M" + inv.ID, Study: panelStudy, PID: v.pid, Wave: wave, Key: "invitation", Kind: "invitation", Template: "invitation", Channel: "email", Language: "sv",
			State: store.Due, Planned: now, Next: now.Add(-time.Second), Created: now}
		if err := tx.AddNotice(m); err != nil {
			return err
		}
		if _, err := tx.ClaimMessages("w", now, now.Add(time.Hour), 1000, true, true); err != nil {
			return err
		}
		if m, err = tx.BeginHandover(m.ID, "w", now); err != nil {
			return err
		}
		return tx.EndHandover(store.Handover{Message: m.ID, Number: 1, Worker: "w", Ended: now, Outcome: "refused", Code: "x", Said: "550 " + words}, store.RefusedBy, time.Time{})
	}); err != nil {
		t.Fatal(err)
	}
	return v
}

// seal adds what stands for the person in the key file, encrypted or not.
func (v *victim) seal(t *testing.T, s *server) {
	t.Helper()
	ctx := context.Background()
	st, err := s.fieldwork.Study(ctx, access.CommandLine(), panelStudy)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.fieldwork.Alter(ctx, time.Now(), access.CommandLine(), panelStudy, v.label, fieldwork.Alteration{Language: "sv",
		Attributes: map[string]string{st.Attributes[0].Name: st.Attributes[0].Choices[0].Name},
		Contact:    &fieldwork.ContactData{Name: string(v.markers["name"]), Email: "ny" + string(v.markers["email"]), Phone: string(v.markers["phone"]), Note: string(v.markers["note"])}}); err != nil {
		t.Fatal(err)
	}
	if err := s.identities.DB().Read(ctx, func(tx *sql.Tx) error {
		for i, query := range []string{`SELECT sealed FROM identities WHERE pid = $1`, `SELECT sealed FROM notes WHERE pid = $1`,
			`SELECT sealed FROM former_addresses WHERE pid = $1`, `SELECT MAX(lookup) FROM addresses WHERE pid = $1`} {
			var b []byte
			if err := tx.QueryRow(query, v.pid).Scan(&b); err != nil {
				return err
			}
			v.markers[fmt.Sprint("key file ", i)] = b
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// found tells which of the person's pieces stand in which files of a directory.
func (v *victim) found(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for what, marker := range v.markers {
			if bytes.Contains(data, bytes.TrimSpace(marker)) {
				out = append(out, what+" in "+filepath.Base(path))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What is erased is in no file of the data directory, once readers have
// drained: not in free pages, not in the log, not in a restored backup.
func TestErasureLeavesNoByte(t *testing.T) {
	f := newPanel(t)
	var victims []victim
	backups := filepath.Join(filepath.Dir(f.data), "backup")
	var files []string
	f.open(func(s *server) {
		ctx := context.Background()
		victims = populate(t, s, 4)
		for _, v := range victims {
			if found := v.found(t, f.data); len(found) < 5 {
				t.Fatalf("the test does not see what is stored: %v", found)
			}
		}
		files = strings.Fields(must(t, "backup", "--dir", f.data, "--out", backups))

		reading, read := make(chan struct{}), make(chan struct{})
		ended := make(chan error, 1)
		go func() { // an export that takes its time
			ended <- s.store.Read(ctx, func(tx *store.Tx) error {
				_, err := tx.Participants(panelStudy)
				close(reading)
				<-read
				return err
			})
		}()
		<-reading
		for _, v := range victims[:3] {
			if err := s.fieldwork.EraseParticipant(ctx, time.Now(), access.CommandLine(), panelStudy, v.label); err != nil {
				t.Fatal(err)
			}
		}
		if left, err := s.fieldwork.Sweep(ctx, time.Now()); err != nil || left != 3 {
			t.Errorf("swept while somebody was reading: %d left, %v", left, err)
		}
		close(read)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if left, err := s.fieldwork.Sweep(ctx, time.Now()); err != nil || left != 0 {
			t.Errorf("%d left, %v", left, err)
		}
		for _, v := range victims[:3] {
			if found := v.found(t, f.data); len(found) > 0 {
				t.Errorf("still there: %v", found)
			}
		}
	})
	if found := victims[3].found(t, f.data); len(found) < 5 {
		t.Errorf("of somebody who stays only this is left: %v", found)
	}

	again := filepath.Join(filepath.Dir(f.data), "again")
	key, err := os.ReadFile(f.data + ".key")
	if err != nil {
		t.Fatal(err)
	}
	write(t, again+".key", string(key))
	args := []string{"restore", "--dir", again, "--panel", files[0], "--keyfile", files[1]}
	if status, _, talk := command("", args...); status != exitFailed || !strings.Contains(talk, "--erasures") {
		t.Errorf("restored without the list: %d %s", status, talk)
	}
	status, _, talk := command("", append(args, "--erasures", filepath.Join(f.data, "erasures.log"))...)
	if status != exitDone || !strings.Contains(talk, "3 persons are on the list of erasures; 3 of them") {
		t.Errorf("%d %s", status, talk)
	}
	for i, v := range victims {
		if found := v.found(t, again); i < 3 && len(found) > 0 || i == 3 && len(found) < 5 {
			t.Errorf("person %d in the restored panel: %v", i, found)
		}
	}
	if out := must(t, "doctor", "--dir", again); strings.Contains(out, "✗") {
		t.Errorf("the doctor: %s", out)
	}
}

// newPanel is Smart Factory in a fresh directory with its last wave open.
func newPanel(t *testing.T) *field {
	t.Helper()
	dir := t.TempDir()
	f := &field{t: t, data: filepath.Join(dir, "data")}
	must(t, "study", "apply", "--dir", f.data, "--yes", rollingCopy(t, dir))
	return f
}

// A server that is killed in the middle of an erasure finishes it when it
// starts again; where it had not begun, nothing of the person is missing.
func TestAKilledErasureIsFinished(t *testing.T) {
	gotool, err := exec.LookPath("go")
	if err != nil {
		need.Missing(t, "the go command", "put it on the PATH")
	}
	f := newPanel(t)
	f.binary = filepath.Join(t.TempDir(), "panelverk")
	if out, err := exec.Command(gotool, "build", "-o", f.binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var victims []victim
	f.open(func(s *server) {
		victims = populate(t, s, 6)
		for _, v := range victims {
			if err := s.fieldwork.LiftRest(context.Background(), time.Now(), access.CommandLine(), panelStudy, v.label, "a test"); err != nil {
				t.Fatal(err)
			}
		}
	})
	erased := 0
	for i, v := range victims {
		p := f.serve()
		a := newAnswerer(t, i, f.tokenOf(v))
		go func() { // the answer may never come
			if res, err := a.http.PostForm(a.link(p.base)+"/leave/erase", url.Values{"mine": {"1"}}); err == nil {
				res.Body.Close()
			}
		}()
		time.Sleep(time.Duration(2+6*i) * time.Millisecond)
		p.end(os.Kill)
		list, err := os.ReadFile(filepath.Join(f.data, "erasures.log"))
		if err != nil {
			t.Fatal(err)
		}
		decided := bytes.Contains(list, []byte(v.pid+" "))
		p = f.serve()
		found := v.found(t, f.data)
		switch {
		case decided && len(found) > 0:
			t.Errorf("person %d: decided, and still there after a start: %v", i, found)
		case !decided && len(found) < 5:
			t.Errorf("person %d: not decided, and only this is left: %v", i, found)
		}
		if decided {
			erased++
		}
		p.end(os.Interrupt)
		if strings.Contains(p.talk.String(), "HEMLIGT") || strings.Contains(p.talk.String(), v.pid) {
			t.Errorf("the log tells of the person: %s", &p.talk)
		}
	}
	t.Logf("%d of %d were decided before the kill", erased, len(victims))
}

// tokenOf gives the token of a person's link as it is now.
func (f *field) tokenOf(v victim) (token string) {
	f.open(func(s *server) {
		st, err := s.fieldwork.Study(context.Background(), access.CommandLine(), panelStudy)
		if err != nil {
			f.t.Fatal(err)
		}
		links, err := s.fieldwork.Links(context.Background(), time.Now(), access.CommandLine(), panelStudy, len(st.Waves), false)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, l := range links {
			if l.Label == v.label {
				_, token, _ = strings.Cut(l.URL, "/s/")
			}
		}
	})
	return token
}
