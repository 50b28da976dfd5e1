// Package staff is the pages of those who run a study: plain HTML forms that
// need no script. A file holds one part of the pages; each action reads its
// form, makes one call to an operation and redirects, or shows the form again
// with everything that was typed and every fault beside its field.
//
// Who may do what is decided by the operations. The pages only leave out what
// the role cannot reach.
package staff

import (
	"net/http"
	"slices"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"

	"panelverk/internal/account"
	"panelverk/internal/fieldwork"
	"panelverk/internal/intake"
	"panelverk/internal/release"
	"panelverk/internal/site/page"
)

// Deps is what the pages work with.
type Deps struct {
	Accounts  *account.Service
	Fieldwork *fieldwork.Service
	Release   *release.Service
	Intake    *intake.Service
	Sessions  *scs.SessionManager
	Page      *page.Renderer
	Now       func() time.Time
	BaseURL   string // "https://host", without a slash at the end
	Sending   Sending
}

// Sending is how messages leave this server, for those who look after it.
type Sending struct {
	Post            fieldwork.Post
	Silence         string // why nothing is sent, for the text staff.post.silence.…; "" where it is
	Server, Gateway string // their names, for mail.Outcome.Words
}

// site is the pages with what they work with.
type site struct{ Deps }

// Bounds on what a form and an uploaded file may hold.
const (
	maxForm   = 256 << 10
	maxUpload = 24 << 20
	maxRead   = 2 << 20 // what is read at a time, each letter of which may be nine characters of a form

	maxHandedIn = 48 << 20 // a questionnaire with its files, which the page then carries in base64
)

// route is one page action. Its handler is wrapped for who may come: anybody,
// somebody logged in, or somebody with a role in the study of the path.
type route struct {
	method, path string
	wrap         func(*site, handler) gin.HandlerFunc
	handle       handler
}

