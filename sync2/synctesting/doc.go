// Package synctesting looks at a concurrent program in every way that this module knows, in one line of a test:
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
// # What is looked at
//
// [Runs]: the program runs again and again, on one to four processors, with nothing watching. It must return nil, in
// time. With go test -race these are the runs in which the race detector looks.
//
// [Leaks]: after each of these runs goleak looks for goroutines that are left. What it finds is told with what these wait
// for, and with each Executor that was not shut down and the line that made it.
//
// [Locks]: go-deadlock looks at the order in which locks are taken. It finds two orders that do not go together even
// where each run went well, because the two never met. It sees each Mutex and ReentrantLock of package sync2, and
// go-deadlock's own where the program uses those.
//
// [Traces]: the program is traced, and the trace must be a story that can be true. That is a check of the primitives more
// than of the program, and of primitives of your own that emit events.
//
// [Orders]: package explore runs the program under every order that its operations could take, or as many as the budget
// allows, and prints a token that replays one that fails.
//
// Locks and Traces have runs of their own, because a running trace puts what goroutines do in an order, and so hides data
// races from the race detector.
//
// # Programs
//
// A program makes everything that it uses, starts its goroutines, waits for their end, and returns an error if
// something is not as it should be; it may also fail the test. It should give its ctx to what waits: when a run takes
// too long, ctx ends, and the program can return and say where it was.
//
// For Orders it must do without what the explorer cannot steer: goroutines of the go statement, plain channels, locks of
// package sync, sockets and clocks. Package explore says what to take instead. A program that cannot do without says
// so: synctesting.Run(t, program, synctesting.Without(synctesting.Orders)).
//
// The trace, go-deadlock and the count of goroutines belong to the whole process. Calls of [Run] wait for each other,
// but tests that run in parallel with one could start goroutines that look left behind: do not mix it with t.Parallel.
package synctesting
