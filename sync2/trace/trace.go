package trace

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/caller"
	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A Sink receives events. Event is called by the goroutine that caused the event, one call at a time and in the order
// of Seq, while that goroutine holds internal locks. It must not block, and must not call package sync2 or this
// package.
type Sink interface {
	Event(ev Event)
}

// ErrRunning is returned by [Start] if a trace is already running.
var ErrRunning = errors.New("trace: already running")

var current atomic.Pointer[session]

var sessions atomic.Uint32

// A session is one trace, from Start to Stop.
type session struct {
	number uint32 // from 1
	start  time.Time
	clock  func() time.Duration // replaces the time since start; nil: not replaced

	mu     sync.Mutex // guards what follows, and calls of sink
	sink   Sink
	done   bool
	seq    uint64
	last   int64 // the Time of the last event
	lastID ID
	counts [classes]int       // objects defined, by class, for default names
	known  map[int64]struct{} // goroutines defined and, as far as known, alive: those mentioned recently …
	older  map[int64]struct{} // … and those mentioned earlier
	sites  map[uintptr]bool   // positions seen: true if defined, false if inside sync2
	recent [256]site          // some of sites, for faster lookup
}

// A site is a position in the program.
type site struct {
	pc      uintptr
	outside bool // outside sync2; then it is defined
}

// switching is held while a trace is starting or stopping.
var switching sync.Mutex

// Start starts a trace that sends its events to sink. It returns [ErrRunning] if a trace is already running.
func Start(sink Sink) error {
	s := &session{
		number: sessions.Add(1),
		start:  time.Now(),
		sink:   sink,
		known:  make(map[int64]struct{}),
		sites:  make(map[uintptr]bool),
	}
	if clock := hook.Clock.Load(); clock != nil {
		s.clock = *clock
	}
	switching.Lock()
	defer switching.Unlock()
	s.mu.Lock() // a goroutine that finds s before it has begun, because another trace has just ended, waits
	defer s.mu.Unlock()
	if !current.CompareAndSwap(nil, s) {
		return ErrRunning
	}
	s.send(Event{Kind: KindBegin, N: s.start.UnixNano()})
	hook.Enable(hook.Trace)
	return nil
}

// Stop ends the running trace. The sink is not called after Stop returns. If no trace is running, Stop does nothing.
func Stop() {
	switching.Lock()
	defer switching.Unlock()
	s := current.Load()
	if s == nil || !current.CompareAndSwap(s, nil) {
		return
	}
	hook.Disable(hook.Trace)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.send(Event{Kind: KindEnd})
	s.done = true
}

// Running reports whether a trace is running.
func Running() bool { return hook.On(hook.Trace) }

// Session returns the number of the running trace, counting from 1 since the start of the process, or 0 if none is
// running.
func Session() uint64 {
	if s := current.Load(); s != nil {
		return uint64(s.number)
	}
	return 0
}

// Log adds a message of the calling goroutine to the running trace, if any. It formats the message only if a trace is
// running. The trace keeps the first 1000 bytes of a long message.
func Log(format string, args ...any) {
	if s := current.Load(); s != nil {
		s.emit(Event{Kind: KindLog, G: goid.Get(), Text: fmt.Sprintf(format, args...)})
	}
}

// Name sets the name that traces show for obj, a pointer to a primitive of sync2. It may be called at any time, whether
// or not a trace is running. If a trace is running, it defines the primitive at once, even if that has not been used
// yet. Name panics if obj cannot be traced.
func Name(obj any, name string) {
	o, _ := obj.(*Object)
	if o == nil && hook.ObjectOf != nil {
		o, _ = hook.ObjectOf(obj).(*Object)
	}
	if o == nil {
		panic(fmt.Sprintf("trace: Name: %T is not a primitive of sync2", obj))
	}
	o.name(name)
	if hook.Declare != nil && hook.On(hook.Trace) {
		hook.Declare(obj)
	}
}

// An Object is the identity of a traced object. Every primitive of sync2 has one; your own primitives can be traced by
// having one, too. The zero value is ready to use. An Object must not be copied after first use.
type Object struct {
	_ [0]sync.Mutex // for copylocks
	p atomic.Pointer[identity]
}

// An identity is immutable.
type identity struct {
	session uint32 // the session in which id is valid
	was     uint32 // the session in which id was valid until the object was forgotten, or 0
	id      ID
	name    string // "" if none was given
	shown   string // the name in the definition
}

// Define defines the object in the running trace if it is not defined yet: its class, its state n (see [Class]) and the
// object it belongs to, if any. Every operation must call it before the object's other methods, since a new trace may
// have started. Calls for one object must not overlap.
//
// Define reports whether it defined the object. If so, the caller should immediately emit events of [UnknownG] that
// reconstruct the object's state: its waiters, its items, the parties that have arrived.
func (o *Object) Define(class Class, n int64, parent *Object) bool {
	s := current.Load()
	if s == nil {
		return false
	}
	if old := o.p.Load(); old != nil && old.session == s.number {
		return false
	}
	o.define(s, class, n, parent)
	return true
}

