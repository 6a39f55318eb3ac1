// Package goid identifies the calling goroutine.
//
// The id is in the runtime's g structure, at an undocumented offset that differs between versions of Go. So init
// searches for it: it is the offset at which several goroutines have the id that the runtime prints in their stack
// traces. If there is no such offset, or more than one, every call takes the slow path and parses a stack trace. The
// build tag "turnstile_slowgoid" selects the slow path everywhere, for tests. In the copy of this package in a private
// GOROOT, the runtime reports the offset, since the search would take longer than most of the start of a test binary.
//
// # Files
//
//   - The fast path and the slow path: self.go, self_other.go, goid.go.
//   - Offsets reported by the runtime: told.go.
//   - Goroutines locked to threads: locked.go.
package goid
