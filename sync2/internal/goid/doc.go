// Package goid identifies the calling goroutine.
//
// The id is in the runtime's g structure, at an undocumented offset that differs between versions of Go. So init
// searches for it: it is the offset at which several goroutines have the id that the runtime prints in their stack
// traces. If there is no such offset, or more than one, every call takes the slow path and parses a stack trace. The
// build tag "turnstile_slowgoid" makes it so everywhere, for tests. In the copy of the package that a private GOROOT has, the
// runtime tells the offset: the search takes longer than most of what a test binary begins with.
//
// # Files
//
//   - The fast way, and the slow one: self.go, self_other.go, goid.go.
//   - What the runtime tells: told.go.
//   - Threads that are locked: locked.go.
package goid
