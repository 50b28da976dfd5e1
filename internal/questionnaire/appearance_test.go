package questionnaire

import "testing"

// What XLSForm says in appearances and calculations comes out as what pages
// show, or is named in a warning.
func TestWhatAppearancesMean(t *testing.T) {
	const md = `
| survey |
| | type | name | label | appearance | calculation | parameters | required | trigger |
| | date | born | Born | year | | | | |
| | date | began | Began | month-year | | | | |
| | date | seen | Seen | no-calendar ethiopian | | | | |
| | range | mood | Mood | | | start=0 end=10 placeholder=5 | | |
| | integer | a | A | bearing thousands-sep | | | | |
| | integer | twice | Twice as much | | ${a} * 2 | | yes | |
| | integer | later | Still as much? | | ${a} | | | ${a} |
| | note | sum | It makes ${twice} | | | | | |
| | select_one often | usual | How often? | columns-3 | | | | |
| | select_one often | wrong | How often? | columns-pack image-map | 'never' | | | |
| | select_multiple often | many | Which? | minimal | | | | |
| | begin_group | grid | Grid | field-list w4 | | | | |
| | select_one often | head | | label | | | | |
| | select_one often | noise | Noise | list-nolabel | | | | |
| | end_group | | | | | | | |
| | begin_group | table | Table | table-list | | | | |
| | select_one often | heat | Heat | | | | | |
| | end_group | | | | | | | |
| choices |
| | list_name | name | label |
| | often | never | Never |
| | often | always | Always |
`
	book, ps := Read("form.md", []byte(md))
	q, more := Compile(book)
	if ps = append(ps, more...); q == nil {
		t.Fatal(ps)
	}
	got := map[string]int{}
	for _, p := range ps {
		got[p.Code+" "+p.Column]++
	}
	for want, n := range map[string]int{
		"ignored_appearance appearance": 6, // ethiopian, bearing, thousands-sep, image-map, minimal, w4
		"ignored_cell parameters":       1, // placeholder
		"ignored_cell required":         1, // of what is worked out
		"ignored_cell calculation":      1, // of a choice
	} {
		if got[want] != n {
			t.Errorf("%d times %s, want %d: %v", got[want], want, n, ps)
		}
	}
	for name, want := range map[string]Precision{"born": Year, "began": Month, "seen": Day, "a": Day} {
		if p := q.Question(name).Precision(); p != want {
			t.Errorf("%s is asked with the precision %d, want %d", name, p, want)
		}
	}
	for name, want := range map[string]int{"usual": 3, "wrong": ManyColumns, "many": 0, "noise": 0} {
		if n := q.Question(name).Columns(); n != want {
			t.Errorf("%s has %d columns, want %d", name, n, want)
		}
	}
	if twice := q.Question("twice"); twice.Type != Calculate || !twice.Told || twice.Silent() || twice.Asks() || twice.Need != Optional || q.Page("twice") == nil {
		t.Errorf("a calculation with a label: %+v", twice)
	}
	if later := q.Question("later"); later.Type != Integer || later.Told || !later.Asks() {
		t.Errorf("a calculation that waits for a trigger: %+v", later)
	}
	if wrong := q.Question("wrong"); wrong.Type != SelectOne || wrong.Calculation != nil {
		t.Errorf("a choice cannot be worked out: %+v", wrong)
	}
	if head := q.Question("head"); head.Type != Note || head.Asks() || len(q.Page("grid").Items) != 2 {
		t.Errorf("the row that heads a grid is asked: %+v", head)
	}
	if !q.Question("noise").InGrid() || !q.Question("heat").InGrid() || q.Question("usual").InGrid() {
		t.Error("grids are not known")
	}
	if unshown := q.Unshown(); len(unshown) > 0 {
		t.Errorf("pages cannot show %s", unshown[0].Name)
	}
}
