package fieldwork

import (
	"context"
	"slices"
	"strings"
	"time"

	"panelverk/internal/fault"
	"panelverk/internal/interview"
	"panelverk/internal/mail"
	"panelverk/internal/secret"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// A device that did not give the earlier answers proves that they are its
// owner's own: by a code that goes to the address in the key file, or by a
// number that was chosen on another device. Whoever holds the link alone learns
// neither the answers nor whether there is an address or a number: what is
// answered, and what is written to the database, is the same with and without.
//
//	code  opens everything: the address is known to staff as the person's own
//	PIN   opens what the devices gave on which the same number was chosen or
//	      typed, and nothing else: whoever has a copied link can choose a number
//	      too, before the person comes
const (
	codeHolds  = 10 * time.Minute
	codeTries  = 5 // of each code
	pinFigures = 4
	codeLength = 6
)

var (
	errNoCookies   = fault.New(fault.Conflict, "proof_no_cookies", "Your browser keeps no cookies for this page, so it cannot be told from another one.")
	errProofForm   = fault.New(fault.Invalid, "proof_form", "Write the six figures of the code, or the four of your own number.")
	errProofWrong  = fault.New(fault.Invalid, "proof_wrong", "That did not fit. Check the figures and try again.")
	errCodes       = fault.New(fault.TooMany, "proof_codes", "Five codes were asked for. Come back in a day.")
	errProofNeeded = fault.New(fault.Conflict, "proof_needed", "Show first that it is you.")
	errPINForm     = fault.New(fault.Invalid, "pin_form", "Choose four figures.")
	errPINEasy     = fault.New(fault.Invalid, "pin_easy", "This number is among the first that others would guess. Choose another.")
)

// Recognise works out what a device has proved in the wave of a visit, and puts
// it into Visit.Proof and Visit.Doc.Proven. device is "" where there is no cookie.
func (s *Service) Recognise(ctx context.Context, v *Visit, device string) error {
	v.Proof = interview.Proof{}
	if device == "" {
		return nil
	}
	proof := interview.Proof{Way: interview.ByDevice, Device: device}
	err := s.store.Peek(ctx, func(tx *store.Tx) error {
		proved, err := tx.ProvedBy(v.Participant.PID, v.Wave.Number, device)
		if err != nil {
			return err
		}
		for _, p := range proved { // by way: a code, which opens more, before a number
			if proof.Way == interview.ByCode {
				break
			}
			proof.Way = p.Way
			if p.Way != interview.ByPIN {
				continue
			}
			devices, err := tx.Sharing(p.PID, p.Digest)
			if err != nil {
				return err
			}
			proof.With = strings.Join(devices, " ")
		}
		return nil
	})
	v.Proof, v.Doc.Proven = proof, proof
	return err
}

// decode reads the document of a visit anew; what the device has proved stays.
func (v *Visit) decode() error {
	doc, err := interview.Decode(v.Interview.Document)
	if err != nil {
		return err
	}
	doc.Proven, v.Doc = v.Proof, doc
	return nil
}

// SendCode has a code sent to the participant, to be typed on a device. Nothing
// that it does depends on whether there is an address: a message that goes
// nowhere is written down as well, for staff to see.
func (s *Service) SendCode(ctx context.Context, now time.Time, v *Visit, device string) error {
	if err := v.provable(device); err != nil {
		return err
	}
	reach := s.reaching()
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		p, err := tx.Participant(v.Participant.PID)
		if err != nil {
			return err
		}
		if err := codeLimit.take(tx, s.keys.Lookup("attempt/code", p.PID), p.PID, now, errCodes); err != nil {
			return err
		}
		number, err := tx.AddProofCode(p.PID, device, now, now.Add(codeHolds))
		if err != nil {
			return err
		}
		m := store.Message{ID: secret.NewID(), Study: p.Study, PID: p.PID, Key: askedKey(mail.Code, itoa(number)), Kind: string(mail.Code),
			Template: string(mail.Code), Channel: string(study.Email), Language: v.Language(), State: store.Due,
			Planned: now, Ends: now.Add(codeHolds), Next: foremost, Created: now}
		if by := reach.first(p.Channels); by != "" {
			m.Channel = by
		} else {
			m.State, m.Reason = store.Cancelled, "no_address"
		}
		if err := tx.AddNotice(m); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Action: "respondent.code", Study: p.Study, Object: waveNamed(v)})
	})
	if err == nil {
		s.hurry()
	}
	return err
}

