package xlsx

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/dataset"
	"panelverk/internal/panel"
)

// heading writes a section's name over a table.
func (s *sheet) heading(text string, columns int) error {
	if s.row > 0 {
		s.skip()
	}
	values := make([]any, columns)
	values[0] = excelize.Cell{StyleID: s.b.style.section, Value: text}
	for i := 1; i < columns; i++ {
		values[i] = excelize.Cell{StyleID: s.b.style.section}
	}
	return s.addHigh(s.b.style.section, 24, values...)
}

// remark writes a paragraph across the columns.
func (s *sheet) remark(text string, columns int, height float64) error {
	if err := s.addHigh(s.b.style.lede, height, text); err != nil {
		return err
	}
	if columns < 2 {
		return nil
	}
	last, err := excelize.CoordinatesToCellName(columns, s.row)
	if err != nil {
		return err
	}
	return s.stream.MergeCell("A"+strconv.Itoa(s.row), last)
}

// waveHeads gives the names of the waves as column heads.
func (b *book) waveHeads(before ...any) []any {
	for _, w := range b.d.Waves {
		before = append(before, styled(b.style.headRight, fmt.Sprintf("w%d", w.Number)))
	}
	return before
}

func (b *book) writeParticipation() error {
	columns := 2 + len(b.d.Waves)
	widths := []float64{22, 44}
	for range b.d.Waves {
		widths = append(widths, 10)
	}
	s, err := b.open("Participation", layout{widths: widths, portrait: true, noGrid: true, onePage: true})
	if err != nil {
		return err
	}
	if err := s.remark(b.word("small"), columns, 34); err != nil {
		return err
	}
	perWave := func(style int, code, name string, count func(dataset.WaveTally) int) error {
		row := []any{code, name}
		for _, w := range b.tally.Waves {
			row = append(row, count(w))
		}
		return s.add(style, row...)
	}
	return firstError(
		func() error { return s.heading(b.word("fieldwork"), columns) },
		func() error { return s.add(b.style.head, b.waveHeads(" ", " ")...) },
		func() error {
			return perWave(b.style.text, "", b.word("invited"), func(w dataset.WaveTally) int { return w.Invited })
		},
		func() error {
			return perWave(b.style.text, "", b.word("started"), func(w dataset.WaveTally) int { return w.Started })
		},
		func() error {
			return perWave(b.style.text, "", b.word("submitted"), func(w dataset.WaveTally) int { return w.Submitted })
		},
		func() error { return s.heading(b.word("outcomes"), columns) },
		func() error { return s.add(b.style.head, b.waveHeads(b.word("code"), b.word("label"))...) },
		func() error {
			for _, d := range panel.Dispositions() {
				if err := perWave(b.style.text, d.Code, b.in(dataset.DispositionLabel(d)), func(w dataset.WaveTally) int { return w.Dispositions[d.Code] }); err != nil {
					return err
				}
			}
			return perWave(b.style.strong, "", b.word("sum"), func(w dataset.WaveTally) int {
				n := 0
				for _, count := range w.Dispositions {
					n += count
				}
				return n
			})
		},
		func() error { return s.heading(b.word("cohorts"), columns) },
		func() error {
			return s.add(b.style.head, b.word("entered"), styled(b.style.headRight, b.word("persons")))
		},
		func() error {
			for _, c := range slices.Sorted(maps.Keys(b.tally.Cohorts)) {
				if err := s.add(b.style.text, fmt.Sprintf("w%d", c), b.tally.Cohorts[c]); err != nil {
					return err
				}
			}
			return nil
		},
		func() error { return s.heading(b.word("patterns"), columns) },
		func() error { return s.remark(b.word("pattern.why"), columns, 48) },
		func() error {
			return s.add(b.style.head, b.word("pattern"), styled(b.style.headRight, b.word("persons")))
		},
		func() error {
			for _, p := range b.tally.Retention.Patterns() {
				if err := s.add(b.style.text, p.Pattern, p.N); err != nil {
					return err
				}
			}
			return s.add(b.style.strong, b.word("sum"), b.tally.Retention.N())
		},
		s.close,
	)
}

