package rehearsal

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"panelverk/internal/store"
)

// paper is an interview that came on paper: the admin logs in and types what
// the person wrote.
func (p *person) paper(ctx context.Context) error {
	admin := p.stage.Admin
	p.browser = newBrowser(p.stage.Handler, &p.stage.report.Requests, p.language, true)
	s, err := p.browser.get(ctx, admin.BaseURL+"/staff/login")
	if err != nil {
		return err
	}
	if s.form == nil {
		return fmt.Errorf("the page %q has no log-in", s.title)
	}
	s.form.fill("email", admin.Email)
	s.form.fill("password", admin.Password)
	if s, err = p.browser.send(ctx, s, "", ""); err != nil {
		return err
	}
	if s.status != http.StatusOK || s.at("/login") {
		return fmt.Errorf("the admin cannot log in: %q (%d)", s.title, s.status)
	}
	s, err = p.browser.get(ctx, fmt.Sprintf("%s/staff/s/%s/p/%s/enter/%d", admin.BaseURL, url.PathEscape(p.stage.Study), url.PathEscape(p.label), p.stage.plan.waves[p.wave].Number))
	if err != nil {
		return err
	}
	if s.form == nil {
		return fmt.Errorf("an interview cannot be typed in: %q (%d)", s.title, s.status)
	}
	s.form.fill("mode", string(store.Paper))
	if s, err = p.browser.send(ctx, s, "", ""); err != nil {
		return err
	}
	p.stage.tally(p.wave).Started++
	if _, err = p.answer(ctx, s, -1); err == nil {
		p.stage.tally(p.wave).Paper++
	}
	return err
}
