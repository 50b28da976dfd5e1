package xlsx

import (
	"fmt"
	"strings"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/lang"
)

// writeReadme writes the first page: what this is, and how to read it.
func (b *book) writeReadme() error {
	s, err := b.open("README", layout{widths: []float64{24, 96}, portrait: true, noGrid: true, whole: true})
	if err != nil {
		return err
	}
	pair := func(name, text string) error {
		return s.addHigh(b.style.wrap, s.height([]any{name, text})+2, b.strong(name), text)
	}
	err = firstError(
		func() error { return s.addHigh(b.style.title, 34, b.titleText()) },
		func() error { return s.remark(b.word("about"), 2) },
		func() error { return b.readmeStudy(s, pair) },
		func() error { return b.readmeSheets(s, pair) },
		func() error { return s.heading(b.word("missing"), 2) },
		func() error { return pair("", b.word("missing.text")) },
		func() error { return b.readmeWaves(s) },
		func() error { return s.heading(b.word("people"), 2) },
		func() error { return pair("", b.peopleText()) },
		func() error { return pair("id", b.word("ids")) },
		func() error { return pair("cohort", b.word("cohort.text")) },
		func() error { return pair("minutes", b.word("times")) },
		func() error { return b.readmeTexts(s, pair) },
		func() error { return s.heading(b.word("edition"), 2) },
		func() error { return pair(b.word("written"), b.options.Now.In(b.zone()).Format("2006-01-02 15:04")) },
		func() error { return pair(b.word("cite"), b.citation()) },
		func() error { return b.readmeTerms(pair) },
		func() error { return pair(b.word("checksum"), b.checksum.Sum()+"\n"+b.word("checksum.text")) },
		func() error { return s.heading(b.word("contact"), 2) },
		func() error {
			c := b.d.Study.Contact
			return pair(b.in(c.Role), strings.Join(nonEmpty(c.Email, c.Phone), ", "))
		},
	)
	if err != nil {
		return err
	}
	return s.close()
}

// readmeTerms says who may have the data and who paid, as far as the study tells.
func (b *book) readmeTerms(pair func(name, text string) error) error {
	c := b.d.Study.Citation
	if c == nil {
		return nil
	}
	var paid []string
	for _, g := range c.Funding {
		paid = append(paid, g.String())
	}
	for _, one := range []struct{ key, text string }{{"licence", c.Licence}, {"access", b.in(c.Access)}, {"funding", strings.Join(paid, "; ")}} {
		if one.text != "" {
			if err := pair(b.texts.T("paper."+one.key), one.text); err != nil {
				return err
			}
		}
	}
	return nil
}

// strong gives the left cell of a line.
func (b *book) strong(text string) any {
	return styled(b.style.strong, b.scrub.clean(text))
}

