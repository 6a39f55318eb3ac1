// Package engine runs a program under the explorer's control: one goroutine at a time, each up to its next operation, in
// the schedule that a strategy of package search chooses.
//
// An [Execution] is the run loop. Its tasks are the goroutines of the program; each runs in a [Thread], which is a
// coroutine, or under the race detector a goroutine that is handed control behind the detector's back. A [Task] is what
// the primitives see of the explorer: through it they ask the execution for permission to perform an operation, to wait,
// or to start another task. The execution finds the possible transitions, lets the strategy choose one, and switches.
//
// A program may have a part that the execution does not control, such as other processes; a task receives what comes from
// there (see [Task.Await]).
//
// The result of a run is its [Fault], if it has one, and the steps in its View. The engine also detects what it does
// not control: a task that hangs (see [Execution.Await]), a goroutine that is not a task and touches the program's
// primitives ([Uncontrolled]), and goroutines that are started outside the explorer ([Births]). Package explore decides what
// follows from that, and how many runs there are; it also provides the mocks of channels and package sync.
//
// # Files
//
//   - The run loop: execution.go, pick.go, transitions.go, step.go, passing.go, fault.go, stuck.go, own.go, clock.go, cputime_unix.go, cputime_other.go.
//   - Tasks, and the names of what they do: task.go, note.go, verbs.go, claims.go, callers.go, stack.go.
//   - Threads, in which tasks run: thread.go, threads.go, thread_coro.go, thread_race.go, thread_goroot.go,
//     race_off.go, race_goroot.go, runtime_goroot.go, unpatched.go.
//   - Contexts that end, and bubbles of testing/synctest: ends.go, bubble.go, late.go.
//   - What the engine does not control: births.go, uncontrolled.go, outside.go, outside_goroot.go, watchdog.go,
//     metrics.go, metrics_goroot.go.
package engine
