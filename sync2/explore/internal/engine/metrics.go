//go:build !turnstile_goroot

package engine

import "runtime/metrics"

// samples are what the runtime is asked for. There is one exploration at a time.
var (
	startedSample = [1]metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	stacksSample  = [1]metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
)

// goroutinesStarted returns how many goroutines the process has started.
func goroutinesStarted() uint64 {
	metrics.Read(startedSample[:])
	return startedSample[0].Value.Uint64()
}

// stackBytes returns how much memory the stacks of the process take.
func stackBytes() uint64 {
	metrics.Read(stacksSample[:])
	return stacksSample[0].Value.Uint64()
}
