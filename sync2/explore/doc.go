// Package explore runs a concurrent program under every order that its operations could take, until it fails or there
// is no other order. The code of package sync2 is what runs, not a model of it.
//
//	func TestTransfer(t *testing.T) {
//		explore.Test(t, func(e *explore.E) { // runs many times; everything that it uses is made inside
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
// One goroutine of the program, a task, runs at a time. Before each operation on a primitive of sync2, on a [Var], or on
// one of the counterparts that this package has for channels, select and package sync/atomic, the explorer decides who
// goes on. In place of what package sync has, a program uses sync2's: Mutex, RWMutex, WaitGroup, Once, Cond. Tasks are
// started by [E.Go], sync2.Go and whatever else of sync2 starts goroutines. What the program does to plain memory between
// two operations is one step; sync2.Yield divides it.
//
// A program must do the same whenever its operations come in the same order: no time of day, no random numbers ([E.Choose]
// tries them all), no order of maps. It must not start goroutines in another way, and must not wait for anything that the
// explorer does not know of. If it does, it fails with an error that says where.
//
// If every order was tried, the result is "exhausted". That is a proof for this program only if its tasks affect each other
// by operations alone: if it has no data race in plain memory, which the race detector looks for. Tasks that did no
// operation at all are named, and then nothing is called exhausted.
//
// Time stands still while anything can be done; then it goes on to the next moment when a wait gives up. With [AnyTime]
// every wait that has a timeout may give up at any moment, which is what may happen on a busy machine. Contexts are made
// by [E.WithCancel] and [E.WithTimeout]; [E.Interrupt] makes one that ends at any moment. To look at ctx.Err is no
// operation, and the cancel function of a context of package context is none either: such a context is honoured, but not
// every moment at which it could end is tried.
//
// Other processes (package process) are a part of a program that is not ordered. The explorer orders when their answers are
// taken in, and never calls such a program exhausted.
//
// # Failures
//
// A program fails by a deadlock, a leak (the main task has ended and others wait for ever), a failed [E.Check], a panic,
// a data race on a Var, or if it has not ended after many steps though everybody gets a turn. [Test] prints the shortest
// order that it knows, and before it a token with which that order is replayed.
//
// Under the race detector tasks are goroutines whose switching the detector does not see, so that it reports races in
// plain memory as if they ran in parallel.
package explore
