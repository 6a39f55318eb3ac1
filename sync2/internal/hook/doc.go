// Package hook is the seam between the primitives and those who watch them.
//
// A primitive asks one question, [Watched], before its fast path; the answer is one atomic load. Everything else
// here is reached only when the answer is yes: by the trace (package trace) or by the explorer (package explore). The
// build tag "turnstile_nohook" takes it all out, which is for measuring what it costs.
//
// # Files
//
//   - Whether anybody observes the primitives: watched.go, watched_off.go, watched_steps.go.
//   - What observers implement: hook.go, outside.go.
package hook
