package main

import (
	"panelverk/internal/mail"
)

// exitAgain tells a mail server that holds a returned message to try again
// later (sysexits.h, EX_TEMPFAIL).
const exitAgain = 75

type bounceCommand struct {
	dataFlags
	mailFlags
}

// Run takes in one message that came back, from standard input. What belongs to
// no message of ours is left alone: then it was none of ours.
func (b *bounceCommand) Run(c *console) error {
	if err := b.take(c); err != nil {
		c.say("panelverk: %v", err)
		return errAgain
	}
	return nil
}

func (b *bounceCommand) take(c *console) error {
	config, _, _, err := mailConfig(b.mailFlags, b.Dir)
	if err != nil {
		return err
	}
	returned, err := mail.ReadBounce(c.in, config.Sender.Bounce)
	if err != nil {
		return err
	}
	return with(c, b.dataFlags, false, func(s *server) error {
		known, err := s.fieldwork.Returned(c.ctx, c.now(), returned)
		if err == nil && known {
			c.say("Taken in: %s.", returned.Return)
		} else if err == nil {
			c.say("Nothing to do: %s.", returned.Return)
		}
		return err
	})
}
