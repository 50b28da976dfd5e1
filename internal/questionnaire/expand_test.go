package questionnaire

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// outline writes what a form asks, one line an item.
func outline(items []*Item, depth int) []string {
	var out []string
	for _, i := range items {
		line := strings.Repeat("  ", depth) + i.Name
		if i.Group {
			line += " [" + i.Appearance + "]"
		} else {
			line += " " + string(i.Type)
			if i.List != nil {
				line += " " + i.List.Name
			}
			if i.Appearance != "" {
				line += " [" + i.Appearance + "]"
			}
		}
		if label, _ := i.Label.In("en"); label != "" {
			line += " " + label
		}
		if i.Need != Optional {
			line += " !"
		}
		if i.Relevant != nil {
			line += " if " + i.Relevant.Source
		}
		if i.Constraint != nil {
			line += " only " + i.Constraint.Source
		}
		out = append(append(out, line), outline(i.Children, depth+1)...)
	}
	return out
}

const drinks = `
| choices |
| | list_name | name | label::English (en) | label::Svenska (sv) |
| | drinks | tea | Tea | Te |
| | drinks | none | Nothing | Inget |
| | drinks | coffee | Coffee | Kaffe |
| | often | never | Never | Aldrig |
| | often | daily | Daily | Dagligen |
`

