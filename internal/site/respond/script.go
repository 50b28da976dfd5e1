package respond

import (
	"encoding/json"
	"html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"panelverk/internal/interview"
	"panelverk/internal/lang"
	"panelverk/internal/lang/rich"
	"panelverk/internal/questionnaire"
)

// A page can do by itself what an answer on it changes on it: web/static/page.js
// brings questions up and takes them away, draws filtered choices, tells of
// broken rules and fills labels. It is handed no more than the page needs, and
// no answer that this device has not given. Without scripts the server shows
// the page again instead, and with them it decides all the same.

// PageData is what a page carries for page.js, as JSON in a data block.
type PageData struct {
	Logic json.RawMessage              `json:"logic"`          // interview.Script
	Given json.RawMessage              `json:"given"`          // of one visit: pageGiven
	Own   map[string]map[string]string `json:"own,omitempty"`  // by question and code: a sentence of its own
	Texts map[string]string            `json:"texts"`          // by code, and what is announced
	Said  map[string]map[string]string `json:"said,omitempty"` // by question that a label quotes: what each choice is called
	Point string                       `json:"point"`          // of decimals
	More  bool                         `json:"more,omitempty"` // expr-more.js is needed
}

type pageGiven struct {
	Answers map[string]string `json:"answers"`
	Zone    string            `json:"zone"`
	Now     int64             `json:"now"` // unix milliseconds
}

// known tells of which questions this page may say how they stand on this
// device. Without a proof these are the page's own, before anybody has posted it.
func (p *paper) known(s *interview.Screen) func(key string) bool {
	if p.device != "" {
		whole := sync.OnceValue(p.allOurs)
		return func(key string) bool {
			name, _ := interview.Split(key)
			it := p.logic.Questionnaire.Question(name)
			switch {
			case p.doc.Answers[key] == "":
				return true
			case it != nil && it.Silent(): // worked out here, and maybe from what was said elsewhere or in an earlier wave
				return whole()
			}
			return p.doc.Opens(key, p.device)
		}
	}
	_, posted := p.doc.Pages[s.Key]
	return func(key string) bool {
		return !posted && p.doc.Answers[key] == "" && slices.ContainsFunc(s.Page.Items, func(it *questionnaire.Item) bool { return p.view.Key(it.Name) == key })
	}
}

// data gives the page's data block, "" where there is nothing to do.
func (p *paper) data() template.JS {
	if p.script == nil {
		return ""
	}
	d := PageData{Logic: p.script.JSON(), Point: p.texts.T("number.point"), More: p.script.More(), Own: map[string]map[string]string{}, Said: map[string]map[string]string{},
		Given: p.supplied(), Texts: map[string]string{"new": p.texts.T("page.appeared"), "prefix": p.texts.T("errors.prefix")}}
	hole := ""
	if p.marks != nil {
		hole = p.marks.mark(spot{kind: spotGiven})
		d.Given = json.RawMessage(`"` + hole + `"`)
	}
	for _, r := range p.script.Items {
		it := p.logic.Questionnaire.Question(r.Name)
		for _, code := range interview.Codes(it) {
			d.Texts[code] = p.texts.T("problem."+code, "typed", "{typed}")
		}
		if own := p.sentences(it, r); own != nil {
			d.Own[r.Name] = own
		}
	}
	for name := range p.script.Shown {
		if labels := p.called(p.logic.Questionnaire.Question(name)); labels != nil {
			d.Said[name] = labels
		}
	}
	b, err := json.Marshal(d)
	if err != nil {
		panic(err) // texts and numbers alone
	}
	text := string(b)
	if hole != "" {
		text = strings.Replace(text, `"`+hole+`"`, hole, 1)
	}
	return template.JS(text) //nolint:gosec // JSON in which what HTML takes for a tag is escaped
}

// supplied gives the answers that the page's rules read, and the time.
func (p *paper) supplied() []byte {
	b, err := json.Marshal(pageGiven{Answers: p.script.Answers, Zone: p.logic.Zone(), Now: p.view.Now().UnixMilli()})
	if err != nil {
		panic(err) // texts alone
	}
	return b
}

