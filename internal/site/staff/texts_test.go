package staff_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"panelverk/internal/access"
	"panelverk/internal/fieldwork"
	"panelverk/internal/lang"
	"panelverk/internal/mail"
	"panelverk/internal/panel"
	"panelverk/internal/questionnaire"
	"panelverk/internal/store"
	"panelverk/internal/study"
	"panelverk/web"
)

// keyPattern finds the texts' keys in templates and code. One that ends in a
// dot is the beginning of several.
var keyPattern = regexp.MustCompile(`"(staff\.[a-z_.0-9]+|problem\.[a-z_]+)"`)

// TestEveryTextIsThere looks every key up, in the language itself.
func TestEveryTextIsThere(t *testing.T) {
	var sources []string
	templates, err := fs.Glob(web.FS, "templates/staff/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range templates {
		data, err := fs.ReadFile(web.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, string(data))
	}
	code, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range code {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "_test.go") {
			sources = append(sources, string(data))
		}
	}
	keys := map[string]bool{}
	for _, s := range sources {
		for _, m := range keyPattern.FindAllStringSubmatch(s, -1) {
			if m[1] != "staff.css" {
				keys[m[1]] = true
			}
		}
	}
	if len(keys) < 200 {
		t.Fatalf("only %d keys were found", len(keys))
	}
	for _, added := range closedSets() {
		keys[added] = true
	}
	for _, tag := range []string{"sv", "en", "de"} {
		texts := lang.For(tag)
		for key := range keys {
			if strings.HasSuffix(key, ".") {
				if !slices.ContainsFunc(texts.Keys(), func(k string) bool { return strings.HasPrefix(k, key) }) {
					t.Errorf("%s has no text that begins with %s", tag, key)
				}
				continue
			}
			if !texts.Has(key) {
				t.Errorf("%s has no text %s", tag, key)
			}
		}
	}
}