func (o *Object) define(s *session, class Class, n int64, parent *Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := new(identity)
	for {
		var old identity
		p := o.p.Load()
		if p != nil {
			old = *p
		}
		*id = identity{session: s.number, id: s.lastID + 1, name: old.name, shown: old.name}
		if old.was == s.number { // it is in use again
			id.id = old.id
			id.shown = cmp.Or(old.name, old.shown)
		} else if id.shown == "" {
			id.shown = class.String() + "-" + strconv.Itoa(s.counts[class]+1) // without package fmt, which would then be linked
		}
		if o.p.CompareAndSwap(p, id) {
			break
		}
	}
	if id.id > s.lastID {
		s.lastID = id.id
		s.counts[class]++
	}
	s.send(Event{Kind: KindDefineObj, Obj: id.id, Class: class, N: n, Peer: int64(parent.ID()), Text: id.shown})
}

// Forget removes an object that is no longer used from the running trace, so that no sink has to remember it. If the
// object is used again, it is redefined with the same ID.
func (o *Object) Forget() {
	old := o.p.Load()
	if old == nil || old.session == 0 || o.ID() == 0 {
		return
	}
	o.p.CompareAndSwap(old, &identity{was: old.session, id: old.id, name: old.name, shown: old.shown}) // if it fails, the object has just been renamed
}

// GivenName returns the name given to the object by [Name], or "" if it has none. It may be called when no trace is
// running.
func (o *Object) GivenName() string {
	if o == nil {
		return ""
	}
	if id := o.p.Load(); id != nil {
		return id.name
	}
	return ""
}

// ShownName returns the name of the object in the running trace, or "" if no trace is running or the object is not
// defined in it.
func (o *Object) ShownName() string {
	if o.ID() == 0 {
		return ""
	}
	return o.p.Load().shown
}

func (o *Object) name(name string) {
	for {
		old := o.p.Load()
		id := &identity{name: name}
		if old != nil {
			id.session, id.was, id.id, id.shown = old.session, old.was, old.id, name
		}
		if o.p.CompareAndSwap(old, id) {
			break
		}
	}
	if id := o.ID(); id != 0 {
		o.Emit(Event{Kind: KindRename, G: goid.Get(), Text: name})
	}
}

// ID returns the object's ID in the running trace, or 0 if no trace is running or the object is not defined in it.
func (o *Object) ID() ID {
	id, _ := o.now()
	return id
}

// Session returns the number of the running trace, or 0 if no trace is running or the object is not defined in it. A
// primitive that remembers what it has emitted should store that together with the session number, since it is valid
// for one session only.
func (o *Object) Session() uint32 {
	_, session := o.now()
	return session
}

// now returns the object's ID in the running trace and the trace's number; both are 0 if the object is not defined
// there.
func (o *Object) now() (ID, uint32) {
	if o == nil {
		return 0, 0
	}
	s, id := current.Load(), o.p.Load()
	if s == nil || id == nil || id.session != s.number {
		return 0, 0
	}
	return id.id, id.session
}

// UnknownG is the G to pass to [Object.Emit] for an event of an unknown goroutine. The event in the trace then has the
// G 0.
const UnknownG int64 = -1

// Emit sends ev as an event of the object. It fills in Seq, Time, Obj and PC, and the calling goroutine if G is 0. On a
// nil Object it sends an event without an object: a [KindDefineG] names a goroutine that was not started by sync2.Go,
// if that has not appeared in the trace yet.
func (o *Object) Emit(ev Event) {
	s := current.Load()
	if s == nil {
		return
	}
	if o != nil {
		ev.Obj = o.ID()
		if ev.Obj == 0 {
			return
		}
	}
	switch {
	case ev.G == 0:
		ev.G = goid.Get()
		s.emit(ev)
	case ev.G == UnknownG:
		ev.G = 0
		s.emitAt(ev, nil)
	case ev.Kind == KindBlock: // its position is where the goroutine waits, not the caller's
		s.emitAt(ev, nil)
	default:
		s.emit(ev)
	}
}

// EmitAt is like [Object.Emit] for an event of the goroutine ev.G, which may be [UnknownG]. Its position is the first
// of the return addresses pcs that lies in the user's program.
func (o *Object) EmitAt(ev Event, pcs []uintptr) {
	s := current.Load()
	if s == nil {
		return
	}
	if o != nil {
		if ev.Obj = o.ID(); ev.Obj == 0 {
			return
		}
	}
	if ev.G == UnknownG {
		ev.G = 0
	}
	s.emitAt(ev, pcs)
}

// EmitIn sends ev as an event of the object and of the calling goroutine, if the given session is still running and the
// object was ever defined in it. It is for events after [Object.Forget].
func (o *Object) EmitIn(session uint32, ev Event) {
	s, id := current.Load(), o.p.Load()
	if s == nil || s.number != session || id == nil || id.session != session && id.was != session {
		return
	}
	ev.G, ev.Obj = goid.Get(), id.id
	s.emit(ev)
}

