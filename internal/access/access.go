// Package access says who may do what. Every operation opens with
// Actor.May; the table in this file is the only place that knows the answer,
// so that the page, the API, the command line and a job cannot differ.
package access

import (
	"slices"

	"panelverk/internal/fault"
)

// Role is what a member of staff is in one study.
type Role string

// The roles. One person may hold one role in a study.
const (
	Owner      Role = "owner"      // the data controller's person
	Admin      Role = "admin"      // plans, recruits, reminds; never sees what anyone answered
	Researcher Role = "researcher" // downloads data; never sees who anyone is
)

// Roles lists the roles, the widest first.
var Roles = []Role{Owner, Admin, Researcher}

// AllStudies stands for every study of the server in a role.
const AllStudies = "*"

// Action is one thing that can be done, named as in the audit.
type Action string

// The closed set of actions.
const (
	StudyApply           Action = "study.apply"
	StudyView            Action = "study.view"
	WaveChange           Action = "wave.change"
	ParticipantAdd       Action = "participant.add"
	EnrolmentChange      Action = "enrolment.change" // the page on which people enrol, its waiting list and its codes
	ParticipantList      Action = "participant.list" // without identities
	IdentityView         Action = "identity.view"    // names and addresses, each time audited
	IdentityEdit         Action = "identity.edit"
	ParticipantEdit      Action = "participant.edit" // all but the identity
	ParticipantMerge     Action = "participant.merge"
	ParticipantErase     Action = "participant.erase"
	ParticipantExtract   Action = "participant.extract" // everything held on one person, for the person
	ContactRecord        Action = "contact.record"
	LinkCopy             Action = "link.copy"
	InterviewEnter       Action = "interview.enter" // a paper or telephone interview
	InterviewReopen      Action = "interview.reopen"
	OutcomeRecord        Action = "outcome.record" // a refusal by telephone, a death
	DataDownload         Action = "data.download"
	DataCorrect          Action = "data.correct"
	DataImport           Action = "data.import"
	ReleaseView          Action = "release.view" // the releases, without what the risk report tells of persons
	ReleaseRequest       Action = "release.request"
	ProfileChange        Action = "profile.change" // how a partner's release is cut: make, change and try
	ReleaseDecide        Action = "release.decide" // with the risk report in view
	ReleaseDownload      Action = "release.download"
	TextRead             Action = "text.read"    // what people wrote in their own words, to decide what of it leaves; each time audited
	TokenCreate          Action = "token.create" // a token of one's own, for programs that fetch data
	QuestionnaireView    Action = "questionnaire.view"
	QuestionnairePublish Action = "questionnaire.publish"
	StaffInvite          Action = "staff.invite"
	StaffList            Action = "staff.list"
	AuditView            Action = "audit.view"
	ParticipationView    Action = "participation.view" // counts and rates
	MessageView          Action = "message.view"       // what was sent to whom, without addresses
	MessageChange        Action = "message.change"     // hold, send again, note as posted, try the settings
	PlanChange           Action = "plan.change"        // who is asked and written to when, and the calendar of it
)

var table = map[Action][]Role{
	StudyApply:           {Owner},
	StudyView:            {Owner, Admin, Researcher},
	WaveChange:           {Owner, Admin},
	ParticipantAdd:       {Owner, Admin},
	EnrolmentChange:      {Owner, Admin},
	ParticipantList:      {Owner, Admin},
	IdentityView:         {Admin},
	IdentityEdit:         {Admin},
	ParticipantEdit:      {Owner, Admin},
	ParticipantMerge:     {Owner},
	ParticipantErase:     {Owner},
	ParticipantExtract:   {Owner}, // the one file where both meet: it is handed to the person it is about
	ContactRecord:        {Owner, Admin},
	LinkCopy:             {Admin},
	InterviewEnter:       {Admin},
	InterviewReopen:      {Owner, Admin},
	OutcomeRecord:        {Owner, Admin},
	DataDownload:         {Owner, Researcher},
	DataCorrect:          {Researcher},
	DataImport:           {Owner},
	ReleaseView:          {Owner, Researcher},
	ReleaseRequest:       {Researcher},
	ProfileChange:        {Owner, Researcher},
	ReleaseDecide:        {Owner},
	ReleaseDownload:      {Owner, Researcher},
	TextRead:             {Owner, Researcher}, // who sees every answer anyway
	TokenCreate:          {Owner, Researcher},
	QuestionnaireView:    {Owner, Admin, Researcher},
	QuestionnairePublish: {Owner},
	StaffInvite:          {Owner},
	StaffList:            {Owner},
	AuditView:            {Owner},
	ParticipationView:    {Owner, Admin, Researcher},
	MessageView:          {Owner, Admin},
	MessageChange:        {Owner, Admin},
	PlanChange:           {Owner, Admin},
}

// Actor is who asks for an operation.
type Actor struct {
	Account string          // the account's id, "" for the command line
	Name    string          // shown to people; "command line" for the command line
	Roles   map[string]Role // by study key, AllStudies for every study
	System  bool            // the command line on the server itself: may do everything
	Only    []Action        // what the actor is bound to, however wide the role; nil for a person, who is not
}

// CommandLine is the actor of a command run on the server by its operator.
func CommandLine() Actor { return Actor{Name: "command line", System: true} }

// Role gives the actor's role in a study, "" for none. A role in the study
// goes before a role in all studies.
func (a Actor) Role(study string) Role {
	if r, ok := a.Roles[study]; ok {
		return r
	}
	return a.Roles[AllStudies]
}

// Can tells whether the actor may do the action in the study.
func (a Actor) Can(do Action, study string) bool {
	if a.System {
		return true
	}
	if a.Only != nil && !slices.Contains(a.Only, do) {
		return false
	}
	role := a.Role(study)
	for _, r := range table[do] {
		if r == role {
			return true
		}
	}
	return false
}

// May gives nil where the actor may do the action in the study, and a
// Forbidden (or Unauthenticated) error with a plain sentence where not.
func (a Actor) May(do Action, study string) error {
	if a.Can(do, study) {
		return nil
	}
	if a.Account == "" {
		return fault.New(fault.Unauthenticated, "not_logged_in", "Log in first.")
	}
	return fault.New(fault.Forbidden, "not_allowed", "Your role may not do this. Ask the owner of the study.").With("action", string(do))
}
