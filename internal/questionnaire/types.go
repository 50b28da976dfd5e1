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
	rowBeginRepeat // read as a group, and refused
	rowEndRepeat
	rowRefused // a type of XLSForm that is not there
	rowUnknown
)

// rowType is the type cell of a row, understood.
type rowType struct {
	kind  rowKind
	typ   Type
	list  string
	other bool // or_other
}

// plainTypes are the types of one word and their further spellings in XLSForm.
var plainTypes = map[string]Type{
	"text": Text, "string": Text, "integer": Integer, "int": Integer, "decimal": Decimal, "note": Note, "date": Date,
	"time": Time, "datetime": DateTime, "date_time": DateTime, "range": Range, "acknowledge": Acknowledge,
	"trigger": Acknowledge, "calculate": Calculate, "hidden": Hidden,
}

// refusedTypes are the types of XLSForm that are not there.
var refusedTypes = map[string]bool{
	"geopoint": true, "geotrace": true, "geoshape": true, "gps": true, "location": true, "start_geopoint": true, "background_geopoint": true,
	"image": true, "photo": true, "audio": true, "video": true, "file": true, "background_audio": true, "barcode": true, "q_barcode": true,
	"audit": true, "start": true, "end": true, "today": true, "deviceid": true, "device_id": true, "subscriberid": true, "subscriber_id": true,
	"simserial": true, "sim_serial": true, "phonenumber": true, "phone_number": true, "username": true, "email": true,
	"start_time": true, "end_time": true, "imei": true, "uri:deviceid": true, "instanceid": true, "instance_id": true,
	"xml_external": true, "csv_external": true, "osm": true, "percentage": true, "phone": true, "signature": true,
	"begin_loop": true, "end_loop": true, "select": true,
}

var (
	selectType = regexp.MustCompile(`(?i)^(select[_ ]one|select1|select[_ ]one[_ ]from|select[_ ]multiple|select[_ ]all[_ ]that[_ ]apply|select[_ ]multiple[_ ]from|` +
		`select[_ ]all[_ ]that[_ ]apply[_ ]from|add[_ ]select[_ ]one[_ ]prompt[_ ]using|add[_ ]select[_ ]multiple[_ ]prompt[_ ]using|(?:odk:)?rank)` +
		`\s+(\S+)(\s+(?:or[_ ]other|or specify other))?$`)
	refusedSelect = regexp.MustCompile(`(?i)^(select[_ ](one|multiple)([_ ]from[_ ]file|[_ ]external)\b|osm\b|begin[_ ]loop\b|end[_ ]loop\b)`)
	structure     = regexp.MustCompile(`(?i)^(begin|end)[_ ]?(group|repeat)$`)
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
	word := fold(cell)
	if t, ok := plainTypes[word]; ok {
		return rowType{typ: t}
	}
	if refusedTypes[word] || refusedSelect.MatchString(cell) {
		return rowType{kind: rowRefused}
	}
	m := selectType.FindStringSubmatch(cell)
	if m == nil {
		return rowType{kind: rowUnknown}
	}
	if strings.HasPrefix(m[2], "${") {
		return rowType{kind: rowRefused}
	}
	t := rowType{typ: SelectOne, list: m[2], other: m[3] != ""}
	switch name := strings.ToLower(m[1]); {
	case strings.HasSuffix(name, "rank"):
		t.typ = Rank
	case strings.Contains(name, "multiple") || strings.Contains(name, "all"):
		t.typ = SelectMultiple
	}
	return t
}

// typeNames lists what to write in the type column, for advice.
func typeNames() []string {
	return []string{"text", "integer", "decimal", "select_one", "select_multiple", "rank", "note", "date", "time", "dateTime",
		"range", "acknowledge", "calculate", "hidden", "begin_group", "end_group"}
}
