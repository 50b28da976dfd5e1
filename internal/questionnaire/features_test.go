package questionnaire

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"panelverk/internal/expr"
	"panelverk/internal/fault"
	"panelverk/internal/lang"
)

// withFiles compiles tables that have no errors; warnings are the caller's.
func withFiles(t testing.TB, md string, files map[string]string) (*Questionnaire, fault.Problems) {
	t.Helper()
	book, ps := ReadMarkdown(md)
	for name, text := range files {
		if book.Files == nil {
			book.Files = make(map[string][]byte)
		}
		book.Files[name] = []byte(text)
	}
	q, more := Compile(book)
	ps = append(ps, more...)
	for _, p := range ps.Errors() {
		t.Errorf("%s: %s", p.Code, p)
	}
	if q == nil {
		t.FailNow()
	}
	return q, ps
}

// codes lists the codes of problems, each once, sorted.
func codes(ps fault.Problems) string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Code)
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), " ")
}

// A roster as in a household survey: how many people, then each of them, with
// nested jobs.
const household = `
| survey |
| | type | name | label | repeat_count | relevant | appearance | choice_filter | calculation |
| | integer | people | How many live here? | | | | | |
| | begin_repeat | person | Person | ${people} | ${people} > 0 | | | |
| | text | first_name | First name | | | | | |
| | begin_group | work | Work | | | field-list | | |
| | select_one yn | works | Does ${first_name} work? | | | | | |
| | begin_repeat | job | Job | | ${works} = 'y' | | | |
| | text | title | What as? | | | | | |
| | integer | hours | Hours a week | | | | | |
| | end_repeat | | | | | | | |
| | note | thanks | Thank you | | | | | |
| | end_group | | | | | | | |
| | calculate | place | | | | | | position(..) |
| | end_repeat | | | | | | | |
| | select_one ${first_name} | eldest | Who is the oldest? | | | | ${works} = 'y' | |
| | calculate | all_hours | | | | | | sum(${hours}) |
| | calculate | first_title | | | | | | indexed-repeat(${title}, ${person}, 1, ${job}, 1) |
| choices |
| | list_name | name | label |
| | yn | y | Yes |
| | yn | n | No |
`

func TestRepeats(t *testing.T) {
	q := good(t, household)
	person, job := q.Question("person"), q.Question("job")
	if !person.Repeat || !person.Group || person.RepeatCount.Source != "${people}" || job.RepeatCount != nil || !job.Repeat {
		t.Errorf("repeats: %+v", person)
	}
	if q.Question("hours").InRepeat() != job || q.Question("works").InRepeat() != person || person.InRepeat() != nil || job.InRepeat() != person {
		t.Error("what stands in which repeat is lost")
	}
	if eldest := q.Question("eldest"); eldest.ListFrom != q.Question("first_name") || eldest.List == nil || len(eldest.List.Choices) != 0 {
		t.Errorf("choices from a repeat: %+v", eldest)
	}
	if got := q.Layout.Repeats("hours"); !slices.Equal(got, []string{"person", "job"}) {
		t.Errorf("layout: %v", got)
	}
	var pages []string
	for _, p := range q.Pages {
		line := p.Key
		if p.Repeat != nil {
			line += "@" + p.Repeat.Name
		}
		for _, i := range p.Items {
			line += " " + i.Name
		}
		pages = append(pages, line)
	}
	want := []string{"people people", "first_name@person first_name", "work@person works", "title@job title", "hours@job hours", "thanks@person thanks", "eldest eldest"}
	if !slices.Equal(pages, want) {
		t.Errorf("pages %q\nwant  %q", pages, want)
	}
	var unshown []string
	for _, i := range q.Unshown() {
		unshown = append(unshown, i.Name)
	}
	if len(unshown) > 0 {
		t.Errorf("unshown: %v", unshown)
	}
}

