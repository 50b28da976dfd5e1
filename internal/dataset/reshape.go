package dataset

// widen puts the long rows of one member, one a wave, into a wide row.
func (d *Dataset) widen(long [][]Cell, wide []Cell) {
	n := len(d.constant)
	if len(long) == 0 {
		return // no wave yet: the constants are all there is
	}
	copy(wide, long[0][:n])
	at := n
	for v := range d.vary {
		for w := range d.Waves {
			wide[at] = long[w][d.varying+v]
			at++
		}
	}
}

// Widen gives the wide row of a member's long rows, which are one a wave in
// the order of Waves.
func (d *Dataset) Widen(long [][]Cell) []Cell {
	wide := make([]Cell, len(d.wide))
	d.widen(long, wide)
	return wide
}

// Lengthen gives the long rows of a wide row. Widen gives the same wide row
// back, and Lengthen of Widen the same long rows.
func (d *Dataset) Lengthen(wide []Cell) [][]Cell {
	n := len(d.constant)
	long := make([][]Cell, len(d.Waves))
	for w := range long {
		row := make([]Cell, len(d.long))
		copy(row, wide[:n])
		row[n] = number(float64(d.Waves[w].Number))
		for v := range d.vary {
			row[d.varying+v] = wide[n+v*len(d.Waves)+w]
		}
		long[w] = row
	}
	return long
}
