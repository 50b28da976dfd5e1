package questionnaire

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Every case is a file as somebody would write it, with all that must be said
// of it, in order: severity, code, place. An E means that nothing is compiled.
func TestProblems(t *testing.T) {
	const yn = "\n| choices |\n| | list_name | name | label |\n| | yn | y | Yes |\n| | yn | n | No |\n"
	for _, test := range []struct {
		about string
		md    string
		want  []string
	}{
		{"everything at once", `
| survey |
| | type | name | label | relevant | constraint | calculation | default |
| | text | 1st | First | | | | |
| | text | a | A | ${b} = 1 and | | | |
| | select_one yess | c | | selekted(${a}, 'x') | | | |
| | text | d | D | | | | |
| | integer | a | Again | ${nowhere} > 1 | regex(., '(') | | x |
| | calculate | e | | | | | |
| | end_group | | | | | | |
` + yn, []string{
			"E bad_name survey!name:2",
			"E bad_expression survey!relevant:3@13",
			"E missing_label survey!label:4",
			"E unknown_function survey!relevant:4@1",
			"E missing_list survey!type:4",
			"E bad_regex survey!constraint:6@10",
			"W bad_default survey!default:6",
			"E duplicate_name survey!name:6",
			"E unknown_name survey!relevant:6@1",
			"E missing_calculation survey!calculation:7",
			"E unbalanced_group survey!type:8",
		}},
		{"names", "| survey |\n| | type | name | label |\n| | text | | A |\n| | text | two words | B |\n| | text | meta | C |\n| | text | Q1 | D |\n| | text | q1 | E |\n| | text | åäö | F |\n| | text | a_very_long_question_name | G |\n",
			[]string{"E missing_name survey!name:2", "E bad_name survey!name:3", "E bad_name survey!name:4", "W similar_name survey!name:6", "W bad_variable survey!name:7", "W long_variable survey!name:8"}},
		{"groups", "| survey |\n| | type | name | label |\n| | begin_group | a | A |\n| | text | t | T |\n| | begin_group | b | B |\n| | end_group | a | |\n",
			[]string{"E unbalanced_group survey!type:2", "W other_group survey!name:5"}},
		{"same name in two groups", "| survey |\n| | type | name | label |\n| | begin_group | a | A |\n| | text | t | T |\n| | end_group | | |\n| | text | t | T |\n",
			[]string{"W bad_variable survey!name:5"}},
		{"a name that means two questions", "| survey |\n| | type | name | label | relevant |\n| | begin_group | a | A | |\n| | text | t | T | |\n| | end_group | | | |\n| | begin_group | b | B | |\n| | text | t | T | |\n| | end_group | | | |\n| | text | u | U ${t} | ${t} = 'x' |\n",
			[]string{"E ambiguous_name survey!label:8", "E ambiguous_name survey!relevant:8", "W bad_variable survey!name:6"}},
		{"the name of a repeat again", "| survey |\n| | type | name | label |\n| | begin_repeat | r | R |\n| | text | t | T |\n| | end_repeat | | |\n| | begin_group | g | G |\n| | text | r | R |\n| | begin_repeat | t | T |\n| | text | u | U |\n| | end_repeat | | |\n| | end_group | | |\n",
			[]string{"W bad_variable survey!name:6"}},
		{"two repeats of one name", "| survey |\n| | type | name | label |\n| | begin_repeat | r | R |\n| | text | t | T |\n| | end_repeat | | |\n| | begin_group | g | G |\n| | begin_repeat | r | R |\n| | text | u | U |\n| | end_repeat | | |\n| | end_group | | |\n",
			[]string{"E duplicate_name survey!name:6"}},
		{"the name of a repeat's count", "| survey |\n| | type | name | label | repeat_count |\n| | integer | r_count | N | |\n| | begin_repeat | r | R | 1 + 2 |\n| | text | t | T | |\n| | end_repeat | | | |\n| | begin_repeat | q | Q | ${q_count} |\n| | text | u | U | |\n| | end_repeat | | | |\n| | integer | q_count | N | |\n",
			[]string{"E duplicate_name survey!name:3"}},
		{"names of the form's own", "| survey |\n| | type | name | label |\n| | text | META | A ${instanceID} |\n| settings |\n| | instance_name |\n| | ${META} ${b} |\n",
			[]string{"E unknown_name settings!instance_name:2", "W ignored_column settings!instance_name:1"}},
		{"what is never shown", "| survey |\n| | type | name | label | guidance_hint | trigger | media::big-image | default |\n| | text | a | A | | | | |\n| | text | b | | G | | | |\n| | decimal | c | | | ${a} | | |\n| | text | d | D | | | d.png | |\n| | calculate | e | | | | | random() + 0.5 |\n| | text | f | F | | | | Nothing (at all) |\n",
			[]string{"E missing_label survey!label:3", "E missing_image survey!big-image:5", "W missing_file survey!big-image:5"}},
		{"search() where it cannot stand", "| survey |\n| | type | name | label | appearance | parameters |\n| | select_one l | a | A | search('f') | |\n| | select_one l | b | B | | |\n| | select_one_from_file f.csv | c | C | search('f') | |\n| | geopoint | d | D | | reference-geometry=l |\n| choices |\n| | list_name | name | label |\n| | l | id | title |\n",
			[]string{"E bad_type survey!type:3", "E bad_appearance survey!appearance:4", "E bad_parameters survey!parameters:5", "W ignored_cell survey!parameters:5", "W missing_file survey!appearance:2"}},
		{"old types", "| survey |\n| | type | name | label |\n| | number of days in last six months | a | A |\n| | q picture | b | B |\n| | uri:email | c | |\n| | get sim id | d | |\n",
			[]string{"W always_empty survey!type:4", "E unsupported survey!type:5"}},
		{"rows of commentary", "| survey |\n| | type | name | label | hint |\n| | text | a | A | |\n| | | | | later |\n| | select_one l | b | B | |\n| choices |\n| | list_name | name | label |\n| | l | x | X |\n| | | | Y |\n",
			[]string{"W commentary survey!type:3", "W commentary choices!name:3"}},
		{"external choices of the same name", "| survey |\n| | type | name | label | choice_filter |\n| | text | a | A | |\n| | select_one_external l | b | B | region = ${a} |\n| external_choices |\n| | list_name | name | label | region |\n| | l | king | King | x |\n| | l | king | King | y |\n",
			nil},
		{"a value set at a change of another", "| survey |\n| | type | name | label | calculation | trigger |\n| | text | a | A | | |\n| | calculate | b | | if(${a} = '', 2, ${b}) | ${a} |\n| | calculate | c | | ${c} + NULL | |\n",
			[]string{"E cycle survey!:4", "W null survey!calculation:4@8"}},
		{"words after the last bar", "| survey |\n| | type | name | label |\n| | text | a | A | about a\n| | text | b | B\n",
			[]string{"W commentary survey!:2"}},
		{"out of scope", `
| survey |
| | type | name | label | appearance | save_to | parameters |
| | geotrace | walk | Where? | | | |
| | geo shape | x | X | | | |
| | geoshape | area | Where? | | | |
| | audit | | | | | location-priority=balanced |
| | start-geopoint | from | | | | |
| | background-audio | b | | | | |
| | audio | c | C | | | |
| | video | d | D | | | |
| | osm buildings | e | E | | | |
| | xml-external | f | | | | |
| | simserial | g | | | | |
| | imei | h | | | | |
| | text | i | I | ex:org.example.scan(x='1') | | |
| | text | j | J | printer:org.example | | |
| | text | k | K | | person_name | |
| | image | l | L | | | app=org.example.camera |
| entities |
| | list_name | label |
| | people | ${k} |
`, []string{"E unsupported survey!type:2", "E unknown_type survey!type:3", "E unsupported survey!type:4", "E unsupported survey!type:5", "E unsupported survey!type:6", "E unsupported survey!type:7",
			"E unsupported survey!type:8", "E unsupported survey!type:9", "E unsupported survey!type:10", "E unsupported survey!type:11", "E unsupported survey!type:12", "E unsupported survey!type:13",
			"E unsupported survey!appearance:14", "E unsupported survey!appearance:15", "E unsupported survey!save_to:16", "E unsupported survey!parameters:17", "E unsupported entities!:2"}},
		{"files that are not attached", "| survey |\n| | type | name | label | media::image | calculation | choice_filter |\n| | text | a | A | a.png | | |\n| | select_one_from_file towns.csv | b | B | | | region = 'west' |\n| | calculate | c | | | pulldata('fruits', 'name', 'key', ${a}) | |\n| | csv-external | people | | | | |\n| | note | n | N | jr://images/a.png | | |\n",
			[]string{"W missing_file survey!image:2", "W missing_file survey!type:3", "W missing_file survey!calculation:4", "W missing_file survey!name:5"}},
		{"files of other kinds", "| survey |\n| | type | name | label |\n| | select_one_from_file towns.xlsx | a | A |\n| | select_one_from_file towns | b | B |\n| | select_one_from_file towns.csv or_other | c | C |\n| | select_one_from_file towns.geojson | d | D |\n",
			[]string{"E bad_type survey!type:2", "E bad_type survey!type:3", "E bad_type survey!type:4", "E duplicate_table survey!type:5", "W missing_file survey!type:4", "W missing_file survey!type:5"}},
		{"triggers", "| survey |\n| | type | name | label | calculation | trigger |\n| | integer | a | A | | |\n| | calculate | b | | 1 + 1 | |\n| | calculate | c | | now() | ${a} ${b} |\n| | calculate | d | | now() | a |\n| | calculate | e | | now() | ${b} |\n| | calculate | f | | now() | ${aa}, ${a} |\n| | begin_group | g | G | | ${a} |\n| | text | h | H | now() | ${g} |\n| | end_group | | | | |\n",
			[]string{"E bad_trigger survey!trigger:4", "E bad_trigger survey!trigger:5", "E bad_trigger survey!trigger:6", "E unknown_name survey!trigger:7", "W ignored_cell survey!trigger:8", "E bad_trigger survey!trigger:9"}},
		{"repeats", "| survey |\n| | type | name | label | repeat_count | relevant |\n| | integer | n | N | 3 | |\n| | begin_group | g | G | 2 | |\n| | begin_repeat | r | R | ${m} | |\n| | text | t | T | | |\n| | end_repeat | | | | |\n| | end_group | | | | |\n| | begin_repeat | s | S | ${u} | |\n| | integer | u | U | | |\n| | end_repeat | | | | |\n| | select_one ${n} | v | V | | |\n",
			[]string{"W ignored_cell survey!repeat_count:2", "W ignored_cell survey!repeat_count:3", "E unknown_name survey!repeat_count:4@1", "E cycle survey!:8", "E bad_type survey!type:11"}},
		{"uploads and places", "| survey |\n| | type | name | label | parameters | body::accept |\n| | image | a | A | max-pixels=big | |\n| | file | b | B | max-size=huge | |\n| | file | c | C | max-pixels=100 | word |\n| | geopoint | d | D | capture-accuracy=5 | |\n| | geopoint | e | E | warning-accuracy=far | |\n| | geopoint | f | F | start=1 | |\n",
			[]string{"E bad_parameters survey!parameters:2", "E bad_parameters survey!parameters:3", "E bad_parameters survey!parameters:4", "E bad_parameters survey!body::accept:4", "W ignored_cell survey!parameters:5", "E bad_parameters survey!parameters:6", "E bad_parameters survey!parameters:7"}},
		{"random orders", "| survey |\n| | type | name | label | parameters |\n| | select_one yn | a | A | randomize=maybe |\n| | select_one yn | b | B | randomize=true, seed=${x} |\n| | rank yn | c | C | seed=5 |\n| | select_one yn | d | D | randomize=true seed=five |\n| | select_one yn | e | E | value=code |\n" + yn,
			[]string{"E bad_parameters survey!parameters:2", "E unknown_name survey!parameters:3@1", "E bad_parameters survey!parameters:4", "E bad_parameters survey!parameters:5", "E bad_parameters survey!parameters:6"}},
		{"appearances", "| survey |\n| | type | name | label | appearance |\n| | text | a | A | multilin |\n| | date | b | B | ethiopian |\n| | text | c | C | Multiline W2 |\n| | select_one yn | d | D | columns-3 minimal |\n" + yn,
			[]string{"W unknown_appearance survey!appearance:2", "W ignored_appearance survey!appearance:3", "W ignored_appearance survey!appearance:4"}},
		{"columns without effect", "| survey |\n| | type | name | label | bind::odk:length | instance::hxl | autoplay | username |\n| | username | u | | | | | |\n| | text | a | A | 5 | #x | yes | z |\n",
			[]string{"W ignored_column survey!bind::odk:length:1", "W ignored_column survey!instance::hxl:1", "W ignored_column survey!autoplay:1", "W unknown_column survey!username:1", "W always_empty survey!type:2"}},
		{"external choices", "| survey |\n| | type | name | label | choice_filter |\n| | select_one_external towns | a | A | region = 'west' |\n| | select_one_external villages | b | B | |\n| external_choices |\n| | list_name | name | region |\n| | towns | x | west |\n",
			[]string{"E missing_list survey!type:3", "W missing_label external_choices!label:2"}},
		{"references in texts", "| survey |\n| | type | name | label::sv | label::en | hint::sv |\n| | text | name | Namn | Name | |\n| | text | b | Hej ${nam} | Hi ${name} | ${last-saved#naem} |\n",
			[]string{"E unknown_name survey!hint::sv:3", "W missing_translation survey!hint::en:3", "E unknown_name survey!label::sv:3"}},
		{"circles", "| survey |\n| | type | name | label | relevant | calculation |\n| | calculate | a | | | ${b} + 1 |\n| | calculate | b | | | ${a} + 1 |\n| | begin_group | g | G | ${c} = 1 | |\n| | text | c | C | | |\n| | end_group | | | | |\n| | text | d | D | ${d} = '' | |\n| | text | e | E | ${d} = '' | |\n",
			[]string{"E cycle survey!:2", "E cycle survey!:4", "E cycle survey!:7"}},
		{"choices", `
| survey |
| | type | name | label |
| | select_multiple l | a | A |
| | select_one empty | b | B |
| | select_one l or_other | c | C |
| choices |
| | list_name | name | label | code | missing | lable |
| | l | one two | One | 1 | | |
| | l | x | X | 1 | | z |
| | l | x | X | a | | |
| | l | y | | -5 | no | |
| | l | dk | Vet inte | 9 | dk | |
| | l | dk2 | Don't know | | DK | |
| | | z | Z | | | |
| | l | | Z | | | |
`, []string{"E missing_list survey!type:3", "W unknown_column choices!lable:1", "E space_in_choice choices!name:2", "E duplicate_code choices!code:3", "E bad_code choices!code:4", "E duplicate_choice choices!name:4", "W missing_label choices!label:5", "E bad_missing choices!missing:5", "E bad_code choices!code:6", "E duplicate_missing choices!missing:7", "E missing_list_name choices!list_name:8", "E missing_name choices!name:9"}},
		{"defaults", "| survey |\n| | type | name | label | default |\n| | select_one yn | a | A | yes |\n| | integer | b | B | 1.5 |\n| | date | c | C | 31/10/2016 |\n| | decimal | d | D | foo |\n| | select_multiple yn | e | E | y q |\n" + yn,
			[]string{"W bad_default survey!default:2", "W bad_default survey!default:3", "W bad_default survey!default:4", "W bad_default survey!default:5", "W bad_default survey!default:6"}},
		{"ranges", "| survey |\n| | type | name | label | parameters |\n| | range | a | A | start=1 stop=2 |\n| | range | b | B | step=0 |\n| | range | c | C | start=0 end=5 step=6 |\n| | range | d | D | start=one |\n| | range | e | E | start |\n| | range | f | F | tick_interval=2 |\n| | range | g | G | end=5 tick_interval=7 |\n| | range | h | H | step=2 placeholder=4 |\n| | range | i | I | tick_labelset=l |\n",
			[]string{"E bad_parameters survey!parameters:2", "E bad_parameters survey!parameters:3", "E bad_parameters survey!parameters:4", "E bad_parameters survey!parameters:5", "E bad_parameters survey!parameters:6", "E bad_parameters survey!parameters:8", "E bad_parameters survey!parameters:9", "W ignored_cell survey!parameters:9", "E missing_list survey!parameters:10"}},
		{"filters", "| survey |\n| | type | name | label | choice_filter |\n| | select_one l | a | A | region = 'west' and rgion = 1 |\n| | select_one l or_other | b | B | region = ${a} |\n| | text | c | C | x |\n| choices |\n| | list_name | name | label | region |\n| | l | y | Yes | west |\n",
			[]string{"E unknown_name survey!choice_filter:2@21", "E bad_type survey!type:3", "W ignored_cell survey!choice_filter:4"}},
		{"types", "| survey |\n| | type | name | label |\n| | select_one | a | A |\n| | select_one a b | b | B |\n| | | c | C |\n| | intger | d | D |\n| | rank yn or_other | e | E |\n" + yn,
			[]string{"E bad_type survey!type:2", "E bad_type survey!type:3", "E missing_type survey!type:4", "E unknown_type survey!type:5", "E bad_type survey!type:6"}},
		{"or_other's name is taken", "| survey |\n| | type | name | label |\n| | select_one yn or_other | a | A |\n| | text | a_other | B |\n" + yn,
			[]string{"E duplicate_name survey!name:3"}},
		{"columns", "| survey |\n| | type | name | label | labell | value | requierd |\n| | text | a | A | A | a | yes |\n",
			[]string{"W unknown_column survey!labell:1", "W unknown_column survey!requierd:1", "E duplicate_column survey!value:1"}},
		{"no type", "| survey |\n| | tpye | name | label |\n| | text | a | A |\n", []string{"E missing_column survey!:1", "W unknown_column survey!tpye:1"}},
		{"no survey", "| surveys |\n| | type | name | label |\n| | text | a | A |\n", []string{"E missing_sheet surveys!:0"}},
		{"only prose", "Hello\n", []string{"E bad_file !:0", "E missing_sheet !:0"}},
		{"an empty survey", "| survey |\n| | type | name | label |\n", []string{"E empty_sheet survey!:0"}},
		{"nothing shown", "| survey |\n| | type | name | calculation |\n| | calculate | a | 1 |\n", []string{"W shows_nothing survey!:0"}},
		{"a bar in a cell", "| survey |\n| | type | name | label |\n| | text | a | yes | no |\n", []string{"E too_many_cells survey!:2"}},
		{"two surveys", "| survey |\n| | type | name | label |\n| | text | a | A |\n| settings |\n| | version |\n| | 1 |\n| survey |\n| | type | name | label |\n| | text | b | B |\n", []string{"E duplicate_sheet survey!:0"}},
		{"settings", "| survey |\n| | type | name | label::sv |\n| | text | a | A |\n| settings |\n| | default_language | style | form_idd |\n| | fi | pages | x |\n| | de | | |\n",
			[]string{"W unknown_column settings!form_idd:1", "W ignored_column settings!style:1", "W bad_default_language settings!default_language:2", "W extra_row settings!:3"}},
		{"no label anywhere", "| survey |\n| | type | name | label | hint |\n| | text | a | | |\n| | text | b | | H |\n| | note | c | | |\n",
			[]string{"E missing_label survey!label:2", "W missing_label survey!label:3", "E missing_label survey!label:4"}},
		{"an expression in read_only", "| survey |\n| | type | name | label | read_only |\n| | text | a | A | ${b} = '' |\n", []string{"E unknown_name survey!read_only:2@1"}},
		{"two texts for one language", "| survey |\n| | type | name | label | label::sv |\n| | text | a | A | Å |\n| settings |\n| | default_language |\n| | sv |\n", []string{"W duplicate_column survey!label:1"}},
	} {
		t.Run(test.about, func(t *testing.T) {
			q, ps := read(t, test.md)
			var got []string
			for _, p := range ps {
				line := fmt.Sprintf("%s %s %s!%s:%d", strings.ToUpper(string(p.Severity[:1])), p.Code, p.Sheet, p.Column, p.Row)
				if p.Offset > 0 {
					line += fmt.Sprintf("@%d", p.Offset)
				}
				got = append(got, line)
				if p.Message == "" || !strings.HasSuffix(p.Message, ".") && !strings.HasSuffix(p.Message, "?") {
					t.Errorf("%s: no sentence: %q", line, p.Message)
				}
			}
			slices.Sort(got)
			want := slices.Clone(test.want)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if refused := slices.ContainsFunc(got, func(s string) bool {
				return s[0] == 'E' && !strings.HasPrefix(s, "E too_many") && !strings.HasPrefix(s, "E duplicate_sheet")
			}); refused != (q == nil) {
				t.Errorf("compiled: %v", q != nil)
			}
		})
	}
}

