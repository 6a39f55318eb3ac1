// Package sandbox lets a user operate the primitives of sync2 by hand. It makes objects and starts goroutines by
// name; each goroutine actually makes the calls it is told to make, and then waits for the next command. A function
// that a primitive calls, such as an Executor's task, also waits for commands: the goroutine running it obeys them
// until it is told to return.
//
// A [Session] understands lines of text, such as
//
//	pool := NewSemaphore(1)
//	go ann ben
//	ann: pool.Acquire()
//	ben: pool.AcquireTimeout(100ms)
//	await ben
//
// and records them, so that it can write a Go test that does and expects the same.
//
// # Files
//
//   - The session and its commands: session.go, command.go, close.go, dump.go.
//   - The goroutines that carry them out: hand.go, call.go, make.go, outcome.go.
//   - What can be called, and completion of input: table.go, complete.go.
//   - Writing a session as a Go test: export.go, expect.go.
package sandbox
