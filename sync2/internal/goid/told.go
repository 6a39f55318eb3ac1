package goid

// told returns the offsets in a g structure of the id and of the thread to which the goroutine is locked, 0 if the runtime does
// not tell them. In the copy of this package that a private GOROOT has it is another function.
func told() (id, lock uintptr) { return 0, 0 }
