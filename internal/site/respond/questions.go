package respond

import (
	"crypto/sha256"
	"encoding/hex"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/lang"
	"panelverk/internal/lang/rich"
	"panelverk/internal/questionnaire"
	"panelverk/internal/secret"
	"panelverk/internal/store"
)

// Sheet is a page of questions, for respondents and for staff who type a
// paper interview in.
type Sheet struct {
	Part      int
	Parts     int
	PartLabel string
	PartLang  string    // the language of PartLabel where it is not the page's, as the others of that name
	Ticks     []string  // class of each part's stroke: on, now, ""
	Left      string    // "ungefär 6 minuter kvar", "" where nobody can tell
	Saved     string    // "Sparat kl. 18.42", "" where nothing was saved yet
	Instance  string    // "Barn 2 av 3": which instance of a repeat the page is about, "" for none
	Around    []Heading // the groups that the page stands in, outermost first
	TitleLang string
	Title     string // the page's heading, "" where the only question is it
	Unheaded  bool   // and where nothing is: then the part's number is, for those who go by headings
	Foreign   string // which other languages stand in for missing translations, "" for none
	Hint      template.HTML
	More      template.HTML // guidance of the page's group
	Key       string        // names this copy of the form: the same twice is one save
	Questions []Question
	Overview  *Overview // of a repeat, nil for a page of questions
	Errors    []SheetError
	Soft      bool // the errors are reminders: the next press goes on
	Doubt     bool // and some of them are of answers that look wrong
	Leaving   bool // what is wrong cannot be saved: pressed again, one goes without it
	First     bool // there is no page before
	Files     bool // a question asks for a file
	Languages []language
	Script    template.JS // what page.js goes by, "" for nothing
}

// SheetError is a line of the error summary.
type SheetError struct{ ID, Text string }

type sheetView struct {
	frame
	Sheet
	Action string
	Saving string // what saving.js says
}

func (s *site) questionsPage(c *gin.Context) {
	v, ok := s.shown(c)
	if !ok {
		return
	}
	view := v.Logic.Current(v.Doc, s.Now())
	p := view.Screen(c.Param("page"))
	if p == nil || !view.Visible(p) {
		c.Redirect(http.StatusSeeOther, "/s/"+c.Param("token")+s.place(v))
		return
	}
	s.showFresh(c, v, p, nil)
}

func (s *site) showSheet(c *gin.Context, v *fieldwork.Visit, status int, sheet Sheet) {
	s.Page.Show(c, status, "respond/questions", s.sheetView(c, v, s.tag(c, v), sheet))
}

func (s *site) sheetView(c *gin.Context, v *fieldwork.Visit, tag string, sheet Sheet) sheetView {
	d := sheetView{frame: s.frame(c, v, tag, "respond.tab"), Sheet: sheet, Action: c.Request.URL.Path}
	d.Tab = d.L.T("respond.part", "count", sheet.Part, "total", sheet.Parts)
	d.Wrong = len(sheet.Errors) > 0 && !sheet.Soft
	d.Saving = savingTexts(d.L)
	d.Ask, d.Saves = "", true // a page of questions is in the visit's language, and may be kept
	return d
}

