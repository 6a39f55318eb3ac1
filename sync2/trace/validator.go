package trace

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// A Validator checks that a stream of events is consistent: no goroutine acquires a lock that another holds, a waiting
// goroutine does nothing else, waiters are served in FIFO order, and so on. It is for tests of primitives and of
// programs that use them.
//
//	var v trace.Validator
//	for _, ev := range rec.Events() {
//		if err := v.Event(ev); err != nil { … }
//	}
//	if err := v.Finish(); err != nil { … }
//
// The rules are documented with the code for each kind of event. After a [KindDropped], and for operations that started
// before the trace, the Validator checks only what it can still know. It accepts unknown kinds and classes.
//
// The zero value for a Validator is ready for a new stream.
type Validator struct {
	// AllowWaiting makes Finish accept goroutines that are still waiting, for programs that deadlock, leak or are
	// stopped.
	AllowWaiting bool

	begun, ended bool
	seq          uint64
	time         int64
	lost         bool   // there was a KindDropped
	losses       uint64 // how often events were lost
	gs           map[int64]*vGoroutine
	objs         map[ID]*vObject
	pcs          map[uint64]bool
}

// A ViolationError describes an event that is inconsistent with the events before it.
type ViolationError struct {
	Event  Event
	G, Obj string // the names of the event's goroutine and object, "" if it has none
	Reason string
}

func (e *ViolationError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "trace: event %d, %s", e.Event.Seq, e.Event.Kind)
	if e.G != "" {
		fmt.Fprintf(&b, " by %s", e.G)
	}
	if e.Obj != "" {
		fmt.Fprintf(&b, " at %s", e.Obj)
	}
	return b.String() + ": " + e.Reason
}

// vStatus is what the Validator knows about a goroutine.
type vStatus uint8

const (
	vUnknown  vStatus = iota // new to the trace, or events were lost since: it may be anything
	vRunning                 // running
	vWaiting                 // waiting at obj
	vReleased                // released from obj, not resumed
	vEnded
)

type vGoroutine struct {
	id     int64
	name   string
	losses uint64 // the number of losses after which the rest was learned
	status vStatus
	obj    ID     // vWaiting, vReleased
	verb   string // vWaiting
	want   int64  // vWaiting, vReleased
	mayGo  bool   // vWaiting at a barrier whose generation has ended
	room   ID     // the priority queue in which it has been given room, and has not put anything yet
}

// A vObject is an object. What is not of its class is zero.
type vObject struct {
	id     ID
	class  Class
	name   string
	losses uint64 // the number of losses after which the rest was learned
	of     int64  // ClassGoroutine

	queue   []*vGoroutine // who waits, first come first
	pending int           // how many of them must be released before anything else happens here
	granted *vGoroutine   // semaphores: who was released and must get its permits next

	set, setKnown bool // events: whether it is set

	owner int64 // locks: 0 if free, or held by one unknown
	depth int64
	vague bool // what is known of depth, permits, items is not certain

	permits int64
	owed    int64 // how many of those in use were granted to goroutines that have not said who they are

	parties int64 // barriers
	barrier vBarrier

	items    vItems // queues and channels
	cases    []ID   // selects: the channels where one waits in it; if over, where one has waited
	over     bool
	readers  int64          // RWMutexes
	counter  int64          // WaitGroups
	runner   int64          // Onces: who runs the function, 0: nobody
	done     bool           // Onces: it has run
	progress int64          // futures: a sync2.State, 0 if not known
	handedIn bool           // futures: it was submitted
	version  int64          // Watches
	limit    int64          // groups: how many members may run at once, 0: any number
	team     map[int64]bool // groups: the members that have not ended
}

// NewValidator returns a Validator for a new stream.
func NewValidator() *Validator { return new(Validator) }

// A rule checks the events of one kind, and keeps what later ones need. It returns what is wrong, "" if nothing is.
type rule struct {
	stream  func(v *Validator, ev *Event) string
	check   func(v *Validator, ev *Event, g *vGoroutine, o *vObject) string
	acts    bool    // only a goroutine that runs does this …
	grant   bool    // … or one that was just released from the same object
	classes []Class // of the object; none: any, or no object
}

