package xlsx

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/dataset"
	"panelverk/internal/lang/rich"
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
	if err := s.addHigh(s.b.style.section, 24, values...); err != nil {
		return err
	}
	// LibreOffice sets a text hard under the rule.
	return s.addHigh(s.b.style.body, headingGap)
}

// headingGap parts a heading from what stands under it.
const headingGap = 4

// remarkGap parts a paragraph from what it is about.
const remarkGap = 5

// remark writes a paragraph across the columns.
func (s *sheet) remark(text string, columns int) error {
	across := 0.0
	for _, width := range s.widths[:columns] {
		across += width
	}
	if err := s.addHigh(s.b.style.lede, high(lines(text, across))+remarkGap, text); err != nil {
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
	columns := max(2+len(b.d.Waves), 5)
	widths := []float64{22, 44}
	for _, key := range []string{"asked", "answered", "weight"} {
		widths = append(widths, headWidth(b.word(key), 10, beside))
	}
	for len(widths) < columns {
		widths = append(widths, 10)
	}
	s, err := b.open("Participation", layout{widths: widths, portrait: true, noGrid: true, onePage: true})
	if err != nil {
		return err
	}
	if err := s.remark(b.word("small"), columns); err != nil {
		return err
	}
	perWave := func(code, name string, count func(dataset.WaveTally) int) error {
		row := []any{code, name}
		for _, w := range b.tally.Waves {
			row = append(row, count(w))
		}
		return s.add(b.style.text, row...)
	}
	return firstError(
		func() error { return s.heading(b.word("fieldwork"), columns) },
		func() error { return s.add(b.style.head, b.waveHeads(" ", " ")...) },
		func() error {
			return perWave("", b.word("invited"), func(w dataset.WaveTally) int { return w.Invited })
		},
		func() error {
			return perWave("", b.word("started"), func(w dataset.WaveTally) int { return w.Started })
		},
		func() error {
			return perWave("", b.word("submitted"), func(w dataset.WaveTally) int { return w.Submitted })
		},
		func() error { return s.heading(b.word("outcomes"), columns) },
		func() error { return s.add(b.style.head, b.waveHeads(b.word("code"), b.word("label"))...) },
		func() error { return b.outcomes(s, perWave) },
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
		func() error { return s.remark(b.word("pattern.why"), columns) },
		func() error {
			return s.add(b.style.head, b.word("pattern"), styled(b.style.headRight, b.word("persons")))
		},
		func() error {
			for _, p := range b.tally.Retention.Patterns() {
				if err := s.add(b.style.text, p.Pattern, p.N); err != nil {
					return err
				}
			}
			return s.add(b.style.total, b.word("sum"), excelize.Cell{StyleID: b.style.totalCount, Value: b.tally.Retention.N()})
		},
		func() error { return s.heading(b.word("weights"), columns) },
		func() error { return b.weights(s, columns) },
		s.close,
	)
}

// outcomes counts the dispositions, and under them their sum.
func (b *book) outcomes(s *sheet, perWave func(code, name string, count func(dataset.WaveTally) int) error) error {
	for _, d := range panel.Dispositions() {
		if err := perWave(d.Code, b.in(dataset.DispositionLabel(d)), func(w dataset.WaveTally) int { return w.Dispositions[d.Code] }); err != nil {
			return err
		}
	}
	row := []any{styled(b.style.total, ""), b.word("sum")}
	for _, w := range b.tally.Waves {
		n := 0
		for _, count := range w.Dispositions {
			n += count
		}
		row = append(row, excelize.Cell{StyleID: b.style.totalCount, Value: n})
	}
	return s.add(b.style.total, row...)
}

// weights writes the cells of every wave, and under them Σw and n_eff.
func (b *book) weights(s *sheet, columns int) error {
	told := b.d.Weights()
	if b.d.Study.Weighting == nil {
		return s.remark(b.word("weights.none"), columns)
	}
	if err := s.remark(b.word("weights.why"), columns); err != nil {
		return err
	}
	if err := s.add(b.style.head, b.word("wave"), b.word("cell"), styled(b.style.headRight, b.word("asked")),
		styled(b.style.headRight, b.word("answered")), styled(b.style.headRight, b.word("weight"))); err != nil {
		return err
	}
	for _, w := range told {
		wave := fmt.Sprintf("w%d", w.Wave)
		for _, c := range w.Cells {
			var groups []string
			for _, values := range c.Values {
				groups = append(groups, b.group(values))
			}
			name := strings.Join(groups, " + ")
			row := []any{wave, name, c.Asked, c.Answered, styledNumber(b.style.three, c.Weight)}
			if c.Answered == 0 {
				row[4] = "" // nobody answered the wave
			}
			if err := s.addHigh(b.style.wrap, s.height([]any{wave, name}), row...); err != nil {
				return err
			}
		}
		sum := b.word("sum.weights")
		if err := s.addHigh(b.style.total, s.height([]any{wave, sum})+remarkGap, wave, sum, styledNumber(b.style.totalTwo, w.Sum), styled(b.style.total, ""),
			styledNumber(b.style.totalTwo, w.Effective)); err != nil {
			return err
		}
	}
	return nil
}

// group says the attributes' values of a cell.
func (b *book) group(values []string) string {
	out := make([]string, len(values))
	for i, value := range values {
		out[i] = value
		for _, a := range b.d.Study.Attributes {
			if a.Name != b.d.Study.Weighting.By[i] {
				continue
			}
			for _, c := range a.Choices {
				if c.Name == value {
					out[i] = rich.Plain(b.in(c.Label))
				}
			}
		}
		if out[i] == "" {
			out[i] = b.word("unknown")
		}
	}
	return strings.Join(out, ", ")
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
