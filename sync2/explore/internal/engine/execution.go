package engine

import (
	"cmp"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// An Execution is one run of the program, under one schedule. It is reused from run to run.
//
// A run is a sequence of steps. A step is an operation of one task, and everything that follows from it until every
// task that can run is about to perform its next operation: the task itself goes on, and so do those that it started
// or released. Only then is there a choice.
type Execution struct {
	search.View

	Strategy search.Strategy
	MaxSteps int
	Anytime  bool   // a wait may give up at any moment, not only when no task can run
	Prompt   bool   // with Anytime: a test that can run is never very late, so only short waits end early meanwhile
	Verbose  bool   // record where each operation is
	Placed   bool   // distinguish deadlocks and leaks by where tasks wait, which only an execution of a patched program can
	Patient  bool   // abandon a run that is too long, whatever the strategy, and let time pass also while tasks run on and on
	Natural  bool   // in the first run, pools of package sync keep what they are given until a second task begins
	Crowded  bool   // there may be thousands of tasks, so not every step computes what they can do
	Linger   int    // steps for which a run continues after the main task has ended, plus 32 for each task; 0: no limit
	Notes    []Note // with Verbose: of the steps, from that with number NoteFrom on
	NoteFrom int
	Helpers  Helpers
	calls    knownCalls
	Settle   func()            // sends outstanding events to a trace; nil: there are none
	Places   []runtime.Frame   // the positions sent to a trace, if the explorer knew better ones
	Inner    map[Use]bool      // what the standard library did by itself, likewise
	Origins  bool              // remember where goroutines are started by the standard library, as by WaitGroup.Go
	Unplaced func(*Fault) bool // with Placed: reports whether the positions in a deadlock or leak do not matter; nil: they do
	Failed   func(*Fault)      // called when the run fails, unless nil
	Enough   func() bool       // reports whether the run should stop; nil: never
	Forever  func() []*Task    // returns the tasks that wait forever though others can go on; nil: none are looked for
	EndStuck int               // the number of steps after which the run ends, since tasks are known to wait forever then; 0: none
	Again    func() bool       // called when the run is over: starts another run, and reports whether it did; nil: it does not

	Runs   uint32  // so far, with the present one
	Handle *Handle // the program's handle to the present run, if it has one

	Tasks    []*Task // all of this run, by id; behind them those of earlier runs
	Live     []*Task // those that have not ended, by id
	starting []*Task // those that wait until the task they started reaches its first operation
	due      *Task   // those that were released and have not run yet, in order
	lastDue  *Task
	cur      *Task // the task whose turn it is
	bubbles  []*Bubble
	Threads  Threads
	Births   Births
	ends     search.Verb // the last function of a goroutine of sync2.Go
	Claims   Claims

	base    uint32 // the number that stands for no object; those of the run follow
	first   uint32 // that of the exploration's first run: the mark of objects that an uncontrolled goroutine touched before any task
	Shared  *Fault // a task has touched such an object
	Objects []Object
	Verbs   Verbs
	memory  memory
	HasVars bool // there are variables to check for races

	Now        time.Duration
	barrier    int32         // steps before this one are ordered before everything that the passing of time causes
	passed     int32         // the step before which time last passed
	crept      int           // the number of times it has passed by a minimal amount
	hurried    int           // the number of times it has passed because no task could run
	sped       time.Duration // the time that has passed so
	busy       bool          // the test itself can run
	steady     bool          // no transition depends on other tasks
	Unchanged  bool          // since the last step nothing has happened to other tasks; if the last task is about to do a plain
	lastChoice int           // operation again, the transitions and the default are unchanged
	calm       int           // the number of steps before longEnough must be called again
	Beat       atomic.Uint64 // changes as long as something happens
	ticked     atomic.Bool   // it is time to ask Enough: steps may take long
	Untried    atomic.Bool   // there is nothing to explore yet: in the first run of a Natural one, no second task has begun
	Learning   atomic.Bool   // the strategy learns from a long run, which may take a while
	Gone       atomic.Bool   // a task hung, and nobody waits for the exploration anymore
	over       atomic.Bool   // the exploration has come to its end
	Home       int64         // the goroutine that called Explore
	epoch      byte          //nolint:unused // its address stands for the earlier runs, for the race detector
	driver                   //nolint:unused // it has fields in another build
	beyond
	dead  bool // only the tasks remain to be ended
	Fault *Fault

	Leapt        bool // one of the steps of Early was early by more than a test is ever late
	Initializing bool // the tasks that are started now are residents

	Stuck    *Fault // tasks that wait forever, though the run has gone on after it was found out
	nextLook int    // the number of steps after which that is checked again

	Early    []int32       // the steps at which a wait gave up early, or that follow one that did
	MainEnd  time.Duration // when the main task ended, if it has
	mainEnd  int32         // the number of steps when the main task ended
	Lingered bool          // the run was ended although tasks were still running after the main task had ended
	Stranded bool          // the run was ended because no task could run without input from outside
}

// A Handle is a program's handle to its run. Each run has a different one.
type Handle struct{ Exec *Execution }

// An Object is what the explorer knows about an object that tasks operate on.
type Object struct {
	Ref   hook.Object
	mark  *atomic.Uint32 // its Mark
	by    *Task          // the task that used it first
	clock Clock
}

// An Operation is what a task is about to do.
type Operation struct {
	search.Operation
	mode hook.Access
	ctx  CtxEnd // it is read as well
}

// memory stands for all plain memory, which a task may touch before and after a sync2.Yield.
type memory struct{ mark atomic.Uint32 }

// Mark implements [hook.Object].
func (m *memory) Mark() *atomic.Uint32 { return &m.mark }

// ObjectName returns the name of the object, unless a trace has a better one.
func (m *memory) ObjectName() string { return "" }

// Run runs the program, once or as long as x.Again reports true.
func (x *Execution) Run(program func()) {
	x.Start(program)
	raceEpochEnd(x)
	x.drive()
	if x.Gone.Load() {
		return // another exploration may be going on
	}
	raceEpochBegin(x)
	x.countOthers()
}

// Start begins a run.
func (x *Execution) Start(program func()) {
	x.reset()
	main := x.newTask("main", nil, program, TaskPlain)
	main.OfTest = true
	x.switchTo(main)
}

func (x *Execution) reset() {
	x.base += uint32(len(x.Objects))
	if x.base == 0 || x.base > 1<<31 {
		x.base, x.first = 1, 1
		known.Store(1)
	}
	if x.Objects == nil {
		x.Objects = make([]Object, 1, 16) // the first stands for none
		x.ends = x.Verbs.of("end", hook.AccessWrite)
		x.VerbName = x.Verbs.Name
		x.TaskName = func(task int32) string { return x.Tasks[task].Name }
		x.Parent = func(task int32) int32 {
			if p := x.Tasks[task].parent; p != nil {
				return p.ID
			}
			return -1
		}
	}
	x.Runs++
	x.Threads.begin()
	x.Births.begin(x.Threads.made, x.Steps)
	x.starting = x.starting[:0]
	x.TaskCount = 0
	x.Tasks, x.Live, x.Objects = x.Tasks[:0], x.Live[:0], x.Objects[:1]
	x.Steps, x.Accesses, x.Preds, x.Disabled = x.Steps[:0], x.Accesses[:0], x.Preds[:0], x.Disabled[:0]
	x.Pending = x.Pending[:0]
	x.Last, x.cur, x.due, x.calm = -1, nil, nil, 0
	x.Now, x.barrier, x.passed, x.hurried, x.sped, x.crept, x.HasVars = 0, 0, 0, 0, 0, 0, false
	x.dead, x.Pruned, x.Cut, x.Fault = false, false, false, nil
	x.Initializing = false
	x.Lingered, x.Stranded, x.Early = false, false, x.Early[:0]
	x.MainEnd = endOfTime
	x.Leapt = false
	x.Stuck, x.nextLook = nil, cmp.Or(x.EndStuck, firstLook)
	if x.bubbles != nil {
		x.bubbles = nil
	}
	x.awaits, x.waited = 0, 0
}

// newTask adds a task, which is to run next.
func (x *Execution) newTask(name string, parent *Task, fn func(), k TaskKind) *Task {
	n := len(x.Tasks)
	if n == cap(x.Tasks) {
		x.growTasks()
	}
	x.Tasks = x.Tasks[:n+1]
	t := x.Tasks[n] // of an earlier run
	if t == nil {
		t = &Task{Exec: x, ID: int32(n)}
		x.Tasks[n] = t
		x.Operations = append(x.Operations, &t.Op.Operation)
	}
	x.TaskCount = n + 1
	if Patched && n < 2 {
		x.alone(n == 0)
	}
	x.Live = append(x.Live, t)
	if name == "" {
		name = "goroutine-" + strconv.Itoa(n)
	}
	t.begin(name, parent, fn, k)
	t.forked(parent)
	t.rememberOrigin(parent)
	t.Thread = x.Threads.get()
	t.Thread.Task = t
	t.born, x.Unchanged = int32(len(x.Steps)), false
	if len(x.Steps) > 0 {
		t.preds = append(t.preds, int32(len(x.Steps)-1))
	}
	if x.HasVars {
		if parent != nil {
			t.Clock = append(t.Clock, parent.Clock...)
		}
		x.tick(t)
	}
	return t
}

//go:noinline
func (x *Execution) growTasks() { x.Tasks = slices.Grow(x.Tasks, 1) }

// point is called when t is about to perform an operation, and returns the task that runs next. If the operation is
// always possible, and nothing has happened to other tasks since t's last step, it skips the checks of pick.
func (x *Execution) point(t *Task) *Task {
	t.Status = StatusPointed
	if x.Unchanged && t.Cond == nil && len(x.Steps) < x.calm && !isSet(&x.ticked) && len(x.Live) < search.Crowd && !(Patched && news() && x.hear()) {
		x.Default = x.lastChoice
		i := x.Strategy.Choose(&x.View)
		if i >= 0 {
			return x.take(i)
		}
		x.giveRunUp(i)
	}
	return x.pick()
}

// serve serves t's request, and returns the task that runs next, or nil if the run is over.
func (x *Execution) serve(t *Task, req Request, obj hook.Object, verb string, access hook.Access) *Task {
	t.request = 0
	if x.Births.Watching {
		x.watch(t)
	}
	switch req {
	case 0, RequestPoint:
		if req == 0 {
			t.unconditionally()
		}
		x.declare(t, obj, verb, access)
		return x.point(t)
	case RequestPark:
		if t.woken {
			t.woken, t.gaveUp = false, false
			return t
		}
		x.park(t, obj, verb)
	case RequestSpawn:
		child := x.newTask(verb, t, t.childFn, t.childKind)
		t.childFn, t.Child = nil, child
		if x.HasVars {
			x.tick(t)
		}
		x.starting = append(x.starting, t)
		return child
	case RequestFail:
		x.fail(t.fault)
	case RequestEnd:
		if t.fault != nil {
			x.fail(t.fault)
		}
		x.end(t)
		n := x.pick()
		if n == nil {
			x.Finish()
			if x.goesOn() {
				return x.cur
			}
		}
		return n
	}
	return x.pick()
}

// goesOn reports whether another run follows the one that is over.
func (x *Execution) goesOn() bool {
	if x.Again == nil {
		return false
	}
	if x.Births.due(len(x.Steps)) {
		x.countOthers()
	}
	return x.Again()
}

// countOthers counts the goroutines that the completed run has started outside the explorer, if that has not been done. If
// no other run follows, it is called when no task's thread runs anymore: it needs more stack than a thread has at first.
func (x *Execution) countOthers() {
	if b := &x.Births; !b.counted {
		b.Others += b.look(x.Threads.made)
		b.counted = true
	}
}

// switchTo makes it t's turn; t is nil if the run is over or nobody waits for it anymore.
//
//go:norace
func (x *Execution) switchTo(t *Task) {
	if isSet(&x.Gone) { // and another exploration may be going on
		x.cur = nil
		return
	}
	x.cur = t
	if t == nil {
		setRunning(nil)
	} else {
		setRunning(t.Thread)
	}
}

// declare makes verb at obj the next operation of t.
func (x *Execution) declare(t *Task, obj hook.Object, verb string, access hook.Access) {
	r := x.Verbs.at(verb, access)
	if !r.is(verb, access) {
		x.Verbs.lookUp(r, verb, access)
	}
	op := &t.Op
	op.Verb, op.mode = r.verb, access
	if op.Verb == x.ends && t.lastStep < 0 {
		x.noteIdle(t)
	}
	if obj == nil {
		op.Obj = 0
		if verb == "Pause" || verb == "Yield" {
			op.Obj = x.number(t, &x.memory)
		}
	} else if m := obj.Mark(); true {
		i := loadMark(m) - x.base
		if i >= uint32(len(x.Objects)) || x.Objects[i].mark != m {
			i = uint32(x.newNumber(t, obj, m))
		}
		op.Obj = int32(i)
	}
	if t.ctx.done != nil || op.ctx.done != nil {
		op.ctx, t.ctx = t.ctx, CtxEnd{}
		x.numberCtx(op.ctx, t)
	}
	if t.Cond != nil {
		t.uses = t.uses[:0]
		for _, o := range t.Cond.Uses {
			t.uses = append(t.uses, x.number(t, o))
		}
	}
}

// park makes t wait at obj for its Ready.
func (x *Execution) park(t *Task, obj hook.Object, verb string) {
	t.Status, t.over, x.Unchanged = StatusParked, false, false
	t.deadline = later(t.now(), t.d)
	if t.timed && !x.Anytime && t.Bubble == nil {
		x.Claims.Timed = true
	}
	t.Op.Obj, t.Op.Verb = x.number(t, obj), x.Verbs.of(verb, hook.AccessWrite)
	if t.limit.done != nil {
		x.numberCtx(t.limit, t)
	}
	if last := int32(len(x.Steps)) - 1; t.lastStep == last {
		if n := x.noteOf(last); n != nil {
			n.Parks, n.Sleeps = true, verb == "Sleep"
		}
	}
}

// end removes a task that has ended from the run.
func (x *Execution) end(t *Task) {
	t.Status, x.Unchanged = StatusEnded, false
	n := len(x.Live) - 1
	for i, moved := n, (*Task)(nil); moved != t; i-- { // it is near the end; faster than searching first
		moved, x.Live[i] = x.Live[i], moved
	}
	x.Live = x.Live[:n]
	if t.ID == 0 {
		x.mainEnd, x.MainEnd, x.calm = int32(len(x.Steps)), x.Now, 0
	}
	did := t.lastStep >= 0
	t.lastStep = int32(len(x.Steps) - 1)
	x.Threads.Put(t.Thread)
	t.fn = nil
	if t.Kind == TaskDaemon || x.dead {
		return
	}
	if !did && !t.Resident {
		x.noteIdle(t)
	}
	for _, l := range x.Live {
		if !l.MayStay() {
			return
		}
	}
	x.findPending()
	x.dead = true // only tasks that may be left behind remain
}

// number returns the number of an object in this run, assigning one if necessary.
func (x *Execution) number(t *Task, o hook.Object) int32 {
	if o == nil {
		return 0
	}
	m := o.Mark()
	if i := loadMark(m) - x.base; i < uint32(len(x.Objects)) && x.Objects[i].mark == m {
		return int32(i)
	}
	return x.newNumber(t, o, m)
}

func (x *Execution) newNumber(t *Task, o hook.Object, m *atomic.Uint32) int32 {
	i := len(x.Objects)
	if loadMark(m) == x.first {
		x.shares(t)
	}
	storeMark(m, x.base+uint32(i))
	if i < cap(x.Objects) {
		x.Objects = x.Objects[:i+1]
		x.Objects[i].Ref, x.Objects[i].mark, x.Objects[i].by, x.Objects[i].clock = o, m, t, x.Objects[i].clock[:0]
	} else {
		x.Objects = append(x.Objects, Object{Ref: o, mark: m, by: t})
	}
	return int32(i)
}

// isSet is b.Load, which is slower in a patched runtime.
//
//go:norace
func isSet(b *atomic.Bool) bool { return *(*uint32)(unsafe.Pointer(b)) != 0 } //nolint:gosec // a Bool is one word

// Marks are not read and written as atomic variables, since the race detector would see that.

//go:norace
func loadMark(m *atomic.Uint32) uint32 { return *(*uint32)(unsafe.Pointer(m)) } //nolint:gosec // a Uint32 is one word

//go:norace
func storeMark(m *atomic.Uint32, v uint32) { *(*uint32)(unsafe.Pointer(m)) = v } //nolint:gosec // a Uint32 is one word
