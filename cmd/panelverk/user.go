package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"panelverk/internal/access"
	"panelverk/internal/account"
	"panelverk/internal/store"
)

type userCommands struct {
	Add   userAddCommand   `cmd:"" help:"Make an account, or a link by which somebody makes their own."`
	Reset userResetCommand `cmd:"" help:"Make a link by which somebody chooses a new password."`
	List  userListCommand  `cmd:"" help:"List the accounts."`
}

// linkFlags say how links begin.
type linkFlags struct {
	BaseURL string `name:"base-url" help:"How links to this server begin." default:"http://127.0.0.1:8080" placeholder:"URL"`
}

func (l linkFlags) staff(kind, token string) string {
	return strings.TrimSuffix(l.BaseURL, "/") + "/staff/" + kind + "/" + token
}

type userAddCommand struct {
	dataFlags
	linkFlags
	Email        string `required:"" help:"The person's e-mail address." placeholder:"ADDRESS"`
	Role         string `required:"" enum:"owner,admin,researcher" help:"owner, admin or researcher."`
	Study        string `help:"The study's key; * for all studies." default:"*" placeholder:"S"`
	Name         string `help:"The person's name, with --password-file." placeholder:"NAME"`
	Language     string `help:"Language of the person's pages." enum:"sv,en,de,sr-Latn,sr-Cyrl,uk,sw" default:"sv" placeholder:"TAG"`
	PasswordFile string `help:"File whose first line is the password, - for standard input. Without it a link is printed." placeholder:"FILE"`
}

// Run makes the account where a password is given, and an invitation's link
// where not.
func (u *userAddCommand) Run(c *console) error {
	return with(c, u.dataFlags, true, func(s *server) error {
		if u.PasswordFile == "" {
			token, err := s.accounts.Invite(c.ctx, c.now(), access.CommandLine(), u.Study, access.Role(u.Role), u.Email)
			if err != nil {
				return err
			}
			c.print("%s", u.staff("invite", token))
			c.say("The link works once, for %d days.", int(account.InviteLife.Hours()/24))
			return nil
		}
		password, err := c.password(u.PasswordFile)
		if err != nil {
			return err
		}
		a, err := s.accounts.Add(c.ctx, c.now(), access.CommandLine(), u.Study, access.Role(u.Role),
			account.Person{Name: u.Name, Email: u.Email, Password: password, Language: u.Language})
		if err != nil {
			return err
		}
		c.print("%s: %s", a.Email, u.Role)
		return nil
	})
}

// password reads the first line of a file, or of standard input for "-".
func (c *console) password(file string) (string, error) {
	read := os.ReadFile
	if file == "-" {
		read = func(string) ([]byte, error) { return io.ReadAll(c.in) }
	}
	text, err := read(file)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSuffix(line, "\r"), nil
}

type userResetCommand struct {
	dataFlags
	linkFlags
	Email string `arg:"" help:"The account's e-mail address."`
}

// Run prints a link by which the holder of the account chooses a new password.
func (u *userResetCommand) Run(c *console) error {
	return with(c, u.dataFlags, false, func(s *server) error {
		all, err := s.accounts.Colleagues(c.ctx, access.CommandLine())
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(a store.Account) bool { return strings.EqualFold(a.Email, strings.TrimSpace(u.Email)) })
		if i < 0 {
			return fmt.Errorf("there is no account of %s", u.Email)
		}
		token, err := s.accounts.ResetLink(c.ctx, c.now(), access.CommandLine(), all[i].ID)
		if err != nil {
			return err
		}
		c.print("%s", u.staff("reset", token))
		c.say("The link works once, for %d hours. Hand it over in person.", int(account.ResetLife.Hours()))
		return nil
	})
}

type userListCommand struct {
	dataFlags
}

// Run lists the accounts with their roles.
func (u *userListCommand) Run(c *console) error {
	return with(c, u.dataFlags, false, func(s *server) error {
		all, err := s.accounts.Colleagues(c.ctx, access.CommandLine())
		if err != nil {
			return err
		}
		rows := [][]string{{"E-MAIL", "NAME", "ROLES", "STATE"}}
		for _, a := range all {
			var roles []string
			for _, study := range slices.Sorted(maps.Keys(a.Roles)) {
				roles = append(roles, string(a.Roles[study])+" of "+study)
			}
			state := "active"
			if !a.DisabledAt.IsZero() {
				state = "disabled"
			}
			rows = append(rows, []string{a.Email, a.Name, strings.Join(roles, ", "), state})
		}
		c.table(rows)
		return nil
	})
}
