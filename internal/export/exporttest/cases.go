package exporttest

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
	"panelverk/internal/lang"
)

// Case is a table that every format has to hold.
type Case struct {
	Name  string
	Table *export.Table
}

func number(n float64) dataset.Cell             { return dataset.Cell{Kind: dataset.Number, Number: n} }
func text(s string) dataset.Cell                { return dataset.Cell{Kind: dataset.Text, Text: s} }
func missing(m dataset.Missing) dataset.Cell    { return dataset.Cell{Missing: m} }
func column(v *dataset.Variable) dataset.Column { return dataset.Column{Name: v.Name, Variable: v} }

// id gives the column that tells the rows apart.
func id() dataset.Column {
	return column(&dataset.Variable{Name: "id", Kind: dataset.Text, Label: lang.Text{"sv": "Person", "uk": "Особа", "sr-Cyrl": "Особа"}})
}

// Cases gives the tables that the readers of others are shown.
func Cases() []Case {
	return []Case{
		{"kinds", kinds()}, {"labels", labels()}, {"lengths", lengths()}, {"numbers", extremes()}, {"dates", dates()}, {"sets", sets()},
		{"no_rows", Of([]dataset.Column{id(), column(plain("q", dataset.Number)), column(plain("d", dataset.Date))}).Table()},
		{"one", one()}, {"many", wide(3000)}, {"names", names()}, {"values", values()}, {"texts", phrases()},
	}
}

func plain(name string, kind dataset.Kind) *dataset.Variable {
	return &dataset.Variable{Name: name, Kind: kind, Varying: true, Label: lang.Text{"sv": "Fråga " + name, "uk": "Питання " + name}}
}

// kinds has a column of each kind, one that can be negative among them, and
// every missing code in each.
func kinds() *export.Table {
	choice := plain("trust", dataset.Number)
	choice.Integer = true
	choice.Values = []dataset.Value{{Code: 1, Name: "yes", Label: lang.Text{"sv": "Ja", "uk": "Так", "sr-Cyrl": "Да"}}, {Code: 2, Name: "no", Label: lang.Text{"sv": "Nej", "uk": "Ні"}}}
	below := plain("change", dataset.Number)
	below.Negative = true
	below.Values = []dataset.Value{{Code: -1, Name: "less", Label: lang.Text{"sv": "Mindre"}}, {Code: 1, Name: "more", Label: lang.Text{"sv": "Mer"}}}
	decimal, note := plain("minutes", dataset.Number), plain("why", dataset.Text)
	note.Status = &dataset.Variable{Name: "why_s", Kind: dataset.Number, Integer: true, Varying: true, Role: dataset.Companion, Of: note,
		Label: lang.Text{"sv": "Varför det är tomt"}, Values: []dataset.Value{{Code: 0, Name: "answered", Label: lang.Text{"sv": "Har ett värde"}}}}
	m := Of([]dataset.Column{id(), column(choice), column(below), column(decimal), column(note), column(note.Status), column(plain("day", dataset.Date)), column(plain("moment", dataset.DateTime))})
	day := date(2016, 5, 2)
	m.Add(text("p1"), number(1), number(-3), number(12.25), text("Mer stress"), number(0), day, moment(2016, 5, 2, 8, 30, 15, 250))
	m.Add(text("p2"), number(2), number(0.5), number(0), text(""), number(0), day, moment(1999, 12, 31, 23, 59, 59, 999))
	for i, code := range dataset.Missings() {
		m.Add(text(fmt.Sprintf("p%d", i+3)), missing(code), missing(code), missing(code), missing(code), missing(code), missing(code), missing(code))
	}
	return m.Table()
}

