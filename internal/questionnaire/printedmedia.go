package questionnaire

import (
	"encoding/base64"
	"html/template"
	"slices"
	"strings"

	"panelverk/internal/lang"
)

// printedMedia is a picture, or the name of what paper cannot show.
type printedMedia struct {
	Name, Alt string
	Said      string       // its name in a sentence
	Source    template.URL // the picture itself, "" where there is only its name
}

// printMedia gives what is shown with a text. The printed file holds its
// pictures in itself; of one that comes in two sizes it has the larger.
func (q *Questionnaire) printMedia(m Media, label, tag string, files map[string][]byte) []printedMedia {
	texts := []lang.Text{m.Image, m.Audio, m.Video}
	if !m.BigImage.Empty() {
		texts[0] = m.BigImage
	}
	var out []printedMedia
	for _, t := range texts {
		name := Shown(t, tag, q.Default)
		if name == "" || slices.ContainsFunc(out, func(p printedMedia) bool { return p.Name == name }) {
			continue
		}
		shown := printedMedia{Name: name, Alt: label, Said: lang.For(tag).T("print.media", "name", name)}
		if kind, data := MediaType(name), files[name]; strings.HasPrefix(kind, "image/") && data != nil {
			shown.Source = template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(data)) //nolint:gosec // a type of ours and base64
		}
		out = append(out, shown)
	}
	return out
}