var (
	vLocks      = []Class{ClassMutex, ClassReentrantLock}
	vPermits    = []Class{ClassMutex, ClassReentrantLock, ClassSemaphore, ClassRWMutex}
	vQueues     = []Class{ClassQueue, ClassStack, ClassPriorityQueue}
	vBuffers    = append([]Class{ClassChan}, vQueues...)
	vClosable   = append([]Class{ClassExecutor}, vBuffers...)
	vOpen       = append([]Class{ClassEvent, ClassFuture, ClassGoroutine, ClassWaitGroup, ClassOnce, ClassWatch, ClassTaskGroup}, vBuffers...)
	vBarriers   = []Class{ClassBarrier}
	vActions    = []Class{ClassBarrier, ClassOnce}
	vFutures    = []Class{ClassFuture}
	vWatched    = []Class{ClassFuture, ClassChan, ClassNilChan, ClassOther}
	vSettable   = []Class{ClassEvent, ClassTimer, ClassWatch}
	vLocals     = []Class{ClassLocal}
	vCancelable = []Class{ClassFuture, ClassExecutor, ClassTaskGroup}
	vCounting   = append([]Class{ClassTaskGroup}, vQueues...)
	vEnding     = []Class{ClassFuture, ClassTaskGroup}
)

var (
	rules     [kinds]rule
	rulesOnce sync.Once
)

// makeRules fills rules in when a Validator first needs them: a literal would refer to itself through the functions, and
// an init function would make the Validator part of every program that imports the primitives.
func makeRules() {
	rules = [kinds]rule{
		KindBad:     {stream: func(*Validator, *Event) string { return "this is no event" }},
		KindBegin:   {stream: (*Validator).begin},
		KindDropped: {stream: (*Validator).dropped},
		KindEnd:     {stream: (*Validator).end},
		KindLog:     {check: nothing, acts: true},

		KindDefineG:   {stream: (*Validator).defineG},
		KindDefineObj: {stream: (*Validator).defineObj},
		KindDefinePC:  {stream: (*Validator).definePC},
		KindRename:    {check: (*Validator).rename},

		KindSpawn:   {check: (*Validator).spawn, acts: true},
		KindExit:    {check: (*Validator).exit, acts: true},
		KindBlock:   {check: (*Validator).block, acts: true},
		KindUnblock: {check: (*Validator).unblock},
		KindGiveUp:  {check: (*Validator).giveUp},
		KindResume:  {check: (*Validator).resume},

		KindSet:   {check: (*Validator).set, acts: true, classes: vSettable},
		KindClear: {check: (*Validator).clear, acts: true, classes: vSettable},
		KindPass:  {check: (*Validator).pass, acts: true, grant: true, classes: vOpen},

		KindAcquire: {check: (*Validator).acquire, acts: true, grant: true, classes: vPermits},
		KindRelease: {check: (*Validator).release, acts: true, classes: vPermits},
		KindTryFail: {check: nothing, acts: true},

		KindArrive:      {check: (*Validator).arrive, acts: true, classes: vBarriers},
		KindActionBegin: {check: (*Validator).actionBegin, acts: true, grant: true, classes: vActions},
		KindActionEnd:   {check: (*Validator).actionEnd, acts: true, classes: vActions},
		KindTrip:        {check: (*Validator).trip, acts: true, classes: vBarriers},
		KindBreak:       {check: (*Validator).breaks, acts: true, classes: vBarriers},
		KindReset:       {check: (*Validator).reset, acts: true, classes: vBarriers},

		KindSetValue:  {check: nothing, acts: true, classes: vLocals},
		KindDropValue: {check: nothing, classes: vLocals},
		KindNotify:    {check: (*Validator).notify, acts: true, classes: []Class{ClassCond}},

		KindPut:      {check: (*Validator).put, acts: true, grant: true, classes: vBuffers},
		KindGet:      {check: (*Validator).get, acts: true, grant: true, classes: vBuffers},
		KindTaskDone: {check: (*Validator).taskDone, acts: true, classes: vCounting},
		KindClose:    {check: (*Validator).close, acts: true, classes: vClosable},

		KindSubmit:    {check: (*Validator).submit, acts: true, classes: vFutures},
		KindTaskStart: {check: (*Validator).taskStart, acts: true, grant: true, classes: vFutures},
		KindSettle:    {check: (*Validator).settle, acts: true, classes: vEnding},
		KindCancel:    {check: nothing, acts: true, classes: vCancelable},
		KindWatch:     {check: (*Validator).watch, acts: true, classes: vWatched},
		KindForget:    {check: (*Validator).over, acts: true, classes: []Class{ClassGroup, ClassMutex}},

		KindRead:  {check: nothing, acts: true},
		KindWrite: {check: nothing, acts: true},
		KindOp:    {check: nothing, acts: true},

		KindAdd:  {check: (*Validator).add, acts: true, classes: []Class{ClassWaitGroup}},
		KindFire: {check: (*Validator).fire, classes: []Class{ClassTimer}},
		KindFail: {check: nothing},

		KindResize:  {check: (*Validator).resize, acts: true, classes: []Class{ClassExecutor, ClassSemaphore}},
		KindRequeue: {check: (*Validator).requeue, acts: true, classes: vQueues},
		KindPanic:   {check: nothing, acts: true, classes: vFutures},
	}
}

