package xlsx

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/dataset"
)

// The colours of the house.
const (
	spruce = "17574B"
	tint   = "E1EEE8"
	ink    = "1D2422"
	soft   = "4F5955"
	edge   = "6F7A75"
	line   = "D8D5CC"
)

// face is a font that every office program has or replaces by one as wide.
const face = "Calibri"

// styles are the looks of cells, by their number in the workbook.
type styles struct {
	head, headWrap               int // of columns with a filter button
	headRight                    int // of numbers without one
	body, text, wrap, day        int
	moment, code, id, share      int
	title, section, lede, strong int
	faint                        int // says why there is no figure
	linked, pointer              int // the name of a variable, and of a sheet, that leads there
	two, three, right            int // numbers with two and three decimals; a text among numbers
	headWrapRight, linkedRight   int
	one                          int // a number with one decimal
	column, columnNumber         int // the names on data sheets, which are links
	total, totalCount, totalTwo  int // the last row of a table: its name, a count, two decimals
	left                         lefts
	diagonal                     int          // of a table from answer to answer
	mark                         map[bool]int // of a hidden count, by whether it is on the diagonal
}

// lefts are the looks of numbers that stand where texts do.
type lefts struct{ integer, decimals int }

func (l lefts) whole(n int) any { return excelize.Cell{StyleID: l.integer, Value: n} }

func (l lefts) number(f float64) any { return excelize.Cell{StyleID: l.decimals, Value: f} }

func (b *book) makeStyles() error {
	var err error
	add := func(s excelize.Style) int {
		n, e := b.file.NewStyle(&s)
		if err == nil {
			err = e
		}
		return n
	}
	font := func(size float64, colour string, bold bool) *excelize.Font {
		return &excelize.Font{Family: face, Size: size, Color: colour, Bold: bold}
	}
	rule := func(colour string, style int) []excelize.Border {
		return []excelize.Border{{Type: "bottom", Color: colour, Style: style}}
	}
	fill := func(colour string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
	}
	top := func(wrap bool) *excelize.Alignment { return &excelize.Alignment{Vertical: "top", WrapText: wrap} }
	// Texts stand a little away from the number before them, and the name of a
	// column of numbers leaves room for the filter button.
	words := func(wrap bool) *excelize.Alignment {
		return &excelize.Alignment{Vertical: "top", WrapText: wrap, Horizontal: "left", Indent: 1}
	}
	format := func(s string) *string { return &s }
	b.style = styles{
		head:     add(excelize.Style{Font: font(11, "FFFFFF", true), Fill: fill(spruce), Alignment: &excelize.Alignment{Vertical: "center", Horizontal: "left", Indent: 1}}),
		headWrap: add(excelize.Style{Font: font(11, "FFFFFF", true), Fill: fill(spruce), Alignment: &excelize.Alignment{Vertical: "center", WrapText: true, Horizontal: "left", Indent: 1}}),
		body:     add(excelize.Style{Font: font(11, ink, false), Alignment: top(false)}),
		text:     add(excelize.Style{Font: font(11, ink, false), Alignment: words(false), NumFmt: 49}),
		wrap:     add(excelize.Style{Font: font(11, ink, false), Alignment: words(true), NumFmt: 49}),
		day:      add(excelize.Style{Font: font(11, ink, false), Alignment: words(false), CustomNumFmt: format("yyyy-mm-dd")}),
		moment:   add(excelize.Style{Font: font(11, ink, false), Alignment: words(false), CustomNumFmt: format("yyyy-mm-dd hh:mm")}),
		code:     add(excelize.Style{Font: font(11, edge, false), Alignment: top(false)}),
		id:       add(excelize.Style{Font: font(11, ink, true), Fill: fill(tint), Alignment: words(false), NumFmt: 49}),
		share:    add(excelize.Style{Font: font(11, ink, false), Alignment: top(false), CustomNumFmt: format(b.percentFormat())}),
		title:    add(excelize.Style{Font: font(20, spruce, true), Alignment: &excelize.Alignment{Vertical: "center"}}),
		section:  add(excelize.Style{Font: font(13, spruce, true), Border: rule(spruce, 2), Alignment: &excelize.Alignment{Vertical: "bottom"}}),
		lede:     add(excelize.Style{Font: font(11, soft, false), Alignment: top(true)}),
		strong:   add(excelize.Style{Font: font(11, ink, true), Alignment: words(true), NumFmt: 49}),
	}
	b.style.headRight = add(excelize.Style{Font: font(11, "FFFFFF", true), Fill: fill(spruce), Alignment: &excelize.Alignment{Vertical: "center", Horizontal: "right"}})
	b.style.faint = add(excelize.Style{Font: font(11, soft, false), Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "right"}})
	underlined := func() *excelize.Font {
		return &excelize.Font{Family: face, Size: 11, Color: spruce, Underline: "single"}
	}
	b.style.linked = add(excelize.Style{Font: underlined(), Alignment: words(true), NumFmt: 49})
	b.style.pointer = add(excelize.Style{Font: &excelize.Font{Family: face, Size: 11, Color: spruce, Bold: true, Underline: "single"}, Alignment: words(true), NumFmt: 49})
	b.style.two = add(excelize.Style{Font: font(11, ink, false), Alignment: top(false), NumFmt: 2})
	b.style.three = add(excelize.Style{Font: font(11, ink, false), Alignment: top(false), CustomNumFmt: format("0.000")})
	b.style.right = add(excelize.Style{Font: font(11, ink, false), Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "right"}})
	b.style.headWrapRight = add(excelize.Style{Font: font(11, "FFFFFF", true), Fill: fill(spruce), Alignment: &excelize.Alignment{Vertical: "center", Horizontal: "right", WrapText: true}})
	b.style.linkedRight = add(excelize.Style{Font: underlined(), Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "right"}})
	b.style.diagonal = add(excelize.Style{Font: font(11, ink, false), Fill: fill(tint), Alignment: top(false)})
	// Dark on light: LibreOffice shows links in its own blue, which is not to be
	// read on the green of other heads.
	b.style.column = add(excelize.Style{Font: font(11, spruce, true), Fill: fill(tint), Border: rule(spruce, 2), Alignment: &excelize.Alignment{Vertical: "center", Horizontal: "left", Indent: 1}})
	b.style.columnNumber = add(excelize.Style{Font: font(11, spruce, true), Fill: fill(tint), Border: rule(spruce, 2), Alignment: &excelize.Alignment{Vertical: "center", Horizontal: "right", Indent: 2}})
	b.style.one = add(excelize.Style{Font: font(11, ink, false), Alignment: top(false), CustomNumFmt: format("0.0")})
	above := []excelize.Border{{Type: "top", Color: spruce, Style: 1}}
	b.style.total = add(excelize.Style{Font: font(11, ink, true), Border: above, Alignment: words(true), NumFmt: 49})
	b.style.totalCount = add(excelize.Style{Font: font(11, ink, true), Border: above, Alignment: top(false)})
	b.style.totalTwo = add(excelize.Style{Font: font(11, ink, true), Border: above, Alignment: top(false), NumFmt: 2})
	b.style.left = lefts{add(excelize.Style{Font: font(11, ink, false), Alignment: words(false)}),
		add(excelize.Style{Font: font(11, ink, false), Alignment: words(false), CustomNumFmt: format("0.000")})}
	b.style.mark = map[bool]int{false: b.style.faint,
		true: add(excelize.Style{Font: font(11, soft, false), Fill: fill(tint), Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "right"}})}
	return err
}

