// Package explore runs a concurrent program under every possible schedule of its operations, until it fails or no
// schedule is left. A schedule is the order in which the operations of the goroutines run. What runs is the production
// code of package sync2, not a model of it.
//
//	func TestTransfer(t *testing.T) {
//		explore.Test(t, func(e *explore.E) { // runs many times; it must create everything that it uses
//			var mu sync2.Mutex
//			balance := explore.NewVar(e, "balance", 0)
//			e.Go("deposit", func() { mu.Lock(); defer mu.Unlock(); balance.Store(balance.Load() + 10) })
//			e.Go("withdraw", func() { mu.Lock(); defer mu.Unlock(); balance.Store(balance.Load() - 10) })
//			e.Join()
//			e.Check(balance.Load() == 0, "the balance is %d", balance.Load())
//		})
//	}
//
// # Programs
//
// The goroutines of the program are called tasks, and one of them runs at a time. The explorer decides which task runs
// next before each operation on a primitive of sync2, on a [Var], or on one of the mocks that this package provides for
// channels, select and package sync/atomic. A program uses the types of package sync2 in place of those of package
// sync: Mutex, RWMutex, WaitGroup, Once, Cond. Tasks are started by [E.Go], by sync2.Go and by the other functions of
// sync2 that start goroutines. All accesses to plain memory between two operations form one step; sync2.Yield divides
// it.
//
// A program must be deterministic for a given schedule: it must not depend on the time of day, on random numbers
// ([E.Choose] tries every value) or on the iteration order of maps. It must not start goroutines in any other way, and
// must not block on anything that the explorer does not control. If it does, it fails with an error that says where.
//
// If every schedule was tried, the result is "exhausted". That proves the program correct only if its tasks interact
// through operations alone, that is, if it has no data race in plain memory; use the race detector to look for those.
// If a task performed no operation at all, the result names it and is not "exhausted".
//
// Time is virtual: it stands still while any task can run, and then advances to the next timeout. With [AnyTime], every
// wait that has a timeout may give up at any moment, as it could on a busy machine. Contexts are made by [E.WithCancel]
// and [E.WithTimeout]; [E.Interrupt] makes one that ends at any moment. Calling ctx.Err, or the cancel function of a
// context of package context, is not an operation: such a context works, but the explorer does not try every moment at
// which it could end.
//
// Other processes (package process) are not controlled. The explorer only decides when their answers are received, and
// never calls such a program exhausted.
//
// # Failures
//
// A program fails by a deadlock, a leak (the main task has ended and others wait forever), a failed [E.Check], a panic,
// a data race on a Var, or a livelock: it has not ended after many steps of a fair schedule. [Test] prints a token that
// replays the failure, followed by the shortest failing schedule it knows.
//
// The race detector does not see the explorer's switching between tasks, so it reports races in plain memory as if the
// tasks ran in parallel.
//
// # Files
//
//   - What a program under the explorer uses: e.go, var.go, atomics.go, chan.go, select.go, context.go.
//   - Entrances: explore.go, test.go, options.go, drive.go, session.go.
//   - The runs of one exploration: core.go, course.go, uncontrolled.go, charge.go, charge_unpatched.go.
//   - What is known of a run (names, its trace, data races) and what limits a result: names.go, record.go,
//     racing.go, caveats.go.
//   - Failures, their causes, and how they are reported: failure.go, because.go, blame.go, explain.go,
//     report.go, artifact.go.
//   - Exploring tests of ordinary Go in a private GOROOT: gotest_binary.go, gotest.go, gotest_drive.go, gotest_early.go,
//     embed.go.
//   - The search through the schedules of such a test: its first run, its stages, the runs of one stage, those that are
//     too long, and what is said in the end: gotest_search.go, gotest_first.go, gotest_course.go, gotest_long.go,
//     gotest_verdict.go, gotest_report.go, gotest_parts.go, gotest_measure.go.
//   - Failures of such tests, their confirmation by a fresh process, and replays: gotest_failure.go, gotest_confirm.go,
//     gotest_replay.go, gotest_leaks.go, gotest_race.go, gotest_race_on.go,
//     gotest_race_off.go, gotest_source.go.
//   - What the runtime does for them: gotest_runtime.go.
package explore
