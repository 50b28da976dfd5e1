package questionnaire

// What is out of scope, once and for all: features of XLSForm that make no
// sense in a web panel, or that a panel must not do. Each is refused by name,
// with its row and the code "unsupported".

// refusedTypes gives the types by their folded names, with what they are.
var refusedTypes = map[string]string{
	"geotrace": "Lines on a map", "geoshape": "Areas on a map",
	"start_geopoint": "Recording the place in the background", "background_geopoint": "Recording the place in the background",
	"background_audio": "Recording sound in the background",
	"audio":            "Recording sound", "video": "Recording film",
	"osm":          "Editing OpenStreetMap",
	"xml_external": "External XML data",
	"audit":        "The log of how a form is filled in",
	"subscriberid": "The number of a SIM card", "subscriber_id": "The number of a SIM card",
	"simserial": "The number of a SIM card", "sim_serial": "The number of a SIM card", "sim_id": "The number of a SIM card",
	"uri:subscriberid": "The number of a SIM card", "uri:simserial": "The number of a SIM card",
	"imei": "The hardware number of a device",
}

// refusedSheets gives the sheets that belong to such features.
var refusedSheets = map[string]string{"entities": "Entities", "osm": "Tags of OpenStreetMap"}

// refusedColumns gives the columns that belong to such features.
var refusedColumns = map[string]string{"save_to": "it fills entities", "body::intent": "it starts another app"}

// refusedAppearances gives the beginnings of appearances that do.
var refusedAppearances = map[string]string{
	"ex:": "it starts another app", "intent:": "it starts another app", "printer": "it talks to a printer",
}
