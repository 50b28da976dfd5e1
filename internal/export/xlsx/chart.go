package xlsx

import (
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/dataset"
	"panelverk/internal/panel"
)

// chartRows is how many rows a chart covers.
const chartRows = 17

// The colours of the groups of outcomes: what was answered in green, what was
// refused in rust, silence in greys. Neighbours differ in lightness too, dark and
// light by turns, so that they can be told apart on paper without colours.
var groupColours = []string{spruce, "8FC1B0", "9A4A2E", "C9C4B5", "A8741A", "E3DFD3", "7C7868", "C3D3E2"}

func solid(colour string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
}

// chart draws a chart of the series below the last row, and leaves room for it.
func (s *sheet) chart(kind excelize.ChartType, title, values string, series []excelize.ChartSeries, format string) error {
	s.skip()
	at := fmt.Sprintf("A%d", s.row+1)
	noGap := uint(60)
	overlap := 100
	chart := &excelize.Chart{
		Type: kind, Series: series, GapWidth: &noGap,
		Title:        excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: title, Font: &excelize.Font{Family: face, Size: 13, Bold: true, Color: spruce}}}},
		Legend:       excelize.ChartLegend{Position: "right"},
		Dimension:    excelize.ChartDimension{Width: 760, Height: 320},
		ShowBlanksAs: "gap",
		XAxis:        excelize.ChartAxis{Font: excelize.Font{Family: face, Size: 10, Color: soft}, Title: axisTitle(s.b.word("wave"))},
		YAxis: excelize.ChartAxis{MajorGridLines: true, Font: excelize.Font{Family: face, Size: 10, Color: soft}, Title: axisTitle(values),
			NumFmt: excelize.ChartNumFmt{CustomNumFmt: format}},
		Format: excelize.GraphicOptions{AltText: title, Positioning: "oneCell"},
	}
	if kind == excelize.ColStacked {
		chart.Overlap = &overlap
	}
	if kind == excelize.Line {
		least, most := 0.0, 1.0
		chart.YAxis.Minimum, chart.YAxis.Maximum = &least, &most
	}
	if err := s.b.file.AddChart(s.name, at, chart); err != nil {
		return err
	}
	s.row += chartRows
	return nil
}

func axisTitle(text string) excelize.ChartTitle {
	return excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: text, Font: &excelize.Font{Family: face, Size: 10, Color: soft}}}}
}

// across gives the range of the waves' columns in a row.
func (s *sheet) across(row int) string {
	last, _ := excelize.ColumnNumberToName(2 + len(s.b.d.Waves)) // it is a positive number
	return fmt.Sprintf("%s!$C$%d:$%s$%d", s.name, row, last, row)
}

// outcomesChart draws the cases, whose heads stand in row head. Groups without
// anybody are left out.
func (b *book) outcomesChart(s *sheet, head int) error {
	if len(b.d.Waves) == 0 {
		return nil
	}
	var series []excelize.ChartSeries
	for i, colour := range groupColours {
		if !slices.ContainsFunc(b.tally.Waves, func(w dataset.WaveTally) bool { return caseGroups[i].count(w.Framed) > 0 }) {
			continue
		}
		row := head + 1 + i
		series = append(series, excelize.ChartSeries{Name: fmt.Sprintf("%s!$B$%d", s.name, row), Categories: s.across(head), Values: s.across(row),
			Fill: solid(colour), Line: excelize.LineOptions{Type: excelize.LineSolid, Width: .75, Fill: solid("FFFFFF")}})
	}
	if len(series) == 0 {
		return nil // nobody is in the frame yet
	}
	return s.chart(excelize.ColStacked, b.word("chart.outcomes"), b.word("persons"), series, "0")
}

// panelChart writes the shares of the first cohort wave by wave, and draws them.
func (b *book) panelChart(s *sheet) error {
	cohorts := b.tally.Retention.Cohorts()
	if len(cohorts) == 0 || len(b.d.Waves) < 2 {
		return nil
	}
	cohort := cohorts[0]
	byWave := map[int]panel.WaveRates{}
	for _, w := range b.tally.Retention.Rates(cohort) {
		byWave[w.Wave] = w
	}
	s.skip()
	if err := s.remark(b.word("chart.why", "wave", cohort), 2); err != nil {
		return err
	}
	if err := s.add(b.style.head, b.waveHeads(b.word("cohort"), b.word("measure"))...); err != nil {
		return err
	}
	head := s.row
	var series []excelize.ChartSeries
	for i, m := range []struct {
		name string
		of   func(panel.WaveRates) panel.Fraction
	}{
		{"chart.participation", func(w panel.WaveRates) panel.Fraction { return w.Participation }},
		{"chart.baseline", func(w panel.WaveRates) panel.Fraction { return w.Baseline }},
		{"chart.allwave", func(w panel.WaveRates) panel.Fraction { return w.AllWave }},
	} {
		row := []any{fmt.Sprintf("w%d", cohort), b.word(m.name)}
		for _, w := range b.d.Waves {
			row = append(row, "")
			if share, ok := m.of(byWave[w.Number]).Value(); ok {
				row[len(row)-1] = styledNumber(b.style.share, share)
			}
		}
		if err := s.add(b.style.text, row...); err != nil {
			return err
		}
		colour, symbol := []string{"8C8877", spruce, "9A4A2E"}[i], []string{"circle", "square", "triangle"}[i]
		dash := []excelize.LineDashType{excelize.LineDashSolid, excelize.LineDashSolid, excelize.LineDashDash}[i]
		series = append(series, excelize.ChartSeries{Name: fmt.Sprintf("%s!$B$%d", s.name, s.row), Categories: s.across(head), Values: s.across(s.row),
			Fill: solid(colour), Line: excelize.LineOptions{Type: excelize.LineSolid, Width: 2.25, Dash: dash, Fill: solid(colour)},
			Marker: excelize.ChartMarker{Symbol: symbol, Size: 7, Fill: solid(colour), Border: excelize.LineOptions{Type: excelize.LineSolid, Fill: solid(colour)}}})
	}
	return s.chart(excelize.Line, b.word("chart.panel", "wave", cohort), b.word("share"), series, "0%")
}
