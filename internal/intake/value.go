package intake

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
)

// reader reads the cells of one question.
type reader struct {
	question *questionnaire.Item
	excel    bool // dates may come as the number of the day
	date1904 bool
	choices  map[string][]*questionnaire.Choice // by folded name, code and label
}

// newReader makes the reader of a question. codes gives the choices' numbers
// in data files.
func newReader(it *questionnaire.Item, t *table, codes map[int]string) *reader {
	r := &reader{question: it, excel: t.sheet != "", date1904: t.date1904, choices: map[string][]*questionnaire.Choice{}}
	if it.List == nil {
		return r
	}
	for code, name := range codes {
		if c := it.List.Choice(name); c != nil {
			r.know(c, strconv.Itoa(code))
		}
	}
	for _, c := range it.List.Choices {
		r.know(c, c.Name)
		if c.Code != nil {
			r.know(c, strconv.Itoa(*c.Code))
		}
		switch c.Missing {
		case questionnaire.DontKnow:
			r.know(c, "-1")
		case questionnaire.Refused:
			r.know(c, "-2")
		}
		for _, label := range c.Label {
			r.know(c, label)
		}
	}
	return r
}

func (r *reader) know(c *questionnaire.Choice, word string) {
	key := fold(word)
	if key != "" && !slices.Contains(r.choices[key], c) {
		r.choices[key] = append(r.choices[key], c)
	}
}

// read gives the lexical form of a cell, or the code and the sentence of what
// is wrong with it. The cell is not blank.
func (r *reader) read(cell string) (value, code, message string) {
	switch r.question.Type {
	case questionnaire.SelectOne:
		c, code, message := r.choice(cell)
		if c == nil {
			return "", code, message
		}
		return c.Name, "", ""
	case questionnaire.SelectMultiple, questionnaire.Rank:
		return r.several(cell)
	case questionnaire.Acknowledge:
		switch fold(cell) {
		case "ok", "yes", "ja", "x", "1", "true":
			return "OK", "", ""
		case "no", "nej", "nein", "0", "false":
			return "", "", ""
		}
		return "", "bad_value", fmt.Sprintf("“%s” is neither yes nor no.", short(cell))
	}
	value, code = interview.Parse(r.question, nil, []string{r.typed(cell)})
	if code == "" {
		return value, "", ""
	}
	return "", code, fmt.Sprintf("“%s” %s", short(cell), r.trouble(code))
}

// splitNames gives the values of an answer as a form would post them.
func splitNames(it *questionnaire.Item, value string) []string {
	if it.Type == questionnaire.SelectOne {
		return []string{value}
	}
	return strings.Fields(value)
}

// choice finds the choice that a cell names by its name, code or label. What
// names two choices, one by its name and another by its code, is not guessed.
func (r *reader) choice(cell string) (c *questionnaire.Choice, code, message string) {
	found := r.choices[fold(wholeNumber(cell))]
	switch len(found) {
	case 1:
		return found[0], "", ""
	case 0:
		return nil, "not_a_choice", fmt.Sprintf("“%s” is no choice: it is neither a name, a code nor a label of the list %s.", short(cell), r.question.List.Name)
	}
	return nil, "ambiguous_choice", fmt.Sprintf("“%s” fits the choices %s and %s of the list %s, by name, code or label. Write their names.", short(cell), found[0].Name, found[1].Name, r.question.List.Name)
}

