package staff

// Routes lists every action as "METHOD path", for tests outside of the package.
func Routes() []string {
	var out []string
	for _, r := range routes() {
		out = append(out, r.method+" "+r.path)
	}
	return out
}
