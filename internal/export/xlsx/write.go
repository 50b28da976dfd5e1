// Package xlsx writes a dataset as an Excel workbook.
//
// The sheets are README, Data_long, Data_wide, one for each wave (Wave_w1, …),
// one for each repeat (Rep_child, …), Variables, Values, Missing, Item_versions, Participation, Rates, Change,
// Paradata, Log and Disclosure. On the data sheets row 1 holds the names and nothing else, so that a program reads
// them as they are; the question stands in a note on the name, and the
// name leads to its row on Variables. Numbers are
// numbers, days are days, and everything that a person wrote is text, never a
// formula. Why a value is missing is a negative number in the cell, or, for
// texts and dates, in the companion column beside it.
//
// The rows go through excelize's stream writer into temporary files and from
// there, compressed, to the output: memory does not grow with the number of
// people. The same dataset, options and build give the same bytes. Nothing is
// written to the output before all rows have been read without an error.
//
// Texts keep every character with these exceptions, which README counts: line
// ends are \n, control characters that XML forbids become U+FFFD, and texts
// beyond 32,767 UTF-16 units, the limit of a cell, are cut with a mark.
package xlsx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/dataset"
	"panelverk/internal/fault"
	"panelverk/internal/lang"
)

// The limits of a sheet.
const (
	maxColumns = 16384
	maxRows    = 1048576
)

// Options says how a workbook is written.
type Options struct {
	TempDir  string                // for temporary files; "" is the system's
	Now      time.Time             // when it is written, as README and the file's properties say
	Language string                // of labels and of the workbook's own texts, where it has them; else English
	Progress func(done, total int) // called with the persons that are done; may be nil
	Citation string                // how the data are to be cited, one line; "" for a line made of the study's title
	// Hide says which cells of a table of persons are not shown on Change: the
	// result has a row and a column more, for the totals. nil shows all.
	Hide func(counts [][]int) [][]bool
	// Disclosure is what was found out about a release. nil marks the file as
	// one for the study's own people.
	Disclosure *Disclosure
}

// codebookSheets are the sheets after those with data.
var codebookSheets = []string{"Variables", "Values", "Missing", "Item_versions", "Participation", "Rates", "Change", "Paradata", "Log", "Disclosure"}

// sheetKey names the text that tells what a sheet holds.
func sheetKey(name string) string { return "sheet." + strings.ToLower(name) }

// book is a workbook that is being written.
type book struct {
	d        *dataset.Dataset
	options  Options
	language string
	texts    *lang.Texts
	file     *excelize.File
	pack     *pack
	style    styles
	scrub    scrubber
	tally    dataset.Tally
	counts   *dataset.Counts
	checksum *dataset.Checksum
	rowOf    map[*dataset.Variable]int // on the sheet Variables
	log      *logSheet
	rows     int // of Data_long
	waves    []waveSheet
	repeats  []string   // the sheets of Dataset.Tables
	missing  [2][13]any // the cells of missing codes: as they are, and of variables that can be negative
	small    [1000]any  // the numbers 0 … 999
}

type waveSheet struct {
	name    string
	columns []int // of a long row
}

// Write writes the dataset to w. It fails with a fault when the dataset does
// not fit into a workbook, with the context's error when that is done, and with
// whatever reading or writing fails with.
func Write(ctx context.Context, w io.Writer, d *dataset.Dataset, options Options) (err error) {
	b := &book{d: d, options: options, language: options.Language}
	if b.language == "" {
		b.language = d.Study.DefaultLanguage()
	}
	b.texts = lang.For(b.language)
	if err := b.fits(); err != nil {
		return err
	}
	b.file = excelize.NewFile(excelize.Options{TmpDir: options.TempDir})
	defer func() { err = errors.Join(err, b.file.Close()) }()
	p, err := newPack(w, options.TempDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.remove()) }()
	b.pack = p
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return p })

	if err := b.prepare(); err != nil {
		return err
	}
	if err := b.writeData(ctx); err != nil {
		return err
	}
	// README comes last: only now is everything counted that it tells.
	for _, write := range []func() error{
		b.writeVariables, b.writeValues, b.writeMissing, b.writeVersions, b.writeParticipation, b.writeRates, b.writeChange,
		b.writeParadata, b.log.finish, b.writeDisclosure, b.writeReadme, b.writeProperties,
	} {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := write(); err != nil {
			return err
		}
	}
	b.orderTypes()
	return b.file.Write(io.Discard)
}

