//go:build !race

package explore

import (
	"iter"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
)

// inline says that a task chooses who goes on by itself, and switches only if it is another.
const inline = true

// orRaced is what else may have failed the test: nothing.
const orRaced = ""

type thread struct {
	g     int64
	slot  uintptr // of its goroutine
	task  *task
	depth int
	calls bool // it has resumed another, which has not paused yet
	next  func() (struct{}, bool)
	yield func(struct{}) bool
}

func newThread() *thread {
	th := new(thread)
	th.next, _ = iter.Pull(func(yield func(struct{}) bool) {
		th.slot, th.g = goid.Self()
		th.yield = yield
		yield(struct{}{})
		th.loop()
	})
	th.next()
	return th
}

func (th *thread) resume() { th.next() }

// pause does not go by way of the scheduler, which would take two switches each time, but resumes the next task's thread
// itself. So those that run form a stack: each has resumed the one above it. If the next is among them, those above it
// pause one by one; each has been resumed for one switch before, so that it is two switches at most on average.
func (th *thread) pause() {
	x := th.task.x
	for {
		n := x.cur
		if n == nil || n.thread.calls || x.gone.Load() {
			th.yield(struct{}{})
			return
		}
		if n.thread == th {
			return
		}
		th.calls = true
		n.thread.next()
		th.calls = false
	}
}

func (th *thread) stop() {
	th.task = nil
	if th.depth == 0 {
		th.next()
		return
	}
	// The Goexit of its last task goes on, and on into whoever calls next.
	done := make(chan struct{})
	go func() {
		defer close(done)
		th.next()
	}()
	<-done
}

// What the race detector is told; without it there is nobody to tell.
func raceAcquire(*task)         {}
func raceRelease(*task)         {}
func raceEpochEnd(*execution)   {}
func raceEpochBegin(*execution) {}
func raceOff()                  {}
func raceOn()                   {}

func raceMeet(*core) {}
