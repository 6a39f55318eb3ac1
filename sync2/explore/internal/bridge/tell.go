//go:build turnstile_goroot

package bridge

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
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
	n     uint32 // x's number of the run
	tasks map[*engine.Task]*teller1
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
func tells(t *engine.Task) bool { return t.Exec.Noting() && trace.Running() && !t.Exec.Dead() }

// begin makes s that of t's run, and emits the result of the last operation.
func (s *teller) begin(t *engine.Task) {
	if x := t.Exec; s.x != x || s.n != x.Runs {
		*s = teller{x: x, n: x.Runs, tasks: make(map[*engine.Task]*teller1), sites: make(map[uintptr]bool)}
		x.Settle = func() { s.settle() }
	}
	s.settle()
	s.last, s.met = t, meeting{}
	var pcs [32]uintptr
	s.pcs = append(s.pcs[:0], pcs[:runtime.Callers(3, pcs[:])]...)
}

func (s *teller) of(t *engine.Task) *teller1 {
	if s.tasks[t] == nil {
		s.tasks[t] = new(teller1)
	}
	return s.tasks[t]
}

// g returns t's id in the trace: timers have none.
func g(t *engine.Task) int64 {
	if t.Kind == engine.TaskDaemon {
		return trace.Somebody
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
			o.obj.EmitAt(trace.Event{Kind: trace.KindPut, G: trace.Somebody}, nil)
		}
	}
	return &o.obj
}

// aChan has the layout of the beginning of a channel.
type aChan struct {
	n, size uint
	_       unsafe.Pointer
	_       uint16
	closed  uint32
}

// counter returns the counter of a sync.WaitGroup, the upper half of its first word.
//
//go:norace
func counter(p unsafe.Pointer) int32 { return int32(*(*uint64)(p) >> 32) }

// free reports whether an RWMutex is held neither for reading nor for writing.
//
//go:norace
func (rw *anRWMutex) free() bool { return rw.readerCount == 0 && rw.w[0]&locked == 0 }

// reads returns the number of readers of an RWMutex, or of those that a waiting writer still waits for.
//
//go:norace
func (rw *anRWMutex) reads() bool {
	if rw.readerCount < 0 {
		return rw.readerWait > 0
	}
	return rw.readerCount > 0
}

// did is called when an operation begins.
//
//go:norace
func (s *teller) did(t *engine.Task, kind uint8, p unsafe.Pointer) {
	s.begin(t)
	op := &operations[kind]
	w := s.of(t)
	if op.class == 0 || p == nil || kind == opLen {
		return
	}
	o := run.object(t.Exec, p, op.class)
	if w.at == nil && o.obj.ID() == 0 && op.class != classChan && op.class != classCond && s.x.Insides(s.pcs) {
		return // internal to the standard library, unless a task has to wait there
	}
	switch op.class {
	case classChan:
		s.channel(t, kind, o)
		return
	case classMutex, classRWMutex, classOnce:
		s.grant(t)
	default:
	}
	at := s.know(o)
	one := trace.Event{N: 1, Text: op.verb}
	switch kind {
	case 1, 4:
		one.Kind = trace.KindAcquire
	case 2, 5, 8:
		can := false
		switch rw := (*anRWMutex)(p); kind {
		case 2:
			can = mutexFree(p)
		case 5:
			can = rw.readerCount >= 0
		case 8:
			can = rw.free()
		}
		if one.Kind = trace.KindTryFail; can {
			one.Kind = trace.KindAcquire
		}
	case 3:
		if !mutexFree(p) {
			one.Kind, one.N = trace.KindRelease, 0
		}
	case 6:
		if rw := (*anRWMutex)(p); rw.readerCount != 0 {
			one.Kind, one.N = trace.KindRelease, 0
		}
	case 7:
		if w.wants = o; !(*anRWMutex)(p).reads() {
			one.Kind, w.wants = trace.KindAcquire, nil
		}
	case 9:
		if (*anRWMutex)(p).readerCount < 0 {
			one.Kind, one.N = trace.KindRelease, 0
		}
	case 10:
		o.count = counter(p)
		s.adds = o
	case 11:
		if counter(p) == 0 {
			one = trace.Event{Kind: trace.KindPass}
		}
	case 12:
		if one = (trace.Event{Kind: trace.KindPass}); (*aOnce)(p).done == 0 {
			one.Kind = trace.KindActionBegin
			s.runs = append(s.runs, o)
		}
	case 14, 15:
		s.calls = o
	case 20:
		one = trace.Event{Kind: trace.KindRead}
	case 21, 22, 23, 24, 25, 26:
		one = trace.Event{Kind: trace.KindWrite}
	default:
		if op.class == classMap {
			one = trace.Event{Kind: trace.KindOp, Text: op.verb}
		}
	}
	if one.Kind != trace.KindBad {
		s.tell(t, at, one)
	}
	s.goesOn(t)
}

