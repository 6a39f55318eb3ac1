//go:build gc && (amd64 || arm64 || 386 || riscv64)

package goid

// SlotsAreReused says whether Slot returns addresses, which are reused, or ids, which are not.
func SlotsAreReused() bool { return !slow }

// getg returns the address of the calling goroutine's g structure. It is in getg_*.s.
func getg() uintptr
