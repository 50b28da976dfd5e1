package panel

// Counts holds how many cases ended in each group.
type Counts struct {
	I  int // complete
	P  int // partial
	R  int // refusal and break-off
	NC int // non-contact
	O  int // other non-interview
	UH int // unknown, 3.1x
	UO int // unknown, 3.2x–3.9x
	NE int // not eligible
}

// Add counts one case. A case that was not part of the wave changes nothing.
func (c *Counts) Add(g Group) {
	switch g {
	case Complete:
		c.I++
	case Partial:
		c.P++
	case Refusal:
		c.R++
	case NonContact:
		c.NC++
	case OtherNonInterview:
		c.O++
	case UnknownEligibility:
		c.UH++
	case UnknownOther:
		c.UO++
	case NotEligible:
		c.NE++
	}
}

// Eligible gives K, the cases known to be eligible.
func (c Counts) Eligible() int { return c.I + c.P + c.R + c.NC + c.O }

// Unknown gives U, the cases of unknown eligibility.
func (c Counts) Unknown() int { return c.UH + c.UO }

// Why says why a rate has no value; "" where it has one.
type Why string

// The reasons.
const (
	NoFrame Why = "no_frame" // not computable: no frame
	NoCases Why = "no_cases" // the denominator is empty
)

// Rate is a named share.
type Rate struct {
	Name    string  // "RR1"
	Formula string  // "I / (K + U)"
	Of      int     // the numerator
	Over    float64 // the denominator; not whole where the estimate e is in it
	Value   float64 // 0 where Why is not empty
	Why     Why
}

// Rates gives e and the response, co-operation, refusal and contact rates in
// the order of the Standard Definitions. Where frame is false there is no
// response rate: people came by an open link, and how many saw it is unknown.
func (c Counts) Rates(frame bool) []Rate {
	i, p, r, nc, o := float64(c.I), float64(c.P), float64(c.R), float64(c.NC), float64(c.O)
	k, u := i+p+r+nc+o, float64(c.Unknown())
	// e is the share of eligible cases among those of known eligibility. With
	// no unknown case it does not matter, and is not asked for.
	e, known := share("e", "K / (K + NE)", k, k+float64(c.NE)), true
	if e.Why != "" && u > 0 {
		known = false
	}
	estimated := func(name, formula string, over float64) Rate {
		if !known {
			return Rate{Name: name, Formula: formula, Why: NoCases}
		}
		return share(name, formula, over, k+e.Value*u)
	}
	rates := []Rate{
		share("RR1", "I / (K + U)", i, k+u),
		share("RR2", "(I + P) / (K + U)", i+p, k+u),
		estimated("RR3", "I / (K + e·U)", i),
		estimated("RR4", "(I + P) / (K + e·U)", i+p),
		share("RR5", "I / K", i, k),
		share("RR6", "(I + P) / K", i+p, k),
		share("COOP1", "I / (I + P + R + O)", i, i+p+r+o),
		share("COOP2", "(I + P) / (I + P + R + O)", i+p, i+p+r+o),
		share("COOP3", "I / (I + P + R)", i, i+p+r),
		share("COOP4", "(I + P) / (I + P + R)", i+p, i+p+r),
		share("REF1", "R / (K + U)", r, k+u),
		estimated("REF2", "R / (K + e·U)", r),
		share("REF3", "R / K", r, k),
		share("CON1", "(I + P + R + O) / (K + U)", i+p+r+o, k+u),
		estimated("CON2", "(I + P + R + O) / (K + e·U)", i+p+r+o),
		share("CON3", "(I + P + R + O) / K", i+p+r+o, k),
		e,
	}
	if !frame {
		for n := range rates {
			rates[n].Value, rates[n].Of, rates[n].Over, rates[n].Why = 0, 0, 0, NoFrame
		}
	}
	return rates
}

func share(name, formula string, over, under float64) Rate {
	if under == 0 {
		return Rate{Name: name, Formula: formula, Of: int(over), Why: NoCases}
	}
	return Rate{Name: name, Formula: formula, Of: int(over), Over: under, Value: over / under}
}
