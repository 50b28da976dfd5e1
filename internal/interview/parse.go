package interview

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"panelverk/internal/questionnaire"
)

// What is wrong with an answer. The codes are keys of the page texts
// ("problem.<code>").
const (
	notANumber    = "not_a_number"   // "abc" for a number
	notWhole      = "not_whole"      // 1.5 for an integer
	tooBig        = "too_big"        // more digits than a number can hold
	twoWays       = "two_ways"       // 1.234: over a thousand, or over one
	notADate      = "not_a_date"     // 31 February, or no date at all
	notAMonth     = "not_a_month"    // no month of a year, where that is asked
	notAYear      = "not_a_year"     // no year
	notAMoment    = "not_a_moment"   // no date with a time
	notATime      = "not_a_time"     // 25.70
	notAPlace     = "not_a_place"    // no latitude and longitude
	badCharacters = "bad_characters" // NUL bytes, or no UTF-8
	tooLong       = "too_long"       // more than MaxText characters
	notAFile      = "not_a_file"     // words where a file is asked for
	notAChoice    = "not_a_choice"   // a choice that is not on the list: a tampered form
	notBoth       = "not_both"       // "don't know" together with an answer
	outOfRange    = "out_of_range"   // beyond the ends of a range
	offStep       = "off_step"       // between the steps of a range
	constraint    = "constraint"     // the questionnaire's own rule
	unanswered    = "unanswered"     // one friendly reminder
	hardRequired  = "hard_required"  // consent or eligibility: cannot be left
)

// MaxText is the most characters that a text answer may have.
const MaxText = 10000

// parse reads what was typed or chosen for a question into its lexical form. It
// gives "" for a blank, and the code of what is wrong, "" for nothing. Whether
// the question's filter lets a choice through, is not its matter.
func parse(it *questionnaire.Item, values []string) (value, code string) {
	var choices []*questionnaire.Choice
	if it.List != nil {
		choices = it.List.Choices
	}
	return parseAmong(it, choices, values)
}

// parseAmong is parse with other choices than those of the list.
func parseAmong(it *questionnaire.Item, choices []*questionnaire.Choice, values []string) (value, code string) {
	typed := ""
	if len(values) > 0 {
		typed = values[0]
	}
	switch it.Type {
	case questionnaire.Integer:
		return parseInteger(typed)
	case questionnaire.Decimal:
		return parseDecimal(typed)
	case questionnaire.Range:
		return parseRange(it, typed)
	case questionnaire.Date:
		return parseDay(typed, it.Precision())
	case questionnaire.Time:
		return parseTime(typed)
	case questionnaire.DateTime:
		return parseDateTime(typed)
	case questionnaire.Geopoint:
		return parsePoint(typed)
	case questionnaire.SelectOne:
		return parseOne(choices, typed)
	case questionnaire.SelectMultiple:
		return parseSeveral(choices, values)
	case questionnaire.Rank:
		return parseRank(choices, values)
	case questionnaire.Acknowledge:
		if strings.TrimSpace(typed) == "" {
			return "", ""
		}
		return "OK", ""
	case questionnaire.File, questionnaire.Image: // a file comes by Post.Files alone
		if strings.TrimSpace(typed) == "" {
			return "", ""
		}
		return "", notAFile
	}
	return parseText(typed)
}

func parseText(typed string) (value, code string) {
	if !utf8.ValidString(typed) || strings.ContainsRune(typed, 0) {
		return "", badCharacters
	}
	text := strings.ReplaceAll(typed, "\r\n", "\n")
	if strings.TrimSpace(text) == "" {
		return "", ""
	}
	if utf8.RuneCountInString(text) > MaxText {
		return "", tooLong
	}
	return text, ""
}

// digits takes out what people put into numbers without changing them: spaces
// of every kind, apostrophes between thousands, a typographic minus.
var digits = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "\u2009", "", "\t", "", "'", "", "’", "", "\u2212", "-", "–", "-")

// thousands are digits in groups of three by commas or by points, and after them
// maybe decimals by the other of the two; oneGroup is where that is not to be
// told from decimals.
var (
	thousands = regexp.MustCompile(`^[+-]?\d{1,3}((,\d{3})+(\.\d*)?|(\.\d{3})+(,\d*)?)$`)
	oneGroup  = regexp.MustCompile(`^[+-]?[1-9]\d{0,2}[.,]\d{3}$`)
)

// tidy takes out of a number what does not change it.
func tidy(typed string) string {
	s := digits.Replace(strings.TrimSpace(typed))
	if strings.Count(s, ",")+strings.Count(s, ".") > 1 && thousands.MatchString(s) {
		first := strings.IndexAny(s, ",.")
		s = strings.ReplaceAll(s, s[first:first+1], "")
	}
	return strings.TrimPrefix(s, "+")
}

