//go:build !turnstile_goroot

package engine

import "runtime/metrics"

// samples are the runtime metrics to read. There is one exploration at a time.
var (
	startedSample = [1]metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	stacksSample  = [1]metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
)

// goroutinesStarted returns the number of goroutines that the process has started.
func goroutinesStarted() uint64 {
	metrics.Read(startedSample[:])
	return startedSample[0].Value.Uint64()
}

// stackBytes returns the memory used by the stacks of the process.
func stackBytes() uint64 {
	metrics.Read(stacksSample[:])
	return stacksSample[0].Value.Uint64()
}