// labels has words of many scripts, and more of them than formats take.
func labels() *export.Table {
	long := "Тривалий опис питання про нову техніку на заводі. "
	v := &dataset.Variable{Name: "q", Kind: dataset.Number, Varying: true, Label: lang.Text{
		"sv": "Hur ofta märker **du** av \"ny teknik\" i ditt arbete, å ena sidan & å andra?", "uk": strings.Repeat(long, 9), "sr-Cyrl": "Колико често примећујете нову технику?"}}
	for i, l := range []string{"Varje dag – å, ä, ö", "Щодня", "Сваког дана, ђ ћ џ", "😀 👩‍🏭", strings.Repeat("Så här långa etiketter ska ingen skriva; någon gör det. ", 5), "'citat' och \"fler\"", "a\tb"} {
		v.Values = append(v.Values, dataset.Value{Code: i, Name: fmt.Sprint(i), Label: lang.Text{"sv": l, "uk": long + l}})
	}
	unnamed := &dataset.Variable{Name: "unlabelled", Kind: dataset.Number, Label: lang.Text{}}
	first := dataset.Column{Name: "q_w1", Variable: v, Wave: 1}
	second := dataset.Column{Name: "q_w12", Variable: v, Wave: 12}
	other := *v
	other.Label = lang.Text{"sv": strings.Repeat("Åttiotecken ", 30)}
	m := Of([]dataset.Column{id(), first, second, {Name: "a_name_of_just_thirty_two_letter", Variable: &other}, column(unnamed)})
	for i := range 7 {
		m.Add(text(fmt.Sprint("p", i)), number(float64(i)), number(float64(6-i)), missing(dataset.Blank), number(float64(i)))
	}
	return m.Table()
}

// Lengths are the bytes of the longest texts of the columns of "lengths".
var Lengths = []int{0, 1, 8, 9, 255, 256, 504, 505, 2045, 2046, 32750, 32767, 40000}

func lengths() *export.Table {
	var columns []dataset.Column
	var full, half, none []dataset.Cell
	for _, n := range Lengths {
		columns = append(columns, column(plain(fmt.Sprintf("text_of_%d", n), dataset.Text)))
		s := strings.Repeat("Åh, så långt! ", n/15+1)
		s = strings.TrimRight(export.Fit(s, n, export.Bytes), " ")
		if n < 3 {
			s = strings.Repeat("x", n)
		}
		s += strings.Repeat(".", n-len(s))
		full, half, none = append(full, text(s)), append(half, text(strings.ToValidUTF8(s[:n/2], ""))), append(none, text(""))
	}
	m := Of(columns)
	m.Add(full...)
	m.Add(none...)
	m.Add(half...)
	m.Add(full...)
	return m.Table()
}

// extremes has the numbers at which formats change how they hold one.
func extremes() *export.Table {
	lists := [][]float64{
		{-127, 100, 0}, {-128, 101, -9900}, {-32767, 32740, 1}, {-32768, 32741, 152}, {-2147483647, 2147483620, 151}, {-2147483648, 2147483621, 1 << 53},
		{0.1, -0.1, 1.0 / 3}, {1e300, -1e300, 8.9e307}, {2.2250738585072014e-308, math.Pi, -99}, {-100, 251, 252},
	}
	var columns []dataset.Column
	for i := range lists {
		v := plain(fmt.Sprintf("n%d", i), dataset.Number)
		v.Negative = true
		columns = append(columns, column(v))
	}
	m := Of(columns)
	for row := range 3 {
		var cells []dataset.Cell
		for _, list := range lists {
			cells = append(cells, number(list[row]))
		}
		m.Add(cells...)
	}
	var cells []dataset.Cell
	for i := range lists {
		cells = append(cells, missing(dataset.Missings()[i]))
	}
	m.Add(cells...)
	return m.Table()
}

func date(year int, month time.Month, day int) dataset.Cell {
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	return dataset.Cell{Kind: dataset.Date, Number: float64(t.Unix()) / 86400, Text: t.Format(time.DateOnly)}
}

func moment(year int, month time.Month, day, hour, minute, second, milli int) dataset.Cell {
	t := time.Date(year, month, day, hour, minute, second, milli*1e6, time.UTC)
	return dataset.Cell{Kind: dataset.DateTime, Number: float64(t.UnixMilli()), Text: t.Format("2006-01-02T15:04:05.000")}
}

