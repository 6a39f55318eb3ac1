//go:build gc && (amd64 || arm64 || 386 || riscv64) && !turnstile_slowgoid

package goid

// self returns the address of the calling goroutine's g structure, and the id that stands there at offset. Where
// offset is 0 it goes on as selfSlow. It is in self_*.s: one call for both, since the call is most of what it costs.
func self() (slot uintptr, id int64)

// farthest is how far into the g structure to look for the id.
const farthest = 256