// percentFormat gives the format of shares: most of the languages part the sign
// from the number.
func (b *book) percentFormat() string {
	switch b.language {
	case "en", "sw":
		return "0.0%"
	}
	return `0.0" "%`
}

// sheet is one sheet that is being written, row by row.
type sheet struct {
	b      *book
	name   string
	stream *excelize.StreamWriter
	widths []float64
	row    int   // the last row that was written
	rows   *rows // of a data sheet, those below the header
}

// layout is how a sheet looks.
type layout struct {
	widths     []float64
	freezeRows int
	freezeCols int
	repeatRow  int // the row printed on every page; 0: none
	portrait   bool
	noGrid     bool
	onePage    bool // across, when printed; otherwise as many as keep it readable
	whole      bool // all of it on one page
}

// open prepares a sheet for its rows.
func (b *book) open(name string, l layout) (*sheet, error) {
	f := b.file
	yes, no, zoom := true, false, 100.0
	if err := f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &yes}); err != nil {
		return nil, err
	}
	total := 0.0
	for _, w := range l.widths {
		total += w
	}
	// A page of A4 takes about 150 characters across before they get too small,
	// and half as many again while they can be read.
	orientation, size, wide, high := "landscape", 9, int(total/150)+1, 0
	if l.portrait {
		orientation = "portrait"
	}
	if l.onePage || total < 225 {
		wide = 1
	}
	if l.whole {
		wide, high = 1, 1
	}
	if err := f.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &orientation, Size: &size, FitToWidth: &wide, FitToHeight: &high}); err != nil {
		return nil, err
	}
	margin, foot := 0.5, 0.3
	if err := f.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{Left: &margin, Right: &margin, Top: &margin, Bottom: &margin, Footer: &foot, Header: &foot}); err != nil {
		return nil, err
	}
	footer := "&L" + strings.ReplaceAll(b.titleText(), "&", "&&") + " – &A&R" + b.word("page") + " &P / &N"
	if err := f.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddFooter: footer}); err != nil {
		return nil, err
	}
	if err := f.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: map[bool]*bool{true: &no, false: &yes}[l.noGrid], ZoomScale: &zoom}); err != nil {
		return nil, err
	}
	// How large the sheet gets is not known yet, and a wrong size would make
	// some readers stop after the first cell.
	if err := f.SetSheetDimension(name, ""); err != nil {
		return nil, err
	}
	// Patterns, codes such as 2.11 and what people wrote are texts though they
	// look like numbers: without this each has a warning in its corner.
	if err := f.AddIgnoredErrors(name, "A1:XFD1048576", excelize.IgnoredErrorsNumberStoredAsText); err != nil {
		return nil, err
	}
	stream, err := f.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	s := &sheet{b: b, name: name, stream: stream, widths: l.widths}
	for i := 0; i < len(l.widths); {
		j := i
		for j < len(l.widths) && l.widths[j] == l.widths[i] {
			j++
		}
		if err := stream.SetColWidth(i+1, j, l.widths[i]); err != nil {
			return nil, err
		}
		i = j
	}
	if l.freezeRows+l.freezeCols > 0 {
		if err := stream.SetPanes(panes(l.freezeRows, l.freezeCols)); err != nil {
			return nil, err
		}
	}
	if l.repeatRow > 0 {
		refers := fmt.Sprintf("'%s'!$%d:$%d", name, l.repeatRow, l.repeatRow)
		if l.freezeCols > 0 {
			refers = fmt.Sprintf("'%s'!$A:$A,%s", name, refers)
		}
		if err := f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: refers, Scope: name}); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func panes(rows, cols int) *excelize.Panes {
	corner, _ := excelize.CoordinatesToCellName(cols+1, rows+1) // both are positive
	active := "bottomLeft"
	if cols > 0 {
		active = "bottomRight"
	}
	return &excelize.Panes{Freeze: true, XSplit: cols, YSplit: rows, TopLeftCell: corner, ActivePane: active,
		Selection: []excelize.Selection{{SQRef: corner, ActiveCell: corner, Pane: active}}}
}