func (s *site) questionsPost(c *gin.Context) {
	v, ok := s.begun(c)
	if !ok {
		return
	}
	files, ok := s.sheetForm(c, v)
	if !ok {
		return
	}
	f := c.Request.PostForm
	post := Read(v, f, c.Param("page"), s.device(c, v))
	post.Files = s.Fieldwork.Take(v, keyed(post.Page, files))
	res, err := s.Fieldwork.SavePage(c.Request.Context(), s.Now(), v, post, SaveKey(f), store.Web, "")
	if err != nil {
		s.fail(c, v, err)
		return
	}
	if len(res.Tampered) > 0 {
		s.Log.Warn("a form of ours cannot have sent this", "request", c.GetString("request"), "fields", len(res.Tampered)) // their names are anybody's to choose
		d := state{frame: s.frame(c, v, s.tag(c, v), "respond.tab"), Again: true}
		d.Title, d.Text = d.L.T("state.tampered_title"), d.L.T("state.tampered_text")
		s.Page.Show(c, http.StatusUnprocessableEntity, "respond/state", d)
		return
	}
	base := "/s/" + c.Param("token")
	if want, ok := strings.CutPrefix(f.Get("go"), "lang:"); ok {
		if err := s.Fieldwork.SetLanguage(c.Request.Context(), v, want); err != nil {
			s.fail(c, v, err)
			return
		}
		if !res.Again {
			c.Redirect(http.StatusSeeOther, base+"/p/"+url.PathEscape(c.Param("page")))
			return
		}
		v.Interview.Language = want
	}
	screen := v.Logic.Current(v.Doc, s.Now()).Screen(c.Param("page"))
	switch {
	case post.Go == interview.Pause && !res.Again && aside[f.Get(fieldGo)] != "":
		c.Redirect(http.StatusSeeOther, base+aside[f.Get(fieldGo)]+"?from="+url.QueryEscape(c.Param("page")))
	case post.Go == interview.Pause && !res.Again:
		c.Redirect(http.StatusSeeOther, base+"?paused=1")
	case res.Again && len(res.Problems) == 0:
		s.showFresh(c, v, screen, f)
	case res.Again:
		permit(c, screen)
		s.showSheet(c, v, http.StatusUnprocessableEntity, Draw(v, screen, post.Device, s.tag(c, v), f, res, s.Now()))
	case res.Next == nil:
		s.handoff.give(c.Param("token"), v, s.Now())
		c.Redirect(http.StatusSeeOther, base+"/review")
	default:
		s.handoff.give(c.Param("token"), v, s.Now())
		c.Redirect(http.StatusSeeOther, base+"/p/"+url.PathEscape(res.Next.Key))
	}
}

// aside holds the buttons that save the page and show another one beside the
// questionnaire.
var aside = map[string]string{"help": "/help", "info": "/info"}

// Names of the form's fields.
const (
	fieldValue = "q."     // q.NAME: what is typed or chosen
	fieldApart = "apart." // apart.NAME: "don't know" of a rank, beside its order
	fieldWas   = "was."   // was.NAME: digest of what it was shown with
	fieldDrawn = "drawn." // drawn.NAME: the page filters its choices by itself
	fieldSaid  = "pre."   // pre.NAME: what is said of the earlier answer that is offered, "" for nothing
	fieldKey   = "key"
	fieldTold  = "told" // the page said what could not be saved
	fieldGo    = "go"
	fieldRank  = "rank" // NAME up|down|out|add CHOICE: a button of a rank

	fieldRoster = "roster" // add, remove NUMBER or restore NUMBER: a button of an overview
	fieldUpload = "upload" // NAME: the button that hands a file in before one goes on
	fieldRemove = "remove" // NAME: the button that takes a file back
)

// Read reads a posted sheet.
func Read(v *fieldwork.Visit, f url.Values, pageKey, device string) interview.Post {
	post := interview.Post{Page: pageKey, Device: device, Values: map[string][]string{}, Shown: map[string]string{}, Drawn: map[string]bool{}, Said: map[string]string{}, Go: interview.Forward, Drawing: drawnAt(f.Get(fieldKey))}
	switch to := f.Get(fieldGo); {
	case to == "back":
		post.Go = interview.Back
	case to == "pause" || aside[to] != "" || strings.HasPrefix(to, "lang:"):
		post.Go = interview.Pause
	}
	post.Told = f.Has(fieldTold) && !strings.HasPrefix(f.Get(fieldGo), "lang:") // another language keeps all that was typed
	for field, values := range f {
		if name, ok := strings.CutPrefix(field, fieldSaid); ok {
			post.Said[name] = values[len(values)-1] // the first is there where nothing is marked
		}
		if name, ok := strings.CutPrefix(field, fieldWas); ok {
			post.Shown[name] = values[0]
		}
		if name, ok := strings.CutPrefix(field, fieldDrawn); ok {
			post.Drawn[name] = true
		}
		if name, ok := strings.CutPrefix(field, fieldValue); ok {
			post.Values[name] = values
		}
	}
	for field, values := range f {
		if name, ok := strings.CutPrefix(field, fieldApart); ok && values[0] != "" {
			post.Values[name] = values
		}
	}
	if f.Has(fieldRoster) {
		pressed, number, _ := strings.Cut(f.Get(fieldRoster), " ")
		post.Go = interview.Direction(pressed)
		post.Instance, _ = strconv.Atoi(number) // 0 is none
	}
	if f.Has(fieldUpload) || f.Has(fieldRemove) {
		post.Go, post.Removed = interview.Stay, f.Get(fieldRemove)
	}
	if f.Has(fieldRank) {
		post.Go = interview.Stay
		if name, order, ok := ranked(v.Logic.Questionnaire, f.Get(fieldRank), post.Values); ok {
			post.Values[name] = []string{order}
		}
	}
	return post
}

