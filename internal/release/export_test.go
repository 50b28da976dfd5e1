package release

// Failure gives the code under which an error is told of a release that was not made.
func Failure(err error) string { return failure(err) }
