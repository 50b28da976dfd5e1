package store_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"panelverk/internal/db"
	"panelverk/internal/db/dbtest"
	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/store"
)

func saver(save store.Save, fresh *bool) func(*store.Tx) error {
	return func(tx *store.Tx) (err error) {
		_, *fresh, err = tx.AddSave(save)
		return err
	}
}

// 64 respondents save at the same time, every save twice: as a browser does
// that did not see the answer.
func TestConcurrentSaversLoseAndDoubleNothing(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		const people, saves = 64, 6
		panel(t, s, people)
		var running sync.WaitGroup
		var fresh atomic.Int64
		for n := 1; n <= people; n++ {
			id := begin(t, s, invitation(n, 1)).ID
			for device := range 2 {
				running.Go(func() {
					for k := range saves {
						var isNew bool
						save := store.Save{Interview: id, Key: fmt.Sprint("k", k), At: later(k), Mode: store.Web, Change: interview.Change{
							Page: fmt.Sprint("p", k), Answers: map[string]string{fmt.Sprint("q", k): fmt.Sprint(n, k)}, Device: fmt.Sprint(device)}}
						if err := s.Write(context.Background(), saver(save, &isNew)); err != nil {
							t.Error(err)
						}
						if isNew {
							fresh.Add(1)
						}
					}
				})
			}
		}
		running.Wait()
		if fresh.Load() != people*saves {
			t.Errorf("%d saves were new, want %d", fresh.Load(), people*saves)
		}
		for n := 1; n <= people; n++ {
			row := get(t, s, func(tx *store.Tx) (store.Interview, error) { return tx.Interview(invitation(n, 1).ID) })
			history := get(t, s, func(tx *store.Tx) ([]store.Save, error) { return tx.Saves(row.ID) })
			document, err := row.Decoded()
			if err != nil || len(document.Answers) != saves || len(history) != saves || row.Revision != saves {
				t.Fatalf("participant %d: %d answers, %d rows, revision %d, %v", n, len(document.Answers), len(history), row.Revision, err)
			}
			if row.Document != store.Replay(history).Encode() {
				t.Errorf("participant %d: the document is not what the history amounts to", n)
			}
		}
	})
}

// Whatever is saved in whatever order, repeats included, the document is the
// replay of the history, and the history is the saves without the repeats.
func TestTheDocumentIsTheReplayOfTheSaves(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		panel(t, s, 1)
		questions := rapid.SampledFrom([]string{"tempo", "autonomi", "åsikt", "union"})
		values := rapid.OneOf(rapid.SampledFrom([]string{"", "1", "1 3 2", "=SUM(A1)"}), rapid.String())
		person := 1
		rapid.Check(t, func(rt *rapid.T) {
			person++
			write(t, s, func(tx *store.Tx) error {
				return errors.Join(tx.AddParticipant(participant(person)), tx.AddInvitation(invitation(person, 1)))
			})
			id := begin(t, s, invitation(person, 1)).ID
			var want []store.Save
			keys := map[string]bool{}
			for range rapid.IntRange(1, 8).Draw(rt, "saves") {
				save := store.Save{Interview: id, Mode: store.Web, Key: rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(rt, "key"),
					At: later(rapid.IntRange(0, 99).Draw(rt, "minute")),
					Change: interview.Change{
						Page:    rapid.SampledFrom([]string{"", "work", "health"}).Draw(rt, "page"),
						Device:  rapid.SampledFrom([]string{"", "d1", "d2"}).Draw(rt, "device"),
						Asked:   rapid.Bool().Draw(rt, "asked"),
						Answers: rapid.MapOfN(questions, values, 1, 4).Draw(rt, "answers"),
					}}
				var fresh bool
				write(t, s, saver(save, &fresh))
				if fresh == keys[save.Key] {
					rt.Fatalf("key %s: fresh is %v", save.Key, fresh)
				}
				if fresh {
					want = append(want, save)
				}
				keys[save.Key] = true
			}
			row := get(t, s, func(tx *store.Tx) (store.Interview, error) { return tx.Interview(id) })
			history := get(t, s, func(tx *store.Tx) ([]store.Save, error) { return tx.Saves(id) })
			if got := store.Replay(history).Encode(); row.Document != got || got != store.Replay(want).Encode() {
				rt.Fatalf("document %s\nreplay of the rows %s\nreplay of what was sent %s", row.Document, got, store.Replay(want).Encode())
			}
			last := get(t, s, func(tx *store.Tx) (store.Interview, error) { return tx.Interview(id) }).StartedAt
			for _, save := range want { // what comes late moves it back no more
				if save.At.After(last) {
					last = save.At
				}
			}
			if row.Revision != int64(len(want)) || !row.LastAt.Equal(last) {
				rt.Fatalf("revision %d at %v after %d saves", row.Revision, row.LastAt, len(want))
			}
		})
	})
}

