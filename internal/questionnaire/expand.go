package questionnaire

import (
	"regexp"
	"slices"
	"strings"

	"panelverk/internal/lang"
)

// Some rows stand for several: a loop of XLSForm's converter, which asks the
// same for every choice of a list, and the score, rank and matrix of
// KoboToolbox. They are written out as ordinary rows, under the names that those
// tools give, before the survey is read. Every row keeps the number of the one
// that it came from.

// mostWrittenOut bounds the rows that come of this: loops may lie in each other.
const mostWrittenOut = 20_000

var (
	loopType  = regexp.MustCompile(`(?i)^begin[_ ]loop(?: over)? (\S+)$`)
	shortType = regexp.MustCompile(`(?i)^(begin|end)[_ ](loop|kobomatrix|score|rank)\b|^(score|rank)__(row|level)$`)
	loopWords = regexp.MustCompile(`%\((name|label)\)s`)
)

// The columns that the written-out rows need.
var writtenColumns = []string{"type", "name", "appearance", "relevant", "constraint", "required"}

// expander writes rows out.
type expander struct {
	c    *compiler
	t    *table
	rows int
}

// expand writes the rows of the survey out where some stand for several.
func (c *compiler) expand() *table {
	t := c.table(sheetSurvey)
	if !slices.ContainsFunc(t.sheet.Rows, func(r Row) bool { return shortType.MatchString(oneSpaced(t.get(r, "type"))) }) {
		return t
	}
	sheet := &Sheet{Name: sheetSurvey, Header: slices.Clone(t.sheet.Header)}
	for _, column := range writtenColumns {
		if !slices.Contains(sheet.Header, column) {
			sheet.Header = append(sheet.Header, column)
		}
	}
	var given []Row
	for _, r := range t.sheet.Rows {
		if !isYes(t.get(r, "disabled")) {
			given = append(given, Row{r.Number, fit(r.Cells, len(sheet.Header))})
		}
	}
	x := &expander{c: c, t: c.newTable(sheet)}
	sheet.Rows = x.all(given)
	c.sheets[sheetSurvey] = x.t
	return x.t
}

func oneSpaced(cell string) string { return strings.Join(strings.Fields(cell), " ") }

// short tells what a row begins or ends: "loop", "score" …, with begins saying
// which; "" for any other row.
func (x *expander) short(r Row) (what string, begins bool) {
	m := shortType.FindStringSubmatch(oneSpaced(x.t.get(r, "type")))
	if m == nil || m[2] == "" {
		return "", false
	}
	return strings.ToLower(m[2]), strings.EqualFold(m[1], "begin")
}

// all writes rows out, and whatever stands for several in them.
func (x *expander) all(rows []Row) []Row {
	var out []Row
	for i := 0; i < len(rows); i++ {
		r := rows[i]
		what, begins := x.short(r)
		switch {
		case begins:
			end := x.end(rows[i+1:], what)
			if end < 0 {
				x.c.ps.Add(x.t.at(r, "type"), "unbalanced_group", "The %s “%s” that begins here is never ended. Add a row end_%s.", what, x.t.get(r, "name"), what)
				return out
			}
			out = append(out, x.block(what, r, rows[i+1:i+1+end])...)
			i += end + 1
		case shortType.MatchString(oneSpaced(x.t.get(r, "type"))):
			x.c.ps.Add(x.t.at(r, "type"), "unbalanced_group", "“%s” stands outside of what it belongs to. Add the row that begins it, or remove this one.", x.t.get(r, "type"))
		default:
			out = append(out, r)
		}
	}
	return x.counted(out)
}

// end finds the row that ends what has begun, −1 where there is none.
func (x *expander) end(rows []Row, what string) int {
	depth := 0
	for i, r := range rows {
		switch w, begins := x.short(r); {
		case w != what:
		case begins:
			depth++
		case depth == 0:
			return i
		default:
			depth--
		}
	}
	return -1
}

// counted stops where the rows become too many.
func (x *expander) counted(rows []Row) []Row {
	if x.rows += len(rows); x.rows > mostWrittenOut {
		if x.rows-len(rows) <= mostWrittenOut && len(rows) > 0 {
			x.c.ps.Add(x.t.at(rows[0], "type"), "too_large", "Written out, the loops have more than %d rows.", mostWrittenOut)
		}
		return nil
	}
	return rows
}