func dates() *export.Table {
	m := Of([]dataset.Column{column(plain("day", dataset.Date)), column(plain("moment", dataset.DateTime))})
	for _, y := range []int{1583, 1700, 1899, 1900, 1959, 1960, 1969, 1970, 2016, 2100, 9999} {
		m.Add(date(y, 1, 1), moment(y, 1, 1, 0, 0, 0, 0))
		m.Add(date(y, 12, 31), moment(y, 12, 31, 23, 59, 59, 0))
	}
	m.Add(date(2016, 2, 29), missing(dataset.Refused))
	m.Add(missing(dataset.NotApplicable), moment(2016, 2, 29, 12, 0, 0, 500))
	return m.Table()
}

// sets has a question with several answers in two waves.
func sets() *export.Table {
	list := &dataset.Variable{Name: "tools", Kind: dataset.Text, Role: dataset.List, Varying: true, Label: lang.Text{"sv": "Vilka verktyg?", "uk": "Які інструменти?"}}
	columns := []dataset.Column{id()}
	for wave := 1; wave <= 2; wave++ {
		columns = append(columns, dataset.Column{Name: fmt.Sprintf("tools_w%d", wave), Variable: list, Wave: wave})
	}
	for i, option := range []string{"Робот", "Skärm", "Ingenting"} {
		v := &dataset.Variable{Name: fmt.Sprintf("tools_%d", i+1), Kind: dataset.Number, Integer: true, Varying: true, Role: dataset.Indicator, Of: list, Option: option,
			Label: lang.Text{"sv": "Vilka verktyg?: " + option}, Values: []dataset.Value{{Code: 0, Label: lang.Text{"sv": "Inte vald"}}, {Code: 1, Label: lang.Text{"sv": "Vald"}}}}
		for wave := 1; wave <= 2; wave++ {
			columns = append(columns, dataset.Column{Name: fmt.Sprintf("tools_%d_w%d", i+1, wave), Variable: v, Wave: wave})
		}
	}
	m := Of(columns)
	m.Add(text("p1"), text("1 3"), text("2"), number(1), number(0), number(0), number(1), number(1), number(0))
	w, b := missing(dataset.NoInterview), missing(dataset.Blank)
	m.Add(text("p2"), b, w, b, w, b, w, b, w)
	return m.Table()
}

// names has variables that are one and the same where a program looks at the
// first letters, or at the names that others make of them.
func names() *export.Table {
	all := []string{"a_name_of_just_thirty_two_lettea", "A_name_of_just_thirty_two_letteb", "question_1", "question_2", "QUESTION3", "quest0", "quest1", "v0", "v1", "long_text_1", "long_text_2", "LONG_0", "x", "i", "T1", "if1", "e", "c", "d_", "data", "by_x", "n0"}
	var columns []dataset.Column
	var first, second []dataset.Cell
	for i, name := range all {
		name = strings.TrimSuffix(name, "_")
		kind := dataset.Number
		if strings.HasPrefix(strings.ToLower(name), "long") {
			kind = dataset.Text
		}
		columns = append(columns, column(plain(name, kind)))
		if kind == dataset.Text {
			first, second = append(first, text(strings.Repeat(name, 99))), append(second, text(name))
		} else {
			first, second = append(first, number(float64(i))), append(second, missing(dataset.Missings()[i%12]))
		}
	}
	m := Of(columns)
	m.Add(first...)
	m.Add(second...)
	return m.Table()
}

