package account

import (
	"strings"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/db/dbtest"
	"panelverk/internal/store"
)

func token(t *testing.T, s *Service, a access.Actor, study string, days int) (string, store.Token) {
	t.Helper()
	text, made, err := s.CreateToken(ctx, noon, a, NewToken{Study: study, Name: " R  at work ", Days: days})
	if err != nil {
		t.Fatal(err)
	}
	return text, made
}

func TestTokenOpensWhatItsAccountMayNow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, dsn string) {
		s := serviceOn(t, dsn)
		o := owner(t, s)
		ada := Actor(join(t, s, o, "factory", access.Researcher, "ada@example.org"))
		text, made := token(t, s, ada, "factory", 30)
		if !strings.HasPrefix(text, "pv_") || len(text) != 35 || made.Name != "R at work" || strings.Contains(made.Lookup, text[3:]) {
			t.Errorf("made %q, %+v", text, made)
		}
		bearer, err := s.Bearer(ctx, noon, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			do    access.Action
			study string
			may   bool
		}{
			{access.ReleaseDownload, "factory", true},
			{access.StudyView, "factory", true},
			{access.DataCorrect, "factory", false}, // Ada may; the token may not
			{access.TokenCreate, "factory", false},
			{access.DataDownload, "factory", false}, // a release alone, as it was approved
			{access.ReleaseDownload, "males", false},
		} {
			if bearer.Can(c.do, c.study) != c.may {
				t.Errorf("%s in %s: %v", c.do, c.study, !c.may)
			}
		}
		if bearer.Account != ada.Account {
			t.Errorf("the bearer is %+v", bearer)
		}

		// An owner of everything has a token of one study alone.
		all, _ := token(t, s, o, "males", 30)
		if bearer, err = s.Bearer(ctx, noon, all); err != nil || bearer.Can(access.ReleaseDownload, "factory") || !bearer.Can(access.ReleaseDownload, "males") || bearer.Can(access.StaffInvite, "males") {
			t.Errorf("an owner's token: %+v %v", bearer, err)
		}

		want(t, "the role goes", s.SetRole(ctx, noon, o, ada.Account, "factory", access.Admin), "")
		if bearer, err = s.Bearer(ctx, noon, text); err != nil || bearer.Can(access.ReleaseDownload, "factory") {
			t.Errorf("with another role: %+v %v", bearer, err)
		}
		want(t, "disable", s.Disable(ctx, noon, o, ada.Account), "")
		_, err = s.Bearer(ctx, noon, text)
		want(t, "a disabled account", err, "token_wrong")
	})
}

func TestTokenEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, dsn string) {
		s := serviceOn(t, dsn)
		o := owner(t, s)
		ada := Actor(join(t, s, o, "factory", access.Researcher, "ada@example.org"))
		text, made := token(t, s, ada, "factory", 1)
		last := made.ExpiresAt.Add(-time.Millisecond)
		_, err := s.Bearer(ctx, last, text)
		want(t, "the last moment", err, "")
		held, err := s.Tokens(ctx, last, ada)
		if err != nil || len(held) != 1 || held[0].UsedOn != time.Date(2017, 3, 23, 0, 0, 0, 0, time.UTC) {
			t.Errorf("held %+v %v", held, err)
		}
		_, err = s.Bearer(ctx, made.ExpiresAt, text)
		want(t, "expired", err, "token_wrong")
		if held, _ := s.Tokens(ctx, made.ExpiresAt, ada); len(held) != 0 {
			t.Errorf("an expired one is shown: %+v", held)
		}

		text, made = token(t, s, ada, "factory", 30)
		want(t, "somebody else revokes", s.RevokeToken(ctx, noon, o, made.ID), "token_not_found")
		want(t, "revoke", s.RevokeToken(ctx, noon, ada, made.ID), "")
		want(t, "revoke twice", s.RevokeToken(ctx, noon, ada, made.ID), "token_not_found")
		_, err = s.Bearer(ctx, noon, text)
		want(t, "revoked", err, "token_wrong")
		rows, err := s.Audit(ctx, o, "factory", 0)
		if err != nil || rows[0].Action != "token.revoke" || rows[1].Action != "token.create" || rows[0].Object != "token "+made.ID {
			t.Errorf("the audit: %+v %v", rows, err)
		}
		for _, r := range rows {
			if strings.Contains(r.Object+r.Detail, "R at work") || strings.Contains(r.Object+r.Detail, text) {
				t.Errorf("the audit holds a name or a token: %+v", r)
			}
		}
	})
}

func TestTokenIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, dsn string) {
		s := serviceOn(t, dsn)
		o := owner(t, s)
		ada := Actor(join(t, s, o, "factory", access.Admin, "ada@example.org"))
		for name, c := range map[string]struct {
			by   access.Actor
			new  NewToken
			want string
		}{
			"nobody":           {access.Actor{}, NewToken{Study: "factory", Name: "R", Days: 1}, "not_logged_in"},
			"the command line": {access.CommandLine(), NewToken{Study: "factory", Name: "R", Days: 1}, "not_logged_in"},
			"an admin":         {ada, NewToken{Study: "factory", Name: "R", Days: 1}, "not_allowed"},
			"no such study":    {o, NewToken{Study: "nowhere", Name: "R", Days: 1}, "study_not_found"},
			"all studies":      {o, NewToken{Study: access.AllStudies, Name: "R", Days: 1}, "study_not_found"},
			"all wrong":        {o, NewToken{Study: "factory", Name: "  ", Days: 366}, "token_name:token_name_missing token_days:token_days_wrong"},
			"no days":          {o, NewToken{Study: "factory", Name: strings.Repeat("R", 201)}, "token_name:name_long token_days:token_days_wrong"},
		} {
			_, _, err := s.CreateToken(ctx, noon, c.by, c.new)
			want(t, name, err, c.want)
		}
		for range maxTokens {
			token(t, s, o, "factory", 1)
		}
		_, _, err := s.CreateToken(ctx, noon, o, NewToken{Study: "factory", Name: "R", Days: 1})
		want(t, "one too many", err, "tokens_many")
		_, _, err = s.CreateToken(ctx, noon.AddDate(0, 0, 1), o, NewToken{Study: "factory", Name: "R", Days: 1})
		want(t, "when the others have expired", err, "")
	})
}

func TestStrangersAreSlowedAndTokensAreNot(t *testing.T) {
	s := service(t)
	o := owner(t, s)
	text, _ := token(t, s, o, "factory", 30)
	wrong := []string{"", "pv_", "nonsense", TokenPrefix + strings.Repeat("a", 32), text[:34] + "!"}
	for i := range strangerBurst {
		_, err := s.Bearer(ctx, noon, wrong[i%len(wrong)])
		want(t, "a wrong token", err, "token_wrong")
	}
	_, err := s.Bearer(ctx, noon, wrong[3])
	want(t, "one too many", err, "too_many_attempts")
	_, err = s.Bearer(ctx, noon, text)
	want(t, "a right one meanwhile", err, "")
	_, err = s.Bearer(ctx, noon.Add(strangerEvery), wrong[3])
	want(t, "a second later", err, "token_wrong")
}
