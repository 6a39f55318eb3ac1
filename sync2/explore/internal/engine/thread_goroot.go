//go:build turnstile_goroot

package engine

import (
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// Patched reports whether the program was built with a runtime that calls the explorer for channels, locks,
// goroutines and timers, see package bridge.
const Patched = true

// With this control, a thread is a coroutine of the runtime, with and without the race detector. Coroutines of the runtime are
// symmetric: each one that does not run rests at a coro, and a goroutine that switches to a coro then rests there. So a switch
// leads directly from one thread to the next. The goroutine that drives the execution rests likewise while a task runs.
//
// The race detector sees nothing of that. To the detector, any goroutine that does the explorer's work is one and the
// same goroutine, and each task is a goroutine of its own, started by its parent, whichever thread it runs in. So the
// explorer's data need not be hidden from it, except that functions in which a switch, or a change of identity, happens
// are marked go:norace: the detector would see one goroutine enter them and another leave.
type control struct {
	at   unsafe.Pointer // the coro at which it rests
	g    unsafe.Pointer // the goroutine
	lost bool           // its run ended while it was outside
}

// plain has the additional fields of a task that may be a goroutine of an unchanged program.
type plain struct {
	Plain PlainState

	raceCtx  uintptr // its identity for the race detector
	childCtx uintptr // that of the child that it is about to start
	childPC  uintptr // where it starts the child
	startPC  uintptr // where it was started
	startBy  int64   // by which goroutine
}

// PlainState is what package bridge keeps about a task.
type PlainState struct {
	P     unsafe.Pointer // the object of its last operation,
	Class uint8          // and what that is
	Verb  string
	Dice  uint64         // the number of random numbers it has received
	Sends unsafe.Pointer // the channel that it sends to, if it is a timer
	Ticks unsafe.Pointer // the channel that it sends to repeatedly, if it is a ticker

	Cases []Case        // of its select
	Uses  []hook.Object // likewise
	Item  string        // the value that it sends, while a run is recorded,
	Items []string      // or may send in its select
}

func (p *plain) begin() {
	p.Plain.P, p.Plain.Verb, p.Plain.Dice, p.Plain.Ticks, p.Plain.Sends = nil, "", 0, nil, nil
}

// unawaited reports whether no task waits for a timer that sends to a channel.
//
//go:norace
func (p *plain) unawaited() bool { return p.Plain.Sends != nil && !rtAwaited(p.Plain.Sends) }

// vain reports whether a tick of a ticker would have no effect, since the previous one has not been received.
//
//go:norace
func (p *plain) vain() bool { return p.Plain.Ticks != nil && !rtCan(p.Plain.Ticks, true) }

// A Case is a case of a select.
type Case struct {
	Chan unsafe.Pointer
	Send bool
}

// plainCondition has the additional fields of a condition.
type plainCondition struct {
	P     unsafe.Pointer
	N     uint32
	Cases []Case
	Outer bool // a goroutine that is not a task may make it true
}

// A driver is the goroutine that drives an execution.
type driver struct {
	control
	outside
	buried uint32 // the last run that died
	starts startPlaces
}

// NewThread returns a thread that has not begun and has no task.
//
//go:norace
func NewThread() *Thread {
	th := new(Thread)
	th.at = rtNewCoro(th.start)
	return th
}

//go:norace
func (th *Thread) start(unsafe.Pointer) {
	rtBecome(unsafe.Pointer(th))
	th.g = rtSelf()
	th.identify()
	th.lock = goid.LockWord(th.slot)
	defer leave()
	th.loop()
}

// leave ends the thread of the calling goroutine, which was told to stop. It is deferred, and has no arguments, see
// leaveProgram.
//
//go:norace
func leave() { rtExit((*Thread)(rtThread()).at) }

// Point implements [hook.Task]. It serves t's other requests too, see Ask.
//
//go:norace
func (t *Task) Point(obj hook.Object, verb string, access hook.Access) {
	mode := rtEnter()
	t.Do(obj, verb, access)
	rtMode(mode)
}

// Request is like Ask, for a goroutine that already does the explorer's work.
//
//go:norace
func (t *Task) Request(req Request, obj hook.Object, verb string) {
	t.request = req
	t.Do(obj, verb, hook.AccessWrite)
}

// stack returns where t, which has asked the explorer for something, is.
func (t *Task) stack() []uintptr {
	pcs := make([]uintptr, 2*mostCallers) // the innermost are the explorer's
	return pcs[:rtStack(unsafe.Pointer(t.Thread), t.Thread.g, pcs)]
}

// rememberOrigin records where t is started by parent, unless startPC says so: the place may be in the standard library.
func (t *Task) rememberOrigin(parent *Task) {
	if t.origin != "" { // a write would cost
		t.origin = ""
	}
	if x := t.Exec; (x.Origins || x.Verbose) && parent != nil && x.starts.place(x, t.startPC) == "" {
		t.origin = parent.Where()
	}
}

// startPlace returns where t was started, unless that is in the standard library.
func (t *Task) startPlace() string { return t.Exec.starts.place(t.Exec, t.startPC) }

// startPlaces are the places of some positions, see Site. It is no map, whose use the race detector would see.
type startPlaces [1 << 6]struct {
	pc uintptr
	at string
}

func (s *startPlaces) place(x *Execution, pc uintptr) string {
	p := &s[pc>>2%uintptr(len(s))]
	if p.pc != pc {
		p.pc, p.at = pc, x.Site([]uintptr{pc})
	}
	return p.at
}

// unlocked reports whether it is known without a stack trace that the goroutine has not locked itself to a thread of the system.
//
//go:norace
func (th *Thread) unlocked() bool { return th.lock != nil && *th.lock == 0 }

// Do is like Point, for a goroutine that already does the explorer's work, as in package bridge.
//
//go:norace
func (t *Task) Do(obj hook.Object, verb string, access hook.Access) {
	x, th, req, n := t.Exec, t.Thread, t.request, (*Task)(nil)
	unusual := x.dead || x.Verbose || isSet(&x.Gone) || !th.unlocked()
	if unusual {
		req = t.prepare()
	}
	if unusual || req > RequestPoint {
		n = x.serve(t, req, obj, verb, access)
	} else { // what serve would do
		if t.request = 0; req == 0 {
			t.unconditionally()
		}
		x.declare(t, obj, verb, access)
		n = x.point(t)
	}
	if n != t {
		x.switchTo(n)
		to := &x.driver.control
		if n != nil {
			to = &n.Thread.control
		}
		if to != &th.control { // otherwise the next run has begun, and its first task has this thread
			th.at = to.at
			rtSwitch(th.at)
		}
	}
	if x.dead && req != RequestEnd {
		x.beat()
		x.bury()
		rtDie(unsafe.Pointer(&x.epoch))
	}
}

// bury orders, for the race detector, everything that the tasks of a dead run have done before what they do when they
// are ended.
//
//go:norace
func (x *Execution) bury() {
	if x.buried == x.Runs {
		return
	}
	x.buried = x.Runs
	for _, t := range x.Live {
		rtRelease(t.raceCtx, unsafe.Pointer(&x.epoch))
	}
}

// Attach lets the calling goroutine, which is not the program's, do the explorer's work until Detach. It is x's home.
//
//go:norace
func (x *Execution) Attach() { rtAttach(unsafe.Pointer(&x.epoch)) }

// Detach undoes Attach.
//
//go:norace
func (x *Execution) Detach() { rtDetach(unsafe.Pointer(&x.epoch)) }

// leftSome means that goroutines of the program may be left over from an earlier run.
var leftSome bool

// leavesSome makes leftSome true.
func leavesSome() { leftSome = true }

// alone records whether the main task is the only one so far.
func (x *Execution) alone(is bool) {
	rtAlone = is && !x.Verbose
	rtPools = is && x.Natural && x.Runs == 1
	rtQuiet(rtAlone && rtPools && !leftSome)
	if x.Natural && x.Runs <= 2 {
		x.Untried.Store(rtPools)
	}
}

// drive lets the tasks run until no task has a turn.
//
//go:norace
func (x *Execution) drive() {
	for x.cur != nil || x.left {
		if x.left {
			x.left = false
			x.switchTo(x.pick())
			continue
		}
		th := x.cur.Thread
		x.driver.at = th.at
		rtSwitch(th.at)
	}
}

//go:norace
func (th *Thread) stop() {
	th.Task = nil
	rtSwitch(th.at)
}

// enterProgram makes the calling goroutine one of the program's: t's.
//
//go:norace
func (t *Task) enterProgram() {
	var bubble unsafe.Pointer
	if t.Bubble != nil {
		bubble = t.Bubble.P
	}
	rtBegin(t.raceCtx, bubble, t.Kind != TaskDaemon, t.startPC, t.startBy)
}

// Sink orders everything that t, which calls it, has done before tasks of its bubble that wait for it to be durably
// blocked.
//
//go:norace
func (t *Task) Sink() {
	if b := t.Bubble; UnderRace && b != nil {
		rtRaceRelease(b.P)
	}
}

// leaveProgram is deferred, so that it is called when a task's function ends, in whichever way. It has no arguments:
// otherwise the compiler would wrap the deferred call in a function of its own, which, to the race detector, the task
// would enter and the explorer would leave.
//
//go:norace
func leaveProgram() {
	th := (*Thread)(rtThread())
	th.vanish()
	t := th.Task
	raceRelease(t)
	rtEnd(unsafe.Pointer(&t.Exec.epoch))
	t.raceCtx = 0
}

// fork is called by a task that is about to start another, which, to the race detector, begins now.
//
//go:norace
func (t *Task) fork() { t.childCtx, t.childPC = rtFork() }

// forked is called when t is about to be started. The main task is ordered after everything that earlier runs have done.
//
//go:norace
func (t *Task) forked(parent *Task) {
	if parent == nil {
		t.raceCtx = rtForkAfter(unsafe.Pointer(&t.Exec.epoch))
		t.startPC, t.startBy = 0, 0
		return
	}
	t.startPC, t.startBy = parent.childPC, parent.Thread.G
	t.raceCtx, parent.childCtx = parent.childCtx, 0
}

func awaitEnd([]*Thread) {} // the goroutine that resumes a coroutine for the last time continues once the coroutine is gone
