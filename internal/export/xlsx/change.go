package xlsx

import (
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/lang/rich"
)

// hiddenMark stands for a count that is not shown.
const hiddenMark = "·"

// moved is how one variable moved between two waves.
type moved struct {
	v        *dataset.Variable
	from, to int // numbers of waves
	dataset.Movement
	hidden [][]bool // of Table, with its totals; nil where there is none
	dark   bool     // no count of the table is shown: it is left out
	few    bool     // so few that nothing is told of them
	block  int      // the row where its table starts; 0: it has none
}

// moves gives all that are told, in the order of the variables.
func (b *book) moves() []*moved {
	var out []*moved
	for _, v := range b.d.Variables {
		for i, pair := range b.counts.Pairs() {
			m, ok := b.counts.Movement(v, i)
			if !ok {
				continue
			}
			one := &moved{v: v, from: b.d.Waves[pair[0]].Number, to: b.d.Waves[pair[1]].Number, Movement: m}
			one.few = b.hide([][]int{{m.N}})[0][0]
			if m.Table != nil && v.Role == dataset.Whole && len(v.Values) > 1 {
				one.hidden = b.hide(m.Table)
				one.dark = one.isDark()
			}
			out = append(out, one)
		}
	}
	return out
}

func (b *book) hide(counts [][]int) [][]bool {
	if b.options.Hide != nil {
		return b.options.Hide(counts)
	}
	out := make([][]bool, len(counts)+1)
	for i := range out {
		out[i] = make([]bool, len(counts[0])+1)
	}
	return out
}

// writeChange writes how the same persons' answers changed: a line for each
// variable and pair of waves, and below them the tables from answer to answer.
func (b *book) writeChange() error {
	all := b.moves()
	const columns = 11
	s, err := b.open("Change", layout{widths: b.changeWidths(all), noGrid: true, onePage: true})
	if err != nil {
		return err
	}
	if err := s.remark(b.word("change.why"), columns); err != nil {
		return err
	}
	if len(all) == 0 {
		return firstError(func() error { return s.remark(b.word("change.few"), columns) }, s.close)
	}
	if b.options.Hide != nil {
		if err := s.remark(b.word("change.hidden", "mark", hiddenMark), columns); err != nil {
			return err
		}
	}
	for _, m := range all {
		if !m.Exact {
			if err := s.remark(b.word("change.approximate"), columns); err != nil {
				return err
			}
			break
		}
	}
	// The tables come after the lines: between lie a heading with its gap, its
	// remark, and an empty row before and after them.
	row := s.row + 1 + len(all) + 6
	for _, m := range all {
		if m.hidden != nil && !m.dark {
			m.block = row
			row += len(m.Table) + 4 // its title, heads, sum, and an empty row
		}
	}
	if err := b.changeLines(s, all); err != nil {
		return err
	}
	if err := s.heading(b.word("transitions"), columns); err != nil {
		return err
	}
	why := b.word("transitions.why")
	if slices.ContainsFunc(all, func(m *moved) bool { return m.dark }) {
		why += " " + b.word("transitions.hidden", "mark", hiddenMark)
	}
	if err := s.remark(why, columns); err != nil {
		return err
	}
	s.skip()
	for _, m := range all {
		if m.block > 0 {
			if err := b.transitions(s, m); err != nil {
				return err
			}
		}
	}
	return s.close()
}

// changeFigureHeads are the keys of the names of the columns with figures.
var changeFigureHeads = []string{"from", "to", "paired", "mean.before", "mean.after", "mean.change", "median.change", "unchanged", "table"}

// changeWidths gives columns that hold the lines and, below them, the tables.
func (b *book) changeWidths(all []*moved) []float64 {
	widths := []float64{24, 46}
	for _, key := range changeFigureHeads {
		widths = append(widths, headWidth(b.word(key), 12, beside))
	}
	for _, m := range all {
		if m.hidden == nil || m.dark {
			continue
		}
		for len(widths) < len(m.Table)+3 {
			widths = append(widths, 12)
		}
		for i, v := range m.v.Values {
			widths[i+2] = min(headWidth(rich.Plain(b.in(v.Label)), widths[i+2], beside), 24)
		}
	}
	return widths
}

// isDark tells whether no count of the table is shown.
func (m *moved) isDark() bool {
	for i := range m.Table {
		for j, n := range m.Table[i] {
			if !m.hidden[i][j] && n > 0 {
				return false
			}
		}
	}
	return true
}

