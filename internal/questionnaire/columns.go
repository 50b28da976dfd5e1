package questionnaire

// The sheets that are read, in the order of the normalised book.
const (
	sheetSurvey   = "survey"
	sheetChoices  = "choices"
	sheetExternal = "external_choices"
	sheetSettings = "settings"
	sheetAttached = "attached_files" // ours: the files that were attached; see files.go
)

var sheetNames = []string{sheetSurvey, sheetChoices, sheetExternal, sheetSettings, sheetAttached}

// A column is one that XLSForm or Panelverk knows.
type column struct {
	name       string
	translated bool     // may carry a language: label::Svenska (sv)
	aliases    []string // further spellings that XLSForm's tools accept
	refused    bool     // out of scope: a filled cell is an error
	ignored    bool     // has no effect here: a filled column is a warning
	quiet      bool     // of an ignored one: no warning, it is for the authors themselves
	logic      bool     // holds an expression or a code word: quotes are straightened
	media      bool     // names a file that is shown
}

// The columns with a file to show, which questions and choices have.
var mediaColumns = []column{
	{name: "image", translated: true, media: true}, {name: "big-image", translated: true, media: true},
	{name: "audio", translated: true, media: true}, {name: "video", translated: true, media: true},
}

var choiceSheetColumns = append([]column{
	{name: "list_name", aliases: []string{"listname", "list"}, logic: true},
	{name: "name", aliases: []string{"value"}, logic: true},
	{name: "label", aliases: []string{"caption"}, translated: true},
	{name: "code", logic: true},
	{name: "missing", logic: true},
}, mediaColumns...)

// columns lists the known columns of each sheet. The aliases are those of
// XLSForm's own converter, in the folded form that fold gives.
var columns = map[string][]column{
	sheetSurvey: append([]column{
		{name: "type", aliases: []string{"command"}, logic: true},
		{name: "name", aliases: []string{"tag", "value"}, logic: true},
		{name: "label", aliases: []string{"caption"}, translated: true},
		{name: "hint", translated: true},
		{name: "guidance_hint", translated: true},
		{name: "required", aliases: []string{"bind::required"}, logic: true},
		{name: "required_message", aliases: []string{"required_msg", "requiredmsg", "jr:requiredmsg", "bind::jr:requiredmsg"}, translated: true},
		{name: "relevant", aliases: []string{"relevance", "bind::relevant"}, logic: true},
		{name: "constraint", aliases: []string{"bind::constraint"}, logic: true},
		{name: "constraint_message", aliases: []string{"constraint_msg", "constraintmsg", "constraining_message", "jr:constraintmsg", "bind::jr:constraintmsg"}, translated: true},
		{name: "calculation", aliases: []string{"calculate", "bind::calculate"}, logic: true},
		{name: "default", logic: true},
		{name: "appearance", aliases: []string{"control::appearance", "body::appearance"}, logic: true},
		{name: "read_only", aliases: []string{"readonly", "bind::readonly"}, logic: true},
		{name: "choice_filter", logic: true},
		{name: "parameters", aliases: []string{"parameter"}, logic: true},
		{name: "variable", logic: true},
		{name: "concept"},
		{name: "disabled", logic: true},
		{name: "trigger", logic: true},
		{name: "repeat_count", aliases: []string{"count", "jr:count", "jr_count", "control::jr:count", "body::jr:count"}, logic: true},
		{name: "body::accept", aliases: []string{"accept", "control::accept"}, logic: true},
		{name: "kobo--score-choices", aliases: []string{"kobo_score_choice"}, logic: true},
		{name: "kobo--rank-items", logic: true}, {name: "kobo--rank-constraint-message"},
		{name: "kobo--matrix_list", logic: true},
		{name: "save_to", aliases: []string{"entities:saveto", "bind::entities:saveto"}, refused: true},
		{name: "body::intent", aliases: []string{"intent", "control::intent"}, refused: true},
		{name: "bind", ignored: true}, {name: "body", ignored: true}, {name: "control", ignored: true}, {name: "instance", ignored: true},
		{name: "autoplay", aliases: []string{"control::autoplay", "body::autoplay"}, ignored: true},
		{name: "no_app_error_string", aliases: []string{"noapperrorstring", "bind::jr:noapperrorstring"}, ignored: true},
		{name: "rows", aliases: []string{"control::rows", "body::rows"}, ignored: true},
		{name: "note", ignored: true, quiet: true}, {name: "notes", ignored: true, quiet: true},
		{name: "kobo--locking-profile", ignored: true, quiet: true},
		{name: "comment", ignored: true, quiet: true}, {name: "comments", ignored: true, quiet: true},
	}, mediaColumns...),
	sheetChoices:  choiceSheetColumns,
	sheetExternal: choiceSheetColumns,
	sheetSettings: {
		{name: "form_title", aliases: []string{"title", "set_form_title"}, translated: true},
		{name: "form_id", aliases: []string{"id_string", "set_form_id"}, logic: true},
		{name: "version", logic: true},
		{name: "default_language", aliases: []string{"set_default_language"}},
		{name: "allow_choice_duplicates", logic: true},
		{name: "name", ignored: true, logic: true},
		{name: "style", ignored: true}, {name: "instance_name", ignored: true}, {name: "public_key", ignored: true},
		{name: "submission_url", ignored: true}, {name: "auto_send", ignored: true}, {name: "auto_delete", ignored: true},
		{name: "namespaces", ignored: true}, {name: "instance_xmlns", ignored: true},
		{name: "attribute", ignored: true}, {name: "prefix", ignored: true}, {name: "delimiter", ignored: true},
		{name: "kobo--locking-profile", ignored: true, quiet: true}, {name: "kobo--lock_all", ignored: true, quiet: true},
		{name: "client_editable", ignored: true}, {name: "clean_text_values", ignored: true}, {name: "instance_id", ignored: true},
		{name: "omit_instanceid", ignored: true}, {name: "sms_keyword", ignored: true}, {name: "sms_separator", ignored: true},
	},
	sheetAttached: {{name: "file"}, {name: "line"}},
}

// columnIndex finds a column of a sheet by a folded spelling.
var columnIndex = func() map[string]map[string]*column {
	index := make(map[string]map[string]*column)
	for sheet, list := range columns {
		index[sheet] = make(map[string]*column)
		for i := range list {
			index[sheet][list[i].name] = &list[i]
			index[sheet][fold(list[i].name)] = &list[i]
			for _, a := range list[i].aliases {
				index[sheet][a] = &list[i]
			}
		}
	}
	return index
}()