func TestUploadsPlacesAndMetadata(t *testing.T) {
	q, ps := withFiles(t, `
| survey |
| | type | name | label | parameters | body::accept | trigger | calculation | read_only | default |
| | start | | | | | | | | |
| | end | | | | | | | | |
| | today | day | | | | | | | |
| | deviceid | | | | | | | | |
| | username | | | | | | | | |
| | phonenumber | | | | | | | | |
| | image | photo | Your workplace | max-pixels=1024 max-size=5MB | | | | | |
| | photo | photo2 | Another | | | | | | |
| | file | cv | Your CV | max-size=500kB | application/pdf, .docx | | | | |
| | file | any | Any file | accept=".odt,.txt" | | | | | |
| | geopoint | where | Where is it? | capture-accuracy=10 | | | | | |
| | barcode | tag | Scan the tag | | | | | | |
| | text | essay | Tell us | rows=15 | | | | | |
| | decimal | temp | Temperature | | | | | | |
| | dateTime | temp_at | | | | ${temp}, ${essay} | now() | | |
| | integer | age | Age | | | ${tag} | | | |
| | text | locked | Locked | | | | | ${temp} > 5 | once(random()) |
| | percentage | share | Share | | | | | | |
| | hidden | h | | | | | | | 5 |
| | text | before | Still ${last-saved#tag}? | | | | | | ${last-saved#before} |
`, nil)
	if got, want := codes(ps), "always_empty earlier_unguarded ignored_cell"; got != want {
		t.Errorf("warnings %s", ps)
	}
	for name, typ := range map[string]Type{"start": Start, "end": End, "day": Today, "deviceid": DeviceID, "username": Hidden, "photo": Image, "photo2": Image, "cv": File, "where": Geopoint, "tag": Text} {
		if i := q.Question(name); i == nil || i.Type != typ {
			t.Errorf("%s: %+v, want %s", name, i, typ)
		}
	}
	for name, want := range map[string]Upload{
		"photo": {Accept: []string{"image/*"}, MostBytes: 5_000_000, MaxPixels: 1024}, "photo2": {Accept: []string{"image/*"}},
		"cv": {Accept: []string{"application/pdf", ".docx"}, MostBytes: 500_000}, "any": {Accept: []string{".odt", ".txt"}},
	} {
		if got := fmt.Sprint(q.Question(name).Upload); got != fmt.Sprint(want) {
			t.Errorf("%s: %s, want %v", name, got, want)
		}
	}
	if q.Question("start").Asks() || !q.Question("day").Silent() || !q.Question("deviceid").Metadata() || !q.Question("photo").Asks() {
		t.Error("what is asked is lost")
	}
	if at := q.Question("temp_at"); at.Type != Calculate || !slices.Equal(at.Triggers, []string{"temp", "essay"}) {
		t.Errorf("trigger: %+v", at)
	}
	if age := q.Question("age"); age.Type != Integer || age.Calculation != nil || !slices.Equal(age.Triggers, []string{"tag"}) {
		t.Errorf("a trigger that clears: %+v", age)
	}
	if l := q.Question("locked"); l.ReadOnly || l.ReadOnlyWhen == nil || l.DefaultExpr == nil {
		t.Errorf("read_only: %+v", l)
	}
	if q.Question("essay").TextRows != 15 || q.Question("share").Constraint == nil || !slices.Equal(q.Question("before").LastSaved, []string{"before", "tag"}) {
		t.Error("rows, percentage or earlier answers are lost")
	}
	if len(q.Pages) != 12 {
		t.Errorf("%d pages", len(q.Pages))
	}
}

