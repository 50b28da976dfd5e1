package staff

import (
	"bytes"
	"net/http"
	"path"
	"strconv"
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/questionnaire"
	"panelverk/internal/site/respond"
	"panelverk/internal/store"
)

// printPolicy lets the printable questionnaire use the style sheet that it
// carries in itself, so that a saved copy prints alike. It has no script.
const printPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"

// kindsOfFile gives the content type of a questionnaire file by its ending.
var kindsOfFile = map[string]string{
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
	".md": "text/markdown; charset=utf-8", ".markdown": "text/markdown; charset=utf-8", ".csv": "text/csv; charset=utf-8",
}

// version gives the published version that the path names.
func (r *request) version() (*store.Version, error) {
	number, err := strconv.Atoi(r.Param("version"))
	if err != nil {
		return nil, errNoPage.Because(err)
	}
	return r.Fieldwork.Version(r.ctx(), r.actor, r.study.Key, r.Param("key"), number)
}

// versionFile sends a version as a file: as it was given, or its normalised
// sheets as a workbook or as Markdown.
func (r *request) versionFile() error {
	v, err := r.version()
	if err != nil {
		return err
	}
	name := r.study.Key + "-" + v.Key + "-v" + itoa(v.Number)
	switch r.Param("form") {
	case "given":
		ending := strings.ToLower(path.Ext(v.FileName))
		return r.download(name+"-original"+ending, kindsOfFile[ending], v.File)
	case "markdown":
		return r.download(name+".md", kindsOfFile[".md"], []byte(v.Sheets))
	case "xlsx":
		book, problems := questionnaire.Read(v.Key+".md", []byte(v.Sheets))
		if err := problems.Err("version_stored_broken", "The stored questionnaire cannot be read."); err != nil {
			return err
		}
		data, err := book.XLSX()
		if err != nil {
			return err
		}
		return r.download(name+".xlsx", kindsOfFile[".xlsx"], data)
	}
	return errNoPage
}

// download sends a file to be kept.
func (r *request) download(name, kind string, data []byte) error {
	if kind == "" {
		kind = "application/octet-stream"
	}
	r.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	r.Data(http.StatusOK, kind, data)
	return nil
}

// printVersion shows a version as a page to print, with its routing.
func (r *request) printVersion() error {
	if err := r.may(access.QuestionnaireView); err != nil {
		return err
	}
	v, err := r.version()
	if err != nil {
		return err
	}
	q, err := v.Compiled()
	if err != nil {
		return err
	}
	files, err := r.Fieldwork.VersionFiles(r.ctx(), r.actor, r.study.Key, v.Key, v.Number)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := q.Print(&out, r.t.T("staff.version", "key", v.Key, "number", v.Number), files); err != nil {
		return err
	}
	r.Header("Content-Security-Policy", printPolicy)
	r.Data(http.StatusOK, "text/html; charset=utf-8", out.Bytes())
	return nil
}

// versionMedia sends a file that the pages of a published version show, for
// its preview.
func (r *request) versionMedia() error {
	versions, err := r.Fieldwork.Versions(r.ctx(), r.actor, r.study.Key)
	if err != nil {
		return err
	}
	hash, name := r.Param("hash"), r.Param("name")
	for _, v := range versions {
		if v.Key != r.Param("key") || !strings.HasPrefix(v.Hash, "sha256:"+hash) {
			continue
		}
		files, err := r.Fieldwork.VersionFiles(r.ctx(), r.actor, r.study.Key, v.Key, v.Number)
		if err != nil {
			return err
		}
		if data, there := files[name]; there && questionnaire.MediaType(name) != "" {
			respond.SendMedia(r.Context, hash, name, data)
			return nil
		}
	}
	return errNoPage
}
