package respond

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fault"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/lang"
	"panelverk/internal/site/page"
	"panelverk/internal/store"
)

// With scripts each answer is saved as it is given. web/static/queue.js sends
// what was answered in its order, one request at a time, until the server has
// answered for all of it; each save is worked out as a posted page is, and is
// durable before it is acknowledged. Nothing of this is another way in: what a
// form may not do, no save may.

const (
	mostSaves  = 100  // a request may carry
	mostFields = 2000 // all of them together may have
)

// batch is what a queue sends.
type batch struct {
	Now   int64  `json:"now"` // the device's clock as it sent: unix milliseconds
	Saves []save `json:"saves"`
}

// save is one of them: answers to questions of one page, or a button.
type save struct {
	ID     string      `json:"id"` // fieldwork.QueueKey; the same twice is one save
	At     int64       `json:"at"` // on the device's clock
	Page   string      `json:"page"`
	Fields [][2]string `json:"fields"` // of the questions that changed, as the page's form names them
	Go     string      `json:"go"`     // "": the page was not left; "next", "back", "submit"
}

// savesReply is what it is answered with once all of it is durable. An answer is
// named by its key: the question's name, in a repeat NAME@INSTANCE.
type savesReply struct {
	Saved     []string          `json:"saved"`               // in order
	Refused   []string          `json:"refused,omitempty"`   // no page of ours can have asked this, or what is sent in has faults
	Was       map[string]string `json:"was,omitempty"`       // digests of what this device has given
	Elsewhere []string          `json:"elsewhere,omitempty"` // also answered on another device
	Wrong     []string          `json:"wrong,omitempty"`     // not stored: what was written is no answer
	Told      map[string]string `json:"told,omitempty"`      // what to say beside those
	Key       string            `json:"key,omitempty"`       // names the copy of the form anew, where something is told of elsewhere
	State     string            `json:"state"`               // "Sparat kl. 18.42"
	Next      string            `json:"next,omitempty"`      // where the last button leads, from the link on

	// Where it was not taken in whole:
	Error string `json:"error,omitempty"` // the fault's code
	Text  string `json:"text,omitempty"`  // and its sentence
	Gone  bool   `json:"gone,omitempty"`  // sending again will not help
}

// readBatch reads the body of a request. Whatever is wrong with it is wrong with
// all of it.
func readBatch(r io.Reader) (batch, error) {
	var b batch
	in := json.NewDecoder(r)
	if err := in.Decode(&b); err != nil {
		return batch{}, err
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return batch{}, errors.New("more than one value")
	}
	fields := 0
	for _, one := range b.Saves {
		fields += len(one.Fields)
		if !fieldwork.QueueKey(one.ID) {
			return batch{}, errors.New("a save without a key")
		}
		switch one.Go {
		case "", "next", "back", "submit":
		default:
			return batch{}, errors.New("a button that a queue has not")
		}
	}
	if len(b.Saves) > mostSaves || fields > mostFields {
		return batch{}, errLong
	}
	return b, nil
}

// savingTexts gives what saving.js says, as JSON.
func savingTexts(l *lang.Texts) string {
	b, err := json.Marshal(map[string]any{"now": l.T("saving.now"), "waiting": l.Forms("saving.waiting"), "back": l.T("saving.back"), "part": l.T("saving.part")})
	if err != nil {
		panic(err) // texts alone
	}
	return string(b)
}

var errLong = errors.New("more than a request may carry")

// given tells when a save was answered, by the server's clock: as long ago as
// the device says, after the one before it and never to come. A clock that is
// wrong, even one that was set between, moves an answer by no more.
func (b batch) given(at int64, before, now time.Time) time.Time {
	ago := time.Duration(0)
	if at > 0 && at < b.Now && b.Now-at < int64(maxAgo/time.Millisecond) {
		ago = time.Duration(b.Now-at) * time.Millisecond
	}
	if t := now.Add(-ago); t.After(before) {
		return t
	}
	return before
}

// maxAgo is how long an answer may have waited for a network: longer than a
// field period lasts.
const maxAgo = 400 * 24 * time.Hour

// saves takes in what a queue sends.
func (s *site) saves(c *gin.Context) {
	v, err := s.Fieldwork.Visit(c.Request.Context(), s.Now(), c.Param("token"))
	if err != nil {
		s.refuse(c, nil, err, &savesReply{})
		return
	}
	// No form of another site can send this type without being asked first.
	if kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err != nil || kind != "application/json" {
		s.refuse(c, v, errUnreadable, &savesReply{})
		return
	}
	b, err := readBatch(http.MaxBytesReader(c.Writer, c.Request.Body, maxForm))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) || errors.Is(err, errLong) {
			c.JSON(http.StatusRequestEntityTooLarge, savesReply{Error: "saves_too_large", Saved: []string{}})
			return
		}
		s.refuse(c, v, errUnreadable.Because(err), &savesReply{})
		return
	}
	s.handoff.take(c.Param("token"), s.Now()) // what it holds is out of date
	in := saving{site: s, c: c, v: v, now: s.Now(), device: s.device(c, v), tag: s.tag(c, v), wrong: map[string]interview.Problem{},
		reply: savesReply{Saved: []string{}, Was: map[string]string{}, Told: map[string]string{}}}
	before := v.Interview.StartedAt
	for _, one := range b.Saves {
		before = b.given(one.At, before, in.now)
		if err := in.take(one, before); err != nil {
			s.refuse(c, v, err, &in.reply)
			return
		}
	}
	c.JSON(http.StatusOK, in.done())
}

