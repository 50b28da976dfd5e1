package respond

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"html"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fieldwork"
	"panelverk/internal/interview"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
	"panelverk/internal/study"
)

// A page of questions is the same for everybody who is asked the same, but for
// a few spots: the token, what is ticked, what stands in an input. So its
// template is executed once, with marks in those spots, and the result is kept
// as a stencil: text with holes. Filling the holes takes microseconds where
// executing the template takes a hundred times as long, and a panel opens on
// everybody's phone in the same minute.
//
// A page with errors, a long filtered list or a label that quotes an answer goes
// through the template.

// spot is a hole of a stencil: what belongs there.
type spot struct {
	kind   spotKind
	item   *questionnaire.Item
	choice string
}

type spotKind int

const (
	spotPath     spotKind = iota
	spotPage              // the key of the page: in a repeat, each instance has one
	spotInstance          // which instance it is
	spotKey               // the name of this copy of the form
	spotSaved             // "Sparat kl. 18.42"
	spotLeft              // "ungefär 6 minuter kvar"
	spotDigest            // of the value an item is shown with
	spotValue             // what stands in its input
	spotChecked           // whether a choice of it is ticked
	spotGiven             // what page.js may know of the answers
)

// marker makes the marks of one stencil while its template is executed.
type marker struct {
	nonce string // in front of every mark: nothing else on the page can hold it
	spots []spot
}

func newMarker() *marker {
	b := make([]byte, 8)
	rand.Read(b)
	return &marker{nonce: "hole" + hex.EncodeToString(b) + "x"}
}

// mark gives a mark of letters and digits alone, which no escaping changes.
func (m *marker) mark(s spot) string {
	m.spots = append(m.spots, s)
	return m.nonce + strconv.Itoa(len(m.spots)-1) + "z"
}

// stencil is a page with holes: parts[0] spots[0] parts[1] spots[1] … parts[n].
type stencil struct {
	parts []string
	spots []spot
}

// cut makes the stencil of an executed template.
func (m *marker) cut(page string) *stencil {
	st := &stencil{}
	for {
		before, rest, found := strings.Cut(page, m.nonce)
		st.parts = append(st.parts, before)
		if !found {
			return st
		}
		number, after, _ := strings.Cut(rest, "z")
		n, err := strconv.Atoi(number)
		if err != nil || n >= len(m.spots) {
			panic("respond: a broken mark in a stencil") // marks are ours alone
		}
		st.spots = append(st.spots, m.spots[n])
		page = after
	}
}

// stencilKey tells pages apart that differ in more than their holes.
type stencilKey struct {
	logic *interview.Logic
	study *study.Study
	page  string
	tag   string
	asked string // which items are relevant, what filters let through, how rankings stand, whether there is a page before, a save, and a pace
}

// stencils keeps what was cut. Compiled versions and studies are few and
// immutable, so its keys are; the limit is for questionnaires with very many
// combinations of relevance.
type stencils struct {
	mu    sync.RWMutex
	kept  map[stencilKey]*stencil
	plain map[*questionnaire.Page]bool
}

const stencilLimit = 4000

func (s *stencils) get(k stencilKey) *stencil {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.kept[k]
}

func (s *stencils) put(k stencilKey, st *stencil) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil || len(s.kept) >= stencilLimit {
		s.kept = map[stencilKey]*stencil{}
	}
	s.kept[k] = st
}

