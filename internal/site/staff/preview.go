package staff

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/lang"
	"panelverk/internal/lang/rich"
	"panelverk/internal/questionnaire"
	"panelverk/internal/site/respond"
)

// The preview lets staff go through a questionnaire as a respondent does. The
// page carries the answers, and of a draft the file, in its forms: nothing is
// stored anywhere. What respondents see stands in a frame (srcdoc) of a phone's
// width, so that it looks and breaks as on a phone.

// previewPolicy is added to the policy of all pages: the page may hold that
// frame, which loads nothing by itself.
const previewPolicy = "; frame-src 'self'"

// Names of the fields of the preview's forms.
const (
	previewState = "state" // the answers, as interview.Document.Encode gives them
	previewPage  = "page"  // the key of the page that is shown, "" for the review
	previewLang  = "lang"
	previewTo    = "to"    // button: another language
	previewReset = "reset" // button: no answers
	previewApply = "apply" // button: the answers of the fields beside the frame
	previewSet   = "set."  // set.NAME: the answer that is wanted
	previewHas   = "has."  // has.NAME: set.NAME was on the page
	previewPast  = "past." // past.NAME: what an earlier wave answered, for ${last-saved#NAME}
)

// trialPage is the preview.
type trialPage struct {
	*view
	Name    string
	Action  string
	Back    string
	Phone   string // the frame's page, whole
	Carried []respond.Carried
	Lang    string
	Tags    []string
	Told    []string // what the last press came to, beyond what the frame shows
	Missing string   // why the shown page is not asked, "" where it is
	Pages   []trialStep
	End     bool // the review is shown
	Reads   []trialField
	Others  []trialField
	Past    []trialField // what the questionnaire reads of earlier waves
	Sums    []trialSum
}

// trialStep is a page to jump to.
type trialStep struct {
	Key, Label string
	Number     int
	Here       bool
	Missing    string // why it is not asked now, "" where it is
}

// trialField sets the answer of a question.
type trialField struct {
	Name, Label, Kind string // of Kind: list, boxes, text
	Value, Message    string
	Options           []option
}

// trialSum is what a calculation is worth.
type trialSum struct{ Name, Value, Source string }

// trial is one look at the preview.
type trial struct {
	*request
	v       *fieldwork.Visit
	q       *questionnaire.Questionnaire
	tag     string
	page    *interview.Screen // nil for the review
	form    respond.Trial
	told    []string
	typed   map[string][]string // what could not be set
	wrong   map[string]string   // and why
	carried []respond.Carried   // the draft
	back    string
}

// preview begins the preview of a published version, or goes on with it.
func (r *request) preview() error {
	number, err := strconv.Atoi(r.Param("version"))
	if err != nil {
		return errNoPage.Because(err)
	}
	v, err := r.Fieldwork.Trial(r.ctx(), r.actor, r.study.Key, r.Param("key"), number)
	if err != nil {
		return err
	}
	return r.tryOut(&trial{request: r, v: v, back: r.at("/questionnaires/" + r.Param("key") + "/" + itoa(number))}, number)
}

// previewDraft shows a file that was handed in and is not published.
func (r *request) previewDraft() error {
	if err := r.may(access.QuestionnairePublish); err != nil {
		return err
	}
	number, err := strconv.Atoi(r.PostForm("number"))
	if err != nil {
		return errNoPage.Because(err)
	}
	f := r.posted()
	h := r.handedIn(f)
	if f.Bad() {
		return errBody.Because(f.err)
	}
	v, err := r.Fieldwork.TrialOfDraft(r.ctx(), r.actor, fieldwork.Publication{Study: r.study.Key, Key: r.Param("key"), Number: number, FileName: h.name, Data: h.data, Files: h.files})
	if err != nil {
		return err
	}
	return r.tryOut(&trial{request: r, v: v, carried: []respond.Carried{{Name: "name", Value: h.name}, {Name: "number", Value: itoa(number)},
		{Name: "data", Value: r.PostForm("data")}, {Name: "pack", Value: r.PostForm("pack")}}}, number)
}

// tryOut does what was pressed and shows the page that it leads to.
func (r *request) tryOut(t *trial, number int) error {
	f := r.Request.Form
	if f == nil { // a GET
		f = r.Request.URL.Query()
	}
	t.q, t.typed, t.wrong = t.v.Logic.Questionnaire, map[string][]string{}, map[string]string{}
	if state := f.Get(previewState); state != "" {
		if err := t.v.Recall(state); err != nil {
			return err
		}
	}
	t.tag = t.q.Default
	for _, tag := range []string{r.t.Tag, f.Get(previewLang), f.Get(previewTo)} {
		if slices.Contains(t.q.Languages, tag) {
			t.tag = tag
		}
	}
	t.page = t.look().Screen(f.Get(previewPage))
	t.press()
	return t.show(number)
}

// look gives the view of the answers as they are.
func (t *trial) look() *interview.View { return t.v.Logic.Current(t.v.Doc, t.now) }