// Prove takes a code or a number that was typed on a device. What is right lets
// the device see, in this wave, what the proof opens; other devices keep what
// they have. Every try is counted before it is judged.
func (s *Service) Prove(ctx context.Context, now time.Time, v *Visit, device, typed string) error {
	if err := v.provable(device); err != nil {
		return err
	}
	figures, ok := onlyFigures(typed)
	switch {
	case ok && len(figures) == codeLength:
		return s.proveByCode(ctx, now, v, device, figures)
	case ok && len(figures) == pinFigures:
		return s.proveByPIN(ctx, now, v, device, figures)
	}
	return errProofForm
}

// provable tells whether a device can prove anything at a visit.
func (v *Visit) provable(device string) error {
	switch {
	case device == "":
		return errNoCookies
	case v.Gate == GateResting:
		return errResting
	}
	return nil
}

func (s *Service) proveByCode(ctx context.Context, now time.Time, v *Visit, device, typed string) error {
	pid := v.Participant.PID
	right := false
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		right = false
		numbers, err := tx.TryProofCodes(pid, device, now, codeTries)
		if err != nil {
			return err
		}
		for _, n := range numbers {
			right = secret.SameCode(typed, s.keys.ProofCode(pid, n)) || right
		}
		if !right {
			return nil
		}
		if err := tx.UseProofCodes(pid, device, now); err != nil {
			return err
		}
		return proved(tx, now, v, store.Proved{Device: device, Way: interview.ByCode})
	})
	if err == nil && !right {
		err = errProofWrong
	}
	return err
}

// proveByPIN counts the try, works the slow hash out with no transaction open,
// and takes the try back where the number was right.
func (s *Service) proveByPIN(ctx context.Context, now time.Time, v *Visit, device, typed string) error {
	pid := v.Participant.PID
	own, all := s.keys.Lookup("attempt/pin", pid), s.keys.Lookup("attempt/pin/study", v.Study.Key)
	if err := s.store.Write(ctx, func(tx *store.Tx) error {
		people, err := tx.CountPINs(v.Study.Key)
		if err != nil {
			return err
		}
		if err := pinLimit.take(tx, own, pid, now, errProofRests); err != nil {
			return err
		}
		return studyLimit(people).take(tx, all, "", now, errProofRests)
	}); err != nil {
		return err
	}
	digests, err := s.digestsOf(ctx, pid, typed)
	if err != nil {
		return err
	}
	right := false
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		right = false
		digest := ""
		pins, err := tx.PINs(pid)
		if err != nil {
			return err
		}
		for _, p := range pins {
			if own, known := digests[p.PID]; known && secret.SameCode(own, p.Digest) {
				right, digest = true, p.Digest
			}
		}
		if !right {
			return nil
		}
		for _, what := range []string{own, all} {
			if err := tx.GiveBackAttempt(what); err != nil {
				return err
			}
		}
		return proved(tx, now, v, store.Proved{Device: device, Way: interview.ByPIN, Digest: digest})
	})
	if err == nil && !right {
		err = errProofWrong
	}
	return err
}

// proved stores a proof and audits that there was one.
func proved(tx *store.Tx, now time.Time, v *Visit, p store.Proved) error {
	p.PID, p.Wave, p.At = v.Participant.PID, v.Wave.Number, now
	if err := tx.AddProved(p); err != nil {
		return err
	}
	return tx.AddAudit(store.AuditRow{At: now, Action: "respondent.proof", Study: v.Study.Key, Object: waveNamed(v), Detail: string(p.Way)})
}

// digests is how many slow hashes are worked out at once: each takes 19 MiB.
const digests = 2

// digest works out what stands for a number. It waits for its turn, at most
// until ctx ends.
func (s *Service) digest(ctx context.Context, pid, pin string) (string, error) {
	select {
	case s.slow <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-s.slow }()
	return s.keys.PIN(pid, pin), nil
}

