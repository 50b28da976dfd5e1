package staff

import (
	"context"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
	"panelverk/internal/mail"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// messageStates are the columns of the ledger in figures, those that wait first.
var messageStates = []store.MessageState{store.Due, store.Claimed, store.Deferred, store.HandedOver, store.Bounced, store.RefusedBy, store.OptedOut, store.Cancelled}

// messagesPage is what a study sends, in figures.
type messagesPage struct {
	*view
	Ledger  *fieldwork.Ledger
	Sending Sending
	States  []store.MessageState // that some message is in
	Form    *form
	Outcome *mail.Outcome // of a test message
}

func (r *request) showMessages() error { return r.messagesPage(r.fresh(), nil) }

func (r *request) messagesPage(f *form, tried *mail.Outcome) error {
	ledger, err := r.Fieldwork.Ledger(r.ctx(), r.actor, r.study.Key)
	if err != nil {
		return err
	}
	p := messagesPage{view: r.view("messages"), Ledger: ledger, Sending: r.Sending, Form: f, Outcome: tried}
	for _, s := range messageStates {
		if slices.ContainsFunc(ledger.Lines, func(l fieldwork.LedgerLine) bool { return l.Counts[s] > 0 }) {
			p.States = append(p.States, s)
		}
	}
	return r.show("messages", f, p)
}

// MessageState names where a message stands.
func (v *view) MessageState(s store.MessageState) string {
	return v.T.T("staff.post.state." + string(s))
}

// PostName names a message of the ledger by its kind and its key: those of the
// plan, and those that answer what somebody did.
func (v *view) PostName(kind, key string) string {
	if study.IsMessageKind(kind) {
		return v.MessageName(key, study.MessageKind(kind))
	}
	return v.T.T("staff.post.kind." + kind)
}

// Channel names the way of a message.
func (v *view) Channel(name string) string { return v.ChannelName(study.Channel(name)) }

// MessageWave names the wave of a message, "" for one of none.
func (v *view) MessageWave(n int) string {
	if n == 0 {
		return v.T.T("staff.post.no_wave")
	}
	return v.WaveName(n)
}

// List gives the address of the list of messages of a line that are in a state.
func (p messagesPage) List(l fieldwork.LedgerLine, s store.MessageState) string {
	return p.At("/messages/list" + "?" + url.Values{"wave": {strconv.Itoa(l.Wave)}, "message": {l.Key}, "state": {string(s)}}.Encode())
}

// Trouble says why messages do not get through, "" where they do.
func (p messagesPage) Trouble() string {
	if p.Ledger.Trouble == "" {
		return ""
	}
	return mail.Outcome{Reason: p.Ledger.Trouble}.Words(p.T.Tag, p.Sending.Server)
}

// Silence says why nothing is sent, "" where it is.
func (p messagesPage) Silence() string {
	if p.Sending.Silence == "" {
		return ""
	}
	return p.T.T("staff.post.silence." + p.Sending.Silence)
}

// Tried says how the test message went.
func (p messagesPage) Tried() string { return p.Outcome.Words(p.T.Tag, p.Sending.Server) }

// holdMessages is the switch of all sending.
func (r *request) holdMessages() error {
	hold := r.PostForm("hold") == "1"
	if err := r.Fieldwork.HoldMessages(r.ctx(), r.now, r.actor, r.study.Key, hold); err != nil {
		return err
	}
	if hold {
		return r.done(r.at("/messages"), "staff.done.held")
	}
	return r.done(r.at("/messages"), "staff.done.let_go")
}

// testWait is how long somebody waits for the outcome of a test message.
const testWait = 45 * time.Second

// sendTest sends a test message to whoever asks for it. What was said is shown
// at once and kept nowhere.
func (r *request) sendTest() error {
	ctx, cancel := context.WithTimeout(r.ctx(), testWait)
	defer cancel()
	f := r.posted()
	outcome, err := r.Fieldwork.SendTest(ctx, r.now, r.actor, r.study.Key, r.Sending.Post, r.account.Email, r.account.Language)
	if f.take(err) {
		return r.messagesPage(f, nil)
	}
	if err != nil {
		return err
	}
	return r.messagesPage(f, &outcome)
}

// messageListPage is messages that stand alike, by label.
type messageListPage struct {
	*view
	Messages []store.LabelledMessage
	More     bool
	Form     *form
	States   []option
	Waves    []option
	Server   string
}

func (r *request) listMessages() error {
	wave, err := strconv.Atoi(r.DefaultQuery("wave", "0"))
	if err != nil {
		return errNoPage
	}
	filter := store.MessageFilter{Wave: wave, Key: r.Query("message"), State: store.MessageState(r.Query("state"))}
	messages, more, err := r.Fieldwork.Messages(r.ctx(), r.actor, r.study.Key, filter)
	if err != nil {
		return err
	}
	p := messageListPage{view: r.view("messages"), Messages: messages, More: more, Server: r.Sending.Server,
		Form: r.fresh("wave", strconv.Itoa(wave), "state", string(filter.State), "message", filter.Key)}
	p.States = append(p.States, option{Text: r.t.T("staff.post.any_state")})
	for _, s := range messageStates {
		p.States = append(p.States, option{Value: string(s), Text: p.MessageState(s)})
	}
	p.Waves = append(p.Waves, option{Value: "0", Text: r.t.T("staff.post.any_wave")})
	for _, w := range r.study.Waves {
		p.Waves = append(p.Waves, option{Value: itoa(w.Number), Text: p.WaveName(w.Number)})
	}
	return r.show("messagelist", nil, p)
}

// Why says why a message stands where it does, "" where there is nothing to say.
func (p messageListPage) Why(m store.LabelledMessage) string { return p.whyMessage(m.Reason, p.Server) }

// whyMessage puts the reason of a message into words.
func (v *view) whyMessage(reason, server string) string {
	switch {
	case reason == "":
		return ""
	case slices.Contains(mail.Reasons(), mail.Reason(reason)):
		return mail.Outcome{Reason: mail.Reason(reason)}.Words(v.T.Tag, server)
	case v.T.Has("staff.post.why." + reason):
		return v.T.T("staff.post.why." + reason)
	}
	return reason
}

// messagesToPage is the messages to one participant with every attempt.
type messagesToPage struct {
	*view
	Label    string
	Messages []fieldwork.SentMessage
	Form     *form
	Server   string
}

func (r *request) showMessagesTo() error { return r.messagesToPage(r.fresh()) }

func (r *request) messagesToPage(f *form) error {
	label := r.Param("label")
	messages, err := r.Fieldwork.MessagesTo(r.ctx(), r.now, r.actor, r.study.Key, label)
	if err != nil {
		return err
	}
	return r.show("messagesto", f, messagesToPage{view: r.view("panel"), Label: label, Messages: messages, Form: f, Server: r.Sending.Server})
}

// Why says why a message stands where it does.
func (p messagesToPage) Why(m fieldwork.SentMessage) string { return p.whyMessage(m.Reason, p.Server) }

// Attempt says what an attempt came to.
func (p messagesToPage) Attempt(h store.Handover) string {
	switch {
	case h.Ended.IsZero():
		return p.T.T("staff.post.running")
	case h.Outcome == store.Ambiguous && h.Code == "worker_gone":
		return p.T.T("staff.post.why.worker_gone")
	}
	return p.whyMessage(h.Code, p.Server)
}

// MayRepeat tells whether a message can be sent again.
func (p messagesToPage) MayRepeat(m fieldwork.SentMessage) bool {
	return m.Again && p.Can(string(access.MessageChange))
}

func (r *request) sendAgain() error {
	f := r.posted()
	err := r.Fieldwork.SendAgain(r.ctx(), r.now, r.actor, r.study.Key, r.Param("label"), r.Param("id"))
	if f.take(err) {
		return r.messagesToPage(f)
	}
	if err != nil {
		return err
	}
	return r.done(r.at("/p/"+r.Param("label")+"/messages"), "staff.done.again")
}

// lettersPage is letters to be printed.
type lettersPage struct {
	*view
	Letters []letterSheet
	Site    string
}

// letterSheet is one letter with the words of its language. Its text is the
// plain one, which writes addresses out.
type letterSheet struct {
	fieldwork.Letter
	L *lang.Texts
}

func (r *request) printLetters() error {
	letters, err := r.Fieldwork.Letters(r.ctx(), r.now, r.actor, r.study.Key)
	if err != nil {
		return err
	}
	_, site, _ := strings.Cut(r.BaseURL, "://")
	p := lettersPage{view: r.view("messages"), Site: site}
	for _, l := range letters {
		p.Letters = append(p.Letters, letterSheet{l, lang.For(l.Language)})
	}
	return r.show("letters", nil, p)
}

func (r *request) notePosted() error {
	if _, err := r.Fieldwork.Posted(r.ctx(), r.now, r.actor, r.study.Key, r.PostFormArray("letter")); err != nil {
		return err
	}
	return r.done(r.at("/messages"), "staff.done.posted")
}

// messagePreviewPage is a message as it would be sent.
type messagePreviewPage struct {
	*view
	Preview   *fieldwork.MessagePreview
	Body      template.HTML
	Form      *form
	Kinds     []option
	Languages []option
	Waves     []option
}

func (r *request) previewMessage() error {
	wave, _ := strconv.Atoi(r.Query("wave")) // what is no number means the first
	of := fieldwork.PreviewOf{Kind: mail.Kind(r.DefaultQuery("kind", string(mail.Invitation))), Language: r.Query("language"), Wave: wave, Label: r.Query("label")}
	if of.Language != "" && !slices.Contains(r.study.Languages, of.Language) {
		return errNoPage
	}
	preview, err := r.Fieldwork.PreviewMessage(r.ctx(), r.now, r.actor, r.study.Key, of)
	if err != nil {
		return err
	}
	p := messagePreviewPage{view: r.view("messages"), Preview: preview, Body: template.HTML(preview.Message.Body), //nolint:gosec // written by mail, which escapes every value
		Form: r.fresh("kind", string(of.Kind), "language", preview.Language, "wave", itoa(preview.Wave), "label", of.Label)}
	for _, k := range mail.Kinds() {
		if k == k.Base() || r.study.Plan != nil && slices.Contains(r.study.Plan.Templates(), string(k)) {
			p.Kinds = append(p.Kinds, option{Value: string(k), Text: p.PostName(string(k.Base()), string(k))})
		}
	}
	for _, tag := range r.study.Languages {
		p.Languages = append(p.Languages, option{Value: tag, Text: p.LanguageName(tag)})
	}
	for _, w := range r.study.Waves {
		p.Waves = append(p.Waves, option{Value: itoa(w.Number), Text: p.WaveName(w.Number)})
	}
	return r.show("messagepreview", nil, p)
}
