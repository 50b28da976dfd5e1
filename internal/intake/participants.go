package intake

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// ParticipantPlan is what a list of people comes to. It holds names and
// addresses and is for the eyes of those who gave the list.
type ParticipantPlan struct {
	File       string         `json:"file"`
	OK         bool           `json:"ok"`         // nothing stands in the way
	Add        int            `json:"add"`        // people who will be added
	Duplicates int            `json:"duplicates"` // rows left out: in the file twice, or in the panel already
	Columns    []Match        `json:"columns"`
	Unmatched  []string       `json:"unmatched"` // columns that are not read
	Problems   fault.Problems `json:"problems"`
	Rows       []Person       `json:"-"`
}

// Person is one row of the list, ready to be added.
type Person struct {
	Row                      int // in the file
	Name, Email, Phone, Note string
	Language                 string // a language of the study, "" for its first
	Attributes               map[string]string
}

// headers are the names that columns may have, in sv, en and de.
var headers = map[string][]string{
	"name":     {"name", "namn", "full name", "fullständigt namn", "vollständiger name"},
	"first":    {"first name", "given name", "förnamn", "vorname", "firstname", "first_name"},
	"last":     {"last name", "family name", "surname", "efternamn", "nachname", "lastname", "last_name"},
	"email":    {"email", "e-mail", "mail", "email address", "e-mail address", "e-post", "epost", "e-postadress", "epostadress", "mejl", "e-mail-adresse", "mailadresse"},
	"phone":    {"phone", "telephone", "mobile", "phone number", "telefon", "tel", "mobil", "telefonnummer", "mobilnummer", "mobiltelefon", "handy"},
	"language": {"language", "lang", "språk", "sprache"},
	"note":     {"note", "notes", "comment", "anteckning", "notering", "kommentar", "notiz", "anmerkung", "bemerkung"},
}

// PlanParticipants reads a list of people and says what adding them would do.
// It stores nothing. Columns are recognised in Swedish, English and German;
// attributes of the study by name or label. Rows whose e-mail address or
// telephone number (or, with neither, name) is in the file or, of the former
// two, in the panel already are left out and named as warnings.
//
// Fails with Invalid (participants_refused) where a row cannot be used; the
// plan and the error list every offence by row and column.
func (s *Service) PlanParticipants(ctx context.Context, actor access.Actor, studyKey, fileName string, data []byte) (*ParticipantPlan, error) {
	if err := actor.May(access.ParticipantAdd, studyKey); err != nil {
		return nil, err
	}
	t, err := readTable(fileName, data)
	if err != nil {
		return &ParticipantPlan{File: t.file, Columns: []Match{}, Unmatched: []string{}, Problems: fault.Of(err).Problems}, err
	}
	r := &listReader{t: t, plan: &ParticipantPlan{File: t.file, Columns: []Match{}, Unmatched: []string{}, Problems: t.warnings}, seen: map[string]int{}}
	if err := s.store.Read(ctx, func(tx *store.Tx) error {
		r.st, err = tx.Defined(studyKey)
		return err
	}); err != nil {
		return nil, err
	}
	r.match()
	for _, row := range t.rows {
		if err := r.read(row, func(address string) (bool, error) {
			pid, found, err := s.identities.FindAddress(ctx, studyKey, address)
			if err != nil || !found {
				return false, err
			}
			return s.member(ctx, pid)
		}); err != nil {
			return nil, err
		}
	}
	p := r.plan
	p.Add = len(p.Rows)
	p.Problems.Sort()
	if err := p.Problems.Err("participants_refused", "The list cannot be used as it is. Nobody was added."); err != nil {
		return p, err
	}
	p.OK = true
	return p, nil
}

// member tells whether the pid of an address is a participant's. That of
// somebody who has only asked to take part keeps nobody from being added.
func (s *Service) member(ctx context.Context, pid string) (bool, error) {
	member := true
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		j, err := tx.JoinerByPID(pid)
		if f := fault.Of(err); f != nil && f.Kind == fault.NotFound {
			return nil
		}
		member = j.State == store.Joined
		return err
	})
	return member, err
}

// listReader turns a table into people.
type listReader struct {
	st      *study.Study
	t       *table
	plan    *ParticipantPlan
	columns map[string]int // "name", "email", … or "attribute." and its name
	seen    map[string]int // who stands in which row
}

