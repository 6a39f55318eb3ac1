// Package bridge leads from the hooks of a patched runtime to tasks of package engine, so that programs can be explored
// that use channels, package sync, the go statement and package time, and know nothing of an explorer.
//
// The runtime calls it in a task's goroutine before an operation, or where that has to wait. In the meantime the goroutine
// does the explorer's work: what is done here is no operation of the program, and the race detector sees none of it. So
// that the functions in which tasks are switched are marked go:norace, see package engine.
//
// # Files
//
//   - The hooks, and the operations they stand for: bridge.go, operations.go, objects.go, items.go, bubble.go.
//   - Goroutines and time: spawn.go, time.go, outside.go.
//   - The trace: tell.go, names.go.
package bridge
