// Package process runs functions in other processes: an executor whose workers are processes, and single processes that
// are started, joined and killed.
//
//	var square = process.Register("square", func(ctx context.Context, n int) (int, error) { return n * n, nil })
//
//	func main() {
//		process.Main() // a worker works here, and never returns
//		e := process.NewExecutor(runtime.NumCPU())
//		defer e.Shutdown()
//		n, err := process.Submit(e, square, 12).Result()
//		…
//	}
//
// A worker is the same program, started anew, which [Main] makes do what its parent asks for. So it has everything that is
// declared at package level, with the values that this has at the start of a program: functions that were registered
// there, and variables of its own. What a function is given and what it returns is copied; nothing else is shared.
//
// A process is worth its price where something must not take the rest along: code that may crash, leak or never end,
// and can be killed. It has a heap and a garbage collector of its own. For work that only has to run in parallel, the
// goroutines of a [sync2.Executor] do the same at a hundredth of the cost.
//
// # Between processes
//
// [Mutex], [Semaphore], [Event], [Barrier] and [Queue] are shared by the processes of a program. One process has the object,
// the one that made it, and its workers use it over the connection that they have anyway. A pointer to it may be part of
// what a function is given; or it gets a name, by [Named], and then a package variable means the same in each process. A
// worker that dies gives back what it held, and the next holder is told: see [ErrHolderDied].
//
// # Traces
//
// While a trace is running in the parent (package trace), the workers send theirs, which becomes part of it. Goroutines and
// objects of a worker have its process id in their names.
//
// # The explorer
//
// A program that package explore runs may use other processes, which are a part of it that is not ordered. When an answer of a
// worker, its request for a shared object or the end of a process is taken in is up to the explorer, however fast the
// worker is; it waits for that if need be. Nothing is called exhausted, and what the explorer says has the reason in it: "not
// repeatable, since it waits for what comes from outside". Each run has to make its own executors, and the processes that it
// has started end with it. While a worker has something to do, the run waits for it for up to 10 seconds before it fails.
//
// # The end
//
// A worker ends when its executor is shut down, and never outlives its parent, even if that is killed. Each worker leads a
// process group, so a Ctrl-C in a terminal reaches the parent only, which decides. Where a worker is killed the processes
// that it started are, too.
package process
