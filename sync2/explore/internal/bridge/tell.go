//go:build turnstile_goroot

package bridge

import (
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// While a run is recorded, this file emits trace events for what the tasks do. The result of an operation is emitted when
// it begins, since no other task runs before it ends or waits: whether it has to wait, and which task it meets, is known
// beforehand. Waiters of objects that are polled, such as a mutex, are found by checking all tasks.

// tale records what the trace knows about the recorded run.
var tale teller

type teller struct {
	x     *engine.Execution
	n     uint32     // x's number of the run
	tasks []*teller1 // by the ids of the tasks; nil: nothing is known yet
	sites map[uintptr]bool

	waits []*engine.Task // tasks that wait in a condition, as the trace knows, in order of arrival
	last  *engine.Task   // the task of the last operation
	met   meeting        // the operation of last, if another task has to be there
	adds  *object        // the WaitGroup whose counter it changes
	calls *object        // the Cond that it notifies
	runs  []*object      // the Onces whose function runs
	pcs   []uintptr      // where last is

	clock, never trace.Object
}

// teller1 records what the trace knows about a task.
type teller1 struct {
	at       *trace.Object // where it waits, or was released and has not run since; nil: nowhere
	class    class
	released bool
	wants    *object      // the RWMutex that it will get once the readers have left
	sel      trace.Object // its select statements
	cases    []engine.Case
	send     bool // it waits to send
}

// A meeting is that of a sender with a receiver, or of a task that closes a channel with those that wait there.
type meeting struct {
	o    *object
	kind uint8
}

// The numbers of some operations.
const (
	opSend, opReceive, opClose, opTrySend, opTryReceive, opLen = 31, 32, 33, 34, 35, 37
)

// traceClasses has the trace's classes, by class.
var traceClasses = [...]trace.Class{
	classChan: trace.ClassChan, classMutex: trace.ClassMutex, classRWMutex: trace.ClassRWMutex, classWaitGroup: trace.ClassWaitGroup,
	classOnce: trace.ClassOnce, classCond: trace.ClassCond, classAtomic: trace.ClassAtomic, classMap: trace.ClassOther,
	classSemaphore: trace.ClassOther, classTimer: trace.ClassTimer, classBubble: trace.ClassOther,
}

// Object returns the object's identity in traces.
func (o *object) Object() *trace.Object { return &o.obj }

// tells reports whether the run of t is recorded.
func tells(t *engine.Task) bool { return t.Exec.Verbose && trace.Running() && !t.Exec.Dead() }

// begin makes s that of t's run, and emits the result of the last operation.
func (s *teller) begin(t *engine.Task) {
	if x := t.Exec; s.x != x || s.n != x.Runs {
		*s = teller{x: x, n: x.Runs, sites: make(map[uintptr]bool)}
		x.Settle = func() { s.settle() }
	}
	s.settle()
	s.last, s.met = t, meeting{}
	var pcs [32]uintptr
	s.pcs = append(s.pcs[:0], pcs[:runtime.Callers(3, pcs[:])]...)
}

func (s *teller) of(t *engine.Task) *teller1 {
	for int(t.ID) >= len(s.tasks) {
		s.tasks = append(s.tasks, nil)
	}
	if s.tasks[t.ID] == nil {
		s.tasks[t.ID] = new(teller1)
	}
	return s.tasks[t.ID]
}

// g returns t's id in the trace: timers have none.
func g(t *engine.Task) int64 {
	if t.Kind == engine.TaskDaemon {
		return trace.UnknownG
	}
	return t.Thread.G
}

// site defines and returns the position of a task.
func (s *teller) site(pcs []uintptr) uint64 {
	f := s.x.Frame(pcs)
	if f.PC == 0 {
		return 0
	}
	if !s.sites[f.PC] {
		s.sites[f.PC] = true
		file, fn := f.File[strings.LastIndexByte(f.File, '/')+1:], f.Function[strings.LastIndexByte(f.Function, '/')+1:]
		s.x.Places = append(s.x.Places, f)
		(*trace.Object)(nil).EmitAt(trace.Event{Kind: trace.KindDefinePC, PC: uint64(f.PC), Text: fmt.Sprintf("%s:%d %s", file, f.Line, fn)}, nil)
	}
	return uint64(f.PC)
}

// tell emits an event of t on o, at t's position.
func (s *teller) tell(t *engine.Task, o *trace.Object, ev trace.Event) {
	pcs := t.PCs
	if t == s.last {
		pcs = s.pcs
	}
	ev.G = g(t)
	switch ev.Kind {
	case trace.KindUnblock, trace.KindResume, trace.KindGiveUp:
	default:
		ev.PC = s.site(pcs)
	}
	o.EmitAt(ev, nil)
	if o != nil && s.x.Insides(pcs) {
		s.x.Inner[engine.Use{Obj: o.ID(), PC: ev.PC}] = true
	}
}

// know defines an object in the trace.
//
//go:norace
func (s *teller) know(o *object) *trace.Object {
	if o.obj.ID() != 0 {
		return &o.obj
	}
	o.items, o.put = nil, 0
	n := int64(0)
	switch o.class {
	case classChan:
		n = int64((*aChan)(o.p).size)
	case classMutex:
		n = int64(*(*int32)(o.p) & locked)
	case classRWMutex:
		if rw := (*anRWMutex)(o.p); rw.readerCount < 0 && rw.readerWait == 0 {
			n = 1
		}
	case classWaitGroup:
		o.count = counter(o.p)
		n = int64(o.count)
	case classOnce:
		n = int64((*aOnce)(o.p).done & 1)
	default:
	}
	var parent *trace.Object
	if o.class == classCond {
		if l := run.find(s.x, *(*unsafe.Pointer)(unsafe.Add(o.p, unsafe.Sizeof(uintptr(0))))); l != nil {
			parent = s.know(l)
		}
	}
	o.obj.Define(traceClasses[o.class], n, parent)
	if o.class == classChan {
		for range (*aChan)(o.p).n {
			o.items = append(o.items, 0)
			o.obj.EmitAt(trace.Event{Kind: trace.KindPut, G: trace.UnknownG}, nil)
		}
	}
	return &o.obj
}
