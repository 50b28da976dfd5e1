package rehearsal

import (
	"fmt"
	"slices"

	"panelverk/internal/questionnaire"
)

// Names of the fields about earlier waves.
const (
	fieldOwn  = "own"  // of the start page: this is my own device
	fieldSaid = "pre." // pre.NAME: whether an earlier answer still holds
)

// device gives the browser of a wave: the one that somebody has said is their
// own, unless they have another by now. A device that nobody called one's own
// begins without cookies.
func (p *person) device() *browser {
	if p.own != nil && p.draw("device", fmt.Sprint(p.wave)).IntN(8) > 0 {
		return p.own
	}
	p.own = nil
	return newBrowser(p.stage.Handler, &p.stage.report.Requests, p.language, p.lot.cookies)
}

// remember says that this is one's own device, where that is asked: most do.
func (p *person) remember(f *form) {
	if len(f.options(fieldOwn)) > 0 && p.draw("own").IntN(10) < 8 {
		f.fill(fieldOwn, "1")
		p.own = p.browser
	}
}

// confirms says of an earlier answer that is offered whether it holds; true
// where it does, so that the question needs no other answer.
func (p *person) confirms(f *form, it *questionnaire.Item) bool {
	field := fieldSaid + it.Name
	if len(f.options(field)) == 0 {
		return false
	}
	if p.seen[it.Name].tries == 0 && p.draw("holds", it.Name, fmt.Sprint(p.wave)).IntN(4) > 0 {
		f.fill(field, "same")
		return true
	}
	f.fill(field, "new")
	return false
}

// confirmed tells whether a form says that an earlier answer holds.
func (f *form) confirmed(name string) bool {
	return slices.Contains(f.values()[fieldSaid+name], "same")
}
