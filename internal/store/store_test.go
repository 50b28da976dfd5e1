package store_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/db/dbtest"
	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/store"
)

// each runs the test on an empty store of either engine.
func each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, dsn string) { test(t, open(t, dsn)) })
}

func open(t testing.TB, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// write runs the works one after the other, each in a transaction of its own.
func write(t testing.TB, s *store.Store, works ...func(tx *store.Tx) error) {
	t.Helper()
	for i, work := range works {
		if err := s.Write(context.Background(), work); err != nil {
			t.Fatalf("write %d: %v", i, err)
		}
	}
}

// get reads one thing.
func get[T any](t testing.TB, s *store.Store, read func(tx *store.Tx) (T, error)) T {
	t.Helper()
	v, err := try(s, read)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func try[T any](s *store.Store, read func(tx *store.Tx) (T, error)) (v T, err error) {
	err = s.Read(context.Background(), func(tx *store.Tx) error {
		v, err = read(tx)
		return err
	})
	return v, err
}

// wantFault fails unless err is the fault of that kind and code.
func wantFault(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != kind || f.Code != code {
		t.Errorf("got %v, want %s %s", err, kind, code)
	}
}

func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

var monday = time.Date(2016, 3, 7, 8, 0, 0, 123e6, time.UTC)

func later(minutes int) time.Time { return monday.Add(time.Duration(minutes) * time.Minute) }

const smart = "smart-factory"

// panel sets a study up: one version, two waves, the participants P1…Pn, each
// invited to both waves.
func panel(t testing.TB, s *store.Store, people int) {
	t.Helper()
	write(t, s, func(tx *store.Tx) error {
		if err := tx.PutStudy(store.Study{Key: smart, Source: "title: Smart Factory\n", Hash: "h1", AppliedAt: monday}); err != nil {
			return err
		}
		if err := tx.AddVersion(store.Version{Study: smart, Key: "core", Number: 1, Hash: "v1", PublishedAt: monday}); err != nil {
			return err
		}
		for wave := 1; wave <= 2; wave++ {
			if err := tx.PutWave(store.Wave{Study: smart, Number: wave, Key: fmt.Sprint("w", wave),
				Opens: later(0), Closes: later(600), Questionnaire: "core", Version: 1}); err != nil {
				return err
			}
		}
		for n := 1; n <= people; n++ {
			if err := tx.AddParticipant(participant(n)); err != nil {
				return err
			}
			for wave := 1; wave <= 2; wave++ {
				if err := tx.AddInvitation(invitation(n, wave)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func participant(n int) store.Participant {
	return store.Participant{PID: fmt.Sprintf("P%05d", n), Study: smart, Label: fmt.Sprintf("L%05d", n), Language: "sv",
		Cohort: 1, Status: store.Active, CreatedAt: later(-n)}
}

func invitation(n, wave int) store.Invitation {
	id := fmt.Sprintf("I%05d-%d", n, wave)
	return store.Invitation{ID: id, Study: smart, PID: participant(n).PID, Wave: wave, Generation: 1,
		LinkLookup: "link" + id, CodeLookup: "code" + id, InvitedAt: monday}
}

// begin starts the interview of an invitation.
func begin(t testing.TB, s *store.Store, i store.Invitation) store.Interview {
	t.Helper()
	var row store.Interview
	write(t, s, func(tx *store.Tx) (err error) {
		row, err = tx.StartInterview(store.Interview{ID: i.ID, Study: i.Study, PID: i.PID, Wave: i.Wave,
			Questionnaire: "core", Version: 1, Mode: store.Web, Language: "sv", StartedAt: later(1)})
		return err
	})
	return row
}

func TestStudies(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		study := store.Study{Key: smart, Source: "title: Smart Factory\n", Hash: "h1", AppliedAt: monday,
			Consents: map[string]string{"sv": "Jag är med.", "en": "I take part."}}
		other := store.Study{Key: "males", Source: "title: Males\n", Hash: "h2", AppliedAt: later(1)}
		write(t, s,
			func(tx *store.Tx) error { return tx.PutStudy(study) },
			func(tx *store.Tx) error { return tx.PutStudy(other) },
			func(tx *store.Tx) error { return tx.TouchStudy(smart, later(2)) })
		study.EditedAt = later(2)
		same(t, "study", get(t, s, func(tx *store.Tx) (store.Study, error) { return tx.Study(smart) }), study)
		same(t, "studies", get(t, s, (*store.Tx).Studies), []store.Study{other, study})

		study.Source, study.EditedAt = "title: Smart Factory 2\n", time.Time{}
		write(t, s, func(tx *store.Tx) error { return tx.PutStudy(study) })
		same(t, "replaced", get(t, s, func(tx *store.Tx) (store.Study, error) { return tx.Study(smart) }), study)

		_, err := try(s, func(tx *store.Tx) (store.Study, error) { return tx.Study("nowhere") })
		wantFault(t, err, fault.NotFound, "study_not_found")
		err = s.Write(context.Background(), func(tx *store.Tx) error { return tx.TouchStudy("nowhere", monday) })
		wantFault(t, err, fault.NotFound, "study_not_found")
	})
}

func TestVersionsAndWaves(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		write(t, s, func(tx *store.Tx) error { return tx.PutStudy(store.Study{Key: smart, AppliedAt: monday}) })
		v1 := store.Version{Study: smart, Key: "core", Number: 1, Hash: "a", Sheets: "| survey |", FileName: "core.v1.xlsx",
			File: []byte{0x50, 0x4b, 0, 0xff}, PublishedAt: monday}
		v2 := store.Version{Study: smart, Key: "core", Number: 2, Hash: "b", PublishedAt: later(1)}
		write(t, s,
			func(tx *store.Tx) error { return tx.AddVersion(v1) },
			func(tx *store.Tx) error { return tx.AddVersion(v2) },
			func(tx *store.Tx) error { again := v1; again.PublishedAt = later(9); return tx.AddVersion(again) })
		changed := v1
		changed.Hash, changed.Sheets = "c", "| other |"
		err := s.Write(context.Background(), func(tx *store.Tx) error { return tx.AddVersion(changed) })
		wantFault(t, err, fault.Conflict, "version_published")
		same(t, "version", get(t, s, func(tx *store.Tx) (store.Version, error) { return tx.Version(smart, "core", 1) }), v1)
		same(t, "versions", get(t, s, func(tx *store.Tx) ([]store.Version, error) { return tx.Versions(smart) }), []store.Version{v1, v2})
		_, err = try(s, func(tx *store.Tx) (store.Version, error) { return tx.Version(smart, "core", 3) })
		wantFault(t, err, fault.NotFound, "version_not_found")

		w1 := store.Wave{Study: smart, Number: 1, Key: "w1", Opens: monday, Closes: later(60), Questionnaire: "core", Version: 1}
		w2 := store.Wave{Study: smart, Number: 2, Key: "w2", Opens: later(60), Closes: later(90), Questionnaire: "core", Version: 2}
		write(t, s, func(tx *store.Tx) error { return errors.Join(tx.PutWave(w2), tx.PutWave(w1)) })
		w1.Closes = later(55)
		write(t, s, func(tx *store.Tx) error { return tx.PutWave(w1) })
		same(t, "wave", get(t, s, func(tx *store.Tx) (store.Wave, error) { return tx.Wave(smart, 1) }), w1)
		same(t, "waves", get(t, s, func(tx *store.Tx) ([]store.Wave, error) { return tx.Waves(smart) }), []store.Wave{w1, w2})
		_, err = try(s, func(tx *store.Tx) (store.Wave, error) { return tx.Wave(smart, 7) })
		wantFault(t, err, fault.NotFound, "wave_not_found")

		w1.Version = 9
		if err := s.Write(context.Background(), func(tx *store.Tx) error { return tx.PutWave(w1) }); err == nil {
			t.Error("a wave fields a version that was never published")
		}
	})
}

func TestParticipants(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		panel(t, s, 3)
		ola := store.Participant{PID: "PX", Study: smart, Label: "7K2M", Language: "en", Cohort: 2, Status: store.Active,
			Attributes: map[string]string{"union": "IF Metall", "region": "Väst"}, ConsentVersion: 1, ConsentLanguage: "sv",
			ConsentAt: later(3), CreatedAt: later(2)}
		write(t, s, func(tx *store.Tx) error {
			taken := ola
			taken.Label = "L00002"
			if err := tx.AddParticipant(taken); !errors.Is(err, store.ErrLabelTaken) {
				t.Errorf("a label twice: %v", err)
			}
			return tx.AddParticipant(ola) // in the same transaction, with another label
		})
		same(t, "by pid", get(t, s, func(tx *store.Tx) (store.Participant, error) { return tx.Participant("PX") }), ola)
		same(t, "by label", get(t, s, func(tx *store.Tx) (store.Participant, error) { return tx.ParticipantByLabel(smart, "7K2M") }), ola)

		ola.Status, ola.LeftAt, ola.Attributes = store.Left, later(9), nil
		write(t, s, func(tx *store.Tx) error { return tx.UpdateParticipant(ola) })
		want := []store.Participant{participant(3), participant(2), participant(1), ola}
		same(t, "all", get(t, s, func(tx *store.Tx) ([]store.Participant, error) { return tx.Participants(smart) }), want)
		same(t, "each", get(t, s, func(tx *store.Tx) (all []store.Participant, err error) {
			return all, tx.EachParticipant(smart, func(p store.Participant) error { all = append(all, p); return nil })
		}), slices.Clone(want))

		_, err := try(s, func(tx *store.Tx) (store.Participant, error) { return tx.ParticipantByLabel("other", "7K2M") })
		wantFault(t, err, fault.NotFound, "participant_not_found")
		err = s.Write(context.Background(), func(tx *store.Tx) error {
			return tx.UpdateParticipant(store.Participant{PID: "none", Status: store.Left})
		})
		wantFault(t, err, fault.NotFound, "participant_not_found")
	})
}

func TestInvitations(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		panel(t, s, 2)
		first := invitation(1, 1)
		for what, read := range map[string]func(tx *store.Tx) (store.Invitation, error){
			"id":          func(tx *store.Tx) (store.Invitation, error) { return tx.Invitation(first.ID) },
			"link":        func(tx *store.Tx) (store.Invitation, error) { return tx.InvitationByLink(first.LinkLookup) },
			"code":        func(tx *store.Tx) (store.Invitation, error) { return tx.InvitationByCode(first.CodeLookup) },
			"participant": func(tx *store.Tx) (store.Invitation, error) { return tx.InvitationOf(first.PID, 1) },
		} {
			same(t, "by "+what, get(t, s, read), first)
		}
		second := first
		second.ID, second.LinkLookup, second.CodeLookup = "J", "lJ", "cJ"
		err := s.Write(context.Background(), func(tx *store.Tx) error { return tx.AddInvitation(second) })
		wantFault(t, err, fault.Conflict, "already_invited")

		first.Generation, first.LinkLookup, first.CodeLookup = 2, "new link", "new code"
		write(t, s, func(tx *store.Tx) error { return tx.UpdateInvitation(first) })
		_, err = try(s, func(tx *store.Tx) (store.Invitation, error) { return tx.InvitationByLink(invitation(1, 1).LinkLookup) })
		wantFault(t, err, fault.NotFound, "invitation_not_found")
		same(t, "of a wave", get(t, s, func(tx *store.Tx) ([]store.Invitation, error) { return tx.Invitations(smart, 1) }),
			[]store.Invitation{first, invitation(2, 1)})
	})
}

