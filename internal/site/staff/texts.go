package staff

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/lang"
	"panelverk/internal/release"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// textsPage lists the questions that were answered in people's own words.
type textsPage struct {
	*view
	Questions []readQuestion
	Unread    int
}

// readQuestion is one of them, over the waves.
type readQuestion struct {
	Label, Tag string
	Rows       []readRow
}

// readRow is a question in one wave, and how far its reading has come.
type readRow struct {
	release.Reading
	URL string
}

// Share gives how much was read, in per cent of what is to be.
func (r readRow) Share() int { return r.Read() * 100 / max(r.All, 1) }

func (r *request) showTexts() error {
	list, err := r.Release.Readings(r.ctx(), r.now, r.actor, r.study.Key)
	if err != nil {
		return err
	}
	p := textsPage{view: r.view("releases")}
	last := ""
	for _, one := range list {
		if one.Question != last {
			q := readQuestion{}
			q.Label, q.Tag = p.asked(one)
			p.Questions, last = append(p.Questions, q), one.Question
		}
		q := &p.Questions[len(p.Questions)-1]
		q.Rows = append(q.Rows, readRow{one, r.readAt(one)})
		p.Unread += one.Unread()
	}
	return r.show("texts", nil, p)
}

// readAt is where the texts of a question in a wave are read.
func (r *request) readAt(of release.Reading) string {
	return r.at("/texts/" + itoa(of.Wave.Number) + "/" + url.PathEscape(of.Question))
}

// asked gives the question as its wave asked it, with the language of the words.
func (v *view) asked(of release.Reading) (text, tag string) {
	text, tag = v.tagged(of.Variable.Label)
	for _, src := range of.Variable.Sources {
		if src.Ref.Key != of.Wave.Questionnaire || src.Ref.Number != of.Wave.Version {
			continue
		}
		if !src.Item.Label.Empty() {
			text, tag = v.tagged(src.Item.Label)
		}
		if src.Item.OtherOf != nil { // "Other:" alone says nothing
			whole, _ := v.tagged(src.Item.OtherOf.Label)
			text = whole + " – " + text
		}
	}
	return text, tag
}

// textPage is some texts of one question in one wave, to be read and decided about.
type textPage struct {
	*view
	Form        *form
	R           release.Reading
	Label, Tag  string
	Show, After string
	Next        string // the place after which the list goes on; "" at its end
	Texts       []textCard
	Plain       int // of those that nobody has read, where nothing is marked
	Lost        []string
	Onward      string // where another question waits, "" for nowhere
}

// textCard is one text.
type textCard struct {
	release.Text
	Number, Rows   int
	Pieces         []release.Piece
	Looks          string // what is marked in it, in words; "" for nothing
	Decided, Typed string
	Wrong, Amiss   string // beside the choice, beside the words
}

func (r *request) showText() error {
	return r.textPage(r.fresh("show", r.Query("show"), "after", r.Query("after")))
}

func (r *request) textPage(f *form) error {
	w, err := r.wave()
	if err != nil {
		return err
	}
	in := release.TextsWanted{Study: r.study.Key, Wave: w.Number, Question: r.Param("question"), Show: f.Value("show"), After: f.Value("after")}
	list, err := r.Release.Texts(r.ctx(), r.now, r.actor, in)
	if err != nil {
		return err
	}
	p := textPage{view: r.view("releases"), Form: f, R: list.Reading, Show: in.Show, After: in.After, Next: list.Next}
	p.Label, p.Tag = p.asked(p.R)
	for i, one := range list.List {
		c := p.card(f, one)
		c.Number = i + 1
		if p.Texts = append(p.Texts, c); c.Plain() {
			p.Plain++
		}
	}
	for _, id := range f.values["text"] {
		there := slices.ContainsFunc(list.List, func(t release.Text) bool { return t.ID == id })
		if words := f.Value("w." + id); !there && words != "" && f.Is("d."+id, string(store.LeavesRedacted)) {
			p.Lost = append(p.Lost, words)
		}
	}
	if len(p.Texts) == 0 && p.R.Unread() == 0 {
		if p.Onward, err = r.onward(); err != nil {
			return err
		}
	}
	return r.show("text", f, p)
}

// onward gives where another question waits to be read.
func (r *request) onward() (string, error) {
	all, err := r.Release.Readings(r.ctx(), r.now, r.actor, r.study.Key)
	if i := slices.IndexFunc(all, func(one release.Reading) bool { return one.Unread() > 0 }); i >= 0 {
		return r.readAt(all[i]), err
	}
	return "", err
}