// values has labels of codes that are alike, empty, longer than formats take or
// just as long, and codes at the ends of what formats take.
func values() *export.Table {
	m := Of(nil)
	add := func(name string, negative bool, label string, labels map[int]string, cells ...float64) {
		v := plain(name, dataset.Number)
		v.Negative, v.Label = negative, lang.Text{"sv": label, "uk": label}
		for _, code := range slices.Sorted(maps.Keys(labels)) {
			v.Values = append(v.Values, dataset.Value{Code: code, Name: fmt.Sprint(code), Label: lang.Text{"sv": labels[code], "uk": "Так"}})
		}
		m.columns = append(m.columns, column(v))
		for i := range 3 {
			if i >= len(m.rows) {
				m.rows = append(m.rows, nil)
			}
			m.rows[i] = append(m.rows[i], number(cells[i]))
		}
	}
	many := map[int]string{}
	for code := range 300 {
		many[code] = fmt.Sprintf("Svar %d", code)
	}
	add("alike", false, strings.Repeat("Ж", 80), map[int]string{1: "Ja", 2: "Ja", 3: "", 4: "ja"}, 1, 2, 3)
	add("cut", false, strings.Repeat("Ж", 81), map[int]string{1: strings.Repeat("å", 60), 2: strings.Repeat("å", 61), 3: "x" + strings.Repeat("å", 60), 4: strings.Repeat("😀", 31)}, 1, 2, 3)
	add("longest", false, strings.Repeat("x", 255), map[int]string{1: strings.Repeat("Å", 16000), 2: strings.Repeat("Å", 16001)}, 1, 2, 1)
	add("ends", true, strings.Repeat("x", 254)+"å", map[int]string{-2147483647: "Minst", 0: "Noll", 2147483620: "Mest"}, -2147483647, 2147483620, 0)
	add("below", true, strings.Repeat("😀", 64), map[int]string{-1: "Mindre", -12: "Mycket mindre", 1: "Mer"}, -1, -12, 1)
	add("parts", false, "Två\nrader, \"citat\" och 'apostrof'", map[int]string{1: "Lägst", 2: "tab\tbular", 3: "två\nrader", 4: "$pengar `x' 100 % \\ {}"}, 1.5, 2, 0.1)
	add("many_values", false, "", many, 0, 150, 299)
	return m.Table()
}

// phrases has texts that programs read otherwise than they are.
func phrases() *export.Table {
	m := Of([]dataset.Column{id(), column(plain("t", dataset.Text)), column(plain("after", dataset.Number))})
	for i, s := range []string{"", " ", "  in front", "NA", "NaN", "NULL", "null", "None", "N/A", "#N/A", "TRUE", "-3", "1,5", "1e5", "007", "0x1F", "=1+1", "@x", "+1", ".", ".a", "\"", "\"\"", "'", "'quoted'", "a \"b\" c", ",", ";", "a,b",
		"two\nlines", "mac\rline", "dos\r\nline", "\n", "ends\n", "\nbegins", "tab\there", "back\\slash\\n", "$HOME `x' %s {} <b>&amp;</b>", "e\u0301 ѓ ö\u0308", "שלום עולם", "مرحبا", "\u200f\u202eabc", "😀 👩‍🏭 🏳️‍🌈", "\ufeffmark",
		"\u2028", "\u0085", "\u00a0", "a\x00b", "\xff\xfe", "\x01\x1f", "\x1a", "␤", "Ђурђевдан њ љ", strings.Repeat("Щ", 20000), strings.Repeat("x", 33000)} {
		m.Add(text(fmt.Sprintf("p%02d", i)), text(s), number(float64(i)))
	}
	return m.Table()
}

func one() *export.Table {
	m := Of([]dataset.Column{column(plain("q", dataset.Number))})
	m.Add(number(1))
	m.Add(missing(dataset.DontKnow))
	return m.Table()
}

func wide(n int) *export.Table {
	scale := plain("scale", dataset.Number)
	scale.Values = []dataset.Value{{Code: 1, Label: lang.Text{"sv": "Aldrig"}}, {Code: 5, Label: lang.Text{"sv": "Alltid"}}}
	var columns []dataset.Column
	m := Of(nil)
	for i := range n {
		columns = append(columns, dataset.Column{Name: fmt.Sprintf("question_%04d_w%d", i/4, i%4+1), Variable: scale, Wave: i%4 + 1})
	}
	m.columns = columns
	for row := range 3 {
		cells := make([]dataset.Cell, n)
		for i := range cells {
			if cells[i] = number(float64((i+row)%5 + 1)); (i+row)%7 == 0 {
				cells[i] = missing(dataset.Missings()[i%12])
			}
		}
		m.Add(cells...)
	}
	return m.Table()
}
