// Command bench measures package sync2 side by side with its peers and prints one table.
//
//	go run .                  everything
//	go run . -run semaphore   the rows whose name begins with a match of the regular expression
//
// Everything in a row is measured in one process, in turns (ours, peer, ours, peer …), so that disturbances of the
// machine affect all contenders alike: look at the ratios. A row has six measurements of each contender, each on a
// fresh instance, and shows the smallest, the median and the largest; a ratio is that of medians. What needs a
// process of its own (memory, a million goroutines, the build without hook) gets one for each measurement.
//
// Rows about differences of a few percent, such as those of the patched standard library, and about the tests that "turnstile
// test" runs, have more measurements and compare the smallest: "min" follows their ratios and targets. Of those tests the
// processor time is measured. On a shared machine the speed varies, and the medians of two contenders then show how often
// each met which speed, not which one is faster.
//
// The peers are in this module's go.mod and so never in that of the library. Plain versions of the same thing, such as
// a channel used as a semaphore, are in the files naive_*.go.
//
// # Files
//
//   - Measuring: main.go, measure.go, row.go, table.go, worker.go, build.go.
//   - The primitives, with their peers: barrier.go, event.go, executor.go, local.go, mutex.go, queue.go,
//     reentrant.go, semaphore.go, sync.go, together.go, naive_*.go.
//   - Memory and large numbers: memory.go, scale.go.
//   - What observing costs: hook.go, trace.go, timeline.go, tui.go, explorer.go, anytest.go, watch_*.go.
//   - Other processes and Python: process.go, python.go.
package main