func TestInterviewFromStartToErasure(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		panel(t, s, 2)
		row := begin(t, s, invitation(1, 1))
		same(t, "started", row, store.Interview{ID: row.ID, Study: smart, PID: "P00001", Wave: 1, Questionnaire: "core", Version: 1,
			Mode: store.Web, Language: "sv", StartedAt: later(1), LastAt: later(1)})
		write(t, s, func(tx *store.Tx) error {
			again, err := tx.StartInterview(store.Interview{ID: row.ID, Study: smart, PID: "P00001", Wave: 1,
				Questionnaire: "core", Version: 1, Mode: store.Paper, Language: "en", StartedAt: later(5)})
			same(t, "started again", again, row)
			return err
		})

		one := store.Save{Interview: row.ID, Key: "k1", At: later(2), Mode: store.Web,
			Change: interview.Change{Page: "work", Answers: map[string]string{"tempo": "4", "åsikt": "Bra \x00 så"}, Device: "d1"}}
		two := store.Save{Interview: row.ID, Key: "k2", At: later(3), Mode: store.Telephone, Account: "A1",
			Change: interview.Change{Answers: map[string]string{"tempo": "", "union": "1"}}}
		for n, save := range []store.Save{one, two, one} {
			write(t, s, func(tx *store.Tx) error {
				got, fresh, err := tx.AddSave(save)
				if want := n < 2; fresh != want {
					t.Errorf("save %d: fresh %v, want %v", n, fresh, want)
				}
				stored, err2 := tx.Interview(row.ID)
				same(t, fmt.Sprint("returned by save ", n), got, stored)
				return errors.Join(err, err2)
			})
		}
		saves := get(t, s, func(tx *store.Tx) ([]store.Save, error) { return tx.Saves(row.ID) })
		same(t, "history", saves, []store.Save{one, two})
		row = get(t, s, func(tx *store.Tx) (store.Interview, error) { return tx.Interview(row.ID) })
		if row.Revision != 2 || !row.LastAt.Equal(later(3)) || row.Document != store.Replay(saves).Encode() {
			t.Errorf("after two saves: %+v", row)
		}
		document, err := row.Decoded()
		same(t, "answers", document.Answers, map[string]string{"union": "1", "åsikt": "Bra \x00 så"})
		if err != nil {
			t.Error(err)
		}

		err = s.Write(context.Background(), func(tx *store.Tx) error {
			_, _, err := tx.AddSave(store.Save{Interview: "none", Key: "k", At: later(2), Mode: store.Web})
			return err
		})
		wantFault(t, err, fault.NotFound, "interview_not_found")

		write(t, s, func(tx *store.Tx) error { return tx.SubmitInterview(row.ID, later(8)) },
			func(tx *store.Tx) error { return tx.SetInterviewLanguage(row.ID, "de") })
		row = get(t, s, func(tx *store.Tx) (store.Interview, error) { return tx.Interview(row.ID) })
		if !row.SubmittedAt.Equal(later(8)) || row.Language != "de" {
			t.Errorf("submitted: %+v", row)
		}
		write(t, s, func(tx *store.Tx) error { return tx.ReopenInterview(row.ID, later(9)) })
		row = get(t, s, func(tx *store.Tx) (store.Interview, error) { return tx.Interview(row.ID) })
		if !row.SubmittedAt.IsZero() || row.Revision != 2 {
			t.Errorf("reopened: %+v", row)
		}

		right := store.Correction{ID: "C1", Interview: row.ID, Question: "union", Old: "1", New: "2", Reason: "Called back", Account: "A2", At: later(20)}
		write(t, s, func(tx *store.Tx) error { return tx.AddCorrection(right) })
		same(t, "corrections", get(t, s, func(tx *store.Tx) ([]store.Correction, error) { return tx.Corrections(smart) }), []store.Correction{right})
		same(t, "corrections of", get(t, s, func(tx *store.Tx) ([]store.Correction, error) { return tx.CorrectionsOf(row.ID) }), []store.Correction{right})

		first := store.Redaction{Interview: row.ID, PID: "P00001", Wave: 1, Question: "why", Digest: "d1", Kind: store.LeavesRedacted, Words: "My boss […]", Account: "A2", At: later(21)}
		second := store.Redaction{Interview: row.ID, PID: "P00001", Wave: 1, Question: "why", Digest: "d1", Kind: store.Withheld, Account: "A3", At: later(22)}
		write(t, s, func(tx *store.Tx) error { return errors.Join(tx.AddRedaction(first), tx.AddRedaction(second)) })
		for until, want := range map[int][]store.Redaction{20: nil, 21: {first}, 22: {first, second}} {
			same(t, "redactions", get(t, s, func(tx *store.Tx) ([]store.Redaction, error) { return tx.Redactions(smart, later(until)) }), want)
		}
		same(t, "redactions of", get(t, s, func(tx *store.Tx) ([]store.Redaction, error) { return tx.RedactionsOf(row.ID) }), []store.Redaction{first, second})

		other := begin(t, s, invitation(2, 1))
		write(t, s, func(tx *store.Tx) error {
			_, _, err := tx.AddSave(store.Save{Interview: other.ID, Key: "k1", At: later(2), Mode: store.Web, Change: one.Change})
			return err
		}, func(tx *store.Tx) error { return tx.EraseAnswers("P00001") })
		row = get(t, s, func(tx *store.Tx) (store.Interview, error) { return tx.Interview(row.ID) })
		if row.Document != "" {
			t.Errorf("erased, and still %q", row.Document)
		}
		for id, want := range map[string]int{row.ID: 0, other.ID: 1} {
			if n := len(get(t, s, func(tx *store.Tx) ([]store.Save, error) { return tx.Saves(id) })); n != want {
				t.Errorf("%d saves of %s are left, want %d", n, id, want)
			}
		}
		same(t, "corrections left", get(t, s, func(tx *store.Tx) ([]store.Correction, error) { return tx.Corrections(smart) }), nil)
		same(t, "redactions left", get(t, s, func(tx *store.Tx) ([]store.Redaction, error) { return tx.Redactions(smart, later(99)) }), nil)
		same(t, "interviews", ids(get(t, s, func(tx *store.Tx) ([]store.Interview, error) { return tx.Interviews(smart, 1) })), []string{row.ID, other.ID})
	})
}