func TestScalesAndRandomOrders(t *testing.T) {
	q := good(t, `
| survey |
| | type | name | label | appearance | parameters |
| | range | trust | How much do you trust them? | vertical | start=0 end=100 step=5 tick_interval=25 tick_labelset=ends |
| | range | stars | How good was it? | rating | start=1 end=5 |
| | range | plain | From 1 to 10? | | |
| | range | down | Backwards? | no-ticks | start=10 end=0 step=-2 |
| | begin_group | battery | How often? | table-list | |
| | select_one often | noise | Noise | | |
| | select_one often | heat | Heat | | |
| | end_group | | | | |
| | begin_group | grid | Grid | field-list | |
| | select_one often | head | How often? | label | |
| | select_one often | a | A | list-nolabel | randomize=true |
| | end_group | | | | |
| | select_multiple often | b | B | columns-2 no-buttons | randomize=true seed=${plain} |
| | rank often | c | C | | randomize=true, seed=42 |
| choices |
| | list_name | name | label |
| | ends | 0 | Not at all |
| | ends | 50 | So-so |
| | ends | 100 | Wholly |
| | often | never | Never |
| | often | always | Always |
`)
	trust := q.Question("trust")
	if trust.TickInterval != 25 || len(trust.TickLabels.Choices) != 3 || trust.RangeStep != 5 {
		t.Errorf("range: %+v", trust)
	}
	if d := q.Question("down"); d.RangeStart != 10 || d.RangeEnd != 0 || d.RangeStep != 2 {
		t.Errorf("a range that runs down: %+v", d)
	}
	if p := q.Question("plain"); p.RangeStart != 1 || p.RangeEnd != 10 || p.TickLabels != nil || p.Placeholder != nil {
		t.Errorf("plain: %+v", p)
	}
	if p := q.Page("battery"); p == nil || len(p.Items) != 2 || !p.Group.Appears("table-list") || !q.Question("a").Appears("LIST-NOLABEL") {
		t.Error("grids are lost")
	}
	if a, b, c := q.Question("a"), q.Question("b"), q.Question("c"); !a.Randomize || a.Seed != nil || b.Seed.Source != "${plain}" || c.Seed.Source != "42" {
		t.Error("random orders are lost")
	}
}

const towns = "\xEF\xBB\xBFname;label;label::Svenska (sv);region\r\ngbg;Gothenburg;Göteborg;west\r\n\r\nsthlm;Stockholm;Stockholm;east\r\n"