// routes lists every action of the staff pages, relative to /staff. It is long
// because it is a table.
func routes() []route {
	const get, post = http.MethodGet, http.MethodPost
	anybody, member, inStudy := (*site).anybody, (*site).member, (*site).inStudy
	return slices.Concat(recruitRoutes(), profileRoutes(), []route{
		{get, "/login", anybody, (*request).showLogin},
		{post, "/login", anybody, (*request).login},
		{post, "/logout", anybody, (*request).logout},
		{get, "/forgot", anybody, (*request).showForgot},
		{post, "/forgot", anybody, (*request).forgot},
		{get, "/setup/:token", anybody, (*request).showSetup},
		{post, "/setup/:token", anybody, (*request).setup},
		{get, "/invite/:token", anybody, (*request).showInvite},
		{post, "/invite/:token", anybody, (*request).acceptInvite},
		{get, "/reset/:token", anybody, (*request).showReset},
		{post, "/reset/:token", anybody, (*request).reset},

		{get, "/calendar/:study/:file", anybody, (*request).calendarFeed},

		{get, "/", member, (*request).home},
		{get, "/account", member, (*request).showAccount},
		{post, "/account/language", member, (*request).changeLanguage},
		{post, "/account/password", member, (*request).changePassword},
		{post, "/account/tokens", member, (*request).createToken},
		{post, "/account/tokens/revoke", member, (*request).revokeToken},
		{get, "/people", member, (*request).showPeople},
		{post, "/people/invite", member, (*request).invite},
		{post, "/people/withdraw", member, (*request).withdrawInvite},
		{get, "/people/:id", member, (*request).showPerson},
		{post, "/people/:id/role", member, (*request).setRole},
		{post, "/people/:id/disable", member, (*request).disable},
		{post, "/people/:id/enable", member, (*request).enable},
		{post, "/people/:id/reset", member, (*request).resetLink},
		{get, "/audit", member, (*request).showAudit},

		{get, "/s/:study", inStudy, (*request).showOverview},
		{get, "/s/:study/waves", inStudy, (*request).showWaves},
		{post, "/s/:study/waves/:wave", inStudy, (*request).moveWave},
		{get, "/s/:study/waves/:wave/open", inStudy, (*request).askOpenWave},
		{post, "/s/:study/waves/:wave/open", inStudy, (*request).openWave},
		{get, "/s/:study/waves/:wave/close", inStudy, (*request).askCloseWave},
		{post, "/s/:study/waves/:wave/close", inStudy, (*request).closeWave},
		{get, "/s/:study/plan", inStudy, (*request).showPlan},
		{post, "/s/:study/plan", inStudy, (*request).editPlan},
		{get, "/s/:study/plan/study.yaml", inStudy, (*request).planFile},
		{get, "/s/:study/calendar", inStudy, (*request).showCalendar},
		{get, "/s/:study/calendar/calendar.csv", inStudy, (*request).calendarFile},
		{get, "/s/:study/calendar/waves.ics", inStudy, (*request).waveDates},
		{post, "/s/:study/calendar/renew", inStudy, (*request).renewCalendar},
		{get, "/s/:study/outcomes", inStudy, (*request).showOutcomes},
		{get, "/s/:study/outcomes/file/:table", inStudy, (*request).outcomesFile},
		{get, "/s/:study/outcomes/:wave", inStudy, (*request).showWaveOutcomes},
		{get, "/s/:study/panel", inStudy, (*request).showPanel},
		{get, "/s/:study/missing/:wave", inStudy, (*request).showMissing},
		{post, "/s/:study/missing/:wave", inStudy, (*request).showMissingNames},
		{get, "/s/:study/panel/add", inStudy, (*request).showAdd},
		{post, "/s/:study/panel/add", inStudy, (*request).add},
		{get, "/s/:study/panel/file", inStudy, (*request).showUpload},
		{post, "/s/:study/panel/file", inStudy, (*request).upload},
		{post, "/s/:study/panel/file/add", inStudy, (*request).addUploaded},
		{get, "/s/:study/p/:label", inStudy, (*request).showParticipant},
		{post, "/s/:study/p/:label/identity", inStudy, (*request).showIdentity},
		{post, "/s/:study/p/:label/outcome", inStudy, (*request).recordOutcome},
		{get, "/s/:study/p/:label/alter", inStudy, (*request).showAlter},
		{post, "/s/:study/p/:label/alter", inStudy, (*request).alter},
		{post, "/s/:study/p/:label/details", inStudy, (*request).alterDetails},
		{get, "/s/:study/p/:label/lift", inStudy, (*request).askLift},
		{post, "/s/:study/p/:label/lift", inStudy, (*request).lift},
		{post, "/s/:study/p/:label/number", inStudy, (*request).resetPIN},
		{post, "/s/:study/p/:label/link", inStudy, (*request).sendLink},
		{get, "/s/:study/p/:label/contact", inStudy, (*request).showContact},
		{post, "/s/:study/p/:label/contact", inStudy, (*request).recordContact},
		{get, "/s/:study/p/:label/merge", inStudy, (*request).showMerge},
		{post, "/s/:study/p/:label/merge", inStudy, (*request).merge},
		{get, "/s/:study/p/:label/erase", inStudy, (*request).askErase},
		{post, "/s/:study/p/:label/erase", inStudy, (*request).erase},
		{post, "/s/:study/p/:label/extract", inStudy, (*request).extract},
		{get, "/s/:study/p/:label/reopen/:wave", inStudy, (*request).askReopen},
		{post, "/s/:study/p/:label/reopen/:wave", inStudy, (*request).reopen},
		{get, "/s/:study/p/:label/enter/:wave", inStudy, (*request).askEnter},
		{post, "/s/:study/p/:label/enter/:wave", inStudy, (*request).startEntry},
		{get, "/s/:study/p/:label/enter/:wave/:mode/q/:page", inStudy, (*request).showEntry},
		{post, "/s/:study/p/:label/enter/:wave/:mode/q/:page", inStudy, (*request).saveEntry},
		{get, "/s/:study/p/:label/enter/:wave/:mode/media/:hash/:name", inStudy, (*request).entryMedia},
		{get, "/s/:study/p/:label/enter/:wave/:mode/end", inStudy, (*request).showEndEntry},
		{post, "/s/:study/p/:label/enter/:wave/:mode/end", inStudy, (*request).submitEntry},
		{get, "/s/:study/messages", inStudy, (*request).showMessages},
		{get, "/s/:study/messages/list", inStudy, (*request).listMessages},
		{get, "/s/:study/messages/preview", inStudy, (*request).previewMessage},
		{post, "/s/:study/messages/hold", inStudy, (*request).holdMessages},
		{post, "/s/:study/messages/test", inStudy, (*request).sendTest},
		{post, "/s/:study/messages/letters", inStudy, (*request).printLetters},
		{post, "/s/:study/messages/posted", inStudy, (*request).notePosted},
		{get, "/s/:study/p/:label/messages", inStudy, (*request).showMessagesTo},
		{post, "/s/:study/p/:label/messages/:id", inStudy, (*request).sendAgain},
		{get, "/s/:study/links", inStudy, (*request).askLinks},
		{post, "/s/:study/links", inStudy, (*request).showLinks},

		{get, "/s/:study/questionnaires", inStudy, (*request).showQuestionnaires},
		{get, "/s/:study/questionnaires/:key/next", inStudy, (*request).showNext},
		{post, "/s/:study/questionnaires/:key/next", inStudy, (*request).readNext},
		{post, "/s/:study/questionnaires/:key/next/publish", inStudy, (*request).publish},
		{post, "/s/:study/questionnaires/:key/next/preview", inStudy, (*request).previewDraft},
		{get, "/s/:study/questionnaires/:key/compare", inStudy, (*request).showChosen},
		{get, "/s/:study/questionnaires/:key/words", inStudy, (*request).showWords},
		{post, "/s/:study/questionnaires/:key/words", inStudy, (*request).confirmWords},
		{get, "/s/:study/questionnaires/:key/:version", inStudy, (*request).showQuestionnaire},
		{get, "/s/:study/questionnaires/:key/:version/compare", inStudy, (*request).showComparison},
		{get, "/s/:study/questionnaires/:key/:version/file/:form", inStudy, (*request).versionFile},
		{get, "/s/:study/questionnaires/:key/media/:hash/:name", inStudy, (*request).versionMedia},
		{get, "/s/:study/questionnaires/:key/:version/preview", inStudy, (*request).preview},
		{post, "/s/:study/questionnaires/:key/:version/preview", inStudy, (*request).preview},
		{get, "/s/:study/questionnaires/:key/:version/print", inStudy, (*request).printVersion},

		{get, "/s/:study/data", inStudy, (*request).showData},
		{post, "/s/:study/data/workbook", inStudy, (*request).workbook},
		{post, "/s/:study/data/uploads", inStudy, (*request).uploads},
		{get, "/s/:study/data/variables", inStudy, (*request).showVariables},
		{get, "/s/:study/data/variables/:name", inStudy, (*request).showVariable},
		{get, "/s/:study/data/variables/:name/file/:table", inStudy, (*request).variableFile},
		{get, "/s/:study/feedback", inStudy, (*request).showFeedback},
		{get, "/s/:study/data/corrections", inStudy, (*request).showCorrections},
		{post, "/s/:study/data/corrections", inStudy, (*request).correct},
		{get, "/s/:study/texts", inStudy, (*request).showTexts},
		{get, "/s/:study/texts/:wave/:question", inStudy, (*request).showText},
		{post, "/s/:study/texts/:wave/:question", inStudy, (*request).decideTexts},
		{get, "/s/:study/releases", inStudy, (*request).showReleases},
		{post, "/s/:study/releases", inStudy, (*request).requestRelease},
		{get, "/s/:study/releases/new", inStudy, (*request).askRelease},
		{get, "/s/:study/releases/:number", inStudy, (*request).showRelease},
		{post, "/s/:study/releases/:number/approve", inStudy, (*request).approveRelease},
		{post, "/s/:study/releases/:number/refuse", inStudy, (*request).refuseRelease},
		{post, "/s/:study/releases/:number/file", inStudy, (*request).askReleaseFile},
		{get, "/s/:study/releases/:number/file", inStudy, (*request).releaseFile},
	})
}

// Register adds the pages to the router, which stands under /staff. It gives
// what answers where no page is: the status is set already.
func Register(r gin.IRouter, d Deps) (unknown gin.HandlerFunc) {
	s := &site{Deps: d}
	for _, rt := range routes() {
		r.Handle(rt.method, rt.path, rt.wrap(s, rt.handle))
	}
	return s.anybody((*request).unknown)
}