// channel is like did, for a channel.
//
//go:norace
func (s *teller) channel(t *engine.Task, kind uint8, o *object) {
	at, c := s.know(o), (*aChan)(o.p)
	send := kind == opSend || kind == opTrySend
	switch {
	case kind == opClose:
		if c.closed == 0 {
			s.tell(t, at, trace.Event{Kind: trace.KindClose})
			s.met = meeting{o, kind}
		}
	case !rtCan(o.p, send):
		if kind == opTrySend || kind == opTryReceive {
			s.tell(t, at, trace.Event{Kind: trace.KindTryFail, N: 1, Text: operations[kind].verb})
		}
	case send && c.closed != 0: // it panics
	case send:
		s.met = meeting{o, opSend}
		if c.n < c.size && !s.waitsAt(o, false) {
			s.putInto(t, o, t.Plain.Item)
			s.met = meeting{}
		}
	case c.n > 0:
		s.getFrom(t, o)
		s.met = meeting{o, opReceive}
	case c.closed != 0:
		s.tell(t, at, trace.Event{Kind: trace.KindPass})
	default:
		s.met = meeting{o, opReceive}
	}
}

func (s *teller) putInto(t *engine.Task, o *object, item string) {
	o.put++
	o.items = append(o.items, o.put)
	s.tell(t, &o.obj, trace.Event{Kind: trace.KindPut, N: o.put, Text: item})
}

func (s *teller) getFrom(t *engine.Task, o *object) {
	if len(o.items) == 0 {
		return
	}
	n := o.items[0]
	o.items = o.items[1:]
	s.tell(t, &o.obj, trace.Event{Kind: trace.KindGet, N: n})
}

// item returns what t sends to o, where it waits.
func (w *teller1) item(t *engine.Task, o *object) string {
	if w.at != &w.sel {
		return t.Plain.Item
	}
	for i, c := range w.cases {
		if c.Chan == o.p && c.Send && i < len(t.Plain.Items) {
			return t.Plain.Items[i]
		}
	}
	return ""
}

// waitsAt reports whether a task waits at an end of channel o.
func (s *teller) waitsAt(o *object, send bool) bool {
	for _, w := range s.tasks {
		switch {
		case w.at == nil || w.released || w.class != classChan:
		case w.at == &w.sel:
			if slices.Contains(w.cases, engine.Case{Chan: o.p, Send: send}) {
				return true
			}
		case w.at == &o.obj && w.send == send:
			return true
		}
	}
	return false
}

// chose is called when a select begins: it executes case i, or none.
func (s *teller) chose(t *engine.Task, i int, block bool) {
	s.begin(t)
	switch {
	case i >= 0 && len(t.Plain.Cases) > 0:
		kind := uint8(opReceive)
		if t.Plain.Cases[i].Send {
			kind, t.Plain.Item = opSend, t.Plain.Items[i]
		}
		s.channel(t, kind, run.object(t.Exec, t.Plain.Cases[i].Chan, classChan))
	case !block:
		s.tell(t, nil, trace.Event{Kind: trace.KindOp, Text: "takes the default of its select"})
	}
}

