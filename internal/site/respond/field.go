package respond

import (
	"math"
	"strconv"
	"strings"

	"panelverk/internal/lang"
	"panelverk/internal/questionnaire"
)

// Described gives the ids of what is said of the question besides its label.
func (q Question) Described() string {
	var ids []string
	for _, part := range []struct {
		there bool
		id    string
	}{{q.Lead != "", "-m"}, {q.Hint != "" || q.Help != "", "-h"}, {q.Error != "", "-e"}, {q.Offer != nil, "-n"}} {
		if part.there {
			ids = append(ids, "q-"+q.Name+part.id)
		}
	}
	return strings.Join(ids, " ")
}

// kind fills in what depends on the type and its appearance.
func (p *paper) kind(it *questionnaire.Item, q *Question, values []string) {
	switch it.Type {
	case questionnaire.Note:
		q.Kind = "note"
	case questionnaire.Calculate:
		q.Kind, q.Value = "told", p.told(it)
	case questionnaire.SelectOne, questionnaire.SelectMultiple:
		p.choices(it, q, values)
	case questionnaire.Rank:
		p.rank(it, q, values)
	case questionnaire.Range:
		p.scale(it, q, values)
	case questionnaire.Integer:
		q.Kind, q.Width, q.Mode = "text", "short", "numeric"
	case questionnaire.Decimal:
		q.Kind, q.Width, q.Mode = "text", "short", "decimal"
	case questionnaire.Date:
		q.Kind, q.Width, q.Mode = "text", "mid", "numeric"
		q.Help = p.texts.T(dateHelp[it.Precision()])
	case questionnaire.Time:
		q.Kind, q.Width, q.Mode = "text", "short", "decimal"
		q.Help = p.texts.T("page.time_hint")
	case questionnaire.DateTime:
		q.Kind, q.Width, q.Mode = "text", "mid", "text"
		q.Help = p.texts.T("page.moment_hint")
	case questionnaire.Geopoint:
		q.Kind, q.Width, q.Mode = "text", "mid", "text"
		q.Help, q.Locate = p.texts.T("page.place_hint"), !q.Locked && !p.blank
	case questionnaire.Acknowledge:
		q.Kind = "tick"
	case questionnaire.File, questionnaire.Image:
		p.file(it, q)
	default:
		words(it, q)
	}
}

var dateHelp = map[questionnaire.Precision]string{
	questionnaire.Day: "page.date_hint", questionnaire.Month: "page.month_hint", questionnaire.Year: "page.year_hint",
}

// words gives the field of a text: what keyboard a phone shows, and what the
// browser may fill in from the person's own details. An e-mail or web address
// is a text field all the same: browsers change what is typed into fields of
// those types, and an answer is kept as it was written.
func words(it *questionnaire.Item, q *Question) {
	q.Kind, q.Width, q.Mode = "text", "long", "text"
	switch {
	case it.Appears("numbers"):
		q.Width, q.Mode = "mid", "numeric"
	case it.Appears("email"):
		q.Mode, q.Auto = "email", "email"
	case it.Appears("tel"):
		q.Type, q.Width, q.Mode, q.Auto = "tel", "mid", "tel", "tel"
	case it.Appears("url"):
		q.Mode, q.Auto = "url", "url"
	case it.Appears("multiline"), it.TextRows > 1:
		q.Kind, q.Rows = "area", 5
		if it.TextRows > 0 {
			q.Rows = min(it.TextRows, 30)
		}
	}
	if masked(it) {
		q.Width += " masked"
	}
}

// masked tells a text that is not shown in the open: somebody may look over
// the shoulder.
func masked(it *questionnaire.Item) bool { return it.Appears("masked") || it.Appears("hidden-answer") }

// told gives a calculation that a page shows, a dash where there is nothing yet.
func (p *paper) told(it *questionnaire.Item) string {
	value := p.computed(p.view, it.Name)
	if value == "" || value == "NaN" {
		return "–"
	}
	return p.worded(it, value)
}

// written gives a stored value as a person of the language writes it. Read
// back it is the same value, so that a field left alone counts as untouched.
func (p *paper) written(it *questionnaire.Item, value string) string {
	if p.typed != nil && !p.fresh[it.Name] {
		return value
	}
	return worded(it, value, lang.For(p.tag))
}

// worded gives a stored value as it is written and read.
func (p *paper) worded(it *questionnaire.Item, value string) string {
	return worded(it, value, p.texts)
}

func worded(it *questionnaire.Item, value string, texts *lang.Texts) string {
	switch it.Type {
	case questionnaire.Decimal, questionnaire.Range:
		return pointed(value, texts)
	case questionnaire.Calculate:
		if _, err := strconv.ParseFloat(value, 64); err == nil {
			return pointed(value, texts)
		}
	case questionnaire.Geopoint:
		return strings.TrimSuffix(value, " 0 0") // no altitude, no accuracy
	case questionnaire.DateTime:
		return strings.Replace(value, "T", " ", 1)
	case questionnaire.Date:
		switch it.Precision() {
		case questionnaire.Month:
			return value[:min(len(value), len("2006-01"))]
		case questionnaire.Year:
			return value[:min(len(value), len("2006"))]
		}
	}
	return value
}

// number writes a number with as many decimals as it has.
func (p *paper) number(f float64) string { return p.pointed(plainNumber(f)) }

// plainNumber writes a number as answers hold it.
func plainNumber(f float64) string {
	return strconv.FormatFloat(math.Round(f*1e9)/1e9, 'f', -1, 64)
}

// pointed writes a stored number as the language does.
func (p *paper) pointed(value string) string { return pointed(value, p.texts) }

func pointed(value string, texts *lang.Texts) string {
	return strings.Replace(value, ".", texts.T("number.point"), 1)
}