// match finds what each column is.
func (r *listReader) match() {
	r.columns = map[string]int{}
	for i, header := range r.t.header {
		what := r.meaning(fold(header))
		if what == "" {
			r.plan.Unmatched = append(r.plan.Unmatched, header)
			continue
		}
		if other, twice := r.columns[what]; twice {
			r.plan.Problems.Add(r.t.place(0, i), "column_twice", "The columns %s and %s are both the %s. Remove one of them.", r.t.header[other], header, strings.TrimPrefix(what, "attribute.")).
				With("one", r.t.header[other]).With("other", header)
			continue
		}
		r.columns[what] = i
		r.plan.Columns = append(r.plan.Columns, Match{Column: header, Question: strings.TrimPrefix(what, "attribute.")})
	}
	for _, what := range []string{"name", "first", "last", "email", "phone"} {
		if _, ok := r.columns[what]; ok {
			return
		}
	}
	r.plan.Problems.Add(fault.Place{File: r.t.file, Sheet: r.t.sheet, Row: 1}, "no_known_column",
		"No column is a name, an e-mail address or a telephone number. Name them in the first row: name, email, phone, language, note.")
}

// meaning says what a folded header stands for, "" for nothing that is read.
// An attribute of the study goes first: its name is exact.
func (r *listReader) meaning(header string) string {
	for _, a := range r.st.Attributes {
		if fold(a.Name) == header {
			return "attribute." + a.Name
		}
		for _, label := range a.Label {
			if fold(label) == header {
				return "attribute." + a.Name
			}
		}
	}
	for what, names := range headers {
		if slices.Contains(names, header) {
			return what
		}
	}
	return ""
}

func (r *listReader) cell(row row, what string) string {
	if i, ok := r.columns[what]; ok {
		return clean(row.cells[i])
	}
	return ""
}

func (r *listReader) problem(row row, what, code, format string, args ...any) *fault.Problem {
	i, ok := r.columns[what]
	if !ok {
		i = -1
	}
	return r.plan.Problems.Add(r.t.place(row.number, i), code, format, args...)
}

// read reads one row. known tells whether an address is in the panel.
func (r *listReader) read(row row, known func(string) (bool, error)) error {
	p := Person{Row: row.number, Name: r.cell(row, "name"), Email: r.cell(row, "email"), Phone: r.cell(row, "phone"), Note: r.cell(row, "note"),
		Attributes: map[string]string{}}
	if p.Name == "" {
		p.Name = strings.TrimSpace(r.cell(row, "first") + " " + r.cell(row, "last"))
	}
	before := len(r.plan.Problems.Errors())
	if p.Name == "" && p.Email == "" && p.Phone == "" {
		r.problem(row, "", "nobody", "The row has neither a name nor an address nor a telephone number.")
	}
	if p.Email != "" && !plausibleAddress(p.Email) {
		r.problem(row, "email", "bad_email", "This is not an e-mail address.")
	}
	if p.Phone != "" && !plausiblePhone(p.Phone) {
		r.problem(row, "phone", "bad_phone", "This is not a telephone number.")
	}
	r.language(row, &p)
	for _, a := range r.st.Attributes {
		r.attribute(row, &p, a)
	}
	if len(r.plan.Problems.Errors()) > before {
		return nil
	}
	twice, err := r.duplicate(row, p, known)
	if err == nil && !twice {
		r.plan.Rows = append(r.plan.Rows, p)
	}
	return err
}