func nonEmpty(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

// readmeStudy says what the study is for and in which languages it asks.
func (b *book) readmeStudy(s *sheet, pair func(name, text string) error) error {
	if err := s.heading(b.word("study"), 2); err != nil {
		return err
	}
	if why := b.in(b.d.Study.About.Why); why != "" {
		if err := pair(b.word("purpose"), why); err != nil {
			return err
		}
	}
	var names []string
	for _, tag := range b.d.Study.Languages {
		names = append(names, lang.Name(tag))
	}
	return pair(b.word("languages"), strings.Join(names, ", "))
}

func (b *book) readmeSheets(s *sheet, pair func(name, text string) error) error {
	if err := s.heading(b.word("sheets"), 2); err != nil {
		return err
	}
	for _, one := range b.listed() {
		if err := s.leads(1, s.row+1, one.sheet, 1); err != nil {
			return err
		}
		text := b.word(one.key)
		if err := s.addHigh(b.style.wrap, s.height([]any{one.name, text})+2, styled(b.style.pointer, one.name), text); err != nil {
			return err
		}
	}
	return pair("", b.word("links"))
}

// listed is a line of the list of sheets.
type listed struct{ name, sheet, key string }

// listed gives the sheets, those of the waves and those of repeats as one each.
func (b *book) listed() []listed {
	out := []listed{{"Data_long", "Data_long", sheetKey("Data_long")}, {"Data_wide", "Data_wide", sheetKey("Data_wide")}}
	if n := len(b.waves); n > 0 {
		name := b.waves[0].name
		if n > 1 {
			name += " – w" + strings.TrimPrefix(b.waves[n-1].name, "Wave_w")
		}
		out = append(out, listed{name, b.waves[0].name, "sheet.wave"})
	}
	if len(b.repeats) > 0 {
		out = append(out, listed{strings.Join(b.repeats, ", "), b.repeats[0], "sheet.repeat"})
	}
	for _, name := range codebookSheets {
		out = append(out, listed{name, name, sheetKey(name)})
	}
	return out
}

// zone is where the study's days are counted.
func (b *book) zone() *time.Location {
	if b.d.Study.TimeZone == nil {
		return time.UTC
	}
	return b.d.Study.TimeZone
}

// citation says how to cite the data: as the caller wants it, else by title,
// waves, years, day and checksum.
func (b *book) citation() string {
	if b.options.Citation != "" || len(b.d.Waves) == 0 {
		return b.options.Citation
	}
	first, last := b.d.Waves[0], b.d.Waves[len(b.d.Waves)-1]
	years := first.Opens.In(b.zone()).Format("2006")
	if to := last.Opens.In(b.zone()).Format("2006"); to != years {
		years += "–" + to
	}
	return b.word("cite.text", "title", b.titleText(), "first", first.Number, "last", last.Number, "years", years,
		"day", b.options.Now.In(b.zone()).Format(time.DateOnly), "sum", b.checksum.Sum()[:12])
}

func (b *book) readmeWaves(s *sheet) error {
	if err := s.heading(b.word("waves"), 2); err != nil {
		return err
	}
	zone := b.zone()
	for i, w := range b.d.Waves {
		last := w.Closes.Add(-time.Nanosecond)
		text := fmt.Sprintf("%s – %s   %s   %d %s", w.Opens.In(zone).Format(time.DateOnly), last.In(zone).Format(time.DateOnly),
			refText(dataset.Ref{Key: w.Questionnaire, Number: w.Version}), b.tally.Waves[i].Submitted, strings.ToLower(b.word("submitted")))
		name := fmt.Sprintf("w%d", w.Number)
		if title := b.in(w.Title); title != "" {
			name += "  " + title
		} else if w.Key != name {
			name += "  " + w.Key
		}
		if err := s.addHigh(b.style.wrap, 18, b.strong(name), text); err != nil {
			return err
		}
	}
	return nil
}

// peopleText tells how many people there are, and what they are to the panel.
func (b *book) peopleText() string {
	text := b.word("people.text", "persons", b.tally.Members, "rows", b.rows)
	var states []string
	for _, status := range []dataset.Status{dataset.Active, dataset.Left, dataset.Erased, dataset.Dead} {
		if n := b.tally.Status[status]; n > 0 {
			states = append(states, fmt.Sprintf("%d %s", n, b.word("member."+string(status))))
		}
	}
	if len(states) == 0 {
		return text
	}
	return text + "\n" + strings.Join(states, " · ")
}

func (b *book) readmeTexts(s *sheet, pair func(name, text string) error) error {
	if err := s.heading(b.word("texts"), 2); err != nil {
		return err
	}
	if err := pair("", b.word("formulas")); err != nil {
		return err
	}
	for _, one := range []struct {
		key string
		n   int
	}{{"cut", b.scrub.cut}, {"replaced", b.scrub.replaced}} {
		if one.n > 0 {
			if err := pair("", b.word(one.key, "n", one.n)); err != nil {
				return err
			}
		}
	}
	return nil
}
