package explore

import (
	"context"
	"math"
	"sync/atomic"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A core is the common part of the mocks. Their methods need no lock: no other task runs between two operations of a
// task.
type core struct {
	e    *E // of its run
	name string
	mark atomic.Uint32
	kind uint32 // its class in a trace and, above that, its number in the definition, which saturates
	obj  trace.Object
}

// ofClass is the number of bits of a core's kind that hold its class.
const ofClass = 8

//go:norace
func newCore(e *E, op, name string) core { return newCoreOf(e, op, name, trace.ClassOther, 0) }

// newCoreOf is newCore for an object whose operations a trace records one by one; n is its number.
//
//go:norace
func newCoreOf(e *E, op, name string, class trace.Class, n int64) core {
	e.task(op)
	return core{e: e, name: name, kind: uint32(class) | uint32(min(n, math.MaxUint32>>ofClass))<<ofClass}
}

// class returns the class of c in a trace.
//
//go:norace
func (c *core) class() trace.Class { return trace.Class(c.kind & (1<<ofClass - 1)) }

// Mark implements [hook.Object].
func (c *core) Mark() *atomic.Uint32 { return &c.mark }

// Object returns the identity in traces.
func (c *core) Object() *trace.Object { return &c.obj }

// ObjectName returns the name of the object, unless a trace has a better one.
func (c *core) ObjectName() string { return c.name }

// do begins an operation that may change c.
//
//go:norace
func (c *core) do(verb string) *engine.Task { return c.begin(verb, hook.AccessWrite) }

// look begins a read-only operation.
//
//go:norace
func (c *core) look(verb string) { c.begin(verb, hook.AccessRead) }

//go:norace
func (c *core) begin(verb string, access hook.Access) *engine.Task {
	t := c.e.task(verb)
	t.Point(c, verb, access)
	c.began(verb)
	return t
}

// began records an operation that has begun: it is ordered after all earlier ones and before all later ones.
//
//go:norace
func (c *core) began(verb string) {
	engine.RaceMeet(unsafe.Pointer(c)) //nolint:gosec // it is not followed
	if hook.On(hook.Trace) && c.class() == trace.ClassOther {
		c.emit(trace.Event{Kind: trace.KindOp, Text: verb})
	}
}

// tell sends an event of the calling task to a running trace.
//
//go:norace
func (c *core) tell(ev trace.Event) {
	if hook.On(hook.Trace) {
		c.emit(ev)
	}
}

// tellOf sends an event of task t to a running trace.
//
//go:norace
func (c *core) tellOf(t *engine.Task, ev trace.Event) {
	if hook.On(hook.Trace) {
		ev.G = t.Thread.G
		c.emit(ev)
	}
}

//go:norace
func (c *core) emit(ev trace.Event) {
	c.define()
	c.obj.Emit(ev)
}

//go:norace
func (c *core) define() {
	if c.obj.ID() == 0 {
		trace.Name(&c.obj, c.name)
		c.obj.Define(c.class(), int64(c.kind>>ofClass), nil)
	}
}

// park makes t wait until wake is called.
//
//go:norace
func (c *core) park(t *engine.Task, verb string) { c.parkUntil(t, verb, nil, c) }

// parkUntil makes t wait until wake is called, or until ctx ends if that is not nil; then it returns false. A trace
// shows it waiting at told.
//
//go:norace
func (c *core) parkUntil(t *engine.Task, verb string, ctx context.Context, told *core) bool { //nolint:revive // ctx is the limit, as in Park
	if hook.On(hook.Trace) {
		told.emit(trace.Event{Kind: trace.KindBlock, N: 1, Text: verb})
	}
	woken := t.Park(c, verb, ctx, 0, false)
	if hook.On(hook.Trace) {
		if woken {
			told.emit(trace.Event{Kind: trace.KindResume})
		} else {
			told.emit(trace.Event{Kind: trace.KindGiveUp, N: int64(waitq.ReasonOf(ctx.Err()))})
		}
	}
	return woken
}

// wake resumes t, which waits at c.
//
//go:norace
func (c *core) wake(t *engine.Task) {
	if hook.On(hook.Trace) {
		c.emit(trace.Event{Kind: trace.KindUnblock, G: t.Thread.G, Peer: engine.Current().Thread.G})
	}
	t.Ready()
}