// parks is called before a task waits in an operation of the language.
func (s *teller) parks(t *engine.Task) {
	s.begin(t)
	w, ps := s.of(t), &t.Plain
	w.class, w.released = classChan, false
	switch {
	case ps.Verb == "select":
		w.at, w.cases = &w.sel, slices.Clone(ps.Cases)
		if w.sel.ID() == 0 {
			w.sel = trace.Object{}
			trace.Name(&w.sel, "select of "+t.Name)
			w.sel.Define(trace.ClassSelect, 0, nil)
		}
		for i, c := range ps.Cases {
			what := "receive"
			if c.Send {
				what = "send"
			}
			var at *trace.Object
			if c.Chan != nil {
				at = s.know(run.object(t.Exec, c.Chan, classChan))
			} else {
				at = s.nobody()
			}
			s.tell(t, at, trace.Event{Kind: trace.KindWatch, Peer: int64(w.sel.ID()), N: int64(i + 1), Text: what})
		}
	case ps.P == nil:
		w.at = s.nobody()
	default:
		w.at = s.know(run.object(t.Exec, ps.P, class(ps.Class)))
	}
	w.send = ps.Verb == "send"
	s.tell(t, w.at, trace.Event{Kind: trace.KindBlock, N: 1, Text: ps.Verb})
}

// nobody returns the nil channel.
func (s *teller) nobody() *trace.Object {
	if s.never.ID() == 0 {
		trace.Name(&s.never, "nil channel")
		s.never.Define(trace.ClassNilChan, 0, nil)
	}
	return &s.never
}

// readies is called when another task, or a timer, releases a task that waits in an operation of the language.
//
//go:norace
func (s *teller) readies(t, by *engine.Task) {
	w := s.of(t)
	if w.at == nil || w.released || by != s.last {
		return
	}
	w.released = true
	o := s.met.o
	unblock := trace.Event{Kind: trace.KindUnblock, Peer: max(0, g(by))}
	switch s.met.kind {
	case opSend:
		s.putInto(by, o, by.Plain.Item)
		s.tell(t, w.at, unblock)
		s.getFrom(t, o)
	case opReceive:
		s.tell(t, w.at, unblock)
		s.putInto(t, o, w.item(t, o))
		if (*aChan)(o.p).size == 0 {
			s.getFrom(by, o)
		}
	default:
		s.tell(t, w.at, unblock)
	}
}

// goesOn is called when t continues after a wait.
func (s *teller) goesOn(t *engine.Task) {
	w := s.of(t)
	if w.at != nil && w.released {
		s.tell(t, w.at, trace.Event{Kind: trace.KindResume})
		w.at, w.released = nil, false
	}
}

// resumes is called when t has waited in an operation of the language.
func (s *teller) resumes(t *engine.Task) {
	s.begin(t)
	s.goesOn(t)
}

// meets is called when t, in an operation of package sync, has waited for others, or did not have to.
func (s *teller) meets(t *engine.Task) {
	s.begin(t)
	w := s.of(t)
	s.grant(t)
	if o := w.wants; o != nil {
		w.wants = nil
		s.tell(t, s.know(o), trace.Event{Kind: trace.KindAcquire, N: 1, Text: "Lock"})
	}
	s.goesOn(t)
}

// settle emits the result of the last operation, and which tasks wait now or no longer.
//
//go:norace
func (s *teller) settle() {
	if o := s.adds; o != nil {
		s.adds = nil
		if n := counter(o.p); n != o.count {
			o.count = n
			s.tell(s.last, &o.obj, trace.Event{Kind: trace.KindAdd, N: int64(n)})
		}
	}
	for i := len(s.runs) - 1; i >= 0; i-- {
		if o := s.runs[i]; (*aOnce)(o.p).done != 0 {
			s.runs = slices.Delete(s.runs, i, i+1)
			s.tell(s.last, &o.obj, trace.Event{Kind: trace.KindActionEnd})
		}
	}
	if o := s.calls; o != nil {
		s.calls = nil
		n := int64(0)
		for _, t := range s.waits {
			if s.of(t).at == &o.obj && canGoOn(t) {
				n++
			}
		}
		s.tell(s.last, &o.obj, trace.Event{Kind: trace.KindNotify, N: n})
	}
	woken := make(map[*trace.Object]bool)
	for _, t := range slices.Clone(s.waits) {
		w := s.of(t)
		if canGoOn(t) && !woken[w.at] {
			woken[w.at] = w.class == classMutex // which lets one of them try
			s.unblock(t)
		}
	}
	for _, t := range slices.Backward(s.x.Live) {
		if w := s.tasks[t]; w != nil && w.released && w.at != nil && !canGoOn(t) && t.Status == engine.StatusPointed {
			s.block(t, -1) // another was faster
		}
	}
	for _, t := range s.x.Live {
		if !canGoOn(t) && s.of(t).at == nil {
			s.block(t, 0)
		}
	}
}

