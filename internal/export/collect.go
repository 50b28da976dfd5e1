package export

import (
	"context"
	"errors"

	"panelverk/internal/dataset"
	"panelverk/internal/lang"
)

// Source is a table of a dataset and where its rows come from.
type Source struct {
	Name    string
	Label   lang.Text
	Columns []dataset.Column
	Keys    int
	// Cells gives a member's rows of the table.
	Cells func(*dataset.Record) [][]dataset.Cell
}

// Long is the table with a row for each wave of each person.
func Long(d *dataset.Dataset) Source {
	keys := 1
	for i, c := range d.Long() {
		if c.Name == "wave" {
			keys = i + 1
		}
	}
	return Source{Name: "long", Columns: d.Long(), Keys: keys,
		Label: lang.All("data.long"),
		Cells: func(r *dataset.Record) [][]dataset.Cell { return r.Long }}
}

// Wide is the table with a row for each person.
func Wide(d *dataset.Dataset) Source {
	row := make([][]dataset.Cell, 1)
	return Source{Name: "wide", Columns: d.Wide(), Keys: 1,
		Label: lang.All("data.wide"),
		Cells: func(r *dataset.Record) [][]dataset.Cell { row[0] = r.Wide; return row }}
}

// Repeats are the tables with a row for each instance of a repeat.
func Repeats(d *dataset.Dataset) []Source {
	var out []Source
	for i, t := range d.Tables {
		out = append(out, Source{Name: t.Name, Label: t.Label, Columns: t.Columns, Keys: len(t.Columns) - len(t.Variables) + 1,
			Cells: func(r *dataset.Record) [][]dataset.Cell { return r.Tables[i] }})
	}
	return out
}

// Collection is what was read of a dataset: its tables, whose rows lie in
// temporary files until it is closed.
type Collection struct {
	Tables   []*Table // as the sources
	Tally    dataset.Tally
	Checksum string // of the dataset's content, whatever the sources: dataset.Checksum
	spools   []*Spool
}

// Close removes the temporary files.
func (c *Collection) Close() error {
	var err error
	for _, s := range c.spools {
		err = errors.Join(err, s.Close())
	}
	c.spools = nil
	return err
}

// Collect reads a dataset once into the tables of the sources. dir is for
// temporary files, "" being the system's; progress is told how many people were
// read and may be nil. It fails with the context's error once that is done.
func Collect(ctx context.Context, d *dataset.Dataset, dir string, progress func(done, total int), sources ...Source) (_ *Collection, err error) {
	c := &Collection{}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	for _, s := range sources {
		spool, err := NewSpool(dir, s.Columns)
		if err != nil {
			return nil, err
		}
		c.spools = append(c.spools, spool)
	}
	sum := dataset.NewChecksum(d)
	for r, err := range d.Rows(&c.Tally) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		sum.Add(r)
		for i, s := range sources {
			for _, row := range s.Cells(r) {
				if err := c.spools[i].Add(row); err != nil {
					return nil, err
				}
			}
		}
		if n := c.Tally.Members; progress != nil && (n%50 == 0 || n == d.Total) {
			progress(n, d.Total)
		}
	}
	for i, s := range sources {
		t := &Table{Name: s.Name, Label: s.Label, Keys: s.Keys}
		if err := c.spools[i].Fill(t); err != nil {
			return nil, err
		}
		c.Tables = append(c.Tables, t)
	}
	c.Checksum = sum.Sum()
	return c, nil
}