func (x *expander) block(what string, begin Row, body []Row) []Row {
	switch what {
	case "loop":
		return x.loop(begin, body)
	case "score":
		return x.score(begin, body)
	case "rank":
		return x.rank(begin, body)
	default:
		return x.matrix(begin, body)
	}
}

// with gives a copy of a row in which some cells are others: pairs of a column
// and its cell.
func (x *expander) with(r Row, pairs ...string) Row {
	out := Row{r.Number, slices.Clone(r.Cells)}
	for ; len(pairs) > 1; pairs = pairs[2:] {
		out.Cells[x.t.index[pairs[0]]] = pairs[1]
	}
	return out
}

// row gives a new row with the number of another.
func (x *expander) row(number int, pairs ...string) Row {
	return x.with(Row{number, make([]string, len(x.t.sheet.Header))}, pairs...)
}

// labelled gives a row with the label in every language that the survey has.
func (x *expander) labelled(r Row, label lang.Text, before string) Row {
	for _, col := range x.t.tags["label"] {
		if text := label[col.tag]; text != "" {
			r.Cells[col.column] = before + text
		}
	}
	return r
}

// list finds the list whose choices rows are made for.
func (x *expander) list(r Row, column, name string) *List {
	list := x.c.q.Lists[name]
	switch {
	case name == "":
		x.c.ps.Add(x.t.at(r, column), "missing_list", "The row needs the name of a choice list.")
	case list == nil:
		x.c.ps.Add(x.t.at(r, column), "missing_list", "The sheet choices has no list “%s”.", name)
	}
	return list
}

// loop writes a loop out: a group for each choice of the list, with the rows in
// it, in which %(name)s and %(label)s stand for the choice's. A choice “none” has
// no group.
func (x *expander) loop(begin Row, body []Row) []Row {
	m := loopType.FindStringSubmatch(oneSpaced(x.t.get(begin, "type")))
	if m == nil {
		x.c.ps.Add(x.t.at(begin, "type"), "missing_list", "A loop needs the name of a choice list: begin_loop over list_name.")
		return nil
	}
	list := x.list(begin, "type", m[1])
	if list == nil {
		return nil
	}
	var out []Row
	for _, choice := range list.Choices {
		if choice.Name == "none" {
			continue
		}
		out = append(out, x.labelled(x.row(begin.Number, "type", "begin_group", "name", choice.Name), choice.Label, ""))
		filled := make([]Row, len(body))
		for i, r := range body {
			filled[i] = x.filled(r, choice)
		}
		out = append(append(out, x.all(filled)...), x.row(begin.Number, "type", "end_group"))
		if x.rows > mostWrittenOut {
			return nil
		}
	}
	if x.t.get(begin, "name") == "" {
		return out
	}
	return slices.Concat([]Row{x.with(begin, "type", "begin_group")}, out, []Row{x.row(begin.Number, "type", "end_group")})
}

// filled puts a choice's name and label into the cells of a row.
func (x *expander) filled(r Row, choice *Choice) Row {
	out := Row{r.Number, slices.Clone(r.Cells)}
	for i, cell := range out.Cells {
		if !strings.Contains(cell, "%(") {
			continue
		}
		_, tag, ok := strings.Cut(x.t.sheet.Header[i], "::")
		if !ok {
			tag = x.c.plain
		}
		label, _ := choice.Label.In(tag, x.c.q.Default)
		out.Cells[i] = loopWords.ReplaceAllStringFunc(cell, func(word string) string {
			if word == "%(name)s" {
				return choice.Name
			}
			return label
		})
	}
	return out
}