func TestChoicesFromFiles(t *testing.T) {
	const md = `
| survey |
| | type | name | label::sv | label::en | choice_filter | parameters | appearance | calculation |
| | select_one_from_file towns.csv | town | Var? | Where? | region = 'west' | | | |
| | select_multiple_from_file towns.csv | towns | Var? | Where? | | value=region label=name | | |
| | select_one_from_file museums.geojson | museum | Vilket? | Which? | | | map | |
| | select_one_from_file cars.xml | car | Bil? | Car? | maker = 'Volvo' | | | |
| | select_one_external villages | village | By? | Village? | town = ${town} | | autocomplete | |
| | select_one fruits | fruit | Frukt? | Fruit? | | | minimal search('fruits', 'matches', 'colour', 'red') | |
| | csv-external | people | | | | | | |
| | calculate | region | | | | | | instance('towns')/root/item[name = ${town}]/region |
| | calculate | price | | | | | | pulldata('fruits', 'price', 'key', ${fruit}) |
| | calculate | their_age | | | | | | instance('people')/root/item[id = '7']/age |
| choices |
| | list_name | name | label::sv | label::en |
| | fruits | key | title | title |
| | fruits | 99 | Ingen | None |
| external_choices |
| | list_name | name | label::sv | label::en | town |
| | villages | torslanda | Torslanda | Torslanda | gbg |
`
	files := map[string]string{
		"towns.csv": towns, "fruits.csv": "key,title,colour,price\napple,Apple,red,3\npear,Pear,green,4\napple,Apple,red,3\n", "people.csv": "id,age\n7,50\n",
		"museums.geojson": `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[7.08,46.58]},"properties":{"id":"fs87b","title":"HR Giger Museum","visits":40000}}]}`,
		"cars.xml":        "<?xml version='1.0'?><root><item><name>v70</name><label>V70</label><maker>Volvo</maker></item><item><name>niva</name><label>Niva</label></item></root>",
	}
	q, ps := withFiles(t, md, files)
	if got := codes(ps); got != "ignored_appearance missing_translation" && got != "ignored_appearance" {
		t.Errorf("problems: %v", ps)
	}
	town := q.Question("town").List
	if town.File != "towns.csv" || len(town.Choices) != 2 || town.Choice("gbg").Label["sv"] != "Göteborg" {
		t.Errorf("towns: %+v", town)
	}
	if region, ok := town.Choice("gbg").Column("region"); region != "west" || !ok || town.Choice("gbg").Row != 2 {
		t.Errorf("columns of a file: %+v", town.Choice("gbg"))
	}
	other := q.Question("towns").List
	if other.Choice("east").Label["sv"] != "sthlm" {
		t.Errorf("value and label: %+v", other.Choices[0])
	}
	if name, _ := other.Choice("west").Column("name"); name != "gbg" {
		t.Errorf("the file's own column name is hidden by the choice's: %s", name)
	}
	museum := q.Question("museum").List.Choice("fs87b")
	if place, _ := museum.Column("geometry"); place != "46.58 7.08 0 0" || museum.Columns["visits"] != "40000" {
		t.Errorf("museum: %+v", museum)
	}
	if car := q.Question("car").List; len(car.Choices) != 2 || car.Choices[0].Columns["maker"] != "Volvo" {
		t.Errorf("cars: %+v", car)
	}
	if v := q.Question("village").List; len(v.Choices) != 1 || v.Choices[0].Columns["town"] != "gbg" {
		t.Errorf("villages: %+v", v)
	}
	fruit := q.Question("fruit")
	if len(fruit.List.Choices) != 3 || fruit.List.Choice("apple") == nil || fruit.List.Choice("99") == nil || fruit.ChoiceFilter.Source != "(colour = 'red')" {
		t.Errorf("search: %+v %v", fruit.List, fruit.ChoiceFilter)
	}
	if q.Tables["fruits"] == nil || len(q.Tables["people"].Rows) != 1 || q.Tables["people"].Header[1] != "age" {
		t.Errorf("tables: %v", q.Tables)
	}

	book, _ := ReadMarkdown(md)
	names := book.FileNames()
	if want := []string{"cars.xml", "fruits.csv", "museums.geojson", "people.csv", "towns.csv"}; !slices.Equal(names, want) {
		t.Errorf("files %v", names)
	}
	// Written and read without its files it is the same; with another file it is not.
	book.Files = make(map[string][]byte)
	for name, text := range files {
		book.Files[name] = []byte(text)
	}
	again, _ := ReadMarkdown(book.Markdown())
	r, ps := Compile(again)
	if r == nil || r.Hash != q.Hash || len(r.Question("town").List.Choices) != 2 {
		t.Fatalf("the files are lost: %v", ps)
	}
	book.Files["towns.csv"] = []byte("name,label,region\ngbg,Gothenburg,south\n")
	if book.Hash() == q.Hash {
		t.Error("another file, and the same hash")
	}
}

func TestBadFiles(t *testing.T) {
	for about, c := range map[string]struct{ name, file, want string }{
		"no column label":      {"x.csv", "name,title\na,A\n", "missing_column"},
		"a row without name":   {"x.csv", "name,label\n,A\n", "missing_name"},
		"not UTF-8":            {"x.csv", "name,label\na,G\xf6teborg\n", "bad_file missing_column"},
		"no FeatureCollection": {"x.geojson", `{"type":"Point"}`, "bad_file"},
		"many points":          {"x.geojson", `{"type":"FeatureCollection","features":[{"geometry":{"type":"MultiPoint","coordinates":[]},"properties":{"id":"a","title":"A"}}]}`, "bad_file"},
		"no items":             {"x.xml", "<root/>", "bad_file"},
		"an empty file":        {"x.csv", "", "missing_file"},
	} {
		book, _ := ReadMarkdown("| survey |\n| | type | name | label |\n| | select_one_from_file " + c.name + " | a | A |\n")
		book.Files = map[string][]byte{c.name: []byte(c.file)}
		_, ps := Compile(book)
		if got := codes(ps); got != c.want && got != strings.TrimSuffix(c.want, " missing_column") {
			t.Errorf("%s: %v", about, ps)
		}
	}
}