func ids(rows []store.Interview) (out []string) {
	for _, r := range rows {
		out = append(out, r.ID)
	}
	return out
}

func TestEvents(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		panel(t, s, 2)
		var want []store.Event
		for n, kind := range []string{"invited", "started", "submitted"} {
			want = append(want, store.Event{ID: fmt.Sprint("Z", 9-n), Study: smart, PID: "P00001", Wave: 1, Kind: kind, At: monday, Detail: "web"})
		}
		want = append(want, store.Event{ID: "A", Study: smart, PID: "P00002", Kind: "left", At: later(-1)})
		for _, e := range slices.Backward(want[3:]) {
			write(t, s, func(tx *store.Tx) error { return tx.AddEvent(e) })
		}
		for _, e := range want[:3] { // one moment: the order of storing counts
			write(t, s, func(tx *store.Tx) error { return tx.AddEvent(e) })
		}
		same(t, "of one", get(t, s, func(tx *store.Tx) ([]store.Event, error) { return tx.EventsOf("P00001") }), want[:3])
		same(t, "of all", get(t, s, func(tx *store.Tx) ([]store.Event, error) { return tx.Events(smart) }), want)
		same(t, "each", get(t, s, func(tx *store.Tx) (all []store.Event, err error) {
			return all, tx.EachEvent(smart, func(e store.Event) error { all = append(all, e); return nil })
		}), slices.Clone(want))
	})
}

