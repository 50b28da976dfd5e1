package fieldwork_test

import (
	"strings"
	"testing"
	"time"

	"panelverk/internal/fieldwork"
	"panelverk/internal/mail"
	"panelverk/internal/mail/mailtest"
	"panelverk/internal/store"
)

// What comes back marks its message and its participant, once; also where
// nobody knew whether the message had gone out.
func TestReturned(t *testing.T) {
	each(t, func(t *testing.T, f *field) {
		f.mustApply(spring)
		for _, address := range []string{"gone@example.org", "unsure@example.org", "annoyed@example.org"} {
			f.add(spring, fieldwork.NewParticipant{Name: address, Email: address})
		}
		server := mailtest.Start(t, mailtest.Options{})
		server.Rule(func(e mailtest.Event) mailtest.Fault {
			return mailtest.Fault{Drop: e.Stage == mailtest.End && strings.HasPrefix(e.To, "unsure")}
		})
		now := time.Date(2016, 5, 5, 9, 0, 0, 0, time.UTC) // the notice goes out at ten in Stockholm
		if _, err := f.Schedule(ctx, now); err != nil {
			t.Fatal(err)
		}
		f.handOver(now, fieldwork.Post{Mail: mailer(t, server), Domain: "panel.example.org"}, "worker")
		mails := server.Accepted()
		if len(mails) != 3 {
			t.Fatalf("%d arrived", len(mails))
		}
		for _, m := range mails {
			id, _, _ := strings.Cut(m.ID, "@")
			how := mail.Permanent
			if strings.HasPrefix(m.To, "annoyed") {
				how = mail.Complaint
			}
			back := mail.Bounce{Return: how, Token: strings.ToLower(id), Reason: mail.Mailbox}
			if known, err := f.Returned(ctx, now, back); err != nil || !known {
				t.Errorf("%s came back: %v, %v", m.To, known, err)
			}
			var (
				row    store.Message
				person store.Participant
			)
			if err := f.store.Read(ctx, func(tx *store.Tx) (err error) {
				if row, err = tx.Message(id); err == nil {
					person, err = tx.Participant(row.PID)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if how == mail.Complaint {
				if person.OptedOutAt.IsZero() {
					t.Error("somebody complained and is written to all the same")
				}
				continue
			}
			if row.State != store.Bounced || len(person.Channels) != 0 {
				t.Errorf("%s: the message is %s, the channels %v", m.To, row.State, person.Channels)
			}
			if known, err := f.Returned(ctx, now, back); err != nil || known {
				t.Errorf("%s came back twice: %v, %v", m.To, known, err)
			}
		}
		if known, err := f.Returned(ctx, now, mail.Bounce{Return: mail.Permanent, Token: "nobodys"}); err != nil || known {
			t.Errorf("a message of nobody: %v, %v", known, err)
		}
	})
}
