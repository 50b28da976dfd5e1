package study

import (
	"slices"
	"strings"

	"panelverk/internal/fault"
	"panelverk/internal/questionnaire"
	"panelverk/internal/upload"
)

// CheckVersion checks that a version fits the study: that it asks in every
// language of the study, that no question takes the name of an attribute, since
// both become columns of the same files, and that pages can show all of it.
func CheckVersion(s *Study, v Version) fault.Problems {
	var ps fault.Problems
	var missing []string
	for _, tag := range s.Languages {
		if !slices.Contains(v.Questionnaire.Languages, tag) {
			missing = append(missing, tag)
		}
	}
	if len(missing) > 0 {
		ps.Add(fault.Place{File: v.File}, "missing_language",
			"The study asks in %s, and this questionnaire has no texts in %s. Add the columns, such as label::Name (%s).",
			strings.Join(s.Languages, ", "), strings.Join(missing, ", "), missing[0])
	}
	for _, a := range s.Attributes {
		for _, q := range v.Questionnaire.Questions {
			name := q.Name
			if q.Variable != "" {
				name = q.Variable
			}
			if strings.EqualFold(name, a.Name) {
				ps.Add(fault.Place{File: v.File, Sheet: "survey", Row: q.Row, Column: "name"}, "name_taken",
					"The study has an attribute %s. Give the question another name, or another one in the column variable.", a.Name)
			}
		}
	}
	if len(v.Questionnaire.Pages) == 0 {
		ps.Add(fault.Place{File: v.File, Sheet: "survey"}, "shows_nothing", "The questionnaire shows nothing: it has neither a question nor a note.")
	}
	for _, q := range v.Questionnaire.Questions {
		if q.TakesFile() {
			checkUpload(v, q, &ps)
		}
	}
	ps = append(ps, earlierAnswers(v)...)
	for _, item := range v.Questionnaire.Unshown() {
		ps.Add(fault.Place{File: v.File, Sheet: "survey", Row: item.Row, Column: "type"}, "not_on_pages_yet",
			"“%s” is a correct XLSForm question that the pages for respondents cannot show yet. Leave it out of the study for now.", item.Name)
	}
	return ps
}

// checkUpload sees to it that the server takes what a question asks for.
func checkUpload(v Version, q *questionnaire.Item, ps *fault.Problems) {
	at := fault.Place{File: v.File, Sheet: "survey", Row: q.Row, Column: "parameters"}
	kinds := upload.Rule{Accept: q.Upload.Accept}.Kinds()
	if q.Type == questionnaire.Image {
		kinds = slices.DeleteFunc(slices.Clone(kinds), func(k upload.Kind) bool { return !k.Picture })
	}
	if len(kinds) == 0 {
		what := upload.Rule{}.Endings()
		if q.Type == questionnaire.Image {
			what = upload.Rule{Accept: []string{"image/*"}}.Endings()
		}
		ps.Add(at, "accept_unknown", "“%s” asks for files that are not taken (%s). These are: %s.", q.Name, strings.Join(q.Upload.Accept, ", "), what)
	}
	if q.Upload.MostBytes > upload.MostBytes {
		ps.Add(at, "upload_size", "A file can have %d MB at most, and “%s” asks for larger ones.", upload.MostBytes/1_000_000, q.Name)
	}
}