func TestAccounts(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		eva := store.Account{ID: "A1", Email: "eva@unionen.example", Name: "Eva", PasswordHash: "$argon2id$…", Language: "sv",
			CreatedAt: monday, Roles: map[string]access.Role{access.AllStudies: access.Owner, smart: access.Admin}}
		bo := store.Account{ID: "A2", Email: "Bo@Uni.example", Name: "Bo", CreatedAt: later(1), Roles: map[string]access.Role{}}
		write(t, s, func(tx *store.Tx) error { return errors.Join(tx.AddAccount(eva), tx.AddAccount(bo)) })
		bo.Email = "bo@uni.example"
		same(t, "account", get(t, s, func(tx *store.Tx) (store.Account, error) { return tx.Account("A1") }), eva)
		same(t, "by address", get(t, s, func(tx *store.Tx) (store.Account, error) { return tx.AccountByEmail("EVA@unionen.example") }), eva)
		same(t, "accounts", get(t, s, (*store.Tx).Accounts), []store.Account{bo, eva})
		same(t, "owners", get(t, s, (*store.Tx).CountOwners), 1)

		err := s.Write(context.Background(), func(tx *store.Tx) error { return tx.AddAccount(store.Account{ID: "A3", Email: "BO@uni.example"}) })
		wantFault(t, err, fault.Conflict, "email_taken")

		eva.DisabledAt, eva.Name = later(5), "Eva L"
		write(t, s,
			func(tx *store.Tx) error { return tx.UpdateAccount(eva) },
			func(tx *store.Tx) error { return tx.SetRole("A1", smart, "") },
			func(tx *store.Tx) error { return tx.SetRole("A2", smart, access.Researcher) },
			func(tx *store.Tx) error { return tx.SetRole("A2", smart, access.Admin) })
		delete(eva.Roles, smart)
		bo.Roles = map[string]access.Role{smart: access.Admin}
		same(t, "changed", get(t, s, (*store.Tx).Accounts), []store.Account{bo, eva})
		same(t, "owners left", get(t, s, (*store.Tx).CountOwners), 0)
	})
}

