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

// A core is what the explorable counterparts have in common. Their methods need no lock: between two operations of one
// task no other runs.
type core struct {
	e    *E // of the run that it belongs to
	name string
	mark atomic.Uint32
	kind uint32 // what it is in a trace: its class, and above that its number in the definition, which saturates
	obj  trace.Object
}

// ofClass is how many bits of a core's kind are its class.
const ofClass = 8

//go:norace
func newCore(e *E, op, name string) core { return newCoreOf(e, op, name, trace.ClassOther, 0) }

// newCoreOf is newCore for a thing of a class whose operations a trace is told one by one; n is its number.
//
//go:norace
func newCoreOf(e *E, op, name string, class trace.Class, n int64) core {
	e.task(op)
	return core{e: e, name: name, kind: uint32(class) | uint32(min(n, math.MaxUint32>>ofClass))<<ofClass}
}

// class returns what c is in a trace.
//
//go:norace
func (c *core) class() trace.Class { return trace.Class(c.kind & (1<<ofClass - 1)) }

// Mark implements [hook.Object].
func (c *core) Mark() *atomic.Uint32 { return &c.mark }

// Object returns the identity in traces.
func (c *core) Object() *trace.Object { return &c.obj }

// ObjectName returns what the object is called where no trace knows better.
func (c *core) ObjectName() string { return c.name }

// do begins an operation that may change c.
//
//go:norace
func (c *core) do(verb string) *engine.Task { return c.begin(verb, hook.AccessWrite) }

// look begins an operation that changes nothing.
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

// began tells of an operation that has begun. It is ordered after all earlier ones, and before all later ones.
//
//go:norace
func (c *core) began(verb string) {
	engine.RaceMeet(unsafe.Pointer(c)) //nolint:gosec // it is not followed
	if hook.On(hook.Trace) && c.class() == trace.ClassOther {
		c.emit(trace.Event{Kind: trace.KindOp, Text: verb})
	}
}

// tell tells a trace, if there is one, what the calling task does.
//
//go:norace
func (c *core) tell(ev trace.Event) {
	if hook.On(hook.Trace) {
		c.emit(ev)
	}
}

// tellOf tells a trace, if there is one, what becomes of t.
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

// parkUntil makes t wait until wake is called, or until ctx ends if that is not nil; then it returns false. A trace is told
// that it waits at told.
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

// wake lets t go on, which waits at c.
//
//go:norace
func (c *core) wake(t *engine.Task) {
	if hook.On(hook.Trace) {
		c.emit(trace.Event{Kind: trace.KindUnblock, G: t.Thread.G, Peer: engine.Current().Thread.G})
	}
	t.Ready()
}