// digestsOf does so for a participant and for the rows that turned out to be the
// same person, whose numbers hold on: each has its own, by pid.
func (s *Service) digestsOf(ctx context.Context, pid, pin string) (map[string]string, error) {
	var same []store.Participant
	if err := s.store.Read(ctx, func(tx *store.Tx) (err error) { same, err = tx.MergedInto(pid); return err }); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, p := range append(same, store.Participant{PID: pid}) {
		digest, err := s.digest(ctx, p.PID, pin)
		if err != nil {
			return nil, err
		}
		out[p.PID] = digest
	}
	return out, nil
}

// CheckPIN tells what is wrong with a number that somebody chooses.
func CheckPIN(typed string) error {
	pin, ok := onlyFigures(typed)
	switch {
	case !ok || len(pin) != pinFigures:
		return errPINForm
	case easy(pin):
		return errPINEasy
	}
	return nil
}

// ChoosePIN stores the number that was chosen on a device. It opens, on another
// one, what this device gives.
func (s *Service) ChoosePIN(ctx context.Context, now time.Time, v *Visit, device, typed string) error {
	if err := CheckPIN(typed); err != nil {
		return err
	}
	if err := v.provable(device); err != nil {
		return err
	}
	if err := v.barred(); err != nil {
		return err
	}
	pid := v.Participant.PID
	pin, _ := onlyFigures(typed)
	digest, err := s.digest(ctx, pid, pin)
	if err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		if _, err := present(tx, v); err != nil {
			return err
		}
		if err := choiceLimit.take(tx, s.keys.Lookup("attempt/choice", pid), pid, now, errProofRests); err != nil {
			return err
		}
		if err := tx.PutPIN(store.PIN{PID: pid, Device: device, Digest: digest, SetAt: now}); err != nil {
			return err
		}
		return tx.AddAudit(store.AuditRow{At: now, Action: "respondent.pin", Study: v.Study.Key, Object: waveNamed(v)})
	})
}

// mayErase tells whether what a device has proved is enough to erase a person:
// it opens every answer that a device gave. Where there is no way to prove
// anything, neither an address nor a number, the link is enough, as it is for
// what was given without a cookie: nobody must be kept from leaving.
func (s *Service) mayErase(ctx context.Context, v *Visit) error {
	return s.store.Read(ctx, func(tx *store.Tx) error {
		p, err := tx.Participant(v.Participant.PID)
		if err != nil {
			return err
		}
		pins, err := tx.PINs(p.PID)
		if err != nil {
			return err
		}
		if len(pins) == 0 && (p.Status != store.Active || s.reaching().first(p.Channels) == "") {
			return nil
		}
		all, err := tx.InterviewsOf(p.PID)
		if err != nil {
			return err
		}
		for _, row := range all {
			doc, err := row.Decoded()
			if err != nil {
				return err
			}
			for _, device := range doc.Devices {
				if !v.Proof.Sees(device) {
					return errProofNeeded
				}
			}
		}
		return nil
	})
}

// waveNamed names the wave of a visit in the audit.
func waveNamed(v *Visit) string { return "wave " + itoa(v.Wave.Number) }

// first gives the first way of a participant that this server has, "" for none.
func (w ways) first(channels []string) string {
	i := slices.IndexFunc(channels, func(c string) bool {
		return c == string(study.Email) && w.email || c == string(study.SMS) && w.sms
	})
	if i < 0 {
		return ""
	}
	return channels[i]
}

// onlyFigures gives what was typed without spaces and dashes, and tells whether
// it is figures alone.
func onlyFigures(typed string) (string, bool) {
	var b strings.Builder
	for _, c := range typed {
		switch {
		case c >= '0' && c <= '9':
			b.WriteRune(c)
		case strings.ContainsRune(" -\u2013\u00a0\t\r\n", c):
		default:
			return "", false
		}
	}
	return b.String(), true
}

// easy tells whether a number is among the first that others would guess: one
// figure or two of them again and again, a run, a line on the keypad, a year.
func easy(pin string) bool {
	if strings.Contains("0123456789012", pin) || strings.Contains("9876543210987", pin) {
		return true
	}
	if slices.Contains([]string{"2580", "0852", "1470", "0741", "1379", "1397"}, pin) {
		return true
	}
	pairs := pin[:2] == pin[2:] || pin[0] == pin[1] && pin[2] == pin[3] || pin[0] == pin[3] && pin[1] == pin[2]
	return pairs || strings.HasPrefix(pin, "19") || strings.HasPrefix(pin, "20")
}
