// Package caller finds where in the program a call came from, fast enough to do so for every event of a trace.
//
// runtime.Callers takes about a microsecond, since it decodes tables. Where the compiler keeps frame pointers, the
// return addresses can be read off the stack one after another, which takes a nanosecond each; the runtime's own
// execution tracer does the same. This must not be interrupted, because the stack may move whenever a goroutine can
// be preempted; so it is done in assembly, where it cannot be. Elsewhere the package uses runtime.Callers.
//
// # Files
//
//   - Return addresses: pcs.go, pcs_other.go.
//   - What they mean: caller.go, library.go.
package caller