// firstError runs the steps until one fails.
func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (b *book) writeRates() error {
	columns := max(2+len(b.d.Waves), 6)
	widths := []float64{12, 62}
	for len(widths) < columns {
		widths = append(widths, 25) // "not computable: no frame" fits
	}
	s, err := b.open("Rates", layout{widths: widths, noGrid: true, onePage: true})
	if err != nil {
		return err
	}
	partial := strconv.FormatFloat(b.d.Study.Partial*100, 'f', -1, 64) + " %"
	return firstError(
		func() error { return s.heading(b.word("rates"), columns) },
		func() error { return s.remark(fmt.Sprintf(b.word("rates.why"), partial), columns, 34) },
		func() error { return s.remark(b.word("frame."+string(b.d.Study.Frame)), columns, 34) },
		func() error { return s.add(b.style.head, b.waveHeads(b.word("cases"), b.word("label"))...) },
		func() error { return b.cases(s) },
		func() error {
			s.skip()
			return s.add(b.style.head, b.waveHeads(b.word("rate"), b.word("formula"))...)
		},
		func() error { return b.outcomeRates(s) },
		func() error { return s.heading(b.word("panelrates"), columns) },
		func() error { return s.remark(b.word("panel.why"), columns, 34) },
		func() error {
			return s.add(b.style.head, b.word("cohort"), b.word("measure"), b.word("wave"),
				styled(b.style.headRight, b.word("count")), styled(b.style.headRight, b.word("of")), styled(b.style.headRight, b.word("share")))
		},
		func() error { return b.panelRates(s) },
		s.close,
	)
}

// cases writes the counts that the rates are made of.
func (b *book) cases(s *sheet) error {
	for _, g := range []struct {
		name  string
		count func(panel.Counts) int
	}{
		{"I", func(c panel.Counts) int { return c.I }}, {"P", func(c panel.Counts) int { return c.P }},
		{"R", func(c panel.Counts) int { return c.R }}, {"NC", func(c panel.Counts) int { return c.NC }},
		{"O", func(c panel.Counts) int { return c.O }}, {"UH", func(c panel.Counts) int { return c.UH }},
		{"UO", func(c panel.Counts) int { return c.UO }}, {"NE", func(c panel.Counts) int { return c.NE }},
	} {
		row := []any{g.name, b.word(g.name)}
		for _, w := range b.tally.Waves {
			row = append(row, g.count(w.Framed))
		}
		if err := s.add(b.style.text, row...); err != nil {
			return err
		}
	}
	return nil
}

func (b *book) outcomeRates(s *sheet) error {
	waves := make([][]panel.Rate, len(b.tally.Waves))
	for i, w := range b.tally.Waves {
		waves[i] = w.Rates(panel.Frame(b.d.Study.Frame))
	}
	for i, r := range (panel.Counts{}).Rates(true) {
		row := []any{r.Name, r.Formula}
		for _, rates := range waves {
			if why := rates[i].Why; why != "" {
				row = append(row, styled(b.style.faint, b.word(string(why))))
			} else {
				row = append(row, excelize.Cell{StyleID: b.style.share, Value: rates[i].Value})
			}
		}
		if err := s.add(b.style.text, row...); err != nil {
			return err
		}
	}
	return nil
}

func (b *book) panelRates(s *sheet) error {
	for _, cohort := range b.tally.Retention.Cohorts() {
		for _, w := range b.tally.Retention.Rates(cohort) {
			if !slices.ContainsFunc(b.tally.Waves, func(t dataset.WaveTally) bool { return t.Number == w.Wave }) {
				continue
			}
			for _, m := range []struct {
				name string
				f    panel.Fraction
			}{
				{"participation", w.Participation}, {"conditional", w.Conditional}, {"baseline", w.Baseline},
				{"allwave", w.AllWave}, {"reactivated", w.Reactivated},
			} {
				share, ok := m.f.Value()
				if !ok {
					continue // nobody to count: a first wave has no retention
				}
				if err := s.add(b.style.text, fmt.Sprintf("w%d", cohort), b.word(m.name), fmt.Sprintf("w%d", w.Wave), m.f.Of, m.f.Over,
					excelize.Cell{StyleID: b.style.share, Value: share}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