// press does what was pressed.
func (t *trial) press() {
	f := t.Request.PostForm
	switch {
	case !f.Has(previewState), f.Has(previewReset):
		_ = t.v.Recall("") // the empty document can be read
		if t.page == nil || f.Has(previewReset) {
			t.page = t.look().Next("")
		}
	case f.Has(respond.TrialJump):
		t.page = t.look().Screen(f.Get(respond.TrialJump))
	case f.Has(respond.TrialEnd):
		t.page = nil
	case f.Has(previewApply):
		t.set()
	case f.Has(previewTo):
	case t.page == nil: // the button of the review
		t.form.Problems = t.v.Logic.Check(t.v.Doc, t.now)
		if len(t.form.Problems) == 0 {
			t.tell("staff.preview.submitted")
		}
	default:
		t.answer()
	}
}

func (t *trial) tell(key string) { t.told = append(t.told, t.t.T(key)) }

// answer takes in a posted page of questions, as the real one does.
func (t *trial) answer() {
	f := t.Request.PostForm
	post := respond.Read(t.v, f, t.page.Key, respond.TrialDevice)
	res := t.v.Logic.Post(t.v.Doc, post, t.now)
	t.v.Doc.Apply(res.Change, t.now)
	switch {
	case len(res.Tampered) > 0:
		t.tell("staff.preview.tampered")
	case res.Again:
		t.form.Posted, t.form.Result = f, res
	case post.Go == interview.Pause:
		t.tell("staff.preview.paused")
	default:
		t.page = res.Next
	}
}

// set takes the answers of the fields beside the frame, page by page by the
// rules of the interview: what breaks one is told and not taken.
func (t *trial) set() {
	f := t.Request.PostForm
	t.recall()
	var screens []*interview.Screen
	for _, s := range t.look().Way {
		screens = append(screens, s)
	}
	for _, s := range screens {
		view := t.look().In(s)
		post := interview.Post{Page: s.Key, Device: respond.TrialDevice, Go: interview.Stay, Values: map[string][]string{}, Shown: map[string]string{}}
		for _, it := range itemsOf(s) {
			if key := view.Key(it.Name); f.Has(previewHas + key) {
				post.Values[it.Name] = f[previewSet+key]
				post.Shown[it.Name] = interview.Digest(t.v.Doc.Answers[key])
			}
		}
		if len(post.Shown) == 0 {
			continue
		}
		res := t.v.Logic.Post(t.v.Doc, post, t.now)
		res.Change.Page = "" // a page that was not gone through stays so: only its answers are set
		t.v.Doc.Apply(res.Change, t.now)
		view = t.look().In(s)
		for name, values := range post.Values {
			key, it := view.Key(name), t.q.Question(name)
			value, code := interview.Parse(it, view.Choices(it), values)
			if code != "" || value != t.v.Doc.Answers[key] {
				t.typed[key], t.wrong[key] = values, t.t.T("staff.preview.refused")
			}
		}
	}
}

// recall takes what an earlier wave is to have answered, told with a proof on
// the trial's device.
func (t *trial) recall() {
	t.v.Doc.Earlier = map[string]interview.Earlier{}
	t.v.Doc.Proof = interview.Proof{Way: interview.ByDevice, Device: respond.TrialDevice}
	for _, name := range t.q.Earlier {
		value := strings.Join(strings.Fields(strings.Join(t.Request.PostForm[previewPast+name], " ")), " ")
		if value != "" {
			t.v.Doc.Earlier[name] = interview.Earlier{Value: value, Wave: 1, At: t.now.UnixMilli()}
		}
	}
}

// itemsOf gives the questions of a page; an overview has none.
func itemsOf(s *interview.Screen) []*questionnaire.Item {
	if s.Page == nil {
		return nil
	}
	return s.Page.Items
}

// show shows the page of the preview.
func (t *trial) show(number int) error {
	v := t.view("questionnaires")
	looked := t.look()
	p := trialPage{view: v, Name: t.t.T("staff.version", "key", t.Param("key"), "number", number), Action: t.Request.URL.Path, Back: t.back,
		Lang: t.tag, Tags: t.q.Languages, Told: t.told, End: t.page == nil}
	key := ""
	if t.page != nil {
		key = t.page.Key
		if !looked.Visible(t.page) {
			p.Missing = t.reason(looked.In(t.page), t.page)
		}
	}
	p.Carried = append(t.carried, respond.Carried{Name: previewState, Value: t.v.Doc.Encode()}, respond.Carried{Name: previewPage, Value: key},
		respond.Carried{Name: previewLang, Value: t.tag})
	t.form.Visit, t.form.Tag, t.form.Page, t.form.Pretend = t.v, t.tag, t.page, p.Missing != ""
	t.form.Action, t.form.Carried = p.Action+"#phone", p.Carried
	var frame bytes.Buffer
	if err := t.form.Write(&frame, t.Page, t.now); err != nil {
		return err
	}
	p.Phone = frame.String()
	t.steps(&p, looked)
	t.fields(&p, looked)
	for _, it := range t.q.Questions {
		if it.Type != questionnaire.Calculate || it.Calculation == nil {
			continue
		}
		for in := range looked.Everywhere(it) {
			p.Sums = append(p.Sums, trialSum{in.Key(it.Name), in.Value(it.Name), it.Calculation.Source})
		}
	}
	t.Header("Content-Security-Policy", t.Writer.Header().Get("Content-Security-Policy")+previewPolicy)
	return t.request.show("preview", nil, p)
}

