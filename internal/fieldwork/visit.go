package fieldwork

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/panel"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// maxReason is the most characters that the reason of a reopening may have.
const maxReason = 500

// maxSaves is how often one interview can be saved: far more than a person
// does, and few enough that no single link can fill the disk.
const maxSaves = 5000

// Visit is one look at an invitation: who may answer what. It is made anew for
// each request and belongs to it.
type Visit struct {
	Study       *study.Study // its waves carry the periods of its file: ask Wave and Next
	Participant store.Participant
	Invitation  store.Invitation
	Wave        study.Wave  // its period is the participant's own, where the plan gives them one
	Next        *study.Wave // the wave after this one, with its period as it stands; only where it was asked for
	Interview   store.Interview
	Doc         *interview.Document
	Logic       *interview.Logic
	Gate        Gate
	Uploads     map[string]Upload // the files that stand in the interview, by token
	Proof       interview.Proof   // what the device that asks has proved; see Recognise
	Pace        *interview.Pace   // how long others took; nil where it is not known, or nobody is asked
	Staff       bool              // staff types a paper or telephone interview in: nothing stored is ever shown
}

// Begun tells whether the start button was pressed.
func (v *Visit) Begun() bool { return v.Interview.ID != "" }

// Version gives the version that is asked: an interview keeps the one it was
// begun with.
func (v *Visit) Version() (questionnaire string, number int) {
	if v.Begun() {
		return v.Interview.Questionnaire, v.Interview.Version
	}
	return v.Wave.Questionnaire, v.Wave.Version
}

// Submitted tells whether the interview was sent in.
func (v *Visit) Submitted() bool { return !v.Interview.SubmittedAt.IsZero() }

// ConsentNeeded tells whether the participant has yet to agree to the
// present consent text.
func (v *Visit) ConsentNeeded() bool {
	return v.Study.Consent != nil && v.Participant.ConsentVersion < v.Study.Consent.Version
}

// Language gives the language that the visit is in.
func (v *Visit) Language() string {
	tag := v.Participant.Language
	if v.Begun() && v.Interview.Language != "" {
		tag = v.Interview.Language
	}
	if slices.Contains(v.Study.Languages, tag) {
		return tag
	}
	return v.Study.DefaultLanguage()
}

var (
	errLink         = fault.New(fault.NotFound, "link_unknown", "The link does not work. Check that you got the whole of it.")
	errCode         = fault.New(fault.NotFound, "code_unknown", "The code does not work. Check it against the letter.")
	errTooMany      = fault.New(fault.TooMany, "too_many_codes", "Too many codes were tried just now. Wait a minute and try again.")
	errPlanned      = fault.New(fault.Conflict, "wave_not_open_yet", "The questionnaire has not opened yet.")
	errClosed       = fault.New(fault.Gone, "wave_is_closed", "The questionnaire is closed.")
	errResting      = fault.New(fault.Conflict, "links_rest", "The address was changed just now. The link works again a day after.")
	errUnasked      = fault.New(fault.Conflict, "wave_not_for_you", "This time the questions are not for you. You need do nothing.")
	errLeft         = fault.New(fault.Gone, "participant_left", "You no longer take part, and need do nothing.")
	errAway         = fault.New(fault.Conflict, "participant_away", "The participant no longer takes part.") // for staff
	errNotBegun     = fault.New(fault.Conflict, "not_begun", "Press the start button first.")
	errTooManySaves = fault.New(fault.TooMany, "too_many_saves", "This questionnaire was saved too many times.")
	errNoConsent    = fault.New(fault.Invalid, "consent_missing", "Tick the box if you want to take part.")
)

// Visit gives what is behind the token of a link. It changes nothing. An
// unknown token gives a NotFound fault; a wave that is not open, or a
// participant who has left, is told by Gate.
func (s *Service) Visit(ctx context.Context, now time.Time, token string) (*Visit, error) {
	return s.visit(ctx, now, func(tx *store.Tx) (store.Visit, error) {
		row, err := tx.VisitByLink(s.keys.Lookup("link", token))
		if err != nil {
			err = orElse(err, errLink)
		}
		return row, err
	})
}

