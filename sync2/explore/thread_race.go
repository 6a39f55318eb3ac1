//go:build race

package explore

import (
	"runtime"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// underRace says that the race detector looks on.
const underRace = true

// A thread is a goroutine under this control, which is handed over by channels. If the race detector saw that, it would
// take every two operations for ordered, and no race would ever be found. So it is told to look away, and to look at
// raceRelease and raceAcquire in its stead: at the start and the end of a task, and where one releases another. What
// else orders tasks is in the primitives, which do it as always. What the scheduler keeps is touched by the scheduler's
// goroutine alone, and what a task says to it by functions that the detector does not see, which is why these are all
// marked go:norace.
type control struct {
	in, out chan struct{}

	req  request // that its task has
	obj  hook.Object
	verb string
}

//go:norace
func newThread() *thread {
	th := &thread{control: control{in: make(chan struct{}), out: make(chan struct{})}}
	runtime.RaceDisable()
	go th.start()
	<-th.out
	runtime.RaceEnable()
	th.lock = goid.LockWord(th.slot)
	return th
}

//go:norace
func (th *thread) start() {
	th.identify()
	defer th.gone()
	th.pause()
	th.loop()
}

//go:norace
func (th *thread) gone() {
	runtime.RaceDisable()
	th.out <- struct{}{}
	runtime.RaceEnable()
}

// ask has a request of t served, which is about verb at obj, and returns when it is t's turn again, or at its end when
// its thread has another task. If the run is dead, it ends the goroutine.
//
//go:norace
func (t *task) ask(req request, obj hook.Object, verb string) {
	th := t.thread
	if th.req, th.obj, th.verb = req, obj, verb; t.x.dead || t.x.verbose || th.locked() {
		th.req = t.prepare(req)
	}
	raceRelease(t) // the scheduler sees all that t does, but nobody sees what the scheduler does
	th.pause()
	if t.x.dead && req != reqEnd {
		runtime.Goexit()
	}
}

// drive lets the tasks run until it is nobody's turn.
func (x *execution) drive() {
	for x.cur != nil {
		t := x.cur
		t.thread.resume()
		if x.gone.Load() {
			return
		}
		raceAcquire(t)
		th := t.thread
		x.switchTo(x.serve(t, th.req, th.obj, th.verb))
	}
}

//go:norace
func (th *thread) resume() {
	runtime.RaceDisable()
	th.in <- struct{}{}
	<-th.out
	runtime.RaceEnable()
}

//go:norace
func (th *thread) pause() {
	runtime.RaceDisable()
	th.out <- struct{}{}
	<-th.in
	runtime.RaceEnable()
}

//go:norace
func (th *thread) stop() {
	th.task = nil
	runtime.RaceDisable()
	th.in <- struct{}{}
	<-th.out
	runtime.RaceEnable()
}

// raceAcquire orders what came before the calls of raceRelease for t before what follows.
//
//go:norace
func raceAcquire(t *task) { runtime.RaceAcquire(unsafe.Pointer(t)) }

//go:norace
func raceRelease(t *task) { runtime.RaceReleaseMerge(unsafe.Pointer(t)) }

// raceEpochEnd and raceEpochBegin order each run after the one before.
//
//go:norace
func raceEpochEnd(x *execution) { runtime.RaceReleaseMerge(unsafe.Pointer(&x.epoch)) }

//go:norace
func raceEpochBegin(x *execution) { runtime.RaceAcquire(unsafe.Pointer(&x.epoch)) }

// raceMeet orders an operation at c after those before it.
//
//go:norace
func raceMeet(c *core) {
	runtime.RaceAcquire(unsafe.Pointer(c))
	runtime.RaceReleaseMerge(unsafe.Pointer(c))
}
