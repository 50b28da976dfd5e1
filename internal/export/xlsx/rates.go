package xlsx

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/dataset"
	"panelverk/internal/panel"
)

func (b *book) writeRates() error {
	columns := max(2+len(b.d.Waves), 6)
	widths := []float64{12, 62}
	for len(widths) < columns {
		widths = append(widths, min(max(extent(b.word(string(panel.NoFrame)))+2, 14), 34))
	}
	s, err := b.open("Rates", layout{widths: widths, noGrid: true, onePage: true})
	if err != nil {
		return err
	}
	partial := strconv.FormatFloat(b.d.Study.Partial*100, 'f', -1, 64) + " %"
	cases := 0
	return firstError(
		func() error { return s.heading(b.word("rates"), columns) },
		func() error { return s.remark(b.word("rates.why", "share", partial), columns) },
		func() error { return s.remark(b.word("frame."+string(b.d.Study.Frame)), columns) },
		func() error { return s.add(b.style.head, b.waveHeads(b.word("cases"), b.word("label"))...) },
		func() error { cases = s.row; return b.cases(s) },
		func() error { return b.outcomesChart(s, cases) },
		func() error {
			s.skip()
			return s.add(b.style.head, b.waveHeads(b.word("rate"), b.word("formula"))...)
		},
		func() error { return b.outcomeRates(s) },
		func() error { return s.newPage() },
		func() error { return s.heading(b.word("panelrates"), columns) },
		func() error { return s.remark(b.word("panel.why"), columns) },
		func() error { return b.panelChart(s) },
		func() error {
			return s.add(b.style.head, b.word("cohort"), b.word("measure"), b.word("wave"),
				styled(b.style.headRight, b.word("count")), styled(b.style.headRight, b.word("of")), styled(b.style.headRight, b.word("share")))
		},
		func() error { return b.panelRates(s) },
		s.close,
	)
}

// caseGroups are the groups of cases, in the order of groupColours.
var caseGroups = []struct {
	name  string
	count func(panel.Counts) int
}{
	{"I", func(c panel.Counts) int { return c.I }}, {"P", func(c panel.Counts) int { return c.P }},
	{"R", func(c panel.Counts) int { return c.R }}, {"NC", func(c panel.Counts) int { return c.NC }},
	{"O", func(c panel.Counts) int { return c.O }}, {"UH", func(c panel.Counts) int { return c.UH }},
	{"UO", func(c panel.Counts) int { return c.UO }}, {"NE", func(c panel.Counts) int { return c.NE }},
}

// cases writes the counts that the rates are made of.
func (b *book) cases(s *sheet) error {
	for _, g := range caseGroups {
		row := []any{g.name, b.word("case." + strings.ToLower(g.name))}
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