// ByCode gives the token for a typed code. Attempts are limited over all
// studies together.
func (s *Service) ByCode(ctx context.Context, now time.Time, typed string) (token string, err error) {
	if !s.codes.AllowN(now, 1) {
		return "", errTooMany
	}
	code, ok := secret.NormalizeCode(typed)
	if !ok {
		return "", errCode
	}
	err = s.store.Read(ctx, func(tx *store.Tx) error {
		inv, err := tx.InvitationByCode(s.keys.Lookup("code", code))
		if err != nil {
			return orElse(err, errCode)
		}
		token = s.keys.Link(inv.ID, inv.Generation)
		return nil
	})
	return token, err
}

func (s *Service) visit(ctx context.Context, now time.Time, find func(*store.Tx) (store.Visit, error)) (*Visit, error) {
	// One statement finds everything in the usual case, so it needs no
	// snapshot around it; what look asks for beyond it hardly ever changes.
	var row store.Visit
	err := s.store.Peek(ctx, func(tx *store.Tx) (err error) {
		row, err = find(tx)
		if err == nil && row.Participant.MergedInto != "" { // the person has another row: there the interview goes on
			row, err = tx.VisitOf(row.Participant.MergedInto, row.Invitation.Wave)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var v *Visit
	err = s.store.Glance(ctx, func(tx *store.Tx) (err error) {
		v, err = s.look(tx, now, row)
		return err
	})
	return v, err
}

func (s *Service) look(tx *store.Tx, now time.Time, row store.Visit) (*Visit, error) {
	st, err := s.cachedStudy(tx, row.Invitation.Study, row.Edition)
	if err != nil {
		return nil, err
	}
	v := &Visit{Study: st, Participant: row.Participant, Invitation: row.Invitation, Interview: row.Interview}
	if w := st.Wave(row.Wave.Key); w != nil {
		v.Wave = *w
	}
	v.Wave.Opens, v.Wave.Closes, v.Wave.Number = row.Wave.Opens, row.Wave.Closes, row.Wave.Number
	v.Wave.Questionnaire, v.Wave.Version = row.Wave.Questionnaire, row.Wave.Version
	key, number := v.Version()
	if v.Logic, err = s.logic(tx, st, key, number); err != nil {
		return nil, err
	}
	if v.Doc, err = interview.Decode(row.Interview.Document); err != nil {
		return nil, err
	}
	if v.Logic.Files && v.Begun() {
		if v.Uploads, err = s.uploads(tx, v.Interview.ID); err != nil {
			return nil, err
		}
	}
	asked := study.Yes
	if st.Ruled(&v.Wave) || v.Begun() && !now.Before(v.Wave.Closes) && st.Graced(&v.Wave) {
		if asked, err = s.ownPeriod(tx, v, now); err != nil {
			return nil, err
		}
	}
	if v.Gate, err = gate(tx, v, asked, now); err != nil {
		return nil, err
	}
	if v.Gate == GateOpen && !v.Submitted() {
		v.Pace, err = s.pace(tx, v, now)
		return v, err
	}
	v.Next, err = s.following(tx, st, now, row.Wave.Number)
	return v, err
}

// cachedStudy gives a study as its file described it, parsed once.
func (s *Service) cachedStudy(tx *store.Tx, key, edition string) (*study.Study, error) {
	if st, ok := s.studies.Load(key + "@" + edition); ok {
		return st.(*study.Study), nil
	}
	row, err := tx.Study(key)
	if err != nil {
		return nil, err
	}
	return s.parsed(row)
}

// following gives the first planned wave after one of a number, nil where none is.
func (s *Service) following(tx *store.Tx, st *study.Study, now time.Time, after int) (*study.Wave, error) {
	current, err := tx.WithPeriods(st)
	if err != nil {
		return nil, err
	}
	for _, w := range current.Waves {
		if w.Number > after && w.State(now) != study.Closed {
			return &w, nil
		}
	}
	return nil, nil
}

// Beginning is what comes with the start button.
type Beginning struct {
	Language string
	Consent  bool            // the box was ticked
	Read     string          // the hash of the text that the page offered, "" where it is not known
	Proof    interview.Proof // that earlier answers are their own; the zero Proof for none
}

// Start is the start button: it stores the consent, where one is needed, begins
// the interview and tells it of earlier waves. Pressed again it changes nothing
// but the language.
func (s *Service) Start(ctx context.Context, now time.Time, token string, in Beginning) error {
	v, err := s.Visit(ctx, now, token)
	if err != nil {
		return err
	}
	if err := v.barred(); err != nil {
		return err
	}
	if v.ConsentNeeded() && !in.Consent {
		return errNoConsent
	}
	language := in.Language
	if !slices.Contains(v.Study.Languages, language) {
		language = v.Language()
	}
	if v.ConsentNeeded() && in.Read != "" && in.Read != v.Study.Consent.Hash(language) {
		return errConsentChanged
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		p, err := present(tx, v)
		if err != nil {
			return err
		}
		if v.ConsentNeeded() {
			p.ConsentVersion, p.ConsentLanguage, p.ConsentAt = v.Study.Consent.Version, language, now
			if err := agree(tx, v.Study, p, v.Wave.Number); err != nil {
				return err
			}
		}
		p.Language = language
		if err := tx.UpdateParticipant(p); err != nil {
			return err
		}
		if v.Begun() {
			err = tx.SetInterviewLanguage(v.Interview.ID, language)
		} else {
			err = begin(tx, v, now, store.Web, language)
		}
		if err != nil {
			return err
		}
		return s.tell(tx, v, now, in.Proof)
	})
}

// begin stores the interview and the event; where another press of the button
// was first, it is there already.
func begin(tx *store.Tx, v *Visit, now time.Time, mode store.Mode, language string) error {
	if _, err := tx.Interview(v.Invitation.ID); fault.Of(err) == nil || fault.Of(err).Kind != fault.NotFound {
		return err
	}
	if _, err := tx.StartInterview(store.Interview{ID: v.Invitation.ID, Study: v.Study.Key, PID: v.Participant.PID, Wave: v.Wave.Number,
		Questionnaire: v.Wave.Questionnaire, Version: v.Wave.Version, Mode: mode, Language: language, StartedAt: now, LastAt: now}); err != nil {
		return err
	}
	return event(tx, v, now, panel.Started, string(mode))
}

func event(tx *store.Tx, v *Visit, now time.Time, kind panel.EventKind, detail string) error {
	return tx.AddEvent(store.Event{ID: secret.NewID(), Study: v.Study.Key, PID: v.Participant.PID, Wave: v.Wave.Number,
		Kind: string(kind), At: now, Detail: detail})
}

// present gives the participant of a visit as the transaction sees it. A visit
// may be older than a withdrawal: what is written back from it must not undo one.
func present(tx *store.Tx, v *Visit) (store.Participant, error) {
	p, err := tx.Participant(v.Participant.PID)
	if err == nil && p.Status != store.Active {
		err = errLeft
	}
	return p, err
}

// SavePage works out and saves what was posted on a page, with the files that
// Take has judged. key names the save: the same key twice is one save. It gives the visit as it was before, with
// the document as it is after, and what the page came to.
func (s *Service) SavePage(ctx context.Context, now time.Time, v *Visit, post interview.Post, key string, mode store.Mode, account string) (interview.Result, error) {
	if err := v.barred(); err != nil {
		return interview.Result{}, err
	}
	if !v.Begun() {
		return interview.Result{}, errNotBegun
	}
	if v.Staff {
		post.Device, post.NoFiles = "", true
	} else if v.ConsentNeeded() {
		return interview.Result{}, errNoConsent
	}
	if v.Interview.Revision >= maxSaves {
		return interview.Result{}, errTooManySaves
	}
	save := store.Save{Interview: v.Interview.ID, Key: key + filesKey(post.Files), At: now, Mode: mode, Account: account}
	for range mostTries {
		res, err := s.savePage(ctx, now, v, post, save)
		if !errors.Is(err, store.ErrMoved) {
			return res, err
		}
		if err := s.reread(ctx, v); err != nil {
			return interview.Result{}, err
		}
	}
	return interview.Result{}, store.ErrMoved
}

// mostTries is how often a page is worked out anew because others save the same
// interview at the same time. Some of them get on at each try.
const mostTries = 20

// savePage works out what a page comes to by what the visit has read, and saves
// that; store.ErrMoved where more was saved since.
func (s *Service) savePage(ctx context.Context, now time.Time, v *Visit, post interview.Post, save store.Save) (interview.Result, error) {
	res, err := s.workOut(ctx, now, v, post, save.Key)
	if err != nil || res.Change.Empty() {
		return res, err
	}
	save.Change = res.Change
	after := v.Doc.Clone()
	after.Apply(res.Change, now)
	next, seen := after.Encode(), v.Interview
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		row, fresh, err := tx.AddSaveTo(seen, save, next)
		if err != nil {
			return err
		}
		if fresh {
			err = s.storeFiles(tx, v, now, post.Files, res.Change.Answers)
		}
		v.Interview = row
		return err
	})
	if err != nil {
		return res, err
	}
	v.Doc = after
	v.show(now, post.Files)
	if v.Interview.Document != next { // this one had come before
		err = v.decode()
	}
	return res, err
}