// closedSets gives the keys that are put together from closed sets.
func closedSets() []string {
	var keys []string
	for _, role := range access.Roles {
		for _, prefix := range []string{"role.", "staff.promise.", "staff.people.what.", "staff.entry.role."} {
			keys = append(keys, prefix+string(role))
		}
	}
	for _, state := range []store.MessageState{store.Due, store.Claimed, store.HandedOver, store.Deferred, store.Bounced, store.RefusedBy, store.OptedOut, store.Cancelled} {
		keys = append(keys, "staff.post.state."+string(state))
	}
	for _, kind := range mail.Kinds() {
		if !study.IsMessageKind(string(kind.Base())) {
			keys = append(keys, "staff.post.kind."+string(kind))
		}
	}
	for _, why := range []string{"no_file", "local_base"} {
		keys = append(keys, "staff.post.silence."+why)
	}
	for _, kind := range panel.Recordable() {
		keys = append(keys, "staff.event."+string(kind))
	}
	for _, kind := range []panel.EventKind{panel.AddressChanged, panel.RestLifted, panel.Merged} {
		keys = append(keys, "staff.event."+string(kind))
	}
	for _, way := range panel.ContactWays() {
		keys = append(keys, "staff.way."+string(way))
	}
	for _, o := range panel.ContactOutcomes() {
		keys = append(keys, "staff.contact."+string(o))
	}
	for _, s := range []study.State{study.Planned, study.Open, study.Closed} {
		keys = append(keys, "staff.state."+string(s))
	}
	for _, m := range []fieldwork.MarkState{fieldwork.NotInvited, fieldwork.Waiting, fieldwork.Begun, fieldwork.Done, fieldwork.Declined} {
		keys = append(keys, "staff.mark."+string(m))
	}
	for _, m := range fieldwork.Measures() {
		keys = append(keys, "staff.outcomes.measure."+string(m))
	}
	for _, m := range fieldwork.Troubles() {
		if m != fieldwork.NoTrouble {
			keys = append(keys, "staff.work.trouble."+string(m))
		}
	}
	for _, c := range []study.Channel{study.Email, study.SMS, study.Paper} {
		keys = append(keys, "staff.work.channel."+string(c))
	}
	for _, k := range []study.MessageKind{study.Prenotice, study.Invitation, study.Reminder, study.Nudge, study.Thanks, study.Closing} {
		keys = append(keys, "staff.work.kind."+string(k))
	}
	for _, m := range []store.MessageState{store.Due, store.Claimed, store.HandedOver, store.Deferred, store.Bounced, store.RefusedBy, store.OptedOut} {
		keys = append(keys, "staff.work.state."+string(m))
	}
	for _, f := range []panel.Frame{panel.NamedList, panel.EnrolledMembers, panel.OpenLink} {
		keys = append(keys, "staff.outcomes.frame."+string(f))
	}
	for _, w := range []panel.Why{panel.NoFrame, panel.NoCases} {
		keys = append(keys, "staff.outcomes.why."+string(w))
	}
	for _, side := range []string{"over.i", "over.ip", "over.r", "over.ipro", "over.k", "under.ku", "under.keu", "under.k", "under.ipro", "under.ipr", "under.kne"} {
		keys = append(keys, "staff.outcomes."+side)
	}
	for _, table := range []string{"rates", "dispositions", "retention", "flow", "patterns", "days", "groups", "minutes", "stopped"} {
		keys = append(keys, "staff.outcomes."+table+".table", "staff.outcomes."+table+".head")
	}
	for _, m := range []store.Mode{store.Web, store.Paper, store.Telephone, store.Imported} {
		keys = append(keys, "staff.mode."+string(m))
	}
	for _, s := range []store.ParticipantStatus{store.Active, store.Left, store.Erased, store.Dead} {
		keys = append(keys, "staff.status."+string(s))
	}
	for _, q := range []questionnaire.Type{questionnaire.Text, questionnaire.Integer, questionnaire.SelectOne, questionnaire.SelectMultiple, questionnaire.Rank,
		questionnaire.Note, questionnaire.Date, questionnaire.Time, questionnaire.DateTime, questionnaire.Range, questionnaire.Acknowledge,
		questionnaire.Decimal, questionnaire.Calculate, questionnaire.Hidden, questionnaire.Geopoint, questionnaire.File, questionnaire.Image,
		questionnaire.Start, questionnaire.End, questionnaire.Today, questionnaire.DeviceID} {
		keys = append(keys, "staff.type."+string(q))
	}
	for _, k := range questionnaire.Kinds {
		keys = append(keys, "staff.kind."+string(k))
	}
	for _, m := range questionnaire.Meanings {
		keys = append(keys, "staff.means."+string(m))
	}
	for _, v := range []questionnaire.Verdict{questionnaire.SameVariable, questionnaire.NewVariable, questionnaire.GoneVariable} {
		keys = append(keys, "staff.verdict."+string(v))
	}
	for _, a := range []questionnaire.Aspect{questionnaire.AspectLabel, questionnaire.AspectHint, questionnaire.AspectGuidance, questionnaire.AspectConstraintMessage,
		questionnaire.AspectRequiredMessage, questionnaire.AspectStem, questionnaire.AspectHeading, questionnaire.AspectMedia, questionnaire.AspectType,
		questionnaire.AspectPoints, questionnaire.AspectRange, questionnaire.AspectAdded, questionnaire.AspectRemoved, questionnaire.AspectRelabelled,
		questionnaire.AspectRecoded, questionnaire.AspectRenamed, questionnaire.AspectReused, questionnaire.AspectChoiceMedia, questionnaire.AspectChoiceColumns,
		questionnaire.AspectChoiceOrder, questionnaire.AspectRandomize, questionnaire.AspectUniverse, questionnaire.AspectConstraint, questionnaire.AspectRequired,
		questionnaire.AspectCalculation, questionnaire.AspectTrigger, questionnaire.AspectDefault, questionnaire.AspectFilter, questionnaire.AspectReadOnly,
		questionnaire.AspectRepeat, questionnaire.AspectUpload, questionnaire.AspectSource, questionnaire.AspectMoved, questionnaire.AspectNeighbour,
		questionnaire.AspectPage, questionnaire.AspectAppearance, questionnaire.AspectVariable} {
		keys = append(keys, "staff.aspect."+string(a))
	}
	return keys
}