// canGoOn reports whether t does not wait for a condition.
func canGoOn(t *engine.Task) bool {
	return t.Status != engine.StatusPointed || t.Cond == nil || t.Cond.Ready == nil || t.Plain.P == nil || len(t.Cond.Cases) > 0 || t.Cond.Ready(t.Cond, 0)
}

func (s *teller) block(t *engine.Task, place int64) {
	w := s.of(t)
	o := run.object(t.Exec, t.Plain.P, class(t.Plain.Class))
	w.at, w.class, w.released = s.know(o), o.class, false
	if place < 0 && o.class != classMutex && o.class != classRWMutex {
		place = 0
	}
	if place < 0 {
		s.waits = slices.Insert(s.waits, 0, t)
	} else {
		s.waits = append(s.waits, t)
	}
	ev := trace.Event{Kind: trace.KindBlock, G: g(t), N: 1, Text: t.Plain.Verb, Peer: place, PC: s.site(t.PCs)}
	w.at.EmitAt(ev, nil)
}

// unblock emits that t, which waits for a condition, no longer has to.
func (s *teller) unblock(t *engine.Task) {
	w := s.of(t)
	s.waits = slices.DeleteFunc(s.waits, func(o *engine.Task) bool { return o == t })
	w.released = true
	peer := int64(0)
	if s.last != nil && s.last != t {
		peer = max(0, g(s.last))
	}
	w.at.EmitAt(trace.Event{Kind: trace.KindUnblock, G: g(t), Peer: peer}, nil)
}

// grant is called when it is the turn of t, which may have waited for a condition.
func (s *teller) grant(t *engine.Task) {
	w := s.of(t)
	if w.at == nil || w.released {
		return
	}
	for _, o := range slices.Clone(s.waits) {
		if o == t {
			s.unblock(t)
			return
		}
		if s.of(o).at == w.at && w.class == classMutex { // it goes before those that have waited longer
			s.unblock(o)
		}
	}
}

// sleeps is called before t sleeps, wakes when it has.
func (s *teller) sleeps(t *engine.Task, d time.Duration) {
	s.begin(t)
	if s.clock.ID() == 0 {
		trace.Name(&s.clock, "clock")
		s.clock.Define(trace.ClassClock, 0, nil)
	}
	w := s.of(t)
	w.at, w.class, w.released = &s.clock, classTimer, true
	s.tell(t, w.at, trace.Event{Kind: trace.KindBlock, N: int64(d), Text: "Sleep"})
}

func (s *teller) wakes(t *engine.Task) {
	s.begin(t)
	s.tell(t, &s.clock, trace.Event{Kind: trace.KindUnblock})
	s.goesOn(t)
}

// timer emits that a timer was set, has fired, or was stopped.
func (s *teller) timer(t *engine.Task, tm *timer, kind trace.Kind, when int64) {
	s.begin(t)
	if tm.obj.ID() == 0 {
		var c *trace.Object
		if tm.c != nil {
			c = s.know(run.object(t.Exec, tm.c, classChan))
		}
		tm.obj.Define(trace.ClassTimer, 0, c)
	}
	if when > 0 {
		when -= epoch
	}
	ev := trace.Event{Kind: kind, N: max(0, when)}
	if kind == trace.KindFire {
		tm.obj.EmitAt(trace.Event{Kind: kind, N: max(0, when), G: trace.Somebody}, nil)
		return
	}
	s.tell(t, &tm.obj, ev)
}