// emit sends ev, with the caller's position if its kind wants one.
func (s *session) emit(ev Event) {
	var pcs [caller.Depth]uintptr
	n := 0
	if ev.Kind < kinds && wantsPC[ev.Kind] {
		n = caller.PCs(&pcs)
	}
	s.emitAt(ev, pcs[:n])
}

// emitAt sends ev with the first of the positions pcs that is in the user's program.
func (s *session) emitAt(ev Event, pcs []uintptr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ev.Kind == KindDefineG {
		if s.knows(ev.G) {
			return // an earlier event has defined it
		}
		s.known[ev.G] = struct{}{} // ev is its definition
	}
	s.defineG(ev.G)
	if ev.Kind == KindUnblock || ev.Kind == KindSpawn {
		s.defineG(ev.Peer)
	}
	for _, pc := range pcs {
		if s.outside(pc) {
			ev.PC = uint64(pc)
			break
		}
	}
	s.send(ev)
	if ev.Kind == KindExit {
		delete(s.known, ev.G)
		delete(s.older, ev.G)
	}
}

// wantsPC holds the kinds whose position is useful and is that of their own goroutine.
var wantsPC = [kinds]bool{
	KindLog: true, KindSpawn: true, KindBlock: true, KindSet: true, KindClear: true, KindPass: true, KindAcquire: true, KindRelease: true, KindTryFail: true,
	KindArrive: true, KindReset: true, KindSetValue: true, KindDropValue: true, KindNotify: true, KindPut: true, KindGet: true,
	KindTaskDone: true, KindClose: true, KindSubmit: true, KindCancel: true, KindRead: true, KindWrite: true, KindOp: true, KindAdd: true, KindActionBegin: true, KindFail: true,
	KindResize: true, KindRequeue: true,
}

// send passes ev to the sink. The caller holds s.mu.
func (s *session) send(ev Event) {
	if s.done {
		return
	}
	s.seq++
	ev.Seq = s.seq
	if s.clock != nil {
		s.last = max(s.last+1, int64(s.clock()))
	} else {
		s.last = max(s.last, int64(time.Since(s.start))) // the clock of a synctest bubble differs and may be behind
	}
	ev.Time = s.last
	ev.Text = cut(ev.Text, textBound)
	s.sink.Event(ev)
}

// maxKnown is the minimum number of goroutines remembered. Most goroutines end without an event; one that is
// forgotten and mentioned again is defined again.
const maxKnown = 1 << 16

// knows reports whether the goroutine has been defined and has not ended since.
func (s *session) knows(g int64) bool {
	_, known := s.known[g]
	_, older := s.older[g]
	return known || older
}

func (s *session) defineG(g int64) {
	if _, ok := s.known[g]; ok || g == 0 {
		return
	}
	if len(s.known) >= maxKnown {
		s.known, s.older = make(map[int64]struct{}), s.known
	}
	_, defined := s.older[g]
	s.known[g] = struct{}{}
	if defined {
		return
	}
	ev := Event{Kind: KindDefineG, G: g}
	var started bool
	if hook.Goroutine != nil { // nil in a program that does not use package sync2
		ev.Text, ev.Peer, started = hook.Goroutine(g)
	}
	switch {
	case started:
		s.defineG(ev.Peer)
	case g == 1:
		ev.Text = "main"
	default:
		ev.Text = defaultName(g)
	}
	s.send(ev)
}

// defaultName returns the name of an unnamed goroutine.
func defaultName(g int64) string { return "goroutine-" + strconv.FormatInt(g, 10) }

// outside reports whether pc is in the user's program, not in the library; if so, it defines pc.
func (s *session) outside(pc uintptr) bool {
	recent := &s.recent[pc>>2%uintptr(len(s.recent))]
	if recent.pc != pc {
		out, seen := s.sites[pc]
		if !seen {
			out = s.definePC(pc)
			s.sites[pc] = out
		}
		*recent = site{pc, out}
	}
	return recent.outside
}

// definePC defines pc if it is in the user's program, and reports whether it is. With inlining, the innermost
// function outside the library counts. CallersFrames reports the callers of inlined functions only if another address
// follows, which need not be valid.
func (s *session) definePC(pc uintptr) bool {
	for frames := runtime.CallersFrames([]uintptr{pc, 0}); ; {
		f, more := frames.Next()
		if f.PC != 0 && !caller.InLibrary(f) {
			file := f.File[strings.LastIndexByte(f.File, '/')+1:]
			fn := f.Function[strings.LastIndexByte(f.Function, '/')+1:]
			s.send(Event{Kind: KindDefinePC, PC: uint64(pc), Text: file + ":" + strconv.Itoa(f.Line) + " " + fn + "\n" + f.File})
			return true
		}
		if !more {
			return false
		}
	}
}
