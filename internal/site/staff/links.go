package staff

import (
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
	"panelverk/internal/study"
)

// askLinksPage is where the links of a wave are asked for.
type askLinksPage struct {
	*view
	Form  *form
	Waves []option
}

// linksPage is links and codes to copy.
type linksPage struct {
	*view
	Wave    study.Wave
	Names   bool
	Links   []fieldwork.Link
	CodeURL string // where a code is typed
}

// sheetPage is one card a participant, to be printed.
type sheetPage struct {
	*view
	Wave  study.Wave
	Cards []card
}

// card is what is handed to one participant. It says nothing of the study but
// its neutral title.
type card struct {
	fieldwork.Link
	L      *lang.Texts
	Title  string
	Closes string
	Size   int // of the QR code, in modules, the quiet zone included
	Path   string
	Site   string // where the code is typed, without https://
}

func (r *request) askLinks() error {
	f := r.fresh("wave", r.Query("wave"), "as", "list")
	return r.askLinksPage(f)
}

func (r *request) askLinksPage(f *form) error {
	if err := r.may(access.LinkCopy); err != nil {
		return err
	}
	p := askLinksPage{view: r.view("links"), Form: f}
	for _, w := range r.study.Waves {
		if s := w.State(r.now); s != study.Closed {
			p.Waves = append(p.Waves, option{Value: itoa(w.Number), Text: p.WaveName(w.Number), More: p.T.T("staff.links.wave_more", "state", p.StateName(s), "period", p.Period(w))})
		}
	}
	if len(p.Waves) > 0 && f.Value("wave") == "" {
		f.values.Set("wave", p.Waves[0].Value)
	}
	return r.show("asklinks", f, p)
}

// showLinks shows the links at once: each look is audited, so it is a post.
func (r *request) showLinks() error {
	f := r.posted()
	if f.Value("wave") == "" {
		if err := r.may(access.LinkCopy); err != nil {
			return err
		}
		f.add("wave", "wave_missing", nil)
		return r.askLinksPage(f)
	}
	w, err := r.waveOf(f.Value("wave"))
	if err != nil {
		return err
	}
	names := f.Is("names", "1")
	links, err := r.Fieldwork.Links(r.ctx(), r.now, r.actor, r.study.Key, w.Number, names)
	if err != nil {
		return err
	}
	v := r.view("links")
	if f.Value("as") != "sheet" {
		return r.show("links", nil, linksPage{view: v, Wave: w, Names: names, Links: links, CodeURL: r.BaseURL + "/"})
	}
	p := sheetPage{view: v, Wave: w}
	for _, l := range links {
		c, err := r.card(v, w, l)
		if err != nil {
			return err
		}
		p.Cards = append(p.Cards, c)
	}
	return r.show("sheet", nil, p)
}

// card draws the card of one participant, in the participant's language.
func (r *request) card(v *view, w study.Wave, l fieldwork.Link) (card, error) {
	texts := lang.For(l.Language)
	title, _ := r.study.PublicTitle.In(l.Language, r.study.DefaultLanguage())
	_, site, _ := strings.Cut(r.BaseURL, "://")
	c := card{Link: l, L: texts, Title: title, Site: site, Closes: texts.DateYear(v.lastDay(w))}
	code, err := drawQR(l.URL)
	if err != nil {
		return card{}, err
	}
	c.Size, c.Path = code.Size, code.Path
	return c, nil
}
