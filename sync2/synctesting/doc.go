// Package synctesting runs every check of this module on a concurrent program, in one line of a test:
//
//	func TestTransfer(t *testing.T) {
//		synctesting.Run(t, func(ctx context.Context) error {
//			bank := newBank()
//			a := sync2.Go("ann", func() { bank.transfer(ctx, 1, 2) })
//			b := sync2.Go("ben", func() { bank.transfer(ctx, 2, 1) })
//			a.Join()
//			b.Join()
//			return bank.check()
//		})
//	}
//
// # Checks
//
// [Runs]: the program runs repeatedly, on one to four processors, unobserved. It must return nil, in time. With go test
// -race, the race detector checks these runs.
//
// [Leaks]: after each of these runs goleak looks for leaked goroutines. The report says what they wait for, and lists
// each Executor that was not shut down with the line that made it.
//
// [Locks]: go-deadlock checks the order in which locks are taken. It reports a lock inversion even if no run
// deadlocked. It sees every Mutex and ReentrantLock of package sync2, and go-deadlock's own locks if the program uses
// them.
//
// [Traces]: the program is traced, and the trace must be consistent. This checks the primitives rather than the
// program, including your own primitives if they emit events.
//
// [Schedules]: package explore runs the program under every possible schedule of its operations, or as many as the budget
// allows, and prints a token that replays a failing one.
//
// Locks and Traces have runs of their own, because a running trace orders the operations of goroutines and so hides
// data races from the race detector.
//
// # Programs
//
// A program creates everything that it uses, starts its goroutines, waits for them, and returns an error if a result is
// wrong; it may also fail the test. It should pass its ctx to blocking calls: when a run takes too long, ctx ends, and
// the program can return and report where it was.
//
// For Schedules the program must not use what the explorer cannot control: the go statement, plain channels, locks of
// package sync, sockets and clocks. Package explore lists the replacements. A program that needs them anyway must
// exclude the check: synctesting.Run(t, program, synctesting.Without(synctesting.Schedules)).
//
// The trace, go-deadlock and the set of goroutines are process-wide. Calls of [Run] wait for each other, but goroutines
// of other tests that run in parallel would be taken for leaks: do not use Run together with t.Parallel.
//
// # Files
//
//   - Entry points: synctesting.go, options.go, report.go.
//   - One pass over a program, and what observes it: pass.go, watcher.go, calls.go, race.go, norace.go.
//   - The order of locks: locks.go, locks_free.go, locks_internal.go, orders.go.
package synctesting