// several reads a cell with several choices. They are parted by semicolons or
// bars, by commas, or by spaces; labels may hold spaces and commas, so that
// the first way in which every part is a choice is taken.
func (r *reader) several(cell string) (value, code, message string) {
	splits := [][]string{{cell}, strings.FieldsFunc(cell, func(c rune) bool { return c == ';' || c == '|' || c == '\n' }), strings.Split(cell, ","), strings.Fields(cell)}
	for i, parts := range splits {
		var names []string
		for _, p := range parts {
			if clean(p) == "" {
				continue
			}
			c, why, text := r.choice(p)
			if c == nil {
				names = nil
				// The offence told is of the parting that the cell uses.
				if code == "" || i < 3 && len(parts) > 1 || i == 3 && len(splits[1]) < 2 && len(splits[2]) < 2 {
					code, message = why, text
				}
				break
			}
			names = append(names, c.Name)
		}
		if names == nil {
			continue
		}
		value, bad := interview.Parse(r.question, r.question.List.Choices, names)
		switch bad {
		case "":
			return value, "", ""
		case "not_both":
			return "", bad, fmt.Sprintf("“%s” joins an answer with “don't know” or “prefer not to say”.", short(cell))
		}
		return "", bad, fmt.Sprintf("“%s” names a choice twice.", short(cell))
	}
	return "", code, message
}

var (
	scientific = regexp.MustCompile(`^[+-]?\d+([.,]\d+)?[eE][+-]?\d+$`)
	wholeTail  = regexp.MustCompile(`^([+-]?\d+)[.,]0+$`)
	midnight   = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})[ T]00:00(:00(\.0+)?)?$`)
	dayNumber  = regexp.MustCompile(`^\d+(\.\d+)?$`)
)

// typed gives a cell as a person would have typed it: statistics programs
// write 1e-05 and 12.0, and a workbook stores a date as the number of a day.
func (r *reader) typed(cell string) string {
	if r.question.Type == questionnaire.Text || r.question.Type == questionnaire.Hidden {
		return cell
	}
	s := strings.TrimSpace(cell)
	switch r.question.Type {
	case questionnaire.Integer, questionnaire.Decimal, questionnaire.Range:
		if scientific.MatchString(s) {
			if f, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64); err == nil {
				s = strconv.FormatFloat(f, 'f', -1, 64)
			}
		}
		return wholeNumber(s)
	case questionnaire.Date:
		if t, ok := r.day(s); ok {
			return t.Format(time.DateOnly)
		}
		if m := midnight.FindStringSubmatch(s); m != nil {
			return m[1]
		}
	case questionnaire.Time:
		if t, ok := r.day(s); ok {
			return t.Format("15:04")
		}
	case questionnaire.DateTime:
		if t, ok := r.day(s); ok {
			return t.Format("2006-01-02T15:04")
		}
	}
	return s
}

// wholeNumber takes the ".0" off a whole number.
func wholeNumber(s string) string {
	if m := wholeTail.FindStringSubmatch(strings.TrimSpace(s)); m != nil {
		return m[1]
	}
	return s
}

// day reads a workbook's day number, to the nearest second.
func (r *reader) day(s string) (time.Time, bool) {
	if !r.excel || !dayNumber.MatchString(s) {
		return time.Time{}, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return time.Time{}, false
	}
	t, err := excelize.ExcelDateToTime(f, r.date1904)
	return t.Round(time.Second), err == nil
}

// trouble gives the end of the sentence for a value that interview.Parse refused.
func (r *reader) trouble(code string) string {
	switch code {
	case "not_a_number":
		return "is not a number."
	case "not_whole":
		return "is not a whole number."
	case "too_big":
		return "has more digits than a data file can hold."
	case "not_a_date":
		return "is not a date. Write it as 2017-03-13."
	case "not_a_time":
		return "is not a time. Write it as 14:30."
	case "out_of_range":
		return fmt.Sprintf("lies outside the range from %s to %s.", plain(r.question.RangeStart), plain(r.question.RangeEnd))
	case "off_step":
		return fmt.Sprintf("lies between the steps of the range: they are %s apart.", plain(r.question.RangeStep))
	case "too_long":
		return fmt.Sprintf("is longer than %d characters.", interview.MaxText)
	case "not_a_file":
		return "stands for a file, and files cannot be imported."
	case "bad_characters":
		return "holds characters that no text can have."
	}
	return "does not fit the question."
}

func plain(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// short gives a value for a message: long texts are cut.
func short(s string) string {
	runes := []rune(clean(s))
	if len(runes) > 60 {
		return string(runes[:59]) + "…"
	}
	return string(runes)
}