// score writes a score out: a page with one scale for several questions, and a
// row of the scale's labels above.
func (x *expander) score(begin Row, body []Row) []Row {
	list, name := x.t.get(begin, "kobo--score-choices"), x.t.get(begin, "name")
	if x.list(begin, "kobo--score-choices", list) == nil {
		return nil
	}
	out := []Row{
		x.row(begin.Number, "type", "begin_group", "name", name, "appearance", "field-list", "relevant", x.t.get(begin, "relevant")),
		x.with(begin, "type", "select_one "+list, "name", name+"_header", "appearance", "label", "relevant", "", "required", ""),
	}
	for _, r := range body {
		if !x.only(r, "score__row", "score") {
			continue
		}
		r = x.with(r, "type", "select_one "+list)
		x.orElse(r, "appearance", "list-nolabel")
		x.orElse(r, "required", x.t.get(begin, "required"))
		out = append(out, r)
	}
	return x.counted(append(out, x.row(begin.Number, "type", "end_group")))
}

// rank writes a ranking out: a page with one question for each level, none of
// which may have the answer of one before it.
func (x *expander) rank(begin Row, body []Row) []Row {
	list, name := x.t.get(begin, "kobo--rank-items"), x.t.get(begin, "name")
	if x.list(begin, "kobo--rank-items", list) == nil {
		return nil
	}
	out := []Row{
		x.row(begin.Number, "type", "begin_group", "name", name, "appearance", "field-list", "relevant", x.t.get(begin, "relevant")),
		x.with(begin, "type", "note", "name", name+"_label", "relevant", "", "required", ""),
	}
	var before []string
	for _, r := range body {
		if !x.only(r, "rank__level", "rank") {
			continue
		}
		r = x.with(r, "type", "select_one "+list, "required", "yes")
		x.orElse(r, "appearance", "minimal")
		level := x.t.get(r, "name")
		var others []string
		for _, other := range before {
			others = append(others, "${"+level+"} != ${"+other+"}")
		}
		r = x.with(r, "constraint", strings.Join(others, " and "))
		for _, col := range x.t.tags["constraint_message"] {
			if i, ok := x.t.index["kobo--rank-constraint-message"]; ok && r.Cells[col.column] == "" {
				r.Cells[col.column] = begin.Cells[i]
			}
		}
		before = append(before, level)
		out = append(out, r)
	}
	return x.counted(append(out, x.row(begin.Number, "type", "end_group")))
}

// matrix writes a matrix out: one page on which the same questions are asked of
// each item of a list, named matrix_item_question.
func (x *expander) matrix(begin Row, body []Row) []Row {
	name := x.t.get(begin, "name")
	list := x.list(begin, "kobo--matrix_list", x.t.get(begin, "kobo--matrix_list"))
	if list == nil {
		return nil
	}
	out := []Row{x.with(begin, "type", "begin_group", "appearance", "field-list")}
	for _, choice := range list.Choices {
		base := name + "_" + choice.Name
		var pairs []string
		for _, r := range body {
			if column := x.t.get(r, "name"); column != "" {
				pairs = append(pairs, "${"+column+"}", "${"+base+"_"+column+"}")
			}
		}
		own := strings.NewReplacer(pairs...)
		out = append(out, x.row(begin.Number, "type", "begin_group", "name", base),
			x.labelled(x.row(begin.Number, "type", "note", "name", base+"_note"), choice.Label, "##### "))
		for _, r := range body {
			asked := x.with(r, "name", base+"_"+x.t.get(r, "name"))
			for i, cell := range asked.Cells {
				asked.Cells[i] = own.Replace(cell)
			}
			out = append(out, asked)
		}
		out = append(out, x.row(begin.Number, "type", "end_group"))
		if x.rows+len(out) > mostWrittenOut {
			break
		}
	}
	return x.counted(append(out, x.row(begin.Number, "type", "end_group")))
}

// only tells whether a row is of the one type that can stand in a block.
func (x *expander) only(r Row, wanted, in string) bool {
	if strings.EqualFold(oneSpaced(x.t.get(r, "type")), wanted) {
		return true
	}
	x.c.ps.Add(x.t.at(r, "type"), "bad_type", "Between begin_%s and end_%s stand rows of the type %s, and this one is “%s”.", in, in, wanted, x.t.get(r, "type"))
	return false
}

// orElse fills a cell that is empty.
func (x *expander) orElse(r Row, column, cell string) {
	if i := x.t.index[column]; r.Cells[i] == "" {
		r.Cells[i] = cell
	}
}