// reread brings the interview of a visit up to date.
func (s *Service) reread(ctx context.Context, v *Visit) error {
	return s.store.Read(ctx, func(tx *store.Tx) (err error) {
		if v.Interview, err = tx.Interview(v.Interview.ID); err == nil {
			err = v.decode()
		}
		return err
	})
}

// Submit sends the interview in. What stands in the way is given back, and
// nothing is submitted then. Submitting twice keeps the first time.
func (s *Service) Submit(ctx context.Context, now time.Time, v *Visit) ([]interview.Problem, error) {
	return s.SubmitOnce(ctx, now, v, "")
}

// SubmitOnce does the same for a save that a browser sends again until it is
// answered. The same key twice submits once, also where the interview was
// opened again in between.
func (s *Service) SubmitOnce(ctx context.Context, now time.Time, v *Visit, key string) ([]interview.Problem, error) {
	if err := v.barred(); err != nil {
		return nil, err
	}
	if !v.Begun() {
		return nil, errNotBegun
	}
	problems := v.Logic.Check(v.Doc, now)
	if v.Staff { // no file can come of paper
		problems = slices.DeleteFunc(problems, func(p interview.Problem) bool { return p.Question.TakesFile() })
	}
	if len(problems) > 0 {
		return problems, nil
	}
	if v.Submitted() {
		return nil, nil
	}
	at := now
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		if _, err := present(tx, v); err != nil {
			return err
		}
		if key != "" {
			_, fresh, err := tx.AddSave(store.Save{Interview: v.Interview.ID, Key: key, At: now, Mode: store.Web, Change: interview.Change{Sent: true}})
			if err != nil || !fresh {
				at = v.Interview.SubmittedAt
				return err
			}
		}
		row, err := tx.Interview(v.Interview.ID)
		if err != nil {
			return err
		}
		if !row.SubmittedAt.IsZero() { // the button was pressed twice
			at = row.SubmittedAt
			return nil
		}
		at = now
		if err := tx.SubmitInterview(v.Interview.ID, now); err != nil {
			return err
		}
		return event(tx, v, now, panel.Submitted, "")
	})
	if err == nil {
		v.Interview.SubmittedAt = at
		s.paces.sent(paceKey{v.Study.Key, v.Interview.Questionnaire, v.Interview.Version})
	}
	return nil, err
}

