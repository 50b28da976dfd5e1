package xlsx

import (
	"fmt"
	"strings"
	"time"

	"panelverk/internal/dataset"
)

// writeReadme writes the first page: what this is, and how to read it.
func (b *book) writeReadme() error {
	s, err := b.open("README", layout{widths: []float64{24, 96}, portrait: true, noGrid: true})
	if err != nil {
		return err
	}
	pair := func(name, text string) error {
		return s.addHigh(b.style.wrap, s.height([]any{name, text})+2, b.strong(name), text)
	}
	err = firstError(
		func() error { return s.addHigh(b.style.title, 34, b.titleText()) },
		func() error { return s.remark(b.word("about"), 2, 48) },
		func() error { return b.readmeSheets(s, pair) },
		func() error { return s.heading(b.word("missing"), 2) },
		func() error { return pair("", b.word("missing.text")) },
		func() error { return b.readmeWaves(s) },
		func() error { return s.heading(b.word("people"), 2) },
		func() error { return pair("", b.counts()) },
		func() error { return pair("id", b.word("ids")) },
		func() error { return pair("cohort", b.word("cohort.text")) },
		func() error { return pair("minutes", b.word("times")) },
		func() error { return b.readmeTexts(s, pair) },
		func() error { return b.readmeNotes(s, pair) },
		func() error { return s.heading(b.word("contact"), 2) },
		func() error {
			c := b.d.Study.Contact
			return pair(b.in(c.Role), strings.Join(nonEmpty(c.Email, c.Phone), ", "))
		},
		func() error {
			zone := b.d.Study.TimeZone
			if zone == nil {
				zone = time.UTC
			}
			return pair(b.word("written"), b.options.Now.In(zone).Format("2006-01-02 15:04"))
		},
	)
	if err != nil {
		return err
	}
	return s.close()
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

func (b *book) readmeSheets(s *sheet, pair func(name, text string) error) error {
	if err := s.heading(b.word("sheets"), 2); err != nil {
		return err
	}
	for _, name := range []string{"Data_long", "Data_wide", "Wave", "Repeat", "Variables", "Values", "Missing", "Item_versions", "Participation", "Rates"} {
		shown := name
		if name == "Repeat" {
			if len(b.repeats) == 0 {
				continue
			}
			shown = strings.Join(b.repeats, ", ")
		}
		if name == "Wave" {
			if len(b.waves) == 0 {
				continue
			}
			shown = b.waves[0].name
			if n := len(b.waves); n > 1 {
				shown += " – w" + strings.TrimPrefix(b.waves[n-1].name, "Wave_w")
			}
		}
		if err := pair(shown, b.word(name)); err != nil {
			return err
		}
	}
	return nil
}

func (b *book) readmeWaves(s *sheet) error {
	if err := s.heading(b.word("waves"), 2); err != nil {
		return err
	}
	zone := b.d.Study.TimeZone
	if zone == nil {
		zone = time.UTC
	}
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

// counts tells how many people there are, and what they are to the panel.
func (b *book) counts() string {
	text := fmt.Sprintf(b.word("people.text"), b.tally.Members, b.rows)
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
			if err := pair("", fmt.Sprintf(b.word(one.key), one.n)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *book) readmeNotes(s *sheet, pair func(name, text string) error) error {
	if len(b.d.Notes) == 0 {
		return nil
	}
	if err := s.heading(b.word("notes"), 2); err != nil {
		return err
	}
	for _, n := range b.d.Notes {
		if err := pair(n.Variable, n.Message); err != nil {
			return err
		}
	}
	return nil
}
