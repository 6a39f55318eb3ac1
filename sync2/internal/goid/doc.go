// Package goid identifies the calling goroutine.
//
// The id stands in the runtime's g structure, at an offset that is nobody's business and differs between versions of
// Go. So init looks for it: it is where, in several goroutines, the id stands that the runtime prints in their stack
// traces. If there is no such place, or more than one, every call takes the slow way and reads a stack trace. The build
// tag "turnstile_slowgoid" makes it so everywhere, for tests.
//
// # Files
//
//   - The fast way, and the slow one: self.go, self_other.go, goid.go.
//   - Threads that are locked: locked.go.
package goid
