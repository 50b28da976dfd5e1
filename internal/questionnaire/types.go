package questionnaire

import (
	"regexp"
	"strings"
)

// rowKind is what the type of a row says that it is.
type rowKind uint8

const (
	rowQuestion rowKind = iota
	rowBeginGroup
	rowEndGroup
	rowBeginRepeat
	rowEndRepeat
	rowTable   // csv-external: it only attaches a file
	rowRefused // a type that is out of scope
	rowUnknown
)

// listSource says where the choices of a question stand.
type listSource uint8

const (
	listInSheet    listSource = iota // the choices sheet
	listExternal                     // the sheet external_choices
	listFromFile                     // an attached file
	listFromRepeat                   // the answers to a question of a repeat
)

// rowType is the type cell of a row, understood.
type rowType struct {
	kind   rowKind
	typ    Type
	list   string // the list, the file, or the question
	source listSource
	other  bool   // or_other
	what   string // of a refused type: what it is
	of     string // of an old type that is a question with a constraint: the constraint
	idle   string // of a type that stays empty here: why
}

// plainTypes are the types of one word and their further spellings in XLSForm.
var plainTypes = map[string]Type{
	"text": Text, "string": Text, "integer": Integer, "int": Integer, "decimal": Decimal, "note": Note, "date": Date,
	"time": Time, "datetime": DateTime, "date_time": DateTime, "range": Range, "acknowledge": Acknowledge,
	"trigger": Acknowledge, "calculate": Calculate, "hidden": Hidden,
	"barcode": Text, "phone_number": Text, "percentage": Integer,
	"number_of_days_in_last_month": Integer, "number_of_days_in_last_six_months": Integer, "number_of_days_in_last_year": Integer,
	"geopoint": Geopoint, "gps": Geopoint, "location": Geopoint,
	"file": File, "image": Image, "photo": Image, "picture": Image,
	"start": Start, "start_time": Start, "end": End, "end_time": End, "today": Today,
	"deviceid": DeviceID, "device_id": DeviceID, "uri:deviceid": DeviceID,
	"username": Hidden, "email": Hidden, "phonenumber": Hidden,
	"uri:username": Hidden, "uri:email": Hidden, "uri:phonenumber": Hidden,
}

// mostOf are old types that are whole numbers from 0 up to a bound.
var mostOf = map[string]string{
	"percentage": "100", "number_of_days_in_last_month": "31", "number_of_days_in_last_six_months": "183", "number_of_days_in_last_year": "365",
}

// idleTypes are metadata of an interviewer's account: there is none.
var idleTypes = map[string]string{
	"username": "the name of an interviewer's account", "email": "the e-mail address of an interviewer's account",
	"phonenumber": "the telephone number of an interviewer's account", "uri:username": "the name of an interviewer's account",
	"uri:email": "the e-mail address of an interviewer's account", "uri:phonenumber": "the telephone number of an interviewer's account",
}

var (
	selectType = regexp.MustCompile(`(?i)^(select[_ ]one|select1|select[_ ]one[_ ]from|select[_ ]multiple|select[_ ]all[_ ]that[_ ]apply|select[_ ]multiple[_ ]from|` +
		`select[_ ]all[_ ]that[_ ]apply[_ ]from|add[_ ]select[_ ]one[_ ]prompt[_ ]using|add[_ ]select[_ ]multiple[_ ]prompt[_ ]using|(?:odk:)?rank|` +
		`select[_ ](?:one|multiple)[_ ]from[_ ]file|select[_ ]one[_ ]external)` +
		`\s+(\S+)(\s+(?:or[_ ]other|or specify other))?$`)
	structure    = regexp.MustCompile(`(?i)^(begin|end)[_ ]?(l?group|repeat|looped[_ ]group)$`)
	refusedStart = regexp.MustCompile(`(?i)^osm\b`)
	questionRef  = regexp.MustCompile(`^\$\{\s*([^{}\s]+)\s*\}$`)
)

// readType understands a type cell, which is known not to be empty.
func readType(cell string) rowType {
	cell = strings.Join(strings.Fields(cell), " ")
	if m := structure.FindStringSubmatch(cell); m != nil {
		begin, group := strings.EqualFold(m[1], "begin"), strings.EqualFold(m[2], "group")
		switch {
		case begin && group:
			return rowType{kind: rowBeginGroup}
		case begin:
			return rowType{kind: rowBeginRepeat}
		case group:
			return rowType{kind: rowEndGroup}
		default:
			return rowType{kind: rowEndRepeat}
		}
	}
	if t, ok := readPlainType(fold(cell)); ok {
		return t
	}
	if m := refusedStart.FindString(cell); m != "" {
		return rowType{kind: rowRefused, what: refusedTypes[fold(m)]}
	}
	m := selectType.FindStringSubmatch(cell)
	if m == nil {
		return rowType{kind: rowUnknown}
	}
	return readSelect(fold(m[1]), m[2], m[3] != "")
}

// readPlainType knows types of one word, and the wordings of old forms: "q
// date", "add date prompt", "get today".
func readPlainType(word string) (rowType, bool) {
	for range 2 {
		if t, ok := plainTypes[word]; ok {
			row := rowType{typ: t, idle: idleTypes[word]}
			if most := mostOf[word]; most != "" {
				row.of = ". >= 0 and . <= " + most
			}
			return row, true
		}
		if what, ok := refusedTypes[word]; ok {
			return rowType{kind: rowRefused, what: what}, true
		}
		if word == "csv_external" {
			return rowType{kind: rowTable}, true
		}
		for _, prefix := range []string{"q_", "add_", "get_"} {
			word = strings.TrimPrefix(word, prefix)
		}
		word = strings.TrimSuffix(word, "_prompt")
	}
	return rowType{}, false
}

func readSelect(name, list string, other bool) rowType {
	t := rowType{typ: SelectOne, list: list, other: other}
	switch {
	case strings.HasSuffix(name, "rank"):
		t.typ = Rank
	case strings.Contains(name, "multiple") || strings.Contains(name, "all"):
		t.typ = SelectMultiple
	}
	switch m := questionRef.FindStringSubmatch(list); {
	case strings.HasSuffix(name, "_from_file"):
		t.source = listFromFile
	case strings.HasSuffix(name, "_external"):
		t.source = listExternal
	case m != nil:
		t.source, t.list = listFromRepeat, m[1]
	}
	return t
}

// typeNames lists what to write in the type column, for advice.
func typeNames() []string {
	return []string{"text", "integer", "decimal", "select_one", "select_multiple", "select_one_from_file", "select_multiple_from_file",
		"select_one_external", "rank", "note", "date", "time", "dateTime", "range", "acknowledge", "calculate", "hidden",
		"image", "file", "geopoint", "barcode", "start", "end", "today", "deviceid", "csv-external",
		"begin_group", "end_group", "begin_repeat", "end_repeat"}
}