// sentences gives what is said of a broken rule of one question, as sentence
// does, where that is not the same for all questions.
func (p *paper) sentences(it *questionnaire.Item, r *interview.Rule) map[string]string {
	out := map[string]string{}
	if r.Constraint != nil {
		out["constraint"] = p.texts.T("problem.constraint", "typed", "{typed}")
		if it.List != nil {
			out["constraint"] = p.texts.T("problem.constraint_choice")
		}
		if !it.ConstraintMessage.Empty() {
			out["constraint"] = p.open(it.ConstraintMessage)
		}
	}
	if it.Type == questionnaire.Range {
		low, high := min(it.RangeStart, it.RangeEnd), max(it.RangeStart, it.RangeEnd)
		out["out_of_range"] = p.texts.T("problem.out_of_range", "typed", "{typed}", "low", p.number(low), "high", p.number(high))
		out["off_step"] = p.texts.T("problem.off_step", "typed", "{typed}", "wanted", p.between(it))
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// called gives the labels of a question's choices as text, nil without any.
func (p *paper) called(it *questionnaire.Item) map[string]string {
	if it == nil || it.List == nil {
		return nil
	}
	out := map[string]string{}
	for _, c := range it.List.Choices {
		out[c.Name] = p.plain(c.Label)
	}
	return out
}

// A quoted value that the page keeps up to date stands between marks while a
// label is drawn; spans then come in their place.
const (
	quoteOpen  = '\uE100' // and the question's place in paper.refs
	quoteShut  = '\uE101'
	quoteClose = '\uE102'
)

var (
	quoteMark = regexp.MustCompile(`\x{E100}(\d+)\x{E101}`)
	quoted    = regexp.MustCompile(`\x{E100}(\d+)\x{E101}[^\x{E102}]*\x{E102}`)
	address   = regexp.MustCompile(`href="[^"]*"`)
)

// quote marks a value that ${name} shows as.
func (p *paper) quote(name, value string) string {
	if p.script == nil || !p.script.Shown[name] {
		return value
	}
	p.refs = append(p.refs, name)
	return string(quoteOpen) + strconv.Itoa(len(p.refs)-1) + string(quoteShut) + value + string(quoteClose)
}

// unquote takes the marks out of a text.
func unquote(s string) string {
	if !strings.ContainsRune(s, quoteOpen) {
		return s
	}
	return strings.ReplaceAll(quoteMark.ReplaceAllString(s, ""), string(quoteClose), "")
}

// spans puts the spans in the place of the marks of a drawn label.
func (p *paper) spans(drawn template.HTML) template.HTML {
	s := string(drawn)
	if !strings.ContainsRune(s, quoteOpen) {
		return drawn
	}
	s = address.ReplaceAllStringFunc(s, unquote)
	s = quoteMark.ReplaceAllStringFunc(s, func(mark string) string {
		n, err := strconv.Atoi(quoteMark.FindStringSubmatch(mark)[1])
		if err != nil || n >= len(p.refs) {
			return ""
		}
		return `<span data-ref="` + template.HTMLEscapeString(p.refs[n]) + `">`
	})
	return template.HTML(strings.ReplaceAll(s, string(quoteClose), "</span>")) //nolint:gosec // drawn is, and the spans are ours
}

// open gives a text as plain does, but with the question's name between marks
// where the page itself puts in a value that it keeps up to date.
func (p *paper) open(t lang.Text) string {
	return quoted.ReplaceAllStringFunc(rich.Plain(p.source(t)), func(mark string) string {
		n, err := strconv.Atoi(quoted.FindStringSubmatch(mark)[1])
		if err != nil || n >= len(p.refs) {
			return ""
		}
		return string(quoteOpen) + p.refs[n] + string(quoteClose)
	})
}

// source gives a label in the visit's language with ${name} filled in.
func (p *paper) source(t lang.Text) string {
	s, _ := t.In(p.tag, p.logic.Questionnaire.Default)
	return questionnaire.Interpolate(s, func(name string) string { return p.quote(name, p.spoken(name)) })
}

// permit lets a page that asks for a place ask the device for it.
func permit(c *gin.Context, s *interview.Screen) {
	if locates(s) {
		c.Header("Permissions-Policy", "camera=(), microphone=(), geolocation=(self)")
	}
}

// locates tells whether a page asks for a place.
func locates(s *interview.Screen) bool {
	return s.Page != nil && slices.ContainsFunc(s.Page.Items, func(it *questionnaire.Item) bool { return it.Type == questionnaire.Geopoint })
}