func nothing(*Validator, *Event, *vGoroutine, *vObject) string { return "" }

// Event checks the next event of the stream. Its error is a [*ViolationError]. The Validator then applies ev as far as
// it can, and can be given further events.
func (v *Validator) Event(ev Event) error {
	if v.gs == nil {
		v.gs, v.objs, v.pcs = make(map[int64]*vGoroutine), make(map[ID]*vObject), make(map[uint64]bool)
	}
	wrong := v.order(&ev)
	if ev.Kind < kinds {
		rulesOnce.Do(makeRules)
		if w := v.apply(&ev, &rules[ev.Kind]); wrong == "" {
			wrong = w
		}
	}
	if wrong == "" {
		return nil
	}
	e := &ViolationError{Event: ev, Reason: wrong}
	if ev.G != 0 {
		e.G = v.gName(ev.G)
	}
	if ev.Obj != 0 {
		e.Obj = v.objName(ev.Obj)
	}
	return e
}

func (v *Validator) apply(ev *Event, r *rule) string {
	if r.stream != nil {
		return r.stream(v, ev)
	}
	g, wrong := v.goroutine(ev.G)
	o, w := v.object(ev.Obj)
	first(&wrong, w)
	first(&wrong, v.definedPC(ev.PC))
	first(&wrong, v.fits(o, r))
	if r.acts && !(r.grant && v.mayBeGranted(g, ev.Obj)) {
		first(&wrong, v.act(g))
	}
	first(&wrong, v.due(ev, o))
	first(&wrong, r.check(v, ev, g, o))
	return wrong
}

// mayBeGranted reports whether g may just have been released from object id, and not run since. In a priority queue one
// that was released still has to look for the place of its item; meanwhile the trace may have begun.
func (v *Validator) mayBeGranted(g *vGoroutine, id ID) bool {
	switch g.status {
	case vReleased:
		at := v.lookObject(g.obj)
		return g.obj == id || at != nil && at.watches(id)
	case vUnknown:
		o := v.lookObject(id)
		return v.lost || o != nil && o.class == ClassPriorityQueue
	case vRunning, vWaiting, vEnded:
	}
	return false
}

// first sets *s to t, unless it is set.
func first(s *string, t string) {
	if *s == "" {
		*s = t
	}
}

// order checks Seq and Time. Seq has gaps only where events were dropped; a KindDropped has the Seq of the last that was
// lost.
func (v *Validator) order(ev *Event) (wrong string) {
	gap := int64(ev.Seq - v.seq - 1)
	switch {
	case ev.Seq <= v.seq:
		wrong = fmt.Sprintf("it comes after event %d", v.seq)
	case ev.Kind == KindDropped && ev.N != gap+1:
		wrong = fmt.Sprintf("the number of events missing here is %d", gap+1)
	case ev.Kind != KindDropped && gap > 0 && v.begun:
		wrong = fmt.Sprintf("the number of events missing before it is %d", gap)
		v.forget()
	}
	v.seq = max(v.seq, ev.Seq)
	if ev.Time < v.time {
		first(&wrong, fmt.Sprintf("its time, %d, is before that of the event before it, %d", ev.Time, v.time))
	}
	v.time = max(v.time, ev.Time)
	if ev.Kind != KindBegin && !v.begun {
		first(&wrong, "the trace has not begun")
		v.begun = true
	}
	if v.ended {
		first(&wrong, "the trace has ended")
	}
	return wrong
}

// Finish checks that the stream is complete: that no goroutine is waiting, unless AllowWaiting is set, and that every
// waiter that an Event, Barrier or Cond had to release was released.
func (v *Validator) Finish() error {
	if !v.begun {
		return fmt.Errorf("trace: the trace has not begun")
	}
	for _, id := range slices.Sorted(maps.Keys(v.objs)) {
		o := v.lookObject(id)
		if wrong := v.due(&Event{}, o); wrong != "" {
			return fmt.Errorf("trace: at the end, at %s: %s", o.name, wrong)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(v.gs)) {
		if g := v.look(id); g.status == vWaiting && !v.AllowWaiting {
			return fmt.Errorf("trace: at the end, %s still waits for %s", g.name, v.objName(g.obj))
		}
	}
	return nil
}