// suit tells whether a page can have stencils; it is worked out once a page.
func (s *stencils) suit(p *questionnaire.Page) bool {
	s.mu.RLock()
	yes, known := s.plain[p]
	s.mu.RUnlock()
	if known {
		return yes
	}
	yes = plain(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.plain == nil || len(s.plain) >= stencilLimit {
		s.plain = map[*questionnaire.Page]bool{}
	}
	s.plain[p] = yes
	return yes
}

// mostFiltered is the longest list with a filter that a stencil may have: of a
// long one each answer before may let something else through.
const mostFiltered = 20

// plain tells whether a page has holes for spots alone: nothing on it changes
// its shape with the answers.
func plain(p *questionnaire.Page) bool {
	for _, it := range p.Items {
		if it.ChoiceFilter != nil && (it.List == nil || len(it.List.Choices) > mostFiltered || it.Type == questionnaire.Rank) {
			return false
		}
		if it.ListFrom != nil || it.Randomize || it.Told || it.ReadOnlyWhen != nil || len(it.LabelReferences) > 0 || len(it.LastSaved) > 0 || foldsUp(it) || it.TakesFile() || quoting(it.List) || quoting(it.TickLabels) {
			return false
		}
		for up := it.Parent; up != nil; up = up.Parent {
			if quotes(up.Label) || quotes(up.Hint) || quotes(up.Guidance) {
				return false
			}
		}
	}
	return !quotes(p.Part.Label)
}

// quoting tells whether a choice of a list quotes an answer.
func quoting(l *questionnaire.List) bool {
	return l != nil && slices.ContainsFunc(l.Choices, func(c *questionnaire.Choice) bool { return quotes(c.Label) })
}

// quotes tells whether a text quotes an answer in any language: a page that
// does is one visit's, and is never kept.
func quotes(t lang.Text) bool {
	for _, s := range t {
		if strings.Contains(s, "${") {
			return true
		}
	}
	return false
}

// showFresh answers with a page of questions that has no errors: a fresh one,
// or (with f) one that was posted and asks for more.
func (s *site) showFresh(c *gin.Context, v *fieldwork.Visit, p *interview.Screen, f url.Values) {
	device, tag, now := s.device(c, v), s.tag(c, v), s.Now()
	permit(c, p)
	if s.Dev || f.Has(fieldRank) || f.Has(fieldUpload) || f.Has(fieldRemove) || p.Page == nil || !s.stencils.suit(p.Page) {
		s.showSheet(c, v, http.StatusOK, Draw(v, p, device, tag, f, interview.Result{}, now))
		return
	}
	pen := newPaper(v, p, device, tag, now)
	pen.script = pen.view.PageScript(p, pen.known(p))
	if f != nil {
		pen.post(v, p, f)
	}
	key := stencilKey{logic: v.Logic, study: v.Study, page: p.Page.Key, tag: tag, asked: pen.shape(v, p)}
	st := s.stencils.get(key)
	if st == nil {
		m := newMarker()
		master := *pen
		master.marks = m
		sheet := draw(v, p, &master, nil, interview.Result{})
		var b bytes.Buffer
		d := s.sheetView(c, v, tag, sheet)
		d.Path = m.mark(spot{kind: spotPath})
		d.Action = d.Path + "/p/" + p.Key
		if p.Instance != "" {
			d.Action = d.Path + "/p/" + m.mark(spot{kind: spotPage})
		}
		if err := s.Page.Execute(&b, "respond/questions", d); err != nil {
			s.fail(c, v, err)
			return
		}
		st = m.cut(b.String())
		s.stencils.put(key, st)
	}
	c.Data(http.StatusOK, "text/html; charset=utf-8", st.fill(v, pen, "/s/"+c.Param("token"), p.Key))
}

// shape gives what of a visit changes the shape of a page.
func (p *paper) shape(v *fieldwork.Visit, s *interview.Screen) string {
	b := make([]byte, 0, 2*len(s.Page.Items)+2)
	for _, it := range s.Page.Items {
		b = append(b, letter(p.view.Relevant(it.Name)), letter(p.fresh[it.Name]))
		if it.ChoiceFilter != nil {
			for _, c := range p.view.Choices(it) {
				b = append(append(b, c.Name...), ' ')
			}
		}
		if it.Type == questionnaire.Rank {
			_, order := p.standing(it)
			b = append(b, strings.Join(order, " ")...)
		}
	}
	if p.script != nil {
		b = append(b, p.script.Shape...)
	}
	return string(append(b, letter(p.view.Previous(s.Key) == nil), letter(saves(v)), letter(left(v, s.Key, p.tag) != "")))
}

func letter(yes bool) byte {
	if yes {
		return 'y'
	}
	return 'n'
}

// fill gives the page of one visit.
func (st *stencil) fill(v *fieldwork.Visit, pen *paper, path, page string) []byte {
	size := 0
	for _, p := range st.parts {
		size += len(p) + 16
	}
	b := make([]byte, 0, size)
	for i, p := range st.parts {
		b = append(b, p...)
		if i < len(st.spots) {
			b = append(b, st.spots[i].text(v, pen, path, page)...)
		}
	}
	return b
}

func (s spot) text(v *fieldwork.Visit, pen *paper, path, page string) string {
	switch s.kind {
	case spotPath:
		return path
	case spotPage:
		return page
	case spotInstance:
		return html.EscapeString(pen.whereabouts())
	case spotKey:
		return copyKey(pen.view.Now())
	case spotSaved:
		return html.EscapeString(saved(v, pen.tag))
	case spotLeft:
		return html.EscapeString(left(v, page, pen.tag))
	case spotDigest:
		return interview.Digest(pen.shown(s.item.Name))
	case spotValue:
		value, _ := pen.standing(s.item)
		return template.HTMLEscapeString(pen.written(s.item, value))
	case spotChecked:
		if _, values := pen.standing(s.item); has(values, s.choice) {
			return "checked"
		}
	case spotGiven:
		return string(pen.supplied())
	}
	return ""
}

// saves tells whether a page was saved: what an interview is told at its start
// is a save too, and none that its respondent knows of.
func saves(v *fieldwork.Visit) bool {
	return v.Interview.Revision > 0 && (len(v.Doc.Pages) > 0 || len(v.Doc.Devices) > 0)
}

// saved says when the last save was, "" where there was none.
func saved(v *fieldwork.Visit, tag string) string {
	if !saves(v) || v.Staff {
		return ""
	}
	l := lang.For(tag)
	return l.T("respond.saved", "clock", l.Clock(v.Interview.LastAt.In(v.Study.TimeZone)))
}

// left says how long the rest takes, by the pace of others, "" where nobody can tell.
func left(v *fieldwork.Visit, page, tag string) string {
	minutes, known := v.Pace.Left(page)
	switch {
	case !known || v.Staff:
		return ""
	case minutes == 0:
		return lang.For(tag).T("respond.left_under")
	}
	return lang.For(tag).T("respond.left", "count", minutes)
}
