package fieldwork

import (
	"time"

	"panelverk/internal/store"
	"panelverk/internal/study"
)

// places is how many of a study are taken: by participants who take part, and
// by those for whom one is kept.
type places struct {
	all int
	by  map[[2]string]int // attribute and value
}

func (p *places) add(attributes map[string]string) {
	p.all++
	for name, value := range attributes {
		p.by[[2]string{name, value}]++
	}
}

// free tells whether the cap has room.
func (p *places) free(e *study.Enrolling) bool { return e.Cap == 0 || p.all < e.Cap }

// fits tells whether there is room for somebody with these attributes.
func (p *places) fits(e *study.Enrolling, attributes map[string]string) bool {
	if !p.free(e) {
		return false
	}
	for _, q := range e.Quotas {
		if attributes[q.Attribute] == q.Value && p.by[[2]string{q.Attribute, q.Value}] >= q.Most {
			return false
		}
	}
	return true
}

// occupied counts the places that are taken at a moment, without the one that
// is kept for a joiner or a code. Pilot participants take none.
func occupied(tx *store.Tx, st *study.Study, now time.Time, without string) (*places, error) {
	p := &places{by: map[[2]string]int{}}
	var err error
	if len(st.Enrolment.Quotas) == 0 { // nobody's attributes matter
		p.all, err = tx.CountActive(st.Key)
	} else {
		err = tx.EachParticipant(st.Key, func(row store.Participant) error {
			if row.Status == store.Active && !row.Pilot {
				p.add(row.Attributes)
			}
			return nil
		})
	}
	if err != nil {
		return nil, err
	}
	offered, err := tx.Joiners(st.Key, store.JoinerOffered)
	if err != nil {
		return nil, err
	}
	for _, j := range offered {
		if j.ID != without && now.Before(j.Until) {
			p.add(j.Attributes)
		}
	}
	codes, err := tx.JoinCodes(st.Key)
	if err != nil {
		return nil, err
	}
	for _, c := range codes {
		if c.ID != without && c.Used.IsZero() && now.Before(c.Until) {
			p.add(nil)
		}
	}
	return p, nil
}