// orderTypes puts the list of content types in one order: the library adds those
// of charts in the order of a map.
func (b *book) orderTypes() {
	types := b.file.ContentTypes
	sort.SliceStable(types.Defaults, func(i, j int) bool { return types.Defaults[i].Extension < types.Defaults[j].Extension })
	sort.SliceStable(types.Overrides, func(i, j int) bool { return types.Overrides[i].PartName < types.Overrides[j].PartName })
}

// fits refuses, before anything is written, a dataset that is too large for
// the sheets of a workbook.
func (b *book) fits() error {
	var problems fault.Problems
	columns := map[string]int{"Data_long": len(b.d.Long()), "Data_wide": len(b.d.Wide())}
	for _, t := range b.d.Tables {
		columns[repeatSheet(t)] = len(t.Columns)
	}
	for name, n := range columns {
		if n > maxColumns {
			problems.Add(fault.Place{Sheet: name}, "too_many_columns",
				"%d columns; a sheet holds %d. Export fewer waves or variables, or another format.", n, maxColumns)
		}
	}
	if rows := b.d.Total * max(len(b.d.Waves), 1); rows >= maxRows {
		problems.Add(fault.Place{Sheet: "Data_long"}, "too_many_rows",
			"%d rows; a sheet holds %d with the header. Export fewer waves, or another format.", rows, maxRows)
	}
	problems.Sort()
	return problems.Err("workbook_too_small", "The dataset does not fit into an Excel workbook.")
}

// prepare makes the sheets in their order, the looks and the properties.
func (b *book) prepare() error {
	names := []string{"README", "Data_long", "Data_wide"}
	for _, w := range b.d.Waves {
		ws := waveSheet{name: "Wave_w" + strconv.Itoa(w.Number)}
		for i, c := range b.d.Long() {
			if !c.Variable.Varying || b.d.In(c.Variable, w.Number) {
				ws.columns = append(ws.columns, i)
			}
		}
		b.waves = append(b.waves, ws)
		names = append(names, ws.name)
	}
	for _, t := range b.d.Tables {
		b.repeats = append(b.repeats, repeatSheet(t))
	}
	names = append(names, b.repeats...)
	names = append(names, codebookSheets...)
	b.counts, b.checksum = dataset.NewCounts(b.d), dataset.NewChecksum(b.d)
	b.rowOf = map[*dataset.Variable]int{}
	for i, v := range b.d.Variables {
		b.rowOf[v] = i + 2
	}
	if err := b.file.SetSheetName("Sheet1", names[0]); err != nil {
		return err
	}
	for _, name := range names[1:] {
		if _, err := b.file.NewSheet(name); err != nil {
			return err
		}
	}
	for i, name := range names {
		colour := map[bool]string{true: spruce, false: line}[i > 0 && i < 3+len(b.waves)+len(b.repeats)]
		if err := b.file.SetSheetProps(name, &excelize.SheetPropsOptions{TabColorRGB: &colour}); err != nil {
			return err
		}
	}
	if err := b.file.SetDefaultFont(face); err != nil {
		return err
	}
	if err := b.makeStyles(); err != nil {
		return err
	}
	for _, m := range dataset.Missings() {
		for i, negative := range []bool{false, true} {
			b.missing[i][-m] = excelize.Cell{StyleID: b.style.code, Value: m.Code(negative)}
		}
	}
	for i := range b.small {
		b.small[i] = i
	}
	return nil
}

// writeProperties says of the file, for those who look for it or ask whose it is,
// what README says of the data.
func (b *book) writeProperties() error {
	at := b.options.Now.UTC().Format("2006-01-02T15:04:05Z")
	author := b.in(b.d.Study.Contact.Role)
	if author == "" {
		author = b.titleText()
	}
	return b.file.SetDocProps(&excelize.DocProperties{
		Creator: author, LastModifiedBy: "Panelverk", Created: at, Modified: at, Title: b.titleText(), Subject: b.citation(),
		Description: b.word("about"), Language: b.language,
	})
}

// in gives a text in the workbook's language, else in the study's.
func (b *book) in(t lang.Text) string {
	s, _ := t.In(b.language, append(slices.Clone(b.d.Study.Languages), "en")...)
	return s
}

func (b *book) titleText() string {
	if s := b.in(b.d.Study.Title); s != "" {
		return s
	}
	return b.d.Study.Key
}

func refText(r dataset.Ref) string { return fmt.Sprintf("%s v%d", r.Key, r.Number) }
