package explore

import (
	"slices"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// An execution is one run of the program, under one order. It is reused from run to run.
//
// What happens is a sequence of steps. A step is an operation of one task, and all that follows from it up to the
// moment when every task that can run stands before its next operation: the task itself goes on, and so do those that
// it started or released. Only then somebody has to choose.
type execution struct {
	search.View

	strategy search.Strategy
	maxSteps int
	anytime  bool // a wait may give up at any moment, not only when nothing else can go on
	verbose  bool // note where each operation is
	notes    []note
	helpers  helpers
	stopped  []stranded  // the tasks that wait for ever, and in what
	blamers  []blamer    // while noting: who knows who could help those
	failed   func()      // called when the run fails; nil: nobody wants to know
	enough   func() bool // reports whether nobody wants the run to go on; nil: it shall
	again    func() bool // called when the run is over: starts another one, and reports whether it does; nil: it does not

	runs   uint32 // so far, with the present one
	common common

	tasks    []*task // all of this run, by id; behind them those of earlier runs
	live     []*task // those that have not ended, by id
	starting []*task // those that wait until the task they have started comes to its first operation
	due      *task   // those that were released and have not run yet, in order
	lastDue  *task
	cur      *task // whose turn it is
	threads  threads
	births   births
	ends     search.Verb // what a goroutine of sync2.Go does last
	claims   claims

	base    uint32 // the number of the first object
	objects []object
	verbs   verbs
	memory  memory
	vars    bool // there are variables whose races are looked for

	now      time.Duration
	barrier  int32         // steps before this one come before all that time lets happen
	steady   bool          // no move depends on what others do
	same     bool          // since the last step nothing has happened to other tasks, so that if its own is about to do a plain
	lastPick int           // operation again then the moves are what they were, and the default is the one that was made
	beat     atomic.Uint64 // changes as long as something happens
	gone     atomic.Bool   // a task hung, and nobody waits for the exploration any more
	over     atomic.Bool   // the exploration has come to its end
	home     int64         // the goroutine that called Explore
	epoch    byte          //nolint:unused // its address stands for the runs before, where the race detector is told
	dead     bool          // all that is left to do is to get rid of the tasks
	failure  *Failure
}

// An object is what the explorer knows of something that tasks operate on.
type object struct {
	ref   hook.Object
	mark  *atomic.Uint32 // its Mark
	by    *task          // the task that used it first
	clock clock
}

// An operation is what a task is about to do.
type operation struct {
	obj  int32
	verb search.Verb
	mode hook.Access
	ctx  ctxEnd // it is looked at besides
}

// memory stands for all plain memory, which a task may touch before and after a sync2.Yield.
type memory struct{ mark atomic.Uint32 }

// Mark implements [hook.Object].
func (m *memory) Mark() *atomic.Uint32 { return &m.mark }

func (m *memory) objectName() string { return "" }

// run runs the program, once or as long as x.again goes on.
func (x *execution) run(program func()) {
	x.start(program)
	raceEpochEnd(x)
	x.drive()
	if x.gone.Load() {
		return // another exploration may be going on
	}
	raceEpochBegin(x)
}

// start begins a run.
func (x *execution) start(program func()) {
	x.reset()
	x.switchTo(x.newTask("main", nil, program, plain))
}

func (x *execution) reset() {
	x.base += uint32(len(x.objects))
	if x.base == 0 || x.base > 1<<31 {
		x.base = 1
	}
	if x.objects == nil {
		x.objects = make([]object, 1, 16) // the first stands for none
		x.ends = x.verbs.of("end", hook.Write)
		x.VerbName = x.verbs.name
		x.TaskName = func(task int32) string { return x.tasks[task].name }
		x.OperationOf = func(task int32) (int32, search.Verb) {
			op := &x.tasks[task].op
			return op.obj, op.verb
		}
	}
	x.runs++
	x.common.begin()
	x.threads.begin()
	x.births.begin(x.threads.made)
	x.starting = x.starting[:0]
	x.TaskCount = 0
	x.tasks, x.live, x.objects = x.tasks[:0], x.live[:0], x.objects[:1]
	x.Steps, x.Accesses, x.Preds, x.Disabled = x.Steps[:0], x.Accesses[:0], x.Preds[:0], x.Disabled[:0]
	x.Pending = x.Pending[:0]
	x.Last, x.cur, x.due = -1, nil, nil
	x.now, x.barrier, x.vars = 0, 0, false
	x.dead, x.Pruned, x.Cut, x.failure = false, false, false, nil
}

// newTask adds a task, which is to run next.
func (x *execution) newTask(name string, parent *task, fn func(), k kind) *task {
	n := len(x.tasks)
	if n == cap(x.tasks) {
		x.growTasks()
	}
	x.tasks = x.tasks[:n+1]
	t := x.tasks[n] // of an earlier run
	if t == nil {
		t = &task{x: x, id: int32(n)}
		x.tasks[n] = t
	}
	x.TaskCount = n + 1
	x.live = append(x.live, t)
	t.begin(name, parent, fn, k)
	t.thread = x.threads.get()
	t.thread.task = t
	t.born, x.same = int32(len(x.Steps)), false
	if len(x.Steps) > 0 {
		t.preds = append(t.preds, int32(len(x.Steps)-1))
	}
	if x.vars {
		if parent != nil {
			t.clock = append(t.clock, parent.clock...)
		}
		x.tick(t)
	}
	return t
}

//go:noinline
func (x *execution) growTasks() { x.tasks = slices.Grow(x.tasks, 1) }

// serve does what t asks for, and returns the task that runs next, nil if the run is over.
func (x *execution) serve(t *task, req request, obj hook.Object, verb string) *task {
	if x.births.watching {
		x.watch(t)
	}
	switch req {
	case reqPoint:
		t.status = pointed
		x.declare(t, obj, verb)
	case reqPark:
		if t.woken {
			t.woken, t.gaveUp = false, false
			return t
		}
		x.park(t, obj, verb)
	case reqSpawn:
		child := x.newTask(verb, t, t.childFn, t.childKind)
		t.childFn, t.child = nil, child
		if x.vars {
			x.tick(t)
		}
		x.starting = append(x.starting, t)
		return child
	case reqFail:
		x.fail(t.failure)
	case reqEnd:
		if t.failure != nil {
			x.fail(t.failure)
		}
		x.end(t)
		n := x.pick()
		if n == nil {
			x.births.others += x.births.look(x.threads.made)
			if x.again != nil && x.again() {
				return x.cur
			}
		}
		return n
	}
	return x.pick()
}

// switchTo makes t the task whose turn it is, nil if the run is over or nobody waits for it any more.
//
//go:norace
func (x *execution) switchTo(t *task) {
	if x.gone.Load() { // and another exploration may be going on
		x.cur = nil
		return
	}
	x.cur = t
	if t == nil {
		setRunning(nil)
	} else {
		setRunning(t.thread)
	}
}

// declare makes verb at obj the operation that t is about to do.
func (x *execution) declare(t *task, obj hook.Object, verb string) {
	op := &t.op
	op.verb, op.mode = x.verbs.of(verb, t.access), t.access
	if obj == nil && (verb == "Pause" || verb == "Yield") {
		obj = &x.memory
	}
	op.obj = x.number(t, obj)
	if op.verb == x.ends && t.lastStep < 0 {
		x.noteIdle(t)
	}
	if t.ctx.done != nil || op.ctx.done != nil {
		op.ctx, t.ctx = t.ctx, ctxEnd{}
		x.numberCtx(op.ctx, t)
	}
	if t.cond != nil {
		for _, o := range t.cond.uses {
			x.number(t, o)
		}
	}
}

// park makes t wait at obj for its Ready.
func (x *execution) park(t *task, obj hook.Object, verb string) {
	t.status, t.over, x.same = parked, false, false
	t.deadline = later(x.now, t.d)
	if t.timed && !x.anytime {
		x.claims.timed = true
	}
	t.op.obj, t.op.verb = x.number(t, obj), x.verbs.of(verb, hook.Write)
	if t.limit.done != nil {
		x.numberCtx(t.limit, t)
	}
	if x.verbose && t.lastStep >= 0 && t.lastStep == int32(len(x.Steps))-1 {
		n := &x.notes[t.lastStep]
		n.parks, n.sleeps = true, verb == "Sleep"
	}
}

// end takes a task that has ended out of the run.
func (x *execution) end(t *task) {
	t.status, x.same = ended, false
	n := len(x.live) - 1
	for i, moved := n, (*task)(nil); moved != t; i-- { // it is not far, and this is faster than to look for it first
		moved, x.live[i] = x.live[i], moved
	}
	x.live = x.live[:n]
	did := t.lastStep >= 0
	t.lastStep = int32(len(x.Steps) - 1)
	x.threads.put(t.thread)
	t.fn = nil
	if t.kind == daemon || x.dead {
		return
	}
	if !did {
		x.noteIdle(t)
	}
	for _, l := range x.live {
		if l.kind != daemon {
			return
		}
	}
	x.findPending()
	x.dead = true // only those are left that may be left behind
}

// number returns the number of an object in this run, and gives it one if need be.
func (x *execution) number(t *task, o hook.Object) int32 {
	if o == nil {
		return 0
	}
	m := o.Mark()
	if i := loadMark(m) - x.base; i < uint32(len(x.objects)) && x.objects[i].mark == m {
		return int32(i)
	}
	return x.newNumber(t, o, m)
}

func (x *execution) newNumber(t *task, o hook.Object, m *atomic.Uint32) int32 {
	i := len(x.objects)
	storeMark(m, x.base+uint32(i))
	if i < cap(x.objects) {
		x.objects = x.objects[:i+1]
		x.objects[i].ref, x.objects[i].mark, x.objects[i].by, x.objects[i].clock = o, m, t, x.objects[i].clock[:0]
	} else {
		x.objects = append(x.objects, object{ref: o, mark: m, by: t})
	}
	return int32(i)
}

// Marks are not read and written as atomic variables, since the race detector would see that.

//go:norace
func loadMark(m *atomic.Uint32) uint32 { return *(*uint32)(unsafe.Pointer(m)) } //nolint:gosec // see above

//go:norace
func storeMark(m *atomic.Uint32, v uint32) { *(*uint32)(unsafe.Pointer(m)) = v } //nolint:gosec // see above
