package store_test

import (
	"testing"
	"time"

	"panelverk/internal/interview"
	"panelverk/internal/store"
)

func TestSittingsAreOfThoseWhoCount(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		panel(t, s, 7)
		doc := interview.Document{Pages: map[string]interview.Visit{"p1": {First: later(5).UnixMilli(), Last: later(9).UnixMilli()}}}
		sit := func(n, wave int, mode store.Mode, submitted time.Time) {
			write(t, s, func(tx *store.Tx) error {
				i, err := tx.StartInterview(store.Interview{ID: invitation(n, wave).ID, Study: smart, PID: participant(n).PID, Wave: wave,
					Questionnaire: "core", Version: 1, Mode: mode, Language: "sv", StartedAt: later(n)})
				if err != nil {
					return err
				}
				_, _, err = tx.AddSaveTo(i, store.Save{Interview: i.ID, Key: "k", At: later(n), Mode: mode, Change: interview.Change{Page: "p1"}}, doc.Encode())
				if err != nil || submitted.IsZero() {
					return err
				}
				return tx.SubmitInterview(i.ID, submitted)
			})
		}
		sit(1, 1, store.Web, later(20))
		sit(1, 2, store.Web, later(40)) // both waves field the version
		sit(2, 1, store.Web, later(30))
		sit(3, 1, store.Web, time.Time{})    // not sent in
		sit(4, 1, store.Imported, later(50)) // no web
		sit(5, 1, store.Paper, later(51))
		sit(6, 1, store.Web, later(52)) // tries the study out
		sit(7, 1, store.Web, later(53)) // has another row
		write(t, s, func(tx *store.Tx) error {
			p, err := tx.Participant(participant(6).PID)
			if err != nil {
				return err
			}
			p.Pilot = true
			return tx.UpdateParticipant(p)
		}, func(tx *store.Tx) error {
			p, err := tx.Participant(participant(7).PID)
			if err != nil {
				return err
			}
			p.MergedInto = participant(1).PID
			return tx.UpdateParticipant(p)
		})
		sittings := func(version int) []interview.Sitting {
			return get(t, s, func(tx *store.Tx) ([]interview.Sitting, error) { return tx.Sittings(smart, "core", version) })
		}
		sitting := func(n int, submitted time.Time) interview.Sitting {
			return interview.Sitting{Person: participant(n).PID, Started: later(n), Submitted: submitted, Pages: doc.Pages}
		}
		same(t, "sittings", sittings(1), []interview.Sitting{sitting(1, later(40)), sitting(2, later(30)), sitting(1, later(20))})
		same(t, "of another version", sittings(2), nil)
	})
}
