// Package account is the staff: who they are, how they come in and what they
// may do.
//
// There is no open registration. The first start prints a one-time link that
// creates the owner (Setup); everybody else comes by an owner's invitation. A
// forgotten password is noted for the owner, who hands over a reset link in
// person. Every operation authorises, then does its work in one transaction
// together with its row in the audit.
//
// One-time links hold a random token; the database holds its lookup value. An
// address is stored as it is needed to log in; no IP address is ever seen.
package account

import (
	"context"
	"errors"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/time/rate"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/lang"
	"panelverk/internal/secret"
	"panelverk/internal/store"
)

// How long a one-time link works.
const (
	SetupLife  = 24 * time.Hour
	InviteLife = 7 * 24 * time.Hour
	ResetLife  = 24 * time.Hour
)

// What a one-time link is for.
const (
	purposeSetup  = "setup"
	purposeInvite = "invite"
	purposeReset  = "reset"
	purposeForgot = "forgot" // no link at all: somebody asked for one
)

// maxText is the longest name or address, in characters.
const maxText = 200

// Service is the operations on accounts. It is safe for concurrent use.
type Service struct {
	store     *store.Store
	keys      *secret.Ring
	hasher    hasher
	tries     *limits
	strangers *rate.Limiter // those who come with what is no token
}

// New makes the service. Its limits on attempts begin anew with it.
func New(st *store.Store, keys *secret.Ring) *Service {
	return &Service{store: st, keys: keys, hasher: newHasher(), tries: newLimits(), strangers: newStrangers()}
}

// The errors of this package.
var (
	errLogin     = fault.New(fault.Unauthenticated, "login_wrong", "The e-mail or the password is wrong.")
	errLink      = fault.New(fault.Gone, "one_time_gone", "This link does not work any more. Ask for a new one.")
	errLastOwner = fault.New(fault.Conflict, "last_owner", "This is the last owner. Make somebody else owner first.")
	errNoAccount = fault.New(fault.NotFound, "account_not_found", "There is no such account.")
	errNotIn     = fault.New(fault.Unauthenticated, "not_logged_in", "Log in first.")
)

const (
	formCode     = "form_problems"
	formSentence = "Some fields have to be put right."
)

// Person is what somebody writes about themselves when an account is made.
type Person struct {
	Name, Email, Password, Language string
}

// normalEmail gives an address as it is stored: trimmed, in lower case.
func normalEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// clean gives the person with name, address and language as they are stored.
func (p Person) clean() Person {
	p.Name = strings.Join(strings.Fields(p.Name), " ")
	p.Email = normalEmail(p.Email)
	if !slices.Contains(lang.Tags, p.Language) {
		p.Language = lang.Fallback
	}
	return p
}

// check lists what is wrong with a cleaned person, by form field.
func (p Person) check() error {
	var ps fault.Problems
	switch n := utf8.RuneCountInString(p.Name); {
	case n == 0:
		ps.Add(fault.Place{Field: "name"}, "own_name_missing", "Write your name.")
	case n > maxText:
		ps.Add(fault.Place{Field: "name"}, "name_long", "Write a shorter name.")
	}
	checkEmail(&ps, p.Email)
	checkPassword(&ps, "password", p.Password, p.Email)
	return ps.Err(formCode, formSentence)
}

func checkEmail(ps *fault.Problems, email string) {
	at := fault.Place{Field: "email"}
	if email == "" {
		ps.Add(at, "email_missing", "Write an e-mail address.")
		return
	}
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || utf8.RuneCountInString(email) > maxText {
		ps.Add(at, "email_wrong", "You wrote %s. An address looks like name@example.org.", email).With("value", email)
	}
}

// Actor gives what operations ask for permission.
func Actor(a *store.Account) access.Actor {
	return access.Actor{Account: a.ID, Name: a.Name, Roles: a.Roles}
}

// Stamp ties a session to the account's password: a session is worth nothing
// once the password was changed or reset.
func (s *Service) Stamp(a *store.Account) string {
	return s.keys.Lookup("session", a.ID+" "+a.PasswordHash)
}

// Session gives the account of a session, by the id and the stamp that were
// kept in it. An account that is disabled, or whose password is another by
// now, gives an Unauthenticated error.
func (s *Service) Session(ctx context.Context, id, stamp string) (*store.Account, error) {
	if id == "" {
		return nil, errNotIn
	}
	var a store.Account
	err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		a, err = tx.Account(id)
		return err
	})
	if errors.Is(err, errNoAccount) {
		return nil, errNotIn
	}
	if err != nil {
		return nil, err
	}
	if !a.DisabledAt.IsZero() || s.Stamp(&a) != stamp {
		return nil, errNotIn
	}
	return &a, nil
}
