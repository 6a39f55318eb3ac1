//go:build race && !turnstile_goroot

package engine

import (
	"runtime"
	"slices"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// UnderRace reports whether the race detector is on.
const UnderRace = true

// With this control, which channels hand over, a thread is a goroutine. If the race detector saw that, it would take
// any two operations as ordered, and no race would ever be found. So it is told to ignore the channels, and to see
// raceRelease and raceAcquire instead: at the start and the end of a task, and where one task releases another.
// Everything else that orders tasks is in the primitives, as always. Only the scheduler's goroutine touches the
// scheduler's data, and a task passes requests to it by functions that the detector does not see, which is why these
// are all marked go:norace.
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
	raceRelease(t) // the scheduler sees everything that t does, but no task sees what the scheduler does
	th.pause()
	if t.Exec.dead && req != RequestEnd {
		runtime.Goexit()
	}
}

// drive lets the tasks run until no task has a turn.
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

// awaitEnd returns when the goroutines of stopped threads are gone. One that has been through Goexit reports that it is
// paused for good while its stack is still as deep as it ever was, and goleak cannot parse a stack of a hundred frames.
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

// RaceMeet orders an operation on the object at an address after earlier ones.
//
//go:norace
func RaceMeet(at unsafe.Pointer) {
	runtime.RaceAcquire(at)
	runtime.RaceReleaseMerge(at)
}
