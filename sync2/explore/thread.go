package explore

import "runtime/debug"

// A thread runs tasks, one after the other. There are two kinds, chosen by the race build tag: a coroutine, which is
// switched to in about 100 ns, and a goroutine that is handed control over a channel in such a way that the race
// detector does not see it. Both have
//
//	newThread() *thread   // paused, without a task
//	(*thread).resume()    // called by the scheduler: lets it run until it pauses
//	(*thread).pause()     // called by the thread itself: lets the task run whose turn it is, until it is its own
//	(*thread).stop()      // called by the scheduler: ends a thread that is paused without a task
//
// and the constant inline, which says whether a task may do the scheduler's work itself.
//
// A task may end by runtime.Goexit. A thread survives that: it goes on in the deferred function, one level deeper.

// maxDepth is how many tasks of a thread may end by Goexit before it is not used again. Each makes its stack deeper, and
// stacks of more than a hundred frames are more than goleak can read.
const maxDepth = 4

// loop runs what the scheduler puts into th.task, until that is nil.
//
//go:norace
func (th *thread) loop() {
	for th.task != nil {
		th.runTask(th.task)
		if th.task != nil { // or else it was stopped in a loop further in
			th.pause()
		}
	}
}

//go:norace
func (th *thread) runTask(t *task) {
	returned := false
	defer func() { th.taskDone(t, returned, recover()) }()
	if t.parent != nil {
		raceAcquire(t.parent)
	} else {
		raceEpochBegin(t.x)
	}
	t.fn()
	returned = true
}

// taskDone ends a task that has returned, panicked, or called Goexit.
//
//go:norace
func (th *thread) taskDone(t *task, returned bool, v any) {
	if t.told {
		exited()
	}
	if v != nil && !t.x.dead {
		t.panicked(v, debug.Stack())
	}
	t.end()
	if !returned { // after a panic too: that may have come in a function deferred when Goexit was called
		th.depth++
		th.pause()
		th.loop()
	}
}