func TestAdvice(t *testing.T) {
	for md, says := range map[string]string{
		"| survey |\n| | type | name | label |\n| | intger | a | A |\n":                                               "Did you mean “integer”?",
		"| survey |\n| | type | name | label |\n| | text | age | A |\n| | text | b | ${agee} |\n":                     "Did you mean “age”?",
		"| survey |\n| | type | name | label | relevnt |\n| | text | a | A | 1 |\n":                                   "Did you mean “relevant”?",
		"| survey |\n| | type | name | label | relevant |\n| | text | age | A | |\n| | text | b | B | ${aeg} = 1 |\n": "Did you mean “age”?",
		"| srvey |\n| | type | name | label |\n| | text | a | A |\n":                                                  "Should “srvey” be it?",
		"| survey |\n| | type | name | label |\n| | begin_group | g | G |\n| | end_repeat | | |\n":                    "which begins in row 2",
	} {
		_, ps := read(t, md)
		found := false
		for _, p := range ps {
			found = found || strings.Contains(p.Message, says)
		}
		if !found {
			t.Errorf("%q is not said in %v", says, ps)
		}
	}
}

func TestProblemsComeInTheOrderOfTheFile(t *testing.T) {
	_, ps := read(t, "| settings |\n| | bogus |\n| | 1 |\n| choices |\n| | list_name | name | label |\n| | l | | A |\n| survey |\n| | type | name | label |\n| | x1 | b | B |\n| | x2 | a | A |\n")
	var got []string
	for _, p := range ps {
		got = append(got, fmt.Sprint(p.Sheet, p.Row))
	}
	if want := []string{"survey2", "survey3", "choices2", "settings1"}; !slices.Equal(got, want) {
		t.Errorf("order %v", got)
	}
}
