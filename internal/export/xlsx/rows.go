package xlsx

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// rows are the rows of a data sheet, below its header. The library's stream
// writer keeps up to 32 MB of every sheet in memory, and there is a sheet for
// each wave: these go to a temporary file at once, as the XML of SpreadsheetML
// (ECMA-376, 18.3.1.73), and pack puts them into the sheet.
type rows struct {
	file    *os.File
	out     *bufio.Writer
	line    []byte
	columns []string // their letters
	style   string   // of a cell that has none of its own
}

// rowsOf opens the rows of a sheet of so many columns.
func (b *book) rowsOf(name string, columns int) (*rows, error) {
	file, err := os.CreateTemp(b.options.TempDir, "rows-")
	if err != nil {
		return nil, fmt.Errorf("xlsx: %w", err)
	}
	r := &rows{file: file, out: bufio.NewWriterSize(file, 1<<16), style: strconv.Itoa(b.style.body)}
	for i := range columns {
		letters, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return nil, errors.Join(err, r.remove())
		}
		r.columns = append(r.columns, letters)
	}
	for id, sheet := range b.file.GetSheetMap() {
		if sheet == name {
			b.pack.rows[fmt.Sprintf("xl/worksheets/sheet%d.xml", id)] = r
		}
	}
	return r, nil
}

// remove deletes the file.
func (r *rows) remove() error { return errors.Join(r.file.Close(), os.Remove(r.file.Name())) }

// add writes a row with its number: nil, int and float64, and cells with a look
// of their own that hold one of these or a text.
func (r *rows) add(number int, values []any) error {
	n := strconv.Itoa(number)
	line := append(r.line[:0], `<row r="`...)
	line = append(append(line, n...), `" s="`...)
	line = append(append(line, r.style...), `" customFormat="1">`...)
	for i, value := range values {
		style := 0
		switch cell := value.(type) {
		case *excelize.Cell:
			style, value = cell.StyleID, cell.Value
		case excelize.Cell:
			style, value = cell.StyleID, cell.Value
		}
		if value == nil {
			continue
		}
		line = append(append(append(line, `<c r="`...), r.columns[i]...), n...)
		line = append(line, `" s="`...)
		if style > 0 {
			line = strconv.AppendInt(line, int64(style), 10)
		} else {
			line = append(line, r.style...)
		}
		switch v := value.(type) {
		case int:
			line = append(strconv.AppendInt(append(line, `"><v>`...), int64(v), 10), `</v></c>`...)
		case float64:
			line = append(strconv.AppendFloat(append(line, `"><v>`...), v, 'f', -1, 64), `</v></c>`...)
		case string:
			line = append(appendText(append(line, `" t="inlineStr"><is><t xml:space="preserve">`...), v), `</t></is></c>`...)
		default:
			return fmt.Errorf("xlsx: a cell holds a %T", value)
		}
	}
	r.line = append(line, `</row>`...)
	_, err := r.out.Write(r.line)
	return err
}

// appendText writes a text that is clean as XML. What would be read as the
// escape of a character, _x0041_, has its first sign escaped (ECMA-376, 22.9.2.19).
func appendText(line []byte, text string) []byte {
	for i := range len(text) {
		switch c := text[i]; {
		case c == '&':
			line = append(line, "&amp;"...)
		case c == '<':
			line = append(line, "&lt;"...)
		case c == '>':
			line = append(line, "&gt;"...)
		case c == '_' && escape(text[i:]):
			line = append(line, "_x005F_"...)
		default:
			line = append(line, c)
		}
	}
	return line
}

// escape tells whether a text begins like _x0041_.
func escape(text string) bool {
	return len(text) >= 7 && text[1] == 'x' && text[6] == '_' && strings.Trim(text[2:6], "0123456789abcdefABCDEF") == ""
}

// copy writes all rows.
func (r *rows) copy(w io.Writer) error {
	if err := r.out.Flush(); err != nil {
		return err
	}
	if _, err := r.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{r.file}, make([]byte, 1<<16))
	return err
}