// SetLanguage changes the language that the visit is in.
func (s *Service) SetLanguage(ctx context.Context, v *Visit, language string) error {
	if !slices.Contains(v.Study.Languages, language) {
		return fault.New(fault.Invalid, "language_unknown", "The questionnaire is not there in this language.")
	}
	if err := v.barred(); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		p, err := present(tx, v)
		if err != nil {
			return err
		}
		p.Language = language
		if err := tx.UpdateParticipant(p); err != nil || !v.Begun() {
			return err
		}
		return tx.SetInterviewLanguage(v.Interview.ID, language)
	})
}

// EntryVisit gives the visit of a member of staff who types in a paper or
// telephone interview, and begins the interview where there is none. It never
// gives stored answers: the pages are blank, and what is typed goes over what
// is there. A wave that has not opened cannot be entered.
func (s *Service) EntryVisit(ctx context.Context, now time.Time, actor access.Actor, studyKey, label string, wave int, mode store.Mode) (*Visit, error) {
	if err := actor.May(access.InterviewEnter, studyKey); err != nil {
		return nil, err
	}
	if mode != store.Paper && mode != store.Telephone {
		return nil, fault.New(fault.Invalid, "mode_unknown", "An interview is entered from paper or by telephone.")
	}
	v, err := s.visit(ctx, now, func(tx *store.Tx) (store.Visit, error) {
		p, err := tx.ParticipantByLabel(studyKey, label)
		if err != nil {
			return store.Visit{}, orElse(err, errNoParticipant)
		}
		row, err := tx.VisitOf(p.PID, wave)
		if err != nil {
			err = orElse(err, errNoWave)
		}
		return row, err
	})
	if err != nil {
		return nil, err
	}
	switch {
	case v.Gate == GateLeft:
		return nil, errLeft
	case v.Gate == GatePlanned:
		return nil, errPlanned
	case v.Gate == GateUnasked:
		return nil, errUnasked
	case v.Submitted():
		return nil, fault.New(fault.Conflict, "already_submitted", "The interview was submitted. Reopen it first, with a reason.")
	}
	v.Staff = true
	if v.Begun() {
		return v, nil
	}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		if err := begin(tx, v, now, mode, v.Language()); err != nil {
			return err
		}
		v.Interview, err = tx.Interview(v.Invitation.ID)
		if err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.InterviewEnter), Study: studyKey,
			Object: fmt.Sprintf("wave %d", wave), Detail: string(mode)})
	})
	return v, err
}