func TestMedia(t *testing.T) {
	book, _ := ReadMarkdown(`
| survey |
| | type | name | label::sv | label::en | media::image | media::big-image::sv | audio::en | hint::sv |
| | select_one yn | a | A | A | a.png | a-big-sv.png | | H |
| | note | b | | | b.png | | b.mp3 | |
| | note | c | C | C | jr://images/c-${a}.png | | | |
| choices |
| | list_name | name | label::sv | label::en | image |
| | yn | y | | | yes.png |
`)
	book.Files = map[string][]byte{"a.png": []byte("\x89PNG\r\n\x1a\npicture")}
	q, ps := Compile(book)
	if q == nil || codes(ps) != "missing_file missing_translation" {
		t.Fatalf("problems: %v", ps)
	}
	if !slices.Equal(q.Languages, []string{"sv", "en"}) {
		t.Errorf("a picture made a language: %v", q.Languages)
	}
	if want := []string{"a-big-sv.png", "a.png", "b.mp3", "b.png", "yes.png"}; !slices.Equal(q.Media, want) {
		t.Errorf("media %v", q.Media)
	}
	if image, _ := q.Question("a").Media.Image.In("en"); image != "a.png" || q.Question("a").Media.BigImage["sv"] != "a-big-sv.png" {
		t.Errorf("media: %+v", q.Question("a").Media)
	}
	if image, _ := q.Question("a").List.Choices[0].Media.Image.In("sv"); image != "yes.png" {
		t.Errorf("a choice's picture: %+v", q.Question("a").List.Choices[0])
	}
	if got := q.Unshown(); len(got) != 1 || got[0].Name != "c" { // whose name is computed
		t.Errorf("unshown: %v", q.Unshown())
	}
	without, _ := ReadMarkdown(book.Markdown())
	if without.Hash() != q.Hash {
		t.Error("the picture's digest is lost")
	}
	book.Files["a.png"] = []byte("another")
	if book.Hash() == q.Hash {
		t.Error("another picture, and the same hash")
	}
}

func TestTheSameNameInTwoGroups(t *testing.T) {
	q, ps := withFiles(t, `
| survey |
| | type | name | label | variable | relevant |
| | begin_group | home | Home | | |
| | text | street | Street | | |
| | end_group | | | | |
| | begin_group | work | Work | | |
| | text | street | Street | work_street | |
| | begin_group | more | More | | |
| | text | street | Street | more_street | |
| | end_group | | | | |
| | end_group | | | | |
| | text | street | Street | last_street | |
`, nil)
	if len(ps) > 0 {
		t.Error(ps)
	}
	var names []string
	for _, i := range q.Questions {
		names = append(names, i.Name)
	}
	if want := []string{"street", "work.street", "more.street", "form.street"}; !slices.Equal(names, want) {
		t.Errorf("names %v", names)
	}
}

func TestChoicesOfTheSameName(t *testing.T) {
	const md = "| survey |\n| | type | name | label | choice_filter |\n| | text | region | Region | |\n| | select_one towns | town | Town | in = ${region} |\n| choices |\n| | list_name | name | label | in | code |\n| | towns | spring | Springfield | west | 1 |\n| | towns | spring | Springfield | east | 1 |\n"
	if q, ps := read(t, md); q != nil || codes(ps) != "duplicate_choice" {
		t.Errorf("without the setting: %v", ps)
	}
	q := good(t, md+"| settings |\n| | allow_choice_duplicates |\n| | yes |\n")
	if list := q.Question("town").List; len(list.Choices) != 2 || list.Choices[1].Columns["in"] != "east" {
		t.Errorf("list: %+v", list)
	}
}

