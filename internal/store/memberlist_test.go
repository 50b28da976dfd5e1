package store_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"panelverk/internal/fault"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

func TestMembersComeInTheOrderAskedFor(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		const people = 450 // more than two pages
		panel(t, s, people)
		write(t, s, func(tx *store.Tx) error {
			for n := 1; n <= people; n++ {
				for wave := 1; wave <= n%3; wave++ {
					i := invitation(n, wave)
					if _, err := tx.StartInterview(store.Interview{ID: i.ID, Study: smart, PID: i.PID, Wave: wave, Questionnaire: "core",
						Version: 1, Mode: store.Web, StartedAt: monday}); err != nil {
						return err
					}
					if err := tx.AddCorrection(store.Correction{ID: "C" + i.ID, Interview: i.ID, Question: "q", At: monday}); err != nil {
						return err
					}
				}
				for e := range n % 2 * 2 {
					if err := tx.AddEvent(store.Event{ID: fmt.Sprint("E", n, "-", e), Study: smart, PID: participant(n).PID, Kind: "seen", At: later(-e)}); err != nil {
						return err
					}
				}
			}
			return nil
		})
		members := get(t, s, func(tx *store.Tx) (all []store.Member, err error) {
			err = tx.EachMember(smart, func(m store.Member) error { all = append(all, m); return nil })
			return all, err
		})
		pids := []string{"P-unknown"}
		order := rand.New(rand.NewPCG(1, 2)).Perm(people)
		for _, i := range order {
			pids = append(pids, members[i].Participant.PID)
		}
		got := get(t, s, func(tx *store.Tx) (all []store.Member, err error) {
			err = tx.MembersOf(smart, pids, func(m store.Member) error { all = append(all, m); return nil })
			return all, err
		})
		if len(got) != people {
			t.Fatalf("%d members, want %d", len(got), people)
		}
		for n, m := range got {
			if want := members[order[n]]; fmt.Sprint(m) != fmt.Sprint(want) {
				t.Fatalf("member %d:\n%v\nwant\n%v", n, m, want)
			}
		}
		if none := get(t, s, func(tx *store.Tx) (n int, err error) {
			err = tx.MembersOf("other", pids, func(store.Member) error { n++; return nil })
			return n, err
		}); none != 0 {
			t.Errorf("another study gave %d members", none)
		}
	})
}

func TestAStudyAsItStandsNow(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		folder, problems := study.Load(os.DirFS("../../surveys/smart-factory"), ".")
		if err := problems.Err("test", "the study"); err != nil {
			t.Fatal(err)
		}
		v := folder.Version("core", 1)
		write(t, s, func(tx *store.Tx) error {
			if err := tx.PutStudy(store.Study{Key: smart, Source: string(folder.Study.Source), Consents: folder.Study.Consent.Texts, Hash: "h", AppliedAt: monday}); err != nil {
				return err
			}
			if err := tx.AddVersion(store.Version{Study: smart, Key: "core", Number: 1, Hash: v.Questionnaire.Hash, Sheets: v.Book.Normalised().Markdown(), PublishedAt: monday}); err != nil {
				return err
			}
			return tx.PutWave(store.Wave{Study: smart, Number: 1, Key: "w1", Opens: later(0), Closes: later(60), Questionnaire: "core", Version: 1})
		})
		st := get(t, s, func(tx *store.Tx) (*study.Study, error) { return tx.Defined(smart) })
		if !st.Waves[0].Closes.Equal(later(60)) || !st.Waves[1].Closes.Equal(folder.Study.Waves[1].Closes) || st.Title["sv"] != folder.Study.Title["sv"] {
			t.Errorf("the study is %+v", st)
		}
		row := get(t, s, func(tx *store.Tx) (store.Version, error) { return tx.Version(smart, "core", 1) })
		q, err := row.Compiled()
		if err != nil || q.Hash != v.Questionnaire.Hash {
			t.Errorf("compiled: %v", err)
		}
		_, err = try(s, func(tx *store.Tx) (*study.Study, error) { return tx.Defined("other") })
		wantFault(t, err, fault.NotFound, "study_not_found")
		row.Sheets = "| nothing |\n"
		if _, err := row.Compiled(); fault.Of(err) == nil || fault.Of(err).Code != "version_stored_broken" {
			t.Errorf("a broken version: %v", err)
		}
	})
}
