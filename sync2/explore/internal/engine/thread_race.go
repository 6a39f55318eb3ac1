//go:build race && !turnstile_goroot

package engine

import (
	"runtime"
	"slices"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// UnderRace says that the race detector looks on.
const UnderRace = true

// A thread is a goroutine under this control, which is handed over by channels. If the race detector saw that, it would
// take every two operations for ordered, and no race would ever be found. So it is told to look away, and to look at
// raceRelease and raceAcquire in its stead: at the start and the end of a task, and where one releases another. What
// else orders tasks is in the primitives, which do it as always. What the scheduler keeps is touched by the scheduler's
// goroutine alone, and what a task says to it by functions that the detector does not see, which is why these are all
// marked go:norace.
type control struct {
	in, out chan struct{}

	req    Request // that its task has
	obj    hook.Object
	verb   string
	access hook.Access
}

// NewThread returns a thread that is paused and has no task.
//
//go:norace
func NewThread() *Thread {
	th := &Thread{control: control{in: make(chan struct{}), out: make(chan struct{})}}
	runtime.RaceDisable()
	go th.start()
	<-th.out
	runtime.RaceEnable()
	th.lock = goid.LockWord(th.slot)
	return th
}

//go:norace
func (th *Thread) start() {
	th.identify()
	defer th.gone()
	th.pause()
	th.loop()
}

//go:norace
func (th *Thread) gone() {
	runtime.RaceDisable()
	th.out <- struct{}{}
	runtime.RaceEnable()
}

// Point implements [hook.Task]. It serves t's other requests too, see Ask.
//
//go:norace
func (t *Task) Point(obj hook.Object, verb string, access hook.Access) {
	th, req := t.Thread, t.request
	th.obj, th.verb, th.access = obj, verb, access
	th.req = t.prepare()
	raceRelease(t) // the scheduler sees all that t does, but nobody sees what the scheduler does
	th.pause()
	if t.Exec.dead && req != RequestEnd {
		runtime.Goexit()
	}
}

// drive lets the tasks run until it is nobody's turn.
func (x *Execution) drive() {
	for x.cur != nil {
		t := x.cur
		t.Thread.resume()
		if x.Gone.Load() {
			return
		}
		RaceAcquire(t)
		th := t.Thread
		x.switchTo(x.serve(t, th.req, th.obj, th.verb, th.access))
	}
}

//go:norace
func (th *Thread) resume() {
	runtime.RaceDisable()
	th.in <- struct{}{}
	<-th.out
	runtime.RaceEnable()
}

//go:norace
func (th *Thread) pause() {
	runtime.RaceDisable()
	th.out <- struct{}{}
	<-th.in
	runtime.RaceEnable()
}

//go:norace
func (th *Thread) stop() {
	th.Task = nil
	runtime.RaceDisable()
	th.in <- struct{}{}
	<-th.out
	runtime.RaceEnable()
}

// awaitEnd returns when the goroutines of threads that were stopped are gone. One that has been through Goexit says that it
// is paused for good while its stack is still as deep as it ever was, and goleak cannot read that of a hundred frames.
func awaitEnd(stopped []*Thread) {
	deep := func(th *Thread) bool { return th.Depth > 0 && stackOf(th.G) != "" }
	for slices.ContainsFunc(stopped, deep) {
		runtime.Gosched()
	}
}

// RaceAcquire orders what came before the calls of raceRelease for t before what follows.
//
//go:norace
func RaceAcquire(t *Task) { runtime.RaceAcquire(unsafe.Pointer(t)) }

//go:norace
func raceRelease(t *Task) { runtime.RaceReleaseMerge(unsafe.Pointer(t)) }

// raceEpochEnd and raceEpochBegin order each run after the one before.
//
//go:norace
func raceEpochEnd(x *Execution) { runtime.RaceReleaseMerge(unsafe.Pointer(&x.epoch)) }

//go:norace
func raceEpochBegin(x *Execution) { runtime.RaceAcquire(unsafe.Pointer(&x.epoch)) }

// RaceMeet orders an operation on what stands at an address after those before it.
//
//go:norace
func RaceMeet(at unsafe.Pointer) {
	runtime.RaceAcquire(at)
	runtime.RaceReleaseMerge(at)
}
