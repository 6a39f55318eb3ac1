//go:build gc && (amd64 || arm64 || 386 || riscv64) && !turnstile_slowgoid

package goid

// self returns the address of the calling goroutine's g structure, and the id at offset in it. If offset is 0, it
// continues as selfSlow. It is in self_*.s: one call for both, since the call is most of the cost.
func self() (slot uintptr, id int64)

// farthest is the end of the part of the g structure that is searched for the id.
const farthest = 256