// card gives a text with what was posted about it, or was decided, or is suggested.
func (p *textPage) card(f *form, of release.Text) textCard {
	c := textCard{Text: of, Pieces: release.Pieces(of.Words, of.Language), Decided: string(of.Kind), Typed: of.Redacted,
		Wrong: f.Message("d." + of.ID), Amiss: f.Message("w." + of.ID)}
	if c.Typed == "" {
		c.Typed = release.Suggested(c.Pieces)
	}
	if f.values.Has("w." + of.ID) {
		c.Decided, c.Typed = f.Value("d."+of.ID), f.Value("w."+of.ID)
	}
	c.Rows = min(max(3, utf8.RuneCountInString(of.Words)/70+strings.Count(of.Words, "\n")+1), 14)
	var looks []string
	for _, piece := range c.Pieces {
		if piece.Hint != "" {
			looks = append(looks, p.T.T("staff.texts.hint."+string(piece.Hint)))
		}
	}
	slices.Sort(looks)
	c.Looks = strings.Join(slices.Compact(looks), ", ")
	return c
}

// Plain tells whether nobody has read the text, and nothing in it is marked: it can
// be let out with others.
func (c textCard) Plain() bool { return c.Kind == "" && c.Looks == "" }

// TongueName names the language that the text was written in, "" for none known.
func (c textCard) TongueName() string {
	if c.Language == "" {
		return ""
	}
	return lang.Name(c.Language)
}

// Choice gives the id of the first of the fields that decide.
func (c textCard) Choice() string { return "f-" + idParts.Replace("d."+c.ID) }

// Area gives the id of the field with the words that leave.
func (c textCard) Area() string { return "f-" + idParts.Replace("w."+c.ID) }

// Choices are what can become of a text.
func (p textPage) Choices() []option {
	var out []option
	for _, kind := range []store.RedactionKind{store.LeavesAsIs, store.LeavesRedacted, store.Withheld} {
		out = append(out, option{Value: string(kind), Text: p.T.T("staff.texts." + string(kind))})
	}
	return out
}

// Shown lists which texts can be shown.
func (p textPage) Shown() []link {
	var out []link
	for _, one := range []struct {
		show  string
		count int
	}{{"", p.R.Unread()}, {"read", p.R.Read()}, {"all", p.R.All}} {
		out = append(out, link{URL: p.Self(one.show, ""), Text: p.T.T("staff.texts.show_"+cmp.Or(one.show, "unread"), "number", one.count), Here: one.show == p.Show})
	}
	return out
}

// Self is the address of the page with some of the texts.
func (p textPage) Self(show, after string) string {
	v := url.Values{}
	if show != "" {
		v.Set("show", show)
	}
	if after != "" {
		v.Set("after", after)
	}
	at := p.At("/texts/" + strconv.Itoa(p.R.Wave.Number) + "/" + url.PathEscape(p.R.Question))
	if len(v) > 0 {
		at += "?" + v.Encode()
	}
	return at
}

// Share gives how much was read, in per cent of what is to be.
func (p textPage) Share() int { return readRow{Reading: p.R}.Share() }

// decideTexts stores what was chosen, and goes on reading.
func (r *request) decideTexts() error {
	if err := r.may(access.TextRead); err != nil {
		return err
	}
	w, err := r.wave()
	if err != nil {
		return err
	}
	f := r.posted()
	var in []release.TextDecision
	for _, id := range f.values["text"] {
		kind := store.RedactionKind(f.Value("d." + id))
		if kind == "" && f.Is("go", "rest") && f.Is("plain", id) {
			kind = store.LeavesAsIs
		}
		if kind != "" {
			in = append(in, release.TextDecision{ID: id, Kind: kind, Words: f.Value("w." + id)})
		}
	}
	if texts := f.values["text"]; len(in) == 0 && len(texts) > 0 {
		f.add("d."+texts[0], "text_none", nil)
		return r.textPage(f)
	}
	err = r.Release.DecideTexts(r.ctx(), r.now, r.actor, r.study.Key, w.Number, r.Param("question"), in)
	if e := fault.Of(err); e != nil && e.Kind == fault.Invalid {
		f.take(err)
		return r.textPage(f)
	}
	if err != nil {
		return err
	}
	p := textPage{view: r.view(""), R: release.Reading{Wave: study.Wave{Number: w.Number}, Question: r.Param("question")}}
	to := p.Self("", f.Value("after")) // what was decided has left the list
	if show := f.Value("show"); show != "" {
		to = p.Self(show, f.Value("next"))
	}
	return r.done(to, "staff.texts.done")
}
