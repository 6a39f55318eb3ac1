// Package hook connects the primitives with their observers.
//
// A primitive calls one function, [Enabled], before its fast path, which costs one atomic load. Everything else here
// is reached only if it returns true: if a trace is running (package trace) or an explorer (package explore). The
// build tag "turnstile_nohook" removes all of it, to measure what it costs.
//
// # Files
//
//   - Whether there are observers of the primitives: enabled.go, enabled_off.go, enabled_steps.go.
//   - What observers implement: hook.go, outside.go.
package hook
