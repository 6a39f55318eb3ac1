// Package bridge connects the hooks of a patched runtime with the tasks of package engine, so that the explorer can run
// ordinary programs, which use channels, package sync, the go statement and package time.
//
// The runtime calls it in a task's goroutine before an operation, or where that has to wait. Meanwhile the goroutine does
// the explorer's work: nothing that it does here is an operation of the program, and the race detector sees none of it.
// Therefore the functions in which tasks are switched are marked go:norace, see package engine.
//
// # Files
//
//   - The hooks, and the operations they stand for: bridge.go, operations.go, objects.go, items.go, bubble.go.
//   - Goroutines and time: spawn.go, time.go, outside.go.
//   - Which goroutines wait forever: reach.go.
//   - The trace, with the operations and the waits that it tells of: tell.go, tell_operations.go, tell_waits.go, names.go.
package bridge
