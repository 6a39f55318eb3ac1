//go:build !(gc && (amd64 || arm64 || 386 || riscv64))

package goid

// SlotsAreReused says whether Slot returns addresses, which are reused, or ids, which are not.
func SlotsAreReused() bool { return false }

func getg() uintptr { return uintptr(Get()) }