func TestAudit(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		if err := s.Read(context.Background(), (*store.Tx).VerifyAudit); err != nil {
			t.Errorf("an empty audit: %v", err)
		}
		var running sync.WaitGroup
		for n := range 20 {
			running.Go(func() {
				err := s.Write(context.Background(), func(tx *store.Tx) error {
					return tx.AddAudit(store.AuditRow{At: later(n), Account: "A1", Action: "wave.change", Study: []string{smart, "males"}[n%2],
						Object: fmt.Sprint("wave ", n), Detail: "moved"})
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		running.Wait()
		if err := s.Read(context.Background(), (*store.Tx).VerifyAudit); err != nil {
			t.Error(err)
		}
		rows := get(t, s, func(tx *store.Tx) ([]store.AuditRow, error) { return tx.AuditRows("", 0) })
		if len(rows) != 20 || rows[0].Number != 20 || rows[19].Previous != "" || rows[0].Previous != rows[1].Hash {
			t.Errorf("%d rows, the first is %+v", len(rows), rows[0])
		}
		if got := get(t, s, func(tx *store.Tx) ([]store.AuditRow, error) { return tx.AuditRows("males", 3) }); len(got) != 3 || got[0].Study != "males" {
			t.Errorf("of one study: %+v", got)
		}

		for name, c := range map[string]struct{ tamper, says string }{
			"a changed field":     {`UPDATE audit SET detail = 'nothing' WHERE number = 7`, "row 7"},
			"a changed time":      {`UPDATE audit SET at = at + 1 WHERE number = 8`, "row 8"},
			"a removed row":       {`DELETE FROM audit WHERE number = 9`, "row 9"},
			"removed at the end":  {`DELETE FROM audit WHERE number > 18`, "row 19"},
			"removed altogether":  {`DELETE FROM audit`, "row 1"},
			"no head":             {`DELETE FROM audit_head`, "row 20"},
			"another head":        {`UPDATE audit_head SET hash = 'x'`, "row 20"},
			"two fields as one":   {`UPDATE audit SET object = object || detail, detail = '' WHERE number = 3`, "row 3"},
			"a row before others": {`UPDATE audit SET number = 0 WHERE number = 1`, "row 1"},
		} {
			back := errors.New("undo")
			err := s.DB().Write(context.Background(), func(tx *sql.Tx) error {
				if _, err := tx.Exec(c.tamper); err != nil {
					return err
				}
				err := store.TxOf(tx).VerifyAudit()
				wantFault(t, err, fault.Conflict, "audit_broken")
				if err == nil || !strings.Contains(err.Error(), c.says+" ") {
					t.Errorf("%s: %v, want it to name %s", name, err, c.says)
				}
				return back
			})
			if !errors.Is(err, back) {
				t.Error(err)
			}
		}
	})
}

// Two servers on one database queue up for the next row of the audit.
func TestAuditOfTwoServers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, dsn string) {
		servers := []*store.Store{open(t, dsn), open(t, dsn)}
		var running sync.WaitGroup
		for n := range 30 {
			running.Go(func() {
				err := servers[n%2].Write(context.Background(), func(tx *store.Tx) error {
					return tx.AddAudit(store.AuditRow{At: later(n), Action: "wave.change"})
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		running.Wait()
		if err := servers[0].Read(context.Background(), (*store.Tx).VerifyAudit); err != nil {
			t.Error(err)
		}
		if n := len(get(t, servers[1], func(tx *store.Tx) ([]store.AuditRow, error) { return tx.AuditRows("", 0) })); n != 30 {
			t.Errorf("%d rows, want 30", n)
		}
	})
}

// A panel moves from SQLite to PostgreSQL and back; not a byte differs.
func TestAPanelMovesBetweenEngines(t *testing.T) {
	source := open(t, dbtest.SQLite(t))
	panel(t, source, 5)
	for n := 1; n <= 3; n++ {
		var fresh bool
		id := begin(t, source, invitation(n, 1)).ID
		write(t, source,
			saver(store.Save{Interview: id, Key: "k", At: later(n), Mode: store.Web, Change: interview.Change{Answers: map[string]string{"q": "Ja <b>å</b>"}}}, &fresh),
			func(tx *store.Tx) error { return tx.AddAudit(store.AuditRow{At: later(n), Action: "data.download"}) })
	}
	write(t, source, func(tx *store.Tx) error {
		return tx.AddVersion(store.Version{Study: smart, Key: "core", Number: 2, Hash: "b", File: []byte{0, 0xff}, PublishedAt: monday})
	})
	rights(t, source)
	dump := func(s *store.Store) []byte {
		t.Helper()
		var b bytes.Buffer
		if err := s.DB().Dump(context.Background(), &b, monday); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	want := dump(source)
	at := want
	for _, dsn := range []string{dbtest.Postgres(t), dbtest.SQLite(t)} {
		s := open(t, dsn)
		if err := s.DB().Load(context.Background(), bytes.NewReader(at)); err != nil {
			t.Fatal(err)
		}
		if at = dump(s); !bytes.Equal(at, want) {
			t.Errorf("%s: the dump differs", s.DB().Engine())
		}
		if err := s.Read(context.Background(), (*store.Tx).VerifyAudit); err != nil {
			t.Error(err)
		}
		same(t, "numbers", get(t, s, func(tx *store.Tx) ([]string, error) { return tx.Sharing(participant(1).PID, "x") }), []string{"d1", "d2"})
		same(t, "agreements", get(t, s, func(tx *store.Tx) ([]store.Agreement, error) { return tx.AgreementsOf(participant(1).PID) }),
			[]store.Agreement{{PID: participant(1).PID, Version: 1, Language: "sv", Hash: "sha256:1", At: later(1)}})
		same(t, "redactions", len(get(t, s, func(tx *store.Tx) ([]store.Redaction, error) { return tx.Redactions(smart, later(2)) })), 1)
		same(t, "snapshots", len(get(t, s, func(tx *store.Tx) ([]store.Snapshot, error) { return tx.Snapshots(smart) })), 1)
		var fresh bool // and it can be written on
		write(t, s, saver(store.Save{Interview: invitation(1, 1).ID, Key: "k", At: later(9), Mode: store.Web}, &fresh))
		if fresh {
			t.Error("a save that came over was taken again")
		}
	}
}

// rights stores what participants agreed to, have proved and were shown.
func rights(t *testing.T, s *store.Store) {
	t.Helper()
	pid := participant(1).PID
	write(t, s,
		func(tx *store.Tx) error {
			return tx.KeepConsent(store.ConsentText{Study: smart, Version: 1, Language: "sv", Hash: "sha256:1", Body: "Jag är med.\n\n- å", Since: monday})
		},
		func(tx *store.Tx) error {
			return tx.AddAgreement(store.Agreement{PID: pid, Version: 1, Language: "sv", Hash: "sha256:1", At: later(1)})
		},
		func(tx *store.Tx) error {
			_, err := tx.FreezeSnapshot(store.Snapshot{Study: smart, Wave: 1, MadeAt: later(2), Content: `{"questions":[]}`})
			return err
		},
		func(tx *store.Tx) error {
			return tx.AddRedaction(store.Redaction{Interview: invitation(1, 1).ID, Question: "why@1.2", Digest: "x", Kind: store.LeavesRedacted, Words: "Å […]", At: later(2)})
		},
		func(tx *store.Tx) error {
			return tx.PutPIN(store.PIN{PID: pid, Device: "d1", Digest: "x", SetAt: later(3)})
		},
		func(tx *store.Tx) error {
			_, err := tx.AddProofCode(pid, "d2", later(4), later(14))
			return err
		},
		func(tx *store.Tx) error {
			return tx.AddProved(store.Proved{PID: pid, Wave: 1, Device: "d2", Way: interview.ByPIN, Digest: "x", At: later(5)})
		},
		func(tx *store.Tx) error {
			_, err := tx.TakeAttempt("keyed", pid, later(6), time.Hour)
			return err
		})
}

// A full disk: the save says so, and what was acknowledged before is there.
func TestASaveOnAFullDisk(t *testing.T) {
	s := open(t, dbtest.SQLite(t))
	panel(t, s, 1)
	id := begin(t, s, invitation(1, 1)).ID
	var fresh bool
	save := func(key string, size int) store.Save {
		return store.Save{Interview: id, Key: key, At: later(1), Mode: store.Web,
			Change: interview.Change{Answers: map[string]string{"open" + key: strings.Repeat("a", size)}}}
	}
	write(t, s, saver(save("k1", 10), &fresh))
	pragma := func(query string, into ...any) {
		t.Helper()
		if err := s.DB().Write(context.Background(), func(tx *sql.Tx) error { return tx.QueryRow(query).Scan(into...) }); err != nil {
			t.Fatal(err)
		}
	}
	var pages int
	pragma(`PRAGMA page_count`, &pages)
	pragma(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+2), &pages)
	err := s.Write(context.Background(), saver(save("k2", 100_000), &fresh))
	wantFault(t, err, fault.Full, "storage_full")
	history := get(t, s, func(tx *store.Tx) ([]store.Save, error) { return tx.Saves(id) })
	same(t, "history", history, []store.Save{save("k1", 10)})
	pragma(`PRAGMA max_page_count = 100000`, &pages)
	write(t, s, saver(save("k2", 100_000), &fresh))
	if !fresh {
		t.Error("the save that failed counts as stored")
	}
}

// killedDSN makes the test binary a server that saves until it is killed.
const killedDSN = "PANELVERK_TEST_SAVE_INTO"

// TestKillLosesNoAcknowledgedSave ends a saving process with SIGKILL again and
// again; whatever it had acknowledged is there, and nothing is torn.
func TestKillLosesNoAcknowledgedSave(t *testing.T) {
	if dsn := os.Getenv(killedDSN); dsn != "" {
		saveUntilKilled(t, dsn)
		return
	}
	dbtest.Each(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		panel(t, s, 1)
		id := begin(t, s, invitation(1, 1)).ID
		var acknowledged []string
		for round := range 4 {
			cmd := exec.Command(os.Args[0], "-test.run=^TestKillLosesNoAcknowledgedSave$", "-test.count=1")
			cmd.Env = append(os.Environ(), killedDSN+"="+dsn, fmt.Sprint("ROUND=", round))
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			for n := 0; lines.Scan(); n++ {
				if key, ok := strings.CutPrefix(lines.Text(), "saved "); ok {
					acknowledged = append(acknowledged, key)
				}
				if n == 40*(round+1) {
					_ = cmd.Process.Kill() // the scanner reads what was still said before
				}
			}
			if err := cmd.Wait(); err == nil {
				t.Fatal("the process ended by itself")
			}
		}
		if len(acknowledged) < 100 {
			t.Fatalf("only %d saves were acknowledged", len(acknowledged))
		}
		var stored []string
		history := get(t, s, func(tx *store.Tx) ([]store.Save, error) { return tx.Saves(id) })
		for _, save := range history {
			stored = append(stored, save.Key)
		}
		slices.Sort(stored)
		for _, key := range acknowledged {
			if _, found := slices.BinarySearch(stored, key); !found {
				t.Errorf("save %s was acknowledged and is lost", key)
			}
		}
		row := get(t, s, func(tx *store.Tx) (store.Interview, error) { return tx.Interview(id) })
		if row.Document != store.Replay(history).Encode() || row.Revision != int64(len(history)) {
			t.Errorf("the document is not what the %d saves amount to", len(history))
		}
	})
}

// saveUntilKilled saves with CLIENTS clients (8) and says each key that was
// acknowledged; with SAVES set it ends after so many of each client.
func saveUntilKilled(t *testing.T, dsn string) {
	s := open(t, dsn)
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
			return n
		}
		return otherwise
	}
	// Whoever was to kill it may have gone: it ends by itself at last.
	saves := number("SAVES", 50_000)
	var running sync.WaitGroup
	var out sync.Mutex
	for client := range number("CLIENTS", 8) {
		running.Go(func() {
			for n := range saves {
				var fresh bool
				key := fmt.Sprintf("%s-%d-%d", os.Getenv("ROUND"), client, n)
				save := store.Save{Interview: invitation(1, 1).ID, Key: key, At: later(n), Mode: store.Web,
					Change: interview.Change{Answers: map[string]string{fmt.Sprint("q", client): key}}}
				if err := s.Write(context.Background(), saver(save, &fresh)); err != nil {
					t.Error(err)
					return
				}
				out.Lock()
				fmt.Println("saved", key)
				out.Unlock()
			}
		})
	}
	running.Wait()
}

// BenchmarkSaves measures saves of 64 clients, durable and with the commit left
// out, in one run. The ratio is the promise: at least 0.5.
func BenchmarkSaves(b *testing.B) {
	const clients = 64
	rate := func(options ...db.Option) float64 {
		path := dbtest.SQLite(b)
		panel(b, open(b, path), clients)
		for n := 1; n <= clients; n++ {
			begin(b, open(b, path), invitation(n, 1))
		}
		s, err := store.Open(context.Background(), path, options...)
		if err != nil {
			b.Fatal(err)
		}
		defer s.Close()
		page := interview.Change{Page: "work", Device: "0123456789abcdef", Answers: map[string]string{}}
		for q := range 6 {
			page.Answers[fmt.Sprint("question_", q)] = fmt.Sprint(q)
		}
		var next atomic.Int64
		var running sync.WaitGroup
		start := time.Now()
		for n := 1; n <= clients; n++ {
			running.Go(func() {
				for k := next.Add(1); k <= int64(b.N); k = next.Add(1) {
					var fresh bool
					change := page
					change.Page = fmt.Sprint("page ", k%8)
					if err := s.Write(context.Background(), saver(store.Save{Interview: invitation(n, 1).ID, Key: fmt.Sprint(k), At: later(1),
						Mode: store.Web, Change: change}, &fresh)); err != nil || !fresh {
						b.Error(fresh, err)
					}
				}
			})
		}
		running.Wait()
		return float64(b.N) / time.Since(start).Seconds()
	}
	bare := rate(db.WithoutCommit())
	b.ResetTimer()
	durable := rate()
	b.ReportMetric(durable, "durable-saves/s")
	b.ReportMetric(bare, "uncommitted-saves/s")
	b.ReportMetric(durable/bare, "ratio")
}
