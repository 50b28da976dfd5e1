package staff_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"panelverk/internal/access"
	"panelverk/internal/lang"
	"panelverk/internal/need"
	"panelverk/internal/release"
	"panelverk/internal/store"
)

// papersProfile is the partner's, in two languages and without a workbook.
const papersProfile = `
profile: papers
title: {sv: Dokument, de: Dokumente}
study: smart-factory
recipient: papers
languages: [sv, de]
waves: all
formats: [csv]
tier: restricted
quasi:
  - country
  - {variable: sector, map: {vehicles: 1, machinery: 1, "*": 2}}
suppress: persons
dates: month
`

// frozenPapers gives the files of a release of 36 people, by their names in the bag.
func frozenPapers(t *testing.T, w *world) map[string]string {
	t.Helper()
	researcher := access.Actor{Account: w.ids[access.Researcher], Roles: map[string]access.Role{key: access.Researcher}}
	owner := access.Actor{Account: w.ids[access.Owner], Roles: map[string]access.Role{key: access.Owner}}
	n, err := w.release.Request(ctx, w.now, researcher, release.NewRelease{Study: key, Source: papersProfile, Who: "Göteborgs universitet", Country: "SE", Purpose: "Studera inflytande", Promise: true})
	if err == nil {
		err = w.release.Approve(ctx, w.now, owner, key, n, "", "")
	}
	if err != nil {
		t.Fatal(err)
	}
	w.freeze()
	var b bytes.Buffer
	if err := w.release.Download(ctx, w.now, researcher, key, n, &b); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		_, name, _ := strings.Cut(f.Name, "/")
		out[name] = string(data)
	}
	return out
}

// TestPapersOfARelease reads what lies beside the data of a release of 36 people who
// know each other: it is all there in every language, speaks that language, is what
// archives take, and tells of nobody.
func TestPapersOfARelease(t *testing.T) {
	w := released(t)
	files := frozenPapers(t, w)
	for _, name := range []string{"README.md", "README.de.md", "CITATION.cff", "docs/codebook.sv.html", "docs/method.de.html", "docs/risk.sv.html",
		"docs/questionnaires/w1.core.v1.sv.html", "docs/questionnaires/w1.core.v1.uk.html", "docs/questionnaires/w1.core.v1.md"} {
		if files[name] == "" {
			t.Errorf("there is no %s", name)
		}
	}
	checklist := regexp.MustCompile(`(?m)^\| \d+ \|`)
	if n := len(checklist.FindAllString(files["docs/method.sv.md"], -1)); n != 30 {
		t.Errorf("CHERRIES has %d items, not 30", n)
	}
	for _, want := range []string{"| 2 | Etik och samtycke | Godkännande av etiknämnd | inte insamlat |", "| RR6 | (I + P) / K |", "K = I + P + R + NC + O"} {
		if !strings.Contains(files["docs/method.sv.md"], want) {
			t.Errorf("the method does not say %s", want)
		}
	}
	if !strings.Contains(files["docs/risk.de.md"], "k ist ein Anhaltspunkt und kein Versprechen.") || !strings.Contains(files["docs/codebook.de.md"], "`infl_tech`") {
		t.Error("the German papers are not German")
	}
	if html := files["docs/questionnaires/w1.core.v1.sv.html"]; strings.Contains(html, "lang-de") || !strings.Contains(html, `<html lang="sv"`) {
		t.Error("the Swedish questionnaire is not Swedish alone")
	}
	t.Run("speak one language", func(t *testing.T) { speaksSwedish(t, files) })
	t.Run("tell of nobody", func(t *testing.T) { tellsOfNobody(t, w, files) })
	t.Run("can be cited", func(t *testing.T) { citable(t, files["CITATION.cff"]) })
	t.Run("DDI", func(t *testing.T) { validDDI(t, files["ddi.xml"]) })
}

// speaksSwedish looks for the English texts of our catalogue in the Swedish papers.
func speaksSwedish(t *testing.T, files map[string]string) {
	english, swedish := lang.For("en"), lang.For("sv")
	var foreign []string
	for _, key := range english.Keys() {
		if text := english.T(key); len(text) > 11 && !strings.ContainsAny(text, "{`") && text != swedish.T(key) && strings.Contains(text, " ") {
			foreign = append(foreign, text)
		}
	}
	if len(foreign) < 500 {
		t.Fatalf("only %d texts to look for", len(foreign))
	}
	for _, name := range []string{"README.md", "docs/codebook.sv.md", "docs/method.sv.md", "docs/risk.sv.md"} {
		for _, text := range foreign {
			if strings.Contains(files[name], text) {
				t.Errorf("%s says in English: %s", name, text)
			}
		}
		for _, word := range []string{"paper.", "workbook.", "staff.", "{", "%!"} {
			if strings.Contains(files[name], word) {
				t.Errorf("%s holds %q, which is no text", name, word)
			}
		}
	}
}

var (
	aFigure = regexp.MustCompile(`^[1-4]$`)
	ddiStat = regexp.MustCompile(`<(?:catStat|sumStat)[^>]*>([1-4])<`)
)