// What forms in the wild have: Excel's own TRUE, null for nothing, a note for
// the authors in a row of its own, the older spellings of headers.
func TestHabits(t *testing.T) {
	q, ps := withFiles(t, `
| survey |
| | _Category | type | name | label | relevant | calculation | bind:jr:constraintMsg | bind::required | control::appearance | default |
| | On you | | | | | | | | | |
| | | add date prompt | born | Born? | TRUE | | Not so early | yes | year | 1980-05-01T00:00:00 |
| | | q string | s | S | FALSE | | | | | |
| | | begin lgroup | r | R | | | | | | |
| | | integer | n | N | | | | | | many |
| | | end looped group | | | | | | | | |
| | | text | empty | E | | if(${s} = '', null, ${s}) | | | | |
`, nil)
	if got, want := codes(ps), "bad_default null unknown_column"; got != want {
		t.Errorf("warnings: %v", ps)
	}
	born := q.Question("born")
	if born.Type != Date || born.Need != Asked || born.Relevant.Source != "true()" || born.Default != "1980-05-01" || !born.Appears("year") || born.ConstraintMessage["und"] != "Not so early" {
		t.Errorf("born: %+v", born)
	}
	if !q.Question("r").Repeat || q.Question("n").Default != "" || q.Question("s").Relevant.Source != "false()" {
		t.Error("habits are lost")
	}
}

func TestAdviceOfAForm(t *testing.T) {
	q := good(t, `
| survey |
| | type | name | label::sv | label::en | parameters | calculation |
| | select_one agree | a | Jag trivs. | I feel well. | | |
| | select_one agree | b | Jag orkar. | I can do it. | | |
| | select_one points | c | Hur mycket? | How much? | | |
| | range | d | Hur nöjd? | How satisfied? | | |
| | range | e | Hur nöjd? | How satisfied? | tick_labelset=ends | |
| | calculate | f | | | | 1 + 1 |
| choices |
| | list_name | name | label::sv | label::en | missing |
| | agree | 1 | Ja | Yes | |
| | agree | 9 | Vet inte | Don’t know | dk |
| | points | 1 | 1 | 1 | |
| | points | 2 | 2 | 2 | |
| | points | 3 | 3 Mycket | 3 Much | |
| | ends | 1 | Inte | Not | |
`)
	var got []string
	for _, p := range q.Advice() {
		got = append(got, fmt.Sprintf("%s %d", p.Code, p.Row))
		if p.Severity != fault.SeverityWarning {
			t.Errorf("%v is no warning", p)
		}
	}
	if want := []string{"reading_time 0", "reading_time 0", "no_way_out 4", "bare_scale 4", "bare_scale 5"}; !slices.Equal(got, want) {
		t.Errorf("advice %v", got)
	}
	// Jag trivs. Ja Vet inte Jag orkar. Hur mycket? 1 2 3 Mycket Hur nöjd? twice:
	// 10+2+8+10+11+1+1+8+9+9 = 69 characters at 68 ms.
	if s := q.ReadingSeconds("sv"); s != 5 {
		t.Errorf("%d seconds to read", s)
	}
	if q.ReadingSeconds("de") != 0 {
		t.Error("there is nothing to read in German")
	}
}