func TestOneTimeLinks(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		link := store.OneTime{Lookup: "x1", Purpose: "invite", Email: "bo@uni.example", Study: smart, Role: access.Researcher,
			CreatedAt: monday, ExpiresAt: later(60)}
		old := store.OneTime{Lookup: "x2", Purpose: "invite", CreatedAt: later(-99), ExpiresAt: later(-9)}
		write(t, s, func(tx *store.Tx) error { return errors.Join(tx.AddOneTime(link), tx.AddOneTime(old)) })
		same(t, "link", get(t, s, func(tx *store.Tx) (store.OneTime, error) { return tx.OneTime("x1") }), link)
		same(t, "unused", get(t, s, func(tx *store.Tx) ([]store.OneTime, error) { return tx.OneTimes("invite") }), []store.OneTime{old, link})
		use := func(lookup string, at time.Time) error {
			return s.Write(context.Background(), func(tx *store.Tx) error { return tx.UseOneTime(lookup, at) })
		}
		if err := use("x1", later(1)); err != nil {
			t.Error(err)
		}
		wantFault(t, use("x1", later(2)), fault.Gone, "link_used")
		wantFault(t, use("x2", later(2)), fault.Gone, "link_expired")
		wantFault(t, use("x3", later(2)), fault.NotFound, "onetime_not_found")
		same(t, "left", get(t, s, func(tx *store.Tx) ([]store.OneTime, error) { return tx.OneTimes("invite") }), []store.OneTime{old})
	})
}

