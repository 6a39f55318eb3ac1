// Package process runs functions in other processes: it has an executor whose workers are processes, and single
// processes that can be started, joined and killed.
//
//	var square = process.Register("square", func(ctx context.Context, n int) (int, error) { return n * n, nil })
//
//	func main() {
//		process.Main() // in a worker, Main runs tasks and never returns
//		e := process.NewExecutor(runtime.NumCPU())
//		defer e.Shutdown()
//		n, err := process.Submit(e, square, 12).Result()
//		…
//	}
//
// A worker is a new process of the same program, in which [Main] serves the requests of the parent. So it has all
// package-level declarations, among them the registered functions, and package variables of its own with their initial
// values. Arguments and results of functions are copied; nothing else is shared.
//
// Processes are useful for isolation: to contain code that may crash, leak or never end, and to kill it. Each process
// has its own heap and garbage collector. For work that only has to run in parallel, the goroutines of a
// [sync2.Executor] do the same at a hundredth of the cost.
//
// # Between processes
//
// [Mutex], [Semaphore], [Event], [Barrier] and [Queue] can be shared by the processes of a program. An object lives in
// the process that made it, and workers use it over their connection to that process. A pointer to the object may be
// passed in the argument of a function; or the object is given a name by [Named], so that a package variable refers to
// the same object in each process. When a worker dies, the locks and permits it held are released, and the next holder
// is informed: see [ErrHolderDied].
//
// # Traces
//
// While a trace is running in the parent (package trace), the events of the workers become part of it. The names of
// goroutines and objects of a worker contain its process id.
//
// # The explorer
//
// A program under package explore may use other processes, but the explorer does not control them. It decides only when
// an answer of a worker, a request for a shared object or the end of a process is received. The result is never
// "exhausted", and gives the reason: "not repeatable, since it waits for what comes from outside". Each run must create
// its own executors, and the processes that it started end with it. The run waits up to 10 seconds for a busy worker
// before it fails.
//
// # Termination
//
// A worker ends when its executor is shut down, and never outlives its parent, even if the parent is killed. Each
// worker leads its own process group, so Ctrl-C in a terminal reaches only the parent. When a worker is killed, so are
// the processes that it started.
//
// # Files
//
//   - Registered functions, their errors, and Main: register.go, main.go, errors.go.
//   - Processes: process.go, child.go, environ_race.go, environ_norace.go, sys_*.go.
//   - The executor and its workers: executor.go, executor_options.go, executor_submit.go, crew.go, worker.go.
//   - Objects between processes: shared.go, desk.go, ops.go, mutex.go, semaphore.go, event.go, barrier.go,
//     queue.go.
//   - The connection with its messages, and the encoding of values: wire.go, codec.go, memory.go.
//   - Traces and the explorer: tracer.go, merge.go, explored.go.
package process
