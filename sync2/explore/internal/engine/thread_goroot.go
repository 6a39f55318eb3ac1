//go:build turnstile_goroot

package engine

import (
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// Patched says that the program was built with a runtime that tells the explorer of channels, locks, goroutines and
// timers, see package bridge.
const Patched = true

// A thread is a coroutine of the runtime under this control, with and without the race detector. Coroutines of the runtime
// are symmetric: each that does not run rests at a coro, and who switches to a coro rests there then. So a switch leads
// directly from one thread to the next. The goroutine that drives the execution rests likewise while a task runs.
//
// The race detector sees nothing of that. While a goroutine does the explorer's work it is one and the same goroutine to
// the detector, whichever it is; and each task is a goroutine of its own to it, begun by its parent, whichever thread it
// runs in. So what is the explorer's need not be hidden from it, except that functions that a switch happens in, or a
// change of who one is, are marked go:norace: the detector would see them entered by one and left by another.
type control struct {
	at   unsafe.Pointer // the coro where it rests
	g    unsafe.Pointer // the goroutine
	lost bool           // its run was over while it was outside
}

// plain is what a task has besides if it may be a goroutine of an unchanged program.
type plain struct {
	Plain PlainState

	raceCtx  uintptr // what it is to the race detector
	childCtx uintptr // what the child will be that it is about to start
	childPC  uintptr // where it starts that
	startPC  uintptr // where it was started
	startBy  int64   // by which goroutine
}

// PlainState is what package bridge keeps of a task.
type PlainState struct {
	P     unsafe.Pointer // what its last operation is about,
	Class uint8          // and what that is
	Verb  string
	Dice  uint64         // how many random numbers it has got
	Sends unsafe.Pointer // the channel that it sends to, if it is a timer
	Ticks unsafe.Pointer // the channel that it sends to again and again, if it is a ticker

	Cases []Case        // of its select
	Uses  []hook.Object // likewise
	Item  string        // what it sends, while a run is recorded,
	Items []string      // or may send in its select
}

func (p *plain) begin() {
	p.Plain.P, p.Plain.Verb, p.Plain.Dice, p.Plain.Ticks, p.Plain.Sends = nil, "", 0, nil, nil
}

// unawaited reports whether nobody waits for a timer that sends to a channel.
//
//go:norace
func (p *plain) unawaited() bool { return p.Plain.Sends != nil && !rtAwaited(p.Plain.Sends) }

// vain reports whether nothing would come of it if a ticker went off, since nobody has received what it has sent before.
//
//go:norace
func (p *plain) vain() bool { return p.Plain.Ticks != nil && !rtCan(p.Plain.Ticks, true) }

// A Case is one of a select.
type Case struct {
	Chan unsafe.Pointer
	Send bool
}

// plainCondition is what a condition may depend on.
type plainCondition struct {
	P     unsafe.Pointer
	N     uint32
	Cases []Case
	Outer bool // it may be a goroutine that is no task that makes it true
}

// A driver is the goroutine that drives an execution.
type driver struct {
	control
	outside
	buried uint32 // the last run that died
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

// leave ends the thread that the calling goroutine is, which was told to stop. It is deferred, and has no arguments, see
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

// Request is Ask of a goroutine that does the explorer's work already.
//
//go:norace
func (t *Task) Request(req Request, obj hook.Object, verb string) {
	t.request = req
	t.Do(obj, verb, hook.AccessWrite)
}

// Do is Point of a goroutine that does the explorer's work already, as it does in package bridge.
//
//go:norace
func (t *Task) Do(obj hook.Object, verb string, access hook.Access) {
	x, th, req, n := t.Exec, t.Thread, t.request, (*Task)(nil)
	unusual := x.dead || x.Verbose || isSet(&x.Gone) || th.locked()
	if unusual {
		req = t.prepare()
	}
	if unusual || req != 0 {
		n = x.serve(t, req, obj, verb, access)
	} else {
		n = x.point(t, obj, verb, access)
	}
	if n != t {
		x.switchTo(n)
		to := &x.driver.control
		if n != nil {
			to = &n.Thread.control
		}
		if to != &th.control { // or else the next run has begun, and its first task has got this thread
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

// bury lets all that the tasks of a dead run have done come, to the race detector, before what they do when they are got
// rid of.
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

// Attach lets the calling goroutine, which is none of the program's, do the explorer's work until Detach. It is x's home.
//
//go:norace
func (x *Execution) Attach() { rtAttach(unsafe.Pointer(&x.epoch)) }

// Detach ends what Attach began.
//
//go:norace
func (x *Execution) Detach() { rtDetach(unsafe.Pointer(&x.epoch)) }

// leftSome says that goroutines of the program may be left of a run that is over.
var leftSome bool

// leavesSome makes leftSome true.
func leavesSome() { leftSome = true }

// alone notes whether the main task is the only one so far.
func (x *Execution) alone(is bool) {
	rtAlone = is && !x.Verbose
	rtPools = is && x.Natural && x.Runs == 1
	rtQuiet(rtAlone && rtPools && !leftSome)
	if x.Natural && x.Runs <= 2 {
		x.Untried.Store(rtPools)
	}
}

// drive lets the tasks run until it is nobody's turn.
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

// enterProgram makes the calling goroutine one of the program's: that of t.
//
//go:norace
func (t *Task) enterProgram() {
	var bubble unsafe.Pointer
	if t.Bubble != nil {
		bubble = t.Bubble.P
	}
	rtBegin(t.raceCtx, bubble, t.Kind != TaskDaemon, t.startPC, t.startBy)
}

// Sink orders what t, which calls it, has done before what those of its bubble do who wait for it to be durably blocked.
//
//go:norace
func (t *Task) Sink() {
	if b := t.Bubble; UnderRace && b != nil {
		rtRaceRelease(b.P)
	}
}

// leaveProgram is deferred, so that it is called when the function of a task has ended, in whichever way. It has no
// arguments: or else the compiler would make a function of its own of the deferred call, which to the race detector would
// be entered by the task, and left by the explorer.
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

// fork is called by a task that is about to start another: to the race detector, that begins now.
//
//go:norace
func (t *Task) fork() { t.childCtx, t.childPC = rtFork() }

// forked is called when t is about to be started. The main task comes after all that the runs before have done.
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

func awaitEnd([]*Thread) {} // whoever resumes a coroutine for the last time goes on when it is gone