func TestPrint(t *testing.T) {
	q, _ := read(t, workForm)
	var out strings.Builder
	if err := q.Print(&out, "work", nil); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, part := range []string{
		"<title>Arbetet</title>", `<section id="lang-sv" lang="sv" dir="ltr">`, `<section id="lang-en" lang="en" dir="ltr">`, "Jag bestämmer själv | oftast", "I decide | mostly",
		"reminded of once if autonomy has an answer", "Asked if autonomy is “Other”.", "Asked if hours is more than 10.", "Asked if not consent has no answer.",
		"accepted if the answer is at least 0 and the answer is at most 168", "must be answered", "this_year = format-date(today(), &#39;%Y&#39;)", "88 (dk)",
	} {
		if !strings.Contains(page, part) {
			t.Errorf("%q is not there", part)
		}
	}
	for _, never := range []string{"<script", "http://", "https://", "src="} {
		if strings.Contains(page, never) {
			t.Errorf("%q is there", never)
		}
	}
	// Each language's section is in that language throughout.
	swedish, english, _ := strings.Cut(page[strings.Index(page, `id="lang-sv"`):], `id="lang-en"`)
	for _, part := range []string{"Page ", "Asked if", "reminded", "accepted", "must be", "to read"} {
		if strings.Contains(swedish, part) {
			t.Errorf("%q stands in the Swedish section", part)
		}
	}
	for _, part := range []string{"Sida 1", "Ställs om ", "påminns om en gång om ", "godtas om svaret är minst 0"} {
		if !strings.Contains(swedish, part) || strings.Contains(english, part) {
			t.Errorf("%q is not in the Swedish section, or in another", part)
		}
	}
}

func TestWords(t *testing.T) {
	q := good(t, "| survey |\n| | type | name | label | relevant |\n| | select_one yn | a | A | |\n| | select_multiple yn | b | B | |\n| | integer | c | C | |\n| choices |\n| | list_name | name | label |\n| | yn | y | Yes |\n| | yn | n | No |\n")
	for source, want := range map[string]string{
		"${last-saved#a} = 'y'": "a of an earlier wave is “Yes”", "${last-saved#c} != ''": "c of an earlier wave has an answer",
		"${a} = 'y'": "a is “Yes”", "${a} != 'n' and (${c} > 5 or ${c} = '')": "a is not “No” and (c is more than 5 or c has no answer)",
		"selected(${b}, 'n')": "b includes “No”", "selected(${a}, 'n')": "a is “No”", "not(${a} = 'y')": "not a is “Yes”", "${a}": "a has an answer",
		". >= ${c}": "the answer is at least c", "true()": "always", "count-selected(${b}) > 1": "count-selected(${b}) > 1", "${c} = 3 or ${c} = 4": "c is 3 or c is 4",
	} {
		e, err := expr.Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		if got := q.Words(e, q.Question("c"), "en", lang.For("en")); got != want {
			t.Errorf("%s: %q, want %q", source, got, want)
		}
	}
}

func TestReadCSVQuestionnaire(t *testing.T) {
	want := good(t, "| survey |\n| | type | name | label::Svenska (sv) |\n| | text | a | Hej, du |\n| | select_one yn | b | B |\n| choices |\n| | list_name | name | label::Svenska (sv) |\n| | yn | y | Ja |\n").Hash
	for about, text := range map[string]string{
		"commas":                   "survey,,,\n,type,name,label::Svenska (sv)\n,text,a,\"Hej, du\"\n,select_one yn,b,B\nchoices,,,\n,list name,name,label::Svenska (sv)\n,yn,y,Ja\n",
		"semicolons":               "\xEF\xBB\xBFsurvey;;;\r\n;type;name;label::Svenska (sv)\r\n;text;a;Hej, du\r\n;select_one yn;b;B\r\n;;;\r\nchoices;;;\r\n;list name;name;label::Svenska (sv)\r\n;yn;y;Ja\r\n",
		"sheet names in every row": "survey,type,name,label::sv\nsurvey,text,a,\"Hej, du\"\nsurvey,select_one yn,b,B\nchoices,list_name,name,label::sv\nchoices,yn,y,Ja\n",
	} {
		book, ps := Read("form.csv", []byte(text))
		if book == nil || len(ps) > 0 || book.Hash() != want {
			t.Errorf("%s: %v", about, ps)
		}
	}
	for about, text := range map[string]string{"not UTF-8": "survey\n,type\n,\xe5\n", "a flat table": "type,name,label\ntext,a,A\n", "nothing": ""} {
		if _, ps := Read("form.csv", []byte(text)); codes(ps) != "bad_file" || ps[0].File != "form.csv" {
			t.Errorf("%s: %v", about, ps)
		}
	}
}