// saving is a batch while it is taken in.
type saving struct {
	*site
	c      *gin.Context
	v      *fieldwork.Visit
	now    time.Time
	device string
	tag    string
	reply  savesReply
	wrong  map[string]interview.Problem // by the answer's key: what the last save of it came to
}

// take saves one.
func (in *saving) take(one save, at time.Time) error {
	if one.Go == "submit" {
		return in.submit(one)
	}
	f := url.Values{}
	for _, field := range one.Fields {
		f.Add(field[0], field[1])
	}
	f.Set(fieldGo, one.Go)
	post := Read(in.v, f, one.Page, in.device)
	if one.Go == "" && post.Go == interview.Forward {
		post.Go = interview.Given
	}
	res, err := in.Fieldwork.SavePage(in.c.Request.Context(), at, in.v, post, one.ID, store.Web, "")
	if err != nil {
		return err
	}
	if len(res.Tampered) > 0 {
		in.Log.Warn("a page of ours cannot have sent this", "request", in.c.GetString("request"), "fields", len(res.Tampered))
		in.reply.Refused = append(in.reply.Refused, one.ID)
	} else {
		in.reply.Saved = append(in.reply.Saved, one.ID)
	}
	in.known(one.Page, post, res)
	if one.Go != "" {
		in.reply.Next = "/review"
		if res.Next != nil {
			in.reply.Next = "/p/" + url.PathEscape(res.Next.Key)
		}
	}
	return nil
}

func (in *saving) submit(one save) error {
	problems, err := in.Fieldwork.SubmitOnce(in.c.Request.Context(), in.now, in.v, one.ID)
	if err != nil {
		return err
	}
	if len(problems) == 0 {
		in.reply.Saved, in.reply.Next = append(in.reply.Saved, one.ID), "/thanks"
		return nil
	}
	in.reply.Refused, in.reply.Next = append(in.reply.Refused, one.ID), "/review"
	for _, problem := range problems {
		problem.Unsaved = true
		in.tell(problem, nil)
	}
	return nil
}

// known notes what the device may go by from now on: digests of what it has
// given, also where another device's answer counts, and what is wrong.
func (in *saving) known(pageKey string, post interview.Post, res interview.Result) {
	_, instance := interview.Split(pageKey)
	for name := range post.Shown {
		key := interview.At(name, instance)
		delete(in.wrong, key) // it may be mended
		value, given := res.Change.Late[key]
		if !given && in.device != "" && in.v.Doc.Devices[key] == in.device {
			value, given = in.v.Doc.Answers[key], true
		}
		if !given {
			value, given = res.Change.Answers[key]
		}
		if given {
			in.reply.Was[key] = interview.Digest(value)
		}
	}
	for _, problem := range res.Problems {
		in.tell(problem, post.Values)
	}
}

// tell notes what is to be said of a problem. typed is what was written on its page.
func (in *saving) tell(problem interview.Problem, typed map[string][]string) {
	screen := in.v.Logic.Current(in.v.Doc, in.now).Screen(problem.Page)
	if screen == nil {
		return
	}
	_, instance := interview.Split(problem.Page)
	key := interview.At(problem.Question.Name, instance)
	pen := newPaper(in.v, screen, in.device, in.tag, in.now)
	pen.typed = typed
	in.wrong[key], in.reply.Told[key] = problem, pen.sentence(problem)
}

// done fills in what the whole of it came to.
func (in *saving) done() savesReply {
	for _, key := range slices.Sorted(maps.Keys(in.wrong)) {
		switch problem := in.wrong[key]; {
		case problem.Unsaved:
			in.reply.Wrong = append(in.reply.Wrong, key)
		case !problem.At.IsZero():
			in.reply.Elsewhere, in.reply.Key = append(in.reply.Elsewhere, key), copyKey(in.now)
		}
	}
	for key := range in.reply.Told {
		if _, still := in.wrong[key]; !still {
			delete(in.reply.Told, key)
		}
	}
	if len(in.reply.Saved) > 0 {
		l := lang.For(in.tag)
		in.reply.State = l.T("respond.saved", "clock", l.Clock(in.now.In(in.v.Study.TimeZone)))
	}
	return in.reply
}

// refuse answers what was not taken in whole, for a queue to read: what was
// saved before stands.
func (s *site) refuse(c *gin.Context, v *fieldwork.Visit, err error, reply *savesReply) {
	s.Page.Log(c, err)
	e := fault.Of(err)
	l := lang.For(s.bare(c).Lang)
	if v != nil {
		l = lang.For(s.tag(c, v))
	}
	reply.Error, reply.Text = e.Code, page.Sentence(l, err)
	if e.Kind == fault.Full || e.Kind == fault.Internal {
		reply.Text = l.T("state.not_saved_text")
	}
	reply.Gone = e.Kind != fault.Full && e.Kind != fault.Internal && !errors.Is(err, errUnreadable) && !errors.Is(err, store.ErrMoved)
	c.JSON(page.Status(err), reply)
}
