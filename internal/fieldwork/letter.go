package fieldwork

import (
	"context"
	"fmt"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/keyfile"
	"panelverk/internal/mail"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Letter is a message on paper, ready to be printed.
type Letter struct {
	ID       string // of the message
	Label    string
	Name     string
	Language string
	Link     string
	Code     string
	Message  mail.Message
}

// Letters gives the messages on paper that are due, with names, links and
// codes; it is audited. Those that are no longer wanted are cancelled instead.
func (s *Service) Letters(ctx context.Context, now time.Time, actor access.Actor, studyKey string) ([]Letter, error) {
	for _, do := range []access.Action{access.MessageChange, access.LinkCopy, access.IdentityView} {
		if err := actor.May(do, studyKey); err != nil {
			return nil, err
		}
	}
	var due []store.LabelledMessage
	err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		due, err = tx.ListMessages(studyKey, store.MessageFilter{Channel: string(study.Paper), State: store.Due}, mostListed)
		return err
	})
	if err != nil {
		return nil, err
	}
	names := map[string]keyfile.Identity{}
	for _, m := range due {
		if names[m.PID], err = s.identities.Get(ctx, m.PID); err != nil && !isMissing(err) {
			return nil, err
		}
	}
	var out []Letter
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		out = nil
		st, err := s.study(tx, studyKey)
		if err != nil {
			return err
		}
		for _, m := range due {
			letter, err := s.letter(tx, st, m, names[m.PID], now)
			if err != nil {
				return err
			}
			if letter != nil {
				out = append(out, *letter)
			}
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.LinkCopy), Study: studyKey,
			Object: "letters", Detail: fmt.Sprintf("%d letters with names and links", len(out))})
	})
	return out, err
}

// letter writes one letter, nil where it is not wanted any more.
func (s *Service) letter(tx *store.Tx, st *study.Study, m store.LabelledMessage, id keyfile.Identity, now time.Time) (*Letter, error) {
	to, err := addressee(tx, m.Message)
	if err != nil {
		return nil, err
	}
	if reason, err := s.unwanted(tx, st, to, m.Message, now); err != nil || reason != "" {
		if err == nil {
			_, err = tx.SetMessageState(m.ID, store.Cancelled, reason, now, store.Due)
		}
		return nil, err
	}
	texts, err := s.texts(tx, st)
	if err != nil {
		return nil, err
	}
	fields, err := s.fields(tx, st, to, m.Message, id)
	if err != nil {
		return nil, err
	}
	template := texts.Template(mail.Kind(m.Template), m.Language)
	if template == nil {
		_, err := tx.SetMessageState(m.ID, store.RefusedBy, "no_text", now, store.Due)
		return nil, err
	}
	message, err := template.Render(fields)
	if err != nil {
		_, err := tx.SetMessageState(m.ID, store.RefusedBy, "text_incomplete", now, store.Due)
		return nil, err
	}
	return &Letter{ID: m.ID, Label: m.Label, Name: id.Name, Language: m.Language, Link: fields.Link, Code: fields.Code, Message: message}, nil
}

// Posted notes that letters were put in the post, and tells how many of them
// were still to be.
func (s *Service) Posted(ctx context.Context, now time.Time, actor access.Actor, studyKey string, messages []string) (posted int, err error) {
	if err := actor.May(access.MessageChange, studyKey); err != nil {
		return 0, err
	}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		posted = 0
		for _, id := range messages {
			m, err := tx.Message(id)
			if isMissing(err) || err == nil && (m.Study != studyKey || m.Channel != string(study.Paper)) {
				continue
			}
			if err != nil {
				return err
			}
			done, err := tx.SetMessageState(id, store.HandedOver, "posted", now, store.Due)
			if err == nil && done {
				posted++
				err = handedOver(tx, m, now)
			}
			if err != nil {
				return err
			}
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.MessageChange), Study: studyKey,
			Object: "letters", Detail: fmt.Sprintf("%d noted as posted", posted)})
	})
	return posted, err
}

