package disclosure

// Crossed tells which cells of a table of persons to hide. counts are its rows;
// the result has one row and one column more, for the totals that stand beside
// and below it.
//
// A count from 0 to least−1 is hidden, zero too: that nobody went from one answer
// to another is told of everybody who gave the first. Then more are, the smallest
// first, until no row or column gives a hidden count away by subtraction: where
// one hides a cell it hides two or more, which hold least persons or more
// together. An answer that nobody gave at either time hides nothing. Where the
// total of all is under least everything is hidden. What several rows and
// columns tell together is not looked at: in a square table of hidden counts that
// leaves ranges, no persons.
func Crossed(counts [][]int, least int) [][]bool {
	c := newCrossed(counts)
	for i := range c.rows - 1 {
		for j := range c.columns - 1 {
			c.hidden[i][j] = c.value[i][j] < least && !c.vacant(i, j)
		}
	}
	for i := range c.rows {
		for j := range c.columns {
			if (i == c.rows-1 || j == c.columns-1) && c.value[i][j] < least && !c.vacant(i, j) {
				c.hidden[i][j] = true
			}
		}
	}
	if c.value[c.rows-1][c.columns-1] < least {
		for i := range c.hidden {
			for j := range c.hidden[i] {
				c.hidden[i][j] = true
			}
		}
		return c.hidden
	}
	for c.protect(least) {
	}
	return c.hidden
}

// crossed is a table with its totals.
type crossed struct {
	rows, columns int // totals included
	value         [][]int
	hidden        [][]bool
}

func newCrossed(counts [][]int) *crossed {
	c := &crossed{rows: len(counts) + 1, columns: 1}
	if len(counts) > 0 {
		c.columns += len(counts[0])
	}
	for range c.rows {
		c.value, c.hidden = append(c.value, make([]int, c.columns)), append(c.hidden, make([]bool, c.columns))
	}
	for i, row := range counts {
		for j, n := range row {
			for _, to := range []*int{&c.value[i][j], &c.value[i][c.columns-1], &c.value[c.rows-1][j], &c.value[c.rows-1][c.columns-1]} {
				*to += n
			}
		}
	}
	return c
}

// vacant tells whether nobody gave the row's answer, or nobody the column's.
func (c *crossed) vacant(i, j int) bool {
	return c.value[i][c.columns-1] == 0 || c.value[c.rows-1][j] == 0
}

// protect hides one more cell in the first line that gives something away, and
// tells whether there was one.
func (c *crossed) protect(least int) bool {
	line := func(n int, at func(k int) (i, j int)) bool {
		hidden, sum, smallest := 0, 0, -1
		for k := range n {
			i, j := at(k)
			if c.hidden[i][j] {
				hidden++
				if k < n-1 {
					sum += c.value[i][j]
				}
				continue
			}
			if c.vacant(i, j) && k < n-1 {
				continue
			}
			if smallest < 0 {
				smallest = k
			} else if si, sj := at(smallest); k < n-1 && c.value[i][j] < c.value[si][sj] {
				smallest = k
			}
		}
		ti, tj := at(n - 1)
		enough := c.hidden[ti][tj] || sum >= least
		if hidden == 0 || smallest < 0 || hidden > 1 && enough {
			return false
		}
		i, j := at(smallest)
		c.hidden[i][j] = true
		return true
	}
	for i := range c.rows {
		if line(c.columns, func(k int) (int, int) { return i, k }) {
			return true
		}
	}
	for j := range c.columns {
		if line(c.rows, func(k int) (int, int) { return k, j }) {
			return true
		}
	}
	return false
}
