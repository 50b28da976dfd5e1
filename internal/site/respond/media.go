package respond

import (
	"bytes"
	"cmp"
	"html"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
)

// mediaAt gives the address of a file that the questionnaire shows. It is
// relative to the page, so that it serves under a respondent's link and on the
// pages of staff who type an interview in.
func (p *paper) mediaAt(name string) string {
	return "../media/" + fieldwork.MediaHash(p.logic.Questionnaire) + "/" + url.PathEscape(name)
}

// media draws what is shown with a text: a picture, which may open a larger
// one, sound, film. What a language lacks is that of the default language. alt
// says what a picture shows to those who do not see it.
func (p *paper) media(m questionnaire.Media, alt string) template.HTML {
	if m.Empty() {
		return ""
	}
	shown := func(t lang.Text) string { return questionnaire.Shown(t, p.tag, p.logic.Questionnaire.Default) }
	var b strings.Builder
	tag := func(parts ...string) {
		for _, part := range parts {
			b.WriteString(part)
		}
	}
	picture, large := shown(m.Image), shown(m.BigImage)
	if picture = cmp.Or(picture, large); picture != "" {
		if large != "" {
			tag(`<a href="`, html.EscapeString(p.mediaAt(large)), `" target="_blank" rel="noreferrer" aria-label="`, html.EscapeString(p.texts.T("media.larger", "label", alt)), `">`)
		}
		tag(`<img src="`, html.EscapeString(p.mediaAt(picture)), `" alt="`, html.EscapeString(alt), `">`)
		if large != "" {
			tag(`</a>`)
		}
	}
	if name := shown(m.Audio); name != "" {
		tag(`<audio controls preload="none" src="`, html.EscapeString(p.mediaAt(name)), `" aria-label="`, html.EscapeString(alt), `"></audio>`)
	}
	if name := shown(m.Video); name != "" {
		tag(`<video controls playsinline preload="none" src="`, html.EscapeString(p.mediaAt(name)), `" aria-label="`, html.EscapeString(alt), `"></video>`)
	}
	return template.HTML(b.String()) //nolint:gosec // every text was escaped
}

// label draws the label of a choice with what is shown beside it. Where the
// picture stands beside its own words it has no alternative text: a screen
// reader would say them twice.
func (p *paper) label(c *questionnaire.Choice) template.HTML {
	text := p.text(c.Label)
	if c.Media.Empty() {
		return text
	}
	alt := ""
	if text == "" {
		alt = c.Name
	}
	return text + `<span class="media">` + p.media(c.Media, alt) + `</span>`
}

// showsMedia tells whether choices of a list show more than words.
func showsMedia(l *questionnaire.List) bool {
	for _, c := range l.Choices {
		if !c.Media.Empty() {
			return true
		}
	}
	return false
}

func (s *site) mediaFile(c *gin.Context) {
	v, ok := s.visit(c)
	if !ok {
		return
	}
	if v.Gate == fieldwork.GateLeft || v.Gate == fieldwork.GateResting {
		s.shut(c, v)
		return
	}
	data, err := s.Fieldwork.Media(c.Request.Context(), v, c.Param("hash"), c.Param("name"))
	if err != nil {
		s.fail(c, v, err)
		return
	}
	SendMedia(c, c.Param("hash"), c.Param("name"), data)
}

// SendMedia answers with a file of a published version, which never changes:
// only who has the link may keep it, and for as long as they like. Parts of it
// can be asked for, as players of film do.
func SendMedia(c *gin.Context, hash, name string, data []byte) {
	h := c.Writer.Header()
	h.Set("Content-Type", questionnaire.MediaType(name))
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	h.Set("Etag", `"`+hash+`"`)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(data))
}