// Reopen takes the submission of an interview back, with a reason. After the
// close of the wave it may then be answered for fourteen days.
func (s *Service) Reopen(ctx context.Context, now time.Time, actor access.Actor, studyKey, label string, wave int, reason string) error {
	if err := actor.May(access.InterviewReopen, studyKey); err != nil {
		return err
	}
	if reason == "" {
		return fault.New(fault.Invalid, "reason_missing", "Give a reason.")
	}
	if utf8.RuneCountInString(reason) > maxReason {
		var ps fault.Problems
		ps.Add(fault.Place{Field: "reason"}, "reason_long", "Give a shorter reason: at most %d characters.", maxReason)
		return ps.Err("reopen_refused", "The interview was not opened.")
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		p, err := tx.ParticipantByLabel(studyKey, label)
		if err != nil {
			return orElse(err, errNoParticipant)
		}
		if p.Status != store.Active {
			return errAway
		}
		row, err := tx.VisitOf(p.PID, wave)
		if err != nil {
			return orElse(err, errNoWave)
		}
		if row.Interview.SubmittedAt.IsZero() {
			return fault.New(fault.Conflict, "not_submitted", "The interview was not submitted, so it is open already.")
		}
		if err := tx.ReopenInterview(row.Interview.ID, now); err != nil {
			return err
		}
		if err := tx.AddEvent(store.Event{ID: secret.NewID(), Study: studyKey, PID: p.PID, Wave: wave, Kind: string(panel.Reopened), At: now, Detail: reason}); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.InterviewReopen), Study: studyKey,
			Object: fmt.Sprintf("wave %d", wave)}) // the reason may name people: it stays with the event
	})
}

// Device gives what stands in an interview's document for the cookie of the
// device that gives an answer; "" for no cookie.
func (s *Service) Device(cookie string) string { return s.keys.Device(cookie) }