// PreviewOf says which message a preview shows.
type PreviewOf struct {
	Kind     mail.Kind
	Language string // "" for the participant's, else the study's first
	Wave     int    // from 1; 0 for the first
	Label    string // of a participant whose dates are shown, "" for somebody made up
}

// MessagePreview is a message as it would be sent.
type MessagePreview struct {
	PreviewOf
	Message mail.Message
	SMS     string // "" where there is none
	Size    mail.Size
}

// PreviewMessage shows a message without sending it. Name, link and code are
// made up, whoever asks: only dates and language are a participant's.
func (s *Service) PreviewMessage(ctx context.Context, now time.Time, actor access.Actor, studyKey string, of PreviewOf) (*MessagePreview, error) {
	if err := actor.May(access.MessageView, studyKey); err != nil {
		return nil, err
	}
	out := &MessagePreview{PreviewOf: of}
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		st, err := s.study(tx, studyKey)
		if err != nil {
			return err
		}
		if out.Wave < 1 || out.Wave > len(st.Waves) {
			out.Wave = min(1, len(st.Waves))
		}
		m := store.Message{ID: secret.NewID(), Study: studyKey, Wave: out.Wave, Language: out.Language, Created: now}
		person := &study.Member{}
		if out.Label != "" {
			p, err := tx.ParticipantByLabel(studyKey, out.Label)
			if err != nil {
				return orElse(err, errNoParticipant)
			}
			row, err := tx.StandingOf(p)
			if err != nil {
				return err
			}
			if person, err = s.member(tx, st, row); err != nil {
				return err
			}
			if m.Language == "" {
				m.Language = p.Language
			}
		}
		if m.Language == "" {
			m.Language = st.DefaultLanguage()
		}
		out.Language = m.Language
		texts, err := s.texts(tx, st)
		if err != nil {
			return err
		}
		template := texts.Template(of.Kind, m.Language)
		if template == nil {
			return errNoKind
		}
		fields := s.madeUp(st, m, person)
		if out.Message, err = template.Render(fields); err != nil {
			return err
		}
		if template.HasSMS() {
			out.SMS, err = template.RenderSMS(fields)
			out.Size = mail.Measure(out.SMS)
		}
		return err
	})
	return out, err
}

// madeUp gives fields that name nobody and whose links open nothing.
func (s *Service) madeUp(st *study.Study, m store.Message, person *study.Member) mail.Fields {
	f := s.signed(st, m.Language)
	f.Name, f.Link, f.Code, f.Leave = "Kim Exempel", s.baseURL+"/s/0123456789abcdefghijkl", "7K2M9-4R9TX", s.baseURL+"/u/"+m.ID+"-0123456789ABCDEF"
	f.Until = m.Created.Add(rest).In(st.TimeZone)
	if m.Wave > 0 {
		w := &st.Waves[m.Wave-1]
		opens, _, _ := st.Window(w, person)
		f.Opens, f.Closes = opens.In(st.TimeZone), st.Ends(w, person).In(st.TimeZone)
	}
	return f
}

// SendTest sends a test message with the study's sender and texts to the
// address of the person who asks, and gives the outcome with what was said. Only
// that it was tried is kept.
func (s *Service) SendTest(ctx context.Context, now time.Time, actor access.Actor, studyKey string, post Post, address, language string) (mail.Outcome, error) {
	if err := actor.May(access.MessageChange, studyKey); err != nil {
		return mail.Outcome{}, err
	}
	if post.Mail == nil {
		return mail.Outcome{}, errNoMail
	}
	var message mail.Message
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		st, err := s.study(tx, studyKey)
		if err != nil {
			return err
		}
		texts, err := s.texts(tx, st)
		if err != nil {
			return err
		}
		template := texts.Template(mail.Test, language)
		if template == nil {
			return errNoKind
		}
		if message, err = template.Render(s.signed(st, language)); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.MessageChange), Study: studyKey, Object: "messages", Detail: "test message"})
	})
	if err != nil {
		return mail.Outcome{}, err
	}
	return post.Mail.Send(ctx, now, mail.Envelope{ID: secret.NewID() + "@" + post.Domain, To: address, Message: message}), nil
}