func TestSessions(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		now := monday
		sessions := store.NewSessionStore(s, func() time.Time { return now })
		want := map[string]string{"a": "first", "b": "second"}
		for token := range want {
			if err := errors.Join(sessions.Commit(token, []byte("draft"), later(30)), sessions.Commit(token, []byte(want[token]), later(30))); err != nil {
				t.Fatal(err)
			}
		}
		check := func(want map[string]string) {
			t.Helper()
			got := map[string]string{}
			for _, token := range []string{"a", "b", "c"} {
				b, found, err := sessions.Find(token)
				if err != nil {
					t.Fatal(err)
				}
				if found {
					got[token] = string(b)
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("sessions at %v: %v, want %v", now, got, want)
			}
		}
		check(want)
		if err := errors.Join(sessions.Delete("a"), sessions.Delete("never")); err != nil {
			t.Fatal(err)
		}
		check(map[string]string{"b": "second"})
		now = later(31)
		check(map[string]string{})
		if err := sessions.Commit("c", []byte("third"), later(60)); err != nil {
			t.Fatal(err)
		}
		now = monday // what was removed stays removed, whatever the clock says
		check(map[string]string{"c": "third"})
	})
}

func TestStreams(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		const people = 1203 // more than two pages
		panel(t, s, people)
		write(t, s, func(tx *store.Tx) error {
			for n := 1; n <= people; n++ {
				for wave := 1; wave <= n%3; wave++ {
					i := invitation(n, wave)
					if _, err := tx.StartInterview(store.Interview{ID: i.ID, Study: smart, PID: i.PID, Wave: wave, Questionnaire: "core",
						Version: 1, Mode: store.Web, StartedAt: monday}); err != nil {
						return err
					}
					if n%10 == 0 {
						continue
					}
					for c := range 2 {
						if err := tx.AddCorrection(store.Correction{ID: fmt.Sprint(9-c, i.ID), Interview: i.ID, Question: "q", New: fmt.Sprint(c), At: monday}); err != nil {
							return err
						}
					}
				}
				if n%2 == 0 {
					if err := tx.AddEvent(store.Event{ID: fmt.Sprint("E", n), Study: smart, PID: participant(n).PID, Kind: "invited", At: monday}); err != nil {
						return err
					}
				}
			}
			return nil
		})
		err := s.Read(context.Background(), func(tx *store.Tx) error {
			n := 0
			err := tx.EachMember(smart, func(m store.Member) error {
				n++
				corrections := n % 3 * 2
				if n%10 == 0 {
					corrections = 0
				}
				if m.Participant.PID != participant(n).PID || len(m.Interviews) != n%3 || len(m.Corrections) != corrections ||
					len(m.Events) != 1-n%2 || len(m.Invitations) != 2 {
					t.Fatalf("member %d: %+v", n, m)
				}
				for k, c := range m.Corrections {
					if c.Interview != m.Interviews[k/2].ID || c.New != fmt.Sprint(k%2) {
						t.Fatalf("member %d: correction %d is %+v", n, k, c)
					}
				}
				_, err := tx.Participant(m.Participant.PID) // a callback may query
				return err
			})
			if n != people {
				t.Errorf("%d members, want %d", n, people)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		byPID := func(a, b store.Interview) int {
			return cmp.Or(cmp.Compare(a.PID, b.PID), cmp.Compare(a.Wave, b.Wave))
		}
		all := get(t, s, func(tx *store.Tx) (all []store.Interview, err error) {
			return all, tx.EachInterview(smart, func(i store.Interview) error { all = append(all, i); return nil })
		})
		if len(all) != people/3*3 || !slices.IsSortedFunc(all, byPID) || len(slices.Compact(ids(all))) != len(all) {
			t.Errorf("EachInterview gave %d rows", len(all))
		}
		seen := 0
		if err := s.Read(context.Background(), func(tx *store.Tx) error {
			return tx.EachParticipant(smart, func(p store.Participant) error {
				if want := participant(people - seen); p.PID != want.PID {
					t.Fatalf("participant %d is %s, want %s", seen, p.PID, want.PID)
				}
				seen++
				return nil
			})
		}); err != nil || seen != people {
			t.Errorf("EachParticipant gave %d rows, %v", seen, err)
		}
		stop := errors.New("enough")
		if err := s.Read(context.Background(), func(tx *store.Tx) error {
			return tx.EachInterview(smart, func(store.Interview) error { return stop })
		}); !errors.Is(err, stop) {
			t.Errorf("a stream did not stop: %v", err)
		}
	})
}