// A loop of XLSForm's converter asks the same for every choice of a list.
func TestLoops(t *testing.T) {
	q, _ := compileMD(t, `
| survey |
| | type | name | label::English (en) | label::Svenska (sv) | hint::English (en) | disabled |
| | begin loop over drinks | drunk | Drinks | Drycker | | |
| | select_one often | how | How often %(label)s? | Hur ofta %(label)s? | as %(name)s | |
| | text | gone | Gone | Borta | | yes |
| | begin_loop over often | inner | | | | |
| | integer | n | %(label)s | %(label)s | | |
| | end_loop | | | | | |
| | end loop | | | | | |
| | text | rest | Rest | Rest | | |
`+drinks)
	got := outline(q.Items, 0)
	want := []string{
		"drunk [] Drinks", "  tea [] Tea", "    how select_one often How often Tea?", "    inner []", "      never [] Never", "        n integer Tea",
		"      daily [] Daily", "        daily.n integer Tea", "  coffee [] Coffee", "    coffee.how select_one often How often Coffee?",
		"    coffee.inner []", "      coffee.inner.never [] Never", "        coffee.inner.never.n integer Coffee",
		"      coffee.inner.daily [] Daily", "        coffee.inner.daily.n integer Coffee", "rest text Rest",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	how := q.Question("coffee.how")
	if how.Label["sv"] != "Hur ofta Kaffe?" || how.Hint["en"] != "as coffee" || how.Row != 3 {
		t.Errorf("%+v", how)
	}
}

// KoboToolbox's score, rank and matrix become what that tool makes of them.
func TestBlocksOfKoboToolbox(t *testing.T) {
	q, _ := compileMD(t, `
| survey |
| | type | name | label::English (en) | label::Svenska (sv) | kobo--score-choices | kobo--rank-items | kobo--rank-constraint-message | kobo--matrix_list | required | relevant | constraint_message |
| | begin_score | sc | How often? | Hur ofta? | often | | | | true | | |
| | score__row | s1 | Tea | Te | | | | | | | |
| | score__row | s2 | Coffee | Kaffe | | | | | no | | |
| | end_score | | | | | | | | | | |
| | begin_rank | rnk | Best? | Bäst? | | drinks | Not twice. | | | ${s1} = 'daily' | |
| | rank__level | n1 | First | Först | | | | | | | |
| | rank__level | n2 | Then | Sen | | | | | | | Own words. |
| | rank__level | n3 | Last | Sist | | | | | | | |
| | end_rank | | | | | | | | | | |
| | begin_kobomatrix | m | Habits | Vanor | | | | drinks | | | |
| | select_one often | q1 | Often? | Ofta? | | | | | true | | |
| | text | q2 | Why? | Varför? | | | | | | ${q1} = 'daily' | |
| | end_kobomatrix | | | | | | | | | | |
`+drinks)
	got := outline(q.Items, 0)
	want := []string{
		"sc [field-list]", "  sc_header note [label] How often?", "  s1 select_one often [list-nolabel] Tea !", "  s2 select_one often [list-nolabel] Coffee",
		"rnk [field-list] if ${s1} = 'daily'", "  rnk_label note Best?", "  n1 select_one drinks [minimal] First !",
		"  n2 select_one drinks [minimal] Then ! only ${n2} != ${n1}", "  n3 select_one drinks [minimal] Last ! only ${n3} != ${n1} and ${n3} != ${n2}",
		"m [field-list] Habits",
		"  m_tea []", "    m_tea_note note ##### Tea", "    m_tea_q1 select_one often Often? !", "    m_tea_q2 text Why? if ${m_tea_q1} = 'daily'",
		"  m_none []", "    m_none_note note ##### Nothing", "    m_none_q1 select_one often Often? !", "    m_none_q2 text Why? if ${m_none_q1} = 'daily'",
		"  m_coffee []", "    m_coffee_note note ##### Coffee", "    m_coffee_q1 select_one often Often? !", "    m_coffee_q2 text Why? if ${m_coffee_q1} = 'daily'",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(q.Pages) != 3 {
		t.Errorf("%d pages, not one for each block", len(q.Pages))
	}
}

// compileMD compiles tables that have no errors.
func compileMD(t *testing.T, md string) (*Questionnaire, *Book) {
	t.Helper()
	q, ps := read(t, md)
	if q == nil {
		t.Fatal(ps.Errors())
	}
	return q, mustRead(t, md)
}

// Blocks that cannot be written out say why and where, and never run away.
func TestBlocksThatCannotBeWrittenOut(t *testing.T) {
	form := func(rows ...string) string {
		return "| survey |\n| | type | name | label | kobo--score-choices |\n" + strings.Join(rows, "\n") + "\n| choices |\n| | list_name | name | label |\n| | l | a | A |\n| | l | b | B |\n"
	}
	for about, test := range map[string]struct {
		md, code string
		row      int
	}{
		"no list":         {form("| | begin_loop | a | A | |", "| | text | b | B | |", "| | end_loop | | | |"), "missing_list", 2},
		"another list":    {form("| | begin_loop over x | a | A | |", "| | text | b | B | |", "| | end_loop | | | |"), "missing_list", 2},
		"no end":          {form("| | text | b | B | |", "| | begin_loop over l | a | A | |"), "unbalanced_group", 3},
		"no beginning":    {form("| | text | b | B | |", "| | end_score | a | A | |"), "unbalanced_group", 3},
		"a row outside":   {form("| | text | b | B | |", "| | score__row | a | A | |"), "unbalanced_group", 3},
		"another in it":   {form("| | begin_score | a | A | l |", "| | text | b | B | |", "| | end_score | | | |"), "bad_type", 3},
		"no score's list": {form("| | begin_score | a | A | |", "| | score__row | b | B | |", "| | end_score | | | |"), "missing_list", 2},
	} {
		_, ps := read(t, test.md)
		if errs := ps.Errors(); len(errs) == 0 || errs[0].Code != test.code || errs[0].Row != test.row {
			t.Errorf("%s: %v", about, errs)
		}
	}
	deep := form(slices.Concat(slices.Repeat([]string{"| | begin_loop over l | a | A | |"}, 40), []string{"| | text | b | B | |"}, slices.Repeat([]string{"| | end_loop | | | |"}, 40))...)
	_, ps := read(t, deep)
	if !strings.Contains(fmt.Sprint(ps.Errors()), "more than 20000 rows") {
		t.Errorf("2 to the 40th rows: %v", ps.Errors())
	}
}
