//go:build !race && !turnstile_goroot

package engine

import (
	"iter"
	"runtime"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// With this control, a thread is a coroutine. The running task does the scheduler's work itself, and if it is then
// another task's turn, it resumes that task's thread. So the active threads form a stack: each has resumed the one above
// it. If it is the turn of one in the stack, those above it pause one by one; each of them was resumed by one switch, so
// this takes two switches on average at most, which is what a detour by way of the scheduler would always take.
type control struct {
	calls bool // it has resumed another thread, which has not paused since
	next  func() (struct{}, bool)
	yield func(struct{}) bool
}

// NewThread returns a thread that has not begun and has no task.
func NewThread() *Thread {
	th := new(Thread)
	th.next, _ = iter.Pull(func(yield func(struct{}) bool) {
		th.identify()
		th.lock = goid.LockWord(th.slot)
		th.yield = yield
		th.loop()
	})
	return th
}

// Point implements [hook.Task]. It serves t's other requests too, see Ask.
//
// It is one function, since each return after a switch costs a branch misprediction.
func (t *Task) Point(obj hook.Object, verb string, access hook.Access) {
	x, th, req := t.Exec, t.Thread, t.request
	var n *Task
	if req != 0 || x.dead || x.Verbose || th.locked() {
		n = x.serve(t, t.prepare(), obj, verb, access)
	} else {
		t.unconditionally()
		x.declare(t, obj, verb, access)
		n = x.point(t)
	}
	if n != t {
		x.switchTo(n)
		for n != nil && n.Thread != th && !n.Thread.calls {
			th.calls = true
			n.Thread.next()
			th.calls = false
			n = x.cur
		}
		if n == nil || n.Thread != th {
			th.yield(struct{}{}) // until it is its turn
		}
	}
	if x.dead && req != RequestEnd {
		runtime.Goexit()
	}
}

// drive lets the tasks run until no task has a turn.
func (x *Execution) drive() {
	for x.cur != nil {
		x.cur.Thread.next()
	}
}

func (th *Thread) stop() {
	th.Task = nil
	if th.Depth == 0 {
		th.next()
		return
	}
	// The Goexit of its last task continues, on into the next caller.
	done := make(chan struct{})
	go func() {
		defer close(done)
		th.next()
	}()
	<-done
}

func awaitEnd([]*Thread) {} // the goroutine that resumes a coroutine for the last time continues once the coroutine is gone
