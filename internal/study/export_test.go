package study

// Unplaced forgets where the entries of a profile stand in its file.
func Unplaced(p *Profile) { p.places = nil }