// readsTwoWays tells whether nobody can know which number was meant: 1.234 is
// over a thousand for some and over one for others.
func readsTwoWays(it *questionnaire.Item, values []string) bool {
	return (it.Type == questionnaire.Decimal || it.Type == questionnaire.Range) && len(values) > 0 && oneGroup.MatchString(strings.TrimSpace(values[0]))
}

func parseInteger(typed string) (value, code string) {
	s := tidy(typed)
	if s == "" {
		return "", ""
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		if f, ferr := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64); ferr == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			if f == math.Trunc(f) && !strings.ContainsAny(s, ".,eExX_") {
				return "", tooBig
			}
			return "", notWhole
		}
		return "", notANumber
	}
	if n > 1e15 || n < -1e15 { // beyond this a data file's double would round it
		return "", tooBig
	}
	return strconv.FormatInt(n, 10), ""
}

func parseDecimal(typed string) (value, code string) {
	s := tidy(typed)
	if s == "" {
		return "", ""
	}
	// What is left of commas and points are no thousands.
	if strings.Count(s, ",")+strings.Count(s, ".") > 1 || strings.ContainsAny(s, "eExXpPnNiI_") {
		return "", notANumber
	}
	f, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return "", notANumber
	}
	if math.Abs(f) > 1e15 {
		return "", tooBig
	}
	return strconv.FormatFloat(f, 'f', -1, 64), ""
}

func parseRange(it *questionnaire.Item, typed string) (value, code string) {
	value, code = parseDecimal(typed)
	if value == "" {
		return value, code
	}
	f, _ := strconv.ParseFloat(value, 64)
	low, high := min(it.RangeStart, it.RangeEnd), max(it.RangeStart, it.RangeEnd)
	if f < low || f > high {
		return "", outOfRange
	}
	if step := math.Abs(it.RangeStep); step > 0 {
		steps := (f - it.RangeStart) / step
		if math.Abs(steps-math.Round(steps)) > 1e-9 {
			return "", offStep
		}
	}
	return value, ""
}

// parsePoint reads a place as a map shows it: "57.7089, 11.9746" or "57,7089
// 11,9746", latitude first. The lexical form is that of ODK XForms: latitude,
// longitude, altitude and accuracy parted by spaces, the last two 0 where they
// are not known.
func parsePoint(typed string) (value, code string) {
	s := strings.TrimSpace(strings.NewReplacer("\u2212", "-", "°", "", ";", " ", ", ", " ", "\u00a0", " ").Replace(typed))
	if s == "" {
		return "", ""
	}
	parts := strings.Fields(s)
	if len(parts) == 1 { // "57.7,11.9"
		parts = strings.Split(s, ",")
	}
	if len(parts) < 2 || len(parts) > 4 {
		return "", notAPlace
	}
	numbers := []string{"0", "0", "0", "0"}
	for i, p := range parts {
		f, err := strconv.ParseFloat(strings.Replace(p, ",", ".", 1), 64)
		if err != nil || math.IsNaN(f) || i == 0 && math.Abs(f) > 90 || i == 1 && math.Abs(f) > 180 || i > 1 && math.Abs(f) > 1e6 {
			return "", notAPlace
		}
		numbers[i] = number(f)
	}
	return strings.Join(numbers, " "), ""
}

func parseOne(choices []*questionnaire.Choice, typed string) (value, code string) {
	if typed == "" {
		return "", ""
	}
	if find(choices, typed) == nil {
		return "", notAChoice
	}
	return typed, ""
}

func parseSeveral(choices []*questionnaire.Choice, values []string) (value, code string) {
	picked := map[string]bool{}
	for _, v := range values {
		if v == "" {
			continue
		}
		if find(choices, v) == nil {
			return "", notAChoice
		}
		picked[v] = true
	}
	var names []string
	apart, given := 0, 0
	for _, c := range choices { // in the order of the list, so that the same set is the same answer
		if !picked[c.Name] {
			continue
		}
		names = append(names, c.Name)
		if c.Missing == questionnaire.Substantive {
			given++
		} else {
			apart++
		}
	}
	if apart > 1 || apart > 0 && given > 0 {
		return "", notBoth
	}
	return strings.Join(names, " "), ""
}

// parseRank reads an order: the first value holds the names parted by spaces,
// or each value one name.
func parseRank(choices []*questionnaire.Choice, values []string) (value, code string) {
	names := split(strings.Join(values, " "))
	for i, n := range names {
		c := find(choices, n)
		if c == nil || slices.Contains(names[:i], n) {
			return "", notAChoice
		}
		if c.Missing != questionnaire.Substantive && len(names) > 1 {
			return "", notBoth
		}
	}
	return strings.Join(names, " "), ""
}

func find(choices []*questionnaire.Choice, name string) *questionnaire.Choice {
	for _, c := range choices {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// number writes a range's end as a person would.
func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