func (b *book) changeLines(s *sheet, all []*moved) error {
	head := []any{b.word("variable"), b.word("label")}
	for _, key := range changeFigureHeads {
		head = append(head, styled(b.style.headWrapRight, b.word(key)))
	}
	if err := s.addHigh(b.style.headWrap, 34, head...); err != nil {
		return err
	}
	for _, m := range all {
		if err := s.link(1, s.row+1, m.v); err != nil {
			return err
		}
		label := rich.Plain(b.in(m.v.Label))
		row := []any{styled(b.style.linked, m.v.Name), label,
			styled(b.style.right, fmt.Sprintf("w%d", m.from)), styled(b.style.right, fmt.Sprintf("w%d", m.to))}
		row = append(row, b.changeFigures(m)...)
		if m.block > 0 {
			if err := s.leads(11, s.row+1, "Change", m.block); err != nil {
				return err
			}
			row = append(row, styled(b.style.linkedRight, "↓"))
		} else if m.dark {
			row = append(row, styled(b.style.faint, hiddenMark))
		}
		if err := s.addHigh(b.style.wrap, s.height([]any{m.v.Name, label}), row...); err != nil {
			return err
		}
	}
	return nil
}

// changeFigures gives the counts and means of a line; of answers without an
// order there are no means, and of too few persons nothing at all.
func (b *book) changeFigures(m *moved) []any {
	mark := func() any { return styled(b.style.faint, hiddenMark) }
	if m.few {
		return []any{mark(), mark(), mark(), mark(), mark(), mark()}
	}
	same := any(styledNumber(b.style.share, float64(m.Same)/float64(m.N)))
	if b.hide([][]int{{m.Same, m.N - m.Same}})[0][0] {
		same = mark()
	}
	if export.MeasureOf(m.v) == export.Nominal && m.v.Role != dataset.Indicator && m.v.Role != dataset.Derived {
		return []any{m.N, "", "", "", "", same}
	}
	median := any(styledNumber(b.style.two, m.Median))
	if !m.Exact {
		median = styled(b.style.right, fmt.Sprintf("≈ %.6g", m.Median))
	}
	figures := []any{m.N, styledNumber(b.style.two, m.Before), styledNumber(b.style.two, m.After), styledNumber(b.style.two, m.Mean), median, same}
	if m.v.Role == dataset.Indicator && b.margins(m) {
		// A share of few persons is a count of few persons.
		for i := 1; i <= 4; i++ {
			figures[i] = mark()
		}
	}
	return figures
}

// margins tells whether the means of an indicator give a count away that is to
// be hidden: those who chose the option, or those who did not.
func (b *book) margins(m *moved) bool {
	n := float64(m.N)
	before, after := int(m.Before*n+.5), int(m.After*n+.5)
	hidden := b.hide([][]int{{before, m.N - before}})
	also := b.hide([][]int{{after, m.N - after}})
	return hidden[0][0] || hidden[0][1] || also[0][0] || also[0][1]
}

// transitions writes the table of one variable and pair of waves.
func (b *book) transitions(s *sheet, m *moved) error {
	labels := make([]string, len(m.v.Values))
	for i, v := range m.v.Values {
		labels[i] = fmt.Sprintf("%d  %s", v.Code, rich.Plain(b.in(v.Label)))
	}
	if err := s.link(1, s.row+1, m.v); err != nil {
		return err
	}
	title := b.word("transition", "variable", m.v.Name, "from", m.from, "to", m.to)
	if err := s.add(b.style.strong, styled(b.style.pointer, title), rich.Plain(b.in(m.v.Label))); err != nil {
		return err
	}
	head := []any{styled(b.style.headRight, ""), styled(b.style.head, fmt.Sprintf("w%d ↓   w%d →", m.from, m.to))}
	for i := range labels {
		head = append(head, styled(b.style.headWrapRight, labels[i]))
	}
	if err := s.addHigh(b.style.headWrap, b.headHeight(s, labels), append(head, styled(b.style.headRight, b.word("sum")))...); err != nil {
		return err
	}
	n := len(labels)
	for i := range n + 1 {
		row, total := []any{""}, 0
		if i < n {
			row = append(row, labels[i])
		} else {
			row = append(row, styled(b.style.strong, b.word("sum")))
		}
		for j := range n {
			count := 0
			for k := range n {
				if i == k || i == n {
					count += m.Table[k][j]
				}
			}
			total += count
			row = append(row, b.count(count, m.hidden[i][j], i == j))
		}
		if err := s.add(b.style.text, append(row, b.count(total, m.hidden[i][n], false))...); err != nil {
			return err
		}
	}
	s.skip()
	return nil
}

// count gives a cell of a table: the diagonal is tinted.
func (b *book) count(n int, hidden, same bool) any {
	style := b.style.body
	if same {
		style = b.style.diagonal
	}
	if hidden {
		return styled(b.style.mark[same], hiddenMark)
	}
	return excelize.Cell{StyleID: style, Value: n}
}

// headHeight gives how high a row of heads has to be from the third column on.
func (b *book) headHeight(s *sheet, labels []string) float64 {
	most := 1
	for i, l := range labels {
		most = max(most, lines(l, s.widths[i+2]/1.06)) // heads are bold
	}
	return high(most) + 4
}
