package account

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"panelverk/internal/access"
	"panelverk/internal/db/dbtest"
	"panelverk/internal/fault"
	"panelverk/internal/secret"
	"panelverk/internal/store"
)

var (
	ctx  = context.Background()
	noon = time.Date(2017, 3, 22, 12, 0, 0, 0, time.UTC)
	good = "en lång promenad"
)

func service(t *testing.T) *Service {
	t.Helper()
	return serviceOn(t, dbtest.SQLite(t))
}

func serviceOn(t *testing.T, dsn string) *Service {
	t.Helper()
	st, err := store.Open(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	keys, err := secret.NewRing(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"factory", "males"} {
		if err := st.Write(ctx, func(tx *store.Tx) error {
			return tx.PutStudy(store.Study{Key: key, AppliedAt: noon})
		}); err != nil {
			t.Fatal(err)
		}
	}
	return New(st, keys)
}

// owner sets the server up as its first start does.
func owner(t *testing.T, s *Service) access.Actor {
	t.Helper()
	token, needed, err := s.Setup(ctx, noon)
	if err != nil || !needed {
		t.Fatalf("setup: needed %v, %v", needed, err)
	}
	a, err := s.CompleteSetup(ctx, noon, token, Person{Name: " Olga  Ek ", Email: "Olga@Example.org ", Password: good, Language: "sv"})
	if err != nil {
		t.Fatal(err)
	}
	if a.Name != "Olga Ek" || a.Email != "olga@example.org" {
		t.Errorf("stored as %q %q", a.Name, a.Email)
	}
	return Actor(a)
}

// join invites somebody and accepts.
func join(t *testing.T, s *Service, by access.Actor, study string, role access.Role, email string) *store.Account {
	t.Helper()
	token, err := s.Invite(ctx, noon, by, study, role, "")
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.AcceptInvite(ctx, noon, token, Person{Name: "Ada", Email: email, Password: good, Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func code(err error) string {
	if err == nil {
		return ""
	}
	e := fault.Of(err)
	if len(e.Problems) == 0 {
		return e.Code
	}
	var codes []string
	for _, p := range e.Problems {
		codes = append(codes, p.Field+":"+p.Code)
	}
	return strings.Join(codes, " ")
}

func want(t *testing.T, what string, err error, wanted string) {
	t.Helper()
	if got := code(err); got != wanted {
		t.Errorf("%s: got %q, want %q", what, got, wanted)
	}
}

func TestSetupWorksOnce(t *testing.T) {
	s := service(t)
	first, _, _ := s.Setup(ctx, noon)
	want(t, "an unknown token", s.CheckSetup(ctx, noon, "nonsense"), "one_time_gone")
	want(t, "too late", s.CheckSetup(ctx, noon.Add(SetupLife), first), "one_time_gone")
	_, err := s.CompleteSetup(ctx, noon, first, Person{Email: "olga", Password: "kort"})
	want(t, "all offences at once", err, "name:own_name_missing email:email_wrong password:password_short")
	want(t, "the link after a faulty form", s.CheckSetup(ctx, noon, first), "")
	o := owner(t, s)
	if o.Role("any") != access.Owner {
		t.Errorf("the first account is %q", o.Role("any"))
	}
	_, err = s.CompleteSetup(ctx, noon, first, Person{Name: "Eve", Email: "eve@example.org", Password: good})
	want(t, "an older link after the owner is there", err, "one_time_gone")
	if token, needed, err := s.Setup(ctx, noon); err != nil || needed || token != "" {
		t.Errorf("a start with an owner: %q %v %v", token, needed, err)
	}
}

func TestInvite(t *testing.T) {
	s := service(t)
	o := owner(t, s)
	token, err := s.Invite(ctx, noon, o, "factory", access.Admin, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Invitation(ctx, noon.Add(InviteLife), token)
	want(t, "after seven days", err, "one_time_gone")
	a, err := s.AcceptInvite(ctx, noon, token, Person{Name: "Ada", Email: "ada@example.org", Password: good, Language: "sv"})
	if err != nil {
		t.Fatal(err)
	}
	ada := Actor(a)
	if ada.Role("factory") != access.Admin || ada.Role("males") != "" {
		t.Errorf("roles %v", a.Roles)
	}
	_, err = s.AcceptInvite(ctx, noon, token, Person{Name: "Eve", Email: "eve@example.org", Password: good})
	want(t, "a second use", err, "one_time_gone")
	_, err = s.Invite(ctx, noon, ada, "factory", access.Researcher, "")
	want(t, "an admin invites", err, "not_allowed")
	_, err = s.Invite(ctx, noon, access.Actor{}, "factory", access.Researcher, "")
	want(t, "nobody invites", err, "not_logged_in")
	_, err = s.Invite(ctx, noon, o, "factory", "king", "not an address")
	want(t, "a faulty invitation", err, "role:role_unknown email:email_wrong")
	_, err = s.Invite(ctx, noon, o, "nowhere", access.Admin, "")
	want(t, "an unknown study", err, "study_not_found")

	// Who has an account already adds the role to it, with the password of old.
	token, _ = s.Invite(ctx, noon, o, "males", access.Researcher, "")
	_, err = s.AcceptInvite(ctx, noon, token, Person{Name: "Eve", Email: "ADA@example.org", Password: "en annan promenad"})
	want(t, "somebody else's address", err, "password:password_of_account")
	a, err = s.AcceptInvite(ctx, noon, token, Person{Name: "x", Email: "ada@example.org", Password: good})
	if err != nil {
		t.Fatal(err)
	}
	if a.Roles["factory"] != access.Admin || a.Roles["males"] != access.Researcher || a.Name != "Ada" {
		t.Errorf("the account became %+v", a)
	}
}

func TestWithdrawnInvitation(t *testing.T) {
	s := service(t)
	o := owner(t, s)
	token, _ := s.Invite(ctx, noon, o, "factory", access.Admin, "ada@example.org")
	pending, err := s.Pending(ctx, noon, o)
	if err != nil || len(pending) != 1 || pending[0].Email != "ada@example.org" {
		t.Fatalf("pending %+v %v", pending, err)
	}
	if err := s.Withdraw(ctx, noon, o, pending[0].Lookup); err != nil {
		t.Fatal(err)
	}
	_, err = s.Invitation(ctx, noon, token)
	want(t, "a withdrawn invitation", err, "one_time_gone")
}

func TestLogin(t *testing.T) {
	s := service(t)
	o := owner(t, s)
	a, err := s.Login(ctx, noon, "OLGA@example.org", good)
	if err != nil || a.ID != o.Account {
		t.Fatalf("login: %v", err)
	}
	_, err = s.Login(ctx, noon, "olga@example.org", good+"x")
	want(t, "a wrong password", err, "login_wrong")
	_, err = s.Login(ctx, noon, "nobody@example.org", good)
	want(t, "an unknown address", err, "login_wrong")
	// ö as one character and as two is the same password.
	ada := join(t, s, o, "factory", access.Admin, "ada@example.org")
	if _, err := s.Login(ctx, noon, ada.Email, "en la\u030ang promenad"); err != nil {
		t.Errorf("a decomposed å: %v", err)
	}
	if err := s.Disable(ctx, noon, o, ada.ID); err != nil {
		t.Fatal(err)
	}
	_, err = s.Login(ctx, noon, ada.Email, good)
	want(t, "a disabled account", err, "login_wrong")
}

func TestLoginLimits(t *testing.T) {
	s := service(t)
	owner(t, s)
	for range addressBurst {
		_, err := s.Login(ctx, noon, "olga@example.org", "fel lösenord här")
		want(t, "within the limit", err, "login_wrong")
	}
	_, err := s.Login(ctx, noon, "olga@example.org", good)
	want(t, "over the limit, even with the right password", err, "too_many_attempts")
	if _, err := s.Login(ctx, noon.Add(addressEvery), "olga@example.org", good); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

func TestLimitsOverAll(t *testing.T) {
	l := newLimits()
	for i := range globalBurst {
		if err := l.take(noon, string(rune('a'+i))); err != nil {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	want(t, "one over all too many", l.take(noon, "z"), "too_many_attempts")
	want(t, "a second later", l.take(noon.Add(globalEvery), "z"), "")
}

func TestLimitsForgetOldAddresses(t *testing.T) {
	l := newLimits()
	for i := range maxAddresses + 5 {
		now := noon.Add(time.Duration(i) * globalEvery)
		if err := l.take(now, string(rune(i))); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.addresses) > maxAddresses {
		t.Errorf("%d addresses are remembered", len(l.addresses))
	}
}

func TestForgottenPassword(t *testing.T) {
	s := service(t)
	o := owner(t, s)
	ada := join(t, s, o, "factory", access.Admin, "ada@example.org")
	before, err := s.Login(ctx, noon, ada.Email, good)
	if err != nil {
		t.Fatal(err)
	}
	stamp := s.Stamp(before)
	for _, email := range []string{"Ada@example.org", "ada@example.org", "nobody@example.org"} {
		if err := s.Forgot(ctx, noon, email); err != nil {
			t.Errorf("%s: %v", email, err)
		}
	}
	waiting, err := s.Requests(ctx, o)
	if err != nil || len(waiting) != 1 || waiting[0].Account.ID != ada.ID {
		t.Fatalf("requests %+v %v", waiting, err)
	}
	if mine, err := s.Requests(ctx, Actor(ada)); err != nil || len(mine) != 0 {
		t.Errorf("an admin sees requests: %v %v", mine, err)
	}
	_, err = s.ResetLink(ctx, noon, Actor(ada), ada.ID)
	want(t, "an admin makes a reset link", err, "not_allowed")
	older, _ := s.ResetLink(ctx, noon, o, ada.ID)
	token, err := s.ResetLink(ctx, noon, access.CommandLine(), ada.ID)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "an older reset link", s.CheckReset(ctx, noon, older), "one_time_gone")
	want(t, "after a day", s.CheckReset(ctx, noon.Add(ResetLife), token), "one_time_gone")
	if waiting, _ := s.Requests(ctx, o); len(waiting) != 0 {
		t.Errorf("still waiting: %+v", waiting)
	}
	_, err = s.Reset(ctx, noon, token, "ada@example.org")
	want(t, "the address as password", err, "password:password_is_email")
	if _, err := s.Session(ctx, ada.ID, stamp); err != nil {
		t.Errorf("the session before the reset: %v", err)
	}
	if _, err := s.Reset(ctx, noon, token, "en annan promenad"); err != nil {
		t.Fatal(err)
	}
	_, err = s.Session(ctx, ada.ID, stamp)
	want(t, "the session after the reset", err, "not_logged_in")
	_, err = s.Reset(ctx, noon, token, "en tredje promenad")
	want(t, "a second use", err, "one_time_gone")
	if _, err := s.Login(ctx, noon, ada.Email, "en annan promenad"); err != nil {
		t.Errorf("the new password: %v", err)
	}
}

func TestLastOwnerStays(t *testing.T) {
	s := service(t)
	o := owner(t, s)
	want(t, "disable", s.Disable(ctx, noon, o, o.Account), "last_owner")
	want(t, "take the role away", s.SetRole(ctx, noon, o, o.Account, access.AllStudies, ""), "last_owner")
	want(t, "another role", s.SetRole(ctx, noon, o, o.Account, access.AllStudies, access.Admin), "last_owner")
	second := join(t, s, o, access.AllStudies, access.Owner, "per@example.org")
	want(t, "with a second owner", s.Disable(ctx, noon, Actor(second), o.Account), "")
	want(t, "and then the second", s.Disable(ctx, noon, o, second.ID), "last_owner")
	want(t, "enable", s.Enable(ctx, noon, Actor(second), o.Account), "")
}

func TestOwnerOfOneStudy(t *testing.T) {
	s := service(t)
	o := owner(t, s)
	part := Actor(join(t, s, o, "factory", access.Owner, "part@example.org"))
	here := join(t, s, o, "factory", access.Admin, "here@example.org")
	there := join(t, s, o, "males", access.Admin, "there@example.org")
	people, err := s.Colleagues(ctx, part)
	if err != nil || len(people) != 2 {
		t.Errorf("an owner of one study sees %d accounts, %v", len(people), err)
	}
	want(t, "disable a colleague", s.Disable(ctx, noon, part, here.ID), "")
	want(t, "disable somebody of another study", s.Disable(ctx, noon, part, there.ID), "not_allowed")
	want(t, "a role in another study", s.SetRole(ctx, noon, part, here.ID, "males", access.Admin), "not_allowed")
	_, err = s.Colleagues(ctx, Actor(there))
	want(t, "an admin lists the colleagues", err, "not_allowed")
	_, err = s.Audit(ctx, part, access.AllStudies, 0)
	want(t, "the audit of all studies", err, "not_allowed")
	if _, err := s.Audit(ctx, part, "factory", 0); err != nil {
		t.Error(err)
	}
}

func TestOwnSettings(t *testing.T) {
	s := service(t)
	o := owner(t, s)
	_, err := s.ChangePassword(ctx, noon, o, "fel", "kort")
	want(t, "both wrong", err, "old:password_wrong password:password_short")
	a, err := s.ChangePassword(ctx, noon, o, good, "en annan promenad")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Session(ctx, a.ID, s.Stamp(a)); err != nil {
		t.Errorf("the session with the new stamp: %v", err)
	}
	want(t, "an unknown language", s.ChangeLanguage(ctx, noon, o, "xx"), "language:language_unknown")
	if err := s.ChangeLanguage(ctx, noon, o, "de"); err != nil {
		t.Fatal(err)
	}
	if a, err := s.Session(ctx, a.ID, s.Stamp(a)); err != nil || a.Language != "de" {
		t.Errorf("%+v %v", a, err)
	}
	want(t, "nobody", s.ChangeLanguage(ctx, noon, access.Actor{}, "de"), "not_logged_in")
}

func TestAddFromTheCommandLine(t *testing.T) {
	s := service(t)
	p := Person{Name: "Ada", Email: "ada@example.org", Password: good, Language: "sv"}
	if _, err := s.Add(ctx, noon, access.CommandLine(), "factory", access.Admin, p); err != nil {
		t.Fatal(err)
	}
	_, err := s.Add(ctx, noon, access.CommandLine(), "factory", access.Admin, p)
	want(t, "twice", err, "email:email_taken")
	_, err = s.Add(ctx, noon, access.Actor{Account: "x"}, "factory", access.Admin, p)
	want(t, "somebody without a role", err, "not_allowed")
}

func TestEveryChangeIsAudited(t *testing.T) {
	s := service(t)
	o := owner(t, s)
	ada := join(t, s, o, "factory", access.Admin, "ada@example.org")
	token, _ := s.ResetLink(ctx, noon, o, ada.ID)
	_, err := s.Reset(ctx, noon, token, "en annan promenad")
	for _, err := range []error{
		err,
		s.SetRole(ctx, noon, o, ada.ID, "factory", access.Researcher),
		s.Disable(ctx, noon, o, ada.ID),
		s.Enable(ctx, noon, o, ada.ID),
		s.Logout(ctx, noon, o),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	rows, err := s.Audit(ctx, o, access.AllStudies, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, r.Action)
		for _, field := range []string{r.Object, r.Detail} {
			if strings.Contains(field, "@") || strings.Contains(field, "Ada") {
				t.Errorf("%s names a person: %q", r.Action, field)
			}
		}
	}
	wanted := "account.logout staff.enable staff.disable staff.role account.reset staff.reset_link staff.join staff.invite account.setup"
	if strings.Join(got, " ") != wanted {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), wanted)
	}
}

func TestPasswordRules(t *testing.T) {
	for password, wanted := range map[string]string{
		"":                        "password_missing",
		"elva tecken":             "password_short",
		"tolv tecken!":            "",
		"åäöåäöåäöåäö":            "password_common",
		"password2026!":           "password_common",
		"PasswordPassword":        "password_common",
		"Lösenord1234":            "password_common",
		"123456789012":            "password_common",
		"qwertyuiopas":            "password_common",
		"aaaaaaaaaaaaa":           "password_common",
		"hejhejhejhej":            "password_common",
		"olga@example.org":        "password_is_email",
		"rätt häst batteri":       "",
		strings.Repeat("ab ", 90): "password_long",
	} {
		var ps fault.Problems
		checkPassword(&ps, "password", password, "olga@example.org")
		got := ""
		if len(ps) > 0 {
			got = ps[0].Code
		}
		if got != wanted {
			t.Errorf("%q: got %q, want %q", password, got, wanted)
		}
	}
}

func TestHash(t *testing.T) {
	h := newHasher()
	one, err := h.hash(ctx, good)
	if err != nil {
		t.Fatal(err)
	}
	two, _ := h.hash(ctx, good)
	if one == two {
		t.Error("two hashes of one password are the same")
	}
	if !strings.HasPrefix(one, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the hash is %s", one)
	}
	for stored, wanted := range map[string]bool{one: true, two: true, "": false, nobody: false} {
		if ok, err := h.matches(ctx, stored, good); err != nil || ok != wanted {
			t.Errorf("%q: %v %v", stored, ok, err)
		}
	}
	if ok, _ := h.matches(ctx, "", "whatever"); ok {
		t.Error("an account without a password was logged in to")
	}
	for _, broken := range []string{"x", "$2b$10$abc", "$argon2id$v=19$m=x$AA$AA", "$argon2id$v=19$m=19456,t=0,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		if _, err := h.matches(ctx, broken, good); err == nil {
			t.Errorf("the broken hash %q was taken", broken)
		}
	}
}

func TestHashesWaitForTheirTurn(t *testing.T) {
	h := newHasher()
	for range hashers {
		h.slots <- struct{}{}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := h.hash(ended, good); !errors.Is(err, context.Canceled) {
		t.Errorf("a third hash at once: %v", err)
	}
}
