//go:build !(gc && (amd64 || arm64 || 386 || riscv64)) || turnstile_slowgoid

package goid

func self() (slot uintptr, id int64) { return selfSlow() }

// farthest is 0: there is nothing to search.
const farthest = 0
