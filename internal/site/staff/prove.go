package staff

// resetPIN removes the number that a participant chose and has forgotten.
func (r *request) resetPIN() error {
	label := r.Param("label")
	if err := r.Fieldwork.ResetPIN(r.ctx(), r.now, r.actor, r.study.Key, label); err != nil {
		return err
	}
	return r.done(r.at("/p/"+label), "staff.done.pin_reset")
}

// sendLink sends a participant the link again.
func (r *request) sendLink() error {
	label := r.Param("label")
	if err := r.Fieldwork.SendLinkTo(r.ctx(), r.now, r.actor, r.study.Key, label); err != nil {
		return err
	}
	return r.done(r.at("/p/"+label), "staff.done.link_sent")
}