// steps lists the pages, each with why it is not asked. Those of a repeat
// without instances cannot be gone to; they come after its overview.
func (t *trial) steps(p *trialPage, looked *interview.View) {
	there := map[*questionnaire.Page]bool{}
	for in, s := range looked.Way {
		there[s.Page] = true
		step := trialStep{Key: s.Key, Here: t.page != nil && s.Key == t.page.Key, Label: t.label(in, s)}
		if !looked.Visible(s) {
			step.Missing = t.reason(in, s)
		}
		p.Pages = append(p.Pages, step)
	}
	for _, pg := range t.q.Pages {
		if !there[pg] {
			p.Pages = append(p.Pages, trialStep{Label: t.label(looked, &interview.Screen{Page: pg}), Missing: t.t.T("staff.preview.no_instance", "repeat", pg.Repeat.Name)})
		}
	}
	for i := range p.Pages {
		p.Pages[i].Number = i + 1
	}
}

// label names a page: by its heading, else by its first question; in a repeat
// with the number of the instance.
func (t *trial) label(in *interview.View, s *interview.Screen) string {
	label := lang.Text(nil)
	switch {
	case s.Page == nil:
		label = s.Repeat.Label
	case s.Page.Group != nil:
		label = s.Page.Group.Label
	}
	for _, it := range itemsOf(s) {
		if label.Empty() && !it.Silent() {
			label = it.Label
		}
	}
	text := t.short(label)
	if n := in.Position(); n > 0 {
		text = strings.TrimSpace(text + " (" + itoa(n) + ")")
	}
	return text
}

// short gives a text in the language of the preview, cut after some words.
func (t *trial) short(label lang.Text) string {
	const most = 60
	s, _ := label.In(t.tag, t.q.Default)
	s = rich.Plain(questionnaire.Interpolate(s, func(name string) string { return rich.Literal("${" + name + "}") }))
	if runes := []rune(s); len(runes) > most {
		s = strings.TrimRight(string(runes[:most]), " ,.;:") + " …"
	}
	return s
}

// reason says in words why nothing of a page is asked under the answers.
func (t *trial) reason(in *interview.View, s *interview.Screen) string {
	items := itemsOf(s)
	if s.Page == nil {
		items = []*questionnaire.Item{s.Repeat}
	}
	var out []string
	for _, it := range items {
		for at := it; at != nil && !(it.Silent() && at == it); at = at.Parent {
			if at.Relevant == nil || at.Parent != nil && !in.Relevant(at.Parent.Name) || in.Relevant(at.Name) {
				continue
			}
			if words := t.q.Words(at.Relevant, at, t.tag, t.t); !slices.Contains(out, words) {
				out = append(out, words)
			}
		}
	}
	if len(out) == 0 {
		return t.t.T("staff.preview.no_choice")
	}
	return t.t.T("routing.asked_if", "condition", strings.Join(out, ", "+t.t.T("routing.or")+" "))
}

// fields gives the fields to set answers in: first those that the logic of the
// page reads, then those of all pages before it.
func (t *trial) fields(p *trialPage, looked *interview.View) {
	var reads []*questionnaire.Item
	if t.page != nil && t.page.Page != nil {
		reads = t.q.Reads(t.page.Page)
	}
	for _, name := range t.q.Earlier {
		p.Past = append(p.Past, trialField{Name: name, Label: t.short(t.q.Question(name).Label), Kind: "text", Value: t.v.Doc.Earlier[name].Value})
	}
	before := true
	for in, s := range looked.Way {
		before = before && (t.page == nil || s.Key != t.page.Key)
		for _, it := range itemsOf(s) {
			switch {
			case !it.Asks() || it.TakesFile():
			case slices.Contains(reads, it):
				p.Reads = append(p.Reads, t.field(in, it))
			case before:
				p.Others = append(p.Others, t.field(in, it))
			}
		}
	}
}

func (t *trial) field(in *interview.View, it *questionnaire.Item) trialField {
	key := in.Key(it.Name)
	f := trialField{Name: key, Label: t.short(it.Label), Kind: "text", Value: t.v.Doc.Answers[key], Message: t.wrong[key]}
	if f.Message != "" {
		f.Value = strings.Join(t.typed[key], " ")
	}
	const most = 60 // a longer list is typed in
	if it.List == nil || it.Type == questionnaire.Rank || len(it.List.Choices) == 0 || len(it.List.Choices) > most {
		return f
	}
	f.Kind = "list"
	chosen := []string{f.Value}
	if it.Type == questionnaire.SelectMultiple {
		f.Kind, chosen = "boxes", strings.Fields(f.Value)
	}
	for _, c := range it.List.Choices {
		f.Options = append(f.Options, option{Value: c.Name, Text: t.short(c.Label), Chosen: slices.Contains(chosen, c.Name)})
	}
	return f
}
