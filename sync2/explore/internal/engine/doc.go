// Package engine runs a program under the explorer's control: one goroutine at a time, each up to its next operation, in
// the order that a strategy of package search chooses.
//
// An [Execution] is the run loop. Its tasks are the goroutines of the program; each runs in a [Thread], which is a
// coroutine, or under the race detector a goroutine that is handed control behind the detector's back. A [Task] is what
// the primitives see of the explorer: it asks the execution to be allowed its next operation, to wait, to start another
// task. The execution finds what can be done next, the transitions, lets the strategy choose, and switches.
//
// A program may have a part that the execution does not order, such as other processes; what comes from there is taken in by
// a task (see [Task.Await]).
//
// What a run came to is its [Fault], if it has one, and the steps in its View. The engine also notices what it does not
// control: a task that hangs (see [Execution.Await]), a goroutine that is no task and touches the program's primitives
// ([Foreign]), goroutines that are started past it ([Births]). What to make of all that, and in how many runs, is for
// package explore to say, as are the counterparts of channels and package sync that it offers to programs.
//
// # Files
//
//   - The run loop: execution.go, pick.go, fault.go, clock.go, cputime_unix.go, cputime_other.go.
//   - Tasks, and the names of what they do: task.go, note.go, verbs.go, claims.go, callers.go, stack.go.
//   - Threads, in which tasks run: thread.go, threads.go, thread_coro.go, thread_race.go, thread_goroot.go,
//     race_off.go, race_goroot.go, runtime_goroot.go, unpatched.go.
//   - Contexts that end, and bubbles of testing/synctest: ends.go, bubble.go, late.go.
//   - What the engine does not control: births.go, stranger.go, outside.go, outside_goroot.go, watchdog.go.
package engine