// tellsOfNobody looks for counts of one to four persons in every table, for sums that
// give one away, for pids and for names.
func tellsOfNobody(t *testing.T, w *world, files map[string]string) {
	var secrets []string
	if err := w.store.Read(ctx, func(tx *store.Tx) error {
		return tx.EachParticipant(key, func(p store.Participant) error {
			secrets = append(secrets, p.PID)
			return nil
		})
	}); err != nil || len(secrets) != 36 {
		t.Fatal(len(secrets), err)
	}
	for name, text := range files {
		for _, secret := range append(secrets, "Alva Ek") {
			if strings.Contains(text, secret) {
				t.Errorf("%s names %s", name, secret)
			}
		}
	}
	told := 0
	for _, name := range []string{"docs/codebook.sv.md", "docs/method.sv.md", "docs/risk.sv.md"} {
		for _, table := range tablesOf(files[name]) {
			told += table.check(t, name)
		}
	}
	if told < 200 {
		t.Errorf("only %d counts were looked at", told)
	}
	if few := ddiStat.FindString(files["ddi.xml"]); few != "" {
		t.Errorf("the DDI tells %s", few)
	}
}

type mdTable struct {
	heads, align []string
	rows         [][]string
}

// tablesOf reads the tables of a text in Markdown.
func tablesOf(text string) (out []mdTable) {
	var lines [][]string
	for line := range strings.Lines(text + "\n.\n") {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "|") {
			var cells []string
			for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
				cells = append(cells, strings.TrimSpace(cell))
			}
			lines = append(lines, cells)
			continue
		}
		if len(lines) > 2 {
			out = append(out, mdTable{lines[0], lines[1], lines[2:]})
		}
		lines = nil
	}
	return out
}

// check looks at the columns of figures, and gives how many it has seen. What counts
// no persons is left out: questions, k, and medians.
func (m mdTable) check(t *testing.T, name string) (seen int) {
	if slices.Contains(m.heads, "Ställs bara till vissa") {
		return 0
	}
	for c, align := range m.align {
		if !strings.HasSuffix(align, ":") || strings.HasPrefix(m.heads[c], "Minuter") {
			continue
		}
		shown, hidden, valid := 0, 0, -1
		for _, row := range m.rows {
			if strings.HasPrefix(row[0], "Minsta grupp") || row[1] == "Median" {
				continue
			}
			if aFigure.MatchString(row[c]) {
				t.Errorf("%s tells %s in %v", name, row[c], row)
			}
			n, err := strconv.Atoi(row[c])
			switch {
			case row[1] == "Har ett värde":
				if err == nil {
					valid = n
				}
			case strings.HasPrefix(row[0], "−"): // a missing code, unless it is a value's
			case row[c] == "·":
				hidden++
			case err == nil:
				shown += n
			}
			seen++
		}
		if valid >= 0 && hidden > 0 && valid-shown < 5 {
			t.Errorf("%s: %v tell %d of %d, so that the hidden ones can be worked out", name, m.rows, shown, valid)
		}
	}
	return seen
}

// citable holds CITATION.cff against the keys that version 1.2.0 of its schema wants
// and knows (citation-file-format.github.io).
func citable(t *testing.T, text string) {
	var cff map[string]any
	if err := yaml.Unmarshal([]byte(text), &cff); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"cff-version", "message", "title", "authors"} {
		if cff[want] == nil {
			t.Errorf("%s is missing", want)
		}
	}
	known := strings.Fields("abstract authors cff-version commit contact date-released doi identifiers keywords license license-url message preferred-citation references repository repository-artifact repository-code title type url version")
	for got := range cff {
		if !slices.Contains(known, got) {
			t.Errorf("%s is no key of a citation file", got)
		}
	}
	authors, _ := cff["authors"].([]any)
	for _, one := range authors {
		if a, ok := one.(map[string]any); !ok || a["name"] == nil && a["family-names"] == nil || a["name"] == "Smart Factory" {
			t.Errorf("%v is no author", one)
		}
	}
	if day, ok := cff["date-released"].(string); !ok || len(day) != 10 || cff["cff-version"] != "1.2.0" || len(authors) == 0 {
		t.Errorf("%v", cff)
	}
}

// validDDI holds the codebook against the schema, and what CESSDA's catalogue wants.
func validDDI(t *testing.T, text string) {
	for _, want := range []string{`<IDNo agency="panelverk"`, `<IDNo agency="DOI"`, "<AuthEnty ", "<producer xml:lang=\"de\"", "<fundAg ", "<distrbtr ", "<distDate ", "<abstract xml:lang=\"sv\"", "<holdings URI=\"https://",
		"<nation xml:lang=\"de\" abbr=\"UA\"", "<restrctn xml:lang=\"de\"", "<cleanOps xml:lang=\"sv\"", "<universe xml:lang=\"sv\" clusion=\"I\"", "<respRate xml:lang=\"de\"", "missing=\"Y\"", "<qstnLit xml:lang=\"de\""} {
		if !strings.Contains(text, want) {
			t.Errorf("the DDI has no %s", want)
		}
	}
	shared := os.Getenv("PANELVERK_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "..", "shared")
	}
	schema, err := filepath.Abs(filepath.Join(shared, "ddi-2.5", "codebook.xsd"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(schema); err != nil {
		need.Missing(t, "the schema of DDI-Codebook 2.5", "put it into ../shared/ddi-2.5")
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		need.Missing(t, "xmllint", "apt-get install libxml2-utils")
	}
	cmd := exec.CommandContext(t.Context(), "xmllint", "--nonet", "--noout", "--schema", schema, "-")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%.3000s", err, out)
	}
}