// ranked gives the new order after a press of a rank's button.
func ranked(q *questionnaire.Questionnaire, pressed string, values map[string][]string) (name, order string, ok bool) {
	parts := strings.Fields(pressed)
	if len(parts) != 3 {
		return "", "", false
	}
	it := q.Question(parts[0])
	if it == nil || it.List == nil {
		return "", "", false
	}
	names := slices.DeleteFunc(strings.Fields(strings.Join(values[parts[0]], " ")), func(n string) bool {
		c := it.List.Choice(n)
		return c == nil && it.ListFrom == nil || c != nil && c.Missing != questionnaire.Substantive
	})
	i := slices.Index(names, parts[2])
	switch {
	case parts[1] == "add" && i < 0:
		names = append(names, parts[2])
	case parts[1] == "out" && i >= 0:
		names = slices.Delete(names, i, i+1)
	case parts[1] == "up" && i > 0:
		names[i-1], names[i] = names[i], names[i-1]
	case parts[1] == "down" && i >= 0 && i < len(names)-1:
		names[i+1], names[i] = names[i], names[i+1]
	}
	return parts[0], strings.Join(names, " "), true
}

// SaveKey names a save: this copy of the form with this content. A browser
// that sends the same form again sends the same key.
func SaveKey(f url.Values) string {
	sum := sha256.Sum256([]byte(f.Encode())) // sorted by field
	key := f.Get(fieldKey)
	if len(key) > 48 {
		key = key[:48]
	}
	return key + "." + hex.EncodeToString(sum[:9])
}

// copyKey names a copy of a form that is shown now: when, and a word of chance.
func copyKey(now time.Time) string {
	return strconv.FormatInt(now.UnixMilli(), 36) + "." + secret.NewToken()
}

