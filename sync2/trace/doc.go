// Package trace records what the primitives of sync2 do: which goroutine waits for which object, and which goroutine
// releases which.
//
// Tracing is process-wide, as in runtime/trace. [Start] sends every event to a [Sink] until [Stop] is called; most
// programs use a [Recorder] as the sink. [Name] gives an object a recognizable name, and [Log] adds a message.
//
//	rec := trace.NewRecorder(1 << 16)
//	if err := trace.Start(rec); err != nil { … }
//	… run …
//	trace.Stop()
//	err := tracefile.Write(file, rec.Events())
//
// While no trace is running, tracing costs a primitive one atomic load. Operations that were already in progress when
// the trace started may be missing from it; start the trace first if that matters.
//
// A running trace establishes an order between operations of different goroutines, and so can hide data races from the
// race detector: look for races with the trace off.
//
// # Files
//
//   - The vocabulary of events, and the text of values: event.go, text.go.
//   - A running trace, and where its events go: trace.go, recorder.go.
//   - The validator, with what it knows and the table of its rules: validator.go, validator_records.go,
//     validator_check.go, validator_rules.go.
//   - Its rules for all objects: validator_define.go, validator_goroutine.go, validator_wait.go.
//   - Its rules by the class of the object: validator_barrier.go, validator_chan.go, validator_count.go,
//     validator_flag.go, validator_future.go, validator_group.go, validator_lock.go, validator_queue.go,
//     validator_semaphore.go, validator_watch.go.
package trace