// duplicate tells whether the person is in the file or in the panel already,
// and says so by row. An e-mail address or a telephone number is one person's;
// so is, within the file, a name that has neither.
func (r *listReader) duplicate(row row, p Person, known func(string) (bool, error)) (bool, error) {
	type address struct{ what, typed, key string }
	addresses := []address{
		{"email", p.Email, strings.ToLower(p.Email)}, {"phone", p.Phone, onlyDigits(p.Phone)},
	}
	addresses = slices.DeleteFunc(addresses, func(a address) bool { return a.typed == "" })
	if len(addresses) == 0 {
		addresses = []address{{"name", "", fold(p.Name)}}
	}
	for _, a := range addresses {
		column, ok := r.columns[a.what]
		if !ok {
			column = -1 // a first and a last name
		}
		at := r.t.place(row.number, column)
		if first, twice := r.seen[a.key]; twice {
			r.plan.Duplicates++
			r.plan.Problems.Warn(at, "duplicate_row", "Row %d has the same name, address or telephone number. This row is left out.", first).With("row", first)
			return true, nil
		}
		if a.typed == "" {
			continue
		}
		there, err := known(a.typed)
		if err != nil {
			return false, err
		}
		if there {
			r.plan.Duplicates++
			r.plan.Problems.Warn(at, "already_member", "Somebody with this address or telephone number is in the panel already. This row is left out.")
			return true, nil
		}
	}
	for _, a := range addresses {
		r.seen[a.key] = row.number
	}
	return false, nil
}

// language reads a tag ("sv") or the name of a language, in itself, in
// English, Swedish or German.
func (r *listReader) language(row row, p *Person) {
	cell := r.cell(row, "language")
	if cell == "" {
		return
	}
	for _, tag := range r.st.Languages {
		if slices.Contains(languageNames(tag), fold(cell)) {
			p.Language = tag
			return
		}
	}
	r.problem(row, "language", "bad_language", "“%s” is no language of the study. They are: %s.", short(cell), strings.Join(r.st.Languages, ", ")).
		With("value", short(cell)).With("values", strings.Join(r.st.Languages, ", "))
}

func languageNames(tag string) []string {
	names := []string{fold(tag)}
	t, err := language.Parse(tag)
	if err != nil {
		return names
	}
	names = append(names, fold(display.Self.Name(t)))
	for _, in := range []language.Tag{language.English, language.Swedish, language.German} {
		names = append(names, fold(display.Languages(in).Name(t)))
	}
	return names
}

// attribute reads a value by its name, code or label in any language.
func (r *listReader) attribute(row row, p *Person, a study.Attribute) {
	cell := r.cell(row, "attribute."+a.Name)
	if cell == "" {
		return
	}
	if len(a.Choices) == 0 {
		p.Attributes[a.Name] = cell
		return
	}
	word := fold(wholeNumber(cell))
	for _, c := range a.Choices {
		fits := fold(c.Name) == word || strconv.Itoa(c.Code) == word
		for _, label := range c.Label {
			fits = fits || fold(label) == word
		}
		if fits {
			p.Attributes[a.Name] = c.Name
			return
		}
	}
	var names, labels []string
	for _, c := range a.Choices {
		label, _ := c.Label.In(r.st.DefaultLanguage())
		names, labels = append(names, c.Name), append(labels, cmp.Or(label, c.Name))
	}
	r.problem(row, "attribute."+a.Name, "bad_attribute", "“%s” is no value of %s. The values are: %s.", short(cell), a.Name, strings.Join(names, ", ")).
		With("value", short(cell)).With("name", r.t.header[r.columns["attribute."+a.Name]]).With("values", strings.Join(labels, ", "))
}

// plausibleAddress tells whether a text can be an e-mail address. Only
// delivery can tell more.
func plausibleAddress(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && strings.Contains(strings.Trim(domain, "."), ".") && !strings.ContainsAny(s, " \t\r\n,;<>\"") && !strings.Contains(domain, "@")
}

// plausiblePhone tells whether a text can be a telephone number: five to
// fifteen digits (the most that E.164 allows) and what people put between them.
func plausiblePhone(s string) bool {
	n := len(onlyDigits(s))
	rest := strings.Trim(s, "0123456789 +-–/().\u00a0")
	return n >= 5 && n <= 15 && rest == ""
}

func onlyDigits(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsDigit(c) {
			return c
		}
		return -1
	}, s)
}

// Confirmation says in a sentence what adding the people will do.
func (p *ParticipantPlan) Confirmation() string {
	s := fmt.Sprintf("%d participants will be added", p.Add)
	if p.Add == 1 {
		s = "1 participant will be added"
	}
	switch {
	case p.Duplicates == 1:
		s += ", 1 row is left out because the person is there already"
	case p.Duplicates > 1:
		s += fmt.Sprintf(", %d rows are left out because the persons are there already", p.Duplicates)
	}
	return s + "."
}