// drawnAt gives when the copy of a form was shown that a key names; the zero
// time for a key that is none of ours.
func drawnAt(key string) time.Time {
	at, _, found := strings.Cut(key, ".")
	ms, err := strconv.ParseInt(at, 36, 64)
	if !found || err != nil || ms <= 0 || ms > 1<<43 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// Draw gives a page of questions as it is shown to a device. f is what was
// posted just now, nil for a fresh page; res what it came to.
func Draw(v *fieldwork.Visit, s *interview.Screen, device, tag string, f url.Values, res interview.Result, now time.Time) Sheet {
	return draw(v, s, newPaper(v, s, device, tag, now), f, res)
}

// newPaper gives what draws a page for a device.
func newPaper(v *fieldwork.Visit, s *interview.Screen, device, tag string, now time.Time) *paper {
	return &paper{view: v.Logic.Current(v.Doc, now).In(s), logic: v.Logic, doc: v.Doc, device: device, own: v.Invitation.ID, tag: tag,
		blank: v.Staff, texts: lang.For(tag), uploads: v.Uploads, zone: v.Study.TimeZone}
}

func draw(v *fieldwork.Visit, s *interview.Screen, pen *paper, f url.Values, res interview.Result) Sheet {
	tag := pen.tag
	if pen.script == nil && s.Page != nil && !pen.whole {
		pen.script = pen.view.PageScript(s, pen.known(s))
	}
	pen.wrong, pen.said = map[string]interview.Problem{}, map[string]string{}
	if f != nil && s.Page != nil {
		pen.post(v, s, f)
		pen.say(f.Get(fieldRank))
		pen.handed = f.Get(fieldUpload) + f.Get(fieldRemove)
	}
	sheet := Sheet{Part: s.Part.Number, Parts: len(v.Logic.Questionnaire.Parts) + 1, Key: copyKey(pen.view.Now()),
		First: pen.view.Previous(s.Key) == nil, Saved: saved(v, tag), Left: left(v, s.Key, tag)}
	if pen.marks != nil {
		sheet.Key = pen.marks.mark(spot{kind: spotKey})
		if sheet.Saved != "" {
			sheet.Saved = pen.marks.mark(spot{kind: spotSaved})
		}
		if sheet.Left != "" {
			sheet.Left = pen.marks.mark(spot{kind: spotLeft})
		}
	}
	sheet.PartLabel, sheet.PartLang = pen.plain(s.Part.Label), pen.other(s.Part.Label)
	for n := 1; n <= sheet.Parts; n++ {
		sheet.Ticks = append(sheet.Ticks, tick(n, sheet.Part))
	}
	for _, t := range v.Study.Languages {
		if t != tag {
			sheet.Languages = append(sheet.Languages, language{Tag: t, Name: lang.Name(t)})
		}
	}
	for _, problem := range res.Problems {
		pen.wrong[problem.Question.Name] = problem
		sheet.Errors = append(sheet.Errors, SheetError{ID: "q-" + problem.Question.Name + "-i", Text: pen.summary(problem)})
	}
	sheet.Leaving = f != nil && f.Get(fieldGo) != "next" && slices.ContainsFunc(res.Problems, func(p interview.Problem) bool { return p.Unsaved })
	sheet.Doubt = slices.ContainsFunc(res.Problems, func(p interview.Problem) bool { return p.Code != "unanswered" })
	sheet.Soft = len(res.Problems) > 0 && !slices.ContainsFunc(res.Problems, func(p interview.Problem) bool { return !p.Soft })
	sheet.Instance = pen.where()
	if s.Page == nil {
		pen.overview(s, f, &sheet)
	} else {
		pen.fill(s.Page, &sheet)
	}
	sheet.Foreign = pen.untranslated()
	sheet.Script = pen.data()
	return sheet
}

// post takes in what was posted, and which questions were not yet on the page.
func (p *paper) post(v *fieldwork.Visit, s *interview.Screen, f url.Values) {
	read := Read(v, f, s.Key, p.device)
	p.typed, p.marked, p.fresh = read.Values, read.Said, map[string]bool{}
	for _, it := range s.Page.Items {
		if _, shown := read.Shown[it.Name]; !shown && it.Asks() && p.view.Relevant(it.Name) {
			p.fresh[it.Name] = true
		}
	}
}

func tick(n, now int) string {
	switch {
	case n < now:
		return "on"
	case n == now:
		return "now"
	}
	return ""
}

// longestHeading is how many characters a note may have to be the heading of
// its page; a longer one is a text to read.
const longestHeading = 80

// fill draws the questions and decides what the page's heading is: the only
// question, else the group's label, else the part's.
func (p *paper) fill(pg *questionnaire.Page, sheet *Sheet) {
	items, asked := p.drawn(pg)
	alone := len(items) == 1 || asked == 1 && (pg.Group == nil || pg.Group.Label.Empty())
	if asked == 0 && sheet.PartLabel != "" && len(items) > 0 && p.tooLong(items[0]) {
		alone = false
	}
	if !alone {
		sheet.Title, sheet.TitleLang = sheet.PartLabel, sheet.PartLang
		if pg.Group != nil && !pg.Group.Label.Empty() {
			sheet.Title, sheet.TitleLang = p.plain(pg.Group.Label), p.other(pg.Group.Label)
		}
		if pg.Group != nil && pg.Group.Repeat && sheet.Instance != "" { // which instance is the heading
			sheet.Title, sheet.Instance = sheet.Instance, ""
		}
		if sheet.Title == sheet.PartLabel {
			sheet.PartLabel = ""
		}
	}
	if pg.Group != nil {
		sheet.Hint, sheet.More = p.text(pg.Group.Hint), p.text(pg.Group.Guidance)
	}
	sheet.Around = p.around(pg, alone)
	headed, before := false, pg.Group
	for _, it := range items {
		away := !p.whole && !p.view.Relevant(it.Name)
		heading := alone && !headed && !away && (it.Asks() || len(items) == 1)
		headed = headed || heading
		card := !alone && asked > 1 && (it.List != nil || it.Type == questionnaire.Range)
		q := p.question(it, heading, card)
		q.Away = away || p.whole
		sheet.Files = sheet.Files || q.Kind == "file"
		if pg.Group != nil {
			q.Groups = p.beginning(it.Parent, before, pg.Group, items)
		}
		before = it.Parent
		sheet.Questions = append(sheet.Questions, q)
	}
	sheet.Unheaded = sheet.Title == "" && !headed
}

// tooLong tells a note that is a text to read, and no heading.
func (p *paper) tooLong(note *questionnaire.Item) bool {
	head, _ := rich.Split(p.source(note.Label))
	return utf8.RuneCountInString(rich.Plain(head)) > longestHeading
}

// drawn gives what a page shows at this moment or may show by itself, and how
// much is asked: of what may come up only where the page has a heading of its
// own, which then does not change. A note without a text, such as the row that
// heads a grid, is nothing to see.
func (p *paper) drawn(pg *questionnaire.Page) (items []*questionnaire.Item, asked int) {
	for _, it := range pg.Items {
		here := p.whole || p.view.Relevant(it.Name)
		if it.Silent() || !here && !p.live(it) {
			continue
		}
		if it.Type == questionnaire.Note && it.Label.Empty() && it.Hint.Empty() && it.Media.Empty() {
			continue
		}
		items = append(items, it)
		if it.Asks() && (here || pg.Group != nil && !pg.Group.Label.Empty()) {
			asked++
		}
	}
	return items, asked
}

// around gives the groups that a page stands in, where they say something that
// the page does not say already: its own heading, or the part's name above it.
func (p *paper) around(pg *questionnaire.Page, alone bool) []Heading {
	var out []Heading
	up := pg.Items[0].Parent
	if pg.Group != nil {
		if up = pg.Group.Parent; alone {
			up = pg.Group
		}
	}
	for ; up != nil; up = up.Parent {
		h := Heading{}
		if up.Parent != nil && !up.Repeat {
			h.Label, h.Lang = p.plain(up.Label), p.other(up.Label)
		}
		if up != pg.Group && (!up.Repeat || up.RepeatCount != nil) { // an overview says it otherwise
			h.Hint = p.text(up.Hint)
		}
		if h.Label != "" || h.Hint != "" {
			out = append(out, h)
		}
	}
	slices.Reverse(out)
	return out
}

// beginning gives the groups within page that begin between the groups of two
// questions that follow each other. items is what the page draws.
func (p *paper) beginning(now, before, page *questionnaire.Item, items []*questionnaire.Item) []Heading {
	if now == before {
		return nil
	}
	var out []Heading
	for up := now; up != nil && up != page; up = up.Parent {
		if within(before, up) {
			break
		}
		if !up.Label.Empty() || !up.Hint.Empty() {
			h := Heading{Label: p.plain(up.Label), Lang: p.other(up.Label), Hint: p.text(up.Hint), Away: true}
			var of []string
			for _, it := range items {
				if within(it, up) {
					of = append(of, it.Name)
					h.Away = h.Away && !p.view.Relevant(it.Name)
				}
			}
			if p.script != nil {
				h.Of = strings.Join(of, " ")
			}
			out = append(out, h)
		}
	}
	slices.Reverse(out)
	return out
}

// within tells whether an item is a group or stands in it.
func within(it, group *questionnaire.Item) bool {
	for ; it != nil; it = it.Parent {
		if it == group {
			return true
		}
	}
	return false
}

// say tells what the press of a rank's button did.
func (p *paper) say(pressed string) {
	parts := strings.Fields(pressed)
	if len(parts) != 3 {
		return
	}
	it := p.logic.Questionnaire.Question(parts[0])
	if it == nil || it.List == nil || p.offered(it, parts[2]) == nil {
		return
	}
	p.pressed = parts
	order := strings.Fields(strings.Join(p.typed[it.Name], " "))
	label := p.choiceText(it, p.offered(it, parts[2]))
	if i := slices.Index(order, parts[2]); i >= 0 {
		p.said[it.Name] = p.texts.T("rank.now", "label", label, "n", i+1, "total", len(order))
	} else {
		p.said[it.Name] = p.texts.T("rank.gone", "label", label)
	}
}

// summary gives the line of the error summary for a problem: which question,
// and what to do.
func (p *paper) summary(problem interview.Problem) string {
	label := shortened(p.plain(problem.Question.Label), 100)
	if problem.Soft {
		return label
	}
	return label + " " + p.sentence(problem)
}

// shortened cuts a label after a word where it has more than so many characters.
func shortened(label string, long int) string {
	if utf8.RuneCountInString(label) <= long {
		return label
	}
	cut := string([]rune(label)[:long])
	if i := strings.LastIndex(cut, " "); i > 0 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:–") + " …"
}
