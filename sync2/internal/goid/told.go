package goid

// told returns the offsets, in a g structure, of the id and of the thread to which the goroutine is locked, or 0 if the
// runtime does not report them. The copy of this package in a private GOROOT has another function in its place.
func told() (id, lock uintptr) { return 0, 0 }