// add writes the next row: strings, numbers and excelize.Cell values. Strings
// get the style given.
func (s *sheet) add(style int, values ...any) error {
	return s.addHigh(style, 0, values...)
}

// addHigh is add with a row of a height; one that is higher than office programs
// show is as high as they do.
func (s *sheet) addHigh(style int, height float64, values ...any) error {
	s.row++
	for i, v := range values {
		switch v := v.(type) {
		case string:
			if v == "" {
				values[i] = nil
				continue
			}
			values[i] = excelize.Cell{StyleID: style, Value: s.b.scrub.clean(v)}
		case int, float64:
			values[i] = excelize.Cell{StyleID: s.b.style.body, Value: v}
		}
	}
	cell, err := excelize.CoordinatesToCellName(1, s.row)
	if err != nil {
		return err
	}
	return s.stream.SetRow(cell, values, excelize.RowOpts{Height: min(height, excelize.MaxRowHeight)})
}

// height gives how high a row of wrapped texts has to be: office programs do
// not measure the rows that a program wrote.
func (s *sheet) height(values []any) float64 {
	most := 1
	for i, v := range values {
		if text, ok := v.(string); ok && i < len(s.widths) {
			most = max(most, lines(text, s.widths[i]))
		}
	}
	return high(most)
}

// skip leaves a row empty.
func (s *sheet) skip() { s.row++ }

// filter puts filter buttons on the header in row head, over everything below it.
func (s *sheet) filter(head, columns int) error {
	last, err := excelize.CoordinatesToCellName(columns, max(s.row, head))
	if err != nil {
		return err
	}
	return s.b.file.AutoFilter(s.name, fmt.Sprintf("A%d:%s", head, last), nil)
}

// newPage makes what follows begin on a page of its own when it is printed.
func (s *sheet) newPage() error {
	return s.b.file.InsertPageBreak(s.name, "A"+strconv.Itoa(s.row+2))
}

func (s *sheet) close() error { return s.stream.Flush() }

// link makes a cell, by column and row, lead to a variable's row in the codebook.
// It has to come before the sheet is closed.
func (s *sheet) link(column, row int, v *dataset.Variable) error {
	return s.leads(column, row, "Variables", s.b.rowOf[v])
}

// leads makes a cell lead to a row of a sheet.
func (s *sheet) leads(column, row int, sheet string, to int) error {
	cell, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		return err
	}
	return s.b.file.SetCellHyperLink(s.name, cell, fmt.Sprintf("'%s'!A%d", sheet, to), "Location")
}

func styledNumber(style int, value float64) excelize.Cell {
	return excelize.Cell{StyleID: style, Value: value}
}

func styled(style int, value string) excelize.Cell {
	return excelize.Cell{StyleID: style, Value: value}
}
