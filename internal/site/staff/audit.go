package staff

import (
	"strconv"
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/account"
)

// auditPage is what staff did, the newest first.
type auditPage struct {
	*view
	Rows   []account.AuditEntry
	titles map[string]string
	names  map[string]string // of accounts, by id
}

const auditRows = 200

// StudyName names the study of a row, "" for none.
func (p auditPage) StudyName(key string) string {
	if key == "" {
		return ""
	}
	return studyName(p.view, p.titles, key)
}

// Action names what was done.
func (p auditPage) Action(action string) string {
	if key := "staff.audit.action." + action; p.T.T(key) != key {
		return p.T.T(key)
	}
	return action
}

// Object tells what it was done to, in the language of the page as far as the
// words of the audit are known.
func (p auditPage) Object(e account.AuditEntry) string {
	object, detail := p.word(e.Object), p.word(e.Detail)
	if object == "" || detail == "" {
		return object + detail
	}
	return object + ": " + detail
}

// word translates one field of the audit: "wave 3", "role admin", "account X",
// an outcome, a mode. Others stay as they are.
func (p auditPage) word(field string) string {
	what, which, _ := strings.Cut(field, " ")
	switch what {
	case "wave":
		if n, err := strconv.Atoi(which); err == nil {
			return p.WaveName(n)
		}
	case "role":
		return p.RoleName(access.Role(which))
	case "account":
		if name := p.names[which]; name != "" {
			return name
		}
	}
	for _, prefix := range []string{"staff.event.", "staff.mode."} {
		if key := prefix + field; p.T.Has(key) {
			return p.T.T(key)
		}
	}
	return field
}

// Who names who did it.
func (p auditPage) Who(e account.AuditEntry) string {
	switch {
	case e.Name != "":
		return e.Name
	case strings.HasPrefix(e.Action, "respondent."):
		return p.T.T("staff.audit.respondent")
	case e.Account == "":
		return p.T.T("staff.audit.command_line")
	default:
		return e.Account
	}
}

func (r *request) showAudit() error {
	study := access.AllStudies
	if !r.actor.Can(access.AuditView, study) {
		for key, role := range r.actor.Roles {
			if role == access.Owner {
				study = key
			}
		}
	}
	rows, err := r.Accounts.Audit(r.ctx(), r.actor, study, auditRows)
	if err != nil {
		return err
	}
	people, err := r.Accounts.Colleagues(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	p := auditPage{view: r.view("audit"), Rows: rows, names: map[string]string{}}
	for _, a := range people {
		p.names[a.ID] = a.Name
	}
	if p.titles, _, err = r.titles(p.view); err != nil {
		return err
	}
	return r.show("audit", nil, p)
}
