package account

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/time/rate"

	"panelverk/internal/access"
	"panelverk/internal/fault"
	"panelverk/internal/secret"
	"panelverk/internal/store"
)

// Tokens let programs fetch data in the place of a member of staff: in one
// study, for one scope, for a while. A token never opens more than its account
// may do at the moment it is used, and dies with the account. It is shown once;
// the database holds its keyed digest.
const (
	TokenPrefix = "pv_"       // so that people and scanners of secrets know one when they see it
	ScopeData   = "data:read" // released data and what describes it

	tokenLength = len(TokenPrefix) + 32
	maxTokens   = 50 // of one account at a time
)

// The days that a token may live, and those that are proposed.
const (
	MaxTokenDays = 365
	TokenDays    = 90
)

// scopes are the actions that each scope opens.
var scopes = map[string][]access.Action{
	ScopeData: {access.StudyView, access.ReleaseView, access.ReleaseDownload},
}

// How often something that is no token may be tried, by all together. Tokens
// are not slowed by it.
const (
	strangerBurst = 60
	strangerEvery = time.Second
)

var (
	errToken     = fault.New(fault.Unauthenticated, "token_wrong", "This token does not work: it is mistyped, has expired, or was revoked.")
	errStrangers = fault.New(fault.TooMany, "too_many_attempts", "Too many attempts. Wait a minute and try again.")
	errManyKeys  = fault.New(fault.Conflict, "tokens_many", "You have as many tokens as one account may have. Revoke one that is not used.").With("count", maxTokens)
)

// NewToken is what is wanted of a token.
type NewToken struct {
	Study string
	Name  string // what its owner calls it
	Days  int    // how long it lives, MaxTokenDays at most
}

// check lists what is wrong with it, by form field.
func (n *NewToken) check() error {
	n.Name = strings.Join(strings.Fields(n.Name), " ")
	var ps fault.Problems
	switch length := utf8.RuneCountInString(n.Name); {
	case length == 0:
		ps.Add(fault.Place{Field: "token_name"}, "token_name_missing", "Say what the token is for.")
	case length > maxText:
		ps.Add(fault.Place{Field: "token_name"}, "name_long", "Write a shorter name.")
	}
	if n.Days < 1 || n.Days > MaxTokenDays {
		ps.Add(fault.Place{Field: "token_days"}, "token_days_wrong", "A token lives for a day at least and a year at most.")
	}
	return ps.Err(formCode, formSentence)
}

// CreateToken makes a token of the actor's own account for data:read in a study,
// and gives it for the one time that it can be seen.
func (s *Service) CreateToken(ctx context.Context, now time.Time, actor access.Actor, n NewToken) (token string, made store.Token, err error) {
	if actor.Account == "" {
		return "", made, errNotIn
	}
	if err := actor.May(access.TokenCreate, n.Study); err != nil {
		return "", made, err
	}
	if err := n.check(); err != nil {
		return "", made, err
	}
	token = TokenPrefix + secret.NewToken()
	made = store.Token{ID: secret.NewID(), Lookup: s.tokenLookup(token), Account: actor.Account, Study: n.Study, Name: n.Name, Scope: ScopeData,
		CreatedAt: now, ExpiresAt: now.AddDate(0, 0, n.Days)}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Study(n.Study); err != nil {
			return err
		}
		held, err := tx.Tokens(actor.Account)
		if err != nil {
			return err
		}
		if len(living(held, now)) >= maxTokens {
			return errManyKeys
		}
		if err := tx.AddToken(made); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: string(access.TokenCreate), Study: n.Study,
			Object: "token " + made.ID, Detail: "until " + made.ExpiresAt.UTC().Format(time.DateOnly)})
	})
	if err != nil {
		return "", store.Token{}, err
	}
	return token, made, nil
}

// Tokens gives the actor's own tokens that still work, the newest first.
func (s *Service) Tokens(ctx context.Context, now time.Time, actor access.Actor) ([]store.Token, error) {
	if actor.Account == "" {
		return nil, errNotIn
	}
	var out []store.Token
	err := s.store.Read(ctx, func(tx *store.Tx) error {
		held, err := tx.Tokens(actor.Account)
		out = living(held, now)
		return err
	})
	return out, err
}

// living gives the tokens that have not expired.
func living(all []store.Token, now time.Time) []store.Token {
	return slices.DeleteFunc(all, func(t store.Token) bool { return !now.Before(t.ExpiresAt) })
}

// RevokeToken ends one of the actor's own tokens at once.
func (s *Service) RevokeToken(ctx context.Context, now time.Time, actor access.Actor, id string) error {
	if actor.Account == "" {
		return errNotIn
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		held, err := tx.Tokens(actor.Account)
		if err != nil {
			return err
		}
		if err := tx.RevokeToken(actor.Account, id, now); err != nil {
			return err
		}
		study := ""
		if i := slices.IndexFunc(held, func(t store.Token) bool { return t.ID == id }); i >= 0 {
			study = held[i].Study
		}
		return tx.AddAudit(store.AuditRow{At: now, Account: actor.Account, Action: "token.revoke", Study: study, Object: "token " + id})
	})
}

// Bearer gives who asks with a token: its account with the role that it has now
// in the token's study, bound to the token's scope. What is no token (any more)
// gives an Unauthenticated error, and a TooMany error where such things are
// tried too often.
func (s *Service) Bearer(ctx context.Context, now time.Time, token string) (access.Actor, error) {
	if len(token) != tokenLength || !strings.HasPrefix(token, TokenPrefix) {
		return s.stranger(now)
	}
	var (
		t store.Token
		a store.Account
	)
	err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		if t, err = tx.Token(s.tokenLookup(token)); err != nil {
			return err
		}
		a, err = tx.Account(t.Account)
		return err
	})
	if err != nil && fault.Of(err).Kind != fault.NotFound {
		return access.Actor{}, err
	}
	if err != nil || !t.RevokedAt.IsZero() || !now.Before(t.ExpiresAt) || !a.DisabledAt.IsZero() {
		return s.stranger(now)
	}
	if day := now.UTC().Truncate(24 * time.Hour); t.UsedOn.Before(day) {
		if err := s.store.Write(ctx, func(tx *store.Tx) error { return tx.UseToken(t.ID, day) }); err != nil {
			return access.Actor{}, err
		}
	}
	whole := Actor(&a)
	bound := access.Actor{Account: whole.Account, Name: whole.Name, Roles: map[string]access.Role{}, Only: scopes[t.Scope]}
	if role := whole.Role(t.Study); role != "" {
		bound.Roles[t.Study] = role
	}
	return bound, nil
}

// stranger counts somebody who came without a token that works.
func (s *Service) stranger(now time.Time) (access.Actor, error) {
	if !s.strangers.AllowN(now, 1) {
		return access.Actor{}, errStrangers
	}
	return access.Actor{}, errToken
}

func newStrangers() *rate.Limiter { return rate.NewLimiter(rate.Every(strangerEvery), strangerBurst) }

func (s *Service) tokenLookup(token string) string { return s.keys.Lookup("token", token) }
