package xlsx

import (
	"github.com/xuri/excelize/v2"

	"panelverk/internal/dataset"
	"panelverk/internal/fault"
)

// repeatSheet names the sheet of a repeat. The names of variables keep it
// within the 31 characters that a sheet's name may have.
func repeatSheet(t *dataset.Table) string { return "Rep_" + t.Name }

// repeatRows writes the sheet of one repeat.
type repeatRows struct {
	*sheet
	columns []dataset.Column
	values  []any
	slots   []excelize.Cell // what the texts and dates among them point to
}

func (b *book) openRepeats() ([]*repeatRows, error) {
	var out []*repeatRows
	for i, t := range b.d.Tables {
		s, err := b.openData(b.repeats[i], t.Columns)
		if err != nil {
			return nil, err
		}
		n := len(t.Columns)
		out = append(out, &repeatRows{s, t.Columns, make([]any, n), make([]excelize.Cell, n)})
	}
	return out, nil
}

// add writes the instances of one person.
func (r *repeatRows) add(rows [][]dataset.Cell) error {
	for _, row := range rows {
		if r.row >= maxRows {
			return fault.New(fault.Invalid, "workbook_too_small", "A repeat has more instances than a sheet of a workbook holds.")
		}
		for i := range row {
			r.values[i] = r.b.value(&row[i], r.columns[i].Variable, &r.slots[i])
		}
		if err := r.data(r.values); err != nil {
			return err
		}
	}
	return nil
}

func (r *repeatRows) done() error {
	if err := r.filter(1, len(r.columns)); err != nil {
		return err
	}
	return r.close()
}

// sheetOf gives the sheet where a variable stands that is on none of the
// sheets of all people, "" for the others.
func (b *book) sheetOf(v *dataset.Variable) string {
	for i, t := range b.d.Tables {
		for _, one := range t.Variables {
			if one == v {
				return b.repeats[i]
			}
		}
	}
	return ""
}
