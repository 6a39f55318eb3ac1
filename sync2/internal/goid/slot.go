package goid

// Slot returns a number that no other goroutine alive has: the address of the runtime's g structure, or the id where
// that address is not to be had. The runtime reuses g structures and never frees them, so as keys of a table slots are
// bounded by the peak number of goroutines alive; but a slot may have belonged to another goroutine before, so what is
// kept under it must remember the id.
func Slot() uintptr {
	if slow {
		return uintptr(parse())
	}
	return getg()
}
