// Package engine finds or builds the program turnstile-engine, and reads the traces that it writes.
//
// The engine is a program of its own because its module requires NATS, which must not be in the module graph of programs that
// import sync2.
//
// # Files
//
//   - Finding it: find.go.
//   - Building it: build.go.
//   - Its traces: space.go.
package engine
