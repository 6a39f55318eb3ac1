// Package caller says where in the program a call came from, fast enough to do it for every event of a trace.
//
// runtime.Callers takes about a microsecond, since it decodes tables. Where the compiler keeps frame pointers, the
// return addresses can be read off the stack one after the other, which takes a nanosecond each; the runtime's own
// execution tracer does the same. That must not be interrupted, because the stack may be moved whenever a goroutine
// can be preempted; so it is done in assembly, where it cannot. Elsewhere there is runtime.Callers.
package caller

// Depth is how many return addresses PCs gives.
const Depth = 12

// PCs fills buf with the return addresses of the callers of the function that calls it, innermost first, and returns
// how many there are. They are to be read with runtime.CallersFrames.
func PCs(buf *[Depth]uintptr) int { return pcs(buf) }
